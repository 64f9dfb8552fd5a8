//! One fault seen in several pools, of which no request is known to have failed, is one incident.
//!
//! A row of the report says that clients got errors. Where only messages or dumps show that pools lost their servers, nothing
//! says which of them a client needed: two rows for pools that lost the same servers, or lost theirs for the same reason at the
//! same time, would claim two incidents where one thing broke. The first of them is reported, and names the others. With failed
//! requests in both pools each keeps its own row, joined by `fault`.
//!
//! In a paste without any times even different symptoms need not be different faults, if both are of the connection: a path that
//! is blocked shows as `Layer4 timeout` where a packet filter drops, as "Connection refused" where it answers with a reset, and as
//! "No route to host" where it, or a router, answers with ICMP. Whether the two were lost together or on different days, nothing
//! says; so no second incident is claimed, and the first names the other pool with its own cause. Times would tell, and so does
//! something that was seen to break one of them.

use crate::base::Cite;
use crate::base::MINUTE;
use crate::diagnosis::Case;
use crate::diagnosis::Conclusion;
use crate::diagnosis::target;
use crate::incident::Basis;
use crate::incident::Bundle;
use crate::incident::Incident;
use std::collections::BTreeSet;

/// Lines cited for one other pool.
const CITES: usize = 2;

/// Another pool that the same fault hit, without a failed request to show for it.
#[derive(Clone, Debug)]
pub struct Also {
    /// Its backend.
    pub backend: String,
    /// Its own cause.
    pub cause: &'static str,
    /// When its first server went, UTC.
    pub at: Option<i64>,
    /// Lines that show it.
    pub cites: Vec<Cite>,
}

/// Takes rows that only repeat an earlier one in another pool into that one.
pub(super) fn fold(
    bundle: &Bundle,
    rows: Vec<(Incident, Conclusion)>,
) -> Vec<(Incident, Conclusion)> {
    let mut kept: Vec<(Incident, Conclusion)> = Vec::with_capacity(rows.len());
    for (incident, conclusion) in rows {
        let first = kept
            .iter_mut()
            .find(|(first, by)| is_same(bundle, (first, by), (&incident, &conclusion)));
        match first {
            Some((_, by)) => by.also.push(Also {
                backend: incident.backend.to_string(),
                cause: conclusion.cause.id,
                at: incident.window.start,
                cites: conclusion.cause.cites.into_iter().take(CITES).collect(),
            }),
            None => kept.push((incident, conclusion)),
        }
    }
    kept
}

fn is_same(
    bundle: &Bundle,
    (first, by): (&Incident, &Conclusion),
    (second, other): (&Incident, &Conclusion),
) -> bool {
    let is_shown = |incident: &Incident| matches!(incident.basis, Basis::Messages | Basis::Dumps);
    let is_claimed = |conclusion: &Conclusion| conclusion.cause.id != "insufficient-evidence";
    let near = match (first.window.start, second.window.start) {
        (Some(a), Some(b)) => (a - b).abs() <= MINUTE,
        (None, None) => true,
        _ => false,
    };
    is_shown(first)
        && is_shown(second)
        && is_claimed(by)
        && near
        && first.host == second.host
        && first.backend != second.backend
        && (by.cause.id == other.cause.id
            || share_servers(bundle, first, second)
            || is_one_path((first, by), (second, other)))
}

/// Causes that one blocked path can show as, each in another pool.
const OF_THE_PATH: [&str; 3] = ["connect-timeout", "listener-refused", "network-unreachable"];

/// No times, no trigger, and both pools could not be connected to.
fn is_one_path(
    (first, by): (&Incident, &Conclusion),
    (second, other): (&Incident, &Conclusion),
) -> bool {
    let untimed = first.window.start.is_none() && second.window.start.is_none();
    let known = by.trigger.is_some() || other.trigger.is_some();
    untimed
        && !known
        && [by, other]
            .iter()
            .all(|c| OF_THE_PATH.contains(&c.cause.id))
}

/// Servers that both pools lost, by the host of their address where that is known, else by name: pools of one machine differ by
/// port. A pool that is said to be empty without a word about its servers lost all of them.
fn share_servers(bundle: &Bundle, first: &Incident, second: &Incident) -> bool {
    let machines = |incident| {
        let case = Case::new(bundle, incident);
        let mut lost: Vec<&str> = case.losses.iter().map(|loss| loss.server).collect();
        if lost.is_empty() {
            lost = case.server_names();
        }
        let of = |name| {
            case.address(name)
                .map_or(name.to_owned(), |address| target::split(&address).0)
        };
        lost.into_iter().map(of).collect::<BTreeSet<String>>()
    };
    !machines(first).is_disjoint(&machines(second))
}

#[cfg(test)]
mod tests {
    use crate::testing;

    fn down(backend: &str, server: &str, second: u32, reason: &str) -> String {
        testing::down(second, server, reason).replace("be_app", backend)
    }

    #[test]
    fn two_pools_of_one_fault_without_a_failed_request_are_one_incident() {
        let log = down("be_read", "db1", 41, testing::REFUSED)
            + &down("be_write", "db1", 42, testing::REFUSED);
        let incident = testing::concludes(&[("a.log", &log)], "listener-refused");
        assert_eq!(incident.backend.as_deref(), Some("be_read"));
        assert_eq!(incident.also[0].backend, "be_write");
        assert_eq!(incident.also[0].cause, "listener-refused");
    }

    #[test]
    fn the_same_machine_with_another_symptom_is_the_same_fault() {
        let log = down("be_read", "db1", 41, testing::REFUSED)
            + &down("be_write", "db1", 42, "Layer4 timeout");
        let incident = testing::concludes(&[("a.log", &log)], "listener-refused");
        assert_eq!(incident.also[0].cause, "connect-timeout");
    }

    #[test]
    fn a_pool_of_the_same_machine_that_is_just_said_to_be_empty_is_the_same_fault() {
        let config = "defaults\n mode tcp\nbackend be_read\n server db1 192.0.2.9:3306 check\nbackend be_api\n server a 192.0.2.9:80 check\n";
        let log = down("be_read", "db1", 41, testing::REFUSED)
            + "2026-06-05T21:53:42.000000+00:00 proxy01 haproxy[3028]: backend be_api has no server available!\n";
        let files = [("a.log", &*log), ("haproxy.cfg", config)];
        let incident = testing::concludes(&files, "listener-refused");
        assert_eq!(incident.also[0].backend, "be_api");
        assert_eq!(incident.also[0].cause, "insufficient-evidence");
    }

    #[test]
    fn other_servers_with_another_symptom_are_another_fault() {
        let log = down("be_read", "db1", 41, testing::REFUSED)
            + &down("be_mail", "mx1", 42, "Layer4 timeout");
        assert_eq!(testing::report(&[("a.log", &log)]).incidents.len(), 2);
    }

    /// Lines as `journalctl -o cat` prints them, or as they are pasted: no carrier, no times.
    fn untimed(log: &str) -> String {
        let bodies = log
            .lines()
            .filter_map(|line| line.split_once("haproxy[3028]: "));
        bodies.map(|(_, body)| format!("{body}\n")).collect()
    }

    #[test]
    fn without_times_two_pools_that_cannot_be_connected_to_are_no_two_incidents() {
        let log = untimed(
            &(down("be_api", "a1", 41, "Layer4 timeout")
                + &down("be_events", "b1", 42, testing::REFUSED)),
        );
        let incident = testing::concludes(&[("a.log", &log)], "connect-timeout");
        assert_eq!(incident.also[0].backend, "be_events");
        assert_eq!(incident.also[0].cause, "listener-refused");
    }

    #[test]
    fn without_times_an_answer_that_is_wrong_is_another_fault_than_none() {
        let log = untimed(
            &(down("be_api", "a1", 41, "Layer4 timeout")
                + &down("be_events", "b1", 42, "Layer7 wrong status, code: 500")),
        );
        assert_eq!(testing::report(&[("a.log", &log)]).incidents.len(), 2);
    }

    #[test]
    fn pools_whose_requests_failed_keep_their_rows() {
        let lost = down("be_read", "db1", 41, testing::REFUSED)
            + &down("be_write", "db1", 42, testing::REFUSED);
        let failed = testing::nosrv(43).replace("be_app", "be_read")
            + &testing::nosrv(44).replace("be_app", "be_write");
        let report = testing::report(&[("a.log", &(lost + &failed))]);
        assert_eq!(report.incidents.len(), 2);
        assert!(
            report
                .incidents
                .iter()
                .all(|incident| incident.fault.as_deref() == Some("F1"))
        );
    }
}
