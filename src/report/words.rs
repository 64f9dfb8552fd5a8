//! Numbers, durations, times and lists as people read them; the same words in every format.

use crate::base::{DAY, HOUR, MINUTE, SECOND, from_rfc3339, thousands};
use crate::report::{AlsoLine, FactorLine, SimilarLine};

/// `a`, `a and b`, `a, b and c`; empty for none.
pub(super) fn list(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [head @ .., last] => format!("{} and {last}", head.join(", ")),
    }
}

/// `1 client`, `1,234 clients`.
pub(super) fn count(n: u64, one: &str, many: &str) -> String {
    format!("{} {}", thousands(n), if n == 1 { one } else { many })
}

/// What happened to another backend of the same fault.
pub(super) fn also(also: &AlsoLine) -> String {
    let at = also
        .at
        .as_ref()
        .map_or(String::new(), |at| format!(" at {at}"));
    format!("{}{at}{}", also.cause, cited(&also.evidence))
}

/// Which archived incident.
pub(super) fn archived(similar: &SimilarLine) -> String {
    format!("{}, {}", similar.name, similar.incident)
}

/// How much it is alike, and in what it is not.
pub(super) fn likeness(similar: &SimilarLine) -> String {
    let mut text = format!("likeness {:.2}", similar.likeness);
    if !similar.only_new.is_empty() {
        text.push_str(&format!("; only here: {}", similar.only_new.join(", ")));
    }
    if !similar.only_archived.is_empty() {
        text.push_str(&format!(
            "; only there: {}",
            similar.only_archived.join(", ")
        ));
    }
    text
}

/// A factor, with what would have avoided failures.
pub(super) fn factor(factor: &FactorLine) -> String {
    let mut text = factor.explanation.clone();
    for avoidable in &factor.avoidable {
        text.push_str("; ");
        text.push_str(&avoidable.sentence());
    }
    text
}

/// ` [E1, E4]`, with its leading blank; empty when nothing is cited.
pub(super) fn cited<S: AsRef<str>>(ids: &[S]) -> String {
    let ids: Vec<&str> = ids
        .iter()
        .map(AsRef::as_ref)
        .filter(|id| !id.is_empty())
        .collect();
    if ids.is_empty() {
        String::new()
    } else {
        format!(" [{}]", ids.join(", "))
    }
}

/// `73.7 %`. Never rounded to `0.0 %` or `100.0 %` unless it is exactly that; `None` of nothing.
pub(super) fn share(part: u64, whole: u64) -> Option<String> {
    if whole == 0 {
        return None;
    }
    let (part, whole) = (u128::from(part), u128::from(whole));
    let permille = (part * 1000 + whole / 2) / whole;
    Some(match permille {
        0 if part > 0 => "under 0.1 %".to_owned(),
        1000 if part < whole => "over 99.9 %".to_owned(),
        _ => format!("{}.{} %", permille / 10, permille % 10),
    })
}

/// The time between two RFC 3339 stamps in UTC: `204 ms`, `5.7 s`, `3 min 12 s`, `2 h 5 min`, `3 d 4 h`.
///
/// Without a fraction when a stamp has none. `None` when a stamp is not one, or the end is before the start.
pub(super) fn duration(start: &str, end: &str) -> Option<String> {
    let span = from_rfc3339(end)? - from_rfc3339(start)?;
    let whole_seconds = !(start.contains('.') && end.contains('.'));
    match span {
        ..0 => None,
        ..SECOND if whole_seconds => Some("under 1 s".to_owned()),
        _ if whole_seconds && span < MINUTE => Some(format!("{} s", span / SECOND)),
        _ => Some(length(span)),
    }
}

/// A length of time that is not negative, in microseconds.
fn length(span: i64) -> String {
    let tenths = (span + SECOND / 20) / (SECOND / 10);
    let seconds = (span + SECOND / 2) / SECOND;
    let minutes = (span + MINUTE / 2) / MINUTE;
    let hours = (span + HOUR / 2) / HOUR;
    if span < 1000 {
        "under 1 ms".to_owned()
    } else if span < SECOND {
        format!("{} ms", span / 1000)
    } else if tenths < 600 {
        format!("{}.{} s", tenths / 10, tenths % 10)
    } else if seconds < 3600 {
        format!("{} min {} s", seconds / 60, seconds % 60)
    } else if minutes < DAY / MINUTE {
        format!("{} h {} min", minutes / 60, minutes % 60)
    } else {
        format!("{} d {} h", hours / 24, hours % 24)
    }
}

/// `21:53:45Z`, the whole second of `at`; with its date when that is another day than `day_of`'s.
pub(super) fn second(at: &str, day_of: Option<&str>) -> String {
    let Some((date, time)) = at.split_once('T') else {
        return at.to_owned();
    };
    let clock = time.split(['.', 'Z']).next().unwrap_or(time);
    let same_day = day_of
        .and_then(|other| other.split_once('T'))
        .is_some_and(|(other, _)| other == date);
    if same_day {
        format!("{clock}Z")
    } else {
        format!("{date} {clock}Z")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_the_unit_people_would_choose() {
        let from = |end: &str| duration("2026-03-14T09:26:51.204Z", end);
        assert_eq!(from("2026-03-14T09:26:51.204300Z").unwrap(), "under 1 ms");
        assert_eq!(from("2026-03-14T09:26:51.408Z").unwrap(), "204 ms");
        assert_eq!(from("2026-03-14T09:26:56.890Z").unwrap(), "5.7 s");
        assert_eq!(from("2026-03-14T09:27:51.190Z").unwrap(), "1 min 0 s");
        assert_eq!(from("2026-03-14T09:30:03.204Z").unwrap(), "3 min 12 s");
        assert_eq!(from("2026-03-14T11:31:51.204Z").unwrap(), "2 h 5 min");
        assert_eq!(from("2026-03-17T13:20:00.000Z").unwrap(), "3 d 4 h");
        assert_eq!(from("2026-03-14T09:26:50.000Z"), None);
        assert_eq!(from("yesterday"), None);
    }

    #[test]
    fn a_source_without_fractions_promises_none() {
        let from = |end: &str| duration("2026-03-14T09:26:51Z", end);
        assert_eq!(from("2026-03-14T09:26:57Z").unwrap(), "6 s");
        assert_eq!(from("2026-03-14T09:26:51Z").unwrap(), "under 1 s");
        assert_eq!(from("2026-03-14T09:26:51.900Z").unwrap(), "under 1 s");
        assert_eq!(from("4294967295-03-14T09:26:51Z"), None);
    }

    #[test]
    fn a_share_is_never_rounded_to_all_or_nothing() {
        assert_eq!(share(1237, 1679).unwrap(), "73.7 %");
        assert_eq!(share(1, 1_000_000).unwrap(), "under 0.1 %");
        assert_eq!(share(999_999, 1_000_000).unwrap(), "over 99.9 %");
        assert_eq!(share(5, 5).unwrap(), "100.0 %");
        assert_eq!(share(u64::MAX, u64::MAX).unwrap(), "100.0 %");
        assert_eq!(share(0, 0), None);
    }

    #[test]
    fn the_date_is_said_when_it_is_another_day() {
        let day = Some("2026-03-14T23:59:58Z");
        assert_eq!(second("2026-03-14T23:59:59.120Z", day), "23:59:59Z");
        assert_eq!(second("2026-03-15T00:01:02Z", day), "2026-03-15 00:01:02Z");
        assert_eq!(second("unclear", day), "unclear");
    }

    #[test]
    fn lists_and_citations_read_well() {
        let names = |n: &[&str]| n.iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(list(&names(&["a", "b", "c"])), "a, b and c");
        assert_eq!(cited(&names(&["E1", "", "E4"])), " [E1, E4]");
        assert_eq!(cited::<String>(&[]), "");
    }
}
