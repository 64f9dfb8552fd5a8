//! Evidence, documents and clock -> the bundle that the diagnosis looks at, and its incidents.

use crate::base::Precision;
use crate::base::SECOND;
use crate::clock::Clock;
use crate::document::ConfigDoc;
use crate::document::Documents;
use crate::evidence::Evidence;
use crate::evidence::Step;
use crate::incident::background::set_aside;
use crate::incident::failures::drafts;
use crate::incident::outage::dumped;
use crate::incident::outage::outages;
use crate::incident::process::absences;
use crate::incident::story::pools;
use crate::incident::timeline::timeline;
use crate::incident::{Bundle, Incident, Load, State};
use std::collections::BTreeMap;
use std::collections::BTreeSet;

/// Silence after the last failure that means more than chance, as a multiple of the mean time between failures.
const SILENT_GAPS: i64 = 20;
/// And at least this long.
const SILENT_MIN: i64 = 30 * SECOND;

/// With so many requests before, during and after a failure of all of them, it is no chance that none of the middle ones was answered.
const MANY: u64 = 5;

/// Puts everything together.
pub fn assemble(evidence: Evidence, documents: Documents, clock: Clock) -> (Bundle, Vec<Incident>) {
    let (mut traffic, mut notices) = (Vec::new(), Vec::new());
    let mut notices_full = false;
    let mut until = None;
    let (mut n_traffic, mut n_undeclared, mut undeclared) = (0, 0, None);
    for (source, log) in evidence.sources {
        let last = log
            .coverage
            .stamps
            .iter()
            .flatten()
            .map(|(_, last)| clock.stamp(source, *last))
            .max();
        until = until.max(last);
        n_traffic += log.coverage.n_traffic;
        n_undeclared += log.coverage.n_undeclared;
        undeclared = undeclared.or(log.coverage.undeclared);
        traffic.push((source, log.traffic.pairs()));
        notices_full |= log.notices.full;
        notices.push((source, log.notices.sorted()));
    }
    let timeline = timeline(notices, &clock);
    let pools = pools(&timeline, &documents, &clock);
    let (mut incidents, loads, reach) = drafts(traffic, &clock, &pools);
    let mut bundle = Bundle {
        clock,
        documents,
        running: None,
        timeline,
        pools,
        loads,
        reach,
        unneeded: Vec::new(),
        background: BTreeMap::new(),
        undeclared: undeclared.map(|first| (n_undeclared, n_traffic, first)),
        notices_full,
    };
    bundle.running = running(&bundle, &incidents);
    for incident in &mut incidents {
        settle(incident, &bundle);
    }
    follow(&mut incidents);
    bundle.background = set_aside(&mut incidents, &bundle);
    let outages = outages(&bundle.pools, &incidents, &bundle.reach, &bundle.loads);
    incidents.extend(outages.incidents);
    bundle.unneeded = outages.unneeded;
    incidents.extend(absences(&bundle.timeline, &bundle.loads, until));
    let more = dumped(
        &bundle.pools,
        &bundle.documents,
        &incidents,
        &bundle.unneeded,
        &bundle.reach,
    );
    incidents.extend(more);
    (bundle, incidents)
}

/// Notes of each incident when the next one of the same backend began.
fn follow(incidents: &mut [Incident]) {
    let key = |one: &Incident| (one.host.clone(), one.backend.clone());
    let mut starts = BTreeMap::<_, BTreeSet<i64>>::new();
    for one in incidents.iter() {
        starts.entry(key(one)).or_default().extend(one.window.start);
    }
    for one in incidents {
        let end = one.window.end.unwrap_or(i64::MIN);
        let later = starts.get(&key(one));
        let mut later = later.into_iter().flat_map(|starts| starts.range(end..));
        one.next = later.find(|start| **start > end).copied();
    }
}

/// The configuration that ran: the one that knows most of the names that logs and dumps mention.
fn running(bundle: &Bundle, incidents: &[Incident]) -> Option<usize> {
    let mut names = BTreeSet::<(&str, Option<&str>)>::new();
    for (backend, pool) in &bundle.pools {
        names.insert((backend, None));
        names.extend(
            pool.servers
                .keys()
                .map(|server| (&**backend, Some(&**server))),
        );
    }
    names.extend(bundle.loads.keys().map(|backend| (&**backend, None)));
    names.extend(incidents.iter().map(|incident| (&*incident.frontend, None)));
    let known = |doc: &ConfigDoc| {
        let knows = |(proxy, server): &(&str, Option<&str>)| match server {
            Some(server) => doc
                .config
                .backend(proxy)
                .is_some_and(|p| p.server(server).is_some()),
            None => doc.config.proxies.iter().any(|p| p.name == *proxy),
        };
        names.iter().filter(|name| knows(name)).count()
    };
    let docs = bundle.documents.configs.iter().enumerate();
    let best = docs.max_by_key(|(_, doc)| {
        (
            known(doc),
            std::cmp::Reverse(is_set_aside(&doc.path)),
            std::cmp::Reverse(doc.path.len()),
            std::cmp::Reverse(doc.path.clone()),
        )
    });
    best.map(|(index, _)| index)
}

/// The name says that a configuration is another one than that in effect: `haproxy.cfg.before`, `haproxy.cfg.broken`.
pub(super) fn is_set_aside(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
    const WORDS: [&str; 12] = [
        "before", "old", "orig", "bak", "backup", "prev", "broken", "bad", "rejected", "invalid",
        "dpkg", "rpmsave",
    ];
    name.split(['.', '-', '_'])
        .any(|word| WORDS.contains(&word))
}

/// Whether and when service returned.
fn settle(incident: &mut Incident, bundle: &Bundle) {
    let load = bundle.loads.get(&incident.backend);
    let own_rule = [
        Step::NoRoute,
        Step::Denied,
        Step::Local,
        Step::DisabledBackend,
    ];
    let section = bundle.backend(&incident.backend);
    let without_servers = section.is_some_and(|p| p.servers.is_empty() && p.dispatch.is_none());
    let by_rule: u64 = own_rule.iter().map(|&step| incident.n_step(step)).sum();
    if by_rule * 2 > incident.n_failed() || without_servers {
        // The rule (or the section without servers) stands until the configuration changes: only silence of that route, far longer than its rhythm, ends it.
        // One that hit every request and then none has gone (a condition on the pool's servers, a flag).
        let passed = passed(incident, bundle);
        let over = passed.is_some() || silent_after(incident, bundle);
        incident.recovered = Some(over);
        incident.recovered_at = passed.map(|at| (at, Precision::Milli));
    } else if others_served(incident, load) {
        // What another process answered well beside the failing one says nothing about that one's return.
        let over = silent_after(incident, bundle);
        incident.recovered = Some(over);
        incident.recovered_at = None;
    } else if let Some(back) = back_by_servers(incident, bundle, load) {
        incident.recovered = Some(back.is_some());
        incident.recovered_at = back.flatten();
    }
    incident.window.ongoing = incident.recovered == Some(false);
}

/// Requests failed in one process, and another one of the same host, there before, answered well all the while: each has
/// its own states and its own list of servers. (One that came later, by a reload, took over: its answers count.)
fn others_served(incident: &Incident, load: Option<&Load>) -> bool {
    let (Some(start), Some(end), Some(load)) = (incident.window.start, incident.window.end, load)
    else {
        return false;
    };
    let failing: BTreeSet<u32> = incident.failures.keys().map(|key| key.pid).collect();
    let good = |pid: u32| {
        let tally = load.workers.get(&(incident.host.clone(), pid));
        tally.and_then(|tally| tally.good)
    };
    let all_along = |(first, last): (i64, i64)| first <= start && start <= last;
    let other = load.workers.keys().any(|(host, pid)| {
        let own = *host == incident.host && *pid != 0 && !failing.contains(pid);
        own && good(*pid).is_some_and(all_along)
    });
    let returned = |pid: &u32| good(*pid).is_some_and(|(_, last)| last > end);
    !failing.contains(&0) && other && !failing.iter().any(returned)
}

/// When requests of the frontend were answered well again, whatever backend they reached, after a time in which none was,
/// though as many as before would have been many.
fn passed(incident: &Incident, bundle: &Bundle) -> Option<i64> {
    let (start, end) = (incident.window.start?, incident.window.end?);
    let loads = bundle.loads.values();
    let of_frontend = loads.filter(|load| load.frontends.contains_key(&incident.frontend));
    let (mut before, mut after, mut back) = (0, 0, None::<i64>);
    for (_, _, second) in of_frontend.flat_map(|load| &load.seconds) {
        let Some((first, last)) = second.good.get() else {
            continue;
        };
        let is_inside = |at: i64| start < at && at < end;
        if is_inside(first) || is_inside(last) {
            return None;
        }
        if last <= start && first >= start - (end - start) {
            before += second.n_good;
        }
        if first >= end {
            after += second.n_good;
            back = Some(back.map_or(first, |at| at.min(first)));
        }
    }
    let are_many = [before, after, incident.n_failed()]
        .iter()
        .all(|&n| n >= MANY);
    back.filter(|_| are_many)
}

fn silent_after(incident: &Incident, bundle: &Bundle) -> bool {
    let (Some(start), Some(end), Some((_, last))) = (
        incident.window.start,
        incident.window.end,
        bundle.reach.span,
    ) else {
        return false;
    };
    let n = i64::try_from(incident.n_failed())
        .unwrap_or(i64::MAX)
        .max(1);
    last - end > SILENT_MIN.max((end - start) / n * SILENT_GAPS)
}

/// Its last failures are among the last lines of traffic.
fn lasts_on(incident: &Incident, bundle: &Bundle) -> bool {
    let last = bundle.reach.span.map(|(_, last)| last);
    matches!((incident.window.end, last), (Some(end), Some(last)) if last - end <= 2 * SECOND)
}

/// Service by the servers that failed: `Some(Some(when))` it is back, `Some(None)` it is not, `None` cannot be told.
fn back_by_servers(
    incident: &Incident,
    bundle: &Bundle,
    load: Option<&Load>,
) -> Option<Option<Option<(i64, Precision)>>> {
    let end = incident.window.end?;
    let pool = bundle.pools.get(&incident.backend);
    let named: BTreeSet<String> = incident
        .failures
        .keys()
        .filter(|key| !key.server.starts_with(b"<"))
        .map(|key| crate::base::printable(&key.server))
        .collect();
    let up = pool
        .into_iter()
        .flat_map(|pool| &pool.servers)
        .flat_map(|(_, story)| &story.changes);
    let first_up = up.filter(|c| {
        c.to == State::Up
            && c.at
                .is_some_and(|at| at > incident.window.start.unwrap_or(end))
    });
    let first_up = first_up
        .filter_map(|c| c.at.map(|at| (at, c.precision)))
        .min();
    let good_after = incident.recovered_at;
    let nosrv_only = named.is_empty();
    let failing_good = load.is_some_and(|load| {
        named.iter().any(|name| {
            let cells = load.servers.get(name.as_str());
            cells.is_some_and(|cells| {
                cells
                    .iter()
                    .any(|cell| cell.at + cell.width > end && cell.n_good > 0)
            })
        })
    });
    let names = pool.into_iter().flat_map(|pool| pool.servers.keys());
    let states: Vec<State> = names
        .filter_map(|name| bundle.last_state(&incident.backend, name))
        .collect();
    let any_up = states.contains(&State::Up);
    if good_after.is_some() && (nosrv_only || failing_good || any_up) {
        // The first sign of service is its return: the message, or a request answered well.
        return Some(Some([first_up, good_after].into_iter().flatten().min()));
    }
    if good_after.is_some() {
        return Some(Some(good_after));
    }
    // Requests that failed on servers which were UP all the while: their being UP is no return.
    let was_lost = nosrv_only || incident.n_step(Step::NoServer) > 0 || first_up.is_some();
    let lost_any = || {
        let stories = pool.into_iter().flat_map(|pool| pool.servers.values());
        let mut changes = stories.flat_map(|story| &story.changes);
        changes.any(|change| change.to != State::Up)
    };
    match (states.is_empty(), any_up) {
        (true, _) => None,
        (false, true) if was_lost || lost_any() => Some(Some(first_up)),
        (false, true) => Some(None).filter(|_| lasts_on(incident, bundle)),
        (false, false) => Some(None),
    }
}

#[cfg(test)]
mod tests {
    use crate::testing;

    const WELL: &str = "app1 0/0/0/5/5 200 900 - - ----";
    const BY_RULE: &str = "<NOSRV> 0/-1/-1/-1/0 503 217 - - LR--";

    fn requests(seconds: std::ops::Range<u32>, tail: &str) -> String {
        let line = |second: u32| {
            let nosrv = testing::nosrv(second);
            nosrv.replace("<NOSRV> 0/-1/-1/-1/0 503 217 - - SC--", tail)
        };
        seconds.map(line).collect()
    }

    fn recovered(log: &[String]) -> Option<bool> {
        testing::concludes(&[("a.log", &log.concat())], "denied-by-rule").recovered
    }

    #[test]
    fn a_rule_that_answered_every_request_and_then_none_has_gone() {
        let log = [
            requests(10..20, WELL),
            requests(20..30, BY_RULE),
            requests(30..40, WELL),
        ];
        assert_eq!(recovered(&log), Some(true));
    }

    #[test]
    fn servers_that_were_up_while_requests_failed_on_them_have_not_returned() {
        let dead = "app1 0/0/-1/-1/3003 503 217 - - SC--";
        let config = "frontend fe_app\n mode http\n default_backend be_app\nbackend be_app\n mode http\n server app1 192.0.2.9:80 check\n";
        let dump = "# pxname,svname,status,weight,act,bck,lastchg\nbe_app,app1,UP,1,1,0,9000\nbe_app,BACKEND,UP,1,1,0,9000\n";
        let failing = requests(20..30, dead);
        let report = |log: &str| {
            let files = [("a.log", log), ("haproxy.cfg", config), ("stat.csv", dump)];
            testing::incident(&files).recovered
        };
        assert_eq!(report(&failing), Some(false));
        let back = failing.clone() + &requests(30..40, WELL);
        assert_eq!(report(&back), Some(true));
    }

    #[test]
    fn a_rule_for_some_requests_stands_while_the_others_are_answered() {
        let mut log = vec![
            requests(10..20, WELL),
            requests(20..30, BY_RULE),
            requests(30..40, WELL),
        ];
        log.insert(1, requests(25..26, WELL));
        assert_eq!(recovered(&log), Some(false));
        // Nor do a few denied requests in a row say that nobody else would have been answered.
        let few = [
            requests(10..20, WELL),
            requests(20..23, BY_RULE),
            requests(23..40, WELL),
        ];
        assert_eq!(recovered(&few), Some(false));
    }
}
