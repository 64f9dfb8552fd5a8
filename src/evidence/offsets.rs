//! How far the carrier's clock is from HAProxy's accept dates: a traffic line is written when its request ends.

use crate::base::DAY;
use crate::base::MINUTE;
use crate::base::Stamp;
use crate::base::Zone;
use crate::base::year_of;
use std::collections::BTreeMap;

/// Zones differ by multiples of a quarter of an hour, so differences are counted in these steps, microseconds.
pub const STEP: i64 = 15 * MINUTE;
/// Distinct differences kept; a log has one or two (a DST change), more means that clocks were set.
const STEPS_MAX: usize = 64;

/// A yearless stamp this close to an accept date is in the right year, microseconds.
const HALF_A_YEAR: i64 = 182 * DAY;

/// Carrier's stamp minus (accept date + total time), in steps of [`STEP`], with the number of lines that show it.
#[derive(Clone, Debug, Default)]
pub struct Offsets {
    /// By what the carrier's stamps leave out, and the difference in steps.
    pub n_lines: BTreeMap<(Zone, i64), u64>,
    /// Earliest and latest accept date, local axis.
    pub accept: Option<(i64, i64)>,
    current: Option<(Zone, i64)>,
    n_current: u64,
    shifted: Option<(Stamp, i64)>,
}

impl Offsets {
    /// One traffic line: the carrier's stamp, and when HAProxy wrote it by its own clock.
    #[inline]
    pub(super) fn fold(&mut self, stamp: Option<Stamp>, end: Option<i64>) {
        let Some(end) = end else { return };
        match &mut self.accept {
            Some((first, last)) => {
                *first = (*first).min(end);
                *last = (*last).max(end);
            }
            None => self.accept = Some((end, end)),
        }
        let Some(stamp) = stamp else { return };
        let micros = self.micros(stamp, end);
        let step = (micros - end + STEP / 2).div_euclid(STEP);
        if self.current == Some((stamp.zone, step)) {
            self.n_current += 1;
        } else {
            self.flush();
            self.current = Some((stamp.zone, step));
            self.n_current = 1;
        }
    }

    /// The stamp's microseconds; a missing year is the one that brings it closest to the accept date.
    fn micros(&mut self, stamp: Stamp, end: i64) -> i64 {
        if stamp.zone != Zone::NoYear {
            return stamp.micros;
        }
        // The year of the last stamp is right for an equal one, unless the accept date lies on the other side of a new year.
        if let Some((last, micros)) = self.shifted
            && last == stamp
            && (micros - end).abs() < HALF_A_YEAR
        {
            return micros;
        }
        let year = year_of(end);
        let nearest = [year - 1, year, year + 1].map(|y| stamp.in_year(y));
        let micros = nearest
            .into_iter()
            .min_by_key(|m| (m - end).abs())
            .unwrap_or(stamp.micros);
        self.shifted = Some((stamp, micros));
        micros
    }

    fn flush(&mut self) {
        if let Some(key) = self.current.take() {
            self.count(key, self.n_current);
        }
    }

    fn count(&mut self, key: (Zone, i64), n: u64) {
        *self.n_lines.entry(key).or_default() += n;
        // Which ones go does not matter much: a clock that jumps so often decides nothing. The far ones go first.
        while self.n_lines.len() > STEPS_MAX {
            self.n_lines.pop_last();
        }
    }

    pub(super) fn merge(&mut self, mut other: Offsets) {
        other.flush();
        self.flush();
        let Offsets {
            n_lines,
            accept,
            current: _,
            n_current: _,
            shifted: _,
        } = other;
        for (key, n) in n_lines {
            self.count(key, n);
        }
        self.accept = match (self.accept, accept) {
            (Some((a, b)), Some((c, d))) => Some((a.min(c), b.max(d))),
            (one, other) => one.or(other),
        };
    }

    /// The differences seen, the one with most lines first.
    pub fn ranked(&self) -> Vec<((Zone, i64), u64)> {
        let mut all = self.n_lines.clone();
        if let Some(key) = self.current {
            *all.entry(key).or_default() += self.n_current;
        }
        let mut all: Vec<_> = all.into_iter().collect();
        all.sort_by_key(|&(key, n)| (std::cmp::Reverse(n), key));
        all
    }
}
