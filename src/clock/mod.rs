//! Stamps of all sources -> one axis, UTC in microseconds.
//!
//! HAProxy's accept dates are local time without a zone. A traffic line is written when its request ends, so a carrier with a
//! zone gives the offset: stamp − (accept date + total time), rounded to a quarter of an hour. A carrier without a zone is
//! tied to the accept dates of its own lines in the same way, or to another log by messages that both hold. What nothing ties
//! down is assumed, and said to be.
//!
//! Each line is placed by its own difference where it shows one, so a change of daylight saving time within a log, an hour
//! that comes twice included, and hosts in several zones need no assumption at all.

mod doubt;
mod lines;
mod local;
mod named;
mod shared;
mod spans;
mod ties;
mod zone;

use crate::base::HOUR;
use crate::base::MINUTE;
use crate::base::Stamp;
use crate::base::Zone;
use crate::base::year_of;
use crate::clock::ties::Agreed;
use crate::evidence::Axis;
use crate::evidence::Evidence;
use crate::evidence::STEP;
use crate::evidence::Tied;
use std::collections::BTreeMap;

pub use doubt::Doubt;
pub use local::Pieces;
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
    /// Offset of HAProxy's local time that most lines show, microseconds east of UTC; `None`: not found, taken as UTC.
    pub haproxy_offset: Option<i64>,
    /// From what it was found, or what was assumed.
    pub how: String,
    /// What the reader must know.
    pub doubts: Vec<Doubt>,
    /// The user said so: nothing else counts.
    is_given: bool,
    /// Local time of each host that its own lines tell.
    hosts: BTreeMap<Box<str>, Pieces>,
    /// Local time of hosts that no line tells.
    any: Pieces,
    /// What each log says of itself.
    logs: BTreeMap<u32, Log>,
    all: Option<(i64, i64)>,
    year: Option<i64>,
}

/// What leads from accept dates to UTC.
#[derive(Clone, Copy, Debug)]
pub enum Accept<'a> {
    /// So many microseconds east of UTC, as the lines themselves show.
    Offset(i64),
    /// As the host's local time.
    Local(&'a Pieces),
}

impl Accept<'_> {
    /// UTC of a time on HAProxy's local axis.
    pub fn utc(self, local: i64) -> i64 {
        let offset = match self {
            Accept::Offset(offset) => offset,
            Accept::Local(pieces) => pieces.at(pieces.utc(local)),
        };
        local.saturating_sub(offset)
    }
}

/// The time of one log.
#[derive(Clone, Debug, Default)]
struct Log {
    /// Offset of the lines of a host that show a difference to UTC, by the difference in steps.
    tied: BTreeMap<(Box<str>, i64), i64>,
    /// Its own stamps, where they have no zone.
    stamps: Stamps,
    /// How far its clock is ahead of HAProxy's, microseconds.
    skew: i64,
    /// Span of dates that a yearless stamp should fall near; local axis of HAProxy.
    span: Option<(i64, i64)>,
}

/// How a log's own stamps without zone lie on the axis.
#[derive(Clone, Debug, Default)]
enum Stamps {
    /// As HAProxy's local time.
    #[default]
    AsHaproxy,
    /// So many microseconds after a host's local time, with the span of stamps that show it; most lines first.
    Beside(Box<str>, Vec<(i64, Tied)>),
    /// So many microseconds east of UTC.
    East(i64),
}

/// Finds the axis. `others` say when documents were taken, `mentioned` what dates they show: a last resort for the year.
pub fn read(evidence: &Evidence, others: &[Stamp], mentioned: &[Stamp], given: Given) -> Clock {
    let mut clock = Clock {
        year: given.year,
        is_given: given.offset.is_some(),
        ..Clock::default()
    };
    for (&source, log) in &evidence.sources {
        if let Some((first, last)) = log.offsets.ends() {
            clock.log(source).span = Some((first, last));
            clock.all = union(clock.all, (first, last));
        }
    }
    let agreed = clock.tie_lines(evidence);
    clock.find_offset(&agreed, given.offset);
    match &given.zone {
        Some(zone) if given.offset.is_none() => clock.follow(zone, evidence),
        _ => clock.fit_captures(others, given.offset),
    }
    clock.tie_stamps(evidence);
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
        let dated = |stamp: &&Stamp| stamp.zone != Zone::NoYear;
        for stamp in others.iter().filter(dated) {
            clock.all = union(clock.all, (stamp.micros, stamp.micros));
        }
        if clock.all.is_none() {
            for stamp in mentioned.iter().filter(dated) {
                clock.all = union(clock.all, (stamp.micros, stamp.micros));
            }
        }
    }
    shared::tie(&mut clock, evidence);
    clock.doubt_year(evidence);
    clock
}

/// Offsets that the lines of each host agree on.
type ByHost = BTreeMap<Box<str>, Vec<Agreed>>;

impl Clock {
    fn doubt(&mut self, source: Option<u32>, text: String) {
        self.doubts.push(Doubt { source, text });
    }

    fn log(&mut self, source: u32) -> &mut Log {
        self.logs.entry(source).or_default()
    }

    fn find_offset(&mut self, agreed: &ByHost, given: Option<i64>) {
        if let Some(offset) = given {
            self.haproxy_offset = Some(offset);
            self.any = Pieces::constant(offset);
            "given on the command line".clone_into(&mut self.how);
            return;
        }
        let mut votes = BTreeMap::<i64, u64>::new();
        for Agreed { offset, lines } in agreed.values().flatten() {
            *votes.entry(*offset).or_default() += lines.n;
        }
        let total: u64 = votes.values().sum();
        let best = votes.iter().max_by_key(|&(offset, n)| (*n, *offset));
        let Some((&offset, &n)) = best else {
            "no log carries both a zone and accept dates: local times are taken as UTC"
                .clone_into(&mut self.how);
            return;
        };
        self.haproxy_offset = Some(offset);
        self.how =
            format!("log stamps against accept date + total time, {n} of {total} lines agree");
        for (host, agreed) in agreed {
            if let Ok(pieces) = ties::pieces(agreed) {
                self.hosts.insert(host.clone(), pieces);
            }
        }
        let all: Vec<Agreed> = agreed.values().flatten().copied().collect();
        let follows = ties::pieces(&all);
        self.any = follows.clone().unwrap_or(Pieces::constant(offset));
        if n == total {
            return;
        }
        match follows {
            Ok(pieces) => {
                self.how.push_str("; it changed");
                for (from, offset) in pieces.changes().skip(1) {
                    self.how.push_str(&format!(
                        " to {} at {}",
                        offset_text(offset),
                        crate::base::rfc3339(from, crate::base::Precision::Second)
                    ));
                }
            }
            Err(()) => {
                let others = votes.keys().filter(|&&o| o != offset);
                let others: Vec<_> = others.map(|&o| offset_text(o)).collect();
                self.doubt(None, format!(
                    "the clocks of several hosts differ: {} is shown, {} of {total} lines say {}; each line is placed by its own",
                    offset_text(offset),
                    total - n,
                    others.join(", ")
                ));
            }
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
            self.any = Pieces::constant(*offset);
            self.how = format!(
                "{} captures with a time in UTC fall into the time of the log with this offset alone; no log carries both a zone and accept dates",
                utc.len()
            );
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
            self.doubt(None, format!(
                "nothing in the bundle tells the year of its syslog stamps: {} stands in for it (--year sets it)",
                Stamp::YEARLESS
            ));
        }
    }

    /// Local time of a host.
    fn local(&self, host: &str) -> &Pieces {
        self.hosts.get(host).unwrap_or(&self.any)
    }

    /// How the accept dates of a log's and host's lines on this axis become UTC.
    pub fn accept(&self, source: u32, host: &str, axis: Axis) -> Accept<'_> {
        match axis {
            Axis::Tied(step) if !self.is_given => {
                let step = i64::from(step);
                let log = self.logs.get(&source);
                let known = log.and_then(|log| log.tied.get(&(host.into(), step)));
                Accept::Offset(known.copied().unwrap_or(-step * STEP))
            }
            _ => Accept::Local(self.local(host)),
        }
    }

    /// UTC of a carrier's stamp.
    pub fn stamp(&self, source: u32, stamp: Stamp) -> i64 {
        let log = self.logs.get(&source);
        let skew = log.map_or(0, |log| log.skew);
        let micros = match stamp.zone {
            Zone::Utc => return stamp.micros.saturating_sub(skew),
            Zone::Local => stamp.micros,
            Zone::NoYear => self.with_year(source, stamp),
        };
        let utc = match log.map(|log| &log.stamps) {
            Some(Stamps::East(offset)) => micros.saturating_sub(*offset),
            Some(Stamps::Beside(host, lines)) => {
                let holds = |tied: &Tied| tied.stamps.0 <= micros && micros <= tied.stamps.1;
                let shown = lines.iter().find(|(_, tied)| holds(tied));
                let after = shown.or(lines.first()).map_or(0, |&(after, _)| after);
                self.local(host).utc(micros.saturating_sub(after))
            }
            Some(Stamps::AsHaproxy) | None => self.any.utc(micros),
        };
        utc.saturating_sub(skew)
    }

    /// The year that brings the stamp closest to the dates of its own log, else of all logs.
    fn with_year(&self, source: u32, stamp: Stamp) -> i64 {
        if let Some(year) = self.year {
            return stamp.in_year(year);
        }
        let own = self.logs.get(&source).and_then(|log| log.span);
        let Some((first, last)) = own.or(self.all) else {
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
        let at = stamp.micros - self.any.at(near);
        at + (near - at + day / 2).div_euclid(day) * day
    }

    /// The zone of local times is known: given, or found from the logs; otherwise they are taken as UTC.
    pub fn knows_offset(&self) -> bool {
        self.haproxy_offset.is_some()
    }

    /// The same for the stamps of one log, which messages may tie where accept dates do not.
    pub fn knows_stamps(&self, source: u32) -> bool {
        let log = self.logs.get(&source);
        self.knows_offset() || log.is_some_and(|log| matches!(log.stamps, Stamps::East(_)))
    }

    /// Something tells the year of stamps without one.
    pub fn knows_year(&self) -> bool {
        self.year.is_some() || self.all.is_some()
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
            any: Pieces::constant(2 * HOUR),
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
        let berlin = NamedZone::find("Europe/Berlin").unwrap();
        clock.follow(&berlin, &Evidence::default());
        let accept = |local| clock.accept(0, "", Axis::Free).utc(local);
        assert_eq!(accept(local(24, 12)), local(24, 10));
        assert_eq!(accept(local(25, 12)), local(25, 11));
        let stamp = Stamp::local(local(25, 12), Precision::Second);
        assert_eq!(clock.stamp(3, stamp), local(25, 11));
        assert!(clock.how.starts_with("Europe/Berlin"), "{}", clock.how);
        assert_eq!(
            clock.doubts[0].text,
            "the clocks of Europe/Berlin changed from +02:00 to +01:00 within the logs: local times from 2026-10-25T02:00:00 to 2026-10-25T03:00:00 were shown twice, and are taken as the first where a line does not tell"
        );
    }
}
