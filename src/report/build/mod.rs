//! Conclusions -> the report's data: numbering of evidence and artifacts, times as text. Adds nothing of its own.

mod artifacts;
mod coverage;
pub(in crate::report) mod evidence;
mod incidents;
pub(in crate::report) mod timeline;
mod verdict;

use crate::base::printable;
use crate::base::rfc3339;
use crate::diagnosis::Conclusion;
use crate::incident::Bundle;
use crate::incident::Incident;
use crate::intake::Trouble;
use crate::report::ClockLine;
use crate::report::FilterLine;
use crate::report::Report;
use crate::report::Tool;
use crate::report::build::evidence::Citations;
use crate::report::filter::Chosen;
use crate::report::filter::precision;
use std::collections::BTreeMap;

pub use artifacts::{Listed, shelve};

/// What the report is made of.
#[derive(Debug)]
pub struct Parts<'a> {
    /// Everything known.
    pub bundle: &'a Bundle,
    /// Incidents with what was concluded, most severe first.
    pub concluded: &'a [(Incident, Conclusion)],
    /// Artifacts in order of path.
    pub artifacts: &'a [Listed],
    /// First line of every block of every log, for line numbers: by artifact, then block.
    pub lines: &'a BTreeMap<u32, BTreeMap<u32, u32>>,
    /// What could not be read.
    pub troubles: &'a [Trouble],
    /// What was asked for; `None`: everything.
    pub chosen: Option<&'a Chosen>,
}

/// Makes the report.
pub fn build(parts: &Parts<'_>) -> Report {
    let mut citations = Citations::new(parts);
    let incidents: Vec<_> = parts
        .concluded
        .iter()
        .enumerate()
        .map(|(index, (incident, conclusion))| {
            incidents::line(index, incident, conclusion, parts, &mut citations)
        })
        .collect();
    let timeline = timeline::lines(parts, &mut citations);
    let missing = incidents::missing(parts);
    let claimed = parts
        .concluded
        .iter()
        .any(|(_, c)| c.cause.id != "insufficient-evidence");
    let verdict = if claimed {
        "incident"
    } else if parts.concluded.is_empty() && verdict::tells_enough(parts) && !is_beyond(parts) {
        "no-incident"
    } else {
        "insufficient-evidence"
    };
    let summary = verdict::summary(verdict, parts);
    Report {
        schema: "nosrv.report/1",
        tool: Tool {
            name: "nosrv",
            version: env!("CARGO_PKG_VERSION"),
        },
        verdict,
        summary,
        incidents: incidents::with_faults(incidents, parts),
        timeline,
        evidence: citations.lines(),
        artifacts: artifacts::lines(parts),
        missing,
        clock: clock_line(parts),
        warnings: warnings(parts),
        looked_at: coverage::looked_at(parts),
        filter: parts.chosen.map(filter_line),
    }
}

/// How times were read.
pub(in crate::report) fn clock_line(parts: &Parts<'_>) -> ClockLine {
    ClockLine {
        haproxy_offset: parts.bundle.clock.offset_text(),
        how: parts.bundle.clock.how.clone(),
    }
}

fn filter_line(chosen: &Chosen) -> FilterLine {
    let text = |at: Option<i64>| at.map(|at| rfc3339(at, precision(at)));
    let names = |names: &[String]| {
        let printed = names.iter().map(|name| printable(name.as_bytes()));
        printed.collect()
    };
    FilterLine {
        since: text(chosen.since),
        until: text(chosen.until),
        backends: names(&chosen.backends),
        frontends: names(&chosen.frontends),
        incidents_left_out: chosen.n_left_out,
        words: chosen.words(),
    }
}

/// The bundle holds nothing of what was asked for.
fn is_beyond(parts: &Parts<'_>) -> bool {
    parts.chosen.is_some_and(|chosen| chosen.beyond.is_some())
}

/// Troubles of the intake, names that nothing has, doubts of the clock.
pub(in crate::report) fn doubts(parts: &Parts<'_>) -> Vec<String> {
    let mut all: Vec<String> = parts
        .troubles
        .iter()
        .map(|trouble| printable(format!("{}: {}", trouble.name, trouble.why).as_bytes()))
        .collect();
    all.sort();
    all.extend(
        parts
            .chosen
            .into_iter()
            .flat_map(|c| c.warnings.iter().cloned()),
    );
    let path = |source: u32| {
        let mine = parts
            .artifacts
            .iter()
            .find(|listed| listed.source == source);
        mine.map(|listed| printable(listed.path.as_bytes()))
    };
    for doubt in &parts.bundle.clock.doubts {
        let about = doubt.source.and_then(path);
        all.push(about.map_or(doubt.text.clone(), |path| format!("{path}: {}", doubt.text)));
    }
    all
}

/// Doubts, noise that is not reported, caps that were hit.
fn warnings(parts: &Parts<'_>) -> Vec<String> {
    let mut all = doubts(parts);
    for (backend, &n) in &parts.bundle.background {
        let n = crate::base::counted(n, "failed request");
        all.push(format!("{backend}: {n} of the kind that is always there (a route or a pool that served nobody in the whole log): not reported as an incident"));
    }
    for backend in &parts.bundle.unneeded {
        all.push(format!("{backend} had no usable server for a time, and no logged request needed it: not reported as an incident"));
    }
    if parts.bundle.notices_full {
        all.push("a log holds more state changes and host events than are kept: the latest of them were left out".to_owned());
    }
    all
}
