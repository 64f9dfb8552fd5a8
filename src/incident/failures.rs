//! Failed requests -> drafts of incidents: clusters in time per backend, with everything that is counted in them.

use crate::base::MINUTE;
use crate::base::Precision;
use crate::base::printable;
use crate::clock::Clock;
use crate::evidence::Bottom;
use crate::evidence::FailCell;
use crate::evidence::FailKey;
use crate::evidence::FailTally;
use crate::evidence::Pair;
use crate::evidence::PairKey;
use crate::evidence::Second;
use crate::evidence::Tally;
use crate::evidence::WorkerTally;
use crate::incident::Basis;
use crate::incident::Incident;
use crate::incident::RouteKey;
use crate::incident::Window;
use std::collections::BTreeMap;
use std::collections::BTreeSet;

/// Failures of one backend further apart than this are two incidents (design, "The report").
const APART: i64 = MINUTE;
/// Routes listed per incident.
const ROUTES_SHOWN: usize = 20;

/// Requests of one backend over all its frontends, on HAProxy's local axis.
#[derive(Clone, Debug, Default)]
pub struct Load {
    /// Second by second (or wider slots in very long logs): start of the slot, its width, what it holds.
    pub seconds: Vec<(i64, i64, Second)>,
    /// Good and failed requests by server, with the start of the slot and its width.
    pub servers: BTreeMap<Box<str>, Vec<ServerLoad>>,
    /// Requests by frontend.
    pub frontends: BTreeMap<Box<str>, u64>,
    /// Requests by host and worker; local axis. Pid 0: the carrier has none.
    pub workers: BTreeMap<(Box<str>, u32), WorkerTally>,
    /// Requests in all.
    pub n: u64,
}

/// Requests of one server in one slot of time; HAProxy's local axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ServerLoad {
    /// Start of the slot.
    pub at: i64,
    /// Its width.
    pub width: i64,
    /// Requests answered well.
    pub n_good: u64,
    /// Requests that failed.
    pub n_failed: u64,
    /// Last accept date of those answered well.
    pub last_good: Option<i64>,
}

/// First and last accept date and last end of failures.
type Times = (i64, i64, i64);

/// What all traffic lines reach over, UTC; `None`: no dated traffic line.
#[derive(Clone, Copy, Debug, Default)]
pub struct Reach {
    /// First and last accept date.
    pub span: Option<(i64, i64)>,
    /// Traffic lines.
    pub n: u64,
}

/// Joins the logs' tallies and clusters the failures. A second copy of the same lines counts once.
pub(super) fn drafts(
    logs: Vec<(u32, BTreeMap<PairKey, Pair>)>,
    clock: &Clock,
) -> (Vec<Incident>, BTreeMap<Box<str>, Load>, Reach) {
    let pairs = join_logs(logs);
    let mut reach = Reach::default();
    let mut loads = BTreeMap::<Box<str>, Load>::new();
    for pair in &pairs {
        extend(&mut reach, pair, clock);
        loads.entry(pair.key.backend.clone()).or_default().add(pair);
    }
    let mut by_backend = BTreeMap::<(Box<str>, Box<str>), Vec<Pair>>::new();
    for pair in pairs {
        by_backend
            .entry((pair.key.host.clone(), pair.key.backend.clone()))
            .or_default()
            .push(pair);
    }
    let mut incidents = Vec::new();
    for ((host, backend), pairs) in by_backend {
        for cluster in clusters(&pairs) {
            incidents.push(incident(
                &host,
                &backend,
                cluster,
                loads.get(&backend),
                clock,
            ));
        }
    }
    (incidents, loads, reach)
}

/// The same lines in two logs (a journal and a file, overlapping rotations) are seen by the identities of their failures.
fn join_logs(logs: Vec<(u32, BTreeMap<PairKey, Pair>)>) -> Vec<Pair> {
    let host = only_host(&logs);
    let mut joined = BTreeMap::<PairKey, Pair>::new();
    for (mut key, mut pair) in logs.into_iter().flat_map(|(_source, pairs)| pairs) {
        if let Some(host) = &host {
            key.host.clone_from(host);
            pair.key.host.clone_from(host);
        }
        match joined.get_mut(&key) {
            Some(mine) if is_copy(mine, &pair) => {
                if pair.n > mine.n {
                    *mine = pair;
                }
            }
            Some(mine) => mine.join(pair),
            None => {
                joined.insert(key, pair);
            }
        }
    }
    joined.into_values().collect()
}

/// The one host that lines name, when others have no host at all: a carrier without hosts is then that host's.
fn only_host(logs: &[(u32, BTreeMap<PairKey, Pair>)]) -> Option<Box<str>> {
    let hosts = logs
        .iter()
        .flat_map(|(_, pairs)| pairs.keys())
        .map(|key| &key.host)
        .filter(|host| !host.is_empty());
    let hosts: BTreeSet<&Box<str>> = hosts.collect();
    match hosts.into_iter().collect::<Vec<_>>().as_slice() {
        [one] => Some((*one).clone()),
        _ => None,
    }
}

fn is_copy(mine: &Pair, other: &Pair) -> bool {
    let same_failures = {
        let (fewer, more) = if mine.n <= other.n {
            (mine, other)
        } else {
            (other, mine)
        };
        let mut cells = fewer.failures.iter().peekable();
        cells.peek().is_some()
            && fewer.failures.width() == more.failures.width()
            && cells.all(|(at, cell)| {
                let there = more.failures.between(at, at + 1).next();
                there.is_some_and(|(_, other)| other.identities.holds(&cell.identities))
            })
    };
    // Without failures there is nothing to count twice but good requests: equal tallies in every second are a copy.
    let same_load = mine.n == other.n && mine.seconds.iter().eq(other.seconds.iter());
    same_failures || same_load
}

fn extend(reach: &mut Reach, pair: &Pair, clock: &Clock) {
    reach.n += pair.n;
    let mut dated = pair
        .seconds
        .iter()
        .filter(|(at, _)| *at > i64::MIN / 8)
        .map(|(at, _)| clock.accept(at));
    let first = dated.next();
    let last = dated
        .next_back()
        .or(first)
        .map(|at| at + pair.seconds.width());
    if let (Some(first), Some(last)) = (first, last) {
        reach.span = Some(
            reach
                .span
                .map_or((first, last), |(a, b)| (a.min(first), b.max(last))),
        );
    }
}

impl Load {
    fn add(&mut self, pair: &Pair) {
        self.n += pair.n;
        *self.frontends.entry(pair.key.frontend.clone()).or_default() += pair.n;
        for (key, tally) in pair.workers.iter() {
            let pid = <[u8; 4]>::try_from(key).map_or(0, u32::from_le_bytes);
            let worker = (pair.key.host.clone(), pid);
            self.workers.entry(worker).or_default().add(*tally);
        }
        let width = pair.seconds.width();
        self.seconds
            .extend(pair.seconds.iter().map(|(at, second)| (at, width, *second)));
        self.seconds.sort_by_key(|&(at, width, _)| (at, width));
        for (name, cells) in &pair.servers {
            let list = self
                .servers
                .entry(printable(name).into_boxed_str())
                .or_default();
            list.extend(cells.iter().map(|(at, cell)| ServerLoad {
                at,
                width: cells.width(),
                n_good: cell.n_good,
                n_failed: cell.n_failed,
                last_good: cell.last_good,
            }));
            list.sort_unstable();
        }
    }

    /// Requests and good ones accepted in `[from, to]`, to the precision of the slots; local axis.
    pub fn between(&self, from: i64, to: i64) -> Second {
        let mut sum = Second::default();
        for (_, _, second) in self
            .seconds
            .iter()
            .filter(|&&(at, width, _)| at + width > from && at <= to)
        {
            sum.add(*second);
        }
        sum
    }

    /// Accept date of the last good request before `at`; local axis.
    pub fn last_good_before(&self, at: i64) -> Option<i64> {
        self.seconds
            .iter()
            .filter(|&&(start, _, _)| start <= at)
            .filter_map(|(_, _, second)| second.good)
            .filter_map(|(first, last)| {
                if last < at {
                    Some(last)
                } else {
                    Some(first).filter(|&first| first < at)
                }
            })
            .max()
    }

    /// Accept date of the first good request after `at`; local axis.
    pub fn first_good_after(&self, at: i64) -> Option<i64> {
        self.seconds
            .iter()
            .filter(|&&(start, width, _)| start + width > at)
            .filter_map(|(_, _, second)| second.good)
            .filter_map(|(first, last)| {
                if first > at {
                    Some(first)
                } else {
                    Some(last).filter(|&last| last > at)
                }
            })
            .min()
    }
}

/// Failures that belong together.
#[derive(Default)]
struct Cluster {
    cell: FailCell,
    times: Option<Times>,
    frontends: BTreeMap<Box<str>, u64>,
}

fn clusters(pairs: &[Pair]) -> Vec<Cluster> {
    let mut cells: Vec<(Option<Times>, &PairKey, &FailCell)> = Vec::new();
    for pair in pairs {
        cells.extend(
            pair.failures
                .iter()
                .map(|(_, cell)| (times(cell), &pair.key, cell)),
        );
    }
    cells.sort_by_key(|(times, key, _)| (*times, *key));
    let mut all: Vec<Cluster> = Vec::new();
    for (times, key, cell) in cells {
        // Undated failures all belong together; they sort first.
        let joins = all.last().is_some_and(|last| match (last.times, times) {
            (Some((_, _, end)), Some((first, _, _))) => first - end <= APART,
            _ => true,
        });
        if !joins {
            all.push(Cluster::default());
        }
        let Some(cluster) = all.last_mut() else {
            continue;
        };
        *cluster.frontends.entry(key.frontend.clone()).or_default() += cell.n();
        cluster.cell.add(cell.clone());
        cluster.times = match (cluster.times, times) {
            (Some((a, b, c)), Some((d, e, f))) => Some((a.min(d), b.max(e), c.max(f))),
            (one, other) => one.or(other),
        };
    }
    all
}

/// First and last accept date and last end of all failures in a cell.
fn times(cell: &FailCell) -> Option<Times> {
    let mut all = cell.tallies.values().filter_map(|tally| tally.times);
    let first = all.next()?;
    Some(all.fold(first, |(a, b, c), (d, e, f)| (a.min(d), b.max(e), c.max(f))))
}

fn incident(
    host: &str,
    backend: &str,
    cluster: Cluster,
    load: Option<&Load>,
    clock: &Clock,
) -> Incident {
    let Cluster {
        cell,
        times,
        frontends,
    } = cluster;
    let frontend = frontends
        .into_iter()
        .max_by_key(|(name, n)| (*n, std::cmp::Reverse(name.clone())));
    let frontend = frontend.map(|(name, _)| name).unwrap_or_default();
    let FailCell {
        tallies,
        routes,
        clients,
        identities: _,
    } = cell;
    let inside = match (load, times) {
        (Some(load), Some((first, _, end))) => load.between(first, end),
        (Some(load), None) => load.between(i64::MIN / 2, i64::MAX / 2),
        (None, _) => Second::default(),
    };
    let (after, before) = match (load, times) {
        (Some(load), Some((first, last, end))) => (
            load.first_good_after(last.max(end)),
            load.last_good_before(first),
        ),
        _ => (None, None),
    };
    let (routes, routes_cut) = ranked(&routes);
    Incident {
        basis: Basis::Requests,
        host: host.into(),
        frontend,
        backend: backend.into(),
        window: Window {
            start: times.map(|(first, _, _)| clock.accept(first)),
            end: times.map(|(_, _, end)| clock.accept(end)),
            precision: Precision::Milli,
            last_good: before.map(|at| clock.accept(at)),
            ongoing: false,
        },
        n_requests: inside.n,
        n_good: inside.n_good,
        n_503: sum(&tallies, |_, tally| tally.n_http),
        n_nosrv: sum(&tallies, |key, tally| {
            if *key.server == *b"<NOSRV>" {
                tally.n_http
            } else {
                0
            }
        }),
        n_sessions: sum(&tallies, |_, tally| tally.n - tally.n_http),
        failures: tallies,
        clients: (clients.distinct(), clients.full),
        routes,
        routes_cut,
        recovered: after.map(|_| true),
        recovered_at: after.map(|at| (clock.accept(at), Precision::Milli)),
    }
}

fn sum(tallies: &BTreeMap<FailKey, FailTally>, of: impl Fn(&FailKey, &FailTally) -> u64) -> u64 {
    tallies.iter().map(|(key, tally)| of(key, tally)).sum()
}

fn ranked<const CAP: usize>(routes: &Bottom<u64, CAP>) -> (Vec<(RouteKey, u64)>, bool) {
    let mut all: Vec<(RouteKey, u64)> = routes.iter().map(|(key, &n)| (route(key), n)).collect();
    all.sort_by(|(a, n), (b, m)| m.cmp(n).then_with(|| a.cmp(b)));
    let cut = routes.full || all.len() > ROUTES_SHOWN;
    all.truncate(ROUTES_SHOWN);
    (all, cut)
}

fn route(key: &[u8]) -> RouteKey {
    let mut parts = key.splitn(3, |&c| c == 0x1f).map(printable);
    let mut next = || parts.next().unwrap_or_default();
    RouteKey {
        captures: next(),
        authority: next(),
        path: next(),
    }
}
