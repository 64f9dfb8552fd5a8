//! A name server for a handful of names, which can be told to know none of them, or to answer nobody.

use std::net::IpAddr;
use std::net::SocketAddr;
use std::net::UdpSocket;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;
use std::thread;
use std::thread::JoinHandle;
use std::time::Duration;

/// Length of a DNS header.
const HEADER: usize = 12;

/// The running server.
pub(crate) struct Dns {
    pub(crate) addr: SocketAddr,
    nxdomain: Arc<AtomicBool>,
    silent: Arc<AtomicBool>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Dns {
    /// Answers for `names`, each with its IPv4 address.
    pub(crate) fn start(ip: &str, names: Vec<(String, IpAddr)>) -> Dns {
        let socket = UdpSocket::bind((ip, 0)).unwrap();
        socket
            .set_read_timeout(Some(Duration::from_millis(50)))
            .unwrap();
        let addr = socket.local_addr().unwrap();
        let nxdomain = Arc::new(AtomicBool::new(false));
        let silent = Arc::new(AtomicBool::new(false));
        let stop = Arc::new(AtomicBool::new(false));
        let (gone, mute, ended) = (
            Arc::clone(&nxdomain),
            Arc::clone(&silent),
            Arc::clone(&stop),
        );
        let thread = thread::spawn(move || {
            let mut buffer = [0; 1024];
            while !ended.load(Ordering::SeqCst) {
                let Ok((n, from)) = socket.recv_from(&mut buffer) else {
                    continue;
                };
                if mute.load(Ordering::SeqCst) {
                    continue;
                }
                let known = if gone.load(Ordering::SeqCst) {
                    &[]
                } else {
                    names.as_slice()
                };
                let reply = reply(&buffer[..n], known);
                // Who asked may have gone.
                let _ = socket.send_to(&reply, from);
            }
        });
        Dns {
            addr,
            nxdomain,
            silent,
            stop,
            thread: Some(thread),
        }
    }

    /// From now on no name exists, or all do again.
    pub(crate) fn forget(&self, all: bool) {
        self.nxdomain.store(all, Ordering::SeqCst);
    }

    /// From now on no query is answered, or all are again.
    pub(crate) fn fall_silent(&self, silent: bool) {
        self.silent.store(silent, Ordering::SeqCst);
    }
}

impl Drop for Dns {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap();
        }
    }
}

/// The answer to a query with one question: an address, no data (another type), or NXDOMAIN.
fn reply(query: &[u8], known: &[(String, IpAddr)]) -> Vec<u8> {
    let mut name = Vec::new();
    let mut at = HEADER;
    while query[at] != 0 {
        let n = usize::from(query[at]);
        name.push(String::from_utf8_lossy(&query[at + 1..=at + n]).into_owned());
        at += n + 1;
    }
    let question = &query[HEADER..at + 5];
    let wants_a = query[at + 2] == 1;
    let name = name.join(".").to_ascii_lowercase();
    let found = known.iter().find(|(known, _)| *known == name);
    let answer = found.filter(|_| wants_a);
    let mut reply = query[..2].to_vec();
    let code = if found.is_some() { 0 } else { 3 };
    reply.extend([
        0x81,
        0x80 | code,
        0,
        1,
        0,
        u8::from(answer.is_some()),
        0,
        0,
        0,
        0,
    ]);
    reply.extend(question);
    if let Some((_, IpAddr::V4(ip))) = answer {
        // A pointer to the question's name, type A, class IN, 1 second, 4 bytes.
        reply.extend([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 1, 0, 4]);
        reply.extend(ip.octets());
    }
    reply
}
