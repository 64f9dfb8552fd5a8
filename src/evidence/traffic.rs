//! Requests over time, per frontend and backend, and which servers answered them.

use crate::base::SECOND;
use crate::base::printable;
use crate::event::traffic::Traffic as Line;
use crate::evidence::Axis;
use crate::evidence::Bottom;
use crate::evidence::Cells;
use crate::evidence::FailCell;
use crate::evidence::Seen;
use crate::evidence::Step;
use crate::evidence::Tally;
use crate::evidence::WorkerTally;
use crate::evidence::names::Names;

/// Cells of all requests per pair; at one second each this holds 18 hours, then two seconds each, and so on. 80 bytes a cell.
const SECONDS_MAX: usize = 65_536;
/// Cells of all requests of all pairs together; with 16 pairs or more each has fewer of them.
const SECONDS_IN_ALL: usize = 1 << 19;
/// Width of a server's cells and of cells of failures, microseconds. Well below the 60 s that tell two incidents apart.
const WIDE: i64 = 16 * SECOND;
/// Cells per server. 24 bytes each.
const SERVER_CELLS_MAX: usize = 4096;
/// Cells of failures per pair; at 16 s each four and a half hours of uninterrupted failures, then wider.
const FAIL_CELLS_MAX: usize = 1024;
/// Distinct `frontend backend/server` triples kept per log; a log with more has names made up by somebody.
const PATHS_MAX: usize = 65_536;
/// Distinct pairs of frontend and backend kept per log, and distinct servers of one pair.
const PAIRS_MAX: usize = 4096;
/// Workers kept per pair. A log of weeks with a reload an hour holds some hundreds; those that matter are near a failure.
const WORKERS_MAX: usize = 1024;
/// Where requests without any date are put.
pub(super) const UNDATED: i64 = i64::MIN / 4;

/// Requests of one log.
#[derive(Clone, Debug, Default)]
pub struct Traffic {
    hosts: Vec<Host>,
    /// The host of the line before.
    host: u32,
    /// Numbers of the triples of each host.
    names: Names,
    /// By these numbers.
    paths: Vec<Path>,
    pairs: Vec<Pair>,
    /// Where the three names of a line are put together that stand apart in its format.
    key: Vec<u8>,
    /// Lines whose names were not counted because there were too many of them.
    pub n_uncounted: u64,
}

/// A host, as far as its lines are tied to UTC in the same way.
#[derive(Clone, Debug)]
struct Host {
    name: Box<[u8]>,
    axis: Axis,
}

/// One `frontend backend/server`.
#[derive(Clone, Debug)]
struct Path {
    pair: u32,
    server: u32,
}

/// A frontend and the backend it sent requests to, on one host.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PairKey {
    /// Host of HAProxy; empty when the carrier has none.
    pub host: Box<str>,
    /// Frontend name.
    pub frontend: Box<str>,
    /// Backend name.
    pub backend: Box<str>,
}

/// Tallies of one pair.
#[derive(Clone, Debug)]
pub struct Pair {
    /// Who.
    pub key: PairKey,
    /// How the lines' accept dates are tied to UTC.
    pub axis: Axis,
    /// Lines of the HTTP kind among them.
    pub n_http: u64,
    /// Lines in all.
    pub n: u64,
    /// All requests, by accept date; local axis.
    pub seconds: Cells<Second>,
    /// Failed requests, by accept date; local axis.
    pub failures: Cells<FailCell>,
    /// By server, as logged.
    pub servers: Vec<(Box<[u8]>, Cells<ServerCell>)>,
    /// By worker; the key is the pid's bytes, little end first.
    pub workers: Bottom<WorkerTally, WORKERS_MAX>,
    open_worker: (u32, WorkerTally),
}

/// Requests of one slot of time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Second {
    /// Requests.
    pub n: u64,
    /// Requests answered well by a server: status below 500 (or any end of a TCP stream's data phase).
    pub n_good: u64,
    /// 5xx other than 503.
    pub n_other_5xx: u64,
    /// First and last accept date of good ones; local axis.
    pub good: Option<(i64, i64)>,
    /// Sum of `%Tr` in ms over the requests that have it.
    pub response_ms_sum: u64,
    /// Requests that have it.
    pub n_response: u64,
    /// Longest `%Tw`, ms.
    pub queue_ms_max: u32,
}

/// The shortest interval that holds both.
pub(super) fn span(a: Option<(i64, i64)>, b: Option<(i64, i64)>) -> Option<(i64, i64)> {
    match (a, b) {
        (Some((a, b)), Some((c, d))) => Some((a.min(c), b.max(d))),
        (one, other) => one.or(other),
    }
}

impl Second {
    #[inline]
    fn fold(&mut self, at: i64, line: &Line<'_>, good: bool) {
        self.n += 1;
        if good {
            self.n_good += 1;
            self.good = match self.good {
                Some((first, last)) => Some((first.min(at), last.max(at))),
                None => Some((at, at)),
            };
        }
        self.n_other_5xx += u64::from(
            line.status_code
                .is_some_and(|status| status >= 500 && status != 503),
        );
        if let Some(ms) = line.timers.res_timer_hdr_ms() {
            self.response_ms_sum += u64::from(ms);
            self.n_response += 1;
        }
        if line.timers.has_queued() {
            let ms = line.timers.req_timer_queue_ms().unwrap_or(0);
            self.queue_ms_max = self.queue_ms_max.max(ms);
        }
    }
}

impl Second {
    /// The same with its times on another axis.
    pub fn moved(&self, to: impl Fn(i64) -> i64) -> Second {
        Second {
            good: self.good.map(|(first, last)| (to(first), to(last))),
            ..*self
        }
    }
}

impl Tally for Second {
    fn add(&mut self, other: Self) {
        let Second {
            n,
            n_good,
            n_other_5xx,
            good,
            response_ms_sum,
            n_response,
            queue_ms_max,
        } = other;
        self.n += n;
        self.n_good += n_good;
        self.n_other_5xx += n_other_5xx;
        self.good = span(self.good, good);
        self.response_ms_sum += response_ms_sum;
        self.n_response += n_response;
        self.queue_ms_max = self.queue_ms_max.max(queue_ms_max);
    }
}

/// Requests of one server in one slot of time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ServerCell {
    /// Requests answered well.
    pub n_good: u64,
    /// Requests that failed with a 503, or in the TCP way.
    pub n_failed: u64,
    /// Last accept date of those answered well; local axis.
    pub last_good: Option<i64>,
}

impl Tally for ServerCell {
    fn add(&mut self, other: Self) {
        let ServerCell {
            n_good,
            n_failed,
            last_good,
        } = other;
        self.last_good = self.last_good.max(last_good);
        self.n_good += n_good;
        self.n_failed += n_failed;
    }
}

impl Traffic {
    /// `same_head`: the host is that of the line before.
    #[inline]
    pub(super) fn fold(&mut self, seen: &Seen<'_>, line: &Line<'_>, axis: Axis, same_head: bool) {
        let Some(index) = self.path(seen.record.host, axis, same_head, line) else {
            self.n_uncounted += 1;
            return;
        };
        let Some(path) = self.paths.get(index) else {
            return;
        };
        let Some(pair) = self.pairs.get_mut(path.pair as usize) else {
            return;
        };
        let step = Step::of(line);
        let at = line
            .accept
            .or_else(|| seen.record.stamp.map(|s| s.micros))
            .unwrap_or(UNDATED);
        let good = step.is_none() && is_good(line);
        pair.count(at, seen.record.pid.unwrap_or(0), line, good);
        if !good {
            pair.open_worker.1.count_other(at, step.is_some());
        }
        if let Some((_, cells)) = pair.servers.get_mut(path.server as usize) {
            cells.count(at, |cell| {
                cell.n_good += u64::from(good);
                if good {
                    cell.last_good = cell.last_good.max(Some(at));
                }
                cell.n_failed += u64::from(step.is_some());
            });
        }
        if let Some(step) = step {
            pair.failures.at(at).fold(seen, line, step);
        }
    }

    /// Number of the line's triple; `None` when there are too many of them.
    #[inline]
    fn path(&mut self, host: &[u8], axis: Axis, same_head: bool, line: &Line<'_>) -> Option<usize> {
        let current = self.hosts.get(self.host as usize);
        if current.is_none_or(|h| h.axis != axis || (!same_head && *h.name != *host)) {
            self.host = self.host_index(host, axis)?;
        }
        let key = line.key();
        if key.is_empty() {
            return self.path_of_names(line);
        }
        match self.names.get(self.host, key) {
            Some(index) => Some(index as usize),
            None => self.new_path(line, key),
        }
    }

    #[inline(never)]
    fn path_of_names(&mut self, line: &Line<'_>) -> Option<usize> {
        let mut key = std::mem::take(&mut self.key);
        line.join_names(&mut key);
        let index = match self.names.get(self.host, &key) {
            Some(index) => Some(index as usize),
            None => self.new_path(line, &key),
        };
        self.key = key;
        index
    }

    fn host_index(&mut self, name: &[u8], axis: Axis) -> Option<u32> {
        let mut known = self.hosts.iter();
        let known = known.position(|h| h.axis == axis && *h.name == *name);
        let index = known.unwrap_or(self.hosts.len());
        if known.is_none() {
            // Each has a pair or more.
            if index >= PAIRS_MAX {
                return None;
            }
            self.hosts.push(Host {
                name: name.into(),
                axis,
            });
        }
        u32::try_from(index).ok()
    }

    fn new_path(&mut self, line: &Line<'_>, path: &[u8]) -> Option<usize> {
        if self.paths.len() >= PATHS_MAX {
            return None;
        }
        let host = self.hosts.get(self.host as usize)?;
        let axis = host.axis;
        let key = PairKey {
            host: printable(&host.name).into_boxed_str(),
            frontend: printable(line.frontend()).into_boxed_str(),
            backend: printable(line.backend()).into_boxed_str(),
        };
        let index = self.paths.len();
        self.names
            .insert(self.host, path, u32::try_from(index).ok()?);
        let (pair, server) = place(&mut self.pairs, key, axis, line.server())?;
        self.paths.push(Path { pair, server });
        Some(index)
    }

    pub(super) fn merge(&mut self, other: Traffic) {
        let Traffic {
            hosts: _,
            host: _,
            names: _,
            paths: _,
            key: _,
            pairs,
            n_uncounted,
        } = other;
        self.n_uncounted += n_uncounted;
        for mut theirs in pairs {
            theirs.flush();
            let Some(index) = pair_index(&mut self.pairs, &theirs.key, theirs.axis) else {
                continue;
            };
            if let Some(mine) = self.pairs.get_mut(index) {
                mine.merge(theirs);
            }
        }
    }

    /// Counts what still waits to be counted.
    pub(super) fn settle(&mut self) {
        for pair in &mut self.pairs {
            pair.flush();
        }
    }

    /// The pairs as they are, in no order; settled before.
    pub(super) fn peek(&self) -> &[Pair] {
        &self.pairs
    }

    /// The pairs, by name and axis.
    pub fn pairs(mut self) -> Vec<Pair> {
        self.settle();
        self.pairs
            .sort_by(|a, b| (&a.key, a.axis).cmp(&(&b.key, b.axis)));
        self.pairs
    }
}

/// Answered by a server, and the answer was no error of the server's side.
fn is_good(line: &Line<'_>) -> bool {
    // A format without servers does not tell who answered.
    let real = line.has_server();
    let done = match line.termination_state {
        Some(state) => matches!(state, [b'-', ..] | [b'C' | b'c', b'D' | b'L' | b'H', ..]),
        // Without it only a status tells that there was an answer.
        None => line.status_code.is_some(),
    };
    real && done && line.status_code.is_none_or(|status| status < 500)
}

fn place(pairs: &mut Vec<Pair>, key: PairKey, axis: Axis, server: &[u8]) -> Option<(u32, u32)> {
    let pair = pair_index(pairs, &key, axis)?;
    let servers = &mut pairs.get_mut(pair)?.servers;
    let server = server_index(servers, server)?;
    Some((u32::try_from(pair).ok()?, u32::try_from(server).ok()?))
}

fn pair_index(pairs: &mut Vec<Pair>, key: &PairKey, axis: Axis) -> Option<usize> {
    let mut known = pairs.iter();
    if let Some(index) = known.position(|p| p.axis == axis && p.key == *key) {
        return Some(index);
    }
    if pairs.len() >= PAIRS_MAX {
        return None;
    }
    let n = pairs.len() + 1;
    pairs.push(Pair::new(key.clone(), axis, seconds_max(n)));
    if n.is_power_of_two() {
        // The cells of a part are limited less than those of the whole, so the final width does not depend on the parts.
        for pair in pairs {
            pair.seconds.limit(seconds_max(n));
        }
    }
    n.checked_sub(1)
}

/// Cells of one pair where there are so many pairs, or up to twice as many.
fn seconds_max(n_pairs: usize) -> usize {
    let n = n_pairs.checked_ilog2().map_or(1, |bits| 1 << bits);
    (SECONDS_IN_ALL / n).min(SECONDS_MAX)
}

fn server_index(servers: &mut Vec<(Box<[u8]>, Cells<ServerCell>)>, name: &[u8]) -> Option<usize> {
    if let Some(index) = servers.iter().position(|(n, _)| **n == *name) {
        return Some(index);
    }
    if servers.len() >= PAIRS_MAX {
        return None;
    }
    servers.push((name.into(), Cells::new(WIDE, SERVER_CELLS_MAX)));
    servers.len().checked_sub(1)
}

impl Pair {
    fn new(key: PairKey, axis: Axis, seconds_max: usize) -> Self {
        Pair {
            key,
            axis,
            n_http: 0,
            n: 0,
            seconds: Cells::new(SECOND, seconds_max),
            failures: Cells::new(WIDE, FAIL_CELLS_MAX),
            servers: Vec::new(),
            workers: Bottom::default(),
            open_worker: (0, WorkerTally::default()),
        }
    }

    /// Neighbours share their second and their worker; what one second has of good requests is its worker's too.
    #[inline]
    fn count(&mut self, at: i64, pid: u32, line: &Line<'_>, good: bool) {
        self.n += 1;
        self.n_http += u64::from(line.http);
        if pid != self.open_worker.0 || !self.seconds.is_open_at(at) {
            self.turn(pid, at);
        }
        self.seconds.opened().fold(at, line, good);
    }

    /// Goes on to another second or to another worker.
    #[inline(never)]
    fn turn(&mut self, pid: u32, at: i64) {
        self.open_worker.1.count_good(self.seconds.opened());
        if pid != self.open_worker.0 {
            self.flush_worker();
            self.open_worker.0 = pid;
        }
        self.seconds.open(at);
    }

    fn flush_worker(&mut self) {
        let tally = std::mem::take(&mut self.open_worker.1);
        if tally != WorkerTally::default() {
            let key = self.open_worker.0.to_le_bytes();
            self.workers.update(&key, |mine| mine.add(tally));
        }
    }

    /// Puts the cells and the worker that are being counted with the others.
    fn flush(&mut self) {
        self.open_worker.1.count_good(self.seconds.opened());
        self.flush_worker();
        self.seconds.settle();
        self.failures.settle();
        for (_, cells) in &mut self.servers {
            cells.settle();
        }
    }

    fn merge(&mut self, other: Pair) {
        let Pair {
            key: _same,
            axis: _same_too,
            n_http,
            n,
            seconds,
            failures,
            servers,
            workers,
            open_worker: _flushed,
        } = other;
        self.flush();
        self.n_http += n_http;
        self.n += n;
        self.seconds.merge(seconds);
        self.failures.merge(failures);
        self.workers.merge(workers, WorkerTally::add);
        for (name, cells) in servers {
            let index = server_index(&mut self.servers, &name);
            if let Some((_, mine)) = index.and_then(|index| self.servers.get_mut(index)) {
                mine.merge(cells);
            }
        }
    }

    /// Takes in the tallies of the same pair from another log.
    pub fn join(&mut self, other: Pair) {
        self.merge(other);
    }
}
