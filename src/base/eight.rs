//! Eight bytes at a time: short searches and numbers without a branch per byte.
//!
//! A log line is a row of short words and small numbers. Lengths vary from line to line, so a loop over single bytes is left at
//! a moment that no processor foresees; the same work on eight bytes at once costs a few instructions, always the same.

/// 1 in each of eight bytes: so many times a byte is eight of it.
pub const LOW: u64 = 0x0101_0101_0101_0101;
/// The highest bit of each of eight bytes, where marks stand.
pub const HIGH: u64 = LOW << 7;
const ZEROS: u64 = LOW * b'0' as u64;

/// Offset of the first `byte`; for words of some ten bytes, where calling `memchr` costs more than searching.
#[inline]
pub fn find(byte: u8, bytes: &[u8]) -> Option<usize> {
    first_marked(bytes, |eight| marks_of(byte, eight)).or_else(|| in_the_rest(byte, bytes))
}

/// Offset of the first byte that `marks` marks in eight bytes, the first of them lowest; `None`: none of them, or one of the
/// fewer than eight at the end.
#[inline]
pub fn first_marked(bytes: &[u8], marks: impl Fn(u64) -> u64) -> Option<usize> {
    for (index, eight) in bytes.as_chunks().0.iter().enumerate() {
        let marks = marks(u64::from_le_bytes(*eight));
        if marks != 0 {
            return Some(8 * index + first(marks));
        }
    }
    None
}

/// The same for the fewer than eight bytes at the end.
#[inline]
fn in_the_rest(byte: u8, bytes: &[u8]) -> Option<usize> {
    let (chunks, rest) = bytes.as_chunks::<8>();
    let at = rest.iter().position(|&c| c == byte)?;
    Some(8 * chunks.len() + at)
}

/// Marks the first byte that is `byte`, and perhaps some above it.
#[inline]
pub fn marks_of(byte: u8, eight: u64) -> u64 {
    let equal_is_zero = eight ^ (LOW * u64::from(byte));
    equal_is_zero.wrapping_sub(LOW) & !equal_is_zero & HIGH
}

/// Marks what is above 9. What is above 0x89 carries into the byte above it, which is behind the first mark then.
#[inline]
fn marks_above_nine(digits: u64) -> u64 {
    (digits.wrapping_add(LOW * 0x76) | digits) & HIGH
}

/// Digits that stand at the start of eight bytes; found in all lines, read only where a question needs their value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Digits {
    /// The digits as eight bytes from 0 to 9, zeros in front; [`value_of`] reads it.
    pub word: u64,
    /// How many; at most seven.
    pub n: usize,
    /// The byte behind them.
    pub end: u8,
}

/// The digits at the start of eight bytes; `None`: all eight are digits.
#[inline]
pub fn digits(eight: [u8; 8]) -> Option<Digits> {
    let bytes = u64::from_le_bytes(eight);
    let digits = bytes ^ ZEROS;
    let marks = marks_above_nine(digits);
    if marks == 0 {
        return None;
    }
    // Eight times the number of digits: the bits that they take.
    let bits = marks.trailing_zeros() & 0x38;
    let [end, ..] = (bytes >> bits).to_le_bytes();
    Some(Digits {
        // In two steps, since no digits are 64 bits away.
        word: digits << (56 - bits) << 8,
        n: (bits / 8) as usize,
        end,
    })
}

/// The last `n` of eight bytes, which are digits, as [`Digits::word`]; of other numbers than 1 to 8 nothing that means anything.
#[inline(always)]
pub fn right_digits(eight: [u8; 8], n: usize) -> u64 {
    // The upper half of a digit's byte is the same in all; that what is left has no highest bit is seen by the compiler.
    let digits = u64::from_le_bytes(eight) & (LOW * 0xf);
    let others = u32::try_from(64_usize.wrapping_sub(8 * n) % 64).unwrap_or(0);
    digits >> others << others
}

/// The first `n` of eight bytes, which are digits, as [`Digits::word`]; of other numbers than 1 to 8 nothing that means anything.
#[inline(always)]
pub fn left_digits(eight: [u8; 8], n: usize) -> u64 {
    let digits = u64::from_le_bytes(eight) & (LOW * 0xf);
    let others = u32::try_from(64_usize.wrapping_sub(n.wrapping_mul(8)) % 64).unwrap_or(0);
    digits << others
}

/// Value of eight digits, 0 to 9 each, the first in the lowest byte.
#[inline]
pub fn value_of(word: u64) -> u32 {
    const FOURTH: u64 = 0x0000_00FF_0000_00FF;
    let pairs = word.wrapping_mul(10).wrapping_add(word >> 8);
    let high = (pairs & FOURTH).wrapping_mul(100 + (1_000_000 << 32));
    let low = (pairs >> 16 & FOURTH).wrapping_mul(1 + (10_000 << 32));
    let [_, _, _, _, a, b, c, d] = high.wrapping_add(low).to_le_bytes();
    u32::from_le_bytes([a, b, c, d])
}

/// `07:46:17` in seconds; `None`: not of this shape, or no time of a day. A second may be 60.
#[inline(always)]
pub fn time_of_day(eight: [u8; 8]) -> Option<u32> {
    const COLONS: u64 = 0x0000_FF00_00FF_0000;
    const PARTS: u64 = 0xFF | 0xFF << 24 | 0xFF << 48;
    // Digits become 0 to 9, colons 0.
    let parts = u64::from_le_bytes(eight) ^ u64::from_le_bytes(*b"00:00:00");
    if marks_above_nine(parts) | parts & COLONS != 0 {
        return None;
    }
    let tens = parts.wrapping_mul(10).wrapping_add(parts >> 8);
    // Carries into the highest bit of each part that is too large; none is above 99.
    const ROOM: u64 = (0x80 - 24) | (0x80 - 60) << 24 | (0x80 - 61) << 48;
    const MARKS: u64 = 0x80 | 0x80 << 24 | 0x80 << 48;
    if (tens & PARTS).wrapping_add(ROOM) & MARKS != 0 {
        return None;
    }
    let part = |shift: u32| u32::from((tens >> shift).to_le_bytes()[0]);
    Some((part(0) * 60 + part(24)) * 60 + part(48))
}

/// `.271` in thousandths; `None`: not of this shape.
#[inline(always)]
pub fn thousandths(four: [u8; 4]) -> Option<u32> {
    let parts = u32::from_le_bytes(four) ^ u32::from_le_bytes(*b".000");
    let too_large = (parts.wrapping_add(0x7676_7600) | parts) & 0x8080_8000;
    if too_large | parts & 0xff != 0 {
        return None;
    }
    Some(u32::from(last_three_digits(four)))
}

/// Value of the last three of four bytes, which are digits.
#[inline(always)]
pub fn last_three_digits(four: [u8; 4]) -> u16 {
    let [_, a, b, c] = four.map(|digit| u16::from(digit & 0xf));
    (a * 10 + b) * 10 + c
}

/// Which byte the lowest mark is in.
#[inline]
fn first(marks: u64) -> usize {
    (marks.trailing_zeros() / 8) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_is_found_where_a_loop_finds_it() {
        let mut state = 1_u32;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            u8::try_from(state >> 24).unwrap()
        };
        for length in 0..40 {
            for _ in 0..200 {
                // Few different values, so that equal and neighbouring bytes stand beside each other.
                let bytes: Vec<u8> = (0..length).map(|_| next() % 4 + 0x7e).collect();
                for byte in [0x7e, 0x7f, 0x80, 0x81, 0] {
                    let want = bytes.iter().position(|&c| c == byte);
                    assert_eq!(find(byte, &bytes), want, "{byte} {bytes:?}");
                }
            }
        }
    }

    #[test]
    fn numbers_end_at_anything_that_is_no_digit() {
        for end in (0..=255_u8).filter(|c| !c.is_ascii_digit()) {
            for (digits, value) in [
                ("", 0),
                ("7", 7),
                ("90", 90),
                ("0123", 123),
                ("9876543", 9_876_543),
            ] {
                for fill in [b'0', b'9', 0xff, end] {
                    let mut eight = [fill; 8];
                    eight[..digits.len()].copy_from_slice(digits.as_bytes());
                    eight[digits.len()] = end;
                    let n = digits.len();
                    let found = super::digits(eight).unwrap();
                    assert_eq!((found.n, found.end), (n, end), "{eight:?}");
                    assert_eq!(value_of(found.word), value, "{eight:?}");
                }
            }
        }
        assert_eq!(digits(*b"12345678"), None);
    }

    #[test]
    fn the_last_digits_of_eight_are_read() {
        assert_eq!(value_of(right_digits(*b"/12/3407", 4)), 3407);
        assert_eq!(value_of(right_digits(*b"/12/3/07", 1)), 7);
        assert_eq!(value_of(right_digits(*b"12345678", 8)), 12_345_678);
    }

    #[test]
    fn the_first_digits_of_eight_are_read() {
        assert_eq!(value_of(left_digits(*b"3407 x=1", 4)), 3407);
        assert_eq!(value_of(left_digits(*b"12345678", 8)), 12_345_678);
        assert_eq!(
            value_of(left_digits(*b"7\xff\xff\xff\xff\xff\xff\xff", 1)),
            7
        );
    }

    #[test]
    fn three_digits_are_read() {
        assert_eq!(last_three_digits(*b" 503"), 503);
        assert_eq!(thousandths(*b".004"), Some(4));
        assert_eq!(thousandths(*b".999"), Some(999));
        for wrong in [b",004", b".0a4", b".00:", b"./04", b".\xff04", b"0004"] {
            assert_eq!(thousandths(*wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn times_of_a_day() {
        assert_eq!(time_of_day(*b"00:00:00"), Some(0));
        assert_eq!(time_of_day(*b"23:59:60"), Some(86_400));
        assert_eq!(time_of_day(*b"07:46:17"), Some(7 * 3600 + 46 * 60 + 17));
        for wrong in [
            b"24:00:00",
            b"00:60:00",
            b"00:00:61",
            b"0a:00:00",
            b"00-00:00",
            b"00:00 00",
            b"00:00:0:",
            b" 0:00:00",
        ] {
            assert_eq!(time_of_day(*wrong), None, "{wrong:?}");
        }
    }
}
