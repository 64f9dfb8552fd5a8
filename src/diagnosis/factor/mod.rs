//! The factors, one file per id of the catalogue, and the one table that lists them.

use crate::diagnosis::Case;
use crate::diagnosis::FactorFinding;

/// What makes an incident worse, longer or likelier.
#[derive(Debug)]
pub struct Factor {
    /// Stable id; the file is named after it.
    pub id: &'static str,
    /// A few words.
    pub title: &'static str,
    /// What it does, and how to remove it.
    pub why: &'static str,
    /// Looks for it; the second argument is the id of the cause that was concluded.
    pub find: fn(&Case<'_>, &str) -> Option<FactorFinding>,
}

/// The table, in the order of the catalogue.
pub const FACTORS: &[Factor] = &[];
