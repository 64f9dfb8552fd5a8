//! The accept date, `22/Nov/2026:07:46:17.271`: local time of HAProxy, milliseconds, no zone.

use crate::base::Stamp;
use crate::base::month_from_name;
use crate::base::thousandths;
use crate::base::time_of_day;

/// Remembers the last day seen: neighbours share it, so most dates cost one comparison and a time of day.
#[derive(Clone, Debug, Default)]
pub(super) struct Memory {
    day: [u8; 12],
    micros: i64,
}

/// A millisecond, in microseconds.
const MILLI: i64 = 1000;
/// Length of `22/Nov/2026:07:46:17.271`.
pub(super) const DATE_LEN: usize = 24;

/// Reads a date of exactly [`DATE_LEN`] bytes into microseconds on the local axis.
#[inline(always)]
pub(super) fn read(date: &[u8; DATE_LEN], memory: &mut Memory) -> Option<i64> {
    let (day, rest) = date.split_first_chunk::<12>()?;
    let (time, millis) = rest.split_first_chunk::<8>()?;
    if *day != memory.day {
        memory.micros = read_day(day)?;
        memory.day = *day;
    }
    let of_day = time_of_day(*time)? * 1000 + thousandths(*millis.first_chunk()?)?;
    Some(memory.micros + i64::from(of_day) * MILLI)
}

/// `22/Nov/2026:` as its midnight.
#[cold]
fn read_day(day: &[u8; 12]) -> Option<i64> {
    let [d1, d2, b'/', m1, m2, m3, b'/', y1, y2, y3, y4, b':'] = *day else {
        return None;
    };
    let two = |a: u8, b: u8| {
        (a.is_ascii_digit() && b.is_ascii_digit())
            .then(|| u32::from(a - b'0') * 10 + u32::from(b - b'0'))
    };
    let year = two(y1, y2)? * 100 + two(y3, y4)?;
    let month = month_from_name(&[m1, m2, m3])?;
    Stamp::civil(i64::from(year), month, two(d1, d2)?, 0, 0, 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::SECOND;

    #[test]
    fn the_day_is_read_once_and_the_time_always() {
        let mut memory = Memory::default();
        let first = read(b"05/Jun/2026:21:53:40.004", &mut memory).unwrap();
        let second = read(b"05/Jun/2026:21:53:40.338", &mut memory).unwrap();
        let next = read(b"05/Jun/2026:21:53:41.000", &mut memory).unwrap();
        assert_eq!(second - first, 334_000);
        assert_eq!(next - first, 996_000);
        assert_eq!(read(b"05/Xxx/2026:21:53:41.000", &mut memory), None);
        assert_eq!(read(b"05/Jun/2026:24:53:41.000", &mut memory), None);
        assert_eq!(read(b"05/Jun/2026:21:53:41.0x0", &mut memory), None);
        let midnight = read(b"06/Jun/2026:00:00:00.000", &mut memory).unwrap();
        assert_eq!(midnight - next, (2 * 3600 + 6 * 60 + 19) * SECOND);
    }
}
