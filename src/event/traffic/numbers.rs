//! The numbers of an HTTP line, found all at once: `0/0/0/77/79 200 7494 `.
//!
//! Read one after the other, each has to wait until the end of the one before it is known. Here the ends of all are known from
//! a few operations on 32 bytes, and the rest is done side by side. A line that is not like most is left to the slow way.

use super::timers::Number;
use crate::base::bits_of_others;
use crate::base::right_digits;

/// Bytes in which the numbers end in nearly all lines.
const WITHIN: usize = 32;
/// Bytes before the first number that are needed to read digits from their end.
pub(super) const BEFORE: usize = 8;

/// Timers, status and bytes sent, and where they end.
pub(super) struct Numbers {
    pub(super) timers: [Number; 5],
    pub(super) status: Number,
    pub(super) sent: Number,
    /// Offset behind the last blank, from the first number on.
    pub(super) end: usize,
}

/// What stands behind each number, and how many digits it has at least and at most.
const SHAPE: [(u8, usize, usize); 7] = [
    (b'/', 1, 8),
    (b'/', 1, 8),
    (b'/', 1, 8),
    (b'/', 1, 8),
    (b' ', 1, 8),
    (b' ', 3, 3),
    (b' ', 1, 8),
];

/// Reads them; `around` begins [`BEFORE`] bytes before the first. `None`: not of this shape, or `-1`, `+` or more than eight
/// digits among them.
#[inline]
pub(super) fn read(around: &[u8]) -> Option<Numbers> {
    let around: &[u8; BEFORE + WITHIN + 8] = around.first_chunk()?;
    let mut ends = bits_of_others(around.get(BEFORE..)?.first_chunk::<WITHIN>()?);
    let mut from = 0;
    let mut is_right = true;
    let numbers = SHAPE.map(|(behind, least, most)| {
        let end = ends.trailing_zeros() as usize % WITHIN;
        ends &= ends.wrapping_sub(1);
        let length = end.wrapping_sub(from);
        from = end + 1;
        let (digits, next) = match around.get(end..).and_then(|tail| tail.first_chunk::<9>()) {
            Some([a, b, c, d, e, f, g, h, next]) => ([*a, *b, *c, *d, *e, *f, *g, *h], *next),
            None => ([0; 8], 0),
        };
        is_right &= (next == behind) & (length.wrapping_sub(least) <= most - least);
        Number::of_digits(right_digits(digits, length))
    });
    let [a, b, c, d, e, status, sent] = numbers;
    is_right.then_some(Numbers {
        timers: [a, b, c, d, e],
        status,
        sent,
        end: from,
    })
}
