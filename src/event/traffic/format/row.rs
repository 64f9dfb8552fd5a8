//! Values behind one another that end at the same byte, found from one search of 64 bytes.
//!
//! Read one after the other, each has to wait until the end of the one before it is known, and a search for the end of a name
//! stops at a moment that no processor foresees. Here the ends of all are known at once, and the steps are the same in all lines.
//! A line that is not like most is left to [`super::way`]: a `-1`, a `+`, a name of nothing, two blanks, the last bytes of a line.

use super::fields::Fields;
use super::part::Part;
use super::scan;
use super::variable::Slot;
use super::way::Way;
use crate::base::bits_of;
use crate::base::bits_of_no_name;
use crate::base::left_digits;
use crate::event::traffic::timers::Number;

/// Bytes that are searched.
const ROW: usize = 64;
/// Longest glue behind a value.
const GLUE: usize = 8;
/// What is searched, the glue behind it, and the number behind that.
const NEAR: usize = ROW + 3 * GLUE;

/// The parts from one on that are in one row with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Row {
    kind: Kind,
    /// How many; at least two.
    n: usize,
    /// The byte that ends each and that none of them has.
    stop: u8,
    /// The status is one of them.
    has_status: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Names,
    Numbers,
}

/// What stands behind the values of a row, and where in it.
struct Near<'a> {
    bytes: &'a [u8; NEAR],
    /// A bit for each place that ends a value.
    ends: u64,
}

impl Row {
    /// That of `part`, when the `next` one is in it, too.
    pub(super) fn of(part: &Part, next: Option<&Part>) -> Option<Row> {
        let next = next?;
        let (kind, stop) = alone(part)?;
        let is_status = |part: &Part| part.way == Way::Status;
        let (n, has_status) = match next.row {
            Some(row) => (row.n + 1, row.has_status),
            None => (2, is_status(next)),
        };
        let row = Row {
            kind,
            n,
            stop,
            has_status: has_status || is_status(part),
        };
        (alone(next) == Some((kind, stop))).then_some(row)
    }

    /// Reads its values from the start of `rest`; `None`: they are not all like most, and what the fields say of them means
    /// nothing.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "from one place, twice per line")]
    pub(super) fn read<'p, 'a>(
        self,
        parts: &'p [Part],
        fields: &mut Fields<'a>,
        rest: &'a [u8],
    ) -> Option<(&'p [Part], &'a [u8])> {
        let (row, others) = parts.split_at_checked(self.n)?;
        let bytes = rest.first_chunk::<NEAR>()?;
        let searched = bytes.first_chunk::<ROW>()?;
        let near = Near {
            bytes,
            ends: bits_of(self.stop, searched),
        };
        let n = match self.kind {
            Kind::Names => {
                let wrong = bits_of_no_name(searched) ^ near.ends;
                let mut last = 0;
                let n = near.each(row, |part, from, end| {
                    last = end;
                    if end > from {
                        fields.set(part.place, rest.get(from..end));
                    }
                    end > from
                })?;
                let behind = u64::MAX.checked_shl(u32::try_from(last).ok()?);
                (wrong & !behind.unwrap_or(0) == 0).then_some(n)?
            }
            Kind::Numbers => {
                let n = near.each(row, |part, from, end| {
                    let length = end.wrapping_sub(from);
                    let digits = bytes.get(from..).and_then(|bytes| bytes.first_chunk());
                    let Some(number) = digits.and_then(|digits| left_digits(*digits, length))
                    else {
                        return false;
                    };
                    fields.set_near_number(part.place, Number::of_digits(number));
                    part.may_have_digits(length)
                })?;
                // `000` stands for it in `option tcplog clf`.
                let is_right = !self.has_status || fields.number(Slot::Status).has_hundreds();
                is_right.then_some(n)?
            }
        };
        Some((others, rest.get(n..)?))
    }
}

impl Near<'_> {
    /// Asks `is_right` for each value, which has a start and an end; says where the glue behind the last one ends.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "a loop of few instructions")]
    fn each(
        &self,
        row: &[Part],
        mut is_right: impl FnMut(&Part, usize, usize) -> bool,
    ) -> Option<usize> {
        let mut ends = self.ends;
        let mut from = 0;
        for part in row {
            let end = ends.trailing_zeros() as usize;
            ends &= ends.wrapping_sub(1);
            let behind = self.bytes.get(end..)?.first_chunk()?;
            if !is_right(part, from, end) || !part.after.is_short_at(*behind) {
                return None;
            }
            // Known to be within the bytes, so that nothing asks for it again.
            from = end + part.after.text().len() % (2 * GLUE);
        }
        Some(from)
    }
}

/// What kind of row a part may be in, and what ends it there: a byte that its glue begins with and has but once.
fn alone(part: &Part) -> Option<(Kind, u8)> {
    let stop = part.after.first_byte()?;
    let (_, others) = part.after.text().split_first()?;
    if others.len() >= GLUE || others.contains(&stop) {
        return None;
    }
    let kind = match part.way {
        Way::Word if others.iter().all(|&c| scan::is_name(c)) => Kind::Names,
        // A second one is kept nowhere.
        Way::Status if part.field.slot.is_none() => return None,
        Way::Number | Way::Status if !stop.is_ascii_digit() && part.place.is_near() => {
            Kind::Numbers
        }
        _ => return None,
    };
    Some((kind, stop))
}
