//! Which bytes of a row are what is looked for: one bit for each, the first lowest.
//!
//! A loop over the bytes of a word is left at a moment that no processor foresees, and that costs more than all the rest of it.
//! Here a whole row is compared at once, always in the same steps, and the bits tell where each word ends.

use wide::u8x16;

/// Bits for 32 or 64 bytes: which of them are `byte`.
#[inline]
pub fn bits_of<const N: usize>(byte: u8, bytes: &[u8; N]) -> u64 {
    let wanted = u8x16::splat(byte);
    bits(bytes, |row| row.simd_eq(wanted))
}

/// Bits for 32 or 64 bytes: which of them are no digits.
#[inline]
pub fn bits_of_others<const N: usize>(bytes: &[u8; N]) -> u64 {
    let (zero, nine) = (u8x16::splat(b'0'), u8x16::splat(9));
    bits(bytes, |row| (row - zero).simd_gt(nine))
}

/// Bits for 16 bytes: which of them are neither digits nor dots.
#[inline]
pub fn bits_of_no_dotted(bytes: &[u8; 16]) -> u64 {
    let [dot, slash, span] = [b'.', b'/', b'9' - b'.'].map(u8x16::splat);
    bits(bytes, |row| {
        let above = row - dot;
        !above.min(span).simd_eq(above) | row.simd_eq(slash)
    })
}

/// Bits for 32 or 64 bytes: which of them no name has, or few: up to `"`, above `~`, `/`, `[\]`, `{|}`.
#[inline]
pub fn bits_of_no_name<const N: usize>(bytes: &[u8; N]) -> u64 {
    let [first, span, case, bracket, two] = [0x23, 0x5b, 0xdf, b'[', 2].map(u8x16::splat);
    let slash = u8x16::splat(b'/');
    bits(bytes, |row| {
        let above = row - first;
        let brackets = (row & case) - bracket;
        let others = brackets.min(two).simd_eq(brackets) | row.simd_eq(slash);
        !above.min(span).simd_eq(above) | others
    })
}

/// Bits for 32 bytes: which of them no string in JSON holds as they are, control characters, `"` and `\`.
#[inline]
pub fn bits_of_no_string(bytes: &[u8; 32]) -> u64 {
    let [control, quote, backslash] = [0x1f, b'"', b'\\'].map(u8x16::splat);
    bits(bytes, |row| {
        row.min(control).simd_eq(row) | row.simd_eq(quote) | row.simd_eq(backslash)
    })
}

/// Offset of the first `byte`; for some hundred bytes, where calling `memchr` costs as much as searching.
#[inline(always)]
pub fn find_far(byte: u8, bytes: &[u8]) -> Option<usize> {
    let wanted = u8x16::splat(byte);
    let mut from = 0;
    while let Some(row) = bytes.get(from..).and_then(|rest| rest.first_chunk::<64>()) {
        let (parts, _) = row.as_chunks::<16>();
        if let [a, b, c, d] = parts {
            let [a, b, c, d] = [a, b, c, d].map(|part| u8x16::new(*part).simd_eq(wanted));
            if (a | b | c | d).any() {
                let [a, b, c, d] = [a, b, c, d].map(|part| u64::from(part.to_bitmask()));
                let bits = a | b << 16 | c << 32 | d << 48;
                return Some(from + bits.trailing_zeros() as usize);
            }
        }
        from += 64;
    }
    Some(from + memchr::memchr(byte, bytes.get(from..)?)?)
}

/// At most 64 bytes, a multiple of 16. `of`: all ones in the bytes that are it.
#[inline]
fn bits<const N: usize>(bytes: &[u8; N], of: impl Fn(u8x16) -> u8x16) -> u64 {
    let (rows, _) = bytes.as_chunks::<16>();
    let one = |index: usize| {
        rows.get(index)
            .map_or(0, |row| u64::from(of(u8x16::new(*row)).to_bitmask()))
    };
    one(0) | one(1) << 16 | one(2) << 32 | one(3) << 48
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bit_is_set_where_a_loop_finds_the_byte() {
        let mut state = 1_u32;
        for _ in 0..4000 {
            // All values, and often those beside the ones that are looked for.
            let mut bytes = [0; 64];
            for byte in &mut bytes {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let [.., any, kind] = state.to_le_bytes();
                *byte = if kind & 1 == 0 {
                    any
                } else {
                    b"/09: \x7f\x80\xb0\xff[]\\{|}~\"#!^@.-z"[usize::from(any) % 24]
                };
            }
            for byte in [b'/', b' ', b'[', 0, 0x80, 0xff] {
                assert_eq!(bits_of(byte, &bytes), bits_where(&bytes, |c| c == byte));
            }
            let near: &[u8; 32] = bytes.first_chunk().unwrap();
            let want = bits_where(near, |c| !c.is_ascii_digit());
            assert_eq!(bits_of_others(near), want);
            let want = bits_where(near, |c| c < b' ' || c == b'"' || c == b'\\');
            assert_eq!(bits_of_no_string(near), want);
            let near: &[u8; 16] = bytes.first_chunk().unwrap();
            let want = bits_where(near, |c| !c.is_ascii_digit() && c != b'.');
            assert_eq!(bits_of_no_dotted(near), want);
            let want = bits_where(&bytes, |c| {
                !c.is_ascii_graphic() || b"!\"/[\\]{|}".contains(&c)
            });
            assert_eq!(bits_of_no_name(&bytes), want);
        }
    }

    fn bits_where(bytes: &[u8], is_it: impl Fn(u8) -> bool) -> u64 {
        let bytes = bytes.iter().enumerate();
        bytes.fold(0, |bits, (at, &c)| bits | u64::from(is_it(c)) << at)
    }
}
