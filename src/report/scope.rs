//! What a report is about, in sentences: the filter, what was looked at, what is missing in a log.

use crate::base::thousands;
use crate::report::ArtifactLine;
use crate::report::CoverageLine;
use crate::report::Report;
use crate::report::words;

/// Holes and messages about suppression that are told of one log; the JSON report has all.
const TOLD_MAX: usize = 5;
/// Backends that are named; more are counted.
const NAMED_MAX: usize = 8;

/// What was asked for, and what that left out; `None`: everything is reported.
pub(super) fn filter(report: &Report) -> Option<String> {
    let filter = report.filter.as_ref()?;
    let left_out = match filter.incidents_left_out {
        0 => "no incident was left out".to_owned(),
        n => format!(
            "{} left out",
            words::count(n, "other incident was", "other incidents were")
        ),
    };
    Some(format!(
        "Filtered: {}; {left_out}. All of the bundle was read, and counts of an incident are whole.",
        filter.words
    ))
}

/// The first line of a filtered report without incidents; `None`: there is no filter, or there are incidents.
pub(super) fn first_line(report: &Report) -> Option<&str> {
    let empty = report.filter.is_some() && report.incidents.is_empty();
    empty.then(|| report.summary.trim_end_matches('.'))
}

/// What all artifacts together show, in one or two sentences.
pub(super) fn looked_at(report: &Report) -> String {
    let looked = &report.looked_at;
    let requests = words::count(looked.requests, "request", "requests");
    let span = match (&looked.first, &looked.last) {
        (Some(first), Some(last)) => format!(" from {first} to {last}"),
        _ => String::new(),
    };
    let failed = if looked.requests == 0 {
        String::new()
    } else {
        format!(
            ": {} answered 503 or failed, {} with another 5xx",
            thousands(looked.failed),
            thousands(looked.other_5xx)
        )
    };
    let messages = words::count(looked.messages, "message", "messages");
    format!(
        "{requests}{span}{failed}{}; {messages} of HAProxy.",
        backends(report)
    )
}

fn backends(report: &Report) -> String {
    let looked = &report.looked_at;
    let named: Vec<&str> = looked
        .backends
        .iter()
        .take(NAMED_MAX)
        .map(String::as_str)
        .collect();
    let n_named = u64::try_from(named.len()).unwrap_or(u64::MAX);
    match (named.as_slice(), looked.n_backends.saturating_sub(n_named)) {
        ([], _) => String::new(),
        (_, 0) => format!("; backends {}", named.join(", ")),
        (_, more) => format!(
            "; backends {} and {} more",
            named.join(", "),
            thousands(more)
        ),
    }
}

/// What could hide an incident, which only a report without one needs to say.
pub(super) fn could_hide(report: &Report) -> &[String] {
    if report.verdict == "incident" {
        &[]
    } else {
        &report.looked_at.could_hide
    }
}

/// What is missing in a log, one sentence each; nothing when all is well.
pub(super) fn gaps(artifact: &ArtifactLine) -> Vec<String> {
    let Some(coverage) = &artifact.coverage else {
        return Vec::new();
    };
    let mut all = coverage.cuts.clone();
    all.extend(coverage.holes.iter().take(TOLD_MAX).map(|hole| {
        let length = words::duration(&hole.from, &hole.to)
            .map_or(String::new(), |length| format!(" ({length})"));
        format!("no request from {} to {}{length}", hole.from, hole.to)
    }));
    all.extend(coverage.suppressed.iter().take(TOLD_MAX).map(|said| {
        let n = said.messages.map_or("messages".to_owned(), |n| {
            words::count(n, "message", "messages")
        });
        let of = said
            .of
            .as_ref()
            .map_or(String::new(), |of| format!(" of {of}"));
        let at = said
            .at
            .as_ref()
            .map_or(String::new(), |at| format!(" at {at}"));
        format!("line {}{at}: {n}{of} left out", thousands(said.line))
    }));
    let untold = coverage.holes.len().saturating_sub(TOLD_MAX)
        + coverage.suppressed.len().saturating_sub(TOLD_MAX);
    if untold > 0 {
        all.push(format!(
            "and {untold} more holes or messages about suppression: --format json"
        ));
    }
    all
}

/// What a log reaches over.
pub(super) fn reach(coverage: &CoverageLine) -> String {
    match (&coverage.first, &coverage.last) {
        (Some(first), Some(last)) => format!("{first} to {last}"),
        _ => String::new(),
    }
}
