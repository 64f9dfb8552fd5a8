//! Every availability event of a bundle on one axis: what `nosrv timeline` prints.
//!
//! Where the timeline of a report shows what surrounds its incidents, this one leaves nothing out that was seen.

mod captures;
mod entry;
mod events;
pub mod format;
mod join;
mod order;

use crate::base::Cite;
use crate::base::printable;
use crate::base::rfc3339;
use crate::report::build::Parts;
use crate::report::build::evidence::line_of;
use crate::report::chronicle::entry::Draft;
use crate::report::filter::Chosen;
use crate::report::filter::Names;
use serde::Serialize;

/// All events, and what the reader must know about them.
#[derive(Clone, Debug, Default)]
pub struct Chronicle {
    /// In order of time; those without a time last.
    pub entries: Vec<Entry>,
    /// What was asked for, in words; `None`: everything.
    pub filter: Option<String>,
    /// Entries without a time that a filter by time left out.
    pub n_undated_left_out: u64,
    /// How HAProxy's local times were read.
    pub clock: String,
    /// What could not be read, names that nothing has, doubts of the clock.
    pub warnings: Vec<String>,
}

/// One event.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// RFC 3339 UTC with the precision of the source; `null`: nothing tells.
    pub at: Option<String>,
    /// `exact`: as the source wrote it, its zone known; `assumed`: zone, year or day were taken from something else;
    /// `unknown`.
    pub time: &'static str,
    /// `decided`: it stands after the entry before it and before the one after it; `undecided`: the sources' stamps are too
    /// coarse, or their clocks not tied to each other.
    pub order: &'static str,
    /// `server-down`, `unit-stopped`, `first-failure` …
    pub kind: &'static str,
    /// Host that the record names.
    pub host: Option<String>,
    /// Frontend, when it concerns one.
    pub frontend: Option<String>,
    /// Backend, when it concerns one.
    pub backend: Option<String>,
    /// Server, when it concerns one.
    pub server: Option<String>,
    /// The message, or a sentence.
    pub text: String,
    /// Requests, of the begin and the end of failures.
    pub count: Option<u64>,
    /// Path of the artifact that says so.
    pub artifact: Option<String>,
    /// Its line, 1-based.
    pub line: Option<u64>,
    /// How many copies of it were read.
    pub copies: u32,
    /// Microseconds since 1970.
    #[serde(skip)]
    pub micros: Option<i64>,
}

/// Collects the events of a bundle. The incidents in `parts` are all that there are, whatever was chosen.
pub fn chronicle(parts: &Parts<'_>) -> Chronicle {
    let chosen = parts.chosen;
    let mut drafts = events::of_logs(parts);
    drafts.extend(events::of_failures(parts));
    drafts.extend(captures::of_dumps(parts));
    drafts.extend(captures::of_captures(parts));
    let mut drafts = join::joined(drafts);
    drafts.sort_by(|a, b| a.key().cmp(&b.key()));
    let undecided = order::undecided(&drafts);
    let names = Names::of(parts.bundle);
    let mut n_undated_left_out = 0;
    let mut entries = Vec::new();
    for (draft, undecided) in drafts.into_iter().zip(undecided) {
        if let Some(chosen) = chosen {
            if !concerns(chosen, &draft, &names) {
                continue;
            }
            if !chosen.has_time(draft.at) {
                n_undated_left_out += u64::from(draft.at.is_none());
                continue;
            }
        }
        entries.push(entry(parts, draft, undecided));
    }
    Chronicle {
        entries,
        filter: chosen.map(Chosen::words),
        n_undated_left_out,
        clock: crate::report::build::clock_line(parts).how,
        warnings: crate::report::build::doubts(parts),
    }
}

/// Events of another backend or frontend are left out; those of the host and of the process concern all of them.
fn concerns(chosen: &Chosen, draft: &Draft, names: &Names) -> bool {
    if draft.backends.is_empty() {
        return true;
    }
    draft
        .backends
        .iter()
        .any(|name| chosen.has_backend(name) && chosen.has_front_of(name, names))
}

fn entry(parts: &Parts<'_>, draft: Draft, undecided: bool) -> Entry {
    let named = |name: String| (!name.is_empty()).then_some(name);
    let backend = match draft.backends.as_slice() {
        [one] => Some(one.clone()),
        _ => None,
    };
    let place = |cite: &Cite| {
        let listed = parts
            .artifacts
            .iter()
            .find(|listed| listed.source == cite.span.source)?;
        Some(printable(listed.path.as_bytes()))
    };
    Entry {
        at: draft.at.map(|at| rfc3339(at, draft.precision)),
        time: match draft.at {
            None => "unknown",
            Some(_) if draft.assumed => "assumed",
            Some(_) => "exact",
        },
        order: if undecided { "undecided" } else { "decided" },
        kind: draft.kind,
        host: named(draft.host.into()),
        frontend: named(draft.frontend),
        backend,
        server: named(draft.server),
        text: draft.text,
        count: draft.count,
        artifact: draft.cite.as_ref().and_then(place),
        line: draft
            .cite
            .as_ref()
            .map(|cite| line_of(parts.lines, cite.span)),
        copies: draft.copies,
        micros: draft.at,
    }
}
