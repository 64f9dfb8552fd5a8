//! The network says that there is no way to the server: no route, or no neighbour answers for its address.
//!
//! Looks alike: `connect-timeout` (nobody says anything); `General socket error (Permission denied)`, which is local policy.
//! An ARP failure takes the kernel about three seconds: a check that is shorter ends as `L4TOUT`, so one pool can show
//! `L4TOUT` and "No route to host" together; the text that names the network decides for both.
//! Known gap: a router's "host unreachable" and a failed ARP have the same text; only their duration differs.

use crate::base::MINUTE;
use crate::diagnosis::Advice;
use crate::diagnosis::Case;
use crate::diagnosis::Cause;
use crate::diagnosis::Loss;
use crate::diagnosis::Verdict;
use crate::diagnosis::cause::by_check;
use crate::diagnosis::pool;
use crate::diagnosis::reason;
use crate::diagnosis::reason::Fault;
use crate::diagnosis::target;
use crate::diagnosis::target::Target;
use crate::event::message::CheckReport;
use crate::event::message::CheckStatus;
use crate::incident::Reason;
use crate::incident::Story;

/// Linux gives up on ARP after three probes, one second apart: a timeout later than this is not one.
const ARP_MS: u32 = 3500;
/// Texts of other checks count for a timeout this close to them.
const BESIDE: i64 = 5 * MINUTE;
/// Servers that get a command of their own.
const SERVERS_MAX: usize = 2;

pub(super) const CAUSE: Cause = Cause {
    id: "network-unreachable",
    title: "the network had no way to the servers",
    why: "`connect()` fails with the network's own error: the proxy's host has no route to the address (\"Network is \
          unreachable\", at once), a router says so, or no neighbour answers ARP for it (\"No route to host\", after up to three \
          seconds): host off, on another segment, link or VLAN down. After `fall` failed checks the server is DOWN.",
    fix: "repair route, interface or address: on the proxy's host first, then on the servers'",
    evidence: "check status L4CON with info \"No route to host\", \"Network is unreachable\" or \"General socket error (Network \
               is unreachable)\"",
    source: "HAProxy src/proto_tcp.c, src/check.c; seen on 1.8 to 3.4",
    blames: Some(blames),
    examine,
    advise,
};

/// The server was lost to the network.
pub(super) fn blames(case: &Case<'_>, loss: &Loss<'_>) -> bool {
    by_check(case, loss).is_some_and(|report| said(report) || is_arp(case, loss, report))
}

fn said(report: &CheckReport) -> bool {
    let connecting = matches!(report.status, CheckStatus::L4Con | CheckStatus::SockErr);
    connecting && reason::fault(report) == Fault::Network
}

/// A short timeout, and other checks of the same pool named the network at that time.
fn is_arp(case: &Case<'_>, loss: &Loss<'_>, report: &CheckReport) -> bool {
    let short = report.duration_ms.is_none_or(|ms| ms <= ARP_MS);
    report.status == CheckStatus::L4Tout
        && short
        && case
            .pool
            .into_iter()
            .flat_map(|pool| pool.servers.values())
            .any(|story| named_near(story, loss.at))
}

fn named_near(story: &Story, at: Option<i64>) -> bool {
    let near = |other: Option<i64>| match (at, other) {
        (Some(at), Some(other)) => (at - other).abs() <= BESIDE,
        _ => true,
    };
    let by_change = |reason: &Reason| matches!(reason, Reason::Check(report) if said(report));
    story
        .changes
        .iter()
        .any(|change| near(change.at) && by_change(&change.reason))
        || story
            .checks
            .iter()
            .any(|(at, line, _)| near(*at) && !line.passed && said(&line.report))
}

fn examine(case: &Case<'_>) -> Verdict {
    if !case.losses.iter().any(|loss| blames(case, loss))
        && let Some(verdict) = pool::wordless(case, "a missing route or neighbour reads so too")
    {
        return verdict;
    }
    let info = pool::telling(case, blames)
        .and_then(|loss| by_check(case, loss))
        .map(|report| report.info.as_str())
        .filter(|info| !info.is_empty())
        .unwrap_or("No route to host");
    let how = format!("the network had no way to the address (\"{info}\")");
    pool::examine(case, blames, &how)
}

fn advise(case: &Case<'_>, advice: &mut Advice) {
    advice.step("on the proxy's host: see whether the interface and the route towards the servers are there (`ip -br addr`, `ip route`)");
    advice.step("then see whether the servers' hosts are up, on the same segment or VLAN, and hold their addresses");
    for loss in case
        .losses
        .iter()
        .filter(|loss| blames(case, loss))
        .take(SERVERS_MAX)
    {
        let Some(at) = Target::of(case, loss.server) else {
            continue;
        };
        let host = target::word(&at.host);
        advice.verify(format!(
            "ip route get {host}; ip neigh show {host}    # \"unreachable\": no route; FAILED or INCOMPLETE: no neighbour answers"
        ));
    }
}

#[cfg(test)]
mod tests {
    use crate::testing;
    use crate::testing::lost_to;

    #[test]
    fn the_networks_own_words_are_found() {
        for info in [
            "No route to host",
            "General socket error (Network is unreachable)",
            "Host is unreachable at step 1 of tcp-check (connect)",
        ] {
            let log = lost_to(&format!(
                "Layer4 connection problem, info: \"{info}\", check duration: 639ms"
            ));
            let incident = testing::concludes(&[("haproxy.log", &log)], "network-unreachable");
            assert!(incident.cause.confidence > 0.9);
        }
    }

    #[test]
    fn a_local_ban_with_the_same_first_words_is_another_cause() {
        let log = lost_to(
            r#"Layer4 connection problem, info: "General socket error (Permission denied)", check duration: 0ms"#,
        );
        testing::rules_out(&[("haproxy.log", &log)], "network-unreachable");
    }

    const FIRST: &str = "Jun 05 21:53:40 proxy01 haproxy[3028]: Server be_app/app2 is DOWN, reason: Layer4 connection problem, info: \"No route to host\", check duration: 2999ms. 1 active and 0 backup servers left. 0 sessions active, 0 requeued, 0 remaining in queue.\n";

    #[test]
    fn a_short_timeout_beside_it_is_the_same_failure() {
        let log = format!(
            "{FIRST}{}",
            lost_to("Layer4 timeout, check duration: 2001ms")
        );
        testing::concludes(&[("haproxy.log", &log)], "network-unreachable");
    }

    #[test]
    fn a_timeout_longer_than_arp_is_not() {
        let log = format!(
            "{FIRST}{}",
            lost_to("Layer4 timeout, check duration: 5001ms")
        );
        let incident = testing::rules_out(&[("haproxy.log", &log)], "network-unreachable");
        assert_eq!(incident.cause.id, "connect-timeout");
        let own: Vec<_> = incident
            .servers
            .iter()
            .map(|s| s.cause.as_deref())
            .collect();
        assert_eq!(own, [Some("connect-timeout"), Some("network-unreachable")]);
    }

    #[test]
    fn the_status_without_its_text_cannot_tell() {
        let log = lost_to("Layer4 connection problem, check duration: 640ms");
        testing::concludes(&[("haproxy.log", &log)], "insufficient-evidence");
    }
}
