//! Findings -> text. Decides nothing: everything it prints stands in the [`Report`].

mod answer;
pub mod build;
pub mod chronicle;
mod closest;
mod estimate;
pub mod filter;
pub mod format;
mod model;
#[cfg(test)]
mod sample;
mod scope;
mod words;

pub use closest::closest;
pub use estimate::{AvoidableLine, ReplayLine, RestLine};
pub use model::{
    AlsoLine, ArtifactLine, BrokenLine, CauseLine, ClockLine, CoverageLine, EvidenceLine,
    FactorLine, FilterLine, FingerprintLine, FixLine, HoleLine, Impact, IncidentLine, LookedAt,
    MissingLine, PossibleLine, Recovery, Report, Route, RuledOutLine, ServerLine, SimilarLine,
    SuppressedLine, TimelineLine, Tool, TransitionLine, TriggerLine, Window,
};
