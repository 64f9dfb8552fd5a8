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
#[cfg(test)]
mod testing;

use crate::clock::Given;
use crate::intake::Limits;
use crate::intake::Trouble;
use crate::report::Report;
use crate::run::Gathered;
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
}

/// A report, and whether all that was asked could be done.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The report.
    pub report: Report,
    /// What could not be read; named in the report's warnings too.
    pub troubles: Vec<Trouble>,
}

/// The whole pipeline on one screen: paths in, report out.
pub fn investigate(request: &Request) -> Outcome {
    let (leaves, mut troubles) = intake::discover(&request.paths, &request.limits);
    let Gathered {
        artifacts,
        evidence,
        troubles: unread,
    } = run::gather(&leaves, &request.limits);
    troubles.extend(unread);
    let lines = evidence.lines();
    let (listed, raws) = report::build::shelve(artifacts, &evidence);
    let documents = document::read(raws);
    let clock = clock::read(&evidence, &documents.stamps(), request.time);
    let (bundle, incidents) = incident::assemble(evidence, documents, clock);
    let concluded = diagnosis::conclude_all(&bundle, incidents);
    let report = report::build::build(&report::build::Parts {
        bundle: &bundle,
        concluded: &concluded,
        artifacts: &listed,
        lines: &lines,
        troubles: &troubles,
    });
    Outcome { report, troubles }
}
