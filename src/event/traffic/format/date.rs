//! Dates in a log-format: HAProxy's own shapes, seconds since 1970, and those that `ltime` and `utime` print.

use super::variable::Shape;
use super::variable::Slot;
use crate::base::SECOND;
use crate::base::Stamp;
use crate::base::month_from_name;
use crate::event::traffic::accept;

/// How a date is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum DateShape {
    /// `22/Nov/2026:07:46:17.271`, local time.
    Local,
    /// `22/Nov/2026:07:46:17 +0100`.
    Zone,
    /// Seconds since 1970.
    Seconds,
    /// The same in hexadecimal digits.
    HexSeconds,
    /// Milliseconds since 1970.
    Millis,
    /// Microseconds since 1970.
    Micros,
    /// As `strftime` prints it.
    Pattern {
        /// What it consists of.
        parts: Vec<Part>,
        /// `utime`: UTC whatever the host's zone.
        utc: bool,
    },
}

/// One piece of a `strftime` pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Year,
    Month,
    MonthName,
    Day,
    Hour,
    Minute,
    Second,
    Fraction(u8),
    Offset,
    Epoch,
    Literal(u8),
}

/// A date as it was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Date {
    /// Microseconds on the axis of what is written.
    pub(super) micros: i64,
    /// How far that axis is ahead of UTC, minutes; `None`: not written.
    pub(super) offset: Option<i16>,
}

impl DateShape {
    /// Reads a date and says how many bytes it takes.
    #[inline]
    pub(super) fn read(&self, bytes: &[u8], dates: &mut accept::Memory) -> Option<(Date, usize)> {
        if *self == DateShape::Local
            && let Some(date) = bytes.first_chunk()
            && let Some(micros) = accept::read(date, dates)
        {
            let date = Date {
                micros,
                offset: None,
            };
            return Some((date, accept::DATE_LEN));
        }
        self.part_by_part(bytes)
    }

    #[inline(never)]
    pub(super) fn part_by_part(&self, bytes: &[u8]) -> Option<(Date, usize)> {
        use Part::{Day, Fraction, Hour, Literal, Minute, MonthName, Offset, Second, Year};
        const COLON: Part = Literal(b':');
        const SLASH: Part = Literal(b'/');
        const SECONDS: [Part; 11] = [
            Day, SLASH, MonthName, SLASH, Year, COLON, Hour, COLON, Minute, COLON, Second,
        ];
        let mut civil = Civil::default();
        match self {
            DateShape::Local => {
                let n = civil.all(&SECONDS, bytes)?;
                let rest = civil.all(&[Literal(b'.'), Fraction(3)], bytes.get(n..)?)?;
                Some((civil.date(false)?, n + rest))
            }
            DateShape::Zone => {
                let n = civil.all(&SECONDS, bytes)?;
                let rest = civil.all(&[Literal(b' '), Offset], bytes.get(n..)?)?;
                Some((civil.date(false)?, n + rest))
            }
            DateShape::Seconds => epoch(bytes, SECOND),
            DateShape::Millis => epoch(bytes, 1000),
            DateShape::Micros => epoch(bytes, 1),
            DateShape::HexSeconds => {
                let n = bytes.iter().take_while(|c| c.is_ascii_hexdigit()).count();
                let text = std::str::from_utf8(bytes.get(..n)?).ok()?;
                let seconds = i64::from_str_radix(text, 16).ok()?;
                since_1970(seconds, SECOND, n)
            }
            DateShape::Pattern { parts, utc } => {
                let n = civil.all(parts, bytes)?;
                Some((civil.date(*utc)?, n))
            }
        }
    }
}

/// Dates before 2001 or after 2100 are other numbers.
const YEARS: std::ops::Range<i64> = 978_307_200 * SECOND..4_102_444_800 * SECOND;

fn epoch(bytes: &[u8], unit: i64) -> Option<(Date, usize)> {
    let n = bytes.iter().take_while(|c| c.is_ascii_digit()).count();
    let value = crate::base::signed(bytes.get(..n)?)?;
    since_1970(value, unit, n)
}

fn since_1970(value: i64, unit: i64, n: usize) -> Option<(Date, usize)> {
    let micros = value.checked_mul(unit).filter(|m| YEARS.contains(m))?;
    let date = Date {
        micros,
        offset: Some(0),
    };
    Some((date, n))
}

/// The numbers of a date while it is read.
#[derive(Default)]
struct Civil {
    year: i64,
    month: u32,
    day: u32,
    hour: u32,
    minute: u32,
    second: u32,
    micros: i64,
    offset: Option<i16>,
    epoch: Option<i64>,
}

impl Civil {
    fn all(&mut self, parts: &[Part], bytes: &[u8]) -> Option<usize> {
        let mut at = 0;
        for part in parts {
            at += self.one(*part, bytes.get(at..)?)?;
        }
        Some(at)
    }

    fn one(&mut self, part: Part, bytes: &[u8]) -> Option<usize> {
        match part {
            Part::Year => {
                self.year = i64::from(digits(bytes, 4)?);
                Some(4)
            }
            Part::Month => two(bytes, &mut self.month),
            Part::Day => {
                // `%e` pads with a blank.
                if let [b' ', d @ b'0'..=b'9', ..] = bytes {
                    self.day = u32::from(d - b'0');
                    return Some(2);
                }
                two(bytes, &mut self.day)
            }
            Part::Hour => two(bytes, &mut self.hour),
            Part::Minute => two(bytes, &mut self.minute),
            Part::Second => two(bytes, &mut self.second),
            Part::MonthName => {
                self.month = month_from_name(bytes.first_chunk::<3>()?)?;
                Some(3)
            }
            Part::Fraction(n) => {
                let value = digits(bytes, usize::from(n))?;
                let scale = 10_i64.checked_pow(u32::from(n.abs_diff(6)))?;
                self.micros = if n <= 6 {
                    i64::from(value) * scale
                } else {
                    i64::from(value) / scale
                };
                Some(usize::from(n))
            }
            Part::Offset => self.offset(bytes),
            Part::Epoch => {
                let (date, n) = epoch(bytes, SECOND)?;
                self.epoch = Some(date.micros);
                Some(n)
            }
            Part::Literal(c) => (bytes.first() == Some(&c)).then_some(1),
        }
    }

    /// `+0100`, `+01:00`, `Z`.
    fn offset(&mut self, bytes: &[u8]) -> Option<usize> {
        if let [b'Z', ..] = bytes {
            self.offset = Some(0);
            return Some(1);
        }
        let (&sign, rest) = bytes.split_first()?;
        let hours = digits(rest, 2)?;
        let (minutes, n) = match rest.get(2..)? {
            [b':', more @ ..] => (digits(more, 2)?, 6),
            more => (digits(more, 2)?, 5),
        };
        let offset = i16::try_from(hours * 60 + minutes).ok()?;
        self.offset = match sign {
            b'+' => Some(offset),
            b'-' => Some(-offset),
            _ => return None,
        };
        Some(n)
    }

    fn date(&self, utc: bool) -> Option<Date> {
        if let Some(seconds) = self.epoch {
            return Some(Date {
                micros: seconds + self.micros,
                offset: Some(0),
            });
        }
        let whole = Stamp::civil(
            self.year,
            self.month,
            self.day,
            self.hour,
            self.minute,
            self.second,
        )?;
        Some(Date {
            micros: whole + self.micros,
            offset: if utc { Some(0) } else { self.offset },
        })
    }
}

fn digits(bytes: &[u8], n: usize) -> Option<u32> {
    let digits = bytes.get(..n)?;
    u32::try_from(crate::base::decimal(digits)?).ok()
}

fn two(bytes: &[u8], slot: &mut u32) -> Option<usize> {
    *slot = digits(bytes, 2)?;
    Some(2)
}

/// `date`, `accept_date`, `request_date` with `ltime`, `utime` and their kin; `None`: another expression.
///
/// Source: configuration manual 3.2, "Fetching samples from internal states", "ltime", "ms_ltime", "us_ltime".
pub(super) fn of_sample(fetch: &str, converters: &str) -> Option<(Option<Slot>, Shape)> {
    let (name, arguments) = match fetch.split_once('(') {
        Some((name, arguments)) => (name, arguments.strip_suffix(')')?),
        None => (fetch, ""),
    };
    let slot = match name {
        "date" => Slot::LogDate,
        "accept_date" => Slot::AcceptDate,
        "request_date" => Slot::RequestDate,
        _ => return None,
    };
    let (shift, unit) = match (name, arguments.split_once(',')) {
        ("date", Some((shift, unit))) => (shift, unit),
        ("date", None) => (arguments, "s"),
        (_, _) => ("", arguments),
    };
    let text = Some((None, Shape::Text));
    // A shifted date is another date.
    if !matches!(shift, "" | "0") {
        return text;
    }
    let plain = match unit {
        "" | "s" => DateShape::Seconds,
        "ms" => DateShape::Millis,
        "us" => DateShape::Micros,
        _ => return text,
    };
    if converters.is_empty() {
        return Some((Some(slot), Shape::Date(plain)));
    }
    let of_unit = match &plain {
        DateShape::Millis => ["ms_ltime(", "ms_utime("],
        DateShape::Micros => ["us_ltime(", "us_utime("],
        _ => ["ltime(", "utime("],
    };
    let parts = of_unit.iter().position(|c| converters.starts_with(c));
    let pattern = parts.and_then(|index| {
        let inside = converters
            .strip_prefix(of_unit.get(index)?)?
            .strip_suffix(')')?;
        Some((index == 1, self::parts(inside)?))
    });
    match pattern {
        Some((utc, parts)) => Some((Some(slot), Shape::Date(DateShape::Pattern { parts, utc }))),
        None => text,
    }
}

/// A `strftime` pattern in its parts; `None`: something in it has no fixed width or tells too little.
fn parts(pattern: &str) -> Option<Vec<Part>> {
    let pattern = pattern.trim_matches(['"', '\'']);
    // The time zone's shift may follow: `%F,3600` prints another zone's time.
    if pattern.contains(',') {
        return None;
    }
    let mut parts = Vec::new();
    let mut bytes = pattern.bytes();
    while let Some(c) = bytes.next() {
        if c != b'%' {
            parts.push(Part::Literal(c));
            continue;
        }
        let colon = Part::Literal(b':');
        let dash = Part::Literal(b'-');
        match bytes.next()? {
            b'Y' => parts.push(Part::Year),
            b'm' => parts.push(Part::Month),
            b'b' | b'h' => parts.push(Part::MonthName),
            b'd' | b'e' => parts.push(Part::Day),
            b'H' => parts.push(Part::Hour),
            b'M' => parts.push(Part::Minute),
            b'S' => parts.push(Part::Second),
            b'N' => parts.push(Part::Fraction(9)),
            b'z' => parts.push(Part::Offset),
            b's' => parts.push(Part::Epoch),
            b'F' => parts.extend([Part::Year, dash, Part::Month, dash, Part::Day]),
            b'T' => parts.extend([Part::Hour, colon, Part::Minute, colon, Part::Second]),
            b'R' => parts.extend([Part::Hour, colon, Part::Minute]),
            b'%' => parts.push(Part::Literal(b'%')),
            n @ (b'3' | b'6' | b'9') if bytes.next() == Some(b'N') => {
                parts.push(Part::Fraction(n - b'0'));
            }
            _ => return None,
        }
    }
    let has = |wanted: Part| parts.contains(&wanted);
    let complete = has(Part::Epoch)
        || (has(Part::Year)
            && (has(Part::Month) || has(Part::MonthName))
            && has(Part::Day)
            && has(Part::Hour)
            && has(Part::Minute));
    complete.then_some(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: i64 = 1_795_333_577_000_000;

    #[track_caller]
    fn check(shape: &DateShape, text: &str, micros: i64, offset: Option<i16>) {
        let got = shape.read(text.as_bytes(), &mut accept::Memory::default());
        assert_eq!(got, Some((Date { micros, offset }, text.len())), "{text}");
    }

    #[test]
    fn haproxys_own_dates() {
        let local = "22/Nov/2026:07:46:17.271";
        check(&DateShape::Local, local, AT + 271_000, None);
        let zone = "22/Nov/2026:07:46:17 +0130";
        check(&DateShape::Zone, zone, AT, Some(90));
        check(&DateShape::Seconds, "1795333577", AT, Some(0));
        check(&DateShape::Millis, "1795333577271", AT + 271_000, Some(0));
        check(&DateShape::HexSeconds, "6B029DC9", AT, Some(0));
        assert_eq!(DateShape::Seconds.part_by_part(b"503"), None);
        assert_eq!(DateShape::Local.part_by_part(b"22/Nov/2026:07:46"), None);
    }

    #[test]
    fn dates_of_samples() {
        let read = |fetch, converters, text: &str| {
            let Some((Some(slot), Shape::Date(shape))) = of_sample(fetch, converters) else {
                return None;
            };
            let (date, n) = shape.part_by_part(text.as_bytes())?;
            (n == text.len()).then_some((slot, date.micros - AT, date.offset))
        };
        assert_eq!(
            read("date", "utime(%Y-%m-%dT%H:%M:%SZ)", "2026-11-22T07:46:17Z"),
            Some((Slot::LogDate, 0, Some(0)))
        );
        assert_eq!(
            read(
                "accept_date(ms)",
                "ms_ltime(\"%F %T.%3N%z\")",
                "2026-11-22 07:46:17.271-0500"
            ),
            Some((Slot::AcceptDate, 271_000, Some(-300)))
        );
        assert_eq!(
            read("date(0,ms)", "", "1795333577001"),
            Some((Slot::LogDate, 1000, Some(0)))
        );
        assert_eq!(of_sample("date(3600)", ""), Some((None, Shape::Text)));
        assert_eq!(of_sample("date", "ltime(%H:%M)"), Some((None, Shape::Text)));
        assert_eq!(of_sample("src", ""), None);
    }
}
