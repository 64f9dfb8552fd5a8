//! Where short values end: numbers, states, names, addresses.

use super::variable::Shape;
use crate::base::HIGH;
use crate::base::LOW;
use crate::base::bits_of_no_dotted;
use crate::base::first_marked;
use crate::base::marks_of;
use crate::event::traffic::accept;

/// Bytes of a field that knows its own end.
pub(super) fn fixed(shape: &Shape, rest: &[u8], dates: &mut accept::Memory) -> Option<usize> {
    match shape {
        Shape::Number => {
            let sign = usize::from(matches!(rest, [b'+' | b'-', b'0'..=b'9', ..]));
            let n = rest
                .get(sign..)?
                .iter()
                .take_while(|c| c.is_ascii_digit())
                .count();
            (n > 0 && n < 20).then_some(sign + n)
        }
        Shape::Hex => {
            let n = rest.iter().take_while(|c| c.is_ascii_hexdigit()).count();
            if n == 0 {
                return fixed(&Shape::Number, rest, dates);
            }
            Some(n)
        }
        Shape::Status => match rest {
            [b'-', b'1', ..] => Some(2),
            [b'1'..=b'9', b'0'..=b'9', b'0'..=b'9', ..] => Some(3),
            [b'0', ..] => Some(1),
            _ => None,
        },
        Shape::State(n) => state(rest, *n).then_some(*n),
        Shape::Date(date) => date.read(rest, dates).map(|(_, n)| n),
        _ => None,
    }
}

/// So many letters or dashes.
#[inline]
pub(in crate::event::traffic) fn state(rest: &[u8], n: usize) -> bool {
    let is_letter = |c: &u8| *c == b'-' || c.is_ascii_alphabetic();
    match rest.get(..n) {
        Some(b"--" | b"----") => true,
        Some(state) => state.iter().all(is_letter),
        None => false,
    }
}

/// A byte that names may have.
pub(super) const fn is_name(c: u8) -> bool {
    c.is_ascii_graphic() && !matches!(c, b'"' | b'{' | b'}' | b'[' | b']')
}

/// A byte that addresses of IPv4 and IPv6 may have.
pub(super) const fn is_address(c: u8) -> bool {
    c.is_ascii_hexdigit() || matches!(c, b'.' | b':' | b'%')
}

/// Bytes of a name up to what few names have; `None`: the line ends within or shortly behind it.
#[inline]
pub(super) fn word(rest: &[u8]) -> Option<usize> {
    first_marked(rest, marks_of_no_name)
}

/// The same up to the first `stop`.
#[inline]
pub(super) fn name(rest: &[u8], stop: u8) -> Option<usize> {
    first_marked(rest, |eight| {
        marks_of_no_name(eight) | marks_of(stop, eight)
    })
}

/// Marks the first byte that no name has, or that few have, and perhaps some behind it.
#[inline]
fn marks_of_no_name(bytes: u64) -> u64 {
    // `[\\]` and `{|}` in one.
    let folded = bytes & (LOW * 0xdf);
    let brackets =
        folded.wrapping_add(LOW * (0x80 - 0x5b)) & !folded.wrapping_add(LOW * (0x80 - 0x5e));
    // Up to `"`, and above `~`.
    let others = !bytes.wrapping_add(LOW * (0x80 - 0x23)) | bytes.wrapping_add(LOW) | bytes;
    (brackets | others) & HIGH
}

/// Bytes of an address up to what none has; `None`: the line ends with it.
#[inline]
pub(super) fn address(rest: &[u8]) -> Option<usize> {
    let mut n = 0;
    for eight in rest.as_chunks::<8>().0 {
        // Digits and what stands beside them: `./0123456789:`.
        let bytes = u64::from_le_bytes(*eight);
        let above = bytes.wrapping_add(LOW * (0x80 - 0x3b));
        let below = bytes.wrapping_add(LOW * (0x80 - 0x2e));
        let others = (above | !below | bytes | marks_of(b'/', bytes)) & HIGH;
        if others != 0 {
            n += (others.trailing_zeros() / 8) as usize;
            break;
        }
        n += 8;
    }
    let behind = rest.get(n..)?;
    match behind.first() {
        Some(&c) if !is_address(c) => Some(n),
        _ => Some(n + behind.iter().position(|&c| !is_address(c))?),
    }
}

/// How many digits and dots there are at the start of sixteen bytes, when it is not all of them.
#[inline]
pub(super) fn dotted(bytes: &[u8; 16]) -> Option<usize> {
    let others = bits_of_no_dotted(bytes);
    (others != 0).then(|| others.trailing_zeros() as usize)
}

/// Offset of the last colon of an address and its port, which has few digits.
#[inline]
pub(in crate::event::traffic) fn last_colon(address: &[u8]) -> Option<usize> {
    if let Some(eight) = address.last_chunk::<8>() {
        let others = u64::from_le_bytes(*eight) ^ (LOW * u64::from(b':'));
        // Exact for each byte.
        let marks = !((others & !HIGH).wrapping_add(!HIGH) | others) & HIGH;
        if marks != 0 {
            let behind = (marks.leading_zeros() / 8) as usize;
            return address.len().checked_sub(behind + 1);
        }
    }
    address.iter().rposition(|&c| c == b':')
}
