//! Decimal numbers in bytes, read without allocation; anything that does not fit is absent.

use crate::base::digits;
use crate::base::right_digits;
use crate::base::value_of;

/// The whole of `bytes` as a number; `None` when empty, too large or not all digits.
pub fn decimal(bytes: &[u8]) -> Option<u64> {
    match leading_decimal(bytes)? {
        (value, []) => Some(value),
        _ => None,
    }
}

/// The digits at the start of `bytes` as a number, and what follows them; `None` without a digit or beyond 64 bits.
#[inline]
pub fn leading_decimal(bytes: &[u8]) -> Option<(u64, &[u8])> {
    if let Some(&eight) = bytes.first_chunk()
        && let Some(found) = digits(eight)
    {
        let rest = bytes.get(found.n..)?;
        return (found.n > 0).then_some((u64::from(value_of(found.word)), rest));
    }
    digit_by_digit(bytes)
}

fn digit_by_digit(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let mut value = 0_u64;
    let mut rest = bytes;
    // Eight at a time: a stamp in microseconds has sixteen.
    while let Some((eight, tail)) = rest.split_first_chunk()
        && digits(*eight).is_none()
    {
        let eight = u64::from(value_of(right_digits(*eight, 8)));
        value = value.checked_mul(100_000_000)?.checked_add(eight)?;
        rest = tail;
    }
    while let [digit @ b'0'..=b'9', tail @ ..] = rest {
        value = value
            .checked_mul(10)?
            .checked_add(u64::from(digit - b'0'))?;
        rest = tail;
    }
    (rest.len() < bytes.len()).then_some((value, rest))
}

/// The whole of `bytes` as a number with an optional `-`.
pub fn signed(bytes: &[u8]) -> Option<i64> {
    match bytes {
        [b'-', digits @ ..] => i64::try_from(decimal(digits)?).ok().map(|n| -n),
        digits => i64::try_from(decimal(digits)?).ok(),
    }
}

/// A count as people read it: `1234567` is `1,234,567`.
pub fn thousands(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A number of things: `1 request`, `1,234 requests`.
pub fn counted(n: u64, thing: &str) -> String {
    let plural = if n == 1 { "" } else { "s" };
    format!("{} {thing}{plural}", thousands(n))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_at_their_limits() {
        assert_eq!(decimal(b"18446744073709551615"), Some(u64::MAX));
        assert_eq!(decimal(b"18446744073709551616"), None);
        assert_eq!(decimal(b""), None);
        assert_eq!(decimal(b"1x"), None);
        assert_eq!(leading_decimal(b"12/3"), Some((12, &b"/3"[..])));
        assert_eq!(
            leading_decimal(b"1234567/89"),
            Some((1_234_567, &b"/89"[..]))
        );
        assert_eq!(
            leading_decimal(b"123456789 0"),
            Some((123_456_789, &b" 0"[..]))
        );
        assert_eq!(leading_decimal(b"/3456789"), None);
        assert_eq!(signed(b"-1"), Some(-1));
        assert_eq!(signed(b"-"), None);
        assert_eq!(thousands(999), "999");
        assert_eq!(thousands(1_234_567), "1,234,567");
        assert_eq!(
            (counted(1, "request"), counted(2000, "request")),
            ("1 request".to_owned(), "2,000 requests".to_owned())
        );
    }
}
