//! Requests over time, per frontend and backend, and which servers answered them.

use crate::base::printable;
use crate::event::traffic::Names;
use crate::event::traffic::Traffic as Line;
use crate::evidence::Axis;
use crate::evidence::Cells;
use crate::evidence::Pair;
use crate::evidence::PairKey;
use crate::evidence::Seen;
use crate::evidence::ServerCell;
use crate::evidence::Step;
use crate::evidence::names::Names as Numbers;
use crate::evidence::open::Open;
use crate::evidence::pair::Near;

/// Cells of all requests per pair; at one second each this holds 18 hours, then two seconds each, and so on. 72 bytes a cell.
const SECONDS_MAX: usize = 65_536;
/// Cells of all requests of all pairs together; with 16 pairs or more each has fewer of them.
const SECONDS_IN_ALL: usize = 1 << 19;
/// Distinct `frontend backend/server` triples kept per log; a log with more has names made up by somebody.
const PATHS_MAX: usize = 65_536;
/// Distinct pairs of frontend and backend kept per log.
const PAIRS_MAX: usize = 4096;
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
    /// By pair.
    near: Vec<Near>,
    /// Those of all pairs.
    servers: Vec<Server>,
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

/// One `frontend backend/server`: where it is counted. One number, since it is handed on with each line: the server's among all
/// of them in the lower half, then the pair's, then whether it is a server of a configuration.
#[derive(Clone, Copy, Debug, Default)]
struct Path(u64);

impl Path {
    /// Where nothing is counted.
    const NOWHERE: Path = Path(u64::MAX >> 16);
    const HAS_SERVER: u64 = 1 << 48;

    fn new(pair: u16, server: u32, has_server: bool) -> Path {
        let flag = if has_server { Path::HAS_SERVER } else { 0 };
        Path(u64::from(server) | u64::from(pair) << 32 | flag)
    }

    #[inline(always)]
    fn server(self) -> usize {
        let [a, b, c, d, ..] = self.0.to_le_bytes();
        u32::from_le_bytes([a, b, c, d]) as usize
    }

    #[inline(always)]
    fn pair(self) -> usize {
        let [_, _, _, _, a, b, ..] = self.0.to_le_bytes();
        usize::from(u16::from_le_bytes([a, b]))
    }

    #[inline(always)]
    fn has_server(self) -> bool {
        self.0 & Path::HAS_SERVER != 0
    }
}

/// A server of a pair, and what is being counted of it.
#[derive(Clone, Copy, Debug)]
struct Server {
    open: Open<ServerCell>,
    pair: u16,
    index: u16,
}

impl Server {
    fn cells<'a>(&self, pairs: &'a mut [Pair]) -> Option<&'a mut Cells<ServerCell>> {
        let pair = pairs.get_mut(usize::from(self.pair))?;
        let server = pair.servers.get_mut(usize::from(self.index));
        server.map(|(_, cells)| cells)
    }

    /// Goes on to another slot of time.
    #[inline(never)]
    fn turn(&mut self, at: i64, pairs: &mut [Pair]) {
        if let Some(cells) = self.cells(pairs) {
            std::mem::take(&mut self.open).close(cells);
            self.open = Open::at(at, cells);
        }
    }
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

    /// One line. What few lines need is copied for them, or each line would be put into memory.
    #[inline(always)]
    pub(super) fn fold<'a>(&mut self, seen: impl Fn() -> Seen<'a>, line: Line<'a>) {
        let Some(path) = self.path(line.names()) else {
            self.n_uncounted += 1;
            return;
        };
        let at = match line.accept {
            Some(at) => at,
            None => seen().record.stamp.map_or(UNDATED, |stamp| stamp.micros),
        };
        let Some(near) = self.near.get_mut(path.pair()) else {
            self.n_uncounted += 1;
            return;
        };
        if !near.is_at(self.pid, at)
            && let Some(pair) = self.pairs.get_mut(path.pair())
        {
            near.turn(pair, self.pid, at);
        }
        let is_good = path.has_server() && is_good(line);
        near.second.tally.fold(at, line, is_good);
        if is_good {
            self.answered(path, at);
            return;
        }
        let may_have_failed = !line.http || line.status_code == Some(503);
        let step = may_have_failed.then(|| Step::of(&{ line })).flatten();
        self.not_good(path, at, step.is_some());
        if let Some(step) = step
            && let Some(pair) = self.pairs.get_mut(path.pair())
        {
            pair.failures.at(at).fold(&seen(), &{ line }, step);
        }
    }

    /// A request that was answered well.
    #[inline(always)]
    fn answered(&mut self, path: Path, at: i64) {
        let Some(server) = self.servers.get_mut(path.server()) else {
            return;
        };
        if !server.open.holds(at) {
            server.turn(at, &mut self.pairs);
        }
        server.open.tally.answered(at);
    }

    /// One that was not.
    #[inline(never)]
    fn not_good(&mut self, path: Path, at: i64, failed: bool) {
        let pair = self.pairs.get_mut(path.pair());
        let server = self.servers.get(path.server());
        if let (Some(pair), Some(server)) = (pair, server) {
            pair.not_good(at, server.index, failed);
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
        // Where there are too many pairs it is counted nowhere, and that is known from now on.
        let path = self.place(&key, axis, names).unwrap_or(Path::NOWHERE);
        self.n_paths += 1;
        self.numbers.insert(self.host, key_of_path, path);
        Some(path)
    }

    fn place(&mut self, key: &PairKey, axis: Axis, names: &Names<'_>) -> Option<Path> {
        let index = self.pair(key, axis)?;
        let pair = u16::try_from(index).ok()?;
        let server = self.pairs.get_mut(index)?.server(names.server())?;
        let mut known = self.servers.iter();
        let known = known.position(|s| (s.pair, s.index) == (pair, server));
        let server = known.unwrap_or_else(|| {
            self.servers.push(Server {
                open: Open::default(),
                pair,
                index: server,
            });
            self.servers.len() - 1
        });
        Some(Path::new(
            pair,
            u32::try_from(server).ok()?,
            names.has_server(),
        ))
    }

    fn pair(&mut self, key: &PairKey, axis: Axis) -> Option<usize> {
        let mut known = self.pairs.iter();
        if let Some(index) = known.position(|p| p.axis == axis && p.key == *key) {
            return Some(index);
        }
        if self.pairs.len() >= PAIRS_MAX {
            return None;
        }
        let n = self.pairs.len() + 1;
        self.pairs
            .push(Pair::new(key.clone(), axis, seconds_max(n)));
        self.near.push(Near::default());
        if n.is_power_of_two() {
            // The cells of a part are limited less than those of the whole, so the final width does not depend on the parts.
            for pair in &mut self.pairs {
                pair.seconds.limit(seconds_max(n));
            }
        }
        n.checked_sub(1)
    }

    pub(super) fn merge(&mut self, mut other: Traffic) {
        self.settle();
        other.settle();
        self.n_uncounted += other.n_uncounted;
        for theirs in other.pairs {
            let mine = self.pair(&theirs.key, theirs.axis);
            if let Some(mine) = mine.and_then(|index| self.pairs.get_mut(index)) {
                mine.join(theirs);
            }
        }
    }

    /// Puts what is being counted with the rest; nothing is asked for before.
    pub(super) fn settle(&mut self) {
        for server in &mut self.servers {
            if let Some(cells) = server.cells(&mut self.pairs) {
                std::mem::take(&mut server.open).close(cells);
            }
        }
        for (near, pair) in self.near.iter_mut().zip(&mut self.pairs) {
            near.close(pair);
            pair.settle();
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

/// Cells of one pair where there are so many pairs, or up to twice as many.
fn seconds_max(n_pairs: usize) -> usize {
    let n = n_pairs.checked_ilog2().map_or(1, |bits| 1 << bits);
    (SECONDS_IN_ALL / n).min(SECONDS_MAX)
}
