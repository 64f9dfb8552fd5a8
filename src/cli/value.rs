//! Values of flags that are more than a number.

use nosrv::clock::NamedZone;
use nosrv::report::closest;

/// Most files of a bundle, and members of a file: a citation has 16 bits for either.
pub(super) const COUNT_MAX: i64 = 65_535;
/// More threads than this only cost memory.
const THREADS_MAX: usize = 256;
/// Offsets of the world's zones go from -12:00 to +14:00.
const HOURS_MAX: i64 = 14;
/// Microseconds of a minute.
const MINUTE: i64 = 60_000_000;

/// `--tz`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Zone {
    /// Microseconds east of UTC.
    Offset(i64),
    /// Its offset changes over the year.
    Named(NamedZone),
}

/// Names that are offered for a mistyped one.
const CLOSEST_MAX: usize = 3;

/// `+02:00` or `Europe/Berlin`.
pub(super) fn zone(text: &str) -> Result<Zone, String> {
    let is_name = text.starts_with(|c: char| c.is_ascii_alphabetic());
    if !is_name || is_utc(text) {
        return offset(text).map(Zone::Offset);
    }
    if let Some(zone) = NamedZone::find(text) {
        return Ok(Zone::Named(zone));
    }
    let names = NamedZone::names();
    let near = closest(text, names.iter().map(String::as_str), CLOSEST_MAX);
    Err(if near.is_empty() {
        "no time zone has that name; expected one such as Europe/Berlin, or an offset such as +02:00"
            .to_owned()
    } else {
        format!("no time zone has that name; closest: {}", near.join(", "))
    })
}

fn is_utc(text: &str) -> bool {
    ["Z", "UTC", "GMT"].contains(&text.to_ascii_uppercase().as_str())
}

/// `+02:00`, `-0530`, `+2`, `Z`, `UTC` -> microseconds east of UTC.
pub(super) fn offset(text: &str) -> Result<i64, String> {
    if is_utc(text) {
        return Ok(0);
    }
    let (sign, rest) = match (text.strip_prefix('+'), text.strip_prefix('-')) {
        (Some(rest), _) => (1, rest),
        (_, Some(rest)) => (-1, rest),
        _ => return Err(wrong_offset()),
    };
    let (hours, minutes) = match (rest.split_once(':'), rest.len()) {
        (Some(both), _) => both,
        (None, 4) => rest.split_at_checked(2).ok_or_else(wrong_offset)?,
        (None, _) => (rest, "0"),
    };
    let hours = digits(hours).filter(|&h| h <= HOURS_MAX);
    let minutes = digits(minutes).filter(|&m| m < 60);
    let (Some(hours), Some(minutes)) = (hours, minutes) else {
        return Err(wrong_offset());
    };
    Ok(sign * (hours * 60 + minutes) * MINUTE)
}

fn wrong_offset() -> String {
    "expected an offset from UTC between -14:59 and +14:59, such as +02:00, or a zone such as Europe/Berlin".to_owned()
}

/// One or two digits and nothing else; `parse` alone would take a sign.
fn digits(text: &str) -> Option<i64> {
    let plain = (1..=2).contains(&text.len()) && text.bytes().all(|c| c.is_ascii_digit());
    plain.then(|| text.parse().ok()).flatten()
}

/// A number of threads.
pub(super) fn threads(text: &str) -> Result<usize, String> {
    let n = text.parse().ok().filter(|n| (1..=THREADS_MAX).contains(n));
    n.ok_or_else(|| format!("expected a number from 1 to {THREADS_MAX}"))
}

/// A number of rows.
pub(super) fn rows(text: &str) -> Result<usize, String> {
    let n: Option<u32> = text.parse().ok().filter(|&n| n > 0);
    n.and_then(|n| usize::try_from(n).ok())
        .ok_or_else(|| format!("expected a number from 1 to {}", u32::MAX))
}

/// A number of files.
pub(super) fn files(text: &str) -> Result<usize, String> {
    let n: Option<u16> = text.parse().ok().filter(|&n| n > 0);
    n.map(usize::from)
        .ok_or_else(|| format!("expected a number from 1 to {COUNT_MAX}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_are_read_in_their_usual_forms() {
        let minutes = |text| offset(text).map(|micros| micros / MINUTE);
        assert_eq!(minutes("+02:00"), Ok(120));
        assert_eq!(minutes("-0530"), Ok(-330));
        assert_eq!(minutes("+5:45"), Ok(345));
        assert_eq!(minutes("+14"), Ok(840));
        assert_eq!(minutes("-00:30"), Ok(-30));
        assert_eq!(minutes("utc"), Ok(0));
    }

    #[test]
    fn what_is_no_offset_is_refused_with_an_example() {
        for text in [
            "",
            "2",
            "+",
            "+24:00",
            "+02:60",
            "+02:00:00",
            "+é2",
            "--2",
            "+-2",
            "+02:",
        ] {
            let error = offset(text).expect_err(text);
            assert!(error.contains("+02:00"), "{text}: {error}");
        }
    }

    #[test]
    fn zones_have_names_or_offsets() {
        assert_eq!(zone("+02:00"), Ok(Zone::Offset(120 * MINUTE)));
        assert_eq!(zone("utc"), Ok(Zone::Offset(0)));
        let named = zone("asia/kolkata").expect("a name");
        assert!(
            matches!(&named, Zone::Named(zone) if zone.name() == "Asia/Kolkata"),
            "{named:?}"
        );
        let error = zone("Europe/Berlyn").expect_err("mistyped");
        assert!(error.contains("Europe/Berlin"), "{error}");
        assert!(zone("Xyzzy").expect_err("none").contains("Europe/Berlin"));
    }

    #[test]
    fn counts_have_bounds() {
        assert_eq!((threads("2"), files("65535")), (Ok(2), Ok(65_535)));
        assert!(threads("0").is_err() && threads("257").is_err() && threads("x").is_err());
        assert!(files("0").is_err() && files("65536").is_err());
    }
}
