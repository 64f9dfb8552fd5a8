//! What dumps and logs say of the same thing in ways that cannot both be right.
//!
//! Only directions count that no reload, no gap of the log and no later capture explains: a log may cover less than a counter,
//! never more. Times are compared only where a dump carries its own, with a zone.
//! Known gap: after `clear counters all` a counter is smaller than the log; nothing in a dump tells.

use crate::base::Cite;
use crate::base::MINUTE;
use crate::base::Precision;
use crate::base::SECOND;
use crate::base::counted;
use crate::base::rfc3339;
use crate::diagnosis::Case;
use crate::document::DumpDoc;
use crate::dump::Dump;
use crate::event::message::Message;
use crate::event::message::ProcessChange;
use crate::evidence::Step;
use crate::evidence::What;
use crate::incident::{BackendRow, Change, Reason, Snapshot, State, Story};
use std::collections::BTreeSet;

/// Captures take a while, and names of files are given before or after: what is nearer to a dump than this may be on either
/// side of it.
const NEAR: i64 = MINUTE;
/// Zones differ by multiples of this, up to [`ZONE_STEPS_MAX`]: such a shift explains a dump whose clock is another one's.
const ZONE_STEP: i64 = 15 * MINUTE;
/// 26 hours, from UTC-12 to UTC+14.
const ZONE_STEPS_MAX: i64 = 26 * 4;

/// Two artifacts that contradict each other.
#[derive(Clone, Debug)]
pub(super) struct Contradiction {
    /// Both sides, with their numbers.
    pub text: String,
    /// Their lines.
    pub cites: Vec<Cite>,
}

/// The contradictions that bear on an incident, those of times first.
pub(super) fn contradictions(case: &Case<'_>) -> Vec<Contradiction> {
    let mut found = Vec::new();
    found.extend(
        case.bundle
            .documents
            .dumps
            .iter()
            .find_map(|doc| stranger(case, doc)),
    );
    let Some(pool) = case.pool.filter(|_| hosts(case).len() <= 1) else {
        return found;
    };
    for (name, story) in &pool.servers {
        let timed = story.snapshots.iter().filter(|snapshot| snapshot.timed);
        found.extend(
            timed
                .clone()
                .find_map(|s| unseen_change(case, name, story, s)),
        );
    }
    for row in pool.rows.iter().filter(|row| row.timed) {
        let Some(epoch) = epoch(case, row) else {
            continue;
        };
        found.extend(of_backend(case, row, epoch));
        for (name, story) in &pool.servers {
            let same_dump =
                |s: &&Snapshot| s.at == row.at && s.cite.span.source == row.cite.span.source;
            let snapshot = story.snapshots.iter().find(same_dump);
            found.extend(snapshot.and_then(|s| fewer(case, name, story, s, epoch)));
        }
    }
    found
}

/// Hosts whose HAProxy wrote into the logs.
fn hosts<'a>(case: &Case<'a>) -> BTreeSet<&'a str> {
    let events = case.bundle.timeline.events.iter();
    let told = events
        .filter(|event| matches!(event.what, What::Message(_)))
        .map(|event| &*event.host);
    let loads = case.bundle.loads.values();
    let served = loads.flat_map(|load| load.workers.keys().map(|(host, _)| &**host));
    told.chain(served).filter(|host| !host.is_empty()).collect()
}

/// The age of a server's state reaches back over a change that the log shows: `UP for three hours` ten minutes after a DOWN.
fn unseen_change(
    case: &Case<'_>,
    name: &str,
    story: &Story,
    dumped: &Snapshot,
) -> Option<Contradiction> {
    let (at, since) = (dumped.at?, i64::try_from(dumped.since_s?).ok()?);
    let state = dumped.state.filter(|state| is_health(*state))?;
    let began = at - since.checked_mul(SECOND)?;
    let within = |t: i64| t > began + NEAR && t < at - NEAR;
    let unseen = story
        .changes
        .iter()
        .rev()
        .find(|change| is_told(change) && change.at.is_some_and(within))?;
    let other_clock = |t: i64| {
        let (shift, rest) = ((t - began + ZONE_STEP / 2).div_euclid(ZONE_STEP), t - began);
        shift != 0 && shift.abs() <= ZONE_STEPS_MAX && (rest - shift * ZONE_STEP).abs() <= NEAR
    };
    let mut same = story.changes.iter().filter(|change| change.to == state);
    if same.any(|change| change.at.is_some_and(other_clock)) || restarted(case, began, at) {
        return None;
    }
    let seen_at = unseen.at?;
    Some(Contradiction {
        text: format!(
            "a dump taken at {} says that {}/{name} has been {} for {}, but the log has it going {} at {}",
            rfc3339(at, Precision::Second),
            case.incident.backend,
            state.word(),
            counted(since.unsigned_abs(), "second"),
            unseen.to.word(),
            rfc3339(seen_at, Precision::Second),
        ),
        cites: vec![dumped.cite.clone(), unseen.cite.clone()],
    })
}

/// States that health checks decide: ages of maintenance and drain are counted differently from version to version.
fn is_health(state: State) -> bool {
    matches!(state, State::Up | State::Down)
}

/// HAProxy's own message of a change, with the servers that it left.
fn is_told(change: &Change) -> bool {
    change.left.is_some() && is_health(change.to) && matches!(change.reason, Reason::Check(_))
}

/// A process started or was reloaded in between: states may have been handed over, and two processes may have checked.
fn restarted(case: &Case<'_>, from: i64, to: i64) -> bool {
    case.bundle.timeline.events.iter().any(|event| {
        let start = matches!(
            event.what,
            What::Message(Message::Process(
                ProcessChange::WorkerForked { .. }
                    | ProcessChange::LoadingSuccess
                    | ProcessChange::Reloading
                    | ProcessChange::ProxyStarted { .. }
            ))
        );
        start
            && event
                .at
                .is_some_and(|at| at > from - NEAR && at < to + NEAR)
    })
}

/// The time over which the process of a dump counted, as far as the dump shows it: states of backends are never handed over,
/// so the process is at least as old as the oldest. `None` where more than one process wrote into the log meanwhile.
fn epoch(case: &Case<'_>, row: &BackendRow) -> Option<(i64, i64)> {
    let at = row.at?;
    let rows = case.bundle.pools.values().flat_map(|pool| &pool.rows);
    let of_dump =
        rows.filter(|other| other.at == row.at && other.cite.span.source == row.cite.span.source);
    let oldest = of_dump
        .filter_map(|other| other.row.since_change_s())
        .max()?;
    let since = i64::try_from(oldest).ok()?;
    let began = at - since.checked_mul(SECOND)?;
    let loads = case.bundle.loads.values();
    let writers: BTreeSet<u32> = loads
        .flat_map(|load| &load.workers)
        .filter(|(_, tally)| {
            tally
                .times
                .is_some_and(|(first, last)| first < at && last > began)
        })
        .map(|((_, pid), _)| *pid)
        .collect();
    let one = writers.len() <= 1 && !restarted(case, began, at);
    (one && at - NEAR > began + NEAR).then_some((began + NEAR, at - NEAR))
}

/// The whole incident lies in the time over which a dump counted.
fn covers(case: &Case<'_>, epoch: (i64, i64)) -> bool {
    let window = case.incident.window;
    window.start.is_some_and(|start| start >= epoch.0)
        && window.end.is_some_and(|end| end <= epoch.1)
}

/// A server's counters that are smaller than what the log shows of the same process.
fn fewer(
    case: &Case<'_>,
    name: &str,
    story: &Story,
    dumped: &Snapshot,
    epoch: (i64, i64),
) -> Option<Contradiction> {
    let (n_down, down) = downs(story, epoch);
    let (n_refused, refused) = failed(case, name, epoch, &[Step::Refused, Step::ConnectTimeout]);
    let (n_own, own) = failed(case, name, epoch, &[Step::Application]);
    let rewritten = case.bundle.config().is_none_or(sets_status);
    let n_5xx = dumped.n_5xx.filter(|_| !rewritten);
    let n_good = answered(case, name, epoch);
    #[rustfmt::skip]
    let pairs = [
        ("chkdown", dumped.n_down, n_down, "change to DOWN", down),
        ("econ", dumped.n_connect_errors, n_refused, "request that could not connect to it", refused),
        ("hrsp_5xx", n_5xx, n_own, "503 of its own", own),
        ("stot", dumped.n_streams, n_good, "request that it answered", None),
    ];
    pairs
        .into_iter()
        .find_map(|(column, n, logged, what, cite)| {
            let n = n.filter(|n| *n < logged)?;
            let whose = format!("{}/{name}", case.incident.backend);
            Some(Contradiction {
                text: too_few(&whose, column, n, logged, what),
                cites: [Some(dumped.cite.clone()), cite]
                    .into_iter()
                    .flatten()
                    .collect(),
            })
        })
}

/// Logged changes of a server to DOWN by its check, and the first of them.
fn downs(story: &Story, epoch: (i64, i64)) -> (u64, Option<Cite>) {
    let inside = |at: Option<i64>| at.is_some_and(|at| at >= epoch.0 && at <= epoch.1);
    let downs = story
        .changes
        .iter()
        .filter(|change| change.to == State::Down && is_told(change) && inside(change.at));
    let first = downs.clone().next().map(|change| change.cite.clone());
    (downs.count() as u64, first)
}

/// Failures of the incident at one server, and the first of them; none unless the dump counted all through it.
fn failed(case: &Case<'_>, name: &str, epoch: (i64, i64), steps: &[Step]) -> (u64, Option<Cite>) {
    let tallies = case.incident.failures.iter().filter(|(key, _)| {
        covers(case, epoch) && steps.contains(&key.step) && *key.server == *name.as_bytes()
    });
    tallies.fold((0, None), |(n, first), (_, tally)| {
        let first = [first, tally.first.clone()].into_iter().flatten().min();
        (n + tally.n, first)
    })
}

/// Requests that a server answered well.
fn answered(case: &Case<'_>, name: &str, epoch: (i64, i64)) -> u64 {
    let load = case.bundle.loads.get(&case.incident.backend);
    let slots = load.and_then(|load| load.servers.get(name));
    slots
        .into_iter()
        .flatten()
        .filter(|slot| slot.at >= epoch.0 && slot.at + slot.width <= epoch.1)
        .map(|slot| slot.n_good)
        .sum()
}

/// The backend's retries and redispatches that are fewer than those of the failed requests alone.
fn of_backend(case: &Case<'_>, row: &BackendRow, epoch: (i64, i64)) -> Option<Contradiction> {
    if !covers(case, epoch) {
        return None;
    }
    let tallies = case.incident.failures.values();
    let most = tallies.clone().max_by_key(|tally| tally.retries_max)?;
    let n_redispatched = tallies.clone().map(|tally| tally.n_redispatched).sum();
    let redispatched = tallies
        .filter(|tally| tally.n_redispatched > 0)
        .find_map(|t| t.first.clone());
    let pairs = [
        (
            "wretr",
            u64::from(most.retries_max),
            "retry of one request",
            most.first.clone(),
        ),
        (
            "wredis",
            n_redispatched,
            "redispatched request",
            redispatched,
        ),
    ];
    pairs
        .into_iter()
        .find_map(|(column, n_logged, what, cite)| {
            let n = row.row.number(column).filter(|n| *n < n_logged)?;
            Some(Contradiction {
                text: too_few(&case.incident.backend, column, n, n_logged, what),
                cites: [Some(row.cite.clone()), cite]
                    .into_iter()
                    .flatten()
                    .collect(),
            })
        })
}

fn too_few(whose: &str, column: &str, n: u64, n_logged: u64, what: &str) -> String {
    format!(
        "`{column}` of {whose} in a dump taken later is {n}, but the log of the same process shows {} before it (unless the counters were cleared)",
        counted(n_logged, what)
    )
}

/// A rule writes another status into the log than the server sent.
fn sets_status(config: &crate::config::Config) -> bool {
    let rules = config.proxies.iter().flat_map(|proxy| &proxy.rules);
    rules
        .flat_map(|rule| &rule.words)
        .any(|word| word == "set-status")
}

/// `show info` of a process that ran all through the incident, on a host and with a pid that no log knows.
fn stranger(case: &Case<'_>, doc: &DumpDoc) -> Option<Contradiction> {
    let Dump::Info(figures) = &doc.dump else {
        return None;
    };
    let figure = |name: &str| {
        figures
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, v)| v.as_str())
    };
    let (node, pid) = (figure("node")?, figure("Pid")?.parse::<u32>().ok()?);
    let uptime = figure("Uptime_sec")?.parse::<i64>().ok()?;
    let at = case.bundle.clock.stamp(doc.source, doc.taken?.stamp);
    let (start, end) = (case.incident.window.start?, case.incident.window.end?);
    let ran = at - uptime.checked_mul(SECOND)? < start - NEAR && end < at;
    // the host of a container is a number that no carrier writes
    let container = node.len() >= 12 && node.bytes().all(|b| b.is_ascii_hexdigit());
    let short = |host: &str| host.split('.').next().unwrap_or(host).to_ascii_lowercase();
    let hosts = hosts(case);
    let known_host = hosts.is_empty() || hosts.iter().any(|host| short(host) == short(node));
    let loads = case.bundle.loads.values();
    let mut pids: BTreeSet<u32> = loads
        .flat_map(|load| load.workers.keys().map(|(_, pid)| *pid))
        .collect();
    pids.extend(
        case.bundle
            .timeline
            .events
            .iter()
            .filter_map(|event| event.pid),
    );
    pids.remove(&0);
    if !ran || container || node.is_empty() || known_host || pids.is_empty() || pids.contains(&pid)
    {
        return None;
    }
    let step = case.dominant();
    let mut cites = vec![case.bundle.documents.cite(doc.source, doc.at)];
    cites.extend(step.into_iter().flat_map(|step| case.examples(step, 1)));
    let hosts: Vec<&str> = hosts.into_iter().collect();
    Some(Contradiction {
        text: format!(
            "`show info` comes from process {pid} of {node}, which ran all through the incident, but the log was written by {}",
            hosts.join(", ")
        ),
        cites,
    })
}

#[cfg(test)]
mod tests;
