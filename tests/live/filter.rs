//! A host whose packets can be dropped: a second HAProxy in front of an application, with a tiny backlog.
//!
//! A listener that accepts nothing and whose queue is full does not answer a SYN: seen from outside that is a
//! firewall that drops. Nothing leaves the loopback interface and no rights are needed.

use std::fs;
use std::io::Read;
use std::io::Write;
use std::net::SocketAddr;
use std::net::TcpStream;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::Child;
use std::process::Command;
use std::process::Stdio;
use std::thread;
use std::time::Duration;
use std::time::Instant;
use tempfile::TempDir;

/// Connections that fill a backlog of one: the kernel allows one more than asked, and HAProxy holds one itself.
const FILLERS: usize = 8;

/// The relay in front of one application.
pub(crate) struct Filter {
    process: Child,
    socket: PathBuf,
    pub(crate) addr: SocketAddr,
    fillers: Vec<TcpStream>,
    /// Keeps the folder of configuration and socket.
    _dir: TempDir,
}

impl Filter {
    /// Forwards what arrives at `addr` to `app`.
    pub(crate) fn start(addr: SocketAddr, app: SocketAddr) -> Filter {
        let dir = TempDir::new().unwrap();
        let socket = dir.path().join("sock");
        let config = format!(
            "global\n stats socket {} level admin\ndefaults\n mode tcp\n timeout connect 2s\n timeout client 20s\n \
             timeout server 20s\nfrontend gate\n bind {addr} backlog 1\n maxconn 500\n default_backend app\n\
             backend app\n server app {app}\n",
            socket.display()
        );
        let path = dir.path().join("haproxy.cfg");
        fs::write(&path, config).unwrap();
        let process = Command::new("haproxy")
            .args(["-db", "-f"])
            .arg(path)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("haproxy must be installed to run these tests");
        let since = Instant::now();
        while UnixStream::connect(&socket).is_err() {
            assert!(since.elapsed() < Duration::from_secs(5), "no relay");
            thread::sleep(Duration::from_millis(10));
        }
        Filter {
            process,
            socket,
            addr,
            fillers: Vec::new(),
            _dir: dir,
        }
    }

    /// From now on connections are not answered.
    pub(crate) fn drop_packets(&mut self) {
        self.ask("set maxconn frontend gate 1");
        for _ in 0..FILLERS {
            let wait = Duration::from_millis(60);
            if let Ok(filler) = TcpStream::connect_timeout(&self.addr, wait) {
                self.fillers.push(filler);
            }
        }
    }

    /// From now on they are again.
    pub(crate) fn let_through(&mut self) {
        self.fillers.clear();
        self.ask("set maxconn frontend gate 500");
    }

    fn ask(&self, command: &str) {
        let mut stream = UnixStream::connect(&self.socket).unwrap();
        writeln!(stream, "{command}").unwrap();
        let mut said = String::new();
        stream.read_to_string(&mut said).unwrap();
        assert_eq!(said.trim(), "", "{command}");
    }
}

impl Drop for Filter {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
