//! One short incident as journalctl prints it in every mode and as rsyslogd writes it with every template: one diagnosis.
//!
//! With `NOSRV_SAMPLES=<dir>` the files are kept as `<dir>/formats/carrier-*`, which `tests/it/carriers.rs` reads without any tool.

use crate::port::free_port;
use nosrv::base::Precision;
use nosrv::base::rfc3339;
use serde_json::Value;
use serde_json::json;
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::net::TcpStream;
use std::path::Path;
use std::process::Child;
use std::process::Command;
use std::time::Duration;
use std::time::Instant;

const WRITER: &str = "/lib/systemd/systemd-journal-remote";
/// 2026-06-05T21:50:00Z.
const BEGIN: i64 = 1_780_696_200_000_000;
const BOOTS: [&str; 2] = [
    "5d1f0a7bc3e94d6c8a2b47e0913c6f58",
    "9c0e4b21d7f34a5e8b6d1f72a3c4e590",
];

/// Modes of `journalctl -o` in systemd 252; `short-delta` is older systems' error.
const MODES: [&str; 16] = [
    "short",
    "short-full",
    "short-iso",
    "short-iso-precise",
    "short-precise",
    "short-monotonic",
    "short-delta",
    "short-unix",
    "with-unit",
    "verbose",
    "export",
    "json",
    "json-pretty",
    "json-sse",
    "json-seq",
    "cat",
];

/// Names of files, and rsyslog's templates: its own ones, and the habits of distributions and appliances.
const TEMPLATES: [(&str, &str); 12] = [
    ("rsyslog-traditional", "RSYSLOG_TraditionalFileFormat"),
    ("rsyslog-file", "RSYSLOG_FileFormat"),
    // What RSYSLOG_ForwardFormat and RSYSLOG_TraditionalForwardFormat are, with a line feed for a file.
    (
        "rsyslog-forward",
        "<%PRI%>%TIMESTAMP:::date-rfc3339% %HOSTNAME% %syslogtag:1:32%%msg:::sp-if-no-1st-sp%%msg%\\n",
    ),
    (
        "rsyslog-traditional-forward",
        "<%PRI%>%TIMESTAMP% %HOSTNAME% %syslogtag:1:32%%msg:::sp-if-no-1st-sp%%msg%\\n",
    ),
    ("rsyslog-rfc5424", "RSYSLOG_SyslogProtocol23Format"),
    ("rsyslog-sysklogd", "RSYSLOG_SysklogdFileFormat"),
    (
        "rsyslog-json",
        r#"{\"@timestamp\":\"%timestamp:::date-rfc3339%\",\"host\":\"%hostname%\",\"programname\":\"%programname%\",\"message\":\"%msg:::json%\"}\n"#,
    ),
    (
        "rsyslog-no-host",
        "%timestamp% %syslogtag%%msg:::sp-if-no-1st-sp%%msg:::drop-last-lf%\\n",
    ),
    (
        "rsyslog-no-pid",
        "%timestamp% %hostname% %programname%:%msg:::sp-if-no-1st-sp%%msg:::drop-last-lf%\\n",
    ),
    (
        "rsyslog-pri-no-host",
        "<%pri%>%timestamp% %syslogtag%%msg:::sp-if-no-1st-sp%%msg:::drop-last-lf%\\n",
    ),
    (
        "rsyslog-facility",
        "%timestamp% %hostname% %syslogfacility-text%.%syslogseverity-text% %syslogtag%%msg:::sp-if-no-1st-sp%%msg:::drop-last-lf%\\n",
    ),
    (
        "rsyslog-date-blank",
        "%timestamp:1:10:date-rfc3339% %timestamp:12:23:date-rfc3339% %hostname% %syslogtag%%msg:::sp-if-no-1st-sp%%msg:::drop-last-lf%\\n",
    ),
];

/// One line of the incident.
struct Said {
    /// Microseconds since 1970.
    at: i64,
    boot: usize,
    ident: &'static str,
    pid: u32,
    /// Facility and severity.
    pri: u32,
    text: String,
}

/// A traffic line of a request accepted then.
fn traffic(at_ms: i64, port: u32, tail: &str) -> String {
    let date = rfc3339(BEGIN + at_ms * 1000, Precision::Milli);
    let clock = date.trim_end_matches('Z').split_once('T').unwrap().1;
    format!("192.0.2.77:{port} [05/Jun/2026:{clock}] fe_app {tail}")
}

fn good(server: &str) -> String {
    format!("be_app/{server} 0/0/0/3/3 200 187 - - ---- 1/1/0/0/0 0/0 \"GET / HTTP/1.1\"")
}

fn refused(server: &str) -> String {
    format!("be_app/{server} 0/0/-1/-1/2 503 217 - - SC-- 1/1/0/0/+3 0/0 \"GET / HTTP/1.1\"")
}

fn down(server: &str, left: u32) -> String {
    format!(
        "Server be_app/{server} is DOWN, reason: Layer4 connection problem, info: \"Connection refused\", check duration: 0ms. \
         {left} active and 0 backup servers left. 0 sessions active, 0 requeued, 0 remaining in queue."
    )
}

/// Two servers refuse connections, one after the other; one comes back.
fn story() -> Vec<Said> {
    let mut said = Vec::new();
    let mut haproxy = |at_ms: i64, pri: u32, text: String| {
        said.push(Said {
            at: BEGIN + at_ms * 1000 + 417,
            boot: usize::from(at_ms > 60_000),
            ident: "haproxy",
            pid: 3141,
            pri,
            text,
        });
    };
    for (at, server) in [
        (1_000, "app1"),
        (2_200, "app2"),
        (210_100, "app1"),
        (211_150, "app2"),
        (212_300, "app1"),
    ] {
        haproxy(at + 3, 134, traffic(at, 40_000, &good(server)));
    }
    for (n, server) in [(0, "app1"), (1, "app2"), (2, "app1")] {
        let at = 221_611 + 400 * n;
        haproxy(at + 2, 134, traffic(at, 41_000, &refused(server)));
    }
    haproxy(223_100, 129, down("app1", 1));
    haproxy(223_502, 134, traffic(223_500, 42_000, &refused("app2")));
    haproxy(224_300, 129, down("app2", 0));
    haproxy(
        224_300,
        128,
        "backend be_app has no server available!".to_owned(),
    );
    for n in 0..6 {
        let at = 225_000 + 900 * n;
        let tail =
            "be_app/<NOSRV> 0/-1/-1/-1/0 503 217 - - SC-- 1/1/0/0/0 0/0 \"GET /account HTTP/1.1\"";
        haproxy(at, 134, traffic(at, 43_000, tail));
    }
    haproxy(
        250_000,
        133,
        "Server be_app/app1 is UP, reason: Layer4 check passed, check duration: 0ms. 1 active and 0 backup servers online. \
         0 sessions requeued, 0 total in queue."
            .to_owned(),
    );
    for n in 0..3 {
        let at = 251_000 + 1_100 * n;
        haproxy(at + 3, 134, traffic(at, 44_000, &good("app1")));
    }
    said.push(Said {
        at: BEGIN + 260_000_000,
        boot: 1,
        ident: "systemd-journald",
        pid: 312,
        pri: 46,
        text: "Suppressed 7 messages from app.service".to_owned(),
    });
    said
}

fn export(story: &[Said]) -> String {
    let mut out = String::new();
    for said in story {
        let Said {
            at,
            ident,
            pid,
            text,
            ..
        } = said;
        write!(
            out,
            "__REALTIME_TIMESTAMP={at}\n__MONOTONIC_TIMESTAMP={}\n_BOOT_ID={}\n_HOSTNAME=proxy01\n_TRANSPORT=syslog\nPRIORITY={}\n\
             SYSLOG_IDENTIFIER={ident}\n_COMM={ident}\n_PID={pid}\n_SYSTEMD_UNIT={ident}.service\nMESSAGE={text}\n\n",
            at - BEGIN + 9_000_000,
            BOOTS[said.boot],
            said.pri % 8,
        )
        .unwrap();
    }
    out
}

/// What all files must agree on.
fn diagnosis(file: &Path) -> Value {
    let output = Command::new(env!("CARGO_BIN_EXE_nosrv"))
        .args(["analyze", "--format", "json"])
        .arg(file)
        .output()
        .unwrap();
    assert!(output.status.success(), "nosrv failed: {output:?}");
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let incidents = report["incidents"].as_array().unwrap();
    let incidents = incidents.iter().map(|incident| {
        json!({
            "backend": incident["backend"],
            "cause": incident["cause"]["id"],
            "window": incident["window"],
            "http_503": incident["impact"]["http_503"],
            "nosrv": incident["impact"]["nosrv"],
            "recovered": incident["recovered"],
            "servers": incident["servers"].as_array().unwrap().iter().map(|server| json!([server["name"], server["cause"]])).collect::<Vec<_>>(),
        })
    });
    json!({
        "incidents": incidents.collect::<Vec<_>>(),
        "foreign": report["artifacts"][0]["foreign"],
        "broken": report["artifacts"][0]["broken"],
    })
}

#[track_caller]
fn same(file: &Path, truth: &Value) {
    let mut seen = diagnosis(file);
    // Where no program is named, journald's line is nobody's.
    if file.ends_with("carrier-journalctl-cat.txt") {
        assert_eq!(seen["foreign"], json!(1), "{}", file.display());
        seen["foreign"] = json!(0);
    }
    assert_eq!(&seen, truth, "{}", file.display());
}

fn truth() -> Value {
    json!({
        "incidents": [{
            "backend": "be_app",
            "cause": "listener-refused",
            "window": {
                "start": "2026-06-05T21:53:41.611Z",
                "end": "2026-06-05T21:53:49.500Z",
                "last_good": "2026-06-05T21:53:32.300Z",
                "ongoing": false,
            },
            "http_503": 10,
            "nosrv": 6,
            "recovered": true,
            "servers": [["app1", "listener-refused"], ["app2", "listener-refused"]],
        }],
        "foreign": 0,
        "broken": 0,
    })
}

/// Where the files go: the samples, when they are asked for.
fn keep(dir: &Path, name: &str, bytes: &[u8]) {
    let samples =
        std::env::var_os("NOSRV_SAMPLES").map(|samples| Path::new(&samples).join("formats"));
    for dir in [Some(dir.to_owned()), samples].into_iter().flatten() {
        fs::create_dir_all(&dir).unwrap();
        fs::write(dir.join(name), bytes).unwrap();
    }
}

/// Every mode of journalctl on a journal that systemd itself wrote.
pub(crate) fn journalctl() {
    let dir = tempfile::tempdir().unwrap();
    let (source, journal) = (
        dir.path().join("in.export"),
        dir.path().join("system.journal"),
    );
    fs::write(&source, export(&story())).unwrap();
    let output = Command::new(WRITER)
        .arg("-o")
        .args([&journal, &source])
        .output()
        .unwrap();
    assert!(output.status.success(), "{WRITER} failed: {output:?}");
    same(&journal, &truth());
    for mode in MODES {
        let output = Command::new("journalctl")
            .args(["--no-pager", "-o", mode, "--file"])
            .arg(&journal)
            .env(
                "TZ",
                if mode == "short-iso" {
                    "Europe/Berlin"
                } else {
                    "UTC"
                },
            )
            .env("LC_ALL", "C")
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "journalctl -o {mode} failed: {output:?}"
        );
        let name = format!("carrier-journalctl-{mode}.txt");
        keep(dir.path(), &name, &output.stdout);
        same(&dir.path().join(name), &truth());
    }
}

/// A daemon of ours; it ends with the test.
struct Daemon(Child);

impl Drop for Daemon {
    fn drop(&mut self) {
        let _gone = self.0.kill();
        let _status = self.0.wait();
    }
}

/// Every template of a real rsyslogd, fed in both forms that HAProxy sends.
pub(crate) fn rsyslog() {
    relay("", &TEMPLATES, |said, date| {
        let Said {
            ident,
            pid,
            pri,
            text,
            ..
        } = said;
        format!("<{pri}>{date} proxy01 {ident}[{pid}]: {text}")
    });
    // From such a message the tag is written without its colon.
    relay("-from-rfc5424", &TEMPLATES[..2], |said, date| {
        let Said {
            ident,
            pid,
            pri,
            text,
            ..
        } = said;
        format!("<{pri}>1 {date} proxy01 {ident} {pid} - [origin@32473 x=\"a \\\"]b\"] {text}")
    });
}

/// Listens on the port of loopback and writes one file per template.
fn config(dir: &Path, port: u16, templates: &[(&str, &str)]) -> String {
    let mut config = format!(
        "global(workDirectory=\"{}\" maxMessageSize=\"8k\")\nmodule(load=\"imtcp\")\n\
         input(type=\"imtcp\" address=\"127.0.0.1\" port=\"{port}\")\n",
        dir.display()
    );
    for &(name, template) in templates {
        let used = if !template.contains('%') {
            template.to_owned()
        } else {
            writeln!(
                config,
                "template(name=\"{name}\" type=\"string\" string=\"{template}\")"
            )
            .unwrap();
            name.to_owned()
        };
        writeln!(
            config,
            "action(type=\"omfile\" file=\"{}\" template=\"{used}\")",
            dir.join(name).display()
        )
        .unwrap();
    }
    config
}

fn relay(suffix: &str, templates: &[(&str, &str)], message: impl Fn(&Said, &str) -> String) {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name);
    let port = free_port("127.0.0.1").port();
    let config = config(dir.path(), port, templates);
    fs::write(at("rsyslog.conf"), config).unwrap();
    let child = Command::new("rsyslogd")
        .args(["-n", "-f"])
        .arg(at("rsyslog.conf"))
        .arg("-i")
        .arg(at("rsyslog.pid"))
        .env("TZ", "UTC")
        .spawn()
        .unwrap();
    let daemon = Daemon(child);
    let mut stream = None;
    wait(|| {
        stream = TcpStream::connect(("127.0.0.1", port)).ok();
        stream.is_some()
    });
    let mut stream = stream.unwrap();
    let story = story();
    for said in &story {
        let date = rfc3339(said.at, Precision::Micro).replace('Z', "+00:00");
        writeln!(stream, "{}", message(said, &date)).unwrap();
    }
    let n_lines = |name: &str| {
        let text = fs::read(at(name)).unwrap_or_default();
        text.iter().filter(|&&c| c == b'\n').count()
    };
    wait(|| {
        templates
            .iter()
            .all(|&(name, _)| n_lines(name) >= story.len())
    });
    drop(daemon);
    for &(name, _) in templates {
        let text = fs::read(at(name)).unwrap();
        // rsyslogd speaks of its own start and of its user, in today's time.
        let lines = text.split_inclusive(|&c| c == b'\n');
        let ours: Vec<u8> = lines
            .filter(|line| !line.windows(8).any(|part| part == b"rsyslogd"))
            .flatten()
            .copied()
            .collect();
        let ending = if name.ends_with("json") {
            "jsonl"
        } else {
            "log"
        };
        let kept = format!("carrier-{name}{suffix}.{ending}");
        keep(dir.path(), &kept, &ours);
        same(&at(&kept), &truth());
    }
}

#[track_caller]
fn wait(mut until: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !until() {
        assert!(begun.elapsed() < Duration::from_secs(20), "waited in vain");
        std::thread::sleep(Duration::from_millis(20));
    }
}
