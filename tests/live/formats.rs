//! Log formats as a real HAProxy prints them: every decoded field against what client and server did.

use crate::client::exchange;
use crate::port::free_port;
use crate::proxy::Proxy;
use crate::proxy::Setting;
use crate::record::Records;
use crate::record::now;
use nosrv::base::MINUTE;
use nosrv::base::Text;
use nosrv::base::printable;
use nosrv::config;
use nosrv::event::traffic::Decoded;
use nosrv::event::traffic::Memory;
use nosrv::event::traffic::Source;
use nosrv::event::traffic::Traffic;
use nosrv::event::traffic::decode;
use nosrv::event::traffic::format::Formats;
use std::io::BufRead;
use std::io::BufReader;
use std::io::Write;
use std::net::SocketAddr;
use std::net::TcpListener;
use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

/// HAProxy's local time, minutes east of UTC: a date that is read on the wrong axis shows.
const ZONE: i64 = 90;
/// A header with everything that could end a field too early.
const AGENT: &str = r#"a"b]\c {x}|y, z"#;

/// One frontend: its name, how it logs, and what its format leaves out.
struct Frontend {
    name: &'static str,
    format: &'static str,
    source: Source,
    lacks: &'static [&'static str],
    /// What the captured `User-Agent` must look like.
    agent: &'static str,
}

const FRONTENDS: [Frontend; 9] = [
    Frontend {
        name: "fe_httplog",
        format: "option httplog",
        source: Source::BuiltIn,
        lacks: &["offset"],
        agent: r"{a#22b]\c #7Bx#7D#7Cy, z|www.example.com}",
    },
    Frontend {
        name: "fe_httpslog",
        format: "option httpslog",
        source: Source::BuiltIn,
        lacks: &["offset"],
        agent: r"{a#22b]\c #7Bx#7D#7Cy, z|www.example.com}",
    },
    Frontend {
        name: "fe_clf",
        format: "option httplog clf",
        source: Source::BuiltIn,
        lacks: &[],
        agent: r#""a#22b]\c #7Bx#7D#7Cy, z" "www.example.com""#,
    },
    Frontend {
        name: "fe_text",
        format: r#"log-format "edge [%tr] src=%ci,%cp %f>%b>%s  st=%ST/%tsc t=%TR,%Tw,%Tc,%Tr,%Ta b=%B c=%ac:%fc:%bc:%sc:%rc q=%sq-%bq %hr %hs '%HM %HP%HQ %HV' %ID""#,
        source: Source::Declared,
        lacks: &["offset"],
        agent: r"{a#22b]\c #7Bx#7D#7Cy, z|www.example.com}",
    },
    Frontend {
        name: "fe_json",
        format: r#"log-format '{"t":"%tr","ci":"%ci","be":"%b","srv":"%s","st":%ST,"tt":[%TR,%Tw,%Tc,%Tr,%Ta],"b":%B,"rc":"%rc","flags":"%tsc","ua":%{+Q,+E}[capture.req.hdr(0)],"fe":"%ft","r":"%r"}'"#,
        source: Source::Declared,
        lacks: &["offset"],
        agent: r#"a\"b\]\\c {x}|y, z"#,
    },
    Frontend {
        name: "fe_quoted",
        format: r#"log-format "%{+Q,+E}o %ci %cp %Ts.%ms %ft %b %s %TR %Tw %Tc %Tr %Ta %ST %B %rc %tsc %[capture.req.hdr(0)] %r""#,
        source: Source::Declared,
        lacks: &[],
        agent: r#"a\"b\]\\c {x}|y, z"#,
    },
    Frontend {
        name: "fe_raw",
        format: r#"log-format "%T %ci %f %b/%s %Th+%Ti %TR/%Tw/%Tc/%Tr/%Tt %ST %B %rc %tsc \"%[capture.req.hdr(0)]\" %{+Q}r""#,
        source: Source::Declared,
        lacks: &[],
        agent: AGENT,
    },
    Frontend {
        name: "fe_dated",
        format: r#"log-format "%[date,ltime(%Y-%m-%dT%H:%M:%S%z)] %[src] %[fe_name] %b %s %TR %Tw %Tc %Tr %Ta %ST %B %rc %tsc %[capture.req.hdr(0)] ~ %[capture.req.method] %[capture.req.uri]""#,
        source: Source::Declared,
        lacks: &[],
        agent: AGENT,
    },
    Frontend {
        name: "fe_error",
        format: "option httplog\n    error-log-format \"refused %ci [%t] %f err=%[fc_err]\"",
        source: Source::BuiltIn,
        lacks: &["offset"],
        agent: r"{a#22b]\c #7Bx#7D#7Cy, z|www.example.com}",
    },
];

/// What became of a request: path, backend, server, status, termination state, retries.
const REQUESTS: [(&str, &str, &str, u16, &str, u32); 3] = [
    ("/up", "be_up", "app1", 200, "----", 0),
    ("/refused", "be_refused", "dead", 503, "SC--", 1),
    ("/empty", "be_empty", "<NOSRV>", 503, "SC--", 0),
];

fn config(dir: &Path, app: SocketAddr, ports: &[u16]) -> String {
    let mut text = format!(
        "global\n    log {0}/log local0\n    stats socket {0}/admin.sock level admin\ndefaults\n    mode http\n    log global\n    \
         retries 1\n    timeout connect 1s\n    timeout client 3s\n    timeout server 3s\n    timeout queue 1s\n",
        dir.display()
    );
    for (frontend, port) in FRONTENDS.iter().zip(ports) {
        let extra = if frontend.name == "fe_error" {
            " accept-proxy"
        } else {
            ""
        };
        text += &format!(
            "frontend {}\n    bind 127.0.0.1:{port}{extra}\n    {}\n    capture request header User-Agent len 64\n    \
             capture request header Host len 64\n    use_backend be_refused if {{ path /refused }}\n    \
             use_backend be_empty if {{ path /empty }}\n    default_backend be_up\n",
            frontend.name, frontend.format
        );
    }
    text += &format!(
        "backend be_up\n    server app1 {app}\nbackend be_refused\n    server dead 127.0.0.1:{}\nbackend be_empty\n    server off 127.0.0.1:9 disabled\n",
        port()
    );
    text
}

fn port() -> u16 {
    free_port("127.0.0.1").port()
}

/// Answers every request after 30 ms, for as long as the test runs.
fn app() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let mut lines = BufReader::new(&stream).lines();
            while lines
                .next()
                .is_some_and(|line| line.is_ok_and(|l| !l.is_empty()))
            {}
            thread::sleep(Duration::from_millis(30));
            let answer = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-Cache: HIT\r\nConnection: close\r\n\r\nhello";
            let _ = (&stream).write_all(answer.as_bytes());
        }
    });
    address
}

#[track_caller]
fn check(frontend: &Frontend, at: usize, span: (i64, i64), t: &Traffic<'_>, line: &str) {
    let (path, backend, server, status, state, retries) = REQUESTS[at];
    let text = |bytes: &[u8]| printable(bytes);
    assert_eq!(t.source, frontend.source, "{line}");
    assert_eq!(
        (text(t.frontend()), text(t.backend()), text(t.server())),
        (frontend.name.into(), backend.into(), server.into()),
        "{line}"
    );
    let client = if frontend.name == "fe_error" {
        "203.0.113.7"
    } else {
        "127.0.0.1"
    };
    assert_eq!(text(t.client()), client, "{line}");
    assert_eq!(
        (t.status_code, t.termination_state.map(|s| text(&s)), t.http),
        (Some(status), Some(state.into()), true),
        "{line}"
    );
    let (timers, counts) = (t.timers, t.tail.counts());
    assert_eq!(counts.retries, retries, "{line}");
    assert!(
        timers.has_req_timer_hdr()
            && timers.has_req_timer_queue()
            && timers.req_timer_hdr_ms().is_some(),
        "{line}"
    );
    assert_eq!(
        timers.req_timer_queue_ms().is_some(),
        server != "<NOSRV>",
        "{line}"
    );
    assert_eq!(
        timers.bc_timer_connect_ms().is_some(),
        status == 200,
        "{line}"
    );
    assert_eq!(
        timers
            .res_timer_hdr_ms()
            .is_some_and(|ms| (29..500).contains(&ms)),
        status == 200,
        "{line}"
    );
    // The default page is 217 bytes to HAProxy 2.4 to 3.2; the answer of the application is what it wrote, give or take framing.
    let bytes = t.bytes_read().unwrap();
    assert!(
        if status == 503 {
            bytes == 217
        } else {
            (60..120).contains(&bytes)
        },
        "{line}"
    );
    let request = t.tail.request();
    assert_eq!(
        (text(request.method), text(request.path)),
        ("GET".into(), path.into()),
        "{line}"
    );
    assert!(
        text(t.tail.captures()).starts_with(frontend.agent),
        "{} {line}",
        text(t.tail.captures())
    );
    check_times(frontend, span, t, line);
}

/// When it began and how long it took.
#[track_caller]
fn check_times(frontend: &Frontend, span: (i64, i64), t: &Traffic<'_>, line: &str) {
    let (timers, status) = (t.timers, t.status_code);
    let retries = t.tail.counts().retries;
    assert_eq!(
        t.offset_minutes.is_none(),
        frontend.lacks.contains(&"offset"),
        "{line}"
    );
    let utc = t.accept.unwrap() - t.offset_minutes.map_or(ZONE, i64::from) * MINUTE;
    // CLF and `%T` have whole seconds.
    assert!(
        span.0 - 1_001_000 <= utc && utc <= span.1 + 1000,
        "{utc} {span:?} {line}"
    );
    let total = i64::from(timers.total_ms().unwrap()) * 1000;
    assert!(total <= span.1 - span.0 + 1000, "{line}");
    assert!(
        status != Some(503) || retries == 0 || total >= 900_000,
        "a retry waits a second: {line}"
    );
}

/// Three requests through every frontend; each must be read from its line as it was.
pub(crate) fn play() {
    let dir = tempfile::tempdir().unwrap();
    let ports: Vec<u16> = FRONTENDS.iter().map(|_| port()).collect();
    let text = config(dir.path(), app(), &ports);
    std::fs::write(dir.path().join("haproxy.cfg"), &text).unwrap();
    let read = config::parse(Text::new(text.as_bytes()));
    assert_eq!(read.problems, []);
    let formats = Formats::of(&[&read]);
    let records = Arc::<Records>::default();
    let proxy = Proxy::start(dir.path(), Setting::in_zone(ZONE), &records);
    let mut spans = Vec::new();
    for (frontend, port) in FRONTENDS.iter().zip(&ports) {
        for (path, ..) in REQUESTS {
            let announced = match frontend.name {
                "fe_error" => "PROXY TCP4 203.0.113.7 192.0.2.1 20011 80\r\n",
                _ => "",
            };
            let sent = now();
            exchange(
                SocketAddr::from(([127, 0, 0, 1], *port)),
                &format!(
                    "{announced}GET {path}?q=1 HTTP/1.1\r\nHost: www.example.com\r\nUser-Agent: {AGENT}\r\nConnection: close\r\n\r\n"
                ),
            );
            spans.push((sent, now()));
        }
    }
    let last = SocketAddr::from(([127, 0, 0, 1], *ports.last().unwrap()));
    exchange(last, "NO PROXY LINE\r\n\r\n");
    thread::sleep(Duration::from_millis(200));
    drop(proxy);
    let lines: Vec<String> = records
        .sorted()
        .into_iter()
        .map(|entry| entry.text)
        .filter(|text| text.contains("fe_"))
        .collect();
    let mut memory = Memory::with(&formats);
    let mut n_read = 0;
    let mut n_refused = 0;
    for line in &lines {
        let mut t = None;
        match decode(line.as_bytes(), &mut memory, &mut t) {
            Decoded::Traffic => {
                let t = t.unwrap();
                let which = FRONTENDS
                    .iter()
                    .position(|f| f.name.as_bytes() == t.frontend())
                    .unwrap();
                let at = REQUESTS
                    .iter()
                    .position(|r| r.0.as_bytes() == t.tail.request().path);
                let at = at.unwrap_or_else(|| panic!("{line}"));
                check(
                    &FRONTENDS[which],
                    at,
                    spans[which * REQUESTS.len() + at],
                    &t,
                    line,
                );
                n_read += 1;
            }
            Decoded::Unjudged if line.starts_with("refused ") => n_refused += 1,
            other => panic!("{other:?}: {line}"),
        }
    }
    assert_eq!(
        (n_read, n_refused),
        (FRONTENDS.len() * REQUESTS.len(), 1),
        "{lines:#?}"
    );
}
