//! HAProxy's own stderr up to 2.3, saved without any other carrier around it.
//!
//! Shape: `[WARNING] 049/041157 (4436) : Server …`: 0-based day of the year and local time of day.
//! Absent: year, zone, host; from 2.4 on the time too, so those lines are bare. Whether the year has a Feb 29 is not said:
//! it is taken as common. Source: HAProxy src/log.c (`ha_alert`, up to 2.3).

use super::Body;
use super::Head;
use crate::base::DAY;
use crate::base::Precision;
use crate::base::Stamp;
use crate::base::decimal;
use crate::base::leading_decimal;

/// 0-based day of March 1 in a common year.
const MARCH: i64 = 59;

pub(super) fn read(line: &[u8]) -> Option<Head<'_>> {
    let rest = line.strip_prefix(b"[")?;
    let close = memchr::memchr(b']', rest.get(..8.min(rest.len()))?)?;
    if !matches!(
        rest.get(..close)?,
        b"ALERT" | b"WARNING" | b"NOTICE" | b"DIAG"
    ) {
        return None;
    }
    let rest = rest.get(close + 1..)?.trim_ascii_start();
    let (&[d1, d2, d3, b'/', h1, h2, m1, m2, s1, s2, b' ', b'('], rest) =
        rest.split_first_chunk::<12>()?
    else {
        return None;
    };
    let day = i64::try_from(decimal(&[d1, d2, d3])?)
        .ok()
        .filter(|&day| day < 366)?;
    let two = |a: u8, b: u8| u32::try_from(decimal(&[a, b])?).ok();
    let time = Stamp::civil(
        Stamp::YEARLESS,
        1,
        1,
        two(h1, h2)?,
        two(m1, m2)?,
        two(s1, s2)?,
    )?;
    let (pid, _) = leading_decimal(rest)?;
    // Yearless stamps are counted in a leap year.
    let day = if day >= MARCH { day + 1 } else { day };
    Some(Head {
        stamp: Some(Stamp::yearless(time + day * DAY, Precision::Second)),
        host: b"",
        ident: b"haproxy",
        pid: u32::try_from(pid).ok(),
        body: Body::Plain(line),
        wraps: false,
        more: false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn day_of_year_and_time_of_day() {
        let head = read(b"[WARNING] 049/041157 (4436) : Server b/s is DOWN.").unwrap();
        assert_eq!(
            (head.stamp.unwrap().to_string(), head.pid),
            ("02-19T04:11:57".to_owned(), Some(4436))
        );
        let march = read(b"[ALERT] 059/000000 (1) : x").unwrap();
        assert_eq!(march.stamp.unwrap().to_string(), "03-01T00:00:00");
        assert!(read(b"[WARNING]  (4436) : Server b/s is DOWN.").is_none());
        assert!(read(b"[INFO] 049/041157 (1) : x").is_none());
    }
}
