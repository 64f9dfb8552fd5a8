//! The filters of the built program, and its timeline: what is left out is said, and the same input gives the same bytes.

use crate::sample;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

/// Exit code, standard output, standard error.
fn nosrv(args: &[&str]) -> (i32, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_nosrv"))
        .args(args)
        .current_dir(sample::root())
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (
        output.status.code().unwrap(),
        text(output.stdout),
        text(output.stderr),
    )
}

const SEED: &str = "samples/seed-app-down/bundle";

fn report(args: &[&str]) -> Value {
    let mut all = vec!["analyze", "--format=json"];
    all.extend(args);
    all.push(SEED);
    let (code, out, err) = nosrv(&all);
    assert_eq!(code, 0, "{err}");
    serde_json::from_str(&out).unwrap()
}

fn entries(args: &[&str]) -> Vec<Value> {
    let mut all = vec!["timeline", "--format=jsonl"];
    all.extend(args);
    let (code, out, err) = nosrv(&all);
    assert_eq!(code, 0, "{err}");
    out.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[test]
fn an_incident_that_touches_the_window_is_whole() {
    let whole = report(&[]);
    assert_eq!(whole["filter"], Value::Null);
    for args in [
        &["--since", "21:54"][..],
        &["--until", "2026-06-05 21:53:42"],
        &[
            "--since",
            "2026-06-05T23:54:00+02:00",
            "--until",
            "@1780696500",
        ],
        &["--backend", "be_*"],
        &["--frontend", "fe_app", "--backend", "be_app"],
        &["--since", "21:54", "--tz", "+02:00"],
    ] {
        let part = report(args);
        assert_eq!(part["verdict"], "incident", "{args:?}");
        assert_eq!(
            part["incidents"][0]["impact"],
            whole["incidents"][0]["impact"]
        );
        assert_eq!(part["filter"]["incidents_left_out"], 0);
    }
}

#[test]
fn what_is_left_out_is_counted_and_nothing_is_claimed_beyond_the_artifacts() {
    let after = report(&["--since", "21:54:30"]);
    assert_eq!(after["verdict"], "no-incident");
    assert_eq!(
        after["summary"],
        "No incident since 2026-06-05T21:54:30Z; 1 other left out by the filter."
    );
    for args in [&["--since", "2027-01-01"][..], &["--backend", "be_other"]] {
        let beyond = report(args);
        assert_eq!(beyond["verdict"], "insufficient-evidence", "{args:?}");
        assert_eq!(beyond["filter"]["incidents_left_out"], 1);
    }
    let unknown = report(&["--backend", "be_ap"]);
    assert_eq!(
        unknown["warnings"][0],
        "no backend is named be_ap: there are be_app"
    );
    let (_, text, _) = nosrv(&["analyze", "--since", "21:54:30", SEED]);
    assert!(
        text.starts_with("No incident since 2026-06-05T21:54:30Z; 1 other"),
        "{text}"
    );
    let (_, text, _) = nosrv(&["analyze", "--backend", "be_app", "--format=markdown", SEED]);
    assert!(
        text.contains("Filtered: be_app; no incident was left out"),
        "{text}"
    );
}

#[test]
fn unclear_times_are_refused_before_anything_is_printed() {
    for (args, why) in [
        (&["--since", "yesterday"][..], "expected a time"),
        (
            &["--since", "22:00", "--until", "21:00"],
            "--until 2026-06-05T21:00:00Z is before",
        ),
    ] {
        for command in ["analyze", "timeline"] {
            let (code, out, err) = nosrv(&[&[command], args, &[SEED]].concat());
            assert_eq!((code, out.as_str()), (2, ""), "{args:?}");
            assert!(err.contains(why), "{err}");
        }
    }
}

#[test]
fn a_time_of_day_needs_one_day_that_it_can_be_of() {
    let folder = tempfile::tempdir().unwrap();
    let log = |day: &str| {
        format!(
            "{day}T12:00:00.000000+00:00 proxy01 haproxy[3028]: Server be_app/app1 is UP, reason: Layer4 check passed. 1 active and 0 backup servers online. 0 sessions requeued, 0 total in queue.\n"
        )
    };
    let days = ["2026-06-05", "2026-06-06", "2026-06-07"].map(log).concat();
    fs::write(folder.path().join("haproxy.log"), days).unwrap();
    let path = folder.path().display().to_string();
    let (code, _, err) = nosrv(&["analyze", "--since", "11:00", &path]);
    assert_eq!(code, 2);
    assert!(err.contains("give the date too"), "{err}");
    let kept = entries(&["--since", "2026-06-06 11:00", &path]);
    assert_eq!(kept.len(), 2);
}

#[test]
fn the_timeline_has_what_happened_in_order() {
    let all = entries(&[SEED]);
    let kinds: BTreeSet<&str> = all.iter().map(|e| e["kind"].as_str().unwrap()).collect();
    for kind in [
        "server-down",
        "server-up",
        "no-server",
        "first-failure",
        "last-failure",
        "last-good",
        "snapshot",
        "curl",
    ] {
        assert!(kinds.contains(kind), "{kind}: {kinds:?}");
    }
    let times: Vec<&str> = all.iter().filter_map(|e| e["at"].as_str()).collect();
    assert!(
        times
            .windows(2)
            .all(|pair| pair[0].get(..19) <= pair[1].get(..19)),
        "{times:?}"
    );
    // stderr and syslog in one journal: each change once.
    let downs = all.iter().filter(|e| e["kind"] == "server-down");
    assert_eq!(
        downs
            .map(|e| e["copies"].as_u64().unwrap())
            .collect::<Vec<_>>(),
        [2, 2]
    );
    let first = all.iter().find(|e| e["kind"] == "first-failure").unwrap();
    assert_eq!(
        (&first["count"], &first["line"]),
        (&Value::from(52), &Value::from(25))
    );
}

#[test]
fn a_second_copy_of_the_log_changes_nothing_but_the_number_of_copies() {
    let folder = tempfile::tempdir().unwrap();
    let journal = sample::root().join(SEED).join("journal.txt");
    let text = fs::read_to_string(&journal).unwrap();
    let (half, _) = text.split_at(text.find("Jun 05 21:54").unwrap());
    fs::write(folder.path().join("a.log"), &text).unwrap();
    fs::write(folder.path().join("b.log"), half).unwrap();
    let plain = |entries: Vec<Value>| -> Vec<(Value, Value)> {
        entries
            .into_iter()
            .map(|e| (e["at"].clone(), e["text"].clone()))
            .collect()
    };
    let once = plain(entries(&[&journal.display().to_string()]));
    let twice = plain(entries(&[&folder.path().display().to_string()]));
    assert_eq!(once, twice);
}

#[test]
fn threads_and_the_order_of_arguments_change_no_byte() {
    let [a, b, c] = [
        "journal.txt",
        "curl-site-200.txt",
        "show-servers-state-before-fix.txt",
    ]
    .map(|name| format!("{SEED}/{name}"));
    for format in ["text", "csv", "jsonl", "timesketch"] {
        let run = |threads: &str, paths: [&str; 3]| {
            let all = [&["timeline", "--format", format, "-j", threads], &paths[..]].concat();
            nosrv(&all)
        };
        let first = run("1", [&a, &b, &c]);
        assert_eq!(first.0, 0);
        assert_eq!(first, run("4", [&c, &a, &b]), "{format}");
    }
}

#[test]
fn the_ending_of_a_file_chooses_the_timelines_format() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let (csv, sketch, lines) = (path("a.csv"), path("a.timesketch.csv"), path("a.jsonl"));
    let (code, out, _) = nosrv(&["timeline", "-o", &csv, "-o", &sketch, "-o", &lines, SEED]);
    assert_eq!((code, out.as_str()), (0, ""));
    let head = |path: &str| {
        fs::read_to_string(path)
            .unwrap()
            .lines()
            .next()
            .unwrap()
            .to_owned()
    };
    assert!(head(&csv).starts_with("time,time_is,order,kind,"));
    assert!(head(&sketch).starts_with("message,datetime,timestamp_desc,timestamp,"));
    assert!(head(&lines).starts_with("{\"at\":\"2026-06-05T21:53:40.323Z\""));
    let (code, _, err) = nosrv(&["timeline", "-o", &path("a.doc"), SEED]);
    assert_eq!(code, 2);
    assert!(err.contains(".jsonl"), "{err}");
}
