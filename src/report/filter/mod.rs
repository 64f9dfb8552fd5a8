//! What the user wants to see of a bundle: a time, backends, frontends. The whole bundle is read and diagnosed all the same.

mod names;

use crate::base::DAY;
use crate::base::Precision;
use crate::base::SECOND;
use crate::base::Stamp;
use crate::base::rfc3339;
use crate::clock::Given;
use crate::clock::offset_at_local;
use crate::diagnosis::Conclusion;
use crate::incident::Bundle;
use crate::incident::Incident;

pub use names::Names;

/// A time as it was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// With a zone, or seconds since 1970: microseconds UTC.
    Utc(i64),
    /// A date and time without a zone: microseconds as if it were UTC.
    Local(i64),
    /// A time of day alone: microseconds since midnight.
    OfDay(i64),
}

/// What was asked for.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// `--since`.
    pub since: Option<Moment>,
    /// `--until`; a time in whole seconds means all of that second.
    pub until: Option<Moment>,
    /// `--backend`, each a name or a pattern with `*`; empty: all.
    pub backends: Vec<String>,
    /// `--frontend`.
    pub frontends: Vec<String>,
}

/// A filter whose times are on the axis.
#[derive(Clone, Debug, Default)]
pub struct Chosen {
    /// From here on, UTC.
    pub since: Option<i64>,
    /// Up to here and the rest of that second, UTC.
    pub until: Option<i64>,
    /// Patterns of backends; empty: all.
    pub backends: Vec<String>,
    /// Patterns of frontends; empty: all.
    pub frontends: Vec<String>,
    /// Incidents that it left out.
    pub n_left_out: u64,
    /// Names that nothing in the bundle has, with those that it has.
    pub warnings: Vec<String>,
    /// The bundle holds nothing of what was asked for: a name or a time that it does not know.
    pub beyond: Option<String>,
}

impl Filter {
    /// Nothing was asked for: everything is shown.
    pub fn is_empty(&self) -> bool {
        self.since.is_none()
            && self.until.is_none()
            && self.backends.is_empty()
            && self.frontends.is_empty()
    }

    /// Puts the filter's times on the axis; `None`: nothing was asked for. Without a zone they are read in the zone given for the logs, else in UTC.
    ///
    /// # Errors
    /// A time of day that may be of several days, or an end before the beginning; says what to give instead.
    pub fn choose(&self, bundle: &Bundle, given: &Given) -> Result<Option<Chosen>, String> {
        if self.is_empty() {
            return Ok(None);
        }
        let span = span(bundle);
        let (since, until) = self.window(span, given)?;
        let mut chosen = Chosen {
            since,
            until,
            backends: self.backends.clone(),
            frontends: self.frontends.clone(),
            ..Chosen::default()
        };
        chosen.check(&Names::of(bundle), span);
        Ok(Some(chosen))
    }

    /// Its times in UTC; the end with the rest of its second. `span` is what the bundle reaches over, for a time of day.
    ///
    /// # Errors
    /// As [`Filter::choose`].
    pub fn window(
        &self,
        span: Option<(i64, i64)>,
        given: &Given,
    ) -> Result<(Option<i64>, Option<i64>), String> {
        let place = |moment: Option<Moment>, flag: &str| match moment {
            None => Ok(None),
            Some(moment) => utc(moment, span, given, flag).map(Some),
        };
        let since = place(self.since, "--since")?;
        let until = place(self.until, "--until")?;
        if let (Some(since), Some(until)) = (since, until)
            && until < since
        {
            let text = |at| rfc3339(at, Precision::Second);
            return Err(format!(
                "--until {} is before --since {}",
                text(until),
                text(since)
            ));
        }
        let whole = |at| {
            if at % SECOND == 0 {
                at + SECOND - 1
            } else {
                at
            }
        };
        Ok((since, until.map(whole)))
    }

    /// A time of day needs to know what the bundle reaches over.
    pub fn needs_span(&self) -> bool {
        let of_day = |moment| matches!(moment, Some(Moment::OfDay(_)));
        of_day(self.since) || of_day(self.until)
    }
}

impl Chosen {
    /// Says which names the bundle does not have, and whether it can show anything of what was asked for.
    fn check(&mut self, names: &Names, span: Option<(i64, i64)>) {
        let sides = [
            ("backend", &self.backends, &names.backends),
            ("frontend", &self.frontends, &names.frontends),
        ];
        let mut beyond = None;
        let mut warnings = Vec::new();
        for (kind, patterns, known) in sides {
            let unknown: Vec<_> = patterns
                .iter()
                .filter(|pattern| !known.iter().any(|name| matches(pattern, name)))
                .collect();
            if !patterns.is_empty() && unknown.len() == patterns.len() {
                beyond = Some(format!("they know no {kind} of that name"));
            }
            warnings.extend(unknown.iter().map(|name| names::unknown(kind, name, known)));
        }
        if let Some((first, last)) = span
            && (self.since.is_some_and(|since| since > last)
                || self.until.is_some_and(|until| until < first))
        {
            let text = |at| rfc3339(at, Precision::Second);
            beyond = Some(format!("they reach from {} to {}", text(first), text(last)));
        }
        self.warnings = warnings;
        self.beyond = beyond;
    }

    /// Takes out the incidents that were not asked for, and counts them.
    pub fn keep(&mut self, concluded: &mut Vec<(Incident, Conclusion)>, names: &Names) {
        let before = concluded.len();
        concluded.retain(|(incident, _)| self.has_incident(incident, names));
        self.n_left_out += u64::try_from(before - concluded.len()).unwrap_or(0);
    }

    fn has_incident(&self, incident: &Incident, names: &Names) -> bool {
        let window = incident.window;
        let starts = window.start.or(window.end);
        // What still failed at the end of the capture may go on for ever; what has no time may be of any.
        let ends = window.end.or(window.start).filter(|_| !window.ongoing);
        let timely = self
            .until
            .is_none_or(|until| starts.is_none_or(|at| at <= until))
            && self
                .since
                .is_none_or(|since| ends.is_none_or(|at| at >= since));
        let named = self.has_backend(&incident.backend) || incident.backend.is_empty();
        let fronted =
            any(&self.frontends, &incident.frontend) || self.has_front_of(&incident.backend, names);
        timely && named && fronted
    }

    /// The time is asked for; one that is unknown is, unless a time was given.
    pub fn has_time(&self, at: Option<i64>) -> bool {
        match at {
            Some(at) => {
                self.since.is_none_or(|since| since <= at)
                    && self.until.is_none_or(|until| at <= until)
            }
            None => self.since.is_none() && self.until.is_none(),
        }
    }

    /// The backend is asked for.
    pub fn has_backend(&self, name: &str) -> bool {
        any(&self.backends, name)
    }

    /// A frontend that is asked for sends requests to this backend, or nothing tells which do.
    pub fn has_front_of(&self, backend: &str, names: &Names) -> bool {
        if self.frontends.is_empty() || backend.is_empty() {
            return true;
        }
        let fronts = names.fronts.get(backend);
        any(&self.frontends, backend)
            || fronts.is_some_and(|fronts| fronts.iter().any(|name| any(&self.frontends, name)))
    }

    /// `be_x between … and …`: what was asked for, in words.
    pub fn words(&self) -> String {
        let mut parts = Vec::new();
        if !self.backends.is_empty() {
            parts.push(self.backends.join(", "));
        }
        if !self.frontends.is_empty() {
            parts.push(format!("behind {}", self.frontends.join(", ")));
        }
        let text = |at: i64| rfc3339(at, precision(at));
        match (self.since, self.until) {
            (Some(since), Some(until)) => {
                parts.push(format!("between {} and {}", text(since), text(until)));
            }
            (Some(since), None) => parts.push(format!("since {}", text(since))),
            (None, Some(until)) => parts.push(format!("until {}", text(until))),
            (None, None) => {}
        }
        crate::base::printable(parts.join(" ").as_bytes())
    }
}

/// The digits that a given time needs; the end of a whole second is shown as that second.
pub(super) fn precision(at: i64) -> Precision {
    match at.rem_euclid(SECOND) {
        0 | 999_999 => Precision::Second,
        part if part % 1000 == 0 => Precision::Milli,
        _ => Precision::Micro,
    }
}

/// A name or a pattern with `*`; no pattern at all admits every name.
pub(crate) fn any(patterns: &[String], name: &str) -> bool {
    patterns.is_empty() || patterns.iter().any(|pattern| matches(pattern, name))
}

/// `*` stands for any characters, also none.
pub(crate) fn matches(pattern: &str, name: &str) -> bool {
    let Some((head, rest)) = pattern.split_once('*') else {
        return pattern == name;
    };
    let Some(mut name) = name.strip_prefix(head) else {
        return false;
    };
    let mut pieces: Vec<&str> = rest.split('*').collect();
    let last = pieces.pop().unwrap_or_default();
    for piece in pieces {
        let Some((_, after)) = name.split_once(piece) else {
            return false;
        };
        name = after;
    }
    name.ends_with(last)
}

/// What the bundle reaches over, UTC: its requests, else its messages.
pub fn span(bundle: &Bundle) -> Option<(i64, i64)> {
    let times = bundle.timeline.events.iter().filter_map(|event| event.at);
    let events = times.clone().min().zip(times.max());
    bundle.reach.span.or(events)
}

fn utc(moment: Moment, span: Option<(i64, i64)>, given: &Given, flag: &str) -> Result<i64, String> {
    let offset = |local: i64| match (&given.zone, given.offset) {
        (Some(zone), _) => offset_at_local(zone, local).first(),
        (None, offset) => offset.unwrap_or(0),
    };
    let of_day = match moment {
        Moment::Utc(at) => return Ok(at),
        Moment::Local(local) => return Ok(local - offset(local)),
        Moment::OfDay(of_day) => of_day,
    };
    let clock = Stamp::local(of_day, Precision::Second).to_string();
    let clock = clock.split_once('T').map_or(clock.as_str(), |(_, c)| c);
    let Some((first, last)) = span else {
        return Err(format!(
            "{flag} {clock}: nothing in the bundle tells the day; give the date too"
        ));
    };
    // The local days that the bundle touches.
    let day = |at: i64| (at + offset(at)).div_euclid(DAY);
    let days = day(first)..=day(last);
    let placed: Vec<i64> = days
        .clone()
        .take(DAYS_MAX)
        .map(|day| day * DAY + of_day)
        .map(|local| local - offset(local))
        .collect();
    let within = |at: &&i64| first - SECOND < **at && **at <= last;
    match (
        placed.as_slice(),
        placed.iter().filter(within).collect::<Vec<_>>().as_slice(),
    ) {
        ([one], _) => Ok(*one),
        (_, [one]) => Ok(**one),
        _ => Err(format!(
            "{flag} {clock} may be of several days: the bundle reaches from {} to {}; give the date too",
            rfc3339(first, Precision::Second),
            rfc3339(last, Precision::Second)
        )),
    }
}

/// Days that a time of day is tried on; a bundle of more days is ambiguous anyway.
const DAYS_MAX: usize = 1000;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::HOUR;
    use crate::base::MINUTE;
    use crate::clock::NamedZone;

    #[test]
    fn stars_stand_for_anything() {
        for (pattern, name) in [
            ("be_app", "be_app"),
            ("be_*", "be_app"),
            ("*", ""),
            ("*_app", "be_app"),
            ("b*_*p", "be_app"),
            ("be_app*", "be_app"),
        ] {
            assert!(matches(pattern, name), "{pattern} {name}");
        }
        for (pattern, name) in [
            ("be_", "be_app"),
            ("be_*x", "be_app"),
            ("app*", "be_app"),
            ("a*a", "a"),
        ] {
            assert!(!matches(pattern, name), "{pattern} {name}");
        }
    }

    #[test]
    fn a_time_of_day_takes_the_only_day_that_fits() {
        let at = |d, h, m| Stamp::civil(2026, 6, d, h, m, 0).unwrap();
        let clock = Moment::OfDay(21 * HOUR + 53 * MINUTE);
        let place = |span, given: &Given| utc(clock, span, given, "--since");
        let utc_given = Given::default();
        let one_day = Some((at(5, 22, 0), at(5, 23, 0)));
        assert_eq!(place(one_day, &utc_given), Ok(at(5, 21, 53)));
        let over_midnight = Some((at(5, 21, 0), at(6, 2, 0)));
        assert_eq!(place(over_midnight, &utc_given), Ok(at(5, 21, 53)));
        let week = Some((at(1, 0, 0), at(7, 0, 0)));
        assert!(
            place(week, &utc_given)
                .unwrap_err()
                .contains("give the date")
        );
        assert!(
            place(None, &utc_given)
                .unwrap_err()
                .contains("give the date")
        );
        let berlin = Given {
            zone: NamedZone::find("Europe/Berlin"),
            ..Given::default()
        };
        // In Berlin it is the night of the 6th.
        assert_eq!(place(one_day, &berlin), Ok(at(6, 19, 53)));
    }
}
