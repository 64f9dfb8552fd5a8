//! Counts of any number of keys in bounded memory: never too small, and how many different keys there were, about.

use crate::evidence::figures::Asked;

/// Counters of a row. A key shares its counter with others, so its count is too large by 1 of so many requests on average.
pub(super) const WIDTH: usize = 1 << 16;
/// Registers that estimate the number of keys, with a standard error of 1.04 / √4096 = 1.6 %.
const REGISTERS: usize = 1 << 12;

/// Two rows of counters (count-min) and registers (HyperLogLog). Both only depend on what was counted, not on the order.
///
/// Sources: Cormode, Muthukrishnan, "An improved data stream summary", 2005; Flajolet et al., "HyperLogLog", 2007.
#[derive(Clone, Debug)]
pub(super) struct Sketch {
    rows: [Vec<Asked>; 2],
    registers: Vec<u8>,
}

impl Sketch {
    pub(super) fn new() -> Self {
        let row = || vec![Asked::default(); WIDTH];
        Sketch {
            rows: [row(), row()],
            registers: vec![0; REGISTERS],
        }
    }

    /// Reads the counters of each of these hashes, so that [`Sketch::add`] finds them near.
    pub(super) fn fetch(&self, hashes: impl Iterator<Item = u64>) {
        let mut read = 0_u64;
        for hash in hashes {
            for (row, index) in self.rows.iter().zip(indexes(hash)) {
                read = read.wrapping_add(row.get(index).map_or(0, |cell| cell.n));
            }
        }
        std::hint::black_box(read);
    }

    /// Counts a key by its hash.
    pub(super) fn add(&mut self, hash: u64, asked: &Asked) {
        let [first, second] = &mut self.rows;
        for (row, index) in [first, second].into_iter().zip(indexes(hash)) {
            if let Some(cell) = row.get_mut(index) {
                cell.add(asked);
            }
        }
        // Its own digits: the rows use the others.
        let (index, rest) = (hash >> 52, hash << 12 | 1 << 11);
        let zeros = u8::try_from(rest.leading_zeros() + 1).unwrap_or(u8::MAX);
        if let Some(register) = self.registers.get_mut(usize::try_from(index).unwrap_or(0)) {
            *register = (*register).max(zeros);
        }
    }

    /// What was counted for a key, perhaps with some of other keys.
    pub(super) fn get(&self, hash: u64) -> Asked {
        let cells = self.rows.iter().zip(indexes(hash));
        let cells = cells.filter_map(|(row, index)| row.get(index));
        cells.min_by_key(|cell| cell.n).copied().unwrap_or_default()
    }

    pub(super) fn merge(&mut self, other: &Sketch) {
        let Sketch { rows, registers } = other;
        for (mine, theirs) in self.rows.iter_mut().zip(rows) {
            for (mine, theirs) in mine.iter_mut().zip(theirs) {
                mine.add(theirs);
            }
        }
        for (mine, theirs) in self.registers.iter_mut().zip(registers) {
            *mine = (*mine).max(*theirs);
        }
    }

    /// About how many different keys were counted. The sum runs over integers, so it does not depend on the machine.
    pub(super) fn distinct(&self) -> u64 {
        let sum: u128 = self
            .registers
            .iter()
            .map(|&zeros| 1_u128 << 64 >> zeros.min(64))
            .sum();
        // α·m² with α = 0.7213 / (1 + 1.079 / m), m = 4096.
        let numerator = 12_098_218_u128 << 64;
        u64::try_from(numerator / sum.max(1)).unwrap_or(u64::MAX)
    }
}

fn indexes(hash: u64) -> [usize; 2] {
    [hash, hash >> 20].map(|part| usize::try_from(part % (1 << 16)).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::bottom;

    #[test]
    fn counts_are_never_too_small_and_the_number_of_keys_is_near() {
        let mut sketch = Sketch::new();
        let one = |n| Asked {
            n,
            ..Asked::default()
        };
        let hash = |key: u32| bottom::hash(&key.to_le_bytes());
        for key in 0..300_000_u32 {
            sketch.add(hash(key), &one(1));
        }
        sketch.add(hash(7), &one(5000));
        let n = sketch.get(hash(7)).n;
        assert!((5001..5100).contains(&n), "{n}");
        let distinct = sketch.distinct();
        assert!((285_000..315_000).contains(&distinct), "{distinct}");
    }
}
