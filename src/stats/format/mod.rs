//! The formats of the tables, one file each, and the one list of them.

mod csv;
mod json;
mod text;

use crate::report::format::Style;
use crate::stats::Stats;

/// One format.
pub struct Format {
    /// Value of `--format`.
    pub name: &'static str,
    /// File endings that choose it, without the dot.
    pub endings: &'static [&'static str],
    /// One line for `--help`.
    pub about: &'static str,
    /// Prints the tables, ending with a line feed.
    pub render: fn(&Stats, &Style) -> String,
}

/// The list of formats; the first is the default.
pub const FORMATS: [Format; 3] = [
    Format {
        name: "text",
        endings: &["txt"],
        about: "for a terminal",
        render: text::render,
    },
    Format {
        name: "csv",
        endings: &["csv"],
        about: "for a spreadsheet: one block per table, no cell is a formula",
        render: csv::render,
    },
    Format {
        name: "json",
        endings: &["json"],
        about: "for programs: one object with everything",
        render: json::render,
    },
];
