//! Finding where a traffic line starts: at its accept date, or at the shape `be/srv a/b/c/d/e status`.

use super::accept;
use super::accept::DATE_LEN;
use super::accept::Memory;
use crate::base::bits_of;

/// Brackets to look behind for a date; structured data and captured headers may hold some before it.
const BRACKETS_MAX: usize = 12;

/// A body that holds an accept date.
pub(super) struct Dated<'a> {
    /// What stands before the date.
    pub(super) before: &'a [u8],
    /// Microseconds, local axis.
    pub(super) accept: i64,
    /// From the frontend name on.
    pub(super) rest: &'a [u8],
}

/// What brackets tell of a body.
pub(super) enum Brackets<'a> {
    /// An accept date.
    Dated(Dated<'a>),
    /// A line of HAProxy before 1.3.1.
    FirstVersions,
    /// Nothing.
    Silent,
}

/// Finds ` [dd/Mon/yyyy:hh:mm:ss.mmm] ` and the client before it, an address and a port.
#[inline(always)]
pub(super) fn near<'a>(body: &'a [u8], memory: &mut Memory) -> Option<Dated<'a>> {
    // Those of IPv4 end here.
    let bits = bits_of(b'[', body.first_chunk::<32>()?);
    if bits != 0 {
        return dated(body, bits.trailing_zeros() as usize, memory);
    }
    let bits = bits_of(b'[', body.get(32..)?.first_chunk::<32>()?);
    if bits == 0 {
        return None;
    }
    dated(body, 32 + bits.trailing_zeros() as usize, memory)
}

/// The same behind anything.
pub(super) fn brackets<'a>(body: &'a [u8], memory: &mut Memory) -> Brackets<'a> {
    for at in memchr::memchr_iter(b'[', body).take(BRACKETS_MAX) {
        if let Some(start) = dated(body, at, memory) {
            return Brackets::Dated(start);
        }
        if is_of_the_first_versions(body.get(at + 1..).unwrap_or(b"")) {
            return Brackets::FirstVersions;
        }
    }
    Brackets::Silent
}

/// A date in the bracket at `at`.
#[inline(always)]
fn dated<'a>(body: &'a [u8], at: usize, memory: &mut Memory) -> Option<Dated<'a>> {
    let (before, inside) = body.split_at_checked(at)?;
    let (date, rest) = inside.get(1..)?.split_first_chunk::<DATE_LEN>()?;
    let [b']', b' ', rest @ ..] = rest else {
        return None;
    };
    Some(Dated {
        before,
        accept: accept::read(date, memory)?,
        rest,
    })
}

/// HAProxy before 1.3.1 wrote `10.0.0.1:34552 [15/Oct/2003:15:26:31] relais-http Srv1 9/0/7/147/723 200 …`: a date without
/// milliseconds, a proxy, a server, no backend. `inside` is what follows the bracket.
///
/// Source: HAProxy 1.2 and 1.3 `doc/haproxy-en.txt`, "Event logging".
fn is_of_the_first_versions(inside: &[u8]) -> bool {
    const DATE: usize = "15/Oct/2003:15:26:31".len();
    let Some((date, [b']', b' ', rest @ ..])) = inside.split_first_chunk::<DATE>() else {
        return false;
    };
    let shape = date
        .iter()
        .map(|c| if c.is_ascii_digit() { b'0' } else { *c });
    let marks = shape.filter(|c| !c.is_ascii_alphabetic());
    let mut words = rest.splitn(4, |c| *c == b' ').skip(2);
    let (Some(timers), Some(_)) = (words.next(), words.next()) else {
        return false;
    };
    let is_timer = |c: &u8| c.is_ascii_digit() || b"/-+".contains(c);
    marks.eq(*b"00//0000:00:00:00") && timers.contains(&b'/') && timers.iter().all(is_timer)
}

/// Finds `fe be/srv a/b/c/d/e ` in a line without an accept date: somebody's own log-format, or a line stripped by hand.
pub(super) fn undated(body: &[u8]) -> Option<&[u8]> {
    // The shape holds at least a server field and four slashes of timers; most foreign lines end here.
    if memchr::memchr_iter(b'/', body).take(6).count() < 5 {
        return None;
    }
    let mut start = 0;
    let mut previous: [Option<usize>; 2] = [None, None];
    while let Some(length) = memchr::memchr(b' ', body.get(start..)?) {
        let word = body.get(start..start + length)?;
        if let [Some(frontend), Some(target)] = previous
            && is_timers(word)
            && body.get(target..start)?.contains(&b'/')
        {
            return body.get(frontend..);
        }
        if length > 0 {
            previous = [previous[1], Some(start)];
        }
        start += length + 1;
    }
    None
}

/// Exactly four slashes between five small numbers or `-1`s.
fn is_timers(word: &[u8]) -> bool {
    let n_slashes = word.iter().filter(|&&c| c == b'/').count();
    n_slashes == 4
        && word
            .iter()
            .all(|c| matches!(c, b'0'..=b'9' | b'/' | b'-' | b'+'))
        && word.split(|&c| c == b'/').all(|t| !t.is_empty())
}
