//! `nosrv stats` as a user starts it: the same figures in every format, carrier and number of threads, and exact filters.

use crate::sample;
use serde_json::Value;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::Command;
use std::process::Stdio;
use tempfile::TempDir;

/// Exit code, standard output, standard error.
fn stats(args: &[&str], input: &str) -> (i32, String, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_nosrv"))
        .arg("stats")
        .args(args)
        .current_dir(sample::root())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // It may end before it has read all.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let output = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    let code = output.status.code().unwrap();
    (code, text(output.stdout), text(output.stderr))
}

fn json(args: &[&str], input: &str) -> Value {
    let (code, out, err) = stats(&[&["--format", "json"], args].concat(), input);
    assert_eq!(code, 0, "{err}");
    serde_json::from_str(&out).unwrap()
}

fn rows<'a>(stats: &'a Value, table: &str) -> &'a Vec<Value> {
    stats["tables"][table]["rows"].as_array().unwrap()
}

const SEED: &str = "samples/seed-app-down/bundle";

/// Accepted at so many milliseconds after 12:00:00, answered in 10 ms.
fn body(at_ms: u64, target: &str, status: u32, url: &str) -> String {
    let (second, ms) = (at_ms / 1000, at_ms % 1000);
    let (minute, second) = (second / 60, second % 60);
    format!(
        "192.0.2.{}:4000 [05/Jun/2026:12:{minute:02}:{second:02}.{ms:03}] {target} 1/2/3/4/10 {status} 100 - - ---- 1/1/1/1/0 0/0 \"GET {url} HTTP/1.1\"",
        at_ms % 7
    )
}

fn file(folder: &TempDir, name: &str, text: &str) -> String {
    let path = folder.path().join(name);
    fs::write(&path, text).unwrap();
    path.display().to_string()
}

#[test]
fn all_formats_show_the_same_tables() {
    let whole = json(&[SEED], "");
    assert_eq!(whole["schema"], "nosrv.stats/1");
    assert_eq!(whole["read"]["counted"], 98);
    assert_eq!(rows(&whole, "status")[1]["status"], 503);
    assert_eq!(rows(&whole, "status")[1]["requests"], 52);
    assert_eq!(whole["tables"].as_object().unwrap().len(), 7);
    let folder = TempDir::new().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let (csv, text) = (path("a.csv"), path("a.txt"));
    let (code, out, _) = stats(&["-o", &csv, "-o", &text, "-o", "-", SEED], "");
    assert_eq!(code, 0);
    assert_eq!(out, fs::read_to_string(&text).unwrap());
    assert!(out.lines().all(|line| line.chars().count() <= 80), "{out}");
    let csv = fs::read_to_string(csv).unwrap();
    assert_eq!(csv.split("\n\n").count(), 7, "{csv}");
    assert!(csv.contains("status,503,52,53.1\n"), "{csv}");
    let (code, _, err) = stats(&["-o", &path("a.doc"), SEED], "");
    assert_eq!(code, 2);
    assert!(err.contains(".csv"), "{err}");
}

#[test]
fn tables_and_rows_are_chosen() {
    let args = ["--tables", "urls,status", "--top", "2", "--sort", "errors"];
    let some = json(&[&args[..], &[SEED]].concat(), "");
    let names: Vec<&String> = some["tables"].as_object().unwrap().keys().collect();
    assert_eq!(names, ["status", "urls"]);
    let urls: Vec<&str> = rows(&some, "urls")
        .iter()
        .map(|row| row["url"].as_str().unwrap())
        .collect();
    assert_eq!(urls, ["/", "/static/site.css"]);
    assert_eq!(some["tables"]["urls"]["n_rows"], 5);
    let (_, text, _) = stats(&[&args[..], &[SEED]].concat(), "");
    assert!(text.contains("URLs (2 of 5)"), "{text}");
    for wrong in [&["--tables", "url"][..], &["--top", "0"], &["--sort", "x"]] {
        assert_eq!(stats(&[wrong, &[SEED]].concat(), "").0, 2);
    }
}

#[test]
fn every_carrier_gives_the_same_figures() {
    let folder = TempDir::new().unwrap();
    let bodies: Vec<String> = (0..300)
        .map(|n| {
            body(
                n * 10,
                "fe be/s1",
                200 + 303 * u32::from(n % 9 == 0),
                "/a?x",
            )
        })
        .collect();
    let each = |line: &dyn Fn(&str) -> String| -> String {
        bodies.iter().map(|body| line(body) + "\n").collect()
    };
    let logs = [
        ("bare", each(&|b| b.to_owned())),
        (
            "syslog",
            each(&|b| format!("Jun  5 12:00:00 proxy01 haproxy[7]: {b}")),
        ),
        (
            "json",
            each(&|b| {
                serde_json::json!({"MESSAGE": b, "SYSLOG_IDENTIFIER": "haproxy", "_HOSTNAME": "proxy01", "__REALTIME_TIMESTAMP": "1780660800000000"}).to_string()
            }),
        ),
        (
            "docker",
            each(&|b| {
                serde_json::json!({"log": format!("{b}\n"), "stream": "stdout", "time": "2026-06-05T12:00:00.5Z"}).to_string()
            }),
        ),
    ];
    let of = |path: &str| {
        let mut all = json(&[path], "");
        let holes = all["tables"].as_object_mut().unwrap().remove("holes");
        assert!(holes.is_some());
        all
    };
    let first = of(&file(&folder, "bare.log", &logs[0].1));
    assert_eq!(first["read"]["counted"], 300);
    assert_eq!(rows(&first, "servers")[0]["share_5xx_percent"], 11.3);
    for (name, text) in &logs[1..] {
        assert_eq!(of(&file(&folder, name, text)), first, "{name}");
    }
}

#[test]
fn other_formats_of_lines_count_with_what_they_have() {
    let root = sample::root().join("samples/formats");
    for format in ["format-httplog-clf", "format-httplog"] {
        let path = |ending: &str| {
            root.join(format!("{format}.{ending}"))
                .display()
                .to_string()
        };
        let all = json(&[&path("log"), &path("cfg")], "");
        let n: u64 = rows(&all, "servers")
            .iter()
            .map(|row| row["requests"].as_u64().unwrap())
            .sum();
        assert!(
            n > 0 && n == all["read"]["counted"].as_u64().unwrap(),
            "{format}"
        );
        assert!(!rows(&all, "urls").is_empty(), "{format}");
        assert!(!rows(&all, "timers").is_empty(), "{format}");
    }
    let tcp = "192.0.2.9:1 [05/Jun/2026:12:00:00.000] fe be/s 0/1/5007 212 cD 0/0/0/0/3 0/0\n";
    let all = json(&["-"], tcp);
    assert_eq!(rows(&all, "status")[0]["status"], "tcp");
    assert_eq!(rows(&all, "servers")[0]["streams"], 1);
    assert_eq!(rows(&all, "termination")[0]["state"], "cD");
    let last = rows(&all, "timers").last().unwrap();
    assert_eq!(
        (&last["tcp_Tt_ms"], &last["Ta_ms"]),
        (&5007.into(), &Value::Null)
    );
    assert!(rows(&all, "urls").is_empty());
}

#[test]
fn filters_choose_lines_by_accept_date_and_names() {
    let folder = TempDir::new().unwrap();
    // Accepted every 10 ms; written two hours "later" by a carrier in UTC: HAProxy's clock is two hours behind it.
    let log: String = (0..1000)
        .map(|n| {
            let target = if n % 4 == 0 {
                "fe_a be_a/s1"
            } else {
                "fe_b~ be_b/s1"
            };
            let stamp = format!(
                "2026-06-05T14:00:{:02}.{:03}+00:00",
                n / 100,
                n % 100 * 10 + 5
            );
            format!(
                "{stamp} proxy01 haproxy[7]: {}\n",
                body(n * 10, target, 200, "/")
            )
        })
        .collect();
    let path = file(&folder, "a.log", &log);
    let counted = |args: &[&str]| json(&[args, &[&path]].concat(), "")["read"]["counted"].clone();
    assert_eq!(counted(&[]), 1000);
    for (args, n) in [
        (&["--since", "2026-06-05T14:00:04Z"][..], 600),
        (&["--until", "2026-06-05T14:00:04Z"], 500),
        (&["--since", "14:00:02.005", "--until", "14:00:02.995"], 99),
        (&["--tz", "-02:00", "--since", "12:00:09"], 100),
        (&["--tz", "-02:00", "--since", "2026-06-05 12:00:09"], 100),
        (&["--backend", "be_a"], 250),
        (
            &["--frontend", "fe_b", "--until", "2026-06-05T14:00:00Z"],
            75,
        ),
        (&["--backend", "be_*", "--frontend", "fe_a"], 250),
    ] {
        assert_eq!(counted(args), n, "{args:?}");
    }
    let typo = json(&["--backend", "be_c", &path], "");
    assert_eq!(typo["read"]["left_out"], 1000);
    assert_eq!(
        typo["warnings"][0],
        "no line has the backend be_c: there are be_a, be_b"
    );
    let since = ["--since", "2026-06-05T14:00:04Z", "-"];
    let (code, out, err) = stats(&since, &log);
    assert_eq!((code, out.as_str()), (2, ""));
    assert!(err.contains("--tz"), "{err}");
    let given = json(&[&["--tz", "-02:00"], &since[..]].concat(), &log);
    assert_eq!(given["read"]["counted"], 600);
    assert_eq!(given["filter"], "since 2026-06-05T14:00:04Z");
}

#[test]
fn threads_pieces_and_order_change_no_byte_even_beyond_the_exact_bound() {
    let folder = TempDir::new().unwrap();
    let line = |n: u64| {
        let url = match n % 5 {
            0 => format!("/often/{}", n % 3),
            _ => format!("/{n:x}"),
        };
        let at = n.wrapping_mul(7919) % 3_000_000;
        body(at, &format!("fe be{}/s{}", n % 3, n % 11), 200, &url) + "\n"
    };
    let log: String = (0..175_000).map(line).collect();
    let (half, rest) = log.split_at(log.len() / 2 + log[log.len() / 2..].find('\n').unwrap() + 1);
    let [a, b] = [file(&folder, "a.log", half), file(&folder, "b.log", rest)];
    let first = json(&["-j", "1", &a, &b], "");
    assert_eq!(first["tables"]["urls"]["estimated"], true);
    let often: Vec<&str> = rows(&first, "urls")
        .iter()
        .take(3)
        .map(|row| row["url"].as_str().unwrap())
        .collect();
    assert!(
        often.iter().all(|url| url.starts_with("/often/")),
        "{often:?}"
    );
    let n = first["tables"]["urls"]["n_rows"].as_u64().unwrap();
    assert!((133_000..147_000).contains(&n), "{n}");
    assert_eq!(first, json(&["-j", "3", &b, &a], ""));
    let whole = json(&["-j", "2", "-"], &log);
    for exact in [
        "status",
        "servers",
        "termination",
        "timers",
        "clients",
        "holes",
    ] {
        assert_eq!(whole["tables"][exact], first["tables"][exact], "{exact}");
    }
}

#[test]
fn hostile_names_do_no_harm() {
    let long = "/".to_owned() + &"x".repeat(5000);
    let log = [
        body(0, "fe be/s", 200, "=HYPERLINK(1)"),
        body(10, "fe be/s", 200, "/\u{1b}[31m\u{202e}"),
        body(20, "=fe @be/+s", 200, "/a,\"b\n".trim_end()),
        body(30, "fe be/s", 200, &long),
        body(40, "fe be/s", 200, "x").replace("\"GET x HTTP/1.1\"", "\"<BADREQ>\""),
    ]
    .join("\n");
    let (code, csv, err) = stats(&["--format", "csv", "-"], &log);
    assert_eq!(code, 0, "{err}");
    assert!(
        csv.contains(",'=HYPERLINK(1)\n") && csv.contains(",'@be/+s\n"),
        "{csv}"
    );
    assert!(csv.contains(",<BADREQ>\n"));
    for format in ["csv", "json", "text"] {
        let (_, out, _) = stats(&["--format", format, "-"], &log);
        assert!(
            !out.contains('\u{1b}') && !out.contains('\u{202e}'),
            "{format}"
        );
    }
    let all = json(&["-"], &log);
    assert_eq!(
        all["tables"]["urls"]["notes"][0],
        "1 URLs are longer than 1024 bytes and cut there."
    );
}

#[test]
fn what_cannot_be_read_is_said() {
    let missing = Path::new("no-such-file.log").display().to_string();
    let (code, out, err) = stats(&[&missing, SEED], "");
    assert_eq!(code, 2);
    assert!(
        out.contains("98 traffic lines") && err.contains("no-such-file.log"),
        "{out}{err}"
    );
    let (code, out, _) = stats(&["-"], "nothing of HAProxy\n");
    assert_eq!(code, 0);
    assert!(out.starts_with("0 traffic lines"), "{out}");
    let cut = "192.0.2.9:1 [05/Jun/2026:12:00:00.000] fe be/s 0/0/0/1/1 200\n";
    let (_, out, _) = stats(&["-"], cut);
    assert!(
        out.contains("1 damaged traffic lines are not counted"),
        "{out}"
    );
}
