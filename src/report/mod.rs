//! Findings -> text. Decides nothing: everything it prints stands in the [`Report`].

mod answer;
pub mod build;
pub mod format;
mod model;
#[cfg(test)]
mod sample;
mod words;

pub use model::{
    ArtifactLine, BrokenLine, CauseLine, ClockLine, EvidenceLine, FactorLine, FixLine, Impact,
    IncidentLine, MissingLine, PossibleLine, Recovery, Report, Route, RuledOutLine, ServerLine,
    TimelineLine, Tool, TransitionLine, TriggerLine, Window,
};
