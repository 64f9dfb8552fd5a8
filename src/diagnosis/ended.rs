//! How the service of a failed server ended: stopped in order, crashed, killed for memory, or with its host.
//!
//! A killed unit also logs `Failed with result` and, restarted by systemd, `Stopped`; a unit that did not end in time after an
//! operator's stop is killed and fails. What came first on the unit tells; memory beats both when it is seconds away.

use crate::base::MINUTE;
use crate::base::SECOND;
use crate::diagnosis::Case;
use crate::diagnosis::Tie;
use crate::diagnosis::TriggerFinding;
use crate::diagnosis::before;
use crate::diagnosis::before::Role;
use crate::diagnosis::before::Sign;
use crate::event::host::HostEvent;
use crate::event::host::HostKind;
use crate::event::message::ProcessChange;
use crate::incident::Happening;
use std::collections::BTreeMap;

/// How it ended; in case of doubt the lesser one wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum How {
    /// The host went down or booted.
    Rebooted,
    /// The kernel or systemd-oomd killed it.
    Oom,
    /// Signal or exit code.
    Crashed,
    /// In order.
    Stopped,
}

/// A kill for memory and the unit's own lines are this close.
const OOM_WITHIN: i64 = 10 * SECOND;
/// A host that goes down stops its units within this time; so long also lasts one stop or restart of a unit.
const SHUTDOWN_WITHIN: i64 = 2 * MINUTE;

const KINDS: &[HostKind] = &[
    HostKind::UnitStopped,
    HostKind::UnitFailed,
    HostKind::OomKill,
    HostKind::ShuttingDown,
    HostKind::Booted,
];

/// Causes that a service which is gone leads to by itself.
const GONE: [&str; 4] = [
    "listener-refused",
    "unchecked-server-failed",
    "tracked-server-down",
    "check-timeout",
];
/// Causes that it leads to in some set-ups only (a container's address goes with it, a proxy stands before it): there the host must be the server's.
const PERHAPS: [&str; 9] = [
    "connect-timeout",
    "network-unreachable",
    "check-http-status",
    "check-response-invalid",
    "check-tls-failure",
    "observe-marked-down",
    "application-503",
    "agent-down",
    "external-check-failed",
];

/// Lines about one unit of one host.
#[derive(Debug)]
struct Chain<'a> {
    how: How,
    events: Vec<Line<'a>>,
    sign: Sign<'a>,
    tie: Tie,
}

/// The end of a service that set the incident off, when it ended in this way.
pub(super) fn find(case: &Case<'_>, cause: &str, how: How) -> Option<TriggerFinding> {
    if cause == "haproxy-down" {
        return of_haproxy(case, how);
    }
    let exact = GONE.contains(&cause);
    if !exact && !PERHAPS.contains(&cause) {
        return None;
    }
    let signs = before::signs(case);
    let mut chains = chains(case, &signs);
    let silent = ["connect-timeout", "network-unreachable"].contains(&cause);
    chains
        .retain(|chain| exact || chain.tie == Tie::Named || (silent && chain.how == How::Rebooted));
    // The server whose loss emptied the pool decides; else the end nearest to a first effect.
    let last = case.last_straw().map(|loss| loss.server);
    let decides = chains.iter().min_by_key(|chain| {
        let first = chain.events.first().map_or(i64::MAX, |(at, ..)| *at);
        let is_last = last.is_some_and(|last| chain.tie == Tie::Named && chain.sign.server == last);
        (
            chain.tie,
            !is_last,
            (chain.sign.at - first).abs(),
            chain.how,
        )
    })?;
    if decides.how != how {
        return None;
    }
    let tie = decides.tie;
    let same: Vec<&Chain<'_>> = chains
        .iter()
        .filter(|chain| chain.how == how && chain.tie == tie)
        .collect();
    let earliest = same.iter().filter_map(|chain| chain.events.first());
    let (_, first, host) = earliest.min_by_key(|(at, ..)| *at)?;
    let hosts: std::collections::BTreeSet<&str> = same
        .iter()
        .filter_map(|chain| chain.events.first())
        .map(|(_, event, _)| &*event.host)
        .collect();
    let events = same
        .iter()
        .flat_map(|chain| chain.events.iter().take(2))
        .map(|(_, event, _)| *event);
    Some(TriggerFinding {
        at: first.at,
        precision: first.precision,
        tie,
        explanation: explanation(how, host, &hosts, decides.sign.server),
        cites: before::cites(events),
    })
}

fn explanation(
    how: How,
    event: &HostEvent,
    hosts: &std::collections::BTreeSet<&str>,
    server: &str,
) -> String {
    let hosts: Vec<&str> = hosts
        .iter()
        .copied()
        .filter(|host| !host.is_empty())
        .collect();
    let on = if hosts.is_empty() {
        String::new()
    } else {
        format!(" on {}", hosts.join(", "))
    };
    let subject = if event.subject.is_empty() {
        "a process"
    } else {
        &event.subject
    };
    let before = if server.is_empty() {
        "just before requests failed".to_owned()
    } else {
        format!("just before {server} was lost")
    };
    match how {
        How::Rebooted if hosts.is_empty() => {
            format!("the server's host went down or booted {before}")
        }
        How::Rebooted => format!("{} went down or booted {before}", hosts.join(", ")),
        How::Oom => format!("{subject} was killed for want of memory{on} {before}"),
        How::Crashed => format!("{subject} ended by itself, not in order,{on} {before}"),
        How::Stopped => format!("{subject} was stopped{on} {before}"),
    }
}

/// Ends of services on hosts that fit, at most one per host and unit.
fn chains<'a>(case: &'a Case<'_>, signs: &[Sign<'a>]) -> Vec<Chain<'a>> {
    let Some((from, to)) = before::span(signs) else {
        return Vec::new();
    };
    let end = case.incident.window.end.unwrap_or(to).max(to);
    let mut hosts = BTreeMap::<&str, Vec<Line<'_>>>::new();
    for (at, event, host) in before::host_events(case, KINDS, (from, end)) {
        hosts
            .entry(&event.host)
            .or_default()
            .push((at, event, host));
    }
    let mut all = Vec::new();
    for (name, events) in hosts {
        let tie = match before::role(case, signs, name) {
            Role::Server(_) => Tie::Named,
            Role::Other | Role::Unknown => Tie::Kind,
            Role::Proxy if signs.iter().any(|sign| before::is_local(case, sign.server)) => {
                Tie::Kind
            }
            Role::Proxy | Role::Stranger => continue,
        };
        let own: Vec<&Sign<'a>> = match before::role(case, signs, name) {
            Role::Server(server) => signs.iter().filter(|s| s.server == server).collect(),
            _ => signs.iter().collect(),
        };
        for sign in own {
            all.extend(on_host(&events, sign, tie));
        }
    }
    all
}

/// A line of a host, with its time.
type Line<'a> = (i64, &'a Happening, &'a HostEvent);

/// The units' ends on one host before one first effect.
fn on_host<'a>(events: &[Line<'a>], sign: &Sign<'a>, tie: Tie) -> Vec<Chain<'a>> {
    let fits = |at: i64| sign.from <= at && at <= sign.at + before::CLOCKS;
    let mut units = BTreeMap::<&str, Vec<Line<'a>>>::new();
    for &(at, event, host) in events {
        let is_unit = matches!(host.kind, HostKind::UnitStopped | HostKind::UnitFailed);
        if is_unit && fits(at) && before::is_application(&host.subject) {
            let lines = units.entry(&host.subject).or_default();
            lines.push((at, event, host));
        }
    }
    let killed: Vec<Line<'a>> = events
        .iter()
        .filter(|(at, _, host)| {
            host.kind == HostKind::OomKill && fits(*at) && !before::is_haproxy(&host.subject)
        })
        .copied()
        .collect();
    let mut ends: Vec<(&str, How, Vec<Line<'a>>)> = units
        .into_iter()
        .filter_map(|(subject, lines)| {
            let (how, lines) = of_unit(events, &killed, lines)?;
            Some((subject, how, lines))
        })
        .collect();
    // After a crash, old systemd says `Stopped <description>` when it starts the unit again.
    let crashed = ends.iter().any(|(_, how, _)| *how != How::Stopped);
    ends.retain(|(subject, how, _)| !crashed || *how != How::Stopped || subject.contains('.'));
    if ends.is_empty() && !killed.is_empty() {
        ends.push(("", How::Oom, killed));
    } else if ends.is_empty() {
        let down = went_down(events, sign).map(|down| ("", How::Rebooted, vec![down]));
        ends.extend(down);
    }
    ends.into_iter()
        .map(|(_, how, events)| Chain {
            how,
            events,
            sign: sign.clone(),
            tie,
        })
        .collect()
}

/// How one unit ended, by its first line and what else its host says; `None`: it only finished.
fn of_unit<'a>(
    host: &[Line<'a>],
    killed: &[Line<'a>],
    lines: Vec<Line<'a>>,
) -> Option<(How, Vec<Line<'a>>)> {
    let &(first, _, event) = lines.first()?;
    let with_host = host.iter().find(|(at, _, host)| {
        host.kind == HostKind::ShuttingDown && (at - first).abs() <= SHUTDOWN_WITHIN
    });
    if let Some(&down) = with_host {
        return Some((How::Rebooted, vec![down]));
    }
    let oom: Vec<Line<'a>> = killed
        .iter()
        .filter(|(at, ..)| (at - first).abs() <= OOM_WITHIN)
        .copied()
        .collect();
    if !oom.is_empty() {
        return Some((How::Oom, [oom, lines].concat()));
    }
    // A oneshot that has done its work says so too, without `Stopping` or `Stopped`.
    if lines.iter().all(|(_, event, _)| is_finish(event)) {
        return None;
    }
    match event.kind {
        HostKind::UnitFailed => Some((How::Crashed, lines)),
        _ => Some((How::Stopped, lines)),
    }
}

/// A shutdown before the first effect, or a boot after it that no later shutdown, a repair, led to.
///
/// Not journalctl's mark `-- Boot … --`: in a merged journal it comes at every change of host, and at its head it is old.
fn went_down<'a>(events: &[Line<'a>], sign: &Sign<'_>) -> Option<Line<'a>> {
    for &(at, event, host) in events.iter().filter(|(at, ..)| sign.from <= *at) {
        let late = at > sign.at + before::CLOCKS;
        match host.kind {
            HostKind::ShuttingDown if late => return None,
            HostKind::ShuttingDown => return Some((at, event, host)),
            HostKind::Booted if host.subject.is_empty() => return Some((at, event, host)),
            _ => {}
        }
    }
    None
}

fn is_finish(event: &Happening) -> bool {
    event.cite.text.contains(": Deactivated successfully")
        || event.cite.text.ends_with(": Succeeded.")
}

/// The end of HAProxy itself, on its own host.
fn of_haproxy(case: &Case<'_>, how: How) -> Option<TriggerFinding> {
    let sign = case.start()?;
    let span = (sign - MINUTE - before::CLOCKS, sign + before::CLOCKS);
    let events: Vec<_> = before::host_events(case, KINDS, span).collect();
    let own = |kind: HostKind| {
        events
            .iter()
            .filter(move |(_, _, host)| host.kind == kind && before::is_haproxy(&host.subject))
    };
    let stopped = own(HostKind::UnitStopped).next();
    let failed = own(HostKind::UnitFailed).next();
    let killed = own(HostKind::OomKill).next();
    let down = events.iter().find(|(_, _, host)| {
        host.kind == HostKind::ShuttingDown
            || (host.kind == HostKind::Booted && host.subject.is_empty())
    });
    let worker = before::process_changes(case, span).find(|(_, _, change)| {
        matches!(
            change,
            ProcessChange::CurrentWorkerLeft { .. } | ProcessChange::Watchdog
        )
    });
    // A process that ended because it refused its configuration did not crash.
    let refused = before::process_changes(case, span).any(|(_, _, change)| {
        matches!(
            change,
            ProcessChange::ConfigError { .. } | ProcessChange::LoadFailed
        )
    });
    if refused && how == How::Crashed {
        return None;
    }
    let stop_first = match (stopped, failed) {
        (Some((stop, ..)), Some((fail, ..))) => stop < fail,
        (stopped, _) => stopped.is_some(),
    };
    let (found, event) = match (down, killed, worker) {
        (Some(&(_, event, _)), ..) => (How::Rebooted, event),
        (None, Some(&(_, event, _)), _) => (How::Oom, event),
        (None, None, Some((at, event, _))) if stopped.is_none_or(|(stop, ..)| at < *stop) => {
            (How::Crashed, event)
        }
        _ if stop_first => (How::Stopped, stopped?.1),
        _ => (How::Crashed, failed?.1),
    };
    let what = match how {
        How::Rebooted => "the proxy's host went down or booted",
        How::Oom => "HAProxy was killed for want of memory",
        How::Crashed => "HAProxy ended by itself, not in order",
        How::Stopped => "HAProxy was stopped",
    };
    (found == how).then(|| TriggerFinding {
        at: event.at,
        precision: event.precision,
        tie: Tie::Named,
        explanation: what.to_owned(),
        cites: before::cites([event]),
    })
}
