//! Case -> verdicts: why, with the evidence for and against, and what would decide the rest.
//!
//! Grows in [`cause`], [`trigger`] and [`factor`]: one file per id of the catalogue. No file here sees an event or a raw byte.

mod advice;
mod attempt;
mod avoidable;
mod before;
mod case;
pub mod cause;
mod conclude;
mod confidence;
mod contradiction;
mod counting;
mod difference;
mod ended;
pub mod factor;
mod fingerprint;
mod fold;
mod intended;
mod leftover;
mod level;
mod pool;
mod probe;
mod reason;
mod reload;
mod remainder;
mod replay;
mod standing;
mod target;
pub mod trigger;
mod usable;

use crate::base::Cite;
use crate::base::Precision;

pub use advice::{Advice, host_of};
pub use avoidable::Avoidable;
pub use case::{Case, Loss};
pub use cause::Cause;
pub use conclude::{Conclusion, Judged, Possible, conclude, together};
pub use factor::Factor;
pub use fingerprint::{Fingerprint, fingerprint};
pub use fold::Also;
pub use remainder::{Kind, Replay, Rest};
pub use trigger::Trigger;

/// What one cause says of one incident.
#[derive(Clone, Debug)]
pub enum Verdict {
    /// It explains the incident, or a part of it.
    Found(Finding),
    /// It does not; with the evidence against it.
    RuledOut(Against),
    /// The artifacts do not say; with what would.
    CannotTell(Lack),
}

/// How a cause explains an incident.
#[derive(Clone, Debug)]
pub struct Finding {
    /// Share of the failures that it explains, 0 to 1.
    pub share: f64,
    /// What speaks for it and against it, most telling first.
    pub signs: Vec<Sign>,
    /// Servers that failed in this way, by name.
    pub servers: Vec<String>,
    /// A paragraph with this incident's names and numbers, for the reader.
    pub explanation: String,
}

/// One piece of evidence.
#[derive(Clone, Debug)]
pub struct Sign {
    /// How much it tells.
    pub weight: Weight,
    /// What it says, one sentence.
    pub text: String,
    /// The lines that show it.
    pub cites: Vec<Cite>,
}

/// How much a sign tells. The numbers behind it are in `confidence.rs` alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// Only this cause leaves it: HAProxy's own reason in a message, the flag of exactly this step.
    Decisive,
    /// This cause leaves it, and hardly another one.
    Strong,
    /// Fits, but others leave it too.
    Weak,
    /// Speaks against it.
    Contradicting,
}

/// Evidence against a cause.
#[derive(Clone, Debug)]
pub struct Against {
    /// One sentence.
    pub why: String,
    /// The lines that show it.
    pub cites: Vec<Cite>,
}

/// What is lacking.
#[derive(Clone, Debug)]
pub struct Lack {
    /// What speaks for the cause all the same; empty when nothing does.
    pub why: String,
    /// What would decide it.
    pub missing: Missing,
}

/// An artifact that would decide something.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Missing {
    /// What to capture.
    pub artifact: String,
    /// What it would decide.
    pub would_decide: String,
    /// The exact command.
    pub capture: String,
}

/// What set an incident off.
#[derive(Clone, Debug)]
pub struct TriggerFinding {
    /// When, UTC.
    pub at: Option<i64>,
    /// Digits of the source.
    pub precision: Precision,
    /// How closely the evidence ties it to the mechanism.
    pub tie: Tie,
    /// A sentence.
    pub explanation: String,
    /// The lines that show it.
    pub cites: Vec<Cite>,
}

/// How closely a trigger is tied to the mechanism. Of several triggers the closest tie wins, then the one nearest in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tie {
    /// The line names the failed server's host or service, or the command that made the change.
    Named,
    /// The kind of event leads to exactly this mechanism, on a host that fits.
    Kind,
    /// It is close in time, and no more is known.
    Time,
}

/// What made an incident worse, longer or likelier.
#[derive(Clone, Debug)]
pub struct FactorFinding {
    /// A sentence with numbers.
    pub explanation: String,
    /// The lines that show it.
    pub cites: Vec<Cite>,
    /// What would have avoided how many failures, one alternative each; empty: the artifacts do not tell.
    pub avoidable: Vec<Avoidable>,
}

impl FactorFinding {
    /// With what would have avoided failures, where that is known.
    fn avoiding(mut self, alternatives: impl IntoIterator<Item = Avoidable>) -> Self {
        self.avoidable.extend(alternatives);
        self
    }
}

impl Sign {
    /// A sign with its lines.
    pub fn new(weight: Weight, text: impl Into<String>, cites: Vec<Cite>) -> Self {
        Sign {
            weight,
            text: text.into(),
            cites,
        }
    }
}

impl Verdict {
    /// Ruled out, with the lines against it.
    pub fn against(why: impl Into<String>, cites: Vec<Cite>) -> Self {
        Verdict::RuledOut(Against {
            why: why.into(),
            cites,
        })
    }
}
