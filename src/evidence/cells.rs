//! Time cells: a tally per aligned slot of time, and wider slots when there would be too many.

use crate::evidence::open::Open;
use std::cmp::Ordering;
use std::collections::BTreeMap;

/// What a cell holds.
pub trait Tally: Default {
    /// Takes the other's counts in; associative and commutative.
    fn add(&mut self, other: Self);
}

/// Cells that came behind later ones, before all are put in order.
const LATE_MAX: usize = 64;
/// Cells that came last, before most of them are put with the others.
const RUN_MAX: usize = 32;
/// And where they are not behind all the others, so that these have to be moved: one for so many of them, if that is more.
const RUN_SHARE: usize = 4;
/// Logs are nearly in order: a cell is nearly always among so many that came last, or before one of them.
const NEAR: usize = 8;

/// Tallies by slot. A slot is `width` microseconds wide and starts at a multiple of it.
///
/// With more than `cap` cells the width doubles and neighbours join. The cells of a part never outnumber those of the whole,
/// so the final width is the smallest that fits, whatever the order of folding and merging.
#[derive(Clone, Debug)]
pub struct Cells<T> {
    width: i64,
    /// In the order of their slots.
    cells: Vec<(i64, T)>,
    /// In their order too: those that came since the others were put in order. Its slots may be among those of `cells`.
    run: Vec<(i64, T)>,
    /// Those that came far behind the last of `run`, and were not in `cells` then.
    late: BTreeMap<i64, T>,
    cap: usize,
    open: Open<T>,
}

impl<T: Tally> Cells<T> {
    /// Empty cells of the given first width, microseconds.
    pub fn new(width: i64, cap: usize) -> Self {
        Cells {
            width,
            cells: Vec::new(),
            run: Vec::new(),
            late: BTreeMap::new(),
            cap,
            open: Open::default(),
        }
    }

    /// Counts something in the cell that holds `micros`. Readers call [`Cells::settle`] first.
    #[inline]
    pub fn count(&mut self, micros: i64, change: impl FnOnce(&mut T)) {
        if !self.open.holds(micros) {
            self.open(micros);
        }
        change(&mut self.open.tally);
    }

    /// Begins to count in the cell that holds `micros`.
    #[inline(never)]
    fn open(&mut self, micros: i64) {
        self.close();
        self.open = Open::at(micros, self);
    }

    fn close(&mut self) {
        std::mem::take(&mut self.open).close(self);
    }

    /// Puts all cells in their order, to be read.
    pub fn settle(&mut self) {
        self.close();
        self.sort_in();
    }

    fn sort_in(&mut self) {
        let first = self.run.first().map(|&(slot, _)| slot);
        let late = self.late.first_key_value().map(|(&slot, _)| slot);
        let Some(first) = first.into_iter().chain(late).min() else {
            return;
        };
        // Those before the first of them stay where they are.
        let stay = self.cells.partition_point(|&(slot, _)| slot < first);
        let mut moved = self.cells.split_off(stay);
        moved.append(&mut self.run);
        moved.extend(std::mem::take(&mut self.late));
        moved.sort_by_key(|&(slot, _)| slot);
        make_room(&mut self.cells, moved.len());
        for (slot, tally) in moved {
            self.push(slot, tally);
        }
    }

    /// Puts all but the last cells that came with the others, unless that is too much work for so few.
    #[inline(never)]
    fn has_shortened_run(&mut self) -> bool {
        let last = self.cells.last().map(|&(slot, _)| slot);
        let first = self.run.first().map(|&(slot, _)| slot);
        if last < first {
            let n = self.run.len().saturating_sub(NEAR);
            make_room(&mut self.cells, n);
            self.cells.extend(self.run.drain(..n));
            return n > 0;
        }
        let is_due = self.run.len() >= self.cells.len() / RUN_SHARE;
        if is_due {
            self.sort_in();
        }
        is_due
    }

    /// Adds a tally whose slot is the last one or behind it.
    fn push(&mut self, slot: i64, tally: T) {
        match self.cells.last_mut() {
            Some((last, there)) if *last == slot => there.add(tally),
            _ => self.cells.push((slot, tally)),
        }
    }

    /// Width of a slot, microseconds.
    pub fn width(&self) -> i64 {
        self.width
    }

    /// Allows so many cells from now on.
    pub fn limit(&mut self, cap: usize) {
        self.cap = cap;
        self.sort_in();
        while self.cells.len() > self.cap {
            self.widen();
        }
    }

    /// The cell that holds `micros`. Readers call [`Cells::settle`] first.
    pub fn at(&mut self, micros: i64) -> &mut T {
        let slot = micros.div_euclid(self.width);
        let n = self.run.len();
        let mut near = self.run.iter().rev().take(NEAR).enumerate();
        let place = near.find_map(|(back, &(there, _))| match there.cmp(&slot) {
            Ordering::Equal => Some(Ok(n - 1 - back)),
            Ordering::Less => Some(Err(n - back)),
            Ordering::Greater => None,
        });
        match place.or((n < NEAR).then_some(Err(0))) {
            Some(Ok(index)) => self.in_run(index),
            Some(Err(_)) if self.is_full() => self.at_less(micros),
            Some(Err(_)) if self.run.len() >= RUN_MAX && self.has_shortened_run() => {
                self.at(micros)
            }
            Some(Err(index)) => {
                self.run.insert(index, (slot, T::default()));
                self.in_run(index)
            }
            None => self.far(slot, micros),
        }
    }

    fn in_run(&mut self, index: usize) -> &mut T {
        // The index was just found; otherwise the cell that is being counted is as good as any.
        match self.run.get_mut(index) {
            Some((_, tally)) => tally,
            None => &mut self.open.tally,
        }
    }

    /// A cell far behind the last ones.
    #[inline(never)]
    fn far(&mut self, slot: i64, micros: i64) -> &mut T {
        let known = self.index(slot);
        if known.is_err() && !self.late.contains_key(&slot) {
            if self.is_full() {
                return self.at_less(micros);
            }
            if self.late.len() >= LATE_MAX {
                self.sort_in();
                return self.at(micros);
            }
        }
        self.known_or_late(slot, known)
    }

    fn index(&self, slot: i64) -> Result<usize, usize> {
        self.cells.binary_search_by_key(&slot, |&(slot, _)| slot)
    }

    /// The cell of a slot that is among `cells` at this index, or among the late ones.
    fn known_or_late(&mut self, slot: i64, known: Result<usize, usize>) -> &mut T {
        match self.cells.get_mut(known.unwrap_or(usize::MAX)) {
            Some((_, tally)) => tally,
            None => self.late.entry(slot).or_default(),
        }
    }

    fn is_full(&self) -> bool {
        self.cells.len() + self.run.len() + self.late.len() >= self.cap
    }

    /// A new cell where there may be no room for it: some may be the same, else slots become wider.
    #[inline(never)]
    fn at_less(&mut self, micros: i64) -> &mut T {
        self.sort_in();
        let slot = micros.div_euclid(self.width);
        let known = self.index(slot);
        if known.is_err() && self.cells.len() >= self.cap {
            self.widen();
            return self.at_less(micros);
        }
        self.known_or_late(slot, known)
    }

    fn widen(&mut self) {
        self.sort_in();
        self.width = self.width.saturating_mul(2);
        for (slot, _) in &mut self.cells {
            *slot = slot.div_euclid(2);
        }
        self.cells.dedup_by(|(slot, tally), (before, there)| {
            let is_same = slot == before;
            if is_same {
                there.add(std::mem::take(tally));
            }
            is_same
        });
        self.cells.shrink_to(self.cells.len() / 8 * 9);
    }

    /// Takes the other's cells in.
    pub fn merge(&mut self, mut other: Self) {
        self.settle();
        other.settle();
        while other.width < self.width {
            other.widen();
        }
        while self.width < other.width {
            self.widen();
        }
        self.run = other.cells;
        self.limit(self.cap);
    }

    /// Takes out of every cell what `known` has in the same slot of time; `take` says whether something is left.
    pub fn subtract(&mut self, mut known: Self, mut take: impl FnMut(&mut T, &T) -> bool) {
        self.settle();
        known.settle();
        while known.width < self.width {
            known.widen();
        }
        while self.width < known.width {
            self.widen();
        }
        self.cells.retain_mut(|(slot, cell)| {
            let there = known.index(*slot).ok();
            let there = there.and_then(|index| known.cells.get(index));
            there.is_none_or(|(_, there)| take(cell, there))
        });
    }

    /// The tallies in order of time.
    pub fn into_tallies(mut self) -> impl Iterator<Item = T> {
        self.settle();
        self.cells.into_iter().map(|(_, tally)| tally)
    }

    /// The cells in order of time: start of the slot in microseconds, and the tally.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (i64, &T)> {
        let cells = self.cells.iter();
        cells.map(|(slot, tally)| (slot.saturating_mul(self.width), tally))
    }

    /// The cells whose slots touch the half-open interval.
    pub fn between(&self, from: i64, to: i64) -> impl DoubleEndedIterator<Item = (i64, &T)> {
        let (first, last) = (
            from.div_euclid(self.width),
            to.saturating_sub(1).div_euclid(self.width),
        );
        let last = last.max(first);
        let from = self.cells.partition_point(|&(slot, _)| slot < first);
        let within = self.cells.get(from..).unwrap_or_default();
        let n = within.partition_point(|&(slot, _)| slot <= last);
        let within = within.get(..n).unwrap_or_default().iter();
        within.map(|(slot, tally)| (slot.saturating_mul(self.width), tally))
    }
}

/// Makes room for so many more, and for an eighth of all: to double it would leave half of it empty.
fn make_room<T>(cells: &mut Vec<T>, n: usize) {
    if cells.capacity() - cells.len() < n {
        cells.reserve_exact(n + cells.len() / 8);
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
        whole.settle();
        let mut halves = Cells::<u64>::new(10, 64);
        for part in times.rchunks(33) {
            let mut cells = Cells::<u64>::new(10, 64);
            for &t in part {
                cells.count(t, |n| *n += 1);
            }
            halves.merge(cells);
        }
        let mut backwards = Cells::<u64>::new(10, 64);
        for &t in times.iter().rev() {
            *backwards.at(t) += 1;
        }
        backwards.settle();
        assert!(whole.iter().eq(backwards.iter()));
        assert_eq!(whole.width(), halves.width());
        assert!(whole.iter().eq(halves.iter()));
        assert_eq!(whole.iter().map(|(_, n)| n).sum::<u64>(), 500);
    }

    #[test]
    fn cells_that_come_late_stand_in_their_order() {
        // More of them than wait, each several times.
        let slots: Vec<i64> = (0..5000).map(|i| i * 7919 % 5000).collect();
        let mut cells = Cells::<u64>::new(10, 8192);
        for slot in slots.iter().chain(&slots) {
            cells.count(slot * 10, |n| *n += 1);
        }
        cells.settle();
        let want: Vec<_> = (0..5000).map(|slot| (slot * 10, 2)).collect();
        let got: Vec<_> = cells.iter().map(|(at, &n)| (at, n)).collect();
        assert_eq!(got, want);
        let between: Vec<_> = cells.between(15, 41).map(|(at, _)| at).collect();
        assert_eq!(between, [10, 20, 30, 40]);
        assert_eq!(cells.between(-50, 0).count(), 0);
        cells.limit(1000);
        assert_eq!((cells.width(), cells.iter().count()), (80, 625));
    }
}
