//! Requests of one frontend that went to one backend, over time, with the servers that answered them.

use crate::base::SECOND;
use crate::evidence::Axis;
use crate::evidence::Bottom;
use crate::evidence::Cells;
use crate::evidence::FailCell;
use crate::evidence::Second;
use crate::evidence::ServerCell;
use crate::evidence::Tally as _;
use crate::evidence::WorkerTally;
use crate::evidence::open::Open;

/// Width of a server's cells and of cells of failures, microseconds. Well below the 60 s that tell two incidents apart.
const WIDE: i64 = 16 * SECOND;
/// Cells per server. 32 bytes each.
const SERVER_CELLS_MAX: usize = 4096;
/// Cells of failures per pair; at 16 s each four and a half hours of uninterrupted failures, then wider.
const FAIL_CELLS_MAX: usize = 1024;
/// Distinct servers kept per pair.
const SERVERS_MAX: usize = 4096;
/// Workers kept per pair. A log of weeks with a reload an hour holds some hundreds; those that matter are near a failure.
const WORKERS_MAX: usize = 1024;

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
    /// Of the worker whose requests are being counted.
    worker: WorkerTally,
}

/// What is counted of a pair with each line, apart from the rest of it.
///
/// Lines stand in the order in which requests ended, so those of two seconds follow each other in turns for a while.
#[derive(Clone, Copy, Debug, Default)]
#[repr(align(64))]
pub(super) struct Near {
    /// The second of the last line.
    pub(super) second: Open<Second>,
    /// The one that was counted before it.
    other: Open<Second>,
    /// The worker whose requests both hold.
    pid: u32,
}

impl Near {
    /// A request that was accepted then, of this worker, is counted in `second`.
    #[inline(always)]
    pub(super) fn is_at(&self, pid: u32, at: i64) -> bool {
        self.pid == pid && self.second.holds(at)
    }

    /// Goes on to another second or to another worker.
    #[inline(never)]
    pub(super) fn turn(&mut self, pair: &mut Pair, pid: u32, at: i64) {
        if self.pid != pid {
            self.close(pair);
            self.pid = pid;
        }
        std::mem::swap(&mut self.second, &mut self.other);
        if !self.second.holds(at) {
            pair.close(self.second);
            self.second = Open::at(at, &pair.seconds);
        }
    }

    /// Puts what was counted with the rest of the pair.
    pub(super) fn close(&mut self, pair: &mut Pair) {
        let Near { second, other, pid } = std::mem::take(self);
        pair.close(second);
        pair.close(other);
        pair.close_worker(pid);
    }
}

impl Pair {
    pub(super) fn new(key: PairKey, axis: Axis, seconds_max: usize) -> Self {
        Pair {
            key,
            axis,
            n: 0,
            seconds: Cells::new(SECOND, seconds_max),
            failures: Cells::new(WIDE, FAIL_CELLS_MAX),
            servers: Vec::new(),
            workers: Bottom::default(),
            worker: WorkerTally::default(),
        }
    }

    /// Number of a server among those of the pair; `None`: there are too many.
    pub(super) fn server(&mut self, name: &[u8]) -> Option<u16> {
        let mut known = self.servers.iter();
        let known = known.position(|(known, _)| **known == *name);
        let index = known.unwrap_or(self.servers.len());
        if known.is_none() {
            if index >= SERVERS_MAX {
                return None;
            }
            self.servers
                .push((name.into(), Cells::new(WIDE, SERVER_CELLS_MAX)));
        }
        u16::try_from(index).ok()
    }

    /// A request that was not answered well; `failed`: with a 503, or in the TCP way.
    pub(super) fn not_good(&mut self, at: i64, server: u16, failed: bool) {
        self.worker.count_other(at, failed);
        if let Some((_, cells)) = self.servers.get_mut(usize::from(server)) {
            cells.at(at).n_failed += u64::from(failed);
        }
    }

    /// What a second has of good requests is its worker's, too.
    fn close(&mut self, second: Open<Second>) {
        self.n += second.tally.n;
        self.worker.count_good(&second.tally);
        second.close(&mut self.seconds);
    }

    fn close_worker(&mut self, pid: u32) {
        let tally = std::mem::take(&mut self.worker);
        if tally != WorkerTally::default() {
            let key = pid.to_le_bytes();
            self.workers.update(&key, |mine| mine.add(tally));
        }
    }

    /// Puts all cells in their order, to be read.
    pub(super) fn settle(&mut self) {
        self.seconds.settle();
        self.failures.settle();
        for (_, cells) in &mut self.servers {
            cells.settle();
        }
    }

    /// Takes in the tallies of the same pair in another log, or in another part of it.
    pub fn join(&mut self, other: Pair) {
        let Pair {
            key: _same,
            axis: _same_too,
            n,
            seconds,
            failures,
            servers,
            workers,
            worker: _closed,
        } = other;
        self.n += n;
        self.seconds.merge(seconds);
        self.failures.merge(failures);
        self.workers.merge(workers, WorkerTally::add);
        for (name, cells) in servers {
            let index = self.server(&name).map(usize::from);
            if let Some((_, mine)) = index.and_then(|index| self.servers.get_mut(index)) {
                mine.merge(cells);
            }
        }
    }
}
