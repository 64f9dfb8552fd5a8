//! Keys with counters, laid out so that looking up many at once waits for memory once, not once per key.

use crate::evidence::figures::Asked;

/// Places at first; a power of two. There are always at least twice as many as keys.
const PLACES_MIN: usize = 1024;

/// What is known of one key: a line of the processor's cache, so that one read brings all of it near.
#[derive(Clone, Copy, Debug, Default)]
#[repr(align(64))]
pub(super) struct Entry {
    pub(super) asked: Asked,
    /// Smallest lot of its requests.
    pub(super) lot: u64,
    from: u32,
    length: u32,
}

/// Keys in the order in which they came, found by their hash.
#[derive(Clone, Debug, Default)]
pub(super) struct Keys {
    /// Upper half of the hash, and the number of the entry plus one; 0: free. Searched from the place that the hash begins with.
    places: Vec<(u32, u32)>,
    entries: Vec<Entry>,
    /// The keys, one after the other.
    bytes: Vec<u8>,
}

impl Keys {
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Takes room for so many keys of so many bytes in all: growing step by step would copy them, and what is taken costs
    /// nothing before it is used.
    pub(super) fn reserve(&mut self, n: usize, n_bytes: usize) {
        self.entries
            .reserve_exact(n.saturating_sub(self.entries.len()));
        self.bytes
            .reserve_exact(n_bytes.saturating_sub(self.bytes.len()));
        self.grow((2 * n).next_power_of_two());
    }

    /// Bytes of all keys.
    pub(super) fn n_bytes(&self) -> usize {
        self.bytes.len()
    }

    /// Reads what [`Keys::get`] will read for each of these hashes. The reads do not wait for each other, so the processor has
    /// them under way at the same time.
    pub(super) fn fetch(&self, hashes: impl Iterator<Item = u64>, numbers: &mut Vec<u32>) {
        numbers.clear();
        numbers.extend(hashes.map(|hash| {
            let place = self.places.get(self.place(tag(hash)));
            place.map_or(0, |&(_, number)| number)
        }));
        let mut read = 0_u64;
        for &number in &*numbers {
            if let Some(entry) = self.entry(number) {
                let (from, length) = (entry.from as usize, entry.length as usize);
                // A key lies in one line of the cache or in two.
                let ends = [from, (from + length).saturating_sub(1)];
                let ends = ends.map(|at| self.bytes.get(at).map_or(0, |&byte| u64::from(byte)));
                let [first, last] = ends;
                read = read.wrapping_add(entry.lot ^ first ^ last);
            }
        }
        std::hint::black_box(read);
    }

    /// The entry of a key.
    #[inline]
    pub(super) fn get(&mut self, key: &[u8], hash: u64) -> Option<&mut Entry> {
        let tag = tag(hash);
        let mut place = self.place(tag);
        loop {
            let &(known, number) = self.places.get(place)?;
            if number == 0 {
                return None;
            }
            if known == tag && self.entry(number).is_some_and(|e| self.key(e) == key) {
                return self.entries.get_mut(number as usize - 1);
            }
            place = (place + 1) % self.places.len();
        }
    }

    /// Adds a key that is not there.
    pub(super) fn insert(&mut self, key: &[u8], hash: u64, asked: Asked, lot: u64) {
        if 2 * (self.entries.len() + 1) > self.places.len() {
            self.grow((2 * self.places.len()).max(PLACES_MIN));
        }
        let (Ok(from), Ok(length)) = (u32::try_from(self.bytes.len()), u32::try_from(key.len()))
        else {
            return;
        };
        self.bytes.extend_from_slice(key);
        self.entries.push(Entry {
            asked,
            lot,
            from,
            length,
        });
        let number = u32::try_from(self.entries.len()).unwrap_or(u32::MAX);
        self.put(tag(hash), number);
    }

    fn put(&mut self, tag: u32, number: u32) {
        let mut place = self.place(tag);
        let n = self.places.len();
        while let Some(there) = self.places.get_mut(place) {
            if there.1 == 0 {
                *there = (tag, number);
                return;
            }
            place = (place + 1) % n;
        }
    }

    /// Makes so many places, a power of two.
    fn grow(&mut self, more: usize) {
        for (tag, number) in std::mem::replace(&mut self.places, vec![(0, 0); more]) {
            if number > 0 {
                self.put(tag, number);
            }
        }
    }

    /// The first place of a tag: its upper bits.
    #[inline]
    fn place(&self, tag: u32) -> usize {
        let bits = self.places.len().checked_ilog2().unwrap_or(0);
        usize::try_from(u64::from(tag) << bits >> 32).unwrap_or(0)
    }

    fn entry(&self, number: u32) -> Option<&Entry> {
        self.entries.get((number as usize).checked_sub(1)?)
    }

    fn key(&self, entry: &Entry) -> &[u8] {
        let from = entry.from as usize;
        let key = self.bytes.get(from..from + entry.length as usize);
        key.unwrap_or_default()
    }

    /// All keys with their entries, in the order in which they came.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&[u8], &Entry)> {
        self.entries.iter().map(|entry| (self.key(entry), entry))
    }
}

#[inline]
fn tag(hash: u64) -> u32 {
    let [_, _, _, _, a, b, c, d] = hash.to_le_bytes();
    u32::from_le_bytes([a, b, c, d])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_found_even_if_their_hashes_are_equal() {
        let mut keys = Keys::default();
        let name = |n: u64| format!("/{}", n * 7919);
        // Seven keys share each hash, and the last places are full, so that searching goes on at the first.
        let hash = |n: u64| u64::MAX - ((n / 7) << 40);
        for n in 0..3000 {
            assert!(keys.get(name(n).as_bytes(), hash(n)).is_none());
            keys.insert(name(n).as_bytes(), hash(n), Asked::default(), n);
        }
        let mut numbers = Vec::new();
        keys.fetch((0..3000).map(hash), &mut numbers);
        assert_eq!((keys.len(), numbers.len()), (3000, 3000));
        for n in 0..3000 {
            let found = keys.get(name(n).as_bytes(), hash(n));
            assert_eq!(found.map(|entry| entry.lot), Some(n));
        }
        let all: Vec<_> = keys
            .iter()
            .map(|(key, entry)| (key.to_vec(), entry.lot))
            .collect();
        assert_eq!(all[2999], (name(2999).into_bytes(), 2999));
        assert!(Keys::default().get(b"/", 1).is_none());
    }
}
