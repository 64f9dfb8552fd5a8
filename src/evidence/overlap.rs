//! Two logs that hold the same lines in part: a journal and a file, rotated pieces, a tail that was saved twice.
//!
//! Failed requests are known by their identity, so what both logs hold is taken out exactly, as long as a slot of time holds
//! no more of them than are kept. Good requests have none: where failures or whole seconds show that two logs overlap, the
//! part that both count in one slot is taken to be the same.

use crate::evidence::Extent;
use crate::evidence::FailCell;
use crate::evidence::Pair;
use crate::evidence::Second;
use crate::evidence::ServerCell;
use crate::evidence::WorkerTally;
use crate::evidence::bottom;

/// Slots of good requests that are equal to the millisecond, of 100 that both logs have: from here on they are copies.
const EQUAL_PERCENT_MIN: usize = 50;
/// Identities that both logs have, of 100 in a slot with more of them than are kept: from here on the slot is a copy.
const COPY_PERCENT: usize = 95;
/// And up to here chance.
const CHANCE_PERCENT: usize = 5;

impl Pair {
    /// What this log counted that `known`, the same pair in another log, did not; `None`: nothing.
    pub fn without(mut self, known: &Pair) -> Option<Pair> {
        let mut shared = false;
        self.failures
            .subtract(known.failures.clone(), |mine, theirs| {
                let left = mine.without(theirs);
                shared |= left.1;
                left.0
            });
        if !shared && !self.repeats(known) {
            return Some(self);
        }
        self.seconds
            .subtract(known.seconds.clone(), Second::without);
        for (name, cells) in &mut self.servers {
            let theirs = known.servers.iter().find(|(other, _)| other == name);
            if let Some((_, theirs)) = theirs {
                cells.subtract(theirs.clone(), ServerCell::without);
            }
        }
        self.workers.retain(|hash, tally| {
            let theirs = known.workers.get(hash);
            theirs.is_none_or(|theirs| tally.without(theirs))
        });
        self.n = self.seconds.iter().map(|(_, second)| second.n).sum();
        let n_failed: u64 = self.failures.iter().map(|(_, cell)| cell.n()).sum();
        (self.n > 0 || n_failed > 0).then_some(self)
    }

    /// Most slots of time that both logs have are equal: first and last accept date to the millisecond, counts, timers.
    fn repeats(&self, known: &Pair) -> bool {
        let (mut n, mut equal) = (0, 0);
        for (at, second) in self.seconds.iter() {
            let there = known.seconds.between(at, at + 1).next();
            let Some((_, there)) = there.filter(|(start, _)| *start == at) else {
                continue;
            };
            n += 1;
            equal += usize::from(second == there);
        }
        n > 0 && equal * 100 >= n * EQUAL_PERCENT_MIN
    }
}

impl FailCell {
    /// Takes out the failures that are in `known`: whether something is left, and whether something was taken out.
    fn without(&mut self, known: &FailCell) -> (bool, bool) {
        let (n, common) = known.identities.common(&self.identities);
        if common == 0 || common * 100 <= n * CHANCE_PERCENT && known.identities.full {
            return (true, false);
        }
        if common == n || (known.identities.full && common * 100 >= n * COPY_PERCENT) {
            return (false, true);
        }
        let FailCell {
            tallies,
            is_without_workers,
            routes,
            clients,
            identities,
        } = self;
        identities.retain(|hash, mine| {
            let Some(theirs) = known.identities.get(hash) else {
                return true;
            };
            let n = mine.n.min(theirs.n);
            let counted = tallies.iter_mut().find(|(key, tally)| {
                Some(key.step) == mine.step
                    && (key.pid == mine.pid || *is_without_workers)
                    && bottom::hash(&key.server) == mine.server
                    && tally.n >= n
            });
            if let Some((_, tally)) = counted {
                tally.n_http = tally.n_http.saturating_sub(n);
                tally.n -= n;
            }
            let less = |hash| {
                move |other, count: &mut u64| {
                    *count = count.saturating_sub(if Some(other) == hash { n } else { 0 });
                    *count > 0
                }
            };
            routes.retain(less(mine.route));
            clients.retain(less(Some(mine.client)));
            mine.n -= n;
            mine.n > 0
        });
        tallies.retain(|_, tally| tally.n > 0);
        (!tallies.is_empty(), true)
    }
}

impl Second {
    fn without(&mut self, known: &Second) -> bool {
        let Second {
            n,
            n_good,
            n_other_5xx,
            good,
            response_ms_sum,
            n_response,
            queue_ms_max: _a_maximum,
        } = self;
        *n = n.saturating_sub(known.n);
        *n_good = n_good.saturating_sub(known.n_good);
        *n_other_5xx = n_other_5xx.saturating_sub(known.n_other_5xx);
        *response_ms_sum = response_ms_sum.saturating_sub(known.response_ms_sum);
        *n_response = n_response.saturating_sub(known.n_response);
        if *n_good == 0 {
            *good = Extent::default();
        }
        *n > 0
    }
}

impl WorkerTally {
    fn without(&mut self, known: &WorkerTally) -> bool {
        let WorkerTally {
            n_good,
            n_failed,
            times: _reach_stays,
            good: _reach_stays_too,
        } = self;
        *n_good = n_good.saturating_sub(known.n_good);
        *n_failed = n_failed.saturating_sub(known.n_failed);
        *n_good + *n_failed > 0
    }
}
