//! Each contradiction, and what only looks like one.

use super::contradictions;
use crate::testing::REFUSED;
use crate::testing::down;
use crate::testing::nosrv;
use crate::testing::with_case;

/// A dump of `be_app`, taken on 5 June at `time`: `app1` and the backend.
fn dump(app1: &str, backend: &str) -> String {
    format!(
        "# pxname,svname,status,stot,econ,wretr,wredis,chkfail,chkdown,lastchg,hrsp_5xx,act,bck,type,\n\
         be_app,app1,{app1},1,0,2,\nbe_app,BACKEND,{backend},0,0,1,\n"
    )
}

/// A request at 21:53:<second> with this server, timers, status and flags.
fn request(second: u32, tail: &str, retries: &str) -> String {
    format!(
        "2026-06-05T21:53:{second:02}.300000+00:00 proxy01 haproxy[3028]: 192.0.2.50:53260 [05/Jun/2026:21:53:{second:02}.200] \
         fe_app be_app/{tail} 1/1/0/0/{retries} 0/0 \"GET / HTTP/1.1\"\n"
    )
}

fn found(dump: &str, taken: &str, log: &[String]) -> Vec<String> {
    let name = format!("show-stat.{taken}.csv");
    let files = [
        ("journal.txt", log.concat()),
        (name.as_str(), dump.to_owned()),
    ];
    let files: Vec<(&str, &str)> = files
        .iter()
        .map(|(name, text)| (*name, text.as_str()))
        .collect();
    with_case(&files, |case| {
        let mut all = Vec::new();
        for contradiction in contradictions(case) {
            assert!(!contradiction.cites.is_empty());
            all.push(contradiction.text);
        }
        all
    })
}

#[track_caller]
fn finds(dump: &str, log: &[String], text: &str) {
    let all = found(dump, "20260605T220400Z", log);
    assert!(all.iter().any(|found| found.contains(text)), "{all:#?}");
}

#[track_caller]
fn is_quiet(dump: &str, taken: &str, log: &[String]) {
    assert_eq!(found(dump, taken, log), Vec::<String>::new());
}

fn outage() -> [String; 2] {
    [down(41, "app1", REFUSED), nosrv(42)]
}

#[test]
fn a_state_that_is_older_than_a_logged_change_is_found() {
    let up = dump("UP,9,0,0,0,3,1,10000,0", "UP,9,0,0,0,,1,10000,0");
    finds(&up, &outage(), "has been UP for 10,000 seconds");
}

#[test]
fn an_age_that_fits_the_log_is_quiet() {
    // DOWN since 21:53:41, dumped at 22:04:00
    let fits = dump("DOWN,9,0,0,0,3,1,619,0", "DOWN,9,0,0,0,,1,619,0");
    is_quiet(&fits, "20260605T220400Z", &outage());
    // it came back after the end of the log
    let back = dump("UP,9,0,0,0,3,1,30,0", "UP,9,0,0,0,,1,30,0");
    is_quiet(&back, "20260605T220400Z", &outage());
    // the dump was taken before
    let before = dump("UP,9,0,0,0,0,0,10000,0", "UP,9,0,0,0,,0,10000,0");
    is_quiet(&before, "20260605T215330Z", &outage());
}

#[test]
fn a_clock_in_another_zone_explains_it() {
    // the same dump, named in a zone two hours ahead: its DOWN of 23:53:41 is that of the log
    let ahead = dump("DOWN,9,0,0,0,3,1,619,0", "DOWN,9,0,0,0,,1,10000,0");
    is_quiet(&ahead, "20260606T000400Z", &outage());
    // taken at 01:00, named two hours behind
    let behind = dump("DOWN,9,0,0,0,3,1,11179,0", "DOWN,9,0,0,0,,1,20000,0");
    is_quiet(&behind, "20260605T230000Z", &outage());
}

#[test]
fn a_reload_in_between_explains_it() {
    let fork = "2026-06-05T21:55:00.000000+00:00 proxy01 haproxy[3000]: [NOTICE]   (3000) : New worker (3100) forked\n";
    let log = [&outage()[..], &[fork.to_owned()]].concat();
    let up = dump("UP,9,0,0,0,3,1,10000,0", "UP,9,0,0,0,,1,10000,0");
    is_quiet(&up, "20260605T220400Z", &log);
}

#[test]
fn a_time_that_only_a_prompt_or_nothing_tells_is_not_held_against_the_log() {
    let up = dump("UP,9,0,0,0,3,1,10000,0", "UP,9,0,0,0,,1,10000,0");
    is_quiet(&up, "untimed", &outage());
}

#[test]
fn counters_below_what_the_log_counts_are_found() {
    let log = outage();
    let none = dump("DOWN,9,0,0,0,3,0,619,0", "DOWN,9,0,0,0,,1,10000,0");
    finds(&none, &log, "`chkdown` of be_app/app1");
    let refused = [request(50, "app1 0/0/-1/-1/0 503 217 - - SC--", "3")];
    let none = dump("UP,9,0,3,0,3,0,10000,0", "UP,9,9,3,0,,1,10000,0");
    finds(
        &none,
        &refused,
        "`econ` of be_app/app1 in a dump taken later is 0",
    );
    let none = dump("UP,9,9,0,0,3,0,10000,0", "UP,9,9,0,0,,1,10000,0");
    finds(&none, &refused, "`wretr` of be_app");
    let redispatched = [request(50, "app1 0/0/-1/-1/0 503 217 - - SC--", "+1")];
    let none = dump("UP,9,9,1,0,3,0,10000,0", "UP,9,9,1,0,,1,10000,0");
    finds(&none, &redispatched, "`wredis` of be_app");
}

#[test]
fn counters_of_a_younger_process_or_of_more_than_the_log_are_quiet() {
    // the backend is 60 s old: the process may be, too
    let young = dump("DOWN,0,0,0,0,0,0,60,0", "DOWN,0,0,0,0,,0,60,0");
    is_quiet(&young, "20260605T220400Z", &[nosrv(42)]);
    let more = dump("DOWN,90,7,9,9,30,12,619,9", "DOWN,90,7,9,9,,4,10000,9");
    let log = [
        &outage()[..],
        &[request(40, "app1 0/0/-1/-1/0 503 217 - - SC--", "3")],
    ]
    .concat();
    is_quiet(&more, "20260605T220400Z", &log);
    // another worker wrote the failure
    let other = request(50, "app1 0/0/-1/-1/0 503 217 - - SC--", "3").replace("[3028]", "[3027]");
    let good = request(51, "app1 0/0/0/5/5 200 900 - - ----", "0");
    let none = dump("UP,9,0,0,0,3,0,10000,0", "UP,9,0,0,0,,1,10000,0");
    is_quiet(&none, "20260605T220400Z", &[other, good]);
}

#[test]
fn a_process_of_another_host_is_found() {
    let info = |node: &str, pid: u32| {
        format!(
            "Name: HAProxy\nVersion: 2.6.12\nPid: {pid}\nUptime_sec: 90000\nnode: {node}\nStart_time_sec: 1780610640\n"
        )
    };
    let log = outage();
    let all = |info: String| {
        with_case(
            &[("journal.txt", &log.concat()), ("info.txt", &info)],
            |case| contradictions(case).len(),
        )
    };
    assert_eq!(all(info("proxy02.example.com", 4711)), 1);
    assert_eq!(all(info("proxy01.example.com", 4711)), 0);
    assert_eq!(all(info("proxy02", 3028)), 0);
    assert_eq!(all(info("3f1c9a7be2d0", 4711)), 0);
}
