//! One small sample of each output of the runtime socket: what it is recognized as, and that its forms agree.

use crate::sample;
use nosrv::base::Text;
use nosrv::dump::Dump;
use nosrv::dump::DumpKind;
use nosrv::dump::Stat;
use nosrv::dump::StatRow;
use nosrv::dump::parse;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

/// Every file of `samples/dumps`: its kind in the report, and how many rows, figures or streams were understood.
const DUMPS: [(&str, &str, u64); 27] = [
    ("permission-denied.txt", "socket-refusal", 0),
    ("servers-state-1.6.txt", "show-servers-state", 2),
    ("several-without-marks.txt", "terminal-transcript", 23),
    ("several-wrapped.txt", "terminal-transcript", 13),
    ("several.txt", "terminal-transcript", 88),
    ("show-activity.txt", "show-activity", 0),
    ("show-backend.txt", "show-backend", 2),
    ("show-errors.txt", "show-errors", 2),
    ("show-fd.txt", "show-fd", 0),
    ("show-info-json.txt", "show-info", 9),
    ("show-info-typed.txt", "show-info", 69),
    ("show-info.txt", "show-info", 69),
    ("show-pools.txt", "show-pools", 0),
    ("show-proc-2.0.txt", "show-proc", 3),
    ("show-proc.txt", "show-proc", 2),
    ("show-resolvers.txt", "show-resolvers", 15),
    ("show-servers-conn.txt", "show-servers-conn", 4),
    ("show-servers-state.txt", "show-servers-state", 4),
    ("show-sess-all.txt", "show-sess", 4),
    ("show-sess.txt", "show-sess", 4),
    ("show-startup-logs.txt", "log", 3),
    ("show-stat-json.txt", "show-stat", 5),
    ("show-stat-typed.txt", "show-stat", 2),
    ("show-stat.csv", "show-stat", 9),
    ("show-table.txt", "show-table", 2),
    ("stats-page-admin.html", "show-stat", 5),
    ("stats-page.html", "show-stat", 5),
];

fn folder() -> PathBuf {
    sample::root().join("samples/dumps")
}

fn text(name: &str) -> Vec<u8> {
    fs::read(folder().join(name)).unwrap()
}

fn stat(kind: DumpKind, name: &str) -> Stat {
    let bytes = text(name);
    let (dump, tally) = parse(kind, Text::new(&bytes));
    assert_eq!(tally.n_broken, 0, "{name}");
    let Dump::Stat(stat) = dump else {
        panic!("{name} is no `show stat`");
    };
    stat
}

#[test]
fn every_dump_is_recognized_whatever_its_name() {
    let listed: BTreeSet<String> = DUMPS.iter().map(|(name, ..)| (*name).to_owned()).collect();
    let there: BTreeSet<String> = sample::entries(&folder())
        .iter()
        .map(|path| path.file_name().unwrap().to_str().unwrap().to_owned())
        .collect();
    assert_eq!(there, listed);
    for (name, kind, n_records) in DUMPS {
        let scratch = tempfile::tempdir().unwrap();
        let nameless = scratch.path().join("saved");
        fs::write(&nameless, text(name)).unwrap();
        let report = sample::analyze(vec![nameless]);
        let report: Value = serde_json::from_str(&sample::render(&report, "json")).unwrap();
        let artifact = &report["artifacts"][0];
        let seen = (artifact["kind"].as_str().unwrap(), &artifact["records"]);
        assert_eq!(seen, (kind, &Value::from(n_records)), "{name}");
        assert_eq!(artifact["broken"], 0, "{name}");
    }
}

#[test]
fn all_forms_of_the_statistics_agree() {
    let csv = stat(DumpKind::StatCsv, "show-stat.csv");
    let told = |row: &StatRow, columns: &[&str]| -> Vec<Option<String>> {
        columns
            .iter()
            .map(|name| row.column(name).map(str::to_owned))
            .collect()
    };
    // a page shows no address, and its ages and counters are those of one second later
    let of_page = &[
        "type",
        "act",
        "bck",
        "econ",
        "wretr",
        "check_status",
        "tracked",
    ][..];
    let of_others = &[
        "type", "weight", "stot", "chkfail", "last_chk", "addr", "lastchg",
    ][..];
    for (kind, name, columns) in [
        (DumpKind::StatPage, "stats-page.html", of_page),
        (DumpKind::StatPage, "stats-page-admin.html", of_page),
        (DumpKind::StatTyped, "show-stat-typed.txt", of_others),
        (DumpKind::StatJson, "show-stat-json.txt", of_others),
    ] {
        for row in &stat(kind, name).rows {
            let same = csv
                .rows
                .iter()
                .find(|other| other.proxy == row.proxy && other.name == row.name)
                .unwrap();
            assert_eq!(row.status, same.status, "{name}");
            assert_eq!(row.availability(), same.availability(), "{name}");
            assert_eq!(
                told(row, columns),
                told(same, columns),
                "{name}, {}",
                row.name
            );
        }
    }
    let page = stat(DumpKind::StatPage, "stats-page.html");
    assert!(
        page.process
            .contains(&("Pid".to_owned(), "3028".to_owned()))
    );
}
