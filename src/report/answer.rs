//! The answer in sentences: what failed, why, whether it is over, who wrote the 503, and the numbers.

use crate::base::thousands;
use crate::report::scope;
use crate::report::words;
use crate::report::{
    ArtifactLine, EvidenceLine, Impact, IncidentLine, Report, TransitionLine, Window,
};

/// From here on a cause is stated as a fact, "because": nine in ten of such conclusions are right (design, "Evidence first").
const CERTAIN_MIN: f64 = 0.9;
/// From here on it is "probably because"; below it is a guess, and is called one.
const PROBABLE_MIN: f64 = 0.6;
/// More servers than this are counted, not named, in a headline; the block of the incident names them all.
const NAMED_MAX: usize = 3;
/// The cause that says that nothing can be said.
const UNDECIDED: &str = "insufficient-evidence";

/// The first line of a report: the verdict, or the headline of the most severe incident.
pub(super) fn first_line(report: &Report) -> String {
    if let Some(line) = scope::first_line(report) {
        return line.to_owned();
    }
    match (report.verdict, report.incidents.first()) {
        ("insufficient-evidence", Some(incident)) => {
            format!("Not enough evidence: {}", headline(incident))
        }
        (_, Some(incident)) => headline(incident),
        ("no-incident", None) => {
            "No incident: nothing in these artifacts shows a 503 problem".to_owned()
        }
        _ => "Not enough evidence: these artifacts cannot show whether clients got 503, or why"
            .to_owned(),
    }
}

/// What failed, why, and whether it is over.
pub(super) fn headline(incident: &IncidentLine) -> String {
    let impact = &incident.impact;
    let what = match impact.failed_sessions {
        Some(n @ 1..) if impact.http_503 == 0 => {
            let sessions = words::count(n, "TCP session", "TCP sessions");
            format!("{sessions} to {} failed", subject(incident))
        }
        _ if impact.http_503 > 0 => format!("{} answered 503", subject(incident)),
        _ => format!("{} failed", subject(incident)),
    };
    format!(
        "{what}{} — {}{}",
        because(incident),
        over(incident),
        still_down(incident)
    )
}

/// Backend, or what else is known of the place.
pub(super) fn subject(incident: &IncidentLine) -> String {
    match (&incident.backend, &incident.frontend, &incident.host) {
        (Some(name), _, _) | (None, Some(name), _) => name.clone(),
        (None, None, Some(host)) => format!("HAProxy on {host}"),
        (None, None, None) => "HAProxy".to_owned(),
    }
}

fn because(incident: &IncidentLine) -> String {
    let cause = &incident.cause;
    if cause.id == UNDECIDED || cause.id.is_empty() {
        let possible: Vec<String> = incident.possible.iter().map(|p| p.id.clone()).collect();
        return if possible.is_empty() {
            "; why cannot be told from these artifacts".to_owned()
        } else {
            format!(
                "; why cannot be told from these artifacts (possible: {})",
                words::list(&possible)
            )
        };
    }
    let how = if cause.confidence >= CERTAIN_MIN {
        "because"
    } else if cause.confidence >= PROBABLE_MIN {
        "probably because"
    } else {
        "perhaps because"
    };
    let why = if cause.title.is_empty() {
        format!("of {}", cause.id)
    } else {
        cause.title.clone()
    };
    format!(" {how} {why} ({}, {:.2})", cause.id, cause.confidence)
}

/// It is over; `None`: cannot be told.
pub(super) fn is_over(incident: &IncidentLine) -> Option<bool> {
    if incident.window.ongoing {
        Some(false)
    } else {
        incident.recovered
    }
}

/// Whether it is over, in words. Failures up to the end of the capture outweigh a recovery seen before.
fn over(incident: &IncidentLine) -> String {
    let day = incident.window.start.as_deref();
    let at = incident.recovery.as_ref().and_then(|r| r.at.as_deref());
    match (incident.window.ongoing, incident.recovered, at) {
        (true, _, _) => "NOT over: it still failed when the capture ended".to_owned(),
        (false, Some(true), Some(at)) => format!("over since {}", words::second(at, day)),
        (false, Some(true), None) => "over".to_owned(),
        (false, Some(false), _) => "NOT over: no recovery up to the end of the capture".to_owned(),
        (false, None, _) => "whether it is over cannot be told from these artifacts".to_owned(),
    }
}

fn still_down(incident: &IncidentLine) -> String {
    let names = incident
        .recovery
        .as_ref()
        .map_or(&[][..], |r| r.still_down.as_slice());
    let role_split = incident.factors.iter().any(|f| f.id == "role-split-pool");
    let note = if role_split {
        " (see factor role-split-pool)"
    } else {
        ""
    };
    match names {
        [] => String::new(),
        [one] => format!("; {one} is still down{note}"),
        few if few.len() <= NAMED_MAX => {
            format!("; {} are still down{note}", words::list(few))
        }
        many => format!("; {} servers are still down{note}", many.len()),
    }
}

/// Who wrote the 503.
pub(super) fn answered_by(incident: &IncidentLine) -> &'static str {
    let tcp = incident.impact.failed_sessions.is_some() && incident.impact.http_503 == 0;
    let unseen = !tcp && incident.impact.http_503 == 0;
    match (incident.answered_by, tcp) {
        ("haproxy", false) if unseen => {
            "HAProxy answers 503 itself in this state; no such answer is in these artifacts."
        }
        ("haproxy", false) => "HAProxy wrote the 503 itself; it did not come from a server.",
        ("haproxy", true) => "HAProxy ended these sessions itself. In TCP mode there is no 503.",
        ("server", false) => "A server wrote the 503; HAProxy only passed it on.",
        ("server", true) => "A server ended these sessions. In TCP mode there is no 503.",
        (_, false) => {
            "Who wrote the 503, HAProxy or a server, cannot be told from these artifacts."
        }
        (_, true) => {
            "Who ended these sessions cannot be told from these artifacts. In TCP mode there is no 503."
        }
    }
}

/// Labels and sentences: window, counts, clients. The routes are not among them.
pub(super) fn numbers(incident: &IncidentLine) -> Vec<(&'static str, String)> {
    let mut rows = vec![("window", window(&incident.window))];
    if let Some(at) = &incident.window.last_good {
        rows.push(("last good", format!("{at}, the last good answer before it")));
    }
    let impact = &incident.impact;
    let seen =
        impact.requests > 0 || impact.http_503 > 0 || impact.failed_sessions.is_some_and(|n| n > 0);
    if seen {
        counts(impact, &mut rows);
    } else {
        rows.push((
            "requests",
            "no log holds a request of this incident, so nothing is counted".to_owned(),
        ));
    }
    rows
}

fn window(window: &Window) -> String {
    let beyond = if window.ongoing {
        "; it still failed when the capture ended"
    } else {
        ""
    };
    match (&window.start, &window.end) {
        (Some(start), Some(end)) => {
            let length = words::duration(start, end).map_or(String::new(), |d| format!(" ({d})"));
            format!("{start} to {end}{length}{beyond}")
        }
        (Some(start), None) => format!("from {start}, end unknown{beyond}"),
        (None, Some(end)) => format!("until {end}, start unknown{beyond}"),
        (None, None) => format!("unknown: no artifact has its time{beyond}"),
    }
}

fn counts(impact: &Impact, rows: &mut Vec<(&'static str, String)>) {
    let tcp = impact.failed_sessions.is_some() && impact.http_503 == 0;
    let of_all =
        |n: u64| words::share(n, impact.requests).map_or(String::new(), |s| format!(" ({s})"));
    if tcp {
        rows.push((
            "sessions",
            format!("{} in the window", thousands(impact.requests)),
        ));
    } else {
        rows.push((
            "requests",
            format!(
                "{} in the window, good ones included",
                thousands(impact.requests)
            ),
        ));
        rows.push((
            "503",
            format!(
                "{} of them{}",
                thousands(impact.http_503),
                of_all(impact.http_503)
            ),
        ));
        rows.push((
            "NOSRV",
            format!(
                "{} of the 503s: HAProxy chose no server for them",
                thousands(impact.nosrv)
            ),
        ));
    }
    if let Some(n) = impact.failed_sessions {
        rows.push((
            "failed",
            format!("{} TCP sessions{}", thousands(n), of_all(n)),
        ));
    }
    rows.push((
        "clients",
        if impact.clients_estimated {
            format!(
                "about {} (an estimate: too many to count each)",
                thousands(impact.clients)
            )
        } else {
            words::count(
                impact.clients,
                "address saw failures",
                "addresses saw failures",
            )
        },
    ));
}

/// How it ended, in full; what the headline only counts is named here.
pub(super) fn recovery(incident: &IncidentLine) -> String {
    let mut text = match (incident.window.ongoing, incident.recovered) {
        (true, _) => "Not over: it still failed when the capture ended.",
        (false, Some(true)) => "Over.",
        (false, Some(false)) => "Not over: no recovery was seen up to the end of the capture.",
        (false, None) => "Whether it is over cannot be told from these artifacts.",
    }
    .to_owned();
    let Some(recovery) = &incident.recovery else {
        return text;
    };
    if let Some(at) = &recovery.at {
        text.push_str(&format!(" Service returned at {at}."));
    }
    text.push_str(&match recovery.usable_servers {
        Some(n) => format!(
            " {} when the capture ended.",
            words::count(u64::from(n), "server was usable", "servers were usable")
        ),
        None => " How many servers were usable when the capture ended is not known.".to_owned(),
    });
    if !recovery.still_down.is_empty() {
        text.push_str(&format!(
            " Still down: {}.",
            words::list(&recovery.still_down)
        ));
    }
    text
}

/// Every line that the incident cites, in the order of the report's list.
pub(super) fn cited<'a>(report: &'a Report, incident: &IncidentLine) -> Vec<&'a EvidenceLine> {
    let ids: Vec<&String> = [&incident.cause.evidence]
        .into_iter()
        .chain(incident.trigger.iter().map(|t| &t.evidence))
        .chain(incident.factors.iter().map(|f| &f.evidence))
        .chain(incident.ruled_out.iter().map(|r| &r.evidence))
        .chain(incident.contradictions.iter().map(|c| &c.evidence))
        .flatten()
        .chain(
            incident
                .servers
                .iter()
                .flat_map(|s| s.transitions.iter().map(|t| &t.evidence)),
        )
        .collect();
    report
        .evidence
        .iter()
        .filter(|e| ids.contains(&&e.id))
        .collect()
}

/// `logs/haproxy.log:4711`.
pub(super) fn place(report: &Report, evidence: &EvidenceLine) -> String {
    let path = report
        .artifacts
        .iter()
        .find(|a| a.id == evidence.artifact)
        .map_or(&evidence.artifact, |a| &a.path);
    format!("{path}:{}", evidence.line)
}

/// `be_app/app1`, or as much of it as is known.
pub(super) fn proxy_server(backend: Option<&str>, server: Option<&str>) -> String {
    [backend, server]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join("/")
}

/// `UP → DOWN`; only the new state when the old one is unknown.
pub(super) fn change(transition: &TransitionLine) -> String {
    match &transition.from {
        Some(from) => format!("{from} → {}", transition.to),
        None => transition.to.clone(),
    }
}

/// `log, rsyslog`: kind of an artifact, and the carrier of a log.
pub(super) fn kind(artifact: &ArtifactLine) -> String {
    match &artifact.carrier {
        Some(carrier) => format!("{}, {carrier}", artifact.kind),
        None => artifact.kind.clone(),
    }
}

/// How HAProxy's times were read.
pub(super) fn clock(report: &Report) -> String {
    let offset = match &report.clock.haproxy_offset {
        Some(offset) => format!("HAProxy's local time is UTC{offset}."),
        None => "HAProxy's offset from UTC is not known; its times are taken as UTC.".to_owned(),
    };
    format!("{offset} {}", report.clock.how)
}

/// How many broken lines stand beside the shown examples; `None` when all are shown.
pub(super) fn broken_not_shown(artifact: &ArtifactLine) -> Option<String> {
    let shown = u64::try_from(artifact.broken_examples.len()).unwrap_or(u64::MAX);
    let more = artifact.broken.checked_sub(shown).filter(|n| *n > 0)?;
    Some(if shown == 0 {
        let lines = words::count(more, "broken line", "broken lines");
        format!("{lines}, none shown")
    } else {
        let lines = words::count(more, "more broken line", "more broken lines");
        format!("and {lines}, not shown")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{CauseLine, FactorLine, Impact, PossibleLine, Recovery};

    /// An incident that is over, of which the tests change what they are about.
    fn incident() -> IncidentLine {
        IncidentLine {
            backend: Some("be_app".into()),
            window: Window {
                start: Some("2026-03-14T09:26:51.204Z".into()),
                ..Window::default()
            },
            impact: Impact {
                http_503: 7,
                ..Impact::default()
            },
            cause: CauseLine {
                id: "queue-timeout".into(),
                confidence: 0.94,
                title: "requests waited longer than `timeout queue`".into(),
                ..CauseLine::default()
            },
            recovered: Some(true),
            ..IncidentLine::default()
        }
    }

    #[track_caller]
    fn check(change: impl FnOnce(&mut IncidentLine), expected: &str) {
        let mut incident = incident();
        change(&mut incident);
        assert_eq!(headline(&incident), expected);
    }

    #[test]
    fn a_guess_is_called_one() {
        let why = "requests waited longer than `timeout queue`";
        check(
            |_| {},
            &format!("be_app answered 503 because {why} (queue-timeout, 0.94) — over"),
        );
        check(
            |i| i.cause.confidence = 0.7,
            &format!("be_app answered 503 probably because {why} (queue-timeout, 0.70) — over"),
        );
        check(
            |i| i.cause.confidence = 0.3,
            &format!("be_app answered 503 perhaps because {why} (queue-timeout, 0.30) — over"),
        );
        check(
            |i| i.cause.title.clear(),
            "be_app answered 503 because of queue-timeout (queue-timeout, 0.94) — over",
        );
    }

    #[test]
    fn an_undecided_cause_names_what_is_possible() {
        check(
            |i| {
                i.cause.id = "insufficient-evidence".into();
                i.possible = vec![PossibleLine {
                    id: "no-route".into(),
                    why: String::new(),
                }];
            },
            "be_app answered 503; why cannot be told from these artifacts (possible: no-route) — over",
        );
    }

    #[test]
    fn the_headline_says_whether_it_is_over() {
        let ends = |change: fn(&mut IncidentLine), end: &str| {
            let mut incident = incident();
            change(&mut incident);
            let text = headline(&incident);
            assert!(text.ends_with(end), "{text}");
        };
        ends(
            |i| i.recovered = None,
            "— whether it is over cannot be told from these artifacts",
        );
        ends(
            |i| i.recovered = Some(false),
            "— NOT over: no recovery up to the end of the capture",
        );
        // Seen well once, and failing at the end: the end counts.
        ends(
            |i| i.window.ongoing = true,
            "— NOT over: it still failed when the capture ended",
        );
        ends(
            |i| {
                i.recovery = Some(Recovery {
                    at: Some("2026-03-15T00:01:02.5Z".into()),
                    usable_servers: None,
                    still_down: ["a", "b", "c", "d"].map(String::from).to_vec(),
                });
            },
            "— over since 2026-03-15 00:01:02Z; 4 servers are still down",
        );
    }

    #[test]
    fn servers_that_are_down_by_design_come_with_their_factor() {
        check(
            |i| {
                i.cause.title = "x".into();
                i.factors = vec![FactorLine {
                    id: "role-split-pool".into(),
                    ..FactorLine::default()
                }];
                i.recovery = Some(Recovery {
                    still_down: vec!["db2".into(), "db3".into()],
                    ..Recovery::default()
                });
            },
            "be_app answered 503 because x (queue-timeout, 0.94) — over; db2 and db3 are still down (see factor role-split-pool)",
        );
    }

    #[test]
    fn an_incident_that_no_log_counts_claims_no_503() {
        check(
            |i| {
                i.impact = Impact::default();
                i.backend = None;
                i.host = Some("lb1".into());
                i.cause.id = "haproxy-down".into();
                i.cause.title = "HAProxy itself was not running".into();
            },
            "HAProxy on lb1 failed because HAProxy itself was not running (haproxy-down, 0.94) — over",
        );
        let rows = numbers(&IncidentLine::default());
        assert!(
            rows.iter()
                .any(|(_, text)| text.contains("nothing is counted"))
        );
    }
}
