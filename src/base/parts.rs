//! Words of some length as three parts of a fixed one, which cover them: compared without a loop and without a call.

use wide::u8x16;

/// A word of 16 to 48 bytes; the parts of a shorter one lie over each other.
#[derive(Clone, Copy, Debug, Default)]
pub struct Parts {
    first: [u8; 16],
    /// What follows it, as far as there are so many.
    second: [u8; 16],
    last: [u8; 16],
    /// 0: no word.
    length: u32,
}

impl Parts {
    /// Of all of a word; `None`: it is shorter or longer.
    #[inline(always)]
    pub fn of(word: &[u8]) -> Option<Parts> {
        let (&first, &last) = (word.first_chunk()?, word.last_chunk()?);
        if word.len() > 48 {
            return None;
        }
        // No branch: many names are about 32 bytes long.
        let from = word.len().checked_sub(16)?.min(16);
        let second = *word.get(from..)?.first_chunk()?;
        Some(Parts {
            first,
            second,
            last,
            length: u32::try_from(word.len()).ok()?,
        })
    }

    /// Bytes of the word; 0: no word.
    #[inline(always)]
    pub fn n_bytes(&self) -> usize {
        self.length as usize
    }

    /// A hash of its ends, of so many bits.
    #[inline(always)]
    pub fn hash(&self, n_bits: u32) -> usize {
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
        usize::try_from(mixed >> (u64::BITS - n_bits)).unwrap_or(0)
    }
}

impl PartialEq for Parts {
    #[inline(always)]
    fn eq(&self, other: &Parts) -> bool {
        let same = |a: [u8; 16], b: [u8; 16]| u8x16::new(a).simd_eq(u8x16::new(b));
        let all = same(self.first, other.first)
            & same(self.second, other.second)
            & same(self.last, other.last);
        self.length == other.length && all.all()
    }
}

impl Eq for Parts {}
