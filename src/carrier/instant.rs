//! Dates and times at the start of bytes, in the ways that log carriers write them.

use crate::base::Precision;
use crate::base::Stamp;
use crate::base::month_from_name;
use crate::base::{HOUR, MINUTE};

/// `Jun  5 21:53:47`, `Jun 05 21:53:47.123456`, `Jun 5 …`: no year, no zone. Returns the stamp and what follows.
///
/// Some daemons write the year, before the time (`Jun  5 2026 21:53:47`) or behind it (`Jun  5 21:53:47 2026`, as `ctime` does).
pub(super) fn month_day_time(bytes: &[u8]) -> Option<(Stamp, &[u8])> {
    let (name, rest) = bytes.split_at_checked(3)?;
    day_time(month_from_name(name)?, rest)
}

/// As [`month_day_time`], with the month's name in the language of the host: `août 19 11:08:37`.
pub(super) fn translated_month_day_time(bytes: &[u8]) -> Option<(Stamp, &[u8])> {
    let end = memchr::memchr(b' ', bytes.get(..MONTH_BYTES_MAX.min(bytes.len()))?)?;
    let (name, rest) = bytes.split_at_checked(end)?;
    day_time(translated_month(name)?, rest)
}

/// What follows the month.
fn day_time(month: u32, rest: &[u8]) -> Option<(Stamp, &[u8])> {
    let rest = rest.strip_prefix(b" ")?;
    let (day, rest) = short_number(rest.strip_prefix(b" ").unwrap_or(rest))?;
    let rest = rest.strip_prefix(b" ")?;
    if let Some((of_day, precision, rest)) = time_of_day(rest) {
        if let Some((year, after)) = year(rest.strip_prefix(b" ").unwrap_or(b"")) {
            let micros = Stamp::civil(year, month, day, 0, 0, 0)? + of_day;
            return Some((Stamp::local(micros, precision), after));
        }
        let micros = Stamp::civil(Stamp::YEARLESS, month, day, 0, 0, 0)? + of_day;
        return Some((Stamp::yearless(micros, precision), rest));
    }
    let (year, rest) = year(rest)?;
    let (of_day, precision, rest) = time_of_day(rest.strip_prefix(b" ")?)?;
    let micros = Stamp::civil(year, month, day, 0, 0, 0)? + of_day;
    Some((Stamp::local(micros, precision), rest))
}

/// Four digits and a blank behind them, of a year in which HAProxy existed; a host may be called `1234`.
fn year(bytes: &[u8]) -> Option<(i64, &[u8])> {
    let (&[y1, y2, y3, y4], rest) = bytes.split_first_chunk::<4>()?;
    let year = i64::from(two(y1, y2)? * 100 + two(y3, y4)?);
    (rest.first() == Some(&b' ') && (2000..2100).contains(&year)).then_some((year, rest))
}

/// The longest abbreviation of a month, `févr.`, with its blank and some room.
const MONTH_BYTES_MAX: usize = 10;

/// Abbreviations of months in the locales of glibc where they differ from the English ones, without their full stop.
const MONTHS: [&[&str]; 12] = [
    &["janv", "ene", "gen", "jan"],
    &["févr", "fev", "feb"],
    &["mars", "Mär", "mar", "mrt"],
    &["avril", "avr", "abr", "apr"],
    &["mai", "Mai", "may", "mag", "mei"],
    &["juin", "giu", "jun"],
    &["juil", "lug", "jul"],
    &["août", "ago", "aug"],
    &["sept", "set", "sep"],
    &["oct", "Okt", "okt", "ott", "out"],
    &["nov"],
    &["déc", "Dez", "dez", "dic", "dec"],
];

fn translated_month(name: &[u8]) -> Option<u32> {
    let name = name.strip_suffix(b".").unwrap_or(name);
    (1..).zip(MONTHS).find_map(|(month, names)| {
        names
            .iter()
            .any(|known| known.as_bytes() == name)
            .then_some(month)
    })
}

/// `2026-06-05T21:53:47.123456+02:00`, with `T` or a blank, `.` or `,`, `Z`, `+0200`, `+02`, or no zone at all.
pub(super) fn iso(bytes: &[u8]) -> Option<(Stamp, &[u8])> {
    let (date, rest) = date(bytes)?;
    let rest = rest
        .strip_prefix(b"T")
        .or_else(|| rest.strip_prefix(b" "))?;
    let (of_day, precision, rest) = time_of_day(rest)?;
    let micros = date + of_day;
    match offset(rest) {
        Some((offset, rest)) => Some((Stamp::utc(micros - offset, precision), rest)),
        None => Some((Stamp::local(micros, precision), rest)),
    }
}

/// `2026-06-05_21:53:47.12345`, what runit's `svlogd -tt` writes, in UTC.
pub(super) fn svlogd(bytes: &[u8]) -> Option<(Stamp, &[u8])> {
    let (date, rest) = date(bytes)?;
    let (of_day, precision, rest) = time_of_day(rest.strip_prefix(b"_")?)?;
    Some((Stamp::utc(date + of_day, precision), rest))
}

/// `2026-06-05` as microseconds at its midnight.
fn date(bytes: &[u8]) -> Option<(i64, &[u8])> {
    let (&[y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2], rest) = bytes.split_first_chunk::<10>()?
    else {
        return None;
    };
    let year = i64::from(two(y1, y2)? * 100 + two(y3, y4)?);
    Some((
        Stamp::civil(year, two(m1, m2)?, two(d1, d2)?, 0, 0, 0)?,
        rest,
    ))
}

/// `21:53:47`, `21:53:47.123456`: microseconds since midnight, the digits it had, and the rest.
pub(super) fn time_of_day(bytes: &[u8]) -> Option<(i64, Precision, &[u8])> {
    let (&[h1, h2, b':', n1, n2, b':', s1, s2], rest) = bytes.split_first_chunk::<8>()? else {
        return None;
    };
    let whole = Stamp::civil(1970, 1, 1, two(h1, h2)?, two(n1, n2)?, two(s1, s2)?)?;
    match rest {
        [b'.' | b',', digits @ ..] if digits.first().is_some_and(u8::is_ascii_digit) => {
            let (micros, n_digits, rest) = fraction(digits);
            let precision = if n_digits <= 3 {
                Precision::Milli
            } else {
                Precision::Micro
            };
            Some((whole + micros, precision, rest))
        }
        _ => Some((whole, Precision::Second, rest)),
    }
}

/// Digits after the point as microseconds (more than six are cut), how many there were, and the rest.
pub(super) fn fraction(digits: &[u8]) -> (i64, usize, &[u8]) {
    let n_digits = digits.iter().take_while(|c| c.is_ascii_digit()).count();
    let mut micros = 0_i64;
    for place in 0..6 {
        let digit = if place < n_digits {
            digits.get(place).map_or(0, |c| i64::from(c - b'0'))
        } else {
            0
        };
        micros = micros * 10 + digit;
    }
    (micros, n_digits, digits.get(n_digits..).unwrap_or(b""))
}

/// `Z`, `+02:00`, `+0200`, `-03`: microseconds east of UTC.
fn offset(bytes: &[u8]) -> Option<(i64, &[u8])> {
    let (sign, rest) = match bytes {
        [b'Z', rest @ ..] => return Some((0, rest)),
        [b'+', rest @ ..] => (1, rest),
        [b'-', rest @ ..] => (-1, rest),
        _ => return None,
    };
    let (&[h1, h2], rest) = rest.split_first_chunk::<2>()?;
    let hours = i64::from(two(h1, h2)?);
    let minutes_at = rest.strip_prefix(b":").unwrap_or(rest);
    let (minutes, rest) = match minutes_at.split_first_chunk::<2>() {
        Some((&[m1, m2], after)) if m1.is_ascii_digit() && m2.is_ascii_digit() => {
            (i64::from(two(m1, m2)?), after)
        }
        _ => (0, rest),
    };
    Some((sign * (hours * HOUR + minutes * MINUTE), rest))
}

/// Offset of a zone's abbreviation where it means one thing only; `CST` and `IST`, for example, mean several.
pub(super) fn zone_by_name(name: &[u8]) -> Option<i64> {
    let hours = match name {
        b"UTC" | b"GMT" | b"WET" | b"Z" => 0,
        b"CET" | b"WEST" => 1,
        b"CEST" | b"EET" | b"SAST" => 2,
        b"EEST" | b"MSK" => 3,
        b"JST" | b"KST" => 9,
        b"AEST" => 10,
        b"AEDT" => 11,
        b"NZST" => 12,
        b"NZDT" => 13,
        b"EDT" => -4,
        b"EST" => -5,
        b"MDT" => -6,
        b"MST" | b"PDT" => -7,
        b"PST" => -8,
        _ => return None,
    };
    Some(hours * HOUR)
}

/// `Mon 2026-01-05 07:48:11.791353 UTC `: what `short-full`, `with-unit` and `verbose` write.
pub(super) fn weekday_date_time_zone(bytes: &[u8]) -> Option<(Stamp, &[u8])> {
    let (&[a, b, c, b' '], rest) = bytes.split_first_chunk::<4>()? else {
        return None;
    };
    if !(a.is_ascii_uppercase() && b.is_ascii_lowercase() && c.is_ascii_lowercase()) {
        return None;
    }
    let (stamp, rest) = iso(rest)?;
    let rest = rest.strip_prefix(b" ")?;
    let end = memchr::memchr(b' ', rest).unwrap_or(rest.len());
    let zone = rest.get(..end)?;
    let after = rest.get(end + 1..).unwrap_or(b"");
    if let Some(offset) = zone_by_name(zone) {
        return Some((Stamp::utc(stamp.micros - offset, stamp.precision), after));
    }
    if let Some((offset, [])) = offset(zone) {
        return Some((Stamp::utc(stamp.micros - offset, stamp.precision), after));
    }
    let named = !zone.is_empty() && zone.len() <= 5 && zone.iter().all(u8::is_ascii_uppercase);
    named.then_some((stamp, after))
}

fn two(a: u8, b: u8) -> Option<u32> {
    (a.is_ascii_digit() && b.is_ascii_digit())
        .then(|| u32::from(a - b'0') * 10 + u32::from(b - b'0'))
}

/// One or two digits.
fn short_number(bytes: &[u8]) -> Option<(u32, &[u8])> {
    match bytes {
        [a, b, rest @ ..] if b.is_ascii_digit() => Some((two(*a, *b)?, rest)),
        [a, rest @ ..] if a.is_ascii_digit() => Some((u32::from(a - b'0'), rest)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(got: Option<(Stamp, &[u8])>, want: &str) {
        let (stamp, rest) = got.expect("a stamp");
        assert_eq!(format!("{stamp}|{}", String::from_utf8_lossy(rest)), want);
    }

    #[test]
    fn every_way_to_write_a_time() {
        check(month_day_time(b"Jun  5 21:53:47 h"), "06-05T21:53:47| h");
        check(
            month_day_time(b"Feb 29 01:02:03.123456 h"),
            "02-29T01:02:03.123456| h",
        );
        check(
            month_day_time(b"Jun  5 2026 21:53:47 h"),
            "2026-06-05T21:53:47| h",
        );
        check(
            month_day_time(b"Jun  5 21:53:47 2026 h"),
            "2026-06-05T21:53:47| h",
        );
        check(
            month_day_time(b"Jun  5 21:53:47 1234 x"),
            "06-05T21:53:47| 1234 x",
        );
        check(
            translated_month_day_time("août 19 11:08:37 h".as_bytes()),
            "08-19T11:08:37| h",
        );
        check(
            iso(b"2026-06-05T21:53:47.1234567+02:00 x"),
            "2026-06-05T19:53:47.123456Z| x",
        );
        check(
            iso(b"2026-06-05T21:53:47-0330 x"),
            "2026-06-06T01:23:47Z| x",
        );
        check(
            iso(b"2026-06-05 21:53:47,123 x"),
            "2026-06-05T21:53:47.123| x",
        );
        check(
            weekday_date_time_zone(b"Mon 2026-01-05 07:48:11.791353 UTC h"),
            "2026-01-05T07:48:11.791353Z|h",
        );
        check(
            weekday_date_time_zone(b"Mon 2026-07-05 07:48:11 CEST h"),
            "2026-07-05T05:48:11Z|h",
        );
        check(
            weekday_date_time_zone(b"Mon 2026-07-05 07:48:11 IST h"),
            "2026-07-05T07:48:11|h",
        );
    }

    #[test]
    fn what_is_no_time_is_refused() {
        assert!(iso(b"2026-13-05T21:53:47Z").is_none());
        assert!(iso(b"2026-06-05").is_none());
        assert!(month_day_time(b"Jux 05 21:53:47 h").is_none());
        assert!(translated_month_day_time("août 41 21:53:47 h".as_bytes()).is_none());
        assert!(weekday_date_time_zone(b"Mon 2026-01-05 07:48:11 not-a-zone h").is_none());
    }
}
