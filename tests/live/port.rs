//! Ports for what listens in a run.

use std::net::SocketAddr;
use std::net::TcpListener;
use std::sync::atomic::AtomicU16;
use std::sync::atomic::Ordering;

/// Below what the kernel gives to clients and to whoever asks for any port (`ip_local_port_range`, 32768 to 60999), so that it
/// cannot give a port to somebody else while nobody listens on it.
const PORTS: u16 = 22_000;
const FIRST: u16 = 10_000;

/// How many ports this process has looked at.
static TAKEN: AtomicU16 = AtomicU16::new(0);

/// An address of `ip` that nobody uses. No port is given out twice: `HAProxy` lets two frontends listen on one port, and the kernel then
/// gives each connection to either.
pub(crate) fn free_port(ip: &str) -> SocketAddr {
    // Another run of the tests begins elsewhere.
    let start = std::process::id() % u32::from(PORTS);
    loop {
        let n = TAKEN.fetch_add(1, Ordering::SeqCst);
        assert!(n < PORTS, "no port left");
        let offset = (start + u32::from(n)) % u32::from(PORTS);
        let port = FIRST + u16::try_from(offset).unwrap();
        if TcpListener::bind((ip, port)).is_ok() {
            return SocketAddr::new(ip.parse().unwrap(), port);
        }
    }
}

#[test]
fn no_port_is_given_out_twice() {
    let mut ports: Vec<u16> = (0..500).map(|_| free_port("127.0.0.1").port()).collect();
    ports.sort_unstable();
    ports.dedup();
    assert_eq!(ports.len(), 500);
}
