//! Runs a real HAProxy through real failures, saves what an operator would save, and compares the report with the truth.
//!
//! `cargo test --features live --test live` needs `haproxy`, `journalctl`, `rsyslogd`, `prlimit` and, for one run, `python3` in the path,
//! `systemd-journal-remote`, and root rights for nothing. With `NOSRV_SAMPLES=<dir>` the bundles are written there, each with its
//! `expect.json`, and nothing is analyzed.
//! Everything stays on loopback addresses; the bundles show documentation addresses instead.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "a driver that cannot go on shall stop loudly; its clock is the wall clock"
)]

mod app;
mod bundle;
mod carrier;
mod carriers;
mod check;
mod client;
mod dns;
mod dumps;
mod filter;
mod formats;
#[path = "../../benches/generator/mod.rs"]
mod generator;
mod halog;
mod journal;
mod measure;
mod pause;
mod port;
mod proxy;
mod record;
mod route;
mod scenario;
mod scene;
mod truth;

use crate::scenario::Scenario;
use std::path::Path;
use std::process::Command;
use std::sync::Mutex;
use std::thread;
use std::time::Instant;

/// Mixed scenarios that run at the same time.
const MIXED_AT_ONCE: usize = 10;

/// All mixed scenarios, or those that `NOSRV_MIXED` names, separated by commas.
fn chosen() -> Vec<Scenario> {
    let mut all = scenario::all_mixed();
    if let Ok(names) = std::env::var("NOSRV_MIXED") {
        let names: Vec<&str> = names.split(',').collect();
        all.retain(|scenario| {
            names
                .iter()
                .any(|name| scenario.folder == format!("mixed/{name}"))
        });
    }
    all
}

/// Plays a scenario; then either keeps it as a sample or lets `nosrv` explain it.
fn play(scenario: &Scenario) {
    explained(scenario).unwrap_or_else(|why| panic!("{why}"));
}

/// What the report says otherwise than the truth is the error. A run during which the machine stood still is void.
fn explained(scenario: &Scenario) -> Result<(), String> {
    pause::watch();
    let start = Instant::now();
    match played(scenario) {
        Err(why) if pause::since(start) => {
            eprintln!("played again, because the machine stood still or its clock was set: {why}");
            played(scenario)
        }
        result => result,
    }
}

fn played(scenario: &Scenario) -> Result<(), String> {
    if let Some(samples) = std::env::var_os("NOSRV_SAMPLES") {
        scenario.save(&Path::new(&samples).join(scenario.folder));
        return Ok(());
    }
    let dir = tempfile::tempdir().unwrap();
    let truth = scenario.save(dir.path());
    let output = Command::new(env!("CARGO_BIN_EXE_nosrv"))
        .args(["analyze", "--format", "json"])
        .arg(dir.path().join("bundle"))
        .output()
        .unwrap();
    assert!(output.status.success(), "nosrv failed: {output:?}");
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let wrong = truth::differences(&report, &truth);
    if wrong.is_empty() {
        return Ok(());
    }
    let kept = dir.keep();
    let (folder, kept) = (scenario.folder, kept.display());
    Err(format!("{folder}: {wrong:#?}\nbundle kept in {kept}"))
}

#[test]
fn external_check_failed() {
    play(&scenario::EXTERNAL_CHECK_FAILED);
}

#[test]
fn tls_failure() {
    play(&scenario::TLS_FAILURE);
}

#[test]
fn http_status() {
    play(&scenario::HTTP_STATUS);
}

#[test]
fn response_invalid() {
    play(&scenario::RESPONSE_INVALID);
}

#[test]
fn timeout() {
    play(&scenario::TIMEOUT);
}

#[test]
fn listener_refused() {
    play(&scenario::LISTENER_REFUSED);
}

#[test]
fn redispatched() {
    play(&scenario::REDISPATCHED);
}

#[test]
fn tracked_server_down() {
    play(&scenario::TRACKED_SERVER_DOWN);
}

#[test]
fn unchecked_server_failed() {
    play(&scenario::UNCHECKED_SERVER_FAILED);
}

#[test]
fn dns_resolution_failed() {
    play(&scenario::DNS_RESOLUTION_FAILED);
}

#[test]
fn admin_drain() {
    play(&scenario::ADMIN_DRAIN);
}

#[test]
fn admin_maintenance() {
    play(&scenario::ADMIN_MAINTENANCE);
}

#[test]
fn agent_down() {
    play(&scenario::AGENT_DOWN);
}

#[test]
fn connect_timeout() {
    play(&scenario::CONNECT_TIMEOUT);
}

#[test]
fn local_port_exhaustion() {
    play(&scenario::LOCAL_PORT_EXHAUSTION);
}

#[test]
fn socket_error() {
    play(&scenario::SOCKET_ERROR);
}

#[test]
fn application_503() {
    play(&scenario::APPLICATION_503);
}

#[test]
fn denied_by_rule() {
    play(&scenario::DENIED_BY_RULE);
}

#[test]
fn observe_marked_down() {
    play(&scenario::OBSERVE_MARKED_DOWN);
}

#[test]
fn queue_timeout() {
    play(&scenario::QUEUE_TIMEOUT);
}

#[test]
fn benign_nosrv() {
    play(&scenario::BENIGN_NOSRV);
}

#[test]
fn healthy() {
    play(&scenario::HEALTHY);
}

#[test]
fn rolling_restart() {
    play(&scenario::ROLLING_RESTART);
}

#[test]
fn misrouted() {
    play(&scenario::MISROUTED);
}

#[test]
fn no_route() {
    play(&scenario::NO_ROUTE);
}

#[test]
fn no_servers_configured() {
    play(&scenario::NO_SERVERS_CONFIGURED);
}

#[test]
fn reload_rejected() {
    play(&scenario::RELOAD_REJECTED);
}

#[test]
fn network_unreachable() {
    play(&scenario::NETWORK_UNREACHABLE);
}

#[test]
fn haproxy_down() {
    play(&scenario::HAPROXY_DOWN);
}

#[test]
fn startup_window() {
    play(&scenario::STARTUP_WINDOW);
}

#[test]
fn connect_not_permitted() {
    play(&scenario::CONNECT_NOT_PERMITTED);
}

#[test]
fn denied_elsewhere() {
    play(&scenario::DENIED_ELSEWHERE);
}

#[test]
fn process_limits() {
    play(&scenario::PROCESS_LIMITS);
}

#[test]
fn limit_of_clients() {
    play(&scenario::LIMIT_OF_CLIENTS);
}

#[test]
fn stale_address() {
    play(&scenario::STALE_ADDRESS);
}

#[test]
fn name_unchanged() {
    play(&scenario::NAME_UNCHANGED);
}

#[test]
fn stale_process() {
    play(&scenario::STALE_PROCESS);
}

#[test]
fn finishing_worker() {
    play(&scenario::FINISHING_WORKER);
}

/// They wait more than they work: several at a time keep the run short.
#[test]
fn mixed() {
    let waiting = Mutex::new(chosen());
    let next = || waiting.lock().unwrap().pop();
    let wrong = Mutex::new(Vec::new());
    let work = || {
        while let Some(scenario) = next() {
            let why = match thread::scope(|scope| scope.spawn(|| explained(&scenario)).join()) {
                Ok(Ok(())) => continue,
                Ok(Err(why)) => why,
                Err(_) => format!("{}: the run itself failed", scenario.folder),
            };
            wrong.lock().unwrap().push(why);
        }
    };
    thread::scope(|scope| {
        for _ in 0..MIXED_AT_ONCE {
            scope.spawn(work);
        }
    });
    let wrong = wrong.into_inner().unwrap();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn native_journals() {
    journal::compare();
}

#[test]
fn routing() {
    route::compare();
}

#[test]
fn checks_on_paper() {
    check::compare();
}

#[test]
fn log_formats_are_read_as_haproxy_prints_them() {
    formats::play();
}

#[test]
fn modes_of_journalctl() {
    carriers::journalctl();
}

#[test]
fn templates_of_rsyslog() {
    carriers::rsyslog();
}

#[test]
fn answers_of_the_runtime_socket() {
    dumps::compare();
}

#[test]
fn figures_are_those_of_halog() {
    halog::compare();
}
