//! What a file's name says: a time, and a kind where the content is silent.

use crate::artifact::Kind;
use crate::artifact::words::all_digits;
use crate::artifact::words::has;
use crate::base::MINUTE;
use crate::base::Precision;
use crate::base::SECOND;
use crate::base::Stamp;
use crate::base::decimal;
use crate::capture::CaptureKind;

/// Seconds that are taken for an epoch: 2001-09-09 to 2100-01-01. Other ten digits are a number of something.
const EPOCH_SECONDS: std::ops::Range<u64> = 1_000_000_000..4_102_444_800;

/// The kind that the name promises.
pub(super) fn hint(name: &str) -> Option<Kind> {
    let name = last(name).to_ascii_lowercase();
    let any = |needles: &[&str]| needles.iter().any(|needle| has(&name, needle));
    if any(&[".cfg", "haproxy.config"]) {
        Some(Kind::Config)
    } else if any(&[".map", ".lst", ".acl"]) {
        Some(Kind::Map)
    } else if any(&[".log", "syslog", "messages", "journal"]) {
        Some(Kind::Log)
    } else if any(&["curl", "wget"]) {
        Some(Kind::Capture(CaptureKind::Curl))
    } else {
        None
    }
}

/// The first time in the last component of the name.
pub(super) fn stamp(name: &str) -> Option<Stamp> {
    let name = last(name);
    let starts = name.iter().enumerate().filter(|(index, byte)| {
        let before = index.checked_sub(1).and_then(|at| name.get(at));
        byte.is_ascii_digit() && !before.is_some_and(u8::is_ascii_digit)
    });
    let mut tails = starts.filter_map(|(index, _)| name.get(index..));
    tails.find_map(|tail| civil(tail).or_else(|| epoch(tail)))
}

fn last(name: &str) -> &[u8] {
    let mut components = name.as_bytes().rsplit(|b| *b == b'/');
    components.next().unwrap_or_default()
}

/// `20260211T081424Z`, `2026-02-11_08-14-24`, `20260211081424`, `2026-02-11T08:14:24.123+02:00`.
fn civil(tail: &[u8]) -> Option<Stamp> {
    let (year, rest) = digits(tail, 4)?;
    let (month, rest) = digits(skip(rest, b"-_."), 2)?;
    let (day, rest) = digits(skip(rest, b"-_."), 2)?;
    let (hour, rest) = digits(skip(rest, b"Tt_-. @"), 2)?;
    let (minute, rest) = digits(skip(rest, b":-_.h"), 2)?;
    let (second, rest) = digits(skip(rest, b":-_.m"), 2)?;
    if !(1970..2200).contains(&year) || rest.first().is_some_and(u8::is_ascii_digit) {
        return None;
    }
    let whole = Stamp::civil(i64::from(year), month, day, hour, minute, second)?;
    let (fraction, precision, rest) = fraction(rest);
    let micros = whole + fraction;
    Some(match offset(rest) {
        Some(offset) => Stamp::utc(micros - offset, precision),
        None => Stamp::local(micros, precision),
    })
}

/// `1760000000`, or with milliseconds; by definition UTC.
fn epoch(tail: &[u8]) -> Option<Stamp> {
    let length = tail.iter().take_while(|b| b.is_ascii_digit()).count();
    let number = decimal(tail.get(..length)?)?;
    let (seconds, millis) = match length {
        10 => (number, 0),
        13 => (number / 1000, number % 1000),
        _ => return None,
    };
    if !EPOCH_SECONDS.contains(&seconds) {
        return None;
    }
    let micros = i64::try_from(seconds).ok()? * SECOND + i64::try_from(millis).ok()? * 1000;
    let precision = if length == 10 {
        Precision::Second
    } else {
        Precision::Milli
    };
    Some(Stamp::utc(micros, precision))
}

/// Up to six digits behind a dot or comma. Three digits and a letter may be an ending (`.7z`), so at least three digits.
fn fraction(rest: &[u8]) -> (i64, Precision, &[u8]) {
    let none = (0, Precision::Second, rest);
    let [b'.' | b',', tail @ ..] = rest else {
        return none;
    };
    let length = tail.iter().take_while(|b| b.is_ascii_digit()).count();
    let Some((digits, after)) = tail.split_at_checked(length) else {
        return none;
    };
    let number = decimal(digits).and_then(|n| i64::try_from(n).ok());
    match (length, number) {
        (3, Some(millis)) => (millis * 1000, Precision::Milli, after),
        (6, Some(micros)) => (micros, Precision::Micro, after),
        _ => none,
    }
}

/// `Z`, `UTC`, `+0200`, `-05:00`: microseconds east of UTC; `None` without a zone.
fn offset(rest: &[u8]) -> Option<i64> {
    let ends = |tail: &[u8]| !tail.first().is_some_and(u8::is_ascii_alphanumeric);
    match rest {
        [b'Z' | b'z', tail @ ..] if ends(tail) => Some(0),
        [b'U', b'T', b'C', tail @ ..] | [b'-' | b'_' | b'.', b'U', b'T', b'C', tail @ ..]
            if ends(tail) =>
        {
            Some(0)
        }
        [sign @ (b'+' | b'-'), tail @ ..] => {
            let (hours, tail) = digits(tail, 2)?;
            let (minutes, tail) = digits(skip(tail, b":"), 2)?;
            if hours > 14 || minutes > 59 || !ends(tail) {
                return None;
            }
            let micros = i64::from(hours * 60 + minutes) * MINUTE;
            Some(if *sign == b'-' { -micros } else { micros })
        }
        _ => None,
    }
}

fn digits(bytes: &[u8], length: usize) -> Option<(u32, &[u8])> {
    let (number, rest) = bytes.split_at_checked(length)?;
    if !all_digits(number) {
        return None;
    }
    Some((u32::try_from(decimal(number)?).ok()?, rest))
}

/// The rest without one separator.
fn skip<'a>(bytes: &'a [u8], separators: &[u8]) -> &'a [u8] {
    match bytes {
        [first, rest @ ..] if separators.contains(first) => rest,
        _ => bytes,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(name: &str, expected: Option<&str>) {
        let got = stamp(name).map(|stamp| stamp.to_string());
        assert_eq!(got.as_deref(), expected, "{name}");
    }

    #[test]
    fn times_in_names_are_read_with_their_zone() {
        check(
            "show-stat.20260211T081424Z.csv",
            Some("2026-02-11T08:14:24Z"),
        );
        check(
            "haproxy-2026-02-11_08-14-24.log",
            Some("2026-02-11T08:14:24"),
        );
        check("state-20260211-081424", Some("2026-02-11T08:14:24"));
        check("state-20260211081424.txt", Some("2026-02-11T08:14:24"));
        check(
            "a/b-2026-02-11T08:14:24.250+02:00.txt",
            Some("2026-02-11T06:14:24.250Z"),
        );
        check(
            "curl.2026-02-11T08:14:24-0500.txt",
            Some("2026-02-11T13:14:24Z"),
        );
        check("dump.1760000000.txt", Some("2025-10-09T08:53:20Z"));
        check("dump.1760000000123", Some("2025-10-09T08:53:20.123Z"));
    }

    #[test]
    fn other_numbers_are_no_times() {
        check("haproxy.log-20260211", None);
        check("curl-client-2.txt", None);
        check("3f1c9a7be2d04c55-json.log", None);
        check("x-20261311T081424Z", None);
        check("192.0.2.10.log", None);
    }
}
