//! Numbers of names such as `fe_app be_app/app1`: few different ones, but one with every line.

use foldhash::fast::FixedState;
use std::collections::HashMap;

/// Places for names found last; a log has some hundred different ones. A power of two.
const RECENT: usize = 1024;

/// Names with a number each, which the caller gives.
///
/// A name is looked for where one with the same ends was found last, and only if it is another one in the index.
#[derive(Clone, Debug, Default)]
pub(super) struct Names {
    index: HashMap<Box<[u8]>, u32, FixedState>,
    /// Places by a hash of a name's ends; empty until a name is found.
    recent: Vec<Option<Recent>>,
}

/// A name of 16 to 48 bytes: its parts cover all of it, overlapping where it is shorter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Parts {
    first: [u8; 16],
    /// What follows it in a name of more than 32 bytes.
    second: [u8; 16],
    last: [u8; 16],
    length: usize,
}

#[derive(Clone, Copy, Debug)]
struct Recent {
    parts: Parts,
    number: u32,
}

impl Names {
    /// The name's number.
    #[inline]
    pub(super) fn get(&mut self, name: &[u8]) -> Option<u32> {
        let Some(parts) = Parts::of(name) else {
            return self.index.get(name).copied();
        };
        let place = parts.place();
        if let Some(Some(recent)) = self.recent.get(place)
            && recent.parts == parts
        {
            return Some(recent.number);
        }
        self.get_slowly(name, parts, place)
    }

    #[inline(never)]
    fn get_slowly(&mut self, name: &[u8], parts: Parts, place: usize) -> Option<u32> {
        let number = *self.index.get(name)?;
        if self.recent.is_empty() {
            self.recent = vec![None; RECENT];
        }
        if let Some(recent) = self.recent.get_mut(place) {
            *recent = Some(Recent { parts, number });
        }
        Some(number)
    }

    /// Gives a new name its number.
    pub(super) fn insert(&mut self, name: &[u8], number: u32) {
        self.index.insert(name.into(), number);
    }

    /// All names with their numbers, in no order.
    pub(super) fn into_iter(self) -> impl Iterator<Item = (Box<[u8]>, u32)> {
        self.index.into_iter()
    }
}

impl Parts {
    #[inline]
    fn of(name: &[u8]) -> Option<Parts> {
        let (&first, &last) = (name.first_chunk()?, name.last_chunk()?);
        let second = match name.len() {
            ..=32 => [0; 16],
            33..=48 => *name.get(16..)?.first_chunk()?,
            _ => return None,
        };
        Some(Parts {
            first,
            second,
            last,
            length: name.len(),
        })
    }

    /// Where to look for the name first.
    #[inline]
    fn place(&self) -> usize {
        let halves = |part: [u8; 16]| {
            let (both, _) = part.as_chunks();
            let [a, b] = [both.first(), both.last()]
                .map(|eight| eight.map_or(0, |e| u64::from_le_bytes(*e)));
            (a, b)
        };
        let ((a, b), (c, d)) = (halves(self.first), halves(self.last));
        let mixed = a
            .wrapping_add(b.rotate_left(23))
            .wrapping_mul(0x9E37_79B9_7F4A_7C15)
            .wrapping_add(c.rotate_left(11))
            .wrapping_add(d)
            .wrapping_mul(0xD6E8_FEB8_6659_FD93);
        usize::try_from(mixed >> (u64::BITS - RECENT.ilog2())).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_keep_their_numbers_whatever_was_asked_before() {
        let mut names = Names::default();
        let name = |n: u32| format!("{}be_{}/{}", "fe_app ".repeat((n % 40) as usize), n % 7, n);
        for n in 0..3000 {
            assert_eq!(names.get(name(n).as_bytes()), None);
            names.insert(name(n).as_bytes(), n);
        }
        for n in (0..3000)
            .chain((0..3000).rev())
            .chain((0..3000).map(|n| n * 7 % 3000))
        {
            assert_eq!(names.get(name(n).as_bytes()), Some(n));
            assert_eq!(names.get(name(n + 3000).as_bytes()), None);
        }
        assert_eq!(names.get(b""), None);
        names.insert(b"", 7);
        assert_eq!((names.get(b""), names.get(b"")), (Some(7), Some(7)));
        assert_eq!(names.into_iter().count(), 3001);
    }
}
