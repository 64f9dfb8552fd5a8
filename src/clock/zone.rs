//! Zones of the world by their IANA name: local time -> offset from UTC, from rules built into the program.

use crate::base::SECOND;
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

/// Changes of the zone's offset between two times in UTC: when, the offset before, and after.
pub(super) fn changes(zone: &NamedZone, first: i64, last: i64) -> Vec<(i64, i64, i64)> {
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
    use crate::base::Stamp;

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
}
