//! `nosrv` reads what was saved from a HAProxy incident and says why clients got 503.
//!
//! The program is a row of rooms; data walks through them in one direction, in the order of the list below. Each room's
//! `mod.rs` is its door: what it takes, what it gives, its table when it grows. [`investigate`] is the whole walk.
//!
//! What is absent, and stays so:
//!
//! - Only `intake` opens anything; nothing opens a socket, follows a link of a bundle, or unpacks to disk.
//! - Only `run` knows threads; a report never depends on their number, on blocks, or on the order of arguments.
//! - No parser fails or panics: a line that is not understood is counted and shown, and the rest is read.
//! - `evidence` keeps no events: every part of it is bounded and merges in any order.
//! - `clock`, `incident` and `diagnosis` see no raw byte; `report` decides nothing; no room but `cli` prints.
//! - There is no clock, no duration and no path of this machine in a report.

pub mod base;

// paths -> bytes
pub mod intake;

// bytes -> what they are
pub mod artifact;

// haproxy.cfg -> settings
pub mod config;

// bytes of a log -> records
pub mod carrier;

// record bodies -> events
pub mod event;

// outputs of the runtime socket -> snapshots
pub mod dump;

// outputs of other programs -> facts
pub mod capture;

// events -> counts
pub mod evidence;

// threads
pub mod run;

// documents -> configs, dumps, captures
pub mod document;

// stamps of all sources -> one axis
pub mod clock;

// Config and a request -> the rules it meets, the backend it reaches
pub mod route;

// Configuration -> what may end in 503
pub mod lint;

// evidence, snapshots -> incidents
pub mod incident;

// incidents -> causes
pub mod diagnosis;

// findings -> text
pub mod report;

mod settings;

// figures of traffic -> tables
pub mod stats;

// archived incidents -> what changed
pub mod regress;

#[cfg(test)]
mod testing;

use crate::clock::Given;
use crate::diagnosis::Case;
use crate::diagnosis::Conclusion;
use crate::evidence::Evidence;
use crate::evidence::figures::Figures;
use crate::incident::Bundle;
use crate::incident::Incident;
use crate::intake::Leaf;
use crate::intake::Limits;
use crate::intake::Trouble;
use crate::report::Report;
use crate::report::build::Listed;
use crate::report::build::Parts;
use crate::report::chronicle::Chronicle;
use crate::report::filter::Chosen;
use crate::report::filter::Filter;
use crate::report::filter::Names;
use crate::run::Gathered;
use crate::stats::Lines;
use crate::stats::Stats;
use crate::stats::Wanted;
use crate::stats::Window;
use std::collections::BTreeMap;
use std::path::PathBuf;

pub use settings::{Settings, settings, usual_ms};

/// What the user asked for.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// Files, folders, archives; `-` for standard input.
    pub paths: Vec<PathBuf>,
    /// What a bundle may cost.
    pub limits: Limits,
    /// What the user said about time.
    pub time: Given,
    /// What of the bundle is wanted; all of it is read all the same.
    pub filter: Filter,
}

/// A report, and whether all that was asked could be done.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The report.
    pub report: Report,
    /// What could not be read; named in the report's warnings too.
    pub troubles: Vec<Trouble>,
    /// Why the filter could not be applied: then the report is of everything, and not what was asked for.
    pub unclear: Option<String>,
}

/// A timeline, and whether all that was asked could be done.
#[derive(Clone, Debug)]
pub struct Told {
    /// The timeline.
    pub chronicle: Chronicle,
    /// What could not be read; named in the timeline's warnings too.
    pub troubles: Vec<Trouble>,
    /// As in [`Outcome`].
    pub unclear: Option<String>,
}

/// Figures of traffic, and whether all that was asked could be done.
#[derive(Clone, Debug)]
pub struct Measured {
    /// The figures.
    pub stats: Stats,
    /// What could not be read; named in the warnings too.
    pub troubles: Vec<Trouble>,
}

/// The whole pipeline on one screen: paths in, report out.
pub fn investigate(request: &Request) -> Outcome {
    let mut found = find(request);
    if let Some(chosen) = &mut found.chosen {
        let names = Names::of(&found.bundle);
        chosen.keep(&mut found.concluded, &names);
    }
    let report = report::build::build(&found.parts());
    let outcome = Outcome {
        report,
        troubles: std::mem::take(&mut found.troubles),
        unclear: found.unclear.take(),
    };
    run::discard(found);
    outcome
}

/// The same, and every event of the bundle out.
pub fn tell(request: &Request) -> Told {
    let found = find(request);
    Told {
        chronicle: report::chronicle::chronicle(&found.parts()),
        troubles: found.troubles,
        unclear: found.unclear,
    }
}

/// The same logs, and figures of their traffic out: one pass, and one before it when a time is asked for that only the logs
/// themselves can place.
///
/// # Errors
/// Why the filter cannot be applied.
pub fn measure(request: &Request, wanted: &Wanted) -> Result<Measured, String> {
    let (leaves, mut troubles) = intake::discover(&request.paths, &request.limits);
    let mut ask = wanted.ask();
    let mut lines = None;
    let mut words = None;
    if !request.filter.is_empty() {
        let window = window(request, &leaves)?;
        let chosen = Chosen {
            since: window.as_ref().and_then(|window| window.since),
            until: window.as_ref().and_then(|window| window.until),
            backends: request.filter.backends.clone(),
            frontends: request.filter.frontends.clone(),
            ..Chosen::default()
        };
        words = Some(chosen.words());
        let kept = lines.insert(Lines::new(&request.filter, window));
        ask.keep = Some(Box::new(kept.clone()));
    }
    let Gathered {
        artifacts,
        evidence: figures,
        troubles: unread,
    } = run::gather::<Figures>(&leaves, &request.limits, &ask);
    troubles.extend(unread);
    let mut stats = stats::build(figures, wanted, &artifacts, &troubles);
    stats.filter = words;
    stats
        .warnings
        .extend(lines.iter().flat_map(Lines::warnings));
    Ok(Measured { stats, troubles })
}

/// When the lines are that were asked for. The clock is that of `analyze`: found from all of the bundle, unless it was given.
fn window(request: &Request, leaves: &[Leaf]) -> Result<Option<Window>, String> {
    let Request { filter, time, .. } = request;
    if filter.since.is_none() && filter.until.is_none() {
        return Ok(None);
    }
    let (clock, span) = if time.offset.is_some() && !filter.needs_span() {
        (
            clock::read(&Evidence::default(), &[], &[], time.clone()),
            None,
        )
    } else if leaves.iter().any(|leaf| leaf.path.is_none()) {
        return Err(
            "--since and --until read the logs twice, which standard input does not allow: \
             save it to a file, or give dates and the offset of HAProxy's clock (--tz +02:00)"
                .to_owned(),
        );
    } else {
        let Assembled { bundle, .. } = assemble(leaves, &request.limits, time);
        let span = report::filter::span(&bundle);
        (bundle.clock, span)
    };
    let (since, until) = filter.window(span, time)?;
    Ok(Some(Window {
        since,
        until,
        clock,
    }))
}

/// What was read, on one axis, before anything is concluded.
#[derive(Debug)]
pub struct Assembled {
    /// Everything that the diagnosis looks at.
    pub bundle: Bundle,
    /// What was wrong, and when.
    pub incidents: Vec<Incident>,
    listed: Vec<Listed>,
    lines: BTreeMap<u32, BTreeMap<u32, u32>>,
    troubles: Vec<Trouble>,
}

/// The pipeline up to the incidents.
pub fn assemble(leaves: &[Leaf], limits: &Limits, time: &Given) -> Assembled {
    let Gathered {
        artifacts,
        evidence,
        troubles,
    } = run::gather::<Evidence>(leaves, limits, &());
    let lines = evidence.lines();
    let (listed, raws) = report::build::shelve(artifacts, &evidence);
    let documents = document::read(raws);
    let clock = clock::read(
        &evidence,
        &documents.stamps(),
        &documents.mentioned(),
        time.clone(),
    );
    let (bundle, incidents) = incident::assemble(evidence, documents, clock);
    Assembled {
        bundle,
        incidents,
        listed,
        lines,
        troubles,
    }
}

/// Concludes on every incident, side by side; most severe first.
pub fn conclude(bundle: &Bundle, incidents: Vec<Incident>) -> Vec<(Incident, Conclusion)> {
    let conclusions = run::each(&incidents, |incident| {
        diagnosis::conclude(&Case::new(bundle, incident))
    });
    diagnosis::together(bundle, incidents.into_iter().zip(conclusions).collect())
}

/// What was read and concluded.
struct Findings {
    bundle: Bundle,
    concluded: Vec<(Incident, Conclusion)>,
    listed: Vec<Listed>,
    lines: BTreeMap<u32, BTreeMap<u32, u32>>,
    troubles: Vec<Trouble>,
    chosen: Option<Chosen>,
    unclear: Option<String>,
}

fn find(request: &Request) -> Findings {
    let (leaves, mut troubles) = intake::discover(&request.paths, &request.limits);
    let Assembled {
        bundle,
        incidents,
        listed,
        lines,
        troubles: unread,
    } = assemble(&leaves, &request.limits, &request.time);
    troubles.extend(unread);
    let concluded = conclude(&bundle, incidents);
    let (chosen, unclear) = match request.filter.choose(&bundle, &request.time) {
        Ok(chosen) => (chosen, None),
        Err(why) => (None, Some(why)),
    };
    Findings {
        bundle,
        concluded,
        listed,
        lines,
        troubles,
        chosen,
        unclear,
    }
}

impl Findings {
    fn parts(&self) -> Parts<'_> {
        Parts {
            bundle: &self.bundle,
            concluded: &self.concluded,
            artifacts: &self.listed,
            lines: &self.lines,
            troubles: &self.troubles,
            chosen: self.chosen.as_ref(),
        }
    }
}
