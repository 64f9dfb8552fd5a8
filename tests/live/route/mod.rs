//! Routing compared with the real HAProxy: many requests through many configurations, the backend of its log against the trace.

mod configs;

use crate::client;
use crate::port::free_port;
use crate::proxy::Proxy;
use crate::proxy::Setting;
use crate::record::Records;
use nosrv::route::Field;
use nosrv::route::Outcome;
use nosrv::route::Request;
use nosrv::route::Router;
use std::collections::BTreeMap;
use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::Duration;
use std::time::Instant;

/// Requests per configuration.
const REQUESTS: u64 = 60;
/// How long the log lines of one configuration may take.
const PATIENCE: Duration = Duration::from_secs(20);

const METHODS: [&str; 6] = ["GET", "GET", "POST", "HEAD", "PUT", "post"];
const HOSTS: [&str; 10] = [
    "www.example.com",
    "WWW.Example.com",
    "www.example.com:8080",
    "shop.example.com",
    "example.com",
    "api.example.org",
    "API.example.org:80",
    "a.b.example.net",
    "www.example.com.",
    "other.test",
];
const PATHS: [&str; 16] = [
    "/",
    "/app",
    "/App/x",
    "/app/",
    "/shop/cart",
    "/shop/Cart/1",
    "/static/a.PNG",
    "/static/b.css",
    "/api/v1/items",
    "/api/v22/items/7",
    "/old/page.php",
    "/a//b",
    "/images/app/x.jpg",
    "/health",
    "/v1.2/x",
    "/app%20x",
];
const QUERIES: [&str; 6] = [
    "",
    "?id=7",
    "?id=12&lang=en",
    "?lang=de&id=x",
    "?debug",
    "?ID=7",
];
const HEADERS: [&str; 12] = [
    "X-Stage: beta",
    "X-Stage: Beta, gamma",
    "X-Count: 12",
    "X-Count: 7abc",
    "Cookie: stage=beta; user=7",
    "Cookie: user=12",
    "User-Agent: curl/7.88.1",
    "User-Agent: Mozilla/5.0 (Mobile; rv:1)",
    "X-Forwarded-For: 203.0.113.9, 192.0.2.1",
    "Upgrade: websocket",
    "Accept: text/html,application/json",
    "X-Empty: ",
];
const SOURCES: [&str; 5] = [
    "203.0.113.9",
    "192.0.2.7",
    "198.51.100.77",
    "10.1.2.3",
    "192.0.2.200",
];

/// One request as it is sent.
struct Sent {
    number: u64,
    method: &'static str,
    host: &'static str,
    path: &'static str,
    query: &'static str,
    headers: Vec<&'static str>,
    source: &'static str,
}

/// Compares every request of every configuration.
pub(crate) fn compare() {
    let (mut n, mut n_undecided, mut wrong) = (0, 0, Vec::new());
    for (name, config) in configs::CONFIGS {
        for (sent, logged, ends) in played(config) {
            n += 1;
            match ends.as_slice() {
                [end] if *end == logged => {}
                [_] => wrong.push(format!("{name}: {sent}: trace {ends:?}, log {logged}")),
                several => {
                    n_undecided += 1;
                    if !several.contains(&logged) {
                        wrong.push(format!("{name}: {sent}: trace {ends:?}, log {logged}"));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(n >= 200 && configs::CONFIGS.len() >= 10, "{n} requests");
    assert!(n_undecided * 20 <= n, "{n_undecided} of {n} undecided");
}

/// Each request of one configuration: how it looks, the backend in HAProxy's log, the ends of its trace.
fn played(config: &str) -> Vec<(String, String, Vec<String>)> {
    let dir = tempfile::tempdir().unwrap();
    let port = free_port("127.0.0.1").port();
    write(dir.path(), config, port);
    let records = Arc::new(Records::default());
    let proxy = Proxy::start(dir.path(), Setting::default(), &records);
    let all: Vec<Sent> = (0..REQUESTS).map(|n| sent(n, config)).collect();
    let since = Instant::now();
    let mut logged = BTreeMap::new();
    // The kernel keeps few datagrams: when the reader is late, a line is lost, and the request is sent again.
    while logged.len() < all.len() && since.elapsed() < PATIENCE {
        for one in all.iter().filter(|one| !logged.contains_key(&one.number)) {
            client::exchange(SocketAddr::from(([127, 0, 0, 1], port)), &one.text());
        }
        thread::sleep(Duration::from_millis(60));
        logged = backends(&records);
    }
    drop(proxy);
    let settings = nosrv::settings(
        &[dir.path().join("haproxy.cfg")],
        &nosrv::intake::Limits::default(),
    );
    let configuration = settings.configuration.unwrap();
    let router = Router::new(&configuration.config);
    let files = Arc::new(configuration.files);
    all.iter()
        .map(|one| {
            let mut request = one.request();
            request.files = Arc::clone(&files);
            let trace = router.trace("fe_app", &request);
            let ends = trace.outcome.ends().iter().map(end).collect();
            let seen = logged.get(&one.number);
            (
                one.text().replace("\r\n", " | "),
                seen.cloned().unwrap_or_else(|| "nothing".to_owned()),
                ends,
            )
        })
        .collect()
}

/// What `%b` says of an end.
fn end(end: &Outcome) -> String {
    match end {
        Outcome::Backend { name, .. } => name.clone(),
        Outcome::AnsweredByRule { proxy, .. } => proxy.clone(),
        Outcome::NoRoute => "fe_app".to_owned(),
        other => format!("{other:?}"),
    }
}

fn write(dir: &Path, config: &str, port: u16) {
    let shown = dir.display();
    let text = format!(
        "global\n    log {shown}/log local0\n    stats socket {shown}/admin.sock level admin\n\n\
         defaults\n    mode http\n    log global\n    timeout client 5s\n    timeout server 5s\n    timeout connect 1s\n    \
         log-format \"routed %[capture.req.hdr(0)] %b\"\n\n\
         frontend fe_app\n    bind 127.0.0.1:{port} accept-proxy\n    http-request capture req.hdr(x-n) len 10\n{}",
        config.replace("DIR", &shown.to_string())
    );
    fs::write(dir.join("haproxy.cfg"), text).unwrap();
    for (name, lines) in configs::FILES {
        fs::write(dir.join(name), lines).unwrap();
    }
}

/// Backends of the log by request.
fn backends(records: &Records) -> BTreeMap<u64, String> {
    let mut found = BTreeMap::new();
    for entry in records.sorted() {
        if let Some(rest) = entry.text.strip_prefix("routed ")
            && let Some((number, backend)) = rest.split_once(' ')
        {
            found.insert(number.parse().unwrap(), backend.trim().to_owned());
        }
    }
    found
}

/// The n-th request: the same in every run, another mix for every configuration.
fn sent(number: u64, config: &str) -> Sent {
    let mut state = config.bytes().fold(number + 1, |sum, c| {
        sum.wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(u64::from(c))
    });
    let mut pick = |n: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state >> 33).unwrap() % n
    };
    let mut headers = vec![HEADERS[pick(12)], HEADERS[pick(12)], HEADERS[pick(12)]];
    headers.truncate(pick(4));
    headers.dedup();
    Sent {
        number,
        method: METHODS[pick(6)],
        host: HOSTS[pick(10)],
        path: PATHS[pick(16)],
        query: QUERIES[pick(6)],
        headers,
        source: SOURCES[pick(5)],
    }
}

impl Sent {
    fn lines(&self) -> Vec<String> {
        let mut lines = vec![
            format!("Host: {}", self.host),
            format!("X-N: {}", self.number),
            "Connection: close".to_owned(),
        ];
        lines.extend(self.headers.iter().map(|&line| line.to_owned()));
        lines
    }

    fn text(&self) -> String {
        format!(
            "PROXY TCP4 {} 192.0.2.1 40000 80\r\n{} {}{} HTTP/1.1\r\n{}\r\n\r\n",
            self.source,
            self.method,
            self.path,
            self.query,
            self.lines().join("\r\n")
        )
    }

    fn request(&self) -> Request {
        let mut request = Request {
            method: Field::is(self.method),
            path: Field::is(self.path),
            query: match self.query.strip_prefix('?') {
                Some(query) => Field::is(query),
                None => Field::Absent,
            },
            origin: Field::Absent,
            version: Field::is("1.1"),
            all_headers: true,
            src: self.source.parse().ok(),
            src_port: Some(40_000),
            dst: "192.0.2.1".parse().ok(),
            dst_port: Some(80),
            tls: Some(false),
            sni: Field::Absent,
            ..Request::default()
        };
        for line in self.lines() {
            let (name, value) = line.split_once(':').unwrap();
            let header = (name.to_ascii_lowercase(), Field::is(value.trim()));
            request.headers.push(header);
        }
        request
    }
}
