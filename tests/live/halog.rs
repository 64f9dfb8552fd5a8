//! `nosrv stats` against halog itself, on the same million generated lines.

use crate::generator;
use crate::generator::KINDS;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::fs::File;
use std::io::BufWriter;
use std::io::Write as _;
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;

/// A million lines.
const BYTES: u64 = 215 << 20;
/// Any fixed number.
const SEED: u64 = 1201;

/// halog's rows, split at blanks, without its head.
fn halog(args: &[&str], log: &Path) -> Vec<Vec<String>> {
    let output = Command::new("halog")
        .arg("-q")
        .args(args)
        .stdin(File::open(log).unwrap())
        .output()
        .expect("halog must be installed to run this test");
    assert!(output.status.success(), "{output:?}");
    let text = String::from_utf8(output.stdout).unwrap();
    let rows = text.lines().filter(|line| !line.starts_with('#'));
    rows.map(|line| line.split(' ').map(str::to_owned).collect())
        .collect()
}

fn stats(log: &Path) -> Value {
    let output = Command::new(env!("CARGO_BIN_EXE_nosrv"))
        .args(["stats", "--format", "json", "--top", "1000000"])
        .arg(log)
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Rows of a table with some of their columns as halog writes them.
fn rows(stats: &Value, table: &str, columns: &[&str]) -> Vec<Vec<String>> {
    let rows = stats["tables"][table]["rows"].as_array().unwrap().iter();
    let text = |value: &Value| match value {
        Value::String(text) => text.clone(),
        // halog divides by one where there is nothing.
        Value::Null => "0".to_owned(),
        Value::Number(n) if n.is_f64() => format!("{:.1}", n.as_f64().unwrap()),
        other => other.to_string(),
    };
    rows.map(|row| columns.iter().map(|&key| text(&row[key])).collect())
        .collect()
}

fn sorted(mut rows: Vec<Vec<String>>) -> Vec<Vec<String>> {
    rows.sort();
    rows
}

/// Some columns of rows.
fn only(rows: Vec<Vec<String>>, columns: &[usize]) -> Vec<Vec<String>> {
    let pick = |row: Vec<String>| columns.iter().map(|&column| row[column].clone()).collect();
    rows.into_iter().map(pick).collect()
}

#[track_caller]
fn same(what: &str, ours: Vec<Vec<String>>, theirs: Vec<Vec<String>>) {
    assert!(!theirs.is_empty(), "{what}");
    let (ours, theirs) = (sorted(ours), sorted(theirs));
    for (mine, his) in ours.iter().zip(&theirs) {
        assert_eq!(mine, his, "{what}");
    }
    assert_eq!(ours.len(), theirs.len(), "{what}");
}

pub(crate) fn compare() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("haproxy.log");
    let mut out = BufWriter::new(File::create(&path).unwrap());
    let kind = KINDS.iter().find(|kind| kind.name == "rfc3164").unwrap();
    generator::write_log(&mut out, BYTES, SEED, *kind).unwrap();
    out.flush().unwrap();
    let all = stats(&path);
    assert!(all["read"]["counted"].as_u64().unwrap() > 1_000_000);

    same(
        "-st",
        rows(&all, "status", &["status", "requests"]),
        halog(&["-st"], &path),
    );
    same(
        "-tc",
        rows(&all, "termination", &["state", "requests"]),
        halog(&["-tc"], &path),
    );
    let columns = [
        "server",
        "1xx",
        "2xx",
        "3xx",
        "4xx",
        "5xx",
        "other",
        "requests",
        "ok",
        "share_ok_percent",
        "average_connect_ms",
        "average_response_ms",
    ];
    same(
        "-srv",
        rows(&all, "servers", &columns),
        halog(&["-srv"], &path),
    );
    let columns = ["percent", "requests", "TR_ms", "Tc_ms", "Tr_ms", "data_ms"];
    // halog ends its lines of percentiles with a blank.
    let percentiles = only(halog(&["-pct"], &path), &[0, 1, 2, 3, 4, 5]);
    same("-pct", rows(&all, "timers", &columns), percentiles);
    let columns = [
        "requests",
        "errors",
        "time_ms",
        "average_ms",
        "time_ok_ms",
        "average_ok_ms",
        "average_bytes",
        "bytes",
        "url",
    ];
    same("-u", rows(&all, "urls", &columns), halog(&["-u"], &path));
    let columns = ["requests", "average_bytes", "bytes", "client"];
    let clients = only(halog(&["-ic"], &path), &[0, 6, 7, 8]);
    same("-ic", rows(&all, "clients", &columns), clients);
    gaps(&folder, &path);
}

/// The log is too dense for gaps: few of its lines have some.
fn gaps(folder: &TempDir, path: &Path) {
    let text = fs::read_to_string(path).unwrap();
    // halog puts all days on one, so nothing may be of the day before.
    let few: String = text
        .lines()
        .skip(200_000)
        .filter(|line| line.contains("] fe_main"))
        .step_by(3000)
        .map(|line| format!("{line}\n"))
        .collect();
    let path = folder.path().join("few.log");
    fs::write(&path, few).unwrap();
    let mut theirs = BTreeMap::<String, (String, String)>::new();
    for row in halog(&["-ad", "1000"], &path) {
        theirs.insert(row[0].clone(), (row[2].clone(), row[3].clone()));
    }
    let all = stats(&path);
    let columns = ["to", "gap_ms", "requests_then"];
    let ours: BTreeMap<String, (String, String)> = rows(&all, "holes", &columns)
        .into_iter()
        .map(|row| {
            let (_, time) = row[0].split_once('T').unwrap();
            (time.to_owned(), (row[1].clone(), row[2].clone()))
        })
        .collect();
    assert!(ours.len() > 20, "{ours:?}");
    assert_eq!(ours, theirs);
}
