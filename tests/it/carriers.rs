//! One short incident in every carrier: the same cause, window and counts, and no line left over.
//!
//! `samples/formats/carrier-*` was written by the real tools (`tests/live/carriers.rs`); the forms of tools that cannot run in a
//! test are written here from the same records.

use crate::sample;
use nosrv::base::Precision;
use nosrv::base::rfc3339;
use nosrv::carrier::Framing;
use nosrv::carrier::Reader;
use nosrv::carrier::frames;
use nosrv::report::Report;
use serde_json::Value;
use serde_json::json;
use std::fs;
use std::path::Path;
use std::path::PathBuf;

/// One record of the incident.
struct Said {
    /// Microseconds since 1970.
    at: i64,
    ident: String,
    body: String,
}

fn folder() -> PathBuf {
    sample::root().join("samples/formats")
}

/// The records, as journalctl exported them.
fn story() -> Vec<Said> {
    let bytes = fs::read(folder().join("carrier-journalctl-export.txt")).unwrap();
    let mut reader = Reader::new(Framing::Export);
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    frames(Framing::Export, &bytes)
        .map(|frame| {
            let record = reader.read(frame.raw);
            Said {
                at: record.stamp.unwrap().micros,
                ident: text(record.ident),
                body: text(record.body),
            }
        })
        .collect()
}

/// What every file must say.
#[track_caller]
fn check(report: &Report, name: &str, foreign: u64) {
    let report: Value = serde_json::from_str(&sample::render(report, "json")).unwrap();
    let incidents = report["incidents"].as_array().unwrap();
    assert_eq!(incidents.len(), 1, "{name}");
    let incident = &incidents[0];
    let servers = incident["servers"].as_array().unwrap().iter();
    let seen = json!({
        "backend": incident["backend"],
        "cause": incident["cause"]["id"],
        "window": incident["window"],
        "http_503": incident["impact"]["http_503"],
        "nosrv": incident["impact"]["nosrv"],
        "servers": servers.map(|server| json!([server["name"], server["cause"]])).collect::<Vec<_>>(),
        "foreign": report["artifacts"][0]["foreign"],
        "broken": report["artifacts"][0]["broken"],
    });
    let truth = json!({
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
        "servers": [["app1", "listener-refused"], ["app2", "listener-refused"]],
        "foreign": foreign,
        "broken": 0,
    });
    assert_eq!(seen, truth, "{name}");
}

/// The text as a file of its own; `foreign`: lines that nobody can claim without their program's name.
#[track_caller]
fn check_text(name: &str, text: &str, foreign: u64) {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("x.log");
    fs::write(&file, text).unwrap();
    check(&sample::analyze(vec![file]), name, foreign);
}

fn is_text(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending != "gz")
}

/// Only the message is printed, so journald's line is nobody's.
fn n_nameless(path: &Path) -> u64 {
    u64::from(path.ends_with("carrier-journalctl-cat.txt"))
}

#[test]
fn what_real_tools_wrote_says_the_same_in_every_form() {
    let files: Vec<PathBuf> = sample::entries(&folder())
        .into_iter()
        .filter(|path| is_text(path) && path.to_string_lossy().contains("/carrier-"))
        .collect();
    assert!(files.len() >= 28, "only {} forms", files.len());
    for path in files {
        let name = path.display().to_string();
        let foreign = n_nameless(&path);
        check(&sample::analyze(vec![path.clone()]), &name, foreign);
        let text = fs::read_to_string(&path).unwrap();
        check_text(
            &format!("{name} with CRLF"),
            &text.replace('\n', "\r\n"),
            foreign,
        );
        check_text(
            &format!("{name} behind a header"),
            &format!(
                "-- Logs begin at Fri 2026-06-05 00:00:00 UTC, end at Fri 2026-06-05 22:00:00 UTC. --\n{text}"
            ),
            foreign,
        );
    }
}

#[test]
fn lines_that_a_terminal_wrapped_or_a_ticket_indented_say_the_same() {
    for path in sample::entries(&folder()) {
        let name = path.display().to_string();
        let one_a_line = ["short", "with-unit", "rsyslog"]
            .iter()
            .any(|form| name.contains(form));
        if !one_a_line || !is_text(&path) || name.contains("json") {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        let indented: String = text.lines().map(|line| format!("    {line}\n")).collect();
        check_text(&format!("{name} indented"), &indented, 0);
        for columns in [80, 100] {
            check_text(
                &format!("{name} at {columns} columns"),
                &wrapped(&text, columns),
                0,
            );
        }
    }
}

fn wrapped(text: &str, columns: usize) -> String {
    let mut out = String::new();
    for line in text.lines() {
        for part in line.as_bytes().chunks(columns) {
            out.push_str(std::str::from_utf8(part).unwrap());
            out.push('\n');
        }
    }
    out
}

/// `2026-06-05`, `21:53:41`, `611417`.
fn parts(at: i64) -> (String, String, String) {
    let utc = rfc3339(at, Precision::Micro);
    let (date, time) = utc.trim_end_matches('Z').split_once('T').unwrap();
    let (clock, micros) = time.split_once('.').unwrap();
    (date.to_owned(), clock.to_owned(), micros.to_owned())
}

/// Name, lines that stay foreign, and how a record is written.
type Form = (&'static str, u64, fn(&Said) -> String);

/// Carriers whose writers are containers, other systems and appliances. All records are of 5 June 2026.
const FORMS: [Form; 20] = [
    ("docker json-file", 1, |said| {
        let (date, clock, micros) = parts(said.at);
        let time = format!("{date}T{clock}.{micros}123Z");
        format!(
            "{}\n",
            json!({"log": format!("{}\n", said.body), "stream": "stdout", "time": time})
        )
    }),
    ("docker logs -t", 1, |said| {
        let (date, clock, micros) = parts(said.at);
        format!("{date}T{clock}.{micros}123Z {}\n", said.body)
    }),
    ("docker json-file around syslog with PRI", 0, |said| {
        let (date, clock, micros) = parts(said.at);
        let time = format!("{date}T{clock}.{micros}123Z");
        let log = format!("<134>Jun  5 {clock} {}[3141]: {}\n", said.ident, said.body);
        format!(
            "{}\n",
            json!({"log": log, "stream": "stdout", "time": time})
        )
    }),
    ("CRI", 1, |said| {
        let (date, clock, micros) = parts(said.at);
        format!("{date}T{clock}.{micros}123Z stdout F {}\n", said.body)
    }),
    ("CRI in parts", 1, |said| {
        let (date, clock, micros) = parts(said.at);
        let (head, tail) = said.body.split_at(said.body.len() / 2);
        let stamp = format!("{date}T{clock}.{micros}123Z stdout");
        format!("{stamp} P {head}\n{stamp} F {tail}\n")
    }),
    ("kubectl logs --prefix", 1, |said| {
        format!("[pod/router-default-7d4/router] {}\n", said.body)
    }),
    ("kubectl logs --prefix --timestamps", 1, |said| {
        let (date, clock, micros) = parts(said.at);
        format!(
            "[pod/router-default-7d4/router] {date}T{clock}.{micros}123Z {}\n",
            said.body
        )
    }),
    ("docker compose logs", 1, |said| {
        format!("haproxy-1  | {}\n", said.body)
    }),
    ("docker compose logs in colour", 1, |said| {
        format!("\x1b[36mhaproxy-1  | \x1b[0m{}\n", said.body)
    }),
    ("docker compose logs -t around syslog", 0, |said| {
        let (date, clock, micros) = parts(said.at);
        format!(
            "haproxy_1  | {date}T{clock}.{micros}123Z Jun  5 {clock} proxy01 {}[3141]: {}\n",
            said.ident, said.body
        )
    }),
    ("OpenShift router's syslog container", 0, |said| {
        let (date, clock, micros) = parts(said.at);
        format!(
            "{date}T{clock}.{micros}+00:00 router-default-7d4 router-default-7d4 {}[3141]: {}\n",
            said.ident, said.body
        )
    }),
    ("OpenWrt logread", 0, |said| {
        let (_, clock, _) = parts(said.at);
        format!(
            "Fri Jun  5 {clock} 2026 local0.info {}[3141]: {}\n",
            said.ident, said.body
        )
    }),
    ("BSD syslogd -v", 0, |said| {
        let (_, clock, _) = parts(said.at);
        format!(
            "Jun  5 {clock} <local0.info> proxy01 {}[3141]: {}\n",
            said.ident, said.body
        )
    }),
    ("socklog", 0, |said| {
        let (date, clock, micros) = parts(said.at);
        let micros = &micros[..5];
        format!(
            "{date}_{clock}.{micros} 192.0.2.9: local0.info: Jun  5 {clock} {}[3141]: {}\n",
            said.ident, said.body
        )
    }),
    ("unpadded day", 0, |said| {
        let (_, clock, _) = parts(said.at);
        format!(
            "Jun 5 {clock} proxy01 {}[3141]: {}\n",
            said.ident, said.body
        )
    }),
    ("year behind the day", 0, |said| {
        let (_, clock, _) = parts(said.at);
        format!(
            "Jun  5 2026 {clock} proxy01 {}[3141]: {}\n",
            said.ident, said.body
        )
    }),
    ("month in French", 0, |said| {
        let (_, clock, _) = parts(said.at);
        format!(
            "juin 05 {clock} proxy01 {}[3141]: {}\n",
            said.ident, said.body
        )
    }),
    ("tag without stamp", 0, |said| {
        format!("{}[3141]: {}\n", said.ident, said.body)
    }),
    ("PRI without header", 1, |said| {
        format!("<134>{}\n", said.body)
    }),
    ("journalctl json of old systemd", 0, |said| {
        format!(
            "{{ \"__CURSOR\" : \"s=1\", \"__REALTIME_TIMESTAMP\" : \"{}\", \"SYSLOG_IDENTIFIER\" : \"{}\", \"_PID\" : \"3141\", \"MESSAGE\" : {} }}\n",
            said.at,
            said.ident,
            json!(said.body)
        )
    }),
];

#[test]
fn other_carriers_say_the_same() {
    let story = story();
    for (name, foreign, write) in FORMS {
        let text: String = story.iter().map(write).collect();
        check_text(name, &text, foreign);
        check_text(
            &format!("{name} with CRLF"),
            &text.replace('\n', "\r\n"),
            foreign,
        );
    }
}

/// HAProxy writes its messages to standard error too, in one form up to 2.3 and in another since.
#[test]
fn messages_on_standard_error_say_the_same() {
    type Label = fn(&Said) -> String;
    let labels: [(&str, Label); 3] = [
        ("1.x", |said| {
            format!(
                "[WARNING] 155/{} (3141) : ",
                parts(said.at).1.replace(':', "")
            )
        }),
        ("2.4", |_| "[WARNING]  (3141) : ".to_owned()),
        ("3.x", |_| {
            "[WARNING]  (3141) : 'server be_app/app1' : ".to_owned()
        }),
    ];
    for (name, label) in labels {
        let lines = story().into_iter().map(|said| {
            if said.body.starts_with("192.0.2.") {
                format!("{}\n", said.body)
            } else {
                format!("{}{}\n", label(&said), said.body)
            }
        });
        check_text(name, &lines.collect::<String>(), 0);
    }
}

#[test]
fn a_message_that_journalctl_did_not_print_is_counted() {
    let at = |line: &str| {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("x.log");
        let story = fs::read_to_string(folder().join("carrier-journalctl-short.txt")).unwrap();
        fs::write(&file, format!("{story}{line}\n")).unwrap();
        sample::analyze(vec![file]).artifacts[0].broken
    };
    assert_eq!(
        at("Jun 05 21:54:21 proxy01 haproxy[3141]: [185B blob data]"),
        1
    );
    assert_eq!(at("Jun 05 21:54:21 proxy01 app[3141]: [185B blob data]"), 0);
}
