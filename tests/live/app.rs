//! The servers behind the proxy: a small web application, its health endpoint, and a health agent.

use crate::record::http_date;
use std::io::Read;
use std::io::Write;
use std::net::SocketAddr;
use std::net::TcpListener;
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;
use std::thread;
use std::thread::JoinHandle;
use std::time::Duration;

/// Pause between two looks at the listener; bounds how late a stop takes effect.
const POLL: Duration = Duration::from_millis(3);

/// What the health endpoint does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Health {
    /// Answers with this status.
    Status(u16),
    /// Accepts and stays silent.
    Hang,
    /// Answers with the greeting of another protocol.
    Garbage,
    /// Answers 200 with this text.
    Says(&'static str),
}

/// What the application does.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mode {
    /// Status of every page.
    pub(crate) status: u16,
    /// Milliseconds before a page is answered.
    pub(crate) latency_ms: u64,
    pub(crate) health: Health,
}

/// One application server that can be stopped and started again at the same address.
pub(crate) struct App {
    pub(crate) addr: SocketAddr,
    mode: Arc<Mutex<Mode>>,
    running: Option<(Arc<AtomicBool>, JoinHandle<()>)>,
}

impl App {
    /// Listens on a free port of `ip`.
    pub(crate) fn start(ip: &str) -> App {
        let listener = TcpListener::bind((ip, 0)).unwrap();
        let mode = Mode {
            status: 200,
            latency_ms: 2,
            health: Health::Status(200),
        };
        let mut app = App {
            addr: listener.local_addr().unwrap(),
            mode: Arc::new(Mutex::new(mode)),
            running: None,
        };
        app.serve(listener);
        app
    }

    /// Changes what it does from the next request on.
    pub(crate) fn set(&self, change: impl FnOnce(&mut Mode)) {
        change(&mut self.mode.lock().unwrap());
    }

    /// Closes the listener: connections are refused from now on.
    pub(crate) fn stop(&mut self) {
        if let Some((stop, thread)) = self.running.take() {
            stop.store(true, Ordering::SeqCst);
            thread.join().unwrap();
        }
    }

    /// Listens again at the same address.
    pub(crate) fn restart(&mut self) {
        self.stop();
        self.serve(TcpListener::bind(self.addr).unwrap());
    }

    fn serve(&mut self, listener: TcpListener) {
        let mode = Arc::clone(&self.mode);
        self.running = Some(accept_loop(listener, move |stream| {
            let mode = Arc::clone(&mode);
            thread::spawn(move || answer(stream, &mode));
        }));
    }
}

impl Drop for App {
    fn drop(&mut self) {
        self.stop();
    }
}

/// A health agent: answers every connection with one line.
pub(crate) struct Agent {
    pub(crate) addr: SocketAddr,
    line: Arc<Mutex<String>>,
    running: Option<(Arc<AtomicBool>, JoinHandle<()>)>,
}

impl Agent {
    /// Listens on a free port of `ip` and says `up`.
    pub(crate) fn start(ip: &str) -> Agent {
        let listener = TcpListener::bind((ip, 0)).unwrap();
        let addr = listener.local_addr().unwrap();
        let line = Arc::new(Mutex::new("up".to_owned()));
        let said = Arc::clone(&line);
        let running = accept_loop(listener, move |mut stream| {
            let line = said.lock().unwrap().clone();
            // The proxy may have gone: then nobody is there to be told.
            let _ = stream.write_all(format!("{line}\n").as_bytes());
        });
        Agent {
            addr,
            line,
            running: Some(running),
        }
    }

    /// What it says from now on.
    pub(crate) fn say(&self, line: &str) {
        line.clone_into(&mut self.line.lock().unwrap());
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        if let Some((stop, thread)) = self.running.take() {
            stop.store(true, Ordering::SeqCst);
            thread.join().unwrap();
        }
    }
}

fn accept_loop(
    listener: TcpListener,
    mut each: impl FnMut(TcpStream) + Send + 'static,
) -> (Arc<AtomicBool>, JoinHandle<()>) {
    listener.set_nonblocking(true).unwrap();
    let stop = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&stop);
    let thread = thread::spawn(move || {
        while !flag.load(Ordering::SeqCst) {
            match listener.accept() {
                Ok((stream, _)) => {
                    stream.set_nonblocking(false).unwrap();
                    each(stream);
                }
                Err(_) => thread::sleep(POLL),
            }
        }
    });
    (stop, thread)
}

/// One request, one answer. Errors end the connection: the proxy gave up waiting.
fn answer(mut stream: TcpStream, mode: &Mutex<Mode>) {
    let Some(head) = read_head(&mut stream) else {
        return;
    };
    let now = *mode.lock().unwrap();
    let path = head.split(' ').nth(1).unwrap_or("");
    let reply = if !head.starts_with(|c: char| c.is_ascii_uppercase()) {
        page(400, "Bad Request\n")
    } else if path.starts_with("/healthz") {
        match now.health {
            Health::Status(200) => page(200, "ok\n"),
            Health::Status(status) => page(status, "not ready\n"),
            Health::Says(text) => page(200, text),
            Health::Garbage => "220 mail.example.net ESMTP ready\r\n".to_owned(),
            Health::Hang => {
                thread::sleep(Duration::from_secs(6));
                return;
            }
        }
    } else {
        thread::sleep(Duration::from_millis(now.latency_ms));
        page(now.status, "backend ok\n")
    };
    let _ = stream.write_all(reply.as_bytes());
}

/// The request's head; a lone handshake of another protocol ends it early.
fn read_head(stream: &mut TcpStream) -> Option<String> {
    stream
        .set_read_timeout(Some(Duration::from_secs(3)))
        .unwrap();
    let mut head = Vec::new();
    let mut chunk = [0; 2048];
    loop {
        let n = stream.read(&mut chunk).ok().filter(|n| *n > 0)?;
        head.extend_from_slice(&chunk[..n]);
        let foreign = !head[0].is_ascii_uppercase();
        if foreign || head.ends_with(b"\r\n\r\n") || head.len() > 16_384 {
            return Some(String::from_utf8_lossy(&head).into_owned());
        }
    }
}

fn page(status: u16, body: &str) -> String {
    let reason = match status {
        200 => "OK",
        400 => "Bad Request",
        404 => "Not Found",
        500 => "Internal Server Error",
        503 => "Service Unavailable",
        _ => "Unknown",
    };
    format!(
        "HTTP/1.1 {status} {reason}\r\nServer: nginx/1.22.1\r\nDate: {}\r\nContent-Type: text/plain\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
        http_date(),
        body.len()
    )
}
