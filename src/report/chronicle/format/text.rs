//! The timeline for a terminal: day by day, one paragraph per event.

use crate::base::thousands;
use crate::report::answer;
use crate::report::chronicle::Chronicle;
use crate::report::chronicle::Entry;
use crate::report::format::Style;
use crate::report::format::text::page::{Ink, Page};

/// Lays the timeline out for the columns of `style`.
pub(super) fn render(chronicle: &Chronicle, style: &Style) -> String {
    let mut page = Page::new(style);
    head(&mut page, chronicle);
    let clocks = chronicle.entries.iter().filter_map(clock);
    let width = clocks.map(|(_, clock)| clock.len()).max().unwrap_or(0);
    let mut day = None;
    for entry in &chronicle.entries {
        let (date, time) = clock(entry).unwrap_or(("Time unknown", ""));
        if day != Some(date) {
            page.heading(date);
            day = Some(date);
        }
        let order = if entry.order == "undecided" { '~' } else { ' ' };
        let assumed = if entry.time == "assumed" { '?' } else { ' ' };
        let prefix = format!("  {time:<width$} {order}{assumed} ");
        page.wrapped(&prefix, width + 6, &sentence(entry), ink(entry.kind));
    }
    foot(&mut page, chronicle);
    page.finish()
}

fn head(page: &mut Page, chronicle: &Chronicle) {
    let n = chronicle.entries.len();
    let n = thousands(u64::try_from(n).unwrap_or(u64::MAX));
    let of = chronicle
        .filter
        .as_ref()
        .map_or(String::new(), |words| format!(" of {words}"));
    page.wrapped(
        "",
        0,
        &format!("Timeline (UTC), {n} events{of}"),
        Ink::Strong,
    );
    if chronicle.filter.is_some() {
        let text = "Filtered: events of other backends, frontends and times are left out; those of hosts and processes concern all backends.";
        page.wrapped("", 0, text, Ink::Plain);
    }
    let (undecided, assumed) = (
        chronicle.entries.iter().any(|e| e.order == "undecided"),
        chronicle.entries.iter().any(|e| e.time == "assumed"),
    );
    if undecided {
        let text = "~ its order among the neighbours of other sources is undecided: the stamps are too coarse, or the clocks not tied";
        page.wrapped("", 2, text, Ink::Plain);
    }
    if assumed {
        let text =
            "? its time is assumed: the source leaves out zone, year or day, or has no time at all";
        page.wrapped("", 2, text, Ink::Plain);
    }
}

fn foot(page: &mut Page, chronicle: &Chronicle) {
    if chronicle.n_undated_left_out > 0 {
        page.blank();
        let n = thousands(chronicle.n_undated_left_out);
        let text = format!(
            "Left out for want of a time: {n} (without --since and --until they are shown)."
        );
        page.wrapped("", 0, &text, Ink::Plain);
    }
    if !chronicle.clock.is_empty() {
        page.heading("Clock");
        page.wrapped("  ", 2, &chronicle.clock, Ink::Plain);
    }
    if !chronicle.warnings.is_empty() {
        page.heading("Warnings");
        for warning in &chronicle.warnings {
            page.wrapped("  - ", 4, warning, Ink::Bad);
        }
    }
}

/// Date and clock of an entry.
fn clock(entry: &Entry) -> Option<(&str, &str)> {
    entry.at.as_deref()?.split_once('T')
}

/// `server-down be_app/app1: Server … is DOWN (proxy01, journal.txt:31, 2 copies)`.
fn sentence(entry: &Entry) -> String {
    let whom = answer::proxy_server(entry.backend.as_deref(), entry.server.as_deref());
    let gap = if whom.is_empty() { "" } else { " " };
    let place = match (&entry.artifact, entry.line) {
        (Some(path), Some(line)) => Some(format!("{path}:{line}")),
        (path, _) => path.clone(),
    };
    let copies = (entry.copies > 1).then(|| format!("{} copies", entry.copies));
    let about: Vec<String> = entry
        .host
        .clone()
        .into_iter()
        .chain(place)
        .chain(copies)
        .collect();
    let about = if about.is_empty() {
        String::new()
    } else {
        format!(" ({})", about.join(", "))
    };
    format!("{}{gap}{whom}: {}{about}", entry.kind, entry.text)
}

fn ink(kind: &str) -> Ink {
    match kind {
        "server-down" | "no-server" | "first-failure" | "unit-failed" | "oom-kill"
        | "config-error" | "reload-failed" => Ink::Bad,
        "server-up" | "service-back" => Ink::Good,
        _ => Ink::Plain,
    }
}
