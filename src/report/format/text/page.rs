//! A page for a terminal: wrapped paragraphs, lines that stay whole, headings, and the few colours there are.

use crate::base::printable;
use crate::base::{columns, wrap};
use crate::report::format::Style;

/// Narrower terminals get lines of this width all the same: the times alone take 24 columns.
const COLUMNS_MIN: usize = 60;
/// Wider terminals get lines of this width: longer ones are hard to read.
const COLUMNS_MAX: usize = 100;

/// What a line is, and so how it is coloured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ink {
    Plain,
    /// Headings and names.
    Strong,
    /// Not over, damaged.
    Bad,
    /// Over.
    Good,
    /// To copy.
    Command,
    /// Somebody else's words.
    Quote,
}

/// The text so far.
pub(crate) struct Page {
    out: String,
    columns: usize,
    colour: bool,
}

impl Page {
    pub(crate) fn new(style: &Style) -> Self {
        Page {
            out: String::new(),
            columns: style.columns.clamp(COLUMNS_MIN, COLUMNS_MAX),
            colour: style.colour,
        }
    }

    /// The page's text, ending with one line feed.
    pub(crate) fn finish(self) -> String {
        self.out
    }

    /// An empty line, never two.
    pub(crate) fn blank(&mut self) {
        if !self.out.is_empty() && !self.out.ends_with("\n\n") {
            self.out.push('\n');
        }
    }

    /// A rule over the whole width that begins a block.
    pub(crate) fn rule(&mut self, title: &str) {
        self.blank();
        let title = printable(title.as_bytes());
        for line in wrap(&title, self.columns - 3, self.columns - 3) {
            let fill = self.columns.saturating_sub(columns(&line) + 4);
            self.push(&format!("== {line} {}", "=".repeat(fill)), Ink::Strong);
        }
    }

    /// A heading after an empty line.
    pub(crate) fn heading(&mut self, title: &str) {
        self.blank();
        self.wrapped("", 2, title, Ink::Strong);
    }

    /// `prefix` as it is, then `text`, wrapped; all lines but the first are indented by `hang`.
    pub(crate) fn wrapped(&mut self, prefix: &str, hang: usize, text: &str, ink: Ink) {
        let prefix = printable(prefix.as_bytes());
        // Line feeds of our own sentences are blanks; everything else is left to `printable`.
        let text = printable(text.replace('\n', " ").as_bytes());
        let rest = self.columns.saturating_sub(hang);
        let first = self.columns.saturating_sub(columns(&prefix));
        let mut lines = wrap(&text, first, rest).into_iter();
        let head = lines.next().unwrap_or_default();
        self.push(&format!("{prefix}{head}"), ink);
        for line in lines {
            self.push(&format!("{}{line}", " ".repeat(hang)), ink);
        }
    }

    /// A line that must stay whole: a command, a quote, a path. Line feeds in it begin a new line.
    pub(crate) fn whole(&mut self, prefix: &str, text: &str, ink: Ink) {
        for line in text.split('\n') {
            let line = format!("{prefix}{}", printable(line.as_bytes()));
            self.push(&line, ink);
        }
    }

    fn push(&mut self, line: &str, ink: Ink) {
        self.out.push_str(&paint(line.trim_end(), ink, self.colour));
        self.out.push('\n');
    }
}

fn paint(line: &str, ink: Ink, colour: bool) -> String {
    let code = match ink {
        Ink::Plain => "",
        Ink::Strong => "1",
        Ink::Bad => "1;31",
        Ink::Good => "1;32",
        Ink::Command => "36",
        Ink::Quote => "2",
    };
    if colour && !code.is_empty() && !line.is_empty() {
        format!("\x1b[{code}m{line}\x1b[0m")
    } else {
        line.to_owned()
    }
}
