//! Time cells: a tally per aligned slot of time, and wider slots when there would be too many.

use std::collections::BTreeMap;

/// What a cell holds.
pub trait Tally: Default {
    /// Takes the other's counts in; associative and commutative.
    fn add(&mut self, other: Self);
}

/// Tallies by slot. A slot is `width` microseconds wide and starts at a multiple of it.
///
/// With more than `cap` cells the width doubles and neighbours join. The cells of a part never outnumber those of the whole,
/// so the final width is the smallest that fits, whatever the order of folding and merging.
#[derive(Clone, Debug)]
pub struct Cells<T> {
    width: i64,
    cells: BTreeMap<i64, T>,
    cap: usize,
    /// The cell that is being counted, and the time that it covers: neighbours in a log fall into the same cell.
    open: T,
    open_from: i64,
    open_to: i64,
}

impl<T: Tally> Cells<T> {
    /// Empty cells of the given first width, microseconds.
    pub fn new(width: i64, cap: usize) -> Self {
        Cells {
            width,
            cells: BTreeMap::new(),
            cap,
            open: T::default(),
            open_from: 0,
            open_to: 0,
        }
    }

    /// Counts something in the cell that holds `micros`. Readers call [`Cells::close`] first.
    #[inline]
    pub fn count(&mut self, micros: i64, change: impl FnOnce(&mut T)) {
        if !self.is_open_at(micros) {
            self.open(micros);
        }
        change(&mut self.open);
    }

    /// The cell that is being counted holds `micros`.
    #[inline]
    pub fn is_open_at(&self, micros: i64) -> bool {
        self.open_from <= micros && micros < self.open_to
    }

    /// What was counted since a cell was opened; nothing of it is in the others yet.
    #[inline]
    pub fn opened(&mut self) -> &mut T {
        &mut self.open
    }

    /// Begins to count in the cell that holds `micros`.
    #[inline(never)]
    pub fn open(&mut self, micros: i64) {
        self.close();
        self.open_from = micros.div_euclid(self.width).saturating_mul(self.width);
        self.open_to = self.open_from.saturating_add(self.width);
    }

    /// Puts the cell that is being counted with the others.
    pub fn close(&mut self) {
        if self.open_from < self.open_to {
            let tally = std::mem::take(&mut self.open);
            let at = self.open_from;
            self.open_to = self.open_from;
            self.at(at).add(tally);
        }
    }

    /// Width of a slot, microseconds.
    pub fn width(&self) -> i64 {
        self.width
    }

    /// The cell that holds `micros`.
    pub fn at(&mut self, micros: i64) -> &mut T {
        let slot = micros.div_euclid(self.width);
        if self.cells.len() >= self.cap && !self.cells.contains_key(&slot) {
            self.widen();
            return self.at(micros);
        }
        self.cells.entry(slot).or_default()
    }

    fn widen(&mut self) {
        self.width = self.width.saturating_mul(2);
        for (slot, tally) in std::mem::take(&mut self.cells) {
            self.cells.entry(slot.div_euclid(2)).or_default().add(tally);
        }
    }

    /// Takes the other's cells in.
    pub fn merge(&mut self, mut other: Self) {
        self.close();
        other.close();
        while other.width < self.width {
            other.widen();
        }
        while self.width < other.width {
            self.widen();
        }
        for (slot, tally) in other.cells {
            self.cells.entry(slot).or_default().add(tally);
        }
        while self.cells.len() > self.cap {
            self.widen();
        }
    }

    /// Takes out of every cell what `known` has in the same slot of time; `take` says whether something is left.
    pub fn subtract(&mut self, mut known: Self, mut take: impl FnMut(&mut T, &T) -> bool) {
        self.close();
        known.close();
        while known.width < self.width {
            known.widen();
        }
        while self.width < known.width {
            self.widen();
        }
        self.cells
            .retain(|slot, cell| known.cells.get(slot).is_none_or(|there| take(cell, there)));
    }

    /// The cells in order of time: start of the slot in microseconds, and the tally.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (i64, &T)> {
        self.cells
            .iter()
            .map(|(slot, tally)| (slot.saturating_mul(self.width), tally))
    }

    /// The cells whose slots touch the half-open interval.
    pub fn between(&self, from: i64, to: i64) -> impl DoubleEndedIterator<Item = (i64, &T)> {
        let (first, last) = (
            from.div_euclid(self.width),
            to.saturating_sub(1).div_euclid(self.width),
        );
        let last = last.max(first);
        self.cells
            .range(first..=last)
            .map(|(slot, tally)| (slot.saturating_mul(self.width), tally))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Tally for u64 {
        fn add(&mut self, other: Self) {
            *self += other;
        }
    }

    #[test]
    fn widths_and_counts_do_not_depend_on_order() {
        let times: Vec<i64> = (0..500).map(|i| (i * 7919) % 10_007 - 3000).collect();
        let mut whole = Cells::<u64>::new(10, 64);
        for &t in &times {
            whole.count(t, |n| *n += 1);
        }
        whole.close();
        let mut halves = Cells::<u64>::new(10, 64);
        for part in times.rchunks(33) {
            let mut cells = Cells::<u64>::new(10, 64);
            for &t in part {
                cells.count(t, |n| *n += 1);
            }
            halves.merge(cells);
        }
        assert_eq!(whole.width(), halves.width());
        assert!(whole.iter().eq(halves.iter()));
        assert_eq!(whole.iter().map(|(_, n)| n).sum::<u64>(), 500);
    }
}
