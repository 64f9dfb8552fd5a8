//! The report's formats, one file each, and the one table that lists them.

use crate::report::Report;

/// One format.
pub struct Format {
    /// Value of `--format`.
    pub name: &'static str,
    /// File endings that choose it, without the dot.
    pub endings: &'static [&'static str],
    /// One line for `--help`.
    pub about: &'static str,
    /// Prints the report, ending with a line feed.
    pub render: fn(&Report, &Style) -> String,
}

/// What a format may know about where its text goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// Columns of the terminal; texts that go elsewhere are laid out for 80.
    pub columns: usize,
    /// Colours are wanted.
    pub colour: bool,
}

impl Default for Style {
    fn default() -> Self {
        Style {
            columns: 80,
            colour: false,
        }
    }
}

/// The table of formats; the first is the default.
pub const FORMATS: [Format; 0] = [];
