//! The triggers, one file per id of the catalogue, and the one table that lists them.

use crate::diagnosis::Case;
use crate::diagnosis::TriggerFinding;

/// An event just before an incident that set it off.
#[derive(Debug)]
pub struct Trigger {
    /// Stable id; the file is named after it.
    pub id: &'static str,
    /// A few words.
    pub title: &'static str,
    /// What it does, and which evidence it needs.
    pub why: &'static str,
    /// Looks for it; the second argument is the id of the cause that was concluded.
    pub find: fn(&Case<'_>, &str) -> Option<TriggerFinding>,
}

/// The table, in the order of the catalogue.
pub const TRIGGERS: &[Trigger] = &[];
