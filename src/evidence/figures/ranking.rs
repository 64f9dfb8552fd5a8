//! What was asked of each of many keys: exact up to a bound, and beyond it the same estimate whatever the order.

use crate::evidence::bottom;
use crate::evidence::figures::keys::Entry;
use crate::evidence::figures::keys::Keys;
use crate::evidence::figures::sketch::Sketch;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Keys that are counted exactly.
pub const EXACT_MAX: usize = 1 << 17;
/// Bytes of keys that are counted exactly; with the counters about 25 MB.
const EXACT_BYTES_MAX: usize = 12 << 20;
/// With so many keys there is soon room for all that are counted exactly.
const MANY: usize = 4096;
/// Keys that are known by name beyond the exact ones.
const NAMED_MAX: usize = 8192;
/// Requests that wait to be counted together; with their keys they stay in the fastest memory.
const PENDING: usize = 128;
/// Bytes of a key; longer ones that begin alike are one.
pub(super) const KEY_BYTES_MAX: usize = 1024;

/// What was asked of one key, such as a URL.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Asked {
    /// Requests.
    pub n: u64,
    /// Requests with a timer that is −1: they did not get to their end.
    pub n_err: u64,
    /// Requests answered with a 5xx.
    pub n_5xx: u64,
    /// Sum of their times, ms: `%Tr`, or `%Ta` where that is −1.
    pub time_ms: u64,
    /// Sum of `%Tr` where it is not −1, ms.
    pub time_ok_ms: u64,
    /// Sum of the bytes sent.
    pub bytes: u64,
}

impl Asked {
    #[inline]
    pub(super) fn add(&mut self, other: &Asked) {
        let Asked {
            n,
            n_err,
            n_5xx,
            time_ms,
            time_ok_ms,
            bytes,
        } = *other;
        self.n += n;
        self.n_err += n_err;
        self.n_5xx += n_5xx;
        self.time_ms += time_ms;
        self.time_ok_ms += time_ok_ms;
        self.bytes = self.bytes.saturating_add(bytes);
    }
}

/// Keys with what was asked of them.
///
/// Beyond the bound the counts come from a sketch, and those keys keep their names that have the smallest lots: each request
/// draws one by its place in the log, so a key is named the likelier the more often it is asked for. A share of one in a
/// thousand is missed once in `e^8` runs over different logs, and two runs over the same log name the same keys.
///
/// Requests are counted many at once: each key is somewhere else in memory, and waiting for one after the other would be most of
/// the work.
#[derive(Clone, Debug, Default)]
pub struct Ranking {
    known: Keys,
    beyond: Option<Box<Sketch>>,
    /// No lot above it can be among the smallest.
    lot_max: Option<u64>,
    /// Requests counted.
    pub n: u64,
    /// Requests whose key was cut to 1024 bytes.
    pub n_cut: u64,
    pending: Vec<Pending>,
    /// Keys of those, one after the other.
    pending_keys: Vec<u8>,
    fetched: Vec<u32>,
}

/// A request that waits.
#[derive(Clone, Copy, Debug)]
struct Pending {
    hash: u64,
    lot: u64,
    asked: Asked,
    /// Where its key ends.
    end: usize,
}

impl Ranking {
    /// Counts one request; its lot is any number that is drawn from where the line stands.
    #[inline]
    pub(super) fn count(&mut self, key: &[u8], asked: &Asked, lot: u64) {
        self.n += 1;
        let key = match key.get(..KEY_BYTES_MAX) {
            Some(cut) if key.len() > KEY_BYTES_MAX => {
                self.n_cut += 1;
                cut
            }
            _ => key,
        };
        self.wait(key, asked, lot);
    }

    /// Puts a request, or what was asked of one key, with those that wait.
    #[inline]
    fn wait(&mut self, key: &[u8], asked: &Asked, lot: u64) {
        self.pending_keys.extend_from_slice(key);
        self.pending.push(Pending {
            hash: bottom::hash(key),
            lot,
            asked: *asked,
            end: self.pending_keys.len(),
        });
        if self.pending.len() >= PENDING {
            self.settle();
        }
    }

    /// Counts the requests that wait.
    pub(super) fn settle(&mut self) {
        let mut pending = std::mem::take(&mut self.pending);
        let mut keys = std::mem::take(&mut self.pending_keys);
        let hashes = pending.iter().map(|request| request.hash);
        match &self.beyond {
            Some(sketch) => sketch.fetch(hashes),
            None => self.known.fetch(hashes, &mut self.fetched),
        }
        let mut from = 0;
        for request in &pending {
            let Pending {
                hash, lot, asked, ..
            } = request;
            let key = keys.get(from..request.end).unwrap_or_default();
            from = request.end;
            self.add(key, *hash, asked, *lot);
        }
        pending.clear();
        keys.clear();
        (self.pending, self.pending_keys) = (pending, keys);
    }

    #[inline]
    fn add(&mut self, key: &[u8], hash: u64, asked: &Asked, lot: u64) {
        if let Some(sketch) = &mut self.beyond {
            sketch.add(hash, asked);
            self.name(key, hash, lot);
            return;
        }
        match self.known.get(key, hash) {
            Some(mine) => {
                mine.asked.add(asked);
                mine.lot = lot.min(mine.lot);
            }
            None => {
                self.known.insert(key, hash, *asked, lot);
                if self.known.len() == MANY {
                    let n_bytes = EXACT_BYTES_MAX + KEY_BYTES_MAX;
                    self.known.reserve(EXACT_MAX, n_bytes);
                }
                if self.known.len() > EXACT_MAX || self.known.n_bytes() > EXACT_BYTES_MAX {
                    self.overflow();
                }
            }
        }
    }

    /// Keeps a key's name as long as its lot is among the smallest.
    #[inline]
    fn name(&mut self, key: &[u8], hash: u64, lot: u64) {
        if self.lot_max.is_some_and(|max| lot > max) {
            return;
        }
        match self.known.get(key, hash) {
            Some(mine) => mine.lot = lot.min(mine.lot),
            None => {
                self.known.insert(key, hash, Asked::default(), lot);
                if self.known.len() > 2 * NAMED_MAX {
                    self.shrink();
                }
            }
        }
    }

    fn overflow(&mut self) {
        if self.beyond.is_some() {
            return;
        }
        let mut sketch = Box::new(Sketch::new());
        for (key, entry) in self.known.iter() {
            sketch.add(bottom::hash(key), &entry.asked);
        }
        self.beyond = Some(sketch);
        self.shrink();
    }

    /// Leaves the names with the smallest lots.
    fn shrink(&mut self) {
        if self.beyond.is_none() || self.known.len() <= NAMED_MAX {
            return;
        }
        let all = std::mem::take(&mut self.known);
        let mut by_lot: Vec<_> = all.iter().map(|(key, entry)| (entry.lot, key)).collect();
        if by_lot.len() > NAMED_MAX {
            by_lot.select_nth_unstable(NAMED_MAX);
            by_lot.truncate(NAMED_MAX);
        }
        self.lot_max = by_lot.iter().map(|(lot, _)| *lot).max();
        for (lot, key) in by_lot {
            let hash = bottom::hash(key);
            self.known.insert(key, hash, Asked::default(), lot);
        }
    }

    pub(super) fn merge(&mut self, mut other: Ranking) {
        other.settle();
        self.settle();
        if other.beyond.is_none() && self.beyond.is_none() && self.known.len() < other.known.len() {
            std::mem::swap(self, &mut other);
        }
        let Ranking {
            known,
            beyond,
            lot_max: _found_again,
            n,
            n_cut,
            pending: _,
            pending_keys: _,
            fetched: _settled,
        } = other;
        self.n += n;
        self.n_cut += n_cut;
        if let Some(sketch) = beyond {
            self.overflow();
            if let Some(mine) = &mut self.beyond {
                mine.merge(&sketch);
            }
            for (key, entry) in known.iter() {
                self.name(key, bottom::hash(key), entry.lot);
            }
            return;
        }
        for (key, entry) in known.iter() {
            self.wait(key, &entry.asked, entry.lot);
        }
        self.settle();
    }

    /// There were too many keys: counts are estimates, never too small, and rare keys are missing.
    pub fn is_estimated(&self) -> bool {
        self.beyond.is_some()
    }

    /// By how much a count is too large on average, when they are estimates.
    pub fn excess(&self) -> u64 {
        self.n / (super::sketch::WIDTH as u64) + 1
    }

    /// Number of keys; an estimate when there were too many.
    pub fn distinct(&self) -> u64 {
        match &self.beyond {
            Some(sketch) => sketch.distinct(),
            None => self.known.len() as u64,
        }
    }

    /// So many of the keys that are known by name: those with the largest numbers, of which `number` is the first and the requests
    /// are the second; equals in the order of their names.
    pub fn top(mut self, n: usize, number: impl Fn(&Asked) -> u64) -> Vec<(Box<[u8]>, Asked)> {
        self.settle();
        self.shrink();
        let asked = |key: &[u8], entry: &Entry| match &self.beyond {
            Some(sketch) => sketch.get(bottom::hash(key)),
            None => entry.asked,
        };
        // The last of those kept so far is on top, as it is the first that goes.
        let mut kept = BinaryHeap::new();
        for (key, entry) in self.known.iter() {
            let asked = asked(key, entry);
            // No key is there twice, so what was asked of it decides nothing.
            let row = (Reverse((number(&asked), asked.n)), key, asked);
            if kept.len() < n {
                kept.push(row);
            } else if let Some(mut last) = kept.peek_mut()
                && row < *last
            {
                *last = row;
            }
        }
        let rows = kept.into_sorted_vec().into_iter();
        rows.map(|(_, key, asked)| (key.into(), asked)).collect()
    }
}

/// A number drawn by where a line stands; evenly spread.
#[inline]
pub(super) fn lot(source: u32, offset: u64) -> u64 {
    let mut lot = (offset ^ u64::from(source) << 40).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    lot ^= lot >> 32;
    lot = lot.wrapping_mul(0xD6E8_FEB8_6659_FD93);
    lot ^ lot >> 32
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every tenth request asks for one of ten keys, the others for one of their own.
    fn requests(range: std::ops::Range<u64>) -> Ranking {
        let mut all = Ranking::default();
        for n in range {
            let key = if n % 10 == 0 { n / 10 % 10 } else { n + 1000 };
            let asked = Asked {
                n: 1,
                bytes: 100,
                ..Asked::default()
            };
            all.count(format!("/{key}").as_bytes(), &asked, lot(0, n * 200));
        }
        all.settle();
        all
    }

    #[test]
    fn below_the_bound_every_count_is_exact() {
        let mut all = requests(0..600);
        all.merge(requests(600..1000));
        assert!(!all.is_estimated());
        assert_eq!((all.distinct(), all.n), (910, 1000));
        let first: Vec<_> = requests(0..1000).top(3, |a| a.n);
        let first: Vec<_> = first.iter().map(|(key, _)| &**key).collect();
        assert_eq!(first, [b"/0", b"/1", b"/2"]);
        assert!(requests(0..1000).top(0, |a| a.n).is_empty());
        let list = all.top(usize::MAX, |a| a.n);
        let five = list.iter().find(|(key, _)| **key == *b"/5").unwrap();
        assert_eq!((five.1.n, five.1.bytes), (10, 1000));
    }

    #[test]
    fn beyond_it_the_frequent_keys_are_named_the_same_in_any_order() {
        let whole = requests(0..200_000);
        let mut parts = requests(150_000..200_000);
        parts.merge(requests(0..20_000));
        parts.merge(requests(20_000..150_000));
        assert!(whole.is_estimated() && parts.is_estimated());
        let distinct = whole.distinct();
        assert!((170_000..190_000).contains(&distinct), "{distinct}");
        let list = whole.top(usize::MAX, |a| a.n);
        assert_eq!(list, parts.top(usize::MAX, |a| a.n));
        for key in 0..10 {
            let key = format!("/{key}");
            let (_, asked) = list.iter().find(|(k, _)| **k == *key.as_bytes()).unwrap();
            assert!((2000..2030).contains(&asked.n), "{key} {}", asked.n);
        }
    }

    #[test]
    fn long_keys_are_cut_and_counted() {
        let mut all = Ranking::default();
        let long = [b'a'; 3000];
        all.count(&long, &Asked::default(), 1);
        all.count(&long[..2000], &Asked::default(), 2);
        all.settle();
        assert_eq!((all.distinct(), all.n_cut), (1, 2));
    }
}
