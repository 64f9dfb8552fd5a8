//! The factors, one file per id of the catalogue, and the one table that lists them.

mod aggressive_timers;
mod artifacts_disagree;
mod backup_down;
mod check_elsewhere;
mod checks_disabled;
mod common_failure;
mod config_invalid;
mod detection_gap;
mod flapping;
mod forced_up;
mod known_bug_version;
mod no_backup;
mod no_redispatch;
mod partial_outage;
mod persistence_pinned;
mod redundancy_lost;
mod reload_rejected;
mod role_split_pool;
mod single_server;
mod slow_recovery;
mod stale_worker;
mod wrong_host_header;

use crate::base::Cite;
use crate::base::Place;
use crate::base::printable;
use crate::diagnosis::Case;
use crate::diagnosis::FactorFinding;
use crate::diagnosis::cause;
use crate::evidence::Step;

/// What makes an incident worse, longer or likelier.
#[derive(Debug)]
pub struct Factor {
    /// Stable id; the file is named after it.
    pub id: &'static str,
    /// A few words.
    pub title: &'static str,
    /// What it does, and how to remove it.
    pub why: &'static str,
    /// Looks for it; the second argument is the id of the cause that was concluded.
    pub find: fn(&Case<'_>, &str) -> Option<FactorFinding>,
}

/// The table, in the order of the catalogue.
pub const FACTORS: &[Factor] = &[
    single_server::FACTOR,
    no_backup::FACTOR,
    backup_down::FACTOR,
    check_elsewhere::FACTOR,
    common_failure::FACTOR,
    flapping::FACTOR,
    detection_gap::FACTOR,
    slow_recovery::FACTOR,
    no_redispatch::FACTOR,
    persistence_pinned::FACTOR,
    aggressive_timers::FACTOR,
    checks_disabled::FACTOR,
    forced_up::FACTOR,
    config_invalid::FACTOR,
    stale_worker::FACTOR,
    reload_rejected::FACTOR,
    role_split_pool::FACTOR,
    artifacts_disagree::FACTOR,
    known_bug_version::FACTOR,
    partial_outage::FACTOR,
    wrong_host_header::FACTOR,
    redundancy_lost::FACTOR,
];

/// The incident is about servers that were lost, so that what protects a pool bears on it.
fn is_about_servers(cause: &str) -> bool {
    cause::find(cause).is_some_and(|cause| cause.blames.is_some())
}

/// The pool had no usable server at some time of the incident.
fn emptied(case: &Case<'_>) -> bool {
    case.incident.n_step(Step::NoServer) > 0 || case.losses.iter().any(|loss| loss.left == Some(0))
}

/// Lines of the running configuration.
fn config_cites(case: &Case<'_>, places: impl IntoIterator<Item = Place>) -> Vec<Cite> {
    places
        .into_iter()
        .filter_map(|at| case.bundle.config_cite(at))
        .take(4)
        .collect()
}

/// Servers, with counts, that failed requests were sent to in vain.
fn dead(case: &Case<'_>) -> Vec<(String, u64)> {
    let mut all = std::collections::BTreeMap::<String, u64>::new();
    for (key, tally) in &case.incident.failures {
        let in_vain = matches!(key.step, Step::Refused | Step::ConnectTimeout);
        if in_vain && !key.server.starts_with(b"<") {
            *all.entry(printable(&key.server)).or_default() += tally.n;
        }
    }
    all.into_iter().collect()
}

/// Requests that servers of this backend answered well in the window, by server; slots of 16 seconds that lie in it for a good part.
fn answering<'a>(case: &Case<'a>) -> Vec<(&'a str, u64)> {
    let (Some(load), Some(start), Some(end)) = (
        case.bundle.loads.get(&case.incident.backend),
        case.incident.window.start,
        case.incident.window.end,
    ) else {
        return Vec::new();
    };
    let inside = |at: i64, width: i64| {
        let common = (at + width).min(end) - at.max(start);
        common * 2 >= width.min(end - start)
    };
    let servers = load.servers.iter().map(|(name, cells)| {
        let n = cells
            .iter()
            .filter(|slot| inside(slot.at, slot.width))
            .map(|slot| slot.n_good);
        (&**name, n.sum::<u64>())
    });
    servers
        .filter(|(name, n)| *n > 0 && !name.starts_with('<'))
        .collect()
}

/// The finding without more ado.
fn found(explanation: String, cites: Vec<Cite>) -> Option<FactorFinding> {
    Some(FactorFinding {
        explanation,
        cites,
        avoidable: Vec::new(),
    })
}

#[cfg(test)]
mod fixture {
    //! A small configuration and log for the tests of all factors.

    use super::Factor;
    use crate::testing;

    pub(super) const CONFIG: &str = "frontend fe_app\n    bind :80\n    mode http\n    default_backend be_app\nbackend be_app\n    mode http\n    server app1 192.0.2.11:80 check\n    server app2 192.0.2.12:80 check\n";

    /// A request accepted at 21:53:<second>: `server timers status bytes - - flags`.
    pub(super) fn request(second: u32, ms: u32, tail: &str) -> String {
        format!(
            "2026-06-05T21:53:{second:02}.{ms:03}900+00:00 proxy01 haproxy[3028]: 192.0.2.50:53260 [05/Jun/2026:21:53:{second:02}.{ms:03}] \
             fe_app be_app/{tail} 1/1/0/0/0 0/0 \"GET / HTTP/1.1\"\n"
        )
    }

    /// A request that was answered by a server.
    pub(super) fn good(second: u32, server: &str) -> String {
        request(second, 100, &format!("{server} 0/0/0/5/5 200 900 - - ----"))
    }

    /// A request that a dead server refused.
    pub(super) fn refused(second: u32, server: &str) -> String {
        request(
            second,
            200,
            &format!("{server} 0/0/-1/-1/0 503 217 - - SC--"),
        )
    }

    /// `app1 is UP` or so at 21:53:<second>, that many left.
    pub(super) fn up(second: u32, server: &str, left: u32) -> String {
        format!(
            "2026-06-05T21:53:{second:02}.000000+00:00 proxy01 haproxy[3028]: Server be_app/{server} is UP, reason: Layer7 check passed, \
             code: 200, check duration: 1ms. {left} active and 0 backup servers online. 0 sessions requeued, 0 total in queue.\n"
        )
    }

    /// What the factor says would have been avoided: `by: requests of all if assumption`.
    pub(super) fn avoids(
        factor: &Factor,
        cause: &str,
        config: &str,
        log: &[String],
    ) -> Vec<String> {
        let log = log.concat();
        let files = [("journal.txt", &*log), ("haproxy.cfg", config)];
        let found = testing::with_case(&files, |case| (factor.find)(case, cause));
        let avoidable = found.into_iter().flat_map(|found| found.avoidable);
        avoidable
            .map(|a| format!("{}: {} of {} if {}", a.by, a.requests, a.of, a.assuming))
            .collect()
    }

    /// The factor is there, for a cause.
    pub(super) fn finds(factor: &Factor, cause: &str, config: &str, log: &[String]) -> bool {
        let log = log.concat();
        let mut files = vec![("journal.txt", &*log)];
        if !config.is_empty() {
            files.push(("haproxy.cfg", config));
        }
        testing::with_case(&files, |case| (factor.find)(case, cause).is_some())
    }
}
