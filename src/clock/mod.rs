//! Stamps of all sources -> one axis, UTC in microseconds.
//!
//! HAProxy's accept dates are local time without a zone. A traffic line is written when its request ends, so a carrier with a
//! zone gives the offset: stamp − (accept date + total time), rounded to a quarter of an hour. A carrier without a zone is
//! tied to the accept dates of its own lines in the same way. What no line ties down is assumed, and said to be.

use crate::base::HOUR;
use crate::base::MINUTE;
use crate::base::Stamp;
use crate::base::Zone;
use crate::base::year_of;
use crate::evidence::Evidence;
use crate::evidence::STEP;
use std::collections::BTreeMap;

/// Captures are taken this much before the first logged request at the earliest, and this much after the last at the latest.
const CAPTURE_EARLY: i64 = 10 * MINUTE;
/// See [`CAPTURE_EARLY`].
const CAPTURE_LATE: i64 = 20 * MINUTE;

/// What the user said about time on the command line; it wins over what was found.
#[derive(Clone, Copy, Debug, Default)]
pub struct Given {
    /// `--tz +02:00`: offset of HAProxy's host, microseconds east of UTC.
    pub offset: Option<i64>,
    /// `--year`.
    pub year: Option<i64>,
}

/// One axis for everything.
#[derive(Clone, Debug, Default)]
pub struct Clock {
    /// Offset of HAProxy's local time, microseconds east of UTC; `None`: not found, taken as UTC.
    pub haproxy_offset: Option<i64>,
    /// From what it was found, or what was assumed.
    pub how: String,
    /// What the reader must know.
    pub warnings: Vec<String>,
    /// Offset of each log's own stamps where its lines show that it differs from HAProxy's.
    sources: BTreeMap<u32, i64>,
    /// Span of dates that a yearless stamp should fall near, per log and for all; local axis of HAProxy.
    spans: BTreeMap<u32, (i64, i64)>,
    all: Option<(i64, i64)>,
    year: Option<i64>,
}

/// Finds the axis. `others` are dated stamps of documents, a last resort for the year.
pub fn read(evidence: &Evidence, others: &[Stamp], given: Given) -> Clock {
    let mut clock = Clock {
        year: given.year,
        ..Clock::default()
    };
    let mut votes = BTreeMap::<i64, u64>::new();
    for (&source, log) in &evidence.sources {
        for ((zone, step), n) in log.offsets.ranked() {
            if zone == Zone::Utc {
                *votes.entry(-step).or_default() += n;
            }
        }
        if let Some((first, last)) = log.offsets.accept {
            clock.spans.insert(source, (first, last));
            clock.all = union(clock.all, (first, last));
        }
    }
    clock.find_offset(&votes, given.offset);
    clock.fit_captures(others, given.offset);
    clock.tie_sources(evidence);
    if clock.all.is_none() {
        let dated = evidence.sources.values().flat_map(|log| {
            log.coverage
                .stamps
                .iter()
                .flatten()
                .chain(&log.coverage.journal)
        });
        for (first, last) in dated.filter(|(first, _)| first.zone != Zone::NoYear) {
            clock.all = union(clock.all, (first.micros, last.micros));
        }
        for stamp in others.iter().filter(|stamp| stamp.zone == Zone::Utc) {
            clock.all = union(clock.all, (stamp.micros, stamp.micros));
        }
    }
    clock.doubt_year(evidence);
    clock
}

impl Clock {
    fn find_offset(&mut self, votes: &BTreeMap<i64, u64>, given: Option<i64>) {
        if let Some(offset) = given {
            self.haproxy_offset = Some(offset);
            "given on the command line".clone_into(&mut self.how);
            return;
        }
        let total: u64 = votes.values().sum();
        let best = votes
            .iter()
            .max_by_key(|&(step, n)| (*n, std::cmp::Reverse(*step)));
        let Some((&step, &n)) = best else {
            "no log carries both a zone and accept dates: local times are taken as UTC"
                .clone_into(&mut self.how);
            return;
        };
        self.haproxy_offset = Some(step * STEP);
        self.how =
            format!("log stamps against accept date + total time, {n} of {total} lines agree");
        if n < total {
            let others = votes
                .keys()
                .filter(|&&s| s != step)
                .map(|&s| offset_text(s * STEP));
            let others: Vec<_> = others.collect();
            self.warnings.push(format!(
                "the offset of HAProxy's clock is not the same everywhere: {} is used, {} of {total} lines say {} (a DST change, or several hosts)",
                offset_text(step * STEP),
                total - n,
                others.join(", ")
            ));
        }
    }

    /// Without a log that carries a zone: captures that say UTC (curl's `Date`, a `Z` in a file's name) were taken while or
    /// soon after the log was written, which leaves one whole-hour offset at most, unless the log is long.
    fn fit_captures(&mut self, others: &[Stamp], given: Option<i64>) {
        let (None, None, Some((first, last))) = (given, self.haproxy_offset, self.all) else {
            return;
        };
        let utc: Vec<i64> = others
            .iter()
            .filter(|s| s.zone == Zone::Utc)
            .map(|s| s.micros)
            .collect();
        if utc.is_empty() {
            return;
        }
        let fits = |offset: i64| {
            let taken = utc.iter().map(|at| at + offset);
            taken
                .clone()
                .all(|at| first - CAPTURE_EARLY <= at && at <= last + CAPTURE_LATE)
        };
        let zones: Vec<i64> = (-12..=14)
            .map(|hours| hours * HOUR)
            .filter(|&offset| fits(offset))
            .collect();
        if let [offset] = zones.as_slice() {
            self.haproxy_offset = Some(*offset);
            self.how = format!(
                "{} captures with a time in UTC fall into the time of the log with this offset alone; no log carries both a zone and accept dates",
                utc.len()
            );
        }
    }

    /// Logs without a zone: their lines say how far they are from the accept dates.
    fn tie_sources(&mut self, evidence: &Evidence) {
        for (&source, log) in &evidence.sources {
            let ranked = log.offsets.ranked();
            let tied = ranked.iter().find(|((zone, _), _)| *zone != Zone::Utc);
            if let Some(&((_, step), _)) = tied {
                self.sources
                    .insert(source, self.haproxy_offset.unwrap_or(0) + step * STEP);
            }
        }
    }

    fn doubt_year(&mut self, evidence: &Evidence) {
        let yearless = evidence.sources.values().any(|log| {
            log.coverage
                .stamps
                .iter()
                .flatten()
                .any(|(s, _)| s.zone == Zone::NoYear)
        });
        if yearless && self.all.is_none() && self.year.is_none() {
            self.warnings.push(format!(
                "nothing in the bundle tells the year of its syslog stamps: {} stands in for it (--year sets it)",
                Stamp::YEARLESS
            ));
        }
    }

    /// UTC of a time on HAProxy's local axis.
    pub fn accept(&self, local: i64) -> i64 {
        local - self.haproxy_offset.unwrap_or(0)
    }

    /// UTC of a carrier's stamp.
    pub fn stamp(&self, source: u32, stamp: Stamp) -> i64 {
        let offset = self
            .sources
            .get(&source)
            .copied()
            .or(self.haproxy_offset)
            .unwrap_or(0);
        match stamp.zone {
            Zone::Utc => stamp.micros,
            Zone::Local => stamp.micros - offset,
            Zone::NoYear => self.with_year(source, stamp) - offset,
        }
    }

    /// The year that brings the stamp closest to the dates of its own log, else of all logs.
    fn with_year(&self, source: u32, stamp: Stamp) -> i64 {
        if let Some(year) = self.year {
            return stamp.in_year(year);
        }
        let Some((first, last)) = self.spans.get(&source).copied().or(self.all) else {
            return stamp.micros;
        };
        let years = year_of(first) - 1..=year_of(last) + 1;
        let distance = |at: i64| (first - at).max(at - last).max(0);
        years
            .map(|year| stamp.in_year(year))
            .min_by_key(|&at| distance(at))
            .unwrap_or(stamp.micros)
    }

    /// UTC of a time of day shown by a prompt, on the day that brings it closest to `near`.
    pub fn time_of_day(&self, stamp: Stamp, near: i64) -> i64 {
        let day = 24 * HOUR;
        let at = stamp.micros - self.haproxy_offset.unwrap_or(0);
        at + (near - at + day / 2).div_euclid(day) * day
    }

    /// Offset of HAProxy's local time as `+02:00`; `None`: not found.
    pub fn offset_text(&self) -> Option<String> {
        self.haproxy_offset.map(offset_text)
    }
}

fn offset_text(offset: i64) -> String {
    let sign = if offset < 0 { '-' } else { '+' };
    let minutes = offset.abs() / MINUTE;
    format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60)
}

fn union(span: Option<(i64, i64)>, (first, last): (i64, i64)) -> Option<(i64, i64)> {
    Some(span.map_or((first, last), |(a, b)| (a.min(first), b.max(last))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Precision;
    use crate::base::SECOND;

    #[test]
    fn a_prompts_clock_falls_on_the_nearest_day() {
        let clock = Clock {
            haproxy_offset: Some(2 * HOUR),
            ..Clock::default()
        };
        let near = Stamp::civil(2026, 6, 5, 21, 55, 0).unwrap();
        let at = clock.time_of_day(
            Stamp::local(23 * HOUR + 54 * MINUTE, Precision::Second),
            near,
        );
        assert_eq!(at, near - 60 * SECOND);
        // Just after midnight, the incident just before it.
        let near = Stamp::civil(2026, 6, 5, 21, 59, 50).unwrap();
        assert_eq!(
            clock.time_of_day(Stamp::local(5 * SECOND, Precision::Second), near),
            near + 15 * SECOND
        );
    }

    #[test]
    fn a_yearless_stamp_takes_the_year_of_its_own_log() {
        let day = |y, m, d| Stamp::civil(y, m, d, 0, 0, 0).unwrap();
        let mut clock = Clock {
            all: Some((day(2026, 1, 2), day(2026, 1, 3))),
            ..Clock::default()
        };
        let december = Stamp::yearless(day(2000, 12, 31), Precision::Second);
        assert_eq!(clock.stamp(7, december), day(2025, 12, 31));
        clock.year = Some(2020);
        assert_eq!(clock.stamp(7, december), day(2020, 12, 31));
    }
}
