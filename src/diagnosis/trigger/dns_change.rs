//! The answer for a server's name changed.
//!
//! Looks alike: the first answer after a start (`changed its IP from (none)`), and the answer that ended the incident; HAProxy's
//! own `DNS NX status`, which is the mechanism and tells nothing about what changed in the zone.
//! Known gap: one `dig` shows the present answer, not that it was another one before.

use crate::base::MINUTE;
use crate::base::Precision;
use crate::capture::Capture;
use crate::capture::Lookup;
use crate::diagnosis::Case;
use crate::diagnosis::Tie;
use crate::diagnosis::Trigger;
use crate::diagnosis::TriggerFinding;
use crate::diagnosis::before;
use crate::event::host::HostKind;

pub(super) const TRIGGER: Trigger = Trigger {
    id: "dns-change",
    title: "a server's name got another answer",
    why: "A changed record takes effect after `hold` and the resolver's cache, or, without `resolvers`, at the next start. Check the \
          zone, and let a new address serve before the old one goes. Evidence: lines of the name server or resolver, an address \
          change in HAProxy's log, or two captured lookups that differ.",
    find,
};

/// Records live in caches, and in HAProxy for `hold`; thirty seconds by default, minutes in many set-ups.
const EARLIER: i64 = 5 * MINUTE;

fn find(case: &Case<'_>, cause: &str) -> Option<TriggerFinding> {
    if !["dns-resolution-failed", "stale-address"].contains(&cause) {
        return by_move(case, cause);
    }
    by_address(case)
        .or_else(|| by_host(case))
        .or_else(|| by_lookups(case))
}

/// Causes of a server that a new address leads to, when nobody, or somebody else, is there.
const MOVED: [&str; 7] = [
    "listener-refused",
    "connect-timeout",
    "network-unreachable",
    "check-tls-failure",
    "check-http-status",
    "check-response-invalid",
    "check-timeout",
];

/// HAProxy took another address for a server from its resolvers, and lost it at the checks of that one: not before it, not by a
/// command, and not longer ago than the checks take.
fn by_move(case: &Case<'_>, cause: &str) -> Option<TriggerFinding> {
    if !MOVED.contains(&cause) {
        return None;
    }
    let loss = case.last_straw()?;
    let (lost, story) = (loss.at?, case.story(loss.server)?);
    let since = lost - before::detection(case, loss.server) - before::CLOCKS;
    let known = |text: &str| !text.is_empty() && text != "(none)";
    let (at, from, to, _, cite) = story.addresses.iter().rev().find(|(at, from, to, by, _)| {
        let is_near = at.is_some_and(|at| since <= at && at <= lost);
        is_near && known(from) && known(to) && !by.contains("command") && !by.contains("Lua")
    })?;
    Some(TriggerFinding {
        at: *at,
        precision: Precision::Second,
        tie: Tie::Named,
        explanation: format!(
            "the address of {} changed from {from} to {to} just before its checks failed",
            loss.server
        ),
        cites: vec![cite.clone()],
    })
}

fn by_address(case: &Case<'_>) -> Option<TriggerFinding> {
    let start = case.start()?;
    let pool = case.pool?;
    let known = |text: &str| !text.is_empty() && text != "(none)";
    let changes = pool
        .servers
        .iter()
        .flat_map(|(name, story)| story.addresses.iter().map(move |change| (name, change)));
    let (name, (at, from, to, _, cite)) = changes
        .filter(|(_, (at, from, to, ..))| {
            known(from)
                && known(to)
                && at.is_some_and(|at| start - EARLIER <= at && at <= start + before::CLOCKS)
        })
        .max_by_key(|(_, (at, ..))| *at)?;
    Some(TriggerFinding {
        at: *at,
        precision: Precision::Second,
        tie: Tie::Named,
        explanation: format!("the address of {name} changed from {from} to {to} just before"),
        cites: vec![cite.clone()],
    })
}

fn by_host(case: &Case<'_>) -> Option<TriggerFinding> {
    let start = case.start()?;
    let events = before::host_events(
        case,
        &[HostKind::Dns],
        (start - EARLIER, start + before::CLOCKS),
    );
    let (_, event, host) = events.last()?;
    let subject = if host.subject.is_empty() {
        "name service"
    } else {
        &host.subject
    };
    Some(TriggerFinding {
        at: event.at,
        precision: event.precision,
        tie: Tie::Kind,
        explanation: format!("the name service reported a change of {subject} just before"),
        cites: vec![event.cite.clone()],
    })
}

fn by_lookups(case: &Case<'_>) -> Option<TriggerFinding> {
    let documents = &case.bundle.documents;
    let lookups: Vec<(u32, &Lookup)> = documents
        .captures
        .iter()
        .filter_map(|doc| match &doc.capture {
            Capture::Lookup(lookup) => Some((doc.source, lookup)),
            _ => None,
        })
        .collect();
    let asked = |name: &str| {
        let bare = name.trim_end_matches('.');
        case.proxy.is_some_and(|p| {
            p.servers
                .iter()
                .any(|s| s.address.trim_end_matches('.') == bare)
        })
    };
    let (a, b) = lookups.iter().find_map(|(source, a)| {
        let (other, b) = lookups
            .iter()
            .find(|(_, b)| b.name == a.name && b.at != a.at && answer(b) != answer(a))?;
        asked(&a.name).then_some(((*source, *a), (*other, *b)))
    })?;
    Some(TriggerFinding {
        at: None,
        precision: Precision::Second,
        tie: Tie::Kind,
        explanation: format!(
            "{} was answered in two ways while this was captured",
            a.1.name
        ),
        cites: vec![documents.cite(a.0, a.1.at), documents.cite(b.0, b.1.at)],
    })
}

fn answer(lookup: &Lookup) -> (&str, Vec<&str>) {
    let mut addresses: Vec<&str> = lookup.addresses.iter().map(String::as_str).collect();
    addresses.sort_unstable();
    (&lookup.status, addresses)
}

#[cfg(test)]
mod tests {
    use super::TRIGGER;
    use crate::testing;
    use crate::testing::{host_line, nosrv};

    const GONE: &str = "haproxy[3028]: Server be_app/app1 is going DOWN for maintenance (DNS NX status). 0 active and 0 backup servers left. 0 sessions active, 0 requeued, 0 remaining in queue.";

    fn found(lines: &[String]) -> bool {
        testing::with_case(&[("journal.txt", &lines.concat())], |case| {
            (TRIGGER.find)(case, "dns-resolution-failed").is_some()
        })
    }

    #[test]
    fn a_zone_that_was_loaded_just_before_is_found() {
        let zone = host_line(
            30,
            "ns1",
            "named[700]: zone example.com/IN: loaded serial 2026060501",
        );
        assert!(found(&[zone, host_line(41, "proxy01", GONE), nosrv(42)]));
    }

    #[test]
    fn a_new_address_whose_checks_fail_at_once_is_found_and_one_after_the_loss_or_by_a_command_is_not()
     {
        let finds = |second, by: &str| {
            let text = format!(
                "haproxy[3028]: be_app/app1 changed its IP from 192.0.2.9 to 192.0.2.11 by {by}."
            );
            let lines = [
                host_line(second, "proxy01", &text),
                testing::down(41, "app1", testing::REFUSED),
                nosrv(42),
            ];
            testing::with_case(&[("journal.txt", &lines.concat())], |case| {
                (TRIGGER.find)(case, "listener-refused").is_some()
            })
        };
        assert!(finds(38, "lan/ns1"));
        assert!(!finds(43, "lan/ns1"));
        assert!(!finds(20, "lan/ns1"));
        assert!(!finds(38, "stats socket command"));
    }

    #[test]
    fn the_answer_that_ends_it_and_first_answers_are_none() {
        let first = host_line(
            30,
            "proxy01",
            "haproxy[3028]: be_app/app1 changed its IP from (none) to 192.0.2.11 by lan/ns1.",
        );
        let again = first.replace("21:53:30", "21:53:50");
        assert!(!found(&[
            first,
            host_line(41, "proxy01", GONE),
            nosrv(42),
            again
        ]));
    }
}
