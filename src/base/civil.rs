//! Days, months and seconds of the proleptic Gregorian calendar, without any zone.

use crate::base::Precision;
use crate::base::Stamp;
use crate::base::decimal;

/// One second in the unit of every stamp, microseconds.
pub const SECOND: i64 = 1_000_000;
/// One minute in microseconds.
pub const MINUTE: i64 = 60 * SECOND;
/// One hour in microseconds.
pub const HOUR: i64 = 60 * MINUTE;
/// One day in microseconds.
pub const DAY: i64 = 24 * HOUR;

/// Days from 1970-01-01 to the given date; negative before it. Month 1 to 12; a day beyond the month's end runs on.
pub fn days_from_civil(year: i64, month: u32, day: u32) -> i64 {
    let (y, m) = if month <= 2 {
        (year - 1, i64::from(month) + 9)
    } else {
        (year, i64::from(month) - 3)
    };
    let era = y.div_euclid(400);
    let year_of_era = y.rem_euclid(400);
    let day_of_year = (153 * m + 2) / 5 + i64::from(day) - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// Year, month and day of a number of days since 1970-01-01.
fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let day_of_era = z.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let mp = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * mp + 2) / 5 + 1;
    let month = if mp < 10 { mp + 3 } else { mp - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

/// Year of microseconds on any axis.
pub fn year_of(micros: i64) -> i64 {
    civil_from_days(micros.div_euclid(DAY)).0
}

/// 1 to 12 for `Jan` to `Dec`, the names that syslog, CLF and HAProxy's accept date use in every locale.
pub fn month_from_name(name: &[u8]) -> Option<u32> {
    const NAMES: [&[u8; 3]; 12] = [
        b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov",
        b"Dec",
    ];
    let index = NAMES.iter().position(|n| n.as_slice() == name)?;
    u32::try_from(index + 1).ok()
}

/// RFC 3339 in UTC with the digits that the source had: `2026-06-05T21:53:40.004Z`.
pub fn rfc3339(micros: i64, precision: Precision) -> String {
    let days = micros.div_euclid(DAY);
    let of_day = micros.rem_euclid(DAY);
    let (year, month, day) = civil_from_days(days);
    let (hour, minute, second) = (of_day / HOUR, of_day / MINUTE % 60, of_day / SECOND % 60);
    let micro = of_day % SECOND;
    let head = format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}");
    match precision {
        Precision::Second => format!("{head}Z"),
        Precision::Milli => format!("{head}.{:03}Z", micro / 1000),
        Precision::Micro => format!("{head}.{micro:06}Z"),
    }
}

/// Microseconds of `2026-06-05T21:53:40.004Z`; only this form, in UTC, as [`rfc3339`] writes it. Digits beyond six are cut.
pub fn from_rfc3339(stamp: &str) -> Option<i64> {
    let (date, time) = stamp.strip_suffix('Z')?.split_once('T')?;
    let (clock, fraction) = time.split_once('.').unwrap_or((time, ""));
    let mut fields = date.split('-').chain(clock.split(':'));
    let mut next = || u32::try_from(decimal(fields.next()?.as_bytes())?).ok();
    // Four digits, as in RFC 3339; more would not fit the axis.
    let year = next().filter(|year| *year <= 9999)?;
    let at = Stamp::civil(i64::from(year), next()?, next()?, next()?, next()?, next()?)?;
    let padded = format!("{fraction:0<6}");
    let fraction = i64::try_from(decimal(padded.get(..6)?.as_bytes())?).ok()?;
    Some(at + fraction)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_go_there_and_back() {
        for days in (-800_000..800_000).step_by(37) {
            let (y, m, d) = civil_from_days(days);
            let (m, d) = (u32::try_from(m).unwrap(), u32::try_from(d).unwrap());
            assert_eq!(days_from_civil(y, m, d), days);
        }
        assert_eq!(days_from_civil(1970, 1, 1), 0);
        assert_eq!(
            days_from_civil(2024, 2, 29) + 1,
            days_from_civil(2024, 3, 1)
        );
    }

    #[test]
    fn stamps_print_the_digits_they_had() {
        let at = days_from_civil(2026, 6, 5) * DAY + 21 * HOUR + 53 * MINUTE + 40 * SECOND + 4_321;
        assert_eq!(rfc3339(at, Precision::Second), "2026-06-05T21:53:40Z");
        assert_eq!(rfc3339(at, Precision::Milli), "2026-06-05T21:53:40.004Z");
        assert_eq!(rfc3339(at, Precision::Micro), "2026-06-05T21:53:40.004321Z");
    }
}
