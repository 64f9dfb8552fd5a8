//! The report's formats, one file each, and the one table that lists them.

pub(in crate::report) mod json;
mod markdown;
mod schema;
pub(in crate::report) mod text;

pub(crate) use json::harmless;
pub use schema::schema;
pub use text::catalogue;
pub(crate) use text::page::{Ink, Page};

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
pub const FORMATS: [Format; 3] = [
    Format {
        name: "text",
        endings: &["txt"],
        about: "for a terminal: the answer first, then what it stands on",
        render: text::render,
    },
    Format {
        name: "json",
        endings: &["json"],
        about: "for programs and archives: one object, described by `nosrv schema`",
        render: json::render,
    },
    Format {
        name: "markdown",
        endings: &["md", "markdown"],
        about: "for a ticket: a post-mortem of at most 60,000 characters",
        render: markdown::render,
    },
];

#[cfg(test)]
mod tests;
