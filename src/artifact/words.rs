//! Small tests on bytes that the kinds share.

use crate::base::HOUR;
use crate::base::MINUTE;
use crate::base::SECOND;
use crate::base::decimal;

/// The words of a line, split at blanks and tabs.
pub(super) fn words(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    line.split(u8::is_ascii_whitespace)
        .filter(|word| !word.is_empty())
}

/// The first word; empty for a blank line.
pub(super) fn first_word(line: &[u8]) -> &[u8] {
    words(line).next().unwrap_or_default()
}

/// The line contains `needle`.
pub(super) fn has(line: &[u8], needle: &str) -> bool {
    memchr::memmem::find(line, needle.as_bytes()).is_some()
}

/// The line contains one of `needles`.
pub(super) fn has_any(line: &[u8], needles: &[&str]) -> bool {
    needles.iter().any(|needle| has(line, needle))
}

/// The line starts with one of `prefixes`.
pub(super) fn starts_with_any(line: &[u8], prefixes: &[&str]) -> bool {
    prefixes
        .iter()
        .any(|prefix| line.starts_with(prefix.as_bytes()))
}

/// The word is one of `list`.
pub(super) fn is_one_of(word: &[u8], list: &[&str]) -> bool {
    list.iter().any(|known| known.as_bytes() == word)
}

/// At least one byte, and digits only.
pub(super) fn all_digits(word: &[u8]) -> bool {
    !word.is_empty() && word.iter().all(u8::is_ascii_digit)
}

/// The line without leading blanks and terminal colour codes.
pub(super) fn visible(line: &[u8]) -> &[u8] {
    let mut rest = line.trim_ascii_start();
    while let Some(code) = rest.strip_prefix(b"\x1b[") {
        let end = code.iter().position(u8::is_ascii_alphabetic);
        rest = end.and_then(|at| code.get(at + 1..)).unwrap_or_default();
        rest = rest.trim_ascii_start();
    }
    rest
}

/// `hh:mm:ss` at the start: microseconds of the day, and what follows.
pub(super) fn clock(bytes: &[u8]) -> Option<(i64, &[u8])> {
    let (digits, rest) = bytes.split_at_checked(8)?;
    let [h1, h2, b':', m1, m2, b':', s1, s2] = digits else {
        return None;
    };
    let two = |a: &u8, b: &u8| decimal(&[*a, *b]).and_then(|n| i64::try_from(n).ok());
    let (hours, minutes, seconds) = (two(h1, h2)?, two(m1, m2)?, two(s1, s2)?);
    let real = hours < 24 && minutes < 60 && seconds < 61;
    real.then_some((hours * HOUR + minutes * MINUTE + seconds * SECOND, rest))
}

/// Year, month and day.
pub(super) type Date = (i64, u32, u32);

/// `yyyy-mm-dd` (or with `/`) at the start, and what follows.
pub(super) fn date(bytes: &[u8]) -> Option<(Date, &[u8])> {
    let (digits, rest) = bytes.split_at_checked(10)?;
    let (year, tail) = digits.split_at_checked(4)?;
    let [sep @ (b'-' | b'/'), m1, m2, other, d1, d2] = tail else {
        return None;
    };
    if sep != other {
        return None;
    }
    let number = |b: &[u8]| decimal(b).and_then(|n| u32::try_from(n).ok());
    let (year, month, day) = (number(year)?, number(&[*m1, *m2])?, number(&[*d1, *d2])?);
    let real = (1970..2200).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day);
    real.then_some(((i64::from(year), month, day), rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks_and_dates_are_read_only_when_real() {
        assert_eq!(clock(b"01:00:02 x"), Some((HOUR + 2 * SECOND, &b" x"[..])));
        assert_eq!(clock(b"25:00:00"), None);
        assert_eq!(date(b"2026-02-11T08"), Some(((2026, 2, 11), &b"T08"[..])));
        assert_eq!(date(b"2026-02/11"), None);
        assert_eq!(date(b"2026-13-11"), None);
    }

    #[test]
    fn colour_codes_are_not_part_of_a_line() {
        assert_eq!(visible(b"  \x1b[2K\x1b[31mweb-1 | x"), b"web-1 | x");
        assert_eq!(visible(b"\x1b["), b"");
    }
}
