//! Zones of the world by their IANA name: local time -> offset from UTC, from rules built into the program.

use crate::base::DAY;
use crate::base::Precision;
use crate::base::SECOND;
use crate::base::Stamp;
use crate::clock::Clock;
use crate::clock::Pieces;
use crate::clock::offset_text;
use crate::clock::union;
use crate::evidence::Evidence;
use jiff::Timestamp;
use jiff::tz::AmbiguousOffset;
use jiff::tz::Offset;
use jiff::tz::TimeZone;
use jiff::tz::TimeZoneDatabase;

/// A zone of the IANA database, such as `Europe/Berlin`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedZone(TimeZone);

/// Offset of a zone at a local time, microseconds east of UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LocalOffset {
    /// The clocks show this time once.
    Once(i64),
    /// The clocks show this time twice, because they are set back: the offset the first time, and the second.
    Twice(i64, i64),
    /// The clocks never show this time, because they are set forward over it: the offset before, and after.
    Never(i64, i64),
}

impl LocalOffset {
    /// The one to use: of two, the first; of none, that before the change. The true time is at most the change away.
    pub fn first(self) -> i64 {
        match self {
            LocalOffset::Once(offset)
            | LocalOffset::Twice(offset, _)
            | LocalOffset::Never(offset, _) => offset,
        }
    }
}

impl NamedZone {
    /// The zone of that name, in any case; `None`: there is none.
    pub fn find(name: &str) -> Option<NamedZone> {
        TimeZoneDatabase::bundled().get(name).ok().map(NamedZone)
    }

    /// Name as in the database.
    pub fn name(&self) -> &str {
        self.0.iana_name().unwrap_or("UTC")
    }

    /// Every name, for the hint after a mistyped one.
    pub fn names() -> Vec<String> {
        let database = TimeZoneDatabase::bundled();
        database
            .available()
            .map(|name| name.as_str().to_owned())
            .collect()
    }
}

/// The zone's offset at a local time, given in microseconds as if it were UTC.
///
/// Outside of the years that the database can count (-9999 to 9999) it is 0.
pub fn offset_at_local(zone: &NamedZone, local: i64) -> LocalOffset {
    let Ok(as_utc) = Timestamp::from_microsecond(local) else {
        return LocalOffset::Once(0);
    };
    let civil = Offset::UTC.to_datetime(as_utc);
    match zone.0.to_ambiguous_timestamp(civil).offset() {
        AmbiguousOffset::Unambiguous { offset } => LocalOffset::Once(micros(offset)),
        AmbiguousOffset::Fold { before, after } => {
            LocalOffset::Twice(micros(before), micros(after))
        }
        AmbiguousOffset::Gap { before, after } => LocalOffset::Never(micros(before), micros(after)),
    }
}

impl Clock {
    /// A zone given by name holds for every host, on each side of its changes.
    pub(super) fn follow(&mut self, zone: &NamedZone, evidence: &Evidence) {
        let mut span = self.all;
        if span.is_none() {
            for (&source, log) in &evidence.sources {
                for &(first, last) in log.coverage.stamps.iter().flatten() {
                    let (first, last) =
                        (self.with_year(source, first), self.with_year(source, last));
                    span = union(span, (first, last));
                }
            }
        }
        let (pieces, doubts) = pieces(zone, span);
        self.haproxy_offset = Some(pieces.at(span.map_or(0, |(first, _)| pieces.utc(first))));
        self.how = format!("{} was given on the command line", zone.name());
        self.any = pieces;
        for text in doubts {
            self.doubt(None, text);
        }
    }
}

/// The zone's offsets around a span of local time, and what its changes within that span make doubtful.
///
/// Without a span they are those of the years from 2000 to 2030.
fn pieces(zone: &NamedZone, span: Option<(i64, i64)>) -> (Pieces, Vec<String>) {
    let (first, last) = span.unwrap_or((946_684_800 * SECOND, 1_893_456_000 * SECOND));
    let mut pieces = Pieces::default();
    let mut doubts = Vec::new();
    let changes = changes(
        zone,
        first.saturating_sub(MARGIN),
        last.saturating_add(MARGIN),
    );
    let before = changes.first().map_or_else(
        || offset_at_local(zone, first).first(),
        |&(_, before, _)| before,
    );
    pieces.push(i64::MIN, before);
    for (at, before, after) in changes {
        pieces.push(at, after);
        // The clocks showed these times twice, or never.
        let (from, to) = (at + before.min(after), at + before.max(after));
        if span.is_none() || to < first || last < from {
            continue;
        }
        let text = |local| Stamp::local(local, Precision::Second).to_string();
        let what = if after < before {
            "were shown twice, and are taken as the first"
        } else {
            "were never shown: a stamp between them is another zone's"
        };
        doubts.push(format!(
            "the clocks of {} changed from {} to {} within the logs: local times from {} to {} {what}",
            zone.name(), offset_text(before), offset_text(after), text(from), text(to)
        ));
    }
    (pieces, doubts)
}

/// Offsets are known for this long before and after the logs: captures are taken then, and years begin and end.
const MARGIN: i64 = 366 * DAY;

/// Changes of the zone's offset between two times in UTC: when, the offset before, and after.
fn changes(zone: &NamedZone, first: i64, last: i64) -> Vec<(i64, i64, i64)> {
    let Ok(from) = Timestamp::from_microsecond(first) else {
        return Vec::new();
    };
    let mut before = micros(zone.0.to_offset(from));
    let mut found = Vec::new();
    for change in zone.0.following(from) {
        let at = change.timestamp().as_microsecond();
        // A zone changes twice a year at most by rule; a log of centuries is none.
        if at > last || found.len() >= CHANGES_MAX {
            break;
        }
        let after = micros(change.offset());
        if after != before {
            found.push((at, before, after));
        }
        before = after;
    }
    found
}

/// Changes that are looked at.
const CHANGES_MAX: usize = 64;

fn micros(offset: Offset) -> i64 {
    i64::from(offset.seconds()) * SECOND
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::HOUR;
    use crate::base::MINUTE;
    use crate::evidence::Axis;

    fn at(name: &str, month: u32, day: u32, hour: u32, minute: u32) -> LocalOffset {
        let zone = NamedZone::find(name).unwrap();
        offset_at_local(
            &zone,
            Stamp::civil(2026, month, day, hour, minute, 0).unwrap(),
        )
    }

    #[test]
    fn summer_and_winter_have_their_own_offsets() {
        assert_eq!(
            at("America/New_York", 6, 5, 12, 0),
            LocalOffset::Once(-4 * HOUR)
        );
        assert_eq!(
            at("America/New_York", 1, 5, 12, 0),
            LocalOffset::Once(-5 * HOUR)
        );
        assert_eq!(
            at("asia/kolkata", 6, 5, 12, 0),
            LocalOffset::Once(5 * HOUR + 30 * MINUTE)
        );
    }

    #[test]
    fn the_hours_of_a_change_are_said() {
        // 2026-10-25 03:00 CEST -> 02:00 CET; 2026-03-29 02:00 CET -> 03:00 CEST.
        let twice = at("Europe/Berlin", 10, 25, 2, 30);
        assert_eq!(twice, LocalOffset::Twice(2 * HOUR, HOUR));
        assert_eq!(twice.first(), 2 * HOUR);
        assert_eq!(
            at("Europe/Berlin", 3, 29, 2, 30),
            LocalOffset::Never(HOUR, 2 * HOUR)
        );
        assert_eq!(at("Europe/Berlin", 10, 25, 3, 0), LocalOffset::Once(HOUR));
    }

    #[test]
    fn unknown_names_and_endless_times_do_no_harm() {
        assert_eq!(NamedZone::find("Mars/Olympus"), None);
        let zone = NamedZone::find("Europe/Berlin").unwrap();
        assert_eq!(offset_at_local(&zone, i64::MIN), LocalOffset::Once(0));
        assert!(changes(&zone, i64::MIN, i64::MAX).is_empty());
        let year = |year| Stamp::civil(year, 1, 1, 0, 0, 0).unwrap();
        assert_eq!(changes(&zone, year(2026), year(2027)).len(), 2);
        assert!(NamedZone::names().len() > 300);
    }

    #[test]
    fn a_named_zone_has_its_own_offset_on_either_side_of_a_change() {
        let local = |d, h| Stamp::civil(2026, 10, d, h, 0, 0).unwrap();
        let mut clock = Clock {
            all: Some((local(24, 12), local(25, 12))),
            is_given: true,
            ..Clock::default()
        };
        let berlin = NamedZone::find("Europe/Berlin").unwrap();
        clock.follow(&berlin, &Evidence::default());
        let accept = |at| clock.accept(1, "proxy01", Axis::Free, at);
        assert_eq!(accept(local(24, 12)), local(24, 10));
        assert_eq!(accept(local(25, 12)), local(25, 11));
        let stamp = Stamp::local(local(25, 12), Precision::Second);
        assert_eq!(clock.stamp(3, stamp), local(25, 11));
        assert_eq!(clock.offset_text().as_deref(), Some("+02:00"));
        assert_eq!(
            clock.doubts[0].text,
            "the clocks of Europe/Berlin changed from +02:00 to +01:00 within the logs: local times from 2026-10-25T02:00:00 to 2026-10-25T03:00:00 were shown twice, and are taken as the first"
        );
    }
}
