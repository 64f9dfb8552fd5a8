//! Times as people give them on the command line.

use nosrv::base::DAY;
use nosrv::base::HOUR;
use nosrv::base::MINUTE;
use nosrv::base::SECOND;
use nosrv::base::Stamp;
use nosrv::base::decimal;
use nosrv::report::filter::Moment;

/// `2026-06-05T21:53:40Z`, `2026-06-05 21:53:40.004+02:00`, `2026-06-05 21:53`, `2026-06-05`, `21:53`, `21:53:40`, `@1780696420`.
pub(super) fn read(text: &str) -> Result<Moment, String> {
    moment(text.trim()).ok_or_else(|| {
        "expected a time such as 2026-06-05T21:53:40Z, \"2026-06-05 21:53\", 21:53:40 or @1780696420".to_owned()
    })
}

fn moment(text: &str) -> Option<Moment> {
    if let Some(seconds) = text.strip_prefix('@') {
        return unix(seconds);
    }
    if text.contains(':') && !text.contains('-') && !text.contains('+') && !text.ends_with('Z') {
        return clock(text).map(Moment::OfDay);
    }
    let (date, rest) = text.split_once(['T', 't', ' ']).unwrap_or((text, "00:00"));
    let midnight = day(date)?;
    let rest = rest.trim();
    let zone = rest.find(['Z', 'z', '+', '-']);
    let (time, zone) = rest.split_at(zone.unwrap_or(rest.len()));
    let local = midnight + clock(time.trim_end())?;
    if zone.is_empty() {
        return Some(Moment::Local(local));
    }
    Some(Moment::Utc(local - crate::cli::value::offset(zone).ok()?))
}

/// Seconds since 1970, with or without a fraction.
fn unix(text: &str) -> Option<Moment> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let seconds = i64::try_from(decimal(whole.as_bytes())?).ok()?;
    // Year 9999 and its end: what lies beyond cannot be printed.
    let seconds = Some(seconds).filter(|&s| s < 253_402_300_800)?;
    Some(Moment::Utc(seconds * SECOND + micros(fraction)?))
}

/// `2026-06-05`: microseconds of its midnight.
fn day(text: &str) -> Option<i64> {
    let mut fields = text.split('-');
    let (year, month, day) = (fields.next()?, fields.next()?, fields.next()?);
    if fields.next().is_some() || year.len() != 4 {
        return None;
    }
    let number = |text: &str| u32::try_from(decimal(text.as_bytes())?).ok();
    let (year, month, day) = (number(year)?, number(month)?, number(day)?);
    let at = Stamp::civil(i64::from(year), month, day, 0, 0, 0)?;
    // A day beyond its month's end would silently be one of the next month.
    let first_of_next = match month {
        12 => Stamp::civil(i64::from(year) + 1, 1, 1, 0, 0, 0),
        _ => Stamp::civil(i64::from(year), month + 1, 1, 0, 0, 0),
    }?;
    (day > 0 && at < first_of_next).then_some(at)
}

/// `21:53`, `21:53:40`, `21:53:40.004`: microseconds since midnight.
fn clock(text: &str) -> Option<i64> {
    let two = |text: &str| {
        let number = decimal(text.as_bytes()).filter(|_| text.len() <= 2)?;
        i64::try_from(number).ok()
    };
    let (hour, rest) = text.split_once(':')?;
    let (minute, second) = rest.split_once(':').unwrap_or((rest, "0"));
    let (second, fraction) = second.split_once(['.', ',']).unwrap_or((second, "0"));
    let (hour, minute, second) = (two(hour)?, two(minute)?, two(second)?);
    let at = hour * HOUR + minute * MINUTE + second * SECOND + micros(fraction)?;
    (minute < 60 && second < 60 && at < DAY).then_some(at)
}

/// Digits after the point, as microseconds; those beyond are cut.
fn micros(digits: &str) -> Option<i64> {
    let all_digits = !digits.is_empty() && digits.bytes().all(|c| c.is_ascii_digit());
    let padded = format!("{digits:0<6}");
    let six = padded.get(..6).filter(|_| all_digits)?;
    i64::try_from(decimal(six.as_bytes())?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_in_their_usual_forms() {
        let at = Stamp::civil(2026, 6, 5, 21, 53, 40).unwrap();
        let minute = at - 40 * SECOND;
        for (text, moment) in [
            ("2026-06-05T21:53:40Z", Moment::Utc(at)),
            ("2026-06-05t21:53:40.004z", Moment::Utc(at + 4000)),
            ("2026-06-05T23:53:40+02:00", Moment::Utc(at)),
            ("2026-06-05 16:53:40 -0500", Moment::Utc(at)),
            ("2026-06-05 21:53", Moment::Local(minute)),
            (
                "2026-06-05",
                Moment::Local(minute - 21 * HOUR - 53 * MINUTE),
            ),
            ("21:53:40", Moment::OfDay(at % DAY)),
            ("21:53", Moment::OfDay(minute % DAY)),
            ("@1780696420.5", Moment::Utc(at + SECOND / 2)),
        ] {
            assert_eq!(read(text), Ok(moment), "{text}");
        }
    }

    #[test]
    fn what_is_no_time_is_refused_with_examples() {
        for text in [
            "",
            "now",
            "@",
            "@x",
            "21",
            "24:00",
            "21:60",
            "2026-13-01",
            "2026-02-30",
            "2026-00-00",
            "2026-06-00",
            "05/Jun/2026",
            "2026-06-05T",
            "2026-06-05T21:53:40+99:00",
            "@99999999999999999999",
            "26-06-05",
            "21:53:40Z",
        ] {
            let error = read(text).expect_err(text);
            assert!(error.contains("21:53:40"), "{text}: {error}");
        }
    }
}
