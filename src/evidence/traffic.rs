//! Requests over time, per frontend and backend, and which servers answered them.

use crate::base::SECOND;
use crate::base::printable;
use crate::event::traffic::Names;
use crate::event::traffic::Traffic as Line;
use crate::evidence::Axis;
use crate::evidence::Bottom;
use crate::evidence::Cells;
use crate::evidence::FailCell;
use crate::evidence::Second;
use crate::evidence::Seen;
use crate::evidence::ServerCell;
use crate::evidence::Step;
use crate::evidence::Tally as _;
use crate::evidence::WorkerTally;
use crate::evidence::names::Names as Numbers;

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
    /// Its worker; 0 when the carrier has no pid.
    pid: u32,
    /// The triples of each host.
    numbers: Numbers<Path>,
    n_paths: usize,
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

/// One `frontend backend/server`: where it is counted.
#[derive(Clone, Copy, Debug, Default)]
struct Path {
    pair: u16,
    server: u16,
    has_server: bool,
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

impl Traffic {
    /// What follows is of this host, until another one is named.
    pub(super) fn turn(&mut self, host: &[u8], axis: Axis, pid: u32) {
        self.pid = pid;
        let current = self.hosts.get(self.host as usize);
        if current.is_none_or(|h| h.axis != axis || *h.name != *host) {
            self.host = self.host_index(host, axis).unwrap_or(u32::MAX);
        }
    }

    #[inline(always)]
    pub(super) fn fold<'a>(&mut self, seen: impl Fn() -> Seen<'a>, line: Line<'a>) {
        let Some(path) = self.path(line.names()) else {
            self.n_uncounted += 1;
            return;
        };
        let Some(pair) = self.pairs.get_mut(usize::from(path.pair)) else {
            self.n_uncounted += 1;
            return;
        };
        // What few lines need is copied for them, or each line would be put into memory.
        let may_have_failed = !line.http || line.status_code == Some(503);
        let step = may_have_failed.then(|| Step::of(&{ line })).flatten();
        let at = match line.accept {
            Some(at) => at,
            None => seen().record.stamp.map_or(UNDATED, |stamp| stamp.micros),
        };
        let good = step.is_none() && path.has_server && is_good(line);
        pair.count(at, self.pid, line, good);
        if !good {
            pair.open_worker.1.count_other(at, step.is_some());
        }
        if let Some((_, cells)) = pair.servers.get_mut(usize::from(path.server)) {
            cells.count(at, |cell| {
                cell.n_good += u64::from(good);
                if good {
                    cell.last_good = cell.last_good.max(Some(at));
                }
                cell.n_failed += u64::from(step.is_some());
            });
        }
        if let Some(step) = step {
            pair.failures.at(at).fold(&seen(), &{ line }, step);
        }
    }

    /// Where a line with these names is counted; `None` when there are too many of them. They are copied where few lines need
    /// them, or those of each line would be put into memory.
    #[inline(always)]
    fn path(&mut self, names: Names<'_>) -> Option<Path> {
        let key = names.key();
        if key.is_empty() {
            return self.path_of_names(&{ names });
        }
        match self.numbers.get(self.host, key) {
            Some(path) => Some(path),
            None => self.new_path(&{ names }, key),
        }
    }

    #[inline(never)]
    fn path_of_names(&mut self, names: &Names<'_>) -> Option<Path> {
        let mut key = std::mem::take(&mut self.key);
        names.join(&mut key);
        let known = self.numbers.get(self.host, &key);
        let path = known.or_else(|| self.new_path(names, &key));
        self.key = key;
        path
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

    #[inline(never)]
    fn new_path(&mut self, names: &Names<'_>, key_of_path: &[u8]) -> Option<Path> {
        if self.n_paths >= PATHS_MAX {
            return None;
        }
        let host = self.hosts.get(self.host as usize)?;
        let axis = host.axis;
        let key = PairKey {
            host: printable(&host.name).into_boxed_str(),
            frontend: printable(names.frontend()).into_boxed_str(),
            backend: printable(names.backend()).into_boxed_str(),
        };
        // Too many pairs: it is counted nowhere, and known from now on.
        let nowhere = (u16::MAX, 0);
        let (pair, server) = place(&mut self.pairs, key, axis, names.server()).unwrap_or(nowhere);
        let path = Path {
            pair,
            server,
            has_server: names.has_server(),
        };
        self.n_paths += 1;
        self.numbers.insert(self.host, key_of_path, path);
        Some(path)
    }

    pub(super) fn merge(&mut self, other: Traffic) {
        let Traffic {
            hosts: _,
            host: _,
            pid: _,
            numbers: _,
            n_paths: _,
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

/// Answered, if by a server, and the answer was no error of the server's side.
#[inline(always)]
fn is_good(line: Line<'_>) -> bool {
    let done = match line.termination_state {
        Some(state) => matches!(state, [b'-', ..] | [b'C' | b'c', b'D' | b'L' | b'H', ..]),
        // Without it only a status tells that there was an answer.
        None => line.status_code.is_some(),
    };
    done && line.status_code.is_none_or(|status| status < 500)
}

fn place(pairs: &mut Vec<Pair>, key: PairKey, axis: Axis, server: &[u8]) -> Option<(u16, u16)> {
    let pair = pair_index(pairs, &key, axis)?;
    let servers = &mut pairs.get_mut(pair)?.servers;
    let server = server_index(servers, server)?;
    Some((u16::try_from(pair).ok()?, u16::try_from(server).ok()?))
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
    #[inline(always)]
    fn count(&mut self, at: i64, pid: u32, line: Line<'_>, good: bool) {
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
