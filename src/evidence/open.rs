//! The slot of time that is being counted, apart from all the others: neighbours in a log fall into the same one.
//!
//! What is counted with each line lies side by side this way, and stays near the processor.

use crate::evidence::Cells;
use crate::evidence::Tally;

/// A slot of time and what was counted in it since it was opened; at first, none.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Open<T> {
    from: i64,
    /// Exclusive.
    to: i64,
    pub(super) tally: T,
}

impl<T: Tally> Open<T> {
    /// The one of these cells that holds `micros`.
    pub(super) fn at(micros: i64, cells: &Cells<T>) -> Open<T> {
        let width = cells.width();
        let from = micros.div_euclid(width).saturating_mul(width);
        Open {
            from,
            to: from.saturating_add(width),
            tally: T::default(),
        }
    }

    #[inline(always)]
    pub(super) fn holds(&self, micros: i64) -> bool {
        self.from <= micros && micros < self.to
    }

    /// Puts what was counted with the others.
    pub(super) fn close(self, cells: &mut Cells<T>) {
        if self.from < self.to {
            cells.at(self.from).add(self.tally);
        }
    }
}
