//! The check on paper compared with what a real backend receives from a real HAProxy.

use crate::port::free_port;
use crate::proxy::Proxy;
use crate::proxy::Setting;
use crate::record::Records;
use nosrv::base::Text;
use nosrv::config::Config;
use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::io::Write;
use std::net::TcpListener;
use std::net::TcpStream;
use std::path::Path;
use std::sync::Arc;
use std::sync::Mutex;
use std::thread;
use std::time::Duration;
use std::time::Instant;

/// Pools by name; `PORT` is where the recorder of the pool listens, `NONE` a port where nobody does.
const POOLS: [(&str, &str); 17] = [
    (
        "be_default",
        " option httpchk\n server s 127.0.0.1:PORT check\n",
    ),
    (
        "be_uri",
        " option httpchk /ready\n server s 127.0.0.1:PORT check\n",
    ),
    (
        "be_head",
        " option httpchk HEAD /ready?x=1\n server s 127.0.0.1:PORT check\n",
    ),
    (
        "be_11",
        " option httpchk GET /ready HTTP/1.1\n server s 127.0.0.1:PORT check\n",
    ),
    (
        "be_old",
        " option httpchk GET /ready HTTP/1.1\\r\\nHost:\\ www.example.com\n server s 127.0.0.1:PORT check\n",
    ),
    (
        "be_old_more",
        " option httpchk GET /ready \"HTTP/1.1\\r\\nHost: www.example.com\\r\\nX-A: b c\"\n server s 127.0.0.1:PORT check\n",
    ),
    (
        "be_old_10",
        " option httpchk GET /ready HTTP/1.0\\r\\nHost:\\ www.example.com\n server s 127.0.0.1:PORT check\n",
    ),
    (
        "be_send",
        " option httpchk\n http-check send meth GET uri /ready ver HTTP/1.1 hdr Host www.example.com hdr X-A b\n server s 127.0.0.1:PORT check\n",
    ),
    (
        "be_send_order",
        " option httpchk GET /x\n http-check send hdr X-A b hdr Host www.example.com hdr User-Agent \"check 1\"\n server s 127.0.0.1:PORT check\n",
    ),
    (
        "be_body",
        " option httpchk\n http-check send meth POST uri /ready ver HTTP/1.1 hdr Host a.example body \"{}\"\n server s 127.0.0.1:PORT check\n",
    ),
    (
        "be_connect",
        " option httpchk\n http-check connect port PORT\n http-check send meth GET uri /c\n server s 127.0.0.1:NONE check\n",
    ),
    (
        "be_port",
        " option httpchk GET /p\n server s 127.0.0.1:NONE check port PORT\n",
    ),
    (
        "be_addr",
        " option httpchk GET /a\n server s 127.0.0.9:PORT check addr 127.0.0.1\n",
    ),
    ("be_inherits", " server s 127.0.0.1:PORT check\n"),
    (
        "be_sni",
        " option httpchk GET /tls\n server s 127.0.0.1:PORT check check-ssl verify none check-sni www.example.com\n",
    ),
    (
        "be_connect_sni",
        " option httpchk\n http-check connect ssl sni www.example.org\n http-check send meth GET uri /c\n server s 127.0.0.1:PORT check verify none\n",
    ),
    (
        "be_plain_port",
        " option httpchk GET /x\n server s 127.0.0.1:NONE ssl verify none check port PORT\n",
    ),
];

type Seen = Arc<Mutex<BTreeMap<&'static str, Vec<u8>>>>;

/// Compares the first bytes that each recorder got with the request on paper.
pub(crate) fn compare() {
    let dir = tempfile::tempdir().unwrap();
    let seen: Seen = Arc::default();
    let mut ports = BTreeMap::new();
    for (name, _) in POOLS {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        ports.insert(name, listener.local_addr().unwrap().port());
        let seen = Arc::clone(&seen);
        thread::spawn(move || record(&listener, name, &seen));
    }
    let text = write(dir.path(), &ports);
    let records = Arc::new(Records::default());
    let proxy = Proxy::start(dir.path(), Setting::default(), &records);
    let since = Instant::now();
    while seen.lock().unwrap().len() < POOLS.len() && since.elapsed() < Duration::from_secs(10) {
        thread::sleep(Duration::from_millis(20));
    }
    drop(proxy);
    let config = nosrv::config::parse(Text::new(text.as_bytes()));
    let seen = seen.lock().unwrap();
    let wrong: Vec<String> = POOLS
        .iter()
        .filter_map(|(name, _)| difference(&config, name, ports[name], seen.get(name)))
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// What is not as on paper.
fn difference(config: &Config, name: &str, port: u16, seen: Option<&Vec<u8>>) -> Option<String> {
    let Some(seen) = seen else {
        return Some(format!("{name}: nothing came"));
    };
    let backend = config.backend(name).unwrap();
    let target = backend.check_target(&backend.servers[0]);
    if target.port != Some(port) {
        return Some(format!("{name}: port {:?}, it came to {port}", target.port));
    }
    let shown = String::from_utf8_lossy(seen).into_owned();
    // A TLS record of a handshake starts with 22.
    let is_tls = seen.first() == Some(&22);
    if is_tls != target.tls {
        return Some(format!("{name}: TLS {}, it was {is_tls}", target.tls));
    }
    if is_tls {
        let sni = target.sni.unwrap_or_default();
        return (sni.is_empty() || !shown.contains(&sni))
            .then(|| format!("{name}: no SNI {sni:?}"));
    }
    let paper = backend.check.request().unwrap_or_default();
    let head = shown.split_inclusive("\r\n\r\n").next().unwrap_or_default();
    (head != paper).then(|| format!("{name}: {paper:?} on paper, {head:?} came"))
}

fn write(dir: &Path, ports: &BTreeMap<&str, u16>) -> String {
    let shown = dir.display();
    // Nobody listens: a connection there is refused.
    let idle = free_port("127.0.0.1").port();
    let mut text = format!(
        "global\n log {shown}/log local0\n stats socket {shown}/admin.sock level admin\n\
         defaults\n mode http\n log global\n option httpchk GET /inherited HTTP/1.1\n http-check send hdr Host a.example\n \
         timeout connect 1s\n timeout client 1s\n timeout server 1s\n default-server inter 300ms\n"
    );
    for (name, lines) in POOLS {
        let lines = lines
            .replace("PORT", &ports[name].to_string())
            .replace("NONE", &idle.to_string());
        text.push_str(&format!("backend {name}\n{lines}"));
    }
    fs::write(dir.join("haproxy.cfg"), &text).unwrap();
    text
}

/// Keeps what the first connection sends, and answers.
fn record(listener: &TcpListener, name: &'static str, seen: &Seen) {
    for stream in listener.incoming() {
        let Ok(mut stream) = stream else { return };
        let bytes = first(&mut stream);
        if !bytes.is_empty() {
            seen.lock().unwrap().entry(name).or_insert(bytes);
        }
        // A peer that has closed needs no answer.
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    }
}

fn first(stream: &mut TcpStream) -> Vec<u8> {
    let mut bytes = Vec::new();
    stream
        .set_read_timeout(Some(Duration::from_millis(200)))
        .unwrap();
    let mut chunk = [0; 4096];
    while let Ok(n) = stream.read(&mut chunk) {
        bytes.extend_from_slice(&chunk[..n]);
        if n == 0 || bytes.first() == Some(&22) || bytes.windows(4).any(|w| w == b"\r\n\r\n") {
            break;
        }
    }
    bytes
}
