//! Bundles whose sources write time in different ways give one order of events and one number of requests.

use nosrv::base::rfc3339;
use nosrv::base::{MINUTE, Precision, SECOND, Stamp};
use nosrv::report::Report;
use std::fmt::Write;

/// The report on a bundle of small files.
fn report(files: &[(&str, &str)]) -> Report {
    let folder = tempfile::tempdir().unwrap();
    for (name, content) in files {
        std::fs::write(folder.path().join(name), content).unwrap();
    }
    nosrv::investigate(&nosrv::Request {
        paths: vec![folder.path().to_path_buf()],
        ..nosrv::Request::default()
    })
    .report
}

/// A moment as the journal and as HAProxy write it.
fn journal(utc: i64) -> String {
    let text = rfc3339(utc, Precision::Micro);
    format!("{}+0000", text.trim_end_matches('Z'))
}

fn accept_date(local: i64) -> String {
    let text = rfc3339(local, Precision::Milli);
    let (date, time) = text.trim_end_matches('Z').split_once('T').unwrap();
    let [year, month, day] = date.split('-').collect::<Vec<_>>()[..] else {
        panic!("three fields: {date}")
    };
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let month = MONTHS[month.parse::<usize>().unwrap() - 1];
    format!("{day}/{month}/{year}:{time}")
}

/// One request at a moment of UTC, on a host whose clock is ahead of UTC by `offset`.
fn request(utc: i64, offset: i64, failed: bool, id: usize) -> String {
    let server = if failed { "<NOSRV>" } else { "app1" };
    let rest = if failed {
        "0/-1/-1/-1/0 503 217 - - SC-- 1/1/0/0/0 0/0"
    } else {
        "0/0/1/2/3 200 217 - - ---- 1/1/0/0/0 0/0"
    };
    format!(
        "192.0.2.50:{} [{}] fe_app be_app/{server} {rest} \"GET /{id} HTTP/1.1\"",
        10_000 + id,
        accept_date(utc + offset)
    )
}

const DOWN: &str = "Server be_app/app1 is DOWN, reason: Layer4 connection problem, info: \"Connection refused\", check duration: 0ms. \
                    0 active and 0 backup servers left. 0 sessions active, 0 requeued, 0 remaining in queue.";
const UP: &str = "Server be_app/app1 is UP, reason: Layer7 check passed, code: 200, check duration: 1ms. \
                  1 active and 0 backup servers online. 0 sessions requeued, 0 total in queue.";

/// A log of `n` requests, one every ten seconds, of which those in `failing` fail; with the messages around them.
fn incident_log(
    start: i64,
    n: usize,
    failing: std::ops::Range<usize>,
    line: impl Fn(i64, &str) -> String,
    offset: impl Fn(i64) -> i64,
) -> String {
    let mut log = String::new();
    for index in 0..n {
        let at = start + i64::try_from(index).unwrap() * 10 * SECOND;
        if index == failing.start {
            log.push_str(&line(at - SECOND, DOWN));
        }
        if index == failing.end {
            log.push_str(&line(at - SECOND, UP));
        }
        let failed = failing.contains(&index);
        log.push_str(&line(at, &request(at, offset(at), failed, index)));
    }
    log
}

fn in_journal(at: i64, text: &str) -> String {
    format!("{} proxy01 haproxy[3028]: {text}\n", journal(at + 4000))
}

#[track_caller]
fn check(report: &Report, start: &str, end: &str, n_503: u64, requests: u64) {
    assert_eq!(report.incidents.len(), 1, "{:#?}", report.incidents);
    let incident = &report.incidents[0];
    assert_eq!(incident.cause.id, "listener-refused");
    assert_eq!(incident.window.start.as_deref(), Some(start), "{report:#?}");
    assert_eq!(incident.window.end.as_deref(), Some(end));
    assert_eq!(incident.impact.http_503, n_503);
    assert_eq!(incident.impact.requests, requests);
}

/// Adelaide left daylight saving time on 2026-04-05 at 16:30 UTC on the day before: +10:30 became +09:30.
fn adelaide(utc: i64) -> i64 {
    let change = Stamp::civil(2026, 4, 4, 16, 30, 0).unwrap();
    if utc < change {
        42 * 15 * MINUTE
    } else {
        38 * 15 * MINUTE
    }
}

#[test]
fn an_hour_that_comes_twice_in_a_half_hour_zone_is_told_apart() {
    // From 15:50 UTC to 17:13 UTC; the failures from 16:00 to 16:50 lie on both sides of the change.
    let start = Stamp::civil(2026, 4, 4, 15, 50, 0).unwrap();
    let log = incident_log(start, 500, 60..360, in_journal, adelaide);
    let report = report(&[("journal.txt", &log)]);
    check(
        &report,
        "2026-04-04T16:00:00.000Z",
        "2026-04-04T16:49:50.000Z",
        300,
        300,
    );
    assert_eq!(report.warnings, Vec::<String>::new());
    assert!(
        report
            .clock
            .how
            .contains("changed to +09:30 at 2026-04-04T16:30:00Z"),
        "{}",
        report.clock.how
    );
    let down = report
        .timeline
        .iter()
        .find(|e| e.text.contains("DOWN"))
        .unwrap();
    assert!(
        down.at
            .as_deref()
            .unwrap()
            .starts_with("2026-04-04T15:59:59")
    );
}

#[test]
fn a_second_log_in_local_time_without_zone_repeats_the_first() {
    let start = Stamp::civil(2026, 6, 4, 15, 50, 0).unwrap();
    let offset = 38 * 15 * MINUTE;
    let log = incident_log(start, 500, 60..360, in_journal, |_| offset);
    let syslog = |at: i64, text: &str| {
        let local = rfc3339(at + offset, Precision::Second);
        let time = local.trim_end_matches('Z').split_once('T').unwrap().1;
        let day = if at + offset < Stamp::civil(2026, 6, 5, 0, 0, 0).unwrap() {
            4
        } else {
            5
        };
        format!("Jun  {day} {time} proxy01 haproxy[3028]: {text}\n")
    };
    let copy = incident_log(start, 500, 60..360, syslog, |_| offset);
    let report = report(&[("journal.txt", &log), ("haproxy.log", &copy)]);
    check(
        &report,
        "2026-06-04T16:00:00.000Z",
        "2026-06-04T16:49:50.000Z",
        300,
        300,
    );
    let downs = report.timeline.iter().filter(|e| e.text.contains("DOWN"));
    assert_eq!(downs.count(), 1, "{:#?}", report.timeline);
}

#[test]
fn rotated_pieces_that_overlap_count_once() {
    let start = Stamp::civil(2026, 6, 4, 15, 50, 0).unwrap();
    let log = incident_log(start, 500, 60..360, in_journal, |_| 0);
    let lines: Vec<&str> = log.lines().collect();
    // Every cut through the failures and through good requests, mid-slot and mid-second ones included.
    for (first_end, second_start) in [(250, 200), (201, 200), (360, 90), (400, 30), (120, 119)] {
        let mut pieces = [String::new(), String::new()];
        for line in &lines[..first_end] {
            writeln!(pieces[0], "{line}").unwrap();
        }
        for line in &lines[second_start..] {
            writeln!(pieces[1], "{line}").unwrap();
        }
        let [old, new] = &pieces;
        let report = report(&[("haproxy.log.1", old), ("haproxy.log", new)]);
        check(
            &report,
            "2026-06-04T16:00:00.000Z",
            "2026-06-04T16:49:50.000Z",
            300,
            300,
        );
    }
}

#[test]
fn pieces_that_follow_each_other_lose_nothing() {
    let start = Stamp::civil(2026, 6, 4, 15, 50, 0).unwrap();
    let log = incident_log(start, 500, 60..360, in_journal, |_| 0);
    let middle = log.lines().take(207).map(|line| line.len() + 1).sum();
    let (old, new) = log.split_at(middle);
    // In the wrong order by name: their content says which is the older.
    let report = report(&[("a.log", new), ("b.log", old)]);
    check(
        &report,
        "2026-06-04T16:00:00.000Z",
        "2026-06-04T16:49:50.000Z",
        300,
        300,
    );
}

#[test]
fn lines_that_a_log_daemon_delivered_an_hour_late_keep_their_time() {
    let start = Stamp::civil(2026, 6, 4, 15, 50, 0).unwrap();
    let stopped = Stamp::civil(2026, 6, 4, 16, 20, 0).unwrap();
    let late = |at: i64, text: &str| {
        let written = if (stopped..stopped + 10 * MINUTE).contains(&at) {
            at + 60 * MINUTE
        } else {
            at
        };
        in_journal(written, text)
    };
    let log = incident_log(start, 700, 60..360, late, |_| 0);
    let report = report(&[("journal.txt", &log)]);
    check(
        &report,
        "2026-06-04T16:00:00.000Z",
        "2026-06-04T16:49:50.000Z",
        300,
        300,
    );
    assert!(
        report.warnings[0].contains("60 lines were written"),
        "{:?}",
        report.warnings
    );
}

#[test]
fn two_hosts_in_two_zones_each_keep_their_own() {
    let start = Stamp::civil(2026, 6, 4, 15, 50, 0).unwrap();
    let east = incident_log(start, 500, 60..360, in_journal, |_| 8 * 60 * MINUTE);
    let west = |at: i64, text: &str| in_journal(at, text).replace("proxy01", "proxy02");
    let west = incident_log(start, 500, 700..800, west, |_| -5 * 60 * MINUTE);
    let report = report(&[("all.log", &format!("{east}{west}"))]);
    check(
        &report,
        "2026-06-04T16:00:00.000Z",
        "2026-06-04T16:49:50.000Z",
        300,
        600,
    );
    assert!(
        report.warnings[0].contains("clocks of several hosts differ"),
        "{:?}",
        report.warnings
    );
}

#[test]
fn a_collectors_clock_that_is_behind_moves_its_messages_only() {
    let start = Stamp::civil(2026, 6, 4, 15, 50, 0).unwrap();
    let behind = |at: i64, text: &str| in_journal(at - 40 * SECOND, text);
    let log = incident_log(start, 500, 60..360, behind, |_| 0);
    let report = report(&[("collector.log", &log)]);
    check(
        &report,
        "2026-06-04T16:00:00.000Z",
        "2026-06-04T16:49:50.000Z",
        300,
        300,
    );
    let down = report
        .timeline
        .iter()
        .find(|e| e.text.contains("DOWN"))
        .unwrap();
    assert!(
        down.at
            .as_deref()
            .unwrap()
            .starts_with("2026-06-04T15:59:59"),
        "{down:?}"
    );
    assert!(
        report.warnings[0].contains("40.0 s behind HAProxy's own"),
        "{:?}",
        report.warnings
    );
}

#[test]
fn messages_in_two_logs_tie_the_one_without_zone_and_traffic() {
    let start = Stamp::civil(2026, 6, 4, 15, 50, 0).unwrap();
    let log = incident_log(start, 500, 60..360, in_journal, |_| 0);
    let oom = "app01 kernel: Out of memory: Killed process 4242 (java) total-vm:8123456kB, anon-rss:4123456kB, file-rss:0kB, shmem-rss:0kB, UID:1001 pgtables:9000kB oom_score_adj:0";
    // The host's syslog is in Indian time: 21:29 is 15:59 UTC.
    let syslog = format!("Jun  4 21:29:51 {oom}\nJun  4 21:29:59 proxy01 haproxy[3028]: {DOWN}\n");
    let report = report(&[("journal.txt", &log), ("messages", &syslog)]);
    let event = report
        .timeline
        .iter()
        .find(|e| e.text.contains("java"))
        .unwrap();
    assert_eq!(
        event.at.as_deref(),
        Some("2026-06-04T15:59:51Z"),
        "{:#?}",
        report.timeline
    );
}

#[test]
fn lines_ten_minutes_late_do_not_move_the_messages_of_their_log() {
    let start = Stamp::civil(2026, 6, 4, 15, 50, 0).unwrap();
    let stopped = Stamp::civil(2026, 6, 4, 16, 20, 0).unwrap();
    let late = |at: i64, text: &str| {
        let delay = if (stopped..stopped + MINUTE).contains(&at) {
            10 * MINUTE
        } else {
            0
        };
        in_journal(at + delay, text)
    };
    let log = incident_log(start, 700, 60..360, late, |_| 0);
    let report = report(&[("journal.txt", &log)]);
    let down = report.timeline.iter().find(|e| e.text.contains("DOWN"));
    let at = down.unwrap().at.as_deref().unwrap();
    assert!(at.starts_with("2026-06-04T15:59:59"), "{at}");
    let skewed = report.warnings.iter().any(|w| w.contains("HAProxy's own"));
    assert!(!skewed, "{:?}", report.warnings);
}
