//! The first bytes of an artifact, as the kinds look at them, and how sure they can be.

use crate::artifact::prompt;
use crate::artifact::prompt::Prompt;
use crate::base::Text;

/// How much of an artifact is looked at: enough for the longest preamble seen (boot messages before HAProxy's first line).
pub(super) const HEAD_BYTES_MAX: usize = 64 * 1024;
/// Lines looked at: a kind that does not show in so many lines does not show at all.
const HEAD_LINES_MAX: usize = 200;

/// How sure a kind is that an artifact is of it; the highest wins.
pub(super) type Score = u8;
/// The content speaks against it.
pub(super) const NO: Score = 0;
/// The content does not exclude it: only together with a telling file name.
pub(super) const HINT: Score = 10;
/// Some of it looks so; from here on no name is needed.
pub(super) const WEAK: Score = 30;
/// Most of it looks so.
pub(super) const LIKELY: Score = 60;
/// A line that nothing else writes.
pub(super) const SURE: Score = 85;
/// A header or magic number.
pub(super) const CERTAIN: Score = 100;

/// The first lines of an artifact or of one output in it.
pub(super) struct Head<'a> {
    /// The first 64 KiB.
    pub(super) bytes: &'a [u8],
    /// The first lines that are neither blank nor a prompt.
    pub(super) lines: Vec<&'a [u8]>,
    /// The prompts among them.
    pub(super) prompts: Vec<Prompt<'a>>,
}

impl<'a> Head<'a> {
    /// The head of an artifact; prompts are taken out of the lines.
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        let mut head = Head::of_output(bytes);
        let found = prompt::find(&head.lines);
        let is_prompt = |index: &usize| found.iter().any(|(at, _)| at == index);
        head.lines = head
            .lines
            .iter()
            .enumerate()
            .filter(|(index, _)| !is_prompt(index))
            .map(|(_, line)| *line)
            .collect();
        head.prompts = found.into_iter().map(|(_, prompt)| prompt).collect();
        head
    }

    /// The head of one output, in which nothing is a prompt.
    pub(super) fn of_output(bytes: &'a [u8]) -> Self {
        let cut = bytes.get(..HEAD_BYTES_MAX);
        let bytes = cut.unwrap_or(bytes);
        let mut lines: Vec<&[u8]> = Text::new(bytes)
            .lines()
            .map(|line| line.bytes)
            .filter(|line| !line.trim_ascii().is_empty())
            .take(HEAD_LINES_MAX)
            .collect();
        // the cut may have left half a line
        if cut.is_some() && lines.len() > 1 && lines.len() < HEAD_LINES_MAX {
            lines.pop();
        }
        Head {
            bytes,
            lines,
            prompts: Vec::new(),
        }
    }

    /// The first line that is neither blank nor a prompt; empty when there is none.
    pub(super) fn first(&self) -> &'a [u8] {
        self.lines.first().copied().unwrap_or_default()
    }

    /// How many lines pass the test.
    pub(super) fn count(&self, test: impl Fn(&[u8]) -> bool) -> usize {
        self.lines.iter().filter(|line| test(line)).count()
    }

    /// Percentage of `n` in the lines; 0 without lines.
    pub(super) fn percent(&self, n: usize) -> usize {
        (n * 100).checked_div(self.lines.len()).unwrap_or(0)
    }
}
