//! A host whose packets can be dropped: a relay with a tiny backlog in front of an application.
//!
//! A stopped process accepts nothing, and a listener whose backlog is full does not answer a SYN: seen from outside
//! that is a firewall that drops. Nothing leaves the loopback interface and no rights are needed.

use crate::proxy::signal;
use std::fs;
use std::net::SocketAddr;
use std::net::TcpStream;
use std::process::Child;
use std::process::Command;
use std::process::Stdio;
use std::thread;
use std::time::Duration;
use std::time::Instant;
use tempfile::TempDir;

/// Connections that fill a backlog of one: the kernel allows one more than asked; the rest is margin.
const FILLERS: usize = 4;

/// The relay in front of one application: another HAProxy, because that is what every machine of these tests has.
pub(crate) struct Filter {
    process: Child,
    addr: SocketAddr,
    fillers: Vec<TcpStream>,
    /// Keeps the folder of the configuration.
    _dir: TempDir,
}

impl Filter {
    /// Forwards what arrives at `addr` to `app`.
    pub(crate) fn start(addr: SocketAddr, app: SocketAddr) -> Filter {
        let dir = TempDir::new().unwrap();
        let config = format!(
            "global\n nbthread 1\ndefaults\n mode tcp\n timeout connect 2s\n timeout client 20s\n timeout server 20s\n\
             frontend gate\n bind {addr} backlog 1\n default_backend app\nbackend app\n server app {app}\n"
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
        while TcpStream::connect(addr).is_err() {
            assert!(since.elapsed() < Duration::from_secs(5), "no relay");
            thread::sleep(Duration::from_millis(10));
        }
        Filter {
            process,
            addr,
            fillers: Vec::new(),
            _dir: dir,
        }
    }

    /// From now on connections are not answered.
    pub(crate) fn drop_packets(&mut self) {
        signal("STOP", self.process.id());
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
        signal("CONT", self.process.id());
    }
}

impl Drop for Filter {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
