//! The forms of `nosrv check`'s answer, one file each.

mod json;
mod sarif;
mod text;

pub use text::{entry, list};

use crate::lint::Finding;

/// One form.
pub struct Format {
    /// Value of `--format`.
    pub name: &'static str,
    /// One line for `--help`.
    pub about: &'static str,
    /// Prints the findings for lines of that many columns, ending with a line feed.
    pub render: fn(&[Finding], usize) -> String,
}

/// The table of forms; the first is the default.
pub const FORMATS: [Format; 3] = [
    Format {
        name: "text",
        about: "for people: each finding with its line",
        render: text::render,
    },
    Format {
        name: "json",
        about: "for programs: one object",
        render: json::render,
    },
    Format {
        name: "sarif",
        about: "for code scanning: SARIF 2.1.0",
        render: sarif::render,
    },
];

#[cfg(test)]
mod tests;
