//! The accept date, `22/Nov/2026:07:46:17.271`: local time of HAProxy, milliseconds, no zone.

use crate::base::Stamp;
use crate::base::month_from_name;

/// Remembers the last second seen: neighbours share it, so most dates cost one comparison.
#[derive(Clone, Debug, Default)]
pub(super) struct Memory {
    second: [u8; 20],
    micros: i64,
}

/// Length of `22/Nov/2026:07:46:17.271`.
pub(super) const DATE_LEN: usize = 24;

/// Reads a date of exactly [`DATE_LEN`] bytes into microseconds on the local axis.
pub(super) fn read(date: &[u8; DATE_LEN], memory: &mut Memory) -> Option<i64> {
    let [second @ .., b'.', a, b, c] = date else {
        return None;
    };
    if !(a.is_ascii_digit() && b.is_ascii_digit() && c.is_ascii_digit()) {
        return None;
    }
    if *second != memory.second {
        memory.micros = read_second(second)?;
        memory.second = *second;
    }
    let milli = i64::from(a - b'0') * 100 + i64::from(b - b'0') * 10 + i64::from(c - b'0');
    Some(memory.micros + milli * 1000)
}

fn read_second(second: &[u8; 20]) -> Option<i64> {
    let [
        d1,
        d2,
        b'/',
        m1,
        m2,
        m3,
        b'/',
        y1,
        y2,
        y3,
        y4,
        b':',
        h1,
        h2,
        b':',
        n1,
        n2,
        b':',
        s1,
        s2,
    ] = *second
    else {
        return None;
    };
    let two = |a: u8, b: u8| {
        (a.is_ascii_digit() && b.is_ascii_digit())
            .then(|| u32::from(a - b'0') * 10 + u32::from(b - b'0'))
    };
    let year = two(y1, y2)? * 100 + two(y3, y4)?;
    let month = month_from_name(&[m1, m2, m3])?;
    Stamp::civil(
        i64::from(year),
        month,
        two(d1, d2)?,
        two(h1, h2)?,
        two(n1, n2)?,
        two(s1, s2)?,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_second_is_read_once_and_the_milliseconds_always() {
        let mut memory = Memory::default();
        let first = read(b"05/Jun/2026:21:53:40.004", &mut memory).unwrap();
        let second = read(b"05/Jun/2026:21:53:40.338", &mut memory).unwrap();
        let next = read(b"05/Jun/2026:21:53:41.000", &mut memory).unwrap();
        assert_eq!(second - first, 334_000);
        assert_eq!(next - first, 996_000);
        assert_eq!(read(b"05/Xxx/2026:21:53:41.000", &mut memory), None);
        assert_eq!(read(b"05/Jun/2026:24:53:41.000", &mut memory), None);
    }
}
