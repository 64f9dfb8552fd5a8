//! Failed requests -> drafts of incidents: clusters in time per backend, with everything that is counted in them.

use crate::base::MINUTE;
use crate::base::Precision;
use crate::base::printable;
use crate::clock::Clock;
use crate::evidence::Axis;
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
use crate::incident::Pool;
use crate::incident::RouteKey;
use crate::incident::Spell;
use crate::incident::Window;
use crate::incident::phases::Returns;
use std::collections::BTreeMap;
use std::collections::BTreeSet;

/// Failures of one backend further apart than this are two incidents, and so are nearer ones of two reasons (`phases`).
const APART: i64 = MINUTE;
/// Routes listed per incident.
const ROUTES_SHOWN: usize = 20;

/// Requests of one backend over all its frontends, UTC.
#[derive(Clone, Debug, Default)]
pub struct Load {
    /// Second by second (or wider slots in very long logs): start of the slot, its width, what it holds.
    pub seconds: Vec<(i64, i64, Second)>,
    /// Good and failed requests by server, with the start of the slot and its width.
    pub servers: BTreeMap<Box<str>, Vec<ServerLoad>>,
    /// Requests by frontend.
    pub frontends: BTreeMap<Box<str>, u64>,
    /// Requests by host and worker; UTC. Pid 0: the carrier has none.
    pub workers: BTreeMap<(Box<str>, u32), WorkerTally>,
    /// Requests in all.
    pub n: u64,
    /// Width of the widest slot of `seconds`.
    widest: i64,
}

/// Requests of one server in one slot of time; UTC.
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

/// Joins the logs' tallies and clusters the failures. What two logs both hold counts once.
pub(super) fn drafts(
    logs: Vec<(u32, Vec<Pair>)>,
    clock: &Clock,
    pools: &BTreeMap<Box<str>, Pool>,
) -> (Vec<Incident>, BTreeMap<Box<str>, Load>, Reach) {
    let pairs = join_logs(logs);
    let mut reach = Reach::default();
    let mut loads = BTreeMap::<Box<str>, Load>::new();
    let mut by_backend = BTreeMap::<(Box<str>, Box<str>), Vec<Failures>>::new();
    for Known { source, host, pair } in pairs {
        let accept = clock.accept(source, &host, pair.axis);
        let utc = |local| accept.utc(local);
        extend(&mut reach, &pair, utc);
        loads
            .entry(pair.key.backend.clone())
            .or_default()
            .add(&pair, utc);
        let failures = by_backend
            .entry((pair.key.host.clone(), pair.key.backend.clone()))
            .or_default();
        for mut cell in pair.failures.into_tallies() {
            cell.move_times(utc);
            failures.push(Failures {
                times: times(&cell),
                frontend: pair.key.frontend.clone(),
                cell,
            });
        }
    }
    for load in loads.values_mut() {
        load.sort();
    }
    let mut incidents = Vec::new();
    for ((host, backend), failures) in by_backend {
        let returns = pools.get(&backend).map(Returns::of).unwrap_or_default();
        for cluster in clusters(failures, &returns) {
            incidents.push(incident(&host, &backend, cluster, loads.get(&backend)));
        }
    }
    (incidents, loads, reach)
}

/// The pairs of all logs, without what another log has too. Of two copies the one that is tied to UTC stays, then the larger.
fn join_logs(logs: Vec<(u32, Vec<Pair>)>) -> Vec<Known> {
    let only = only_host(&logs);
    let mut by_key = BTreeMap::<PairKey, BTreeMap<u32, Vec<Known>>>::new();
    for (source, pairs) in logs {
        for mut pair in pairs {
            let host = pair.key.host.clone();
            if let Some(only) = &only {
                pair.key.host.clone_from(only);
            }
            let of_key = by_key.entry(pair.key.clone()).or_default();
            of_key
                .entry(source)
                .or_default()
                .push(Known { source, host, pair });
        }
    }
    by_key.into_values().flat_map(join_key).collect()
}

/// A pair, and where its lines stand.
struct Known {
    source: u32,
    /// Host as logged.
    host: Box<str>,
    pair: Pair,
}

/// The same pair in several logs.
fn join_key(logs: BTreeMap<u32, Vec<Known>>) -> Vec<Known> {
    let mut logs: Vec<Vec<Known>> = logs.into_values().collect();
    logs.sort_by_key(|pairs| {
        let n: u64 = pairs.iter().map(|known| known.pair.n).sum();
        let is_free = pairs.iter().any(|known| known.pair.axis == Axis::Free);
        (is_free, std::cmp::Reverse(n))
    });
    let n_logs = logs.len();
    let mut kept = Vec::new();
    // Everything taken so far, on HAProxy's local axis, which copies agree on whatever their carriers are.
    let mut taken: Option<Pair> = None;
    for (index, pairs) in logs.into_iter().enumerate() {
        let mut news = Vec::new();
        for Known { source, host, pair } in pairs {
            let rest = match &taken {
                Some(taken) => pair.without(taken),
                None => Some(pair),
            };
            news.extend(rest.map(|pair| Known { source, host, pair }));
        }
        if index + 1 < n_logs {
            for Known { pair, .. } in &news {
                match &mut taken {
                    Some(taken) => taken.join(pair.clone()),
                    None => taken = Some(pair.clone()),
                }
            }
        }
        kept.extend(news);
    }
    kept
}

/// The one host that lines name, when others have no host at all: a carrier without hosts is then that host's.
fn only_host(logs: &[(u32, Vec<Pair>)]) -> Option<Box<str>> {
    let hosts = logs
        .iter()
        .flat_map(|(_, pairs)| pairs)
        .map(|pair| &pair.key.host)
        .filter(|host| !host.is_empty());
    let hosts: BTreeSet<&Box<str>> = hosts.collect();
    match hosts.into_iter().collect::<Vec<_>>().as_slice() {
        [one] => Some((*one).clone()),
        _ => None,
    }
}

fn extend(reach: &mut Reach, pair: &Pair, utc: impl Fn(i64) -> i64) {
    reach.n += pair.n;
    let mut dated = pair
        .seconds
        .iter()
        .filter(|(at, _)| *at > i64::MIN / 8)
        .map(|(at, _)| utc(at));
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
    fn add(&mut self, pair: &Pair, utc: impl Fn(i64) -> i64) {
        self.n += pair.n;
        *self.frontends.entry(pair.key.frontend.clone()).or_default() += pair.n;
        for (key, tally) in pair.workers.iter() {
            let pid = <[u8; 4]>::try_from(key).map_or(0, u32::from_le_bytes);
            let worker = self.workers.entry((pair.key.host.clone(), pid));
            worker.or_default().add(tally.moved(&utc));
        }
        let width = pair.seconds.width();
        let seconds = pair.seconds.iter();
        self.seconds
            .extend(seconds.map(|(at, second)| (utc(at), width, second.moved(&utc))));
        for (name, cells) in &pair.servers {
            let list = self
                .servers
                .entry(printable(name).into_boxed_str())
                .or_default();
            list.extend(cells.iter().map(|(at, cell)| ServerLoad {
                at: utc(at),
                width: cells.width(),
                n_good: cell.n_good,
                n_failed: cell.n_failed,
                last_good: cell.last_good().map(&utc),
            }));
        }
    }

    fn sort(&mut self) {
        self.seconds.sort_by_key(|&(at, width, _)| (at, width));
        let widths = self.seconds.iter().map(|(_, width, _)| *width);
        self.widest = widths.max().unwrap_or(0);
        for list in self.servers.values_mut() {
            list.sort_unstable();
        }
    }

    /// Requests and good ones accepted in `[from, to]`, to the precision of the slots, UTC.
    pub fn between(&self, from: i64, to: i64) -> Second {
        let mut sum = Second::default();
        let slots = self.ending_after(from);
        for (at, width, second) in slots.iter().take_while(|(at, ..)| *at <= to) {
            if at + width <= from {
                continue;
            }
            sum.add(*second);
        }
        sum
    }

    /// Accept date of the last good request before `at`, UTC.
    pub fn last_good_before(&self, at: i64) -> Option<i64> {
        let n = self.seconds.partition_point(|(start, ..)| *start <= at);
        let earlier = self.seconds.get(..n).unwrap_or_default().iter().rev();
        let mut latest = None;
        for (start, _, second) in earlier {
            // What begins this early ends before.
            if latest.is_some_and(|latest| start + self.widest <= latest) {
                break;
            }
            let before = second.good.get().and_then(|(first, last)| {
                let both = [last, first].into_iter();
                both.filter(|&good| good < at).max()
            });
            latest = latest.max(before);
        }
        latest
    }

    /// Accept date of the first good request after `at`, UTC.
    pub fn first_good_after(&self, at: i64) -> Option<i64> {
        let mut earliest = None::<i64>;
        for (start, width, second) in self.ending_after(at) {
            if earliest.is_some_and(|earliest| *start > earliest) {
                break;
            }
            let after = second.good.get().filter(|_| start + width > at);
            let after = after.and_then(|(first, last)| {
                let both = [first, last].into_iter();
                both.filter(|&good| good > at).min()
            });
            earliest = [earliest, after].into_iter().flatten().min();
        }
        earliest
    }

    /// The slots from the first one that may end after `from`.
    fn ending_after(&self, from: i64) -> &[(i64, i64, Second)] {
        let from = from.saturating_sub(self.widest);
        let n = self.seconds.partition_point(|(at, ..)| *at <= from);
        self.seconds.get(n..).unwrap_or_default()
    }
}

/// Failures of one slot of time; UTC.
struct Failures {
    times: Option<Times>,
    frontend: Box<str>,
    cell: FailCell,
}

/// Failures that belong together.
#[derive(Default)]
struct Cluster {
    cell: FailCell,
    times: Option<Times>,
    frontends: BTreeMap<Box<str>, u64>,
    spells: Vec<Spell>,
}

fn clusters(mut failures: Vec<Failures>, returns: &Returns) -> Vec<Cluster> {
    failures.sort_by(|a, b| (a.times, &a.frontend).cmp(&(b.times, &b.frontend)));
    let mut all: Vec<Cluster> = Vec::new();
    for Failures {
        times,
        frontend,
        cell,
    } in failures
    {
        // Undated failures all belong together; they sort first.
        let joins = all.last().is_some_and(|last| match (last.times, times) {
            (Some((_, accepted, end)), Some((first, _, _))) => {
                first - end <= APART && !returns.is_between(accepted, first)
            }
            _ => true,
        });
        if !joins {
            all.push(Cluster::default());
        }
        let Some(cluster) = all.last_mut() else {
            continue;
        };
        *cluster.frontends.entry(frontend).or_default() += cell.n();
        cluster.spells.extend(spells(&cell));
        cluster.cell.add(cell);
        cluster.times = match (cluster.times, times) {
            (Some((a, b, c)), Some((d, e, f))) => Some((a.min(d), b.max(e), c.max(f))),
            (one, other) => one.or(other),
        };
    }
    all
}

fn spells(cell: &FailCell) -> impl Iterator<Item = Spell> {
    let dated = cell.tallies.iter();
    dated.filter_map(|(key, tally)| {
        let (first, last, _) = tally.times?;
        Some(Spell {
            first,
            last,
            key: key.clone(),
            n: tally.n,
        })
    })
}

/// First and last accept date and last end of all failures in a cell.
fn times(cell: &FailCell) -> Option<Times> {
    let mut all = cell.tallies.values().filter_map(|tally| tally.times);
    let first = all.next()?;
    Some(all.fold(first, |(a, b, c), (d, e, f)| (a.min(d), b.max(e), c.max(f))))
}

fn incident(host: &str, backend: &str, cluster: Cluster, load: Option<&Load>) -> Incident {
    let Cluster {
        cell,
        times,
        frontends,
        mut spells,
    } = cluster;
    spells.sort();
    let frontend = frontends
        .into_iter()
        .max_by_key(|(name, n)| (*n, std::cmp::Reverse(name.clone())));
    let frontend = frontend.map(|(name, _)| name).unwrap_or_default();
    let FailCell {
        tallies,
        routes,
        clients,
        ..
    } = cell;
    let tallies: BTreeMap<FailKey, FailTally> = tallies.into_iter().collect();
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
            start: times.map(|(first, _, _)| first),
            end: times.map(|(_, _, end)| end),
            precision: Precision::Milli,
            last_good: before,
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
        spells,
        clients: (clients.distinct(), clients.full),
        routes,
        routes_cut,
        recovered: after.map(|_| true),
        recovered_at: after.map(|at| (at, Precision::Milli)),
        next: None,
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
