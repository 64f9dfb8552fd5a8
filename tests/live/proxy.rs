//! A real HAProxy in the foreground: its syslog lines, its standard error, its runtime socket.

use crate::record::Entry;
use crate::record::Origin;
use crate::record::Records;
use crate::record::from_datagram;
use crate::record::now;
use std::io::BufRead;
use std::io::BufReader;
use std::io::Read;
use std::io::Write;
use std::os::unix::net::UnixDatagram;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::path::PathBuf;
use std::process::Child;
use std::process::Command;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;
use std::thread;
use std::thread::JoinHandle;
use std::time::Duration;
use std::time::Instant;

/// How long a process may take to start or to end.
const PATIENCE: Duration = Duration::from_secs(5);

/// Runs what follows it under a seccomp filter that lets every `connect()` fail with EACCES, as SELinux or a sandbox would. The
/// numbers are Linux' constants: the system call by machine, `PR_SET_NO_NEW_PRIVS`, `PR_SET_SECCOMP`, and four BPF instructions
/// (load the call's number; is it `connect`; then EACCES; else go on).
const NO_CONNECT: &str = "
import ctypes, os, platform, struct, sys
libc = ctypes.CDLL(None, use_errno=True)
connect = {'x86_64': 42, 'aarch64': 203}[platform.machine()]
steps = [(0x20, 0, 0, 0), (0x15, 0, 1, connect), (0x06, 0, 0, 0x50000 | 13), (0x06, 0, 0, 0x7fff0000)]
code = ctypes.create_string_buffer(b''.join(struct.pack('HBBI', *step) for step in steps))
program = ctypes.create_string_buffer(struct.pack('HxxxxxxP', len(steps), ctypes.addressof(code)))
if libc.prctl(38, 1, 0, 0, 0) or libc.prctl(22, 2, program, 0, 0):
    sys.exit('no seccomp: ' + os.strerror(ctypes.get_errno()))
os.execvp(sys.argv[1], sys.argv[1:])
";

/// How a proxy is started.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Setting {
    /// Minutes east of UTC of the local time it shall have.
    pub(crate) zone: i64,
    /// The system forbids it to connect anywhere.
    pub(crate) confined: bool,
    /// Its limit of file descriptors, `LimitNOFILE` of its unit.
    pub(crate) descriptors: Option<u16>,
}

impl Setting {
    /// The usual one, in another zone.
    pub(crate) fn in_zone(zone: i64) -> Setting {
        Setting {
            zone,
            ..Setting::default()
        }
    }
}

/// A running HAProxy, master and worker.
pub(crate) struct Proxy {
    master: Child,
    workers: Arc<Mutex<Vec<u32>>>,
    socket: PathBuf,
    stop: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
}

impl Proxy {
    /// Starts `haproxy -W -db -f dir/haproxy.cfg`, which must log to `dir/log` and offer `dir/admin.sock`.
    pub(crate) fn start(dir: &Path, setting: Setting, records: &Arc<Records>) -> Proxy {
        // Left over by a proxy that was killed; it would answer for the new one.
        let _ = std::fs::remove_file(dir.join("admin.sock"));
        let stop = Arc::new(AtomicBool::new(false));
        let receiver = receive(&dir.join("log"), Arc::clone(records), Arc::clone(&stop));
        let mut master = haproxy(setting)
            .args(["-W", "-db", "-f"])
            .arg(dir.join("haproxy.cfg"))
            .env("TZ", posix_zone(setting.zone))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("haproxy must be installed to run these tests");
        let workers = Arc::default();
        let listener = listen(&mut master, Arc::clone(records), Arc::clone(&workers));
        let mut proxy = Proxy {
            master,
            workers,
            socket: dir.join("admin.sock"),
            stop,
            threads: vec![receiver, listener],
        };
        let since = Instant::now();
        while proxy.try_ask("show info").is_none() {
            let ended = proxy.master.try_wait().unwrap();
            assert!(
                ended.is_none() && since.elapsed() < PATIENCE,
                "haproxy did not start: {:#?}",
                records.sorted()
            );
            thread::sleep(Duration::from_millis(10));
        }
        proxy
    }

    /// The answer of the runtime socket.
    pub(crate) fn ask(&self, command: &str) -> String {
        self.try_ask(command).expect("the runtime socket answers")
    }

    fn try_ask(&self, command: &str) -> Option<String> {
        let mut stream = UnixStream::connect(&self.socket).ok()?;
        stream.set_read_timeout(Some(PATIENCE)).ok()?;
        writeln!(stream, "{command}").ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        Some(answer)
    }

    /// Pid of the newest worker. It may answer a moment before the master's line about it is read.
    pub(crate) fn worker(&self) -> u32 {
        let since = Instant::now();
        loop {
            let newest = self.workers.lock().unwrap().last().copied();
            if let Some(pid) = newest {
                return pid;
            }
            assert!(since.elapsed() < PATIENCE, "haproxy forked no worker");
            thread::sleep(Duration::from_millis(10));
        }
    }

    /// Pid of the master process.
    pub(crate) fn pid(&self) -> u32 {
        self.master.id()
    }

    /// Makes the master read its configuration again; it will refuse it and keep its worker.
    pub(crate) fn reload_in_vain(&self) {
        signal("USR2", self.pid());
        thread::sleep(Duration::from_millis(300));
    }

    /// Makes the master read its configuration again, and waits for the new worker.
    pub(crate) fn reload(&self) {
        let before = self.workers.lock().unwrap().len();
        signal("USR2", self.pid());
        let since = Instant::now();
        while self.workers.lock().unwrap().len() == before {
            assert!(since.elapsed() < PATIENCE, "haproxy did not reload");
            thread::sleep(Duration::from_millis(10));
        }
        thread::sleep(Duration::from_millis(60));
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        signal("TERM", self.pid());
        let since = Instant::now();
        while self.master.try_wait().is_ok_and(|ended| ended.is_none()) {
            if since.elapsed() > PATIENCE {
                for pid in self.workers.lock().unwrap().iter() {
                    signal("KILL", *pid);
                }
                // Already gone is as good as killed.
                let _ = self.master.kill();
            }
            thread::sleep(Duration::from_millis(10));
        }
        self.stop.store(true, Ordering::SeqCst);
        for thread in self.threads.drain(..) {
            // A panic in there has been printed; a second one here would abort the run.
            let _ = thread.join();
        }
    }
}

/// The program under its limits.
fn haproxy(setting: Setting) -> Command {
    if setting.confined {
        let mut python = Command::new("python3");
        python.args(["-c", NO_CONNECT, "haproxy"]);
        return python;
    }
    if let Some(n) = setting.descriptors {
        let mut prlimit = Command::new("prlimit");
        prlimit.args([&format!("--nofile={n}:{n}"), "haproxy"]);
        return prlimit;
    }
    Command::new("haproxy")
}

/// Sends a signal to a process that this run started.
pub(crate) fn signal(name: &str, pid: u32) {
    // A process that has ended in the meantime needs none.
    let _ = Command::new("kill")
        .args([format!("-{name}"), pid.to_string()])
        .stderr(Stdio::null())
        .status();
}

/// `TZ` of a zone without rules, as POSIX writes it: the sign counts westward.
fn posix_zone(zone: i64) -> String {
    let (hours, minutes) = (zone.abs() / 60, zone.abs() % 60);
    let (name, sign) = if zone < 0 { ('-', "") } else { ('+', "-") };
    format!("<{name}{hours:02}>{sign}{hours}:{minutes:02}")
}

fn receive(path: &Path, records: Arc<Records>, stop: Arc<AtomicBool>) -> JoinHandle<()> {
    // A proxy that is started again finds the socket of the one before.
    let _ = std::fs::remove_file(path);
    let socket = UnixDatagram::bind(path).unwrap();
    socket
        .set_read_timeout(Some(Duration::from_millis(50)))
        .unwrap();
    thread::spawn(move || {
        let mut buffer = [0; 8192];
        while !stop.load(Ordering::SeqCst) {
            let Ok(n) = socket.recv(&mut buffer) else {
                continue;
            };
            if let Some(entry) = from_datagram(now(), &buffer[..n]) {
                records.push(entry);
            }
        }
    })
}

/// Reads standard error to its end, which comes when master and workers have ended.
fn listen(
    master: &mut Child,
    records: Arc<Records>,
    workers: Arc<Mutex<Vec<u32>>>,
) -> JoinHandle<()> {
    let stderr = master.stderr.take().unwrap();
    let pid = master.id();
    thread::spawn(move || {
        for line in BufReader::new(stderr).lines() {
            let Ok(text) = line else { break };
            let forked = text
                .split_once("New worker (")
                .and_then(|(_, rest)| rest.split_once(')'));
            if let Some(worker) = forked.and_then(|(pid, _)| pid.parse().ok()) {
                workers.lock().unwrap().push(worker);
            }
            records.push(Entry {
                at: now(),
                host: "proxy01".into(),
                ident: "haproxy".into(),
                pid,
                origin: Origin::Stderr,
                text,
            });
        }
    })
}
