//! What a report is about, in sentences: the filter.

use crate::report::Report;
use crate::report::words;

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
