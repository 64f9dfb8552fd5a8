//! Findings -> text. Decides nothing: everything it prints stands in the [`Report`].

pub mod build;
pub mod format;
mod model;

pub use model::{
    ArtifactLine, BrokenLine, CauseLine, ClockLine, EvidenceLine, FactorLine, FixLine, Impact,
    IncidentLine, MissingLine, PossibleLine, Recovery, Report, Route, RuledOutLine, ServerLine,
    TimelineLine, Tool, TransitionLine, TriggerLine, Window,
};
