//! Archived incidents: does each of them still get its diagnosis, and which of them does a new one look like.
//!
//! An expectation is `expect.json` beside `bundle/`, or `NAME.expect.json` beside `NAME.tar.gz`. It holds any subset of what
//! [`KEYS`] and [`INCIDENT_KEYS`] name; what it does not hold is not compared.

mod bless;
mod compare;
mod expectation;
pub mod format;
mod similar;
mod value;

use crate::report::Report;
use serde_json::Value;

pub use bless::blessed;
pub use compare::differences;
pub use expectation::{Expectation, INCIDENT_KEYS, KEYS};
pub use similar::rank;

/// One thing that the report says otherwise than expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Backend of the incident; empty: the report as a whole.
    pub backend: String,
    /// Key of the expectation.
    pub what: String,
    /// As JSON, or in words.
    pub expected: String,
    /// As JSON, or in words.
    pub got: String,
    /// Lines that the conclusion stands on now and did not, led by `+`, and those that it stood on, led by `-`.
    pub evidence: Vec<String>,
}

/// One archived incident after its analysis.
#[derive(Clone, Debug)]
pub struct Checked {
    /// Path below the folder that was asked for.
    pub name: String,
    /// How it went.
    pub state: State,
}

/// How the check of one archived incident went.
#[derive(Clone, Debug)]
pub enum State {
    /// As expected.
    Same,
    /// Not as expected.
    Changed(Vec<Difference>),
    /// Not compared: the expectation or the bundle cannot be read, and why.
    Failed(String),
    /// A new expectation was written.
    Blessed,
}

/// Compares a report with the text of an expectation.
pub fn check(report: &Report, expectation: &[u8]) -> State {
    match Expectation::read(expectation) {
        Err(why) => State::Failed(why),
        Ok(expected) => {
            let all = differences(&as_value(report), &expected.value);
            if all.is_empty() {
                State::Same
            } else {
                State::Changed(all)
            }
        }
    }
}

/// The report as its readers see it.
pub fn as_value(report: &Report) -> Value {
    serde_json::to_value(report).unwrap_or_default()
}
