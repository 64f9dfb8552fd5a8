//! Stamps of all sources -> one axis, UTC in microseconds.
//!
//! HAProxy's accept dates are local time without a zone. A traffic line is written when its request ends, so a carrier with a
//! zone gives the offset: stamp − (accept date + total time), rounded to a quarter of an hour. A carrier without a zone is
//! tied to the accept dates of its own lines in the same way. What no line ties down is assumed, and said to be.

mod zone;

use crate::base::DAY;
use crate::base::HOUR;
use crate::base::MINUTE;
use crate::base::Precision;
use crate::base::Stamp;
use crate::base::Zone;
use crate::base::year_of;
use crate::evidence::Evidence;
use crate::evidence::STEP;
use std::collections::BTreeMap;

pub use zone::{LocalOffset, NamedZone, offset_at_local};

/// Captures are taken this much before the first logged request at the earliest, and this much after the last at the latest.
const CAPTURE_EARLY: i64 = 10 * MINUTE;
/// See [`CAPTURE_EARLY`].
const CAPTURE_LATE: i64 = 20 * MINUTE;

/// What the user said about time on the command line; it wins over what was found.
#[derive(Clone, Debug, Default)]
pub struct Given {
    /// `--tz +02:00`: offset of HAProxy's host, microseconds east of UTC.
    pub offset: Option<i64>,
    /// `--tz Europe/Berlin`: zone of HAProxy's host, beside `offset` (one of them at most is given).
    pub zone: Option<NamedZone>,
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
    /// Local times that the given zone is asked for.
    zoned: Option<(i64, i64)>,
    year: Option<i64>,
    /// Zone given by name: the offset of each local time is its own, within a day of the logs.
    zone: Option<NamedZone>,
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
    clock.follow(&given, evidence);
    let offset = given.offset.or(clock.zone_offset());
    clock.find_offset(&votes, offset);
    clock.fit_captures(others, offset);
    clock.tie_sources(evidence);
    if clock.all.is_none() {
        let dated = evidence
            .sources
            .values()
            .flat_map(|log| log.coverage.stamps.iter().flatten());
        for (first, last) in dated.filter(|(first, _)| first.zone != Zone::NoYear) {
            clock.all = union(clock.all, (first.micros, last.micros));
        }
        for stamp in others.iter().filter(|stamp| stamp.zone == Zone::Utc) {
            clock.all = union(clock.all, (stamp.micros, stamp.micros));
        }
    }
    clock.doubt_year(evidence);
    clock.tell_zone();
    clock
}

impl Clock {
    /// Takes over a zone given by name. Its offset for everything that is not a time of the logs is that of their beginning.
    fn follow(&mut self, given: &Given, evidence: &Evidence) {
        self.zone.clone_from(&given.zone);
        if self.zone.is_some() && self.all.is_none() {
            for (&source, log) in &evidence.sources {
                for &(first, last) in log.coverage.stamps.iter().flatten() {
                    let span = (self.with_year(source, first), self.with_year(source, last));
                    self.zoned = union(self.zoned, span);
                }
            }
        } else {
            self.zoned = self.all;
        }
    }

    fn zone_offset(&self) -> Option<i64> {
        let zone = self.zone.as_ref()?;
        let (first, _) = self.zoned.unwrap_or((0, 0));
        Some(offset_at_local(zone, first).first())
    }

    /// Offset of HAProxy's host when its clock shows `local`.
    fn offset_at(&self, local: i64) -> i64 {
        match (&self.zone, self.zoned) {
            (Some(zone), Some((first, last))) if first - DAY <= local && local <= last + DAY => {
                offset_at_local(zone, local).first()
            }
            _ => self.haproxy_offset.unwrap_or(0),
        }
    }

    /// Says which zone was used, and what its changes make doubtful.
    fn tell_zone(&mut self) {
        let Some(zone) = &self.zone else { return };
        self.how = format!(
            "{} was given on the command line{}",
            zone.name(),
            if self.zoned.is_some() {
                ""
            } else {
                "; no log has a local time, so the offset of 1970 stands here"
            }
        );
        let Some((first, last)) = self.zoned else {
            return;
        };
        for (at, before, after) in zone::changes(zone, first - DAY, last + DAY) {
            // The clocks showed these times twice, or never.
            let (from, to) = (at + before.min(after), at + before.max(after));
            if to < first || last < from {
                continue;
            }
            let text = |local| Stamp::local(local, Precision::Second).to_string();
            let what = if after < before {
                "were shown twice, and are taken as the first"
            } else {
                "were never shown: a stamp between them is another zone's"
            };
            self.warnings.push(format!(
                "the clocks of {} changed from {} to {} within the logs: local times from {} to {} {what}",
                zone.name(), offset_text(before), offset_text(after), text(from), text(to)
            ));
        }
    }

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
        local - self.offset_at(local)
    }

    /// UTC of a carrier's stamp.
    pub fn stamp(&self, source: u32, stamp: Stamp) -> i64 {
        // How far the log's own stamps are from HAProxy's local time.
        let own = self.sources.get(&source).copied();
        let ahead = own.map_or(0, |own| own - self.haproxy_offset.unwrap_or(0));
        let utc = |local: i64| local - ahead - self.offset_at(local - ahead);
        match stamp.zone {
            Zone::Utc => stamp.micros,
            Zone::Local => utc(stamp.micros),
            Zone::NoYear => utc(self.with_year(source, stamp)),
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

    /// The zone of local times is known: given, or found from the logs; otherwise they are taken as UTC.
    pub fn knows_offset(&self) -> bool {
        self.haproxy_offset.is_some()
    }

    /// Something tells the year of stamps without one.
    pub fn knows_year(&self) -> bool {
        self.year.is_some() || self.all.is_some()
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

    #[test]
    fn a_named_zone_has_its_own_offset_on_either_side_of_a_change() {
        let local = |d, h| Stamp::civil(2026, 10, d, h, 0, 0).unwrap();
        let mut clock = Clock {
            all: Some((local(24, 12), local(25, 12))),
            ..Clock::default()
        };
        let given = Given {
            zone: NamedZone::find("Europe/Berlin"),
            ..Given::default()
        };
        clock.follow(&given, &Evidence::default());
        clock.find_offset(&BTreeMap::new(), clock.zone_offset());
        clock.tell_zone();
        assert_eq!(clock.accept(local(24, 12)), local(24, 10));
        assert_eq!(clock.accept(local(25, 12)), local(25, 11));
        let stamp = Stamp::local(local(25, 12), Precision::Second);
        assert_eq!(clock.stamp(3, stamp), local(25, 11));
        // Differences between the axes are those of the beginning.
        assert_eq!(clock.accept(0), -2 * HOUR);
        assert!(clock.how.starts_with("Europe/Berlin"), "{}", clock.how);
        assert_eq!(
            clock.warnings,
            [
                "the clocks of Europe/Berlin changed from +02:00 to +01:00 within the logs: local times from 2026-10-25T02:00:00 to 2026-10-25T03:00:00 were shown twice, and are taken as the first"
            ]
        );
    }
}
