//! A time as some source wrote it, together with what that source did not say.

use crate::base::days_from_civil;
use crate::base::rfc3339;
use crate::base::{DAY, HOUR, MINUTE, SECOND};

/// What is known about the axis of a [`Stamp`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Zone {
    /// Microseconds since 1970-01-01T00:00:00Z: the source gave an offset, or is UTC by definition.
    Utc,
    /// Local time of some host, counted as if it were UTC. The offset is found later, by the `clock` room.
    Local,
    /// As `Local`, and the year is missing too: counted in the year 2000 (a leap year, so `Feb 29` exists).
    NoYear,
}

/// How many digits the source wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Precision {
    /// Whole seconds.
    Second,
    /// Three digits.
    Milli,
    /// Six digits; more are cut.
    Micro,
}

/// A time as written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Stamp {
    /// Microseconds on the axis that `zone` names.
    pub micros: i64,
    /// What the source left out.
    pub zone: Zone,
    /// Digits the source had.
    pub precision: Precision,
}

impl Stamp {
    /// The year that stamps without a year are counted in.
    pub const YEARLESS: i64 = 2000;

    /// A stamp on the UTC axis.
    pub fn utc(micros: i64, precision: Precision) -> Self {
        Stamp {
            micros,
            zone: Zone::Utc,
            precision,
        }
    }

    /// A stamp in some host's local time.
    pub fn local(micros: i64, precision: Precision) -> Self {
        Stamp {
            micros,
            zone: Zone::Local,
            precision,
        }
    }

    /// A stamp without year and zone; `micros` counted in the year [`Stamp::YEARLESS`].
    pub fn yearless(micros: i64, precision: Precision) -> Self {
        Stamp {
            micros,
            zone: Zone::NoYear,
            precision,
        }
    }

    /// Microseconds of this stamp when its year is `year`; unchanged unless it has none. `Feb 29` of a common year is `Mar 1`.
    pub fn in_year(self, year: i64) -> i64 {
        if self.zone != Zone::NoYear {
            return self.micros;
        }
        let day = self.micros.div_euclid(DAY) - days_from_civil(Stamp::YEARLESS, 1, 1);
        let leap = days_from_civil(year, 3, 1) - days_from_civil(year, 2, 28) == 2;
        // Day 59 of the leap year 2000 is Feb 29; from there on a common year is one day behind.
        let day = if day > 59 && !leap { day - 1 } else { day };
        (days_from_civil(year, 1, 1) + day) * DAY + self.micros.rem_euclid(DAY)
    }

    /// Microseconds of a civil date and time on an axis without zone; `None` when a field is out of range.
    pub fn civil(
        year: i64,
        month: u32,
        day: u32,
        hour: u32,
        minute: u32,
        second: u32,
    ) -> Option<i64> {
        let in_range = (1..=12).contains(&month)
            && (1..=31).contains(&day)
            && hour < 24
            && minute < 60
            && second < 61;
        in_range.then(|| {
            days_from_civil(year, month, day) * DAY
                + i64::from(hour) * HOUR
                + i64::from(minute) * MINUTE
                + i64::from(second) * SECOND
        })
    }
}

impl std::fmt::Display for Stamp {
    /// RFC 3339; local and yearless stamps without the final `Z`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let text = rfc3339(self.micros, self.precision);
        let bare = text.trim_end_matches('Z');
        match self.zone {
            Zone::Utc => f.write_str(&text),
            Zone::Local => f.write_str(bare),
            Zone::NoYear => f.write_str(bare.trim_start_matches("2000-")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_yearless_stamp_moves_to_leap_and_common_years() {
        for (month, day) in [(1, 1), (2, 28), (3, 1), (12, 31)] {
            let stamp = Stamp::yearless(
                Stamp::civil(2000, month, day, 5, 6, 7).unwrap(),
                Precision::Second,
            );
            for year in [2023, 2024] {
                assert_eq!(
                    stamp.in_year(year),
                    Stamp::civil(year, month, day, 5, 6, 7).unwrap()
                );
            }
        }
    }
}
