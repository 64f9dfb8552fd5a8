//! Every format of the table prints the fixed report; what each promises is checked beside the snapshot.

use crate::report::Report;
use crate::report::format::markdown::BUDGET;
use crate::report::format::{FORMATS, Style};
use crate::report::sample;
use serde_json::Value;

/// Prints a report in one format for a pipe.
#[track_caller]
fn render(name: &str, report: &Report) -> String {
    let format = FORMATS.iter().find(|f| f.name == name).unwrap();
    (format.render)(report, &Style::default())
}

#[track_caller]
fn snapshot(name: &str, text: &str) {
    insta::with_settings!({snapshot_path => "snapshots", omit_expression => true, prepend_module_to_snapshot => false}, {
        insta::assert_snapshot!(name, text);
    });
}

/// A verdict without incidents.
fn quiet(verdict: &'static str, summary: &str) -> Report {
    Report {
        verdict,
        summary: summary.to_owned(),
        incidents: vec![],
        timeline: vec![],
        evidence: vec![],
        filter: None,
        ..sample::report()
    }
}

#[test]
fn every_format_prints_the_fixed_report() {
    for format in &FORMATS {
        snapshot(
            format.name,
            &(format.render)(&sample::report(), &Style::default()),
        );
    }
}

#[test]
fn a_report_without_incidents_says_so_in_its_first_line() {
    let none = quiet("no-incident", "1,204,511 lines of healthy traffic, no 503.");
    snapshot("text-no-incident", &render("text", &none));
    let unclear = quiet(
        "insufficient-evidence",
        "There is a config, and nothing that happened.",
    );
    snapshot("text-insufficient-evidence", &render("text", &unclear));
    let empty = render("text", &Report::default());
    assert!(empty.starts_with("Not enough evidence: "), "{empty}");
}

#[test]
fn the_table_has_distinct_names_and_endings() {
    let mut words: Vec<&str> = FORMATS.iter().flat_map(|f| f.endings).copied().collect();
    let n = words.len();
    words.sort_unstable();
    words.dedup();
    assert_eq!(words.len(), n);
    for format in &FORMATS {
        let text = (format.render)(&Report::default(), &Style::default());
        assert!(
            text.ends_with('\n') && !text.ends_with("\n\n"),
            "{}",
            format.name
        );
    }
}

#[test]
fn text_has_no_line_over_80_columns_but_commands_quotes_and_paths() {
    let report = sample::report();
    let mut whole: Vec<&str> = Vec::new();
    whole.extend(
        report
            .incidents
            .iter()
            .flat_map(|i| &i.fix.verify)
            .map(String::as_str),
    );
    whole.extend(report.missing.iter().map(|m| m.capture.as_str()));
    whole.extend(report.evidence.iter().map(|e| e.text.as_str()));
    whole.extend(report.artifacts.iter().map(|a| a.path.as_str()));
    whole.extend(
        report
            .artifacts
            .iter()
            .flat_map(|a| &a.broken_examples)
            .map(|b| b.text.as_str()),
    );
    whole.extend(
        report
            .incidents
            .iter()
            .flat_map(|i| &i.impact.routes)
            .map(|r| r.path.as_str()),
    );
    let text = render("text", &report);
    for line in text.lines() {
        let n = line.chars().count();
        assert!(
            n <= 80 || whole.iter().any(|w| line.contains(w)),
            "{n}: {line}"
        );
        assert_eq!(line, line.trim_end());
    }
    for command in report.incidents.iter().flat_map(|i| &i.fix.verify) {
        assert!(
            text.lines().any(|line| line.trim_start() == command),
            "{command}"
        );
    }
}

/// Every text of a JSON value, but for keys that the text report leaves to JSON and ids that it resolves.
fn leaves(value: &Value, out: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                // What could hide an incident is told where none was found.
                let resolved = matches!(
                    key.as_str(),
                    "sha256" | "answered_by" | "verdict" | "could_hide" | "fingerprint" | "common"
                );
                let artifact = key == "artifact" && map.contains_key("offset");
                let why = key == "title" && map["id"] == "insufficient-evidence";
                if !resolved && !artifact && !why {
                    leaves(value, out);
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| leaves(item, out)),
        Value::String(text) => out.push(text.split_whitespace().collect()),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[test]
fn text_leaves_nothing_out() {
    let report = sample::report();
    let mut wanted = Vec::new();
    leaves(&serde_json::to_value(&report).unwrap(), &mut wanted);
    let text: String = render("text", &report).split_whitespace().collect();
    for leaf in &wanted {
        assert!(text.contains(leaf), "{leaf}");
    }
    assert!(wanted.len() > 100, "{}", wanted.len());
}

#[test]
fn colours_are_the_only_control_bytes_and_only_when_wanted() {
    let mut report = sample::report();
    let evil = "\u{1b}]0;gone\u{7}\u{9b}2J\u{202e}\r\nx";
    report.warnings.push(evil.to_owned());
    report.incidents[0].backend = Some(evil.to_owned());
    report.incidents[0].fix.verify.push(evil.to_owned());
    report.evidence[0].text = evil.to_owned();
    report.artifacts[0].path = evil.to_owned();
    for format in &FORMATS {
        let plain = (format.render)(&report, &Style::default());
        let bad = |c: char| c.is_control() && c != '\n' || c == '\u{202e}';
        assert!(!plain.contains(bad), "{}", format.name);
    }
    let style = Style {
        colour: true,
        ..Style::default()
    };
    let coloured = (FORMATS[0].render)(&report, &style);
    let mut bare = coloured.clone();
    for code in ["0", "1", "1;31", "1;32", "2", "36"] {
        bare = bare.replace(&format!("\u{1b}[{code}m"), "");
    }
    assert_ne!(bare, coloured);
    assert_eq!(bare, render("text", &report));
}

#[test]
fn text_is_laid_out_for_any_terminal() {
    for columns in [0, 1, 20, 60, 100, usize::MAX] {
        let style = Style {
            columns,
            colour: false,
        };
        let text = (FORMATS[0].render)(&sample::report(), &style);
        assert!(text.contains("listener-refused"), "{columns}");
    }
}

/// The minimum of `nosrv.report/1`, written a second time on purpose: where in the JSON, and the keys there.
const CONTRACT: [(&str, &str); 23] = [
    (
        "",
        "schema tool verdict summary incidents evidence artifacts timeline missing clock warnings",
    ),
    ("/tool", "name version"),
    (
        "/incidents/0",
        "id fault host frontend backend window impact answered_by cause servers trigger factors \
         ruled_out fix recovered recovery also fingerprint similar",
    ),
    ("/incidents/0/window", "start end last_good ongoing"),
    (
        "/incidents/0/impact",
        "requests http_503 nosrv clients routes",
    ),
    ("/incidents/0/impact/routes/2", "host path http_503"),
    (
        "/incidents/0/cause",
        "id confidence title explanation evidence",
    ),
    ("/incidents/0/servers/0", "name address cause transitions"),
    (
        "/incidents/0/servers/0/transitions/0",
        "at from to reason evidence",
    ),
    (
        "/incidents/0/trigger",
        "id confidence at explanation evidence",
    ),
    ("/incidents/0/factors/0", "id explanation evidence"),
    ("/incidents/0/ruled_out/0", "id why evidence"),
    ("/incidents/0/fix", "steps verify cautions reload_needed"),
    ("/incidents/0/recovery", "at usable_servers still_down"),
    ("/incidents/0/also/0", "backend cause at evidence"),
    ("/incidents/0/fingerprint", "id features"),
    (
        "/incidents/0/similar/0",
        "name incident likeness common only_new only_archived",
    ),
    ("/incidents/1/possible/0", "id why"),
    ("/evidence/0", "id artifact line offset at text"),
    (
        "/artifacts/0",
        "id path kind host bytes sha256 records foreign broken problems",
    ),
    ("/timeline/0", "at kind backend server text evidence"),
    ("/missing/0", "artifact would_decide capture"),
    ("/clock", "haproxy_offset how"),
];

#[test]
fn json_has_the_keys_of_the_contract_and_the_values_of_the_report() {
    let report = sample::report();
    let text = render("json", &report);
    assert!(
        text.starts_with("{\n  \"schema\": \"nosrv.report/1\",\n"),
        "{text}"
    );
    let value: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(value, serde_json::to_value(&report).unwrap());
    for (place, keys) in CONTRACT {
        let object = value.pointer(place).unwrap();
        for key in keys.split_whitespace() {
            assert!(object.get(key).is_some(), "{key} at {place}");
        }
    }
    assert_eq!(value["incidents"][1]["trigger"], Value::Null);
    assert_eq!(value["incidents"][1]["impact"]["failed_sessions"], 12);
}

#[test]
fn markdown_stays_within_its_budget_and_says_what_it_left_out() {
    let mut report = sample::report();
    assert!(!render("markdown", &report).contains("left out to keep"));
    let lines = report.evidence.clone();
    for _ in 0..300 {
        report.evidence.extend(lines.clone());
    }
    let text = render("markdown", &report);
    assert!(text.chars().count() <= BUDGET, "{}", text.chars().count());
    assert!(
        text.contains("more cited lines left out"),
        "no word of the cut"
    );
    assert!(
        text.contains("## What this bundle cannot show"),
        "the end is there"
    );
    report.summary = "x".repeat(2 * BUDGET);
    let text = render("markdown", &report);
    assert!(text.chars().count() <= BUDGET && text.contains("**Cut here**"));
}

#[test]
fn markdown_keeps_strangers_words_from_acting() {
    let text = render("markdown", &sample::report());
    let mut fence = None;
    for line in text.lines() {
        let ticks: String = line
            .trim_start()
            .chars()
            .take_while(|c| *c == '`')
            .collect();
        match &fence {
            None if ticks.len() >= 3 => fence = Some(ticks),
            Some(open) if line.trim() == open => fence = None,
            Some(_) => {}
            None => {
                let outside: String = line.split('`').step_by(2).collect();
                assert!(
                    !outside.contains('@')
                        && !outside.contains("<script")
                        && !outside.contains("://"),
                    "{line}"
                );
            }
        }
    }
    assert_eq!(fence, None, "a block is open at the end");
}
