//! How often each duration occurred: exact up to a minute and beyond, until there are too many different long ones.

use std::collections::BTreeMap;

/// Durations below this have a counter each, milliseconds; the table grows only as far as durations go.
const DENSE_MS: u32 = 1 << 16;
/// Different longer durations that are kept apart; timeouts end most long requests, so few logs have as many.
const LONG_MAX: usize = 16_384;
/// Leading binary digits that are kept of longer durations when there are more: they are then up to 1/128 too small.
const DIGITS: u32 = 8;

/// Counts of durations in milliseconds.
#[derive(Clone, Debug, Default)]
pub struct Histogram {
    dense: Vec<u64>,
    long: BTreeMap<u32, u64>,
    /// Durations of more than a minute are rounded down by up to 1/128.
    pub is_rounded: bool,
}

impl Histogram {
    /// Counts one.
    #[inline]
    pub(super) fn count(&mut self, ms: u32) {
        match self.dense.get_mut(ms as usize) {
            Some(n) => *n += 1,
            None => self.add(ms, 1),
        }
    }

    #[cold]
    fn add(&mut self, ms: u32, n: u64) {
        if ms < DENSE_MS {
            let wanted = (ms as usize + 1).next_power_of_two().max(1024);
            if self.dense.len() < wanted {
                self.dense.resize(wanted, 0);
            }
            if let Some(slot) = self.dense.get_mut(ms as usize) {
                *slot += n;
            }
            return;
        }
        let key = if self.is_rounded { rounded(ms) } else { ms };
        *self.long.entry(key).or_default() += n;
        if self.long.len() > LONG_MAX && !self.is_rounded {
            self.round();
        }
    }

    /// The lengths of a part never outnumber those of the whole, so whether they are rounded does not depend on the parts.
    fn round(&mut self) {
        self.is_rounded = true;
        for (ms, n) in std::mem::take(&mut self.long) {
            *self.long.entry(rounded(ms)).or_default() += n;
        }
    }

    pub(super) fn merge(&mut self, other: Histogram) {
        let Histogram {
            mut dense,
            long,
            is_rounded,
        } = other;
        if dense.len() > self.dense.len() {
            std::mem::swap(&mut dense, &mut self.dense);
        }
        for (mine, theirs) in self.dense.iter_mut().zip(dense) {
            *mine += theirs;
        }
        if is_rounded && !self.is_rounded {
            self.round();
        }
        for (ms, n) in long {
            self.add(ms, n);
        }
    }

    /// Durations counted.
    pub fn n(&self) -> u64 {
        self.each().map(|(_, n)| n).sum()
    }

    /// Sum of all, milliseconds.
    pub fn sum(&self) -> u128 {
        self.each()
            .map(|(ms, n)| u128::from(ms) * u128::from(n))
            .sum()
    }

    /// For each of some ranks, in ascending order: the shortest duration such that so many are not longer.
    ///
    /// This is how `halog -pct` reads its sorted values, rank 0 included. Nothing where nothing was counted.
    pub fn at(&self, ranks: impl Iterator<Item = u64>) -> Vec<u32> {
        let mut each = self.each().filter(|&(_, n)| n > 0);
        let Some((mut ms, mut n_so_far)) = each.next() else {
            return Vec::new();
        };
        let mut found = Vec::new();
        for rank in ranks {
            while n_so_far < rank {
                let Some((next, n)) = each.next() else { break };
                ms = next;
                n_so_far += n;
            }
            found.push(ms);
        }
        found
    }

    fn each(&self) -> impl Iterator<Item = (u32, u64)> {
        let dense = (0_u32..).zip(self.dense.iter().copied());
        dense.chain(self.long.iter().map(|(&ms, &n)| (ms, n)))
    }
}

/// Only the first binary digits of it.
fn rounded(ms: u32) -> u32 {
    let n_digits = u32::BITS - ms.leading_zeros();
    let low = n_digits.saturating_sub(DIGITS);
    ms >> low << low
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: impl Iterator<Item = u32>) -> Histogram {
        let mut all = Histogram::default();
        values.for_each(|ms| all.count(ms));
        all
    }

    #[test]
    fn ranks_are_read_as_from_a_sorted_list() {
        let all = of([5, 0, 70_000, 5, 9].into_iter());
        assert_eq!(all.at(0..=6), [0, 0, 5, 5, 9, 70_000, 70_000]);
        assert_eq!((all.n(), all.sum()), (5, 70_019));
        assert_eq!(Histogram::default().at(0..3), [0_u32; 0]);
    }

    #[test]
    fn too_many_long_ones_are_rounded_the_same_in_any_order() {
        let values = || (0..20_000_u32).map(|n| 65_536 + n * 7);
        let whole = of(values());
        let mut parts = of(values().skip(9000));
        parts.merge(of(values().take(9000)));
        assert!(whole.is_rounded && parts.is_rounded);
        assert_eq!(whole.long, parts.long);
        let middle = whole.at([10_000].into_iter())[0];
        let exact = 65_536 + 9_999 * 7;
        assert!(
            middle <= exact && u64::from(exact - middle) * 128 <= u64::from(exact),
            "{middle} {exact}"
        );
        assert!(!of(values().take(16_384)).is_rounded);
    }
}
