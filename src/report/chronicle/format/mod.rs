//! The timeline's formats, one file each, and the one table that lists them.

mod csv;
mod jsonl;
mod text;
mod timesketch;

use crate::report::chronicle::Chronicle;
use crate::report::format::Style;

pub(crate) use csv::table as sheet;

/// One format.
pub struct Format {
    /// Value of `--format`.
    pub name: &'static str,
    /// File endings that choose it, without the dot. Of two formats with one ending the first is chosen, unless `--format`
    /// names the other.
    pub endings: &'static [&'static str],
    /// One line for `--help`.
    pub about: &'static str,
    /// Prints the timeline, ending with a line feed.
    pub render: fn(&Chronicle, &Style) -> String,
}

/// The table of formats; the first is the default.
pub const FORMATS: [Format; 4] = [
    Format {
        name: "text",
        endings: &["txt"],
        about: "for a terminal: one paragraph per event, day by day",
        render: text::render,
    },
    Format {
        name: "csv",
        endings: &["csv"],
        about: "for a spreadsheet: one row per event, no cell is a formula",
        render: csv::render,
    },
    Format {
        name: "jsonl",
        endings: &["jsonl", "ndjson"],
        about: "for programs: one JSON object per line",
        render: jsonl::render,
    },
    Format {
        name: "timesketch",
        endings: &["timesketch.csv", "csv"],
        about: "for Timesketch: CSV with message, datetime and timestamp_desc; events without a time are left out",
        render: timesketch::render,
    },
];

#[cfg(test)]
mod tests;
