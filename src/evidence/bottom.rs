//! A bounded map that is exact until it is full, and the same whatever the order: it keeps the keys with the smallest hashes.

use crate::evidence::sorted::Sorted;
use foldhash::fast::FixedState;
use std::hash::BuildHasher;

/// Seed of the hash; fixed, so that two runs keep the same keys.
const SEED: u64 = 0x6e6f_7372_7635_3033;

/// Keys with a value each, at most `CAP` of them.
///
/// A key among the `CAP` smallest hashes of all keys is among the smallest of every part, so it is never dropped and its
/// value is exact. Beyond the cap the number of distinct keys is an estimate (k-th minimum value), and `full` says so.
#[derive(Clone, Debug)]
pub struct Bottom<V, const CAP: usize> {
    kept: Sorted<u64, (Box<[u8]>, V)>,
    /// Keys were dropped.
    pub full: bool,
}

impl<V, const CAP: usize> Default for Bottom<V, CAP> {
    fn default() -> Self {
        Bottom {
            kept: Sorted::default(),
            full: false,
        }
    }
}

impl<V: Default, const CAP: usize> Bottom<V, CAP> {
    /// Lets `change` work on the key's value, unless the key is not kept; returns the key's hash.
    pub fn update(&mut self, key: &[u8], change: impl FnOnce(&mut V)) -> u64 {
        let hash = hash(key);
        self.update_hash(hash, key, change);
        hash
    }

    /// The same of a key that is never shown: it is kept by its hash alone.
    pub fn update_unnamed(&mut self, key: &[u8], change: impl FnOnce(&mut V)) {
        self.update_hash(hash(key), &[], change);
    }

    fn update_hash(&mut self, hash: u64, key: &[u8], change: impl FnOnce(&mut V)) {
        match self.kept.find(&hash) {
            Ok(index) => {
                if let Some((_, value)) = self.kept.value_mut(index) {
                    change(value);
                }
            }
            Err(index) if index >= CAP => self.full = true,
            Err(index) => {
                let mut value = V::default();
                change(&mut value);
                self.kept.insert_at(index, hash, (key.into(), value));
                self.shrink();
            }
        }
    }

    /// Takes the other's keys in; `add` joins the values of keys that both have.
    pub fn merge(&mut self, other: Self, mut add: impl FnMut(&mut V, V)) {
        let Bottom { kept, full } = other;
        self.full |= full;
        for (hash, (key, value)) in kept {
            match self.kept.find(&hash) {
                Ok(index) => {
                    if let Some((_, mine)) = self.kept.value_mut(index) {
                        add(mine, value);
                    }
                }
                Err(index) if index >= CAP => self.full = true,
                Err(index) => {
                    self.kept.insert_at(index, hash, (key, value));
                    self.shrink();
                }
            }
        }
    }

    /// The value of the key with this hash.
    pub fn get(&self, hash: u64) -> Option<&V> {
        self.kept.get(&hash).map(|(_, value)| value)
    }

    /// Lets `change` work on every kept key's value, given its hash; keys for which it says no are dropped.
    pub fn retain(&mut self, mut change: impl FnMut(u64, &mut V) -> bool) {
        self.kept.retain(|&hash, (_, value)| change(hash, value));
    }

    fn shrink(&mut self) {
        while self.kept.len() > CAP {
            self.kept.pop_last();
            self.full = true;
        }
    }

    /// The kept keys with their values, in the order of their hashes.
    pub fn iter(&self) -> impl Iterator<Item = (&[u8], &V)> {
        self.kept.values().map(|(key, value)| (&**key, value))
    }

    /// Number of distinct keys: exact, or an estimate when `full`.
    pub fn distinct(&self) -> u64 {
        let n = self.kept.len() as u64;
        match self.kept.last() {
            Some(&(last, _)) if self.full && last > 0 => {
                let estimate =
                    u128::from(n.saturating_sub(1)) * u128::from(u64::MAX) / u128::from(last);
                u64::try_from(estimate).unwrap_or(u64::MAX)
            }
            _ => n,
        }
    }

    /// Keys of `other` as far as this map reaches, and how many of them are here too.
    pub fn common(&self, other: &Self) -> (usize, usize) {
        // A full map knows nothing of keys beyond its largest hash.
        let reach = match self.kept.last() {
            Some(&(last, _)) if self.full => last,
            _ => u64::MAX,
        };
        let within = other.kept.iter().take_while(|(hash, _)| **hash <= reach);
        within.fold((0, 0), |(n, here), (hash, _)| {
            (n + 1, here + usize::from(self.kept.find(hash).is_ok()))
        })
    }
}

/// The hash that a key is kept by.
pub(super) fn hash(key: &[u8]) -> u64 {
    FixedState::with_seed(SEED).hash_one(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(keys: impl Iterator<Item = u32>) -> Bottom<u64, 64> {
        let mut bottom = Bottom::default();
        for key in keys {
            bottom.update(&key.to_le_bytes(), |n| *n += 1);
        }
        bottom
    }

    #[test]
    fn exact_below_the_cap_and_independent_of_order_above_it() {
        let small = filled((0..60).chain(0..10));
        assert_eq!((small.distinct(), small.full), (60, false));
        assert_eq!(small.iter().map(|(_, n)| n).sum::<u64>(), 70);

        let whole: Vec<_> = filled(0..1000)
            .iter()
            .map(|(k, n)| (k.to_vec(), *n))
            .collect();
        let mut parts = filled((300..1000).rev());
        parts.merge(filled(0..300), |a, b| *a += b);
        let merged: Vec<_> = parts.iter().map(|(k, n)| (k.to_vec(), *n)).collect();
        assert_eq!(merged, whole);
        let (n, here) = parts.common(&filled(0..50));
        assert!(n > 0 && n == here);
        assert_eq!(parts.common(&filled(2000..2400)).1, 0);
        let estimate = parts.distinct();
        assert!(parts.full && (600..1600).contains(&estimate), "{estimate}");
    }
}
