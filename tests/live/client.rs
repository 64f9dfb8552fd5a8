//! The clients: plain HTTP/1.1 requests at a steady pace, each one remembered.

use crate::record::now;
use std::io::Read;
use std::io::Write;
use std::net::SocketAddr;
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;
use std::thread;
use std::thread::JoinHandle;
use std::time::Duration;

/// A run never sends more than this many requests: keeps samples small and a hung run bounded.
const REQUESTS_MAX: usize = 400;
/// How long a client waits for an answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// What became of one request.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    /// Microseconds since 1970, before the connection was opened.
    pub(crate) sent: i64,
    /// Microseconds since 1970, after the answer's last byte.
    pub(crate) received: i64,
    /// `None`: no answer at all.
    pub(crate) status: Option<u16>,
    pub(crate) host: String,
    pub(crate) path: String,
}

/// All requests of a run go through here.
pub(crate) struct Clients {
    proxy: SocketAddr,
    n_sent: AtomicUsize,
    answers: Mutex<Vec<Answer>>,
}

impl Clients {
    pub(crate) fn new(proxy: SocketAddr) -> Arc<Clients> {
        Arc::new(Clients {
            proxy,
            n_sent: AtomicUsize::new(0),
            answers: Mutex::new(Vec::new()),
        })
    }

    /// Every request so far, in the order they were sent.
    pub(crate) fn answers(&self) -> Vec<Answer> {
        let mut answers = self.answers.lock().unwrap().clone();
        answers.sort_by_key(|answer| answer.sent);
        answers
    }

    /// Sends one request from the given documentation address and returns the raw answer, empty when there was none.
    /// `host` may be followed by further header lines, each after a line break.
    pub(crate) fn get(&self, from: &str, host: &str, path: &str) -> String {
        let number = self.n_sent.fetch_add(1, Ordering::SeqCst);
        let sent = now();
        let port = 20_011 + number * 7919 % 40_000;
        let request = format!(
            "PROXY TCP4 {from} 192.0.2.1 {port} 80\r\nGET {path} HTTP/1.1\r\nHost: {host}\r\n\
             User-Agent: curl/7.88.1\r\nAccept: */*\r\nConnection: close\r\n\r\n"
        );
        let raw = exchange(self.proxy, &request);
        let status = raw.split(' ').nth(1).and_then(|code| code.parse().ok());
        self.answers.lock().unwrap().push(Answer {
            sent,
            received: now(),
            status,
            host: host.to_owned(),
            path: path.to_owned(),
        });
        raw
    }
}

impl Clients {
    /// Sends these bytes as they are and returns the raw answer. Nobody counts it as a request.
    pub(crate) fn say(&self, bytes: &str) -> String {
        exchange(self.proxy, bytes)
    }

    /// A client that asks and leaves before it is answered. Nobody counts it as a request.
    pub(crate) fn leave(&self, path: &str, after: Duration) {
        let number = self.n_sent.fetch_add(1, Ordering::SeqCst);
        let request = format!(
            "PROXY TCP4 203.0.113.99 192.0.2.1 {} 80\r\nGET {path} HTTP/1.1\r\nHost: www.example.com\r\n\r\n",
            20_011 + number * 7919 % 40_000
        );
        if let Ok(mut stream) = TcpStream::connect_timeout(&self.proxy, PATIENCE) {
            // The proxy may have closed already: then it has been left.
            let _ = stream.write_all(request.as_bytes());
            thread::sleep(after);
        }
    }
}

/// Clients that have connected and say nothing; they leave when this is dropped.
pub(crate) struct Idle {
    _streams: Vec<TcpStream>,
}

impl Idle {
    /// `n` of them. Those that the proxy does not accept wait in the kernel's backlog.
    pub(crate) fn open(clients: &Clients, n: usize) -> Idle {
        let open = |port: usize| {
            let mut stream = TcpStream::connect_timeout(&clients.proxy, PATIENCE).ok()?;
            let port = 10_000 + port;
            // In one piece: the proxy takes a header that comes in two for a damaged one.
            let header = format!("PROXY TCP4 198.51.100.200 192.0.2.1 {port} 80\r\n");
            stream.write_all(header.as_bytes()).ok()?;
            Some(stream)
        };
        Idle {
            _streams: (0..n).filter_map(open).collect(),
        }
    }
}

/// One request and its whole answer.
pub(crate) fn exchange(to: SocketAddr, request: &str) -> String {
    let run = || -> std::io::Result<String> {
        let mut stream = TcpStream::connect_timeout(&to, PATIENCE)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.write_all(request.as_bytes())?;
        let mut raw = Vec::new();
        // A reset after the answer is still an answer.
        let _ = stream.read_to_end(&mut raw);
        Ok(String::from_utf8_lossy(&raw).into_owned())
    };
    run().unwrap_or_default()
}

/// Steady traffic until it is stopped or dropped.
pub(crate) struct Load {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Load {
    /// One request every `every_ms`, over `(host, path)` in turn, from changing addresses.
    pub(crate) fn start(clients: &Arc<Clients>, every_ms: u64, mix: &[(&str, &str)]) -> Load {
        let stop = Arc::new(AtomicBool::new(false));
        let flag = Arc::clone(&stop);
        let clients = Arc::clone(clients);
        let mix: Vec<(String, String)> = mix
            .iter()
            .map(|(host, path)| ((*host).to_owned(), (*path).to_owned()))
            .collect();
        let thread = thread::spawn(move || pace(&clients, &flag, every_ms, &mix));
        Load {
            stop,
            thread: Some(thread),
        }
    }

    /// No further request; returns when all that were sent have ended.
    pub(crate) fn stop(mut self) {
        self.end();
    }

    fn end(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap();
        }
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        self.end();
    }
}

fn pace(clients: &Arc<Clients>, stop: &AtomicBool, every_ms: u64, mix: &[(String, String)]) {
    let mut pending = Vec::new();
    for index in 0..REQUESTS_MAX {
        if stop.load(Ordering::SeqCst) {
            break;
        }
        let clients = Arc::clone(clients);
        let (host, path) = mix[index % mix.len()].clone();
        let from = address(index);
        pending.push(thread::spawn(move || {
            clients.get(&from, &host, &path);
        }));
        // A little unevenness, the same in every run.
        let jitter = u64::try_from(index * 37 % 11).unwrap() * every_ms / 20;
        thread::sleep(Duration::from_millis(every_ms * 3 / 4 + jitter));
    }
    for thread in pending {
        thread.join().unwrap();
    }
}

/// One of a dozen client addresses.
fn address(index: usize) -> String {
    let index = index * 5 % 13;
    match index % 3 {
        0 => format!("203.0.113.{}", 20 + index * 7),
        1 => format!("198.51.100.{}", 14 + index * 9),
        _ => format!("192.0.2.{}", 70 + index * 3),
    }
}
