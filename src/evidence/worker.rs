//! Which worker process answered, well or not, and from when to when.

use crate::evidence::Second;
use crate::evidence::Tally;
use crate::evidence::second::span;
use crate::evidence::traffic::UNDATED;

/// Requests that one worker answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WorkerTally {
    /// Requests answered well.
    pub n_good: u64,
    /// Requests that failed with a 503, or in the TCP way.
    pub n_failed: u64,
    /// First and last accept date of all its requests; local axis. `None`: lines without a date.
    pub times: Option<(i64, i64)>,
    /// First and last accept date of the good ones; local axis.
    pub good: Option<(i64, i64)>,
}

impl WorkerTally {
    /// The good requests of one second.
    pub(super) fn count_good(&mut self, second: &Second) {
        self.n_good += second.n_good;
        let dated = second.good.get().filter(|(first, _)| *first != UNDATED);
        self.good = span(self.good, dated);
        self.times = span(self.times, dated);
    }

    /// A request that was not answered well.
    pub(super) fn count_other(&mut self, at: i64, failed: bool) {
        self.n_failed += u64::from(failed);
        if at != UNDATED {
            self.times = span(self.times, Some((at, at)));
        }
    }
}

impl WorkerTally {
    /// The same with its times on another axis.
    pub fn moved(&self, to: impl Fn(i64) -> i64) -> WorkerTally {
        let both = |(first, last)| (to(first), to(last));
        WorkerTally {
            times: self.times.map(both),
            good: self.good.map(both),
            ..*self
        }
    }
}

impl Tally for WorkerTally {
    fn add(&mut self, other: Self) {
        let WorkerTally {
            n_good,
            n_failed,
            times,
            good,
        } = other;
        self.n_good += n_good;
        self.n_failed += n_failed;
        self.times = span(self.times, times);
        self.good = span(self.good, good);
    }
}
