//! Dates as programs print them, with the zone applied where its name has one meaning.

use crate::base::HOUR;
use crate::base::MINUTE;
use crate::base::Precision;
use crate::base::Stamp;
use crate::base::decimal;
use crate::base::month_from_name;

/// Zone names that mean one offset wherever they are printed, in hours. `CST`, `IST`, `BST`, `PST` mean several.
const ZONES: [(&str, i64); 16] = [
    ("UTC", 0),
    ("GMT", 0),
    ("Z", 0),
    ("WET", 0),
    ("WEST", 1),
    ("CET", 1),
    ("CEST", 2),
    ("EET", 2),
    ("EEST", 3),
    ("MSK", 3),
    ("EDT", -4),
    ("CDT", -5),
    ("MDT", -6),
    ("PDT", -7),
    ("JST", 9),
    ("KST", 9),
];

/// `Fri, 05 Jun 2026 21:53:47 GMT`, an HTTP date.
pub(super) fn http_date(text: &str) -> Option<Stamp> {
    let mut words = text.split_whitespace().skip(1);
    let (day, month, year) = (words.next()?, words.next()?, words.next()?);
    let clock = words.next()?;
    (words.next() == Some("GMT")).then_some(())?;
    stamp(year, month_number(month)?, day, clock, Some("GMT"))
}

/// `Mon Mar 02 17:45:17 UTC 2026`, as `dig` and `date` print it; the zone may be missing.
pub(super) fn ctime(text: &str) -> Option<Stamp> {
    let words: Vec<&str> = text.split_whitespace().collect();
    match words.as_slice() {
        [_, month, day, clock, zone, year] => {
            stamp(year, month_number(month)?, day, clock, Some(zone))
        }
        [_, month, day, clock, year] => stamp(year, month_number(month)?, day, clock, None),
        _ => None,
    }
}

/// `Wed 2022-02-09 22:38:17 UTC`, as systemd prints it.
pub(super) fn systemd(text: &str) -> Option<Stamp> {
    let mut words = text.split_whitespace().peekable();
    words.next_if(|w| w.bytes().all(|b| b.is_ascii_alphabetic()));
    let mut date = words.next()?.split('-');
    let (year, month, day) = (date.next()?, date.next()?, date.next()?);
    let month = u32::try_from(decimal(month.as_bytes())?).ok()?;
    let clock = words.next()?;
    stamp(year, month, day, clock, words.next())
}

fn stamp(year: &str, month: u32, day: &str, clock: &str, zone: Option<&str>) -> Option<Stamp> {
    let number = |text: &str| u32::try_from(decimal(text.as_bytes())?).ok();
    let mut parts = clock.split(':');
    let (hour, minute, second) = (parts.next()?, parts.next()?, parts.next()?);
    let local = Stamp::civil(
        i64::from(number(year)?),
        month,
        number(day)?,
        number(hour)?,
        number(minute)?,
        number(second)?,
    )?;
    Some(match zone.and_then(offset) {
        Some(offset) => Stamp::utc(local - offset, Precision::Second),
        None => Stamp::local(local, Precision::Second),
    })
}

/// Microseconds east of Greenwich: a known name, `+02`, `-0330`, `+05:30`.
fn offset(zone: &str) -> Option<i64> {
    if let Some((_, hours)) = ZONES.iter().find(|(name, _)| *name == zone) {
        return Some(hours * HOUR);
    }
    let (sign, digits) = match zone.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, zone.strip_prefix('+')?),
    };
    let digits = digits.replace(':', "");
    let value = i64::try_from(decimal(digits.as_bytes())?).ok()?;
    match digits.len() {
        2 => Some(sign * value * HOUR),
        4 => Some(sign * (value / 100 * HOUR + value % 100 * MINUTE)),
        _ => None,
    }
}

fn month_number(name: &str) -> Option<u32> {
    month_from_name(name.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_with_one_meaning_are_applied() {
        let show = |stamp: Option<Stamp>| stamp.map(|s| s.to_string());
        assert_eq!(
            show(http_date("Fri, 05 Jun 2026 21:53:47 GMT")).as_deref(),
            Some("2026-06-05T21:53:47Z")
        );
        assert_eq!(
            show(ctime("Mon Mar 02 18:45:17 CET 2026")).as_deref(),
            Some("2026-03-02T17:45:17Z")
        );
        assert_eq!(
            show(systemd("Wed 2022-02-09 22:38:17 +0530")).as_deref(),
            Some("2022-02-09T17:08:17Z")
        );
        assert_eq!(
            show(systemd("Wed 2022-02-09 22:38:17 CST")).as_deref(),
            Some("2022-02-09T22:38:17")
        );
        assert_eq!(show(http_date("today")), None);
    }
}
