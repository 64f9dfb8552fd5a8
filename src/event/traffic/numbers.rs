//! The numbers of an HTTP line, found all at once: `0/0/0/77/79 200 7494 `.
//!
//! Read one after the other, each has to wait until the end of the one before it is known. Here the ends of all are known from
//! a few operations on 32 bytes, and the rest is done side by side. A line that is not like most is left to the slow way.

use super::timers::Number;
use crate::base::bits_of;
use crate::base::bits_of_others;
use crate::base::last_three_digits;
use crate::base::right_digits;

/// Bytes in which the numbers end in nearly all lines.
const WITHIN: usize = 32;
/// Bytes before the first number that are needed to read digits from their end.
pub(super) const BEFORE: usize = 8;

/// Timers, status and bytes sent, and where they end.
pub(super) struct Numbers {
    pub(super) timers: [Number; 5],
    pub(super) status: u16,
    pub(super) sent: Number,
    /// Offset behind the last blank, from the first number on.
    pub(super) end: usize,
}

/// Reads them; `around` begins [`BEFORE`] bytes before the first. `None`: not of this shape, or `-1`, `+` or more than eight
/// digits among them.
#[inline(always)]
pub(super) fn read(around: &[u8]) -> Option<Numbers> {
    let around: &[u8; BEFORE + WITHIN + 8] = around.first_chunk()?;
    let near = around.get(BEFORE..)?.first_chunk::<WITHIN>()?;
    let others = bits_of_others(near);
    let without_first = |bits: u64| bits & bits.wrapping_sub(1);
    let behind_tr_request = without_first(others);
    let behind_tw = without_first(behind_tr_request);
    let behind_tc = without_first(behind_tw);
    let behind_tr = without_first(behind_tc);
    let behind_ta = without_first(behind_tr);
    let behind_status = without_first(behind_ta);
    let behind_sent = without_first(behind_status);
    let ends = others ^ behind_sent;
    let is_shaped = behind_status != 0
        && (others ^ behind_tr) & !bits_of(b'/', near) == 0
        && (behind_tr ^ behind_sent) & !bits_of(b' ', near) == 0
        && ends & (ends << 1 | 1) == 0
        && !has_nine_digits(others);
    let (from, to) = (end_of(behind_tr) + 1, end_of(behind_ta));
    if !is_shaped || to.wrapping_sub(from) != 3 {
        return None;
    }
    let status = around
        .get(BEFORE - 4 + to..)
        .and_then(|tail| tail.first_chunk());
    let number = |from: usize, to: usize| {
        let digits = around.get(to..).and_then(|tail| tail.first_chunk());
        Number::of_digits(right_digits(
            *digits.unwrap_or(&[0; 8]),
            to.wrapping_sub(from),
        ))
    };
    let between = |bits: u64, after: u64| number(end_of(bits) + 1, end_of(after));
    Some(Numbers {
        timers: [
            number(0, end_of(others)),
            between(others, behind_tr_request),
            between(behind_tr_request, behind_tw),
            between(behind_tw, behind_tc),
            between(behind_tc, behind_tr),
        ],
        status: last_three_digits(*status?),
        sent: between(behind_ta, behind_status),
        end: end_of(behind_status) + 1,
    })
}

/// Place of the lowest bit, below [`WITHIN`].
#[inline(always)]
fn end_of(bits: u64) -> usize {
    bits.trailing_zeros() as usize % WITHIN
}

/// More than eight of the bytes in a row are digits.
#[inline(always)]
fn has_nine_digits(others: u64) -> bool {
    let [a, b, c, d, ..] = (!others).to_le_bytes();
    let one = u32::from_le_bytes([a, b, c, d]);
    let two = one & one >> 1;
    let four = two & two >> 2;
    let eight = four & four >> 4;
    eight & one >> 8 != 0
}
