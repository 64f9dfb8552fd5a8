//! Incidents that no failed request shows: messages of an empty pool or a lost server, dumps, captures.

use crate::base::MINUTE;
use crate::base::Precision;
use crate::base::SECOND;
use crate::capture::Author;
use crate::capture::Capture;
use crate::document::Documents;
use crate::dump::Availability;
use crate::incident::{Basis, Change, Incident, Load, Pool, Reach, Reason, State, Window};
use std::collections::BTreeMap;

/// As for failures: the same pool failing again within this time is flapping, not another incident.
const APART: i64 = MINUTE;

/// What the messages show of pools that no failed request belongs to.
#[derive(Debug, Default)]
pub(super) struct Outages {
    /// Pools that lost servers while nothing tells whether requests failed.
    pub incidents: Vec<Incident>,
    /// Pools that lost all servers while the traffic log shows that no request needed them.
    pub unneeded: Vec<Box<str>>,
}

/// Episodes of lost servers in the messages. A pool with failed requests at that time is already an incident.
pub(super) fn outages(
    pools: &BTreeMap<Box<str>, Pool>,
    failed: &[Incident],
    reach: &Reach,
    loads: &BTreeMap<Box<str>, Load>,
) -> Outages {
    let mut found = Outages::default();
    for (backend, pool) in pools {
        for episode in episodes(pool) {
            if failed
                .iter()
                .any(|incident| touches(incident, backend, &episode))
            {
                continue;
            }
            let seen = reach.span.is_some_and(|span| episode.is_seen_by(span));
            // Traffic lines of that time would have shown the failures.
            if seen && (reach.n >= LINES_THAT_TELL || loads.contains_key(backend)) {
                if episode.emptied {
                    found.unneeded.push(backend.clone());
                }
                continue;
            }
            found.incidents.push(of_episode(backend, &episode));
        }
    }
    found.unneeded.dedup();
    found
}

/// With fewer traffic lines than this, that none failed says little.
const LINES_THAT_TELL: u64 = 20;

/// A time in which a pool had lost servers.
#[derive(Clone, Copy, Debug, Default)]
struct Episode {
    start: Option<i64>,
    end: Option<i64>,
    precision: Option<Precision>,
    /// At some moment no server was usable.
    emptied: bool,
    /// The last change left usable servers, none of those that were lost is still out.
    recovered: bool,
    recovered_at: Option<(i64, Precision)>,
}

impl Episode {
    /// An outage whose servers did not come back lasts on, whatever happened last; `None`: its end is not known.
    fn lasts_to(&self) -> Option<i64> {
        if self.recovered {
            self.end
        } else {
            self.start.map(|_| i64::MAX)
        }
    }

    /// Traffic lines from the one time to the other would show the requests that it failed: they reach over all of it, or
    /// over the later part of an outage that lasts on (a pool that nobody asks may stand empty from the start of HAProxy).
    fn is_seen_by(&self, (first, last): (i64, i64)) -> bool {
        let Some(start) = self.start else {
            return true;
        };
        if self.recovered || self.end.is_none() {
            return first - MINUTE <= start && self.end.unwrap_or(start) <= last + MINUTE;
        }
        start <= last + MINUTE
    }
}

fn episodes(pool: &Pool) -> Vec<Episode> {
    let mut changes: Vec<(&str, &Change)> = Vec::new();
    for (name, story) in &pool.servers {
        changes.extend(story.changes.iter().map(|change| (&**name, change)));
    }
    changes.sort_by_key(|(_, change)| (change.at, change.cite.span));
    let mut all: Vec<Episode> = Vec::new();
    let mut out = std::collections::BTreeSet::new();
    for (name, change) in changes {
        let lost = change.to != State::Up;
        let was_out = out.contains(name);
        if lost {
            let apart = match (all.last().and_then(|e| e.end), change.at) {
                (Some(end), Some(at)) => out.is_empty() && at - end > APART,
                _ => false,
            };
            if all.is_empty() || apart {
                all.push(Episode {
                    start: change.at,
                    ..Episode::default()
                });
            }
            out.insert(name);
        } else {
            out.remove(name);
        }
        if !lost && !was_out {
            continue;
        }
        let Some(episode) = all.last_mut() else {
            continue;
        };
        episode.end = change.at.or(episode.end);
        episode.precision = Some(change.precision);
        let empty = change.left == Some(0)
            || pool
                .no_server
                .iter()
                .any(|(at, _)| near(*at, change.at) && lost);
        episode.emptied |= empty && lost;
        episode.recovered = !lost && change.left != Some(0);
        episode.recovered_at = if episode.recovered {
            change.at.map(|at| (at, change.precision))
        } else {
            None
        };
    }
    if all.is_empty() && !pool.no_server.is_empty() {
        let at = pool.no_server.first().and_then(|(at, _)| *at);
        all.push(Episode {
            start: at,
            end: at,
            emptied: true,
            ..Episode::default()
        });
    }
    all
}

fn near(a: Option<i64>, b: Option<i64>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => (a - b).abs() <= 2 * SECOND,
        _ => true,
    }
}

fn touches(incident: &Incident, backend: &str, episode: &Episode) -> bool {
    if *incident.backend != *backend {
        return false;
    }
    match (incident.window.start, incident.window.end, episode.start) {
        (Some(start), Some(end), Some(from)) => {
            let to = episode.lasts_to().unwrap_or(end).max(from);
            from <= end + APART && to >= start - APART
        }
        _ => true,
    }
}

fn of_episode(backend: &str, episode: &Episode) -> Incident {
    let end = if episode.recovered {
        episode.recovered_at.map(|(at, _)| at)
    } else {
        episode.end
    };
    Incident {
        window: Window {
            start: episode.start,
            end,
            precision: episode.precision.unwrap_or(Precision::Second),
            last_good: None,
            ongoing: !episode.recovered,
        },
        recovered: Some(episode.recovered),
        recovered_at: episode.recovered_at,
        ..bare(Basis::Messages, backend)
    }
}

/// An incident without requests.
pub(super) fn bare(basis: Basis, backend: &str) -> Incident {
    Incident {
        basis,
        host: "".into(),
        frontend: "".into(),
        backend: backend.into(),
        window: Window::UNKNOWN,
        n_requests: 0,
        n_good: 0,
        n_503: 0,
        n_nosrv: 0,
        n_sessions: 0,
        failures: BTreeMap::new(),
        spells: Vec::new(),
        clients: (0, false),
        routes: Vec::new(),
        routes_cut: false,
        recovered: None,
        recovered_at: None,
        next: None,
    }
}

/// Pools without usable server in dumps, and answers of HAProxy in captures, where nothing else shows an incident.
pub(super) fn dumped(
    pools: &BTreeMap<Box<str>, Pool>,
    documents: &Documents,
    others: &[Incident],
    unneeded: &[Box<str>],
    reach: &Reach,
) -> Vec<Incident> {
    let mut found = Vec::new();
    for (backend, pool) in pools {
        if others.iter().any(|incident| incident.backend == *backend) || !is_empty_in_dumps(pool) {
            continue;
        }
        // It shows what the messages tell too, of a time when every request was answered elsewhere.
        // One that others follow is asked through them.
        let is_idle = unneeded.contains(backend) && !is_followed(backend, pools);
        if is_idle && is_dumped_within(pool, reach) {
            continue;
        }
        let ups = pool
            .servers
            .values()
            .any(|story| story.last_state() == Some(State::Up));
        let mut incident = bare(Basis::Dumps, backend);
        incident.recovered = Some(ups);
        let times = || {
            pool.servers
                .values()
                .flat_map(|story| &story.snapshots)
                .filter_map(|s| s.at)
        };
        incident.window.start = times().min();
        incident.window.end = times().max();
        found.push(incident);
    }
    if others.is_empty() && found.is_empty() {
        found.extend(captured(documents));
    }
    found
}

/// Servers of other pools said that they track this one's.
fn is_followed(backend: &str, pools: &BTreeMap<Box<str>, Pool>) -> bool {
    let stories = pools.values().flat_map(|pool| pool.servers.values());
    stories.flat_map(|story| &story.changes).any(
        |change| matches!(&change.reason, Reason::Tracked(Some(name)) if name.backend == backend),
    )
}

/// No dump of the pool's servers was taken at a time that the traffic lines do not reach.
fn is_dumped_within(pool: &Pool, reach: &Reach) -> bool {
    let Some((first, last)) = reach.span else {
        return false;
    };
    let within = |at: i64| first - MINUTE <= at && at <= last + MINUTE;
    let servers = pool.servers.values().flat_map(|story| &story.snapshots);
    servers.filter_map(|dump| dump.at).all(within)
}

/// At least one dump shows servers, and none of them usable.
fn is_empty_in_dumps(pool: &Pool) -> bool {
    let by_row = pool
        .rows
        .iter()
        .any(|row| row.availability == Availability::Down);
    let mut dumps = BTreeMap::<(u32, Option<i64>), (u32, u32)>::new();
    for snapshot in pool.servers.values().flat_map(|story| &story.snapshots) {
        let (n, n_out) = dumps
            .entry((snapshot.cite.span.source, snapshot.at))
            .or_default();
        *n += 1;
        *n_out += u32::from(snapshot.state.is_some_and(|state| state != State::Up));
    }
    let by_servers = dumps.values().any(|&(n, n_out)| n > 0 && n == n_out);
    // A backend's own row counts the servers that a filtered dump leaves out.
    by_row
        || (by_servers
            && !pool
                .rows
                .iter()
                .any(|row| row.availability == Availability::Usable))
}

fn captured(documents: &Documents) -> Option<Incident> {
    let mut answers = documents
        .captures
        .iter()
        .filter_map(|doc| match &doc.capture {
            Capture::Curl(curl)
                if curl.status == Some(503)
                    || (curl.status.is_none() && curl.author == Author::Haproxy) =>
            {
                Some(doc.taken)
            }
            _ => None,
        });
    let first = answers.next()?;
    let mut incident = bare(Basis::Captures, "");
    incident.window.start = first.map(|taken| taken.stamp.micros);
    Some(incident)
}

#[cfg(test)]
mod tests {
    use crate::testing;

    const DOWN: &str = "proxy01 haproxy[12]: Server be_old/old1 is DOWN, reason: Layer4 connection problem, info: \"Connection refused\", \
                        check duration: 0ms. 0 active and 0 backup servers left. 0 sessions active, 0 requeued, 0 remaining in queue.\n";

    fn requests(target: &str) -> String {
        let end = if target.ends_with("<NOSRV>") {
            "0/-1/-1/-1/0 503 217 - - SC--"
        } else {
            "0/0/0/5/5 200 134 - - ----"
        };
        (0..30)
            .map(|second| {
                format!(
                    "Jun  5 10:00:{second:02} proxy01 haproxy[12]: 192.0.2.7:40000 [05/Jun/2026:10:00:{second:02}.100] fe_app {target} {end} \
                     1/1/0/0/0 0/0 \"GET / HTTP/1.1\"\n"
                )
            })
            .collect()
    }

    #[test]
    fn a_pool_that_stands_empty_since_days_is_one_incident_with_its_failed_requests() {
        let log = format!("Jun  1 08:00:00 {DOWN}{}", requests("be_old/<NOSRV>"));
        let report = testing::report(&[("haproxy.log", &log)]);
        assert_eq!(report.incidents.len(), 1, "{:#?}", report.incidents);
        assert_eq!(report.incidents[0].impact.http_503, 30);
    }

    #[test]
    fn a_pool_that_stands_empty_while_nobody_asks_it_is_no_incident() {
        let log = format!("Jun  1 08:00:00 {DOWN}{}", requests("be_app/app1"));
        let report = testing::report(&[("haproxy.log", &log)]);
        assert_eq!(report.incidents.len(), 0, "{:#?}", report.incidents);
    }

    #[test]
    fn a_dump_of_a_pool_that_nobody_asked_while_it_stood_empty_is_no_incident() {
        let log = format!("Jun  5 09:59:50 {DOWN}{}", requests("be_app/app1"));
        let dump = "# pxname,svname,qcur,qmax,scur,smax,slim,stot,bin,bout,dreq,dresp,ereq,econ,eresp,wretr,wredis,status,weight,act,bck\n\
                    be_old,old1,0,0,0,0,,0,0,0,,0,,0,0,0,0,DOWN,1,1,0\nbe_old,BACKEND,0,0,0,0,200,0,0,0,0,0,,0,0,0,0,DOWN,0,0,0\n";
        let files = [("haproxy.log", &*log), ("show-stat.csv", dump)];
        assert_eq!(testing::report(&files).incidents.len(), 0);
        // Without a traffic log nobody knows that it was not asked.
        let alone = format!("Jun  5 09:59:50 {DOWN}");
        let files = [("haproxy.log", &*alone), ("show-stat.csv", dump)];
        assert_eq!(testing::report(&files).incidents.len(), 1);
    }

    #[test]
    fn an_outage_that_ended_before_the_traffic_log_begins_is_kept() {
        let up = "proxy01 haproxy[12]: Server be_old/old1 is UP, reason: Layer4 check passed, check duration: 0ms. 1 active and 0 \
                  backup servers online. 0 sessions requeued, 0 total in queue.\n";
        let log = format!(
            "Jun  1 08:00:00 {DOWN}Jun  1 08:09:00 {up}{}",
            requests("be_app/app1")
        );
        let report = testing::report(&[("haproxy.log", &log)]);
        assert_eq!(report.incidents.len(), 1, "{:#?}", report.incidents);
    }
}
