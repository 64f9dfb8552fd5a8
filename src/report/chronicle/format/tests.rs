//! Every format of the table prints the same fixed timeline.

use crate::report::chronicle::format::FORMATS;
use crate::report::chronicle::{Chronicle, Entry};
use crate::report::format::Style;

fn fixed() -> Chronicle {
    let entry = |at: &str, micros, kind, text: &str| Entry {
        at: Some(at.to_owned()),
        time: "exact",
        order: "decided",
        kind,
        host: Some("proxy01".to_owned()),
        backend: Some("be_app".to_owned()),
        text: text.to_owned(),
        artifact: Some("logs/haproxy.log".to_owned()),
        line: Some(4711),
        copies: 1,
        micros: Some(micros),
        ..Entry::default()
    };
    let down = "Server be_app/app1 is DOWN, reason: Layer4 connection problem, info: \"Connection refused\", check duration: 0ms.";
    let mut first = entry(
        "2026-03-14T09:26:51.204Z",
        1_773_480_411_204_000,
        "first-failure",
        "first of 7 requests answered 503, 6 of them <NOSRV>",
    );
    first.count = Some(7);
    first.order = "undecided";
    first.frontend = Some("fe_app".to_owned());
    let mut server = entry(
        "2026-03-14T09:26:51Z",
        1_773_480_411_000_000,
        "server-down",
        down,
    );
    server.server = Some("app1".to_owned());
    server.order = "undecided";
    server.copies = 2;
    let mut command = entry(
        "2026-03-15T00:00:01.000123Z",
        1_773_532_801_000_123,
        "operator-command",
        "=cmd|' /C calc'!A0, \u{1b}[31mred",
    );
    (command.backend, command.time) = (None, "assumed");
    let undated = Entry {
        time: "unknown",
        order: "undecided",
        kind: "curl",
        text: "curl http://www.example.com/: 503, HAProxy's own page".to_owned(),
        copies: 1,
        ..Entry::default()
    };
    Chronicle {
        entries: vec![server, first, command, undated],
        filter: Some("be_app since 2026-03-14T00:00:00Z".to_owned()),
        n_undated_left_out: 2,
        clock: "log stamps against accept date + total time, 7 of 7 lines agree".to_owned(),
        warnings: vec!["no backend is named be_ap: there are be_app".to_owned()],
    }
}

#[test]
fn every_format_prints_the_fixed_timeline() {
    for format in &FORMATS {
        let text = (format.render)(&fixed(), &Style::default());
        let name = format!("timeline-{}", format.name);
        insta::with_settings!({snapshot_path => "snapshots", omit_expression => true, prepend_module_to_snapshot => false}, {
            insta::assert_snapshot!(name, text);
        });
        let control = text.chars().find(|c| c.is_control() && *c != '\n');
        assert_eq!(control, None, "{}", format.name);
    }
}

#[test]
fn an_empty_timeline_is_no_empty_file_but_for_json_lines() {
    for format in &FORMATS {
        let text = (format.render)(&Chronicle::default(), &Style::default());
        assert_eq!(text.is_empty(), format.name == "jsonl");
        assert!(!text.ends_with("\n\n"), "{}", format.name);
    }
}

#[test]
fn text_fits_80_columns() {
    let [text, ..] = &FORMATS;
    for line in (text.render)(&fixed(), &Style::default()).lines() {
        assert!(line.chars().count() <= 80, "{line}");
    }
}
