//! One output of a session while its lines are collected: where it ends.

use crate::artifact::Kind;
use crate::artifact::command;
use crate::artifact::flow::Join;
use crate::artifact::flow::Strip;
use crate::artifact::log_line;
use crate::artifact::prompt::Prompt;
use crate::artifact::words::has;
use crate::artifact::words::has_any;
use crate::capture::CaptureKind;
use crate::dump::DumpKind;

/// One output while it is collected.
#[derive(Clone, Debug, Default)]
pub(super) struct Block<'a> {
    pub(super) prompt: Option<Strip<'a>>,
    /// The command with its wrapped lines.
    pub(super) command: Vec<u8>,
    /// What the command prints.
    pub(super) expected: Option<Kind>,
    /// What its first line opened.
    pub(super) opened: Option<Kind>,
    pub(super) strips: Vec<Strip<'a>>,
    /// It has a line that is not blank.
    pub(super) filled: bool,
    /// A quoted field of a CSV runs over the line's end.
    pub(super) in_quotes: bool,
}

impl<'a> Block<'a> {
    pub(super) fn typed(strip: &Strip<'a>, prompt: &Prompt<'a>) -> Self {
        let mut block = Block {
            prompt: Some(strip.clone()),
            command: prompt.command.to_vec(),
            ..Block::default()
        };
        if strip.is_piece {
            block.command.truncate(strip.bytes.len());
        }
        block.expected = command::expected(&block.command);
        block
    }

    /// The next line of a command that ended with a backslash.
    pub(super) fn type_more(&mut self, strip: &Strip<'a>) {
        if self.command.ends_with(b"\\") {
            self.command.pop();
        }
        self.command.extend_from_slice(strip.bytes.trim_ascii());
        self.expected = command::expected(&self.command);
    }

    /// A further output of the same command.
    pub(super) fn same_command(&self) -> Self {
        Block {
            prompt: self.prompt.clone(),
            command: self.command.clone(),
            expected: self.expected,
            ..Block::default()
        }
    }

    /// The line is no part of this output any more.
    pub(super) fn ends_before(&self, line: &[u8], opened: Option<Kind>, after_blank: bool) -> bool {
        if !self.filled {
            return false;
        }
        let current = self.opened.or(self.expected);
        let Some(opened) = opened else {
            // these end with a blank line; what follows is prose
            let elided = is_snipped(line)
                || self.opened == Some(Kind::Dump(DumpKind::Info)) && has(line, ": ");
            let quoted = self.in_quotes && self.opened == Some(Kind::Dump(DumpKind::StatCsv));
            return after_blank && !elided && !quoted && self.opened.is_some_and(ends_with_blank);
        };
        match current {
            None => true,
            // a log may quote anything
            Some(Kind::Log) => opened != Kind::Log && self.expected != Some(Kind::Log),
            Some(current) if current == opened => starts_again(current) && !self.is_version_line(),
            Some(Kind::Capture(CaptureKind::SystemctlStatus)) => true,
            Some(Kind::Capture(_) | Kind::Dump(DumpKind::Errors)) if opened == Kind::Log => {
                self.prompt.is_none() && log_line::syslog_start(line)
            }
            Some(_) => true,
        }
    }

    /// A paragraph of a flowed session that opens no output: it may talk of anything.
    pub(super) fn is_prose(&self) -> bool {
        let fresh = self
            .strips
            .first()
            .is_some_and(|strip| strip.join == Join::Fresh);
        fresh && self.opened.is_none()
    }

    /// All there is so far is the format version of `show servers state`.
    fn is_version_line(&self) -> bool {
        let mut filled = self
            .strips
            .iter()
            .filter(|strip| !strip.bytes.trim_ascii().is_empty());
        filled
            .next()
            .is_some_and(|strip| strip.bytes.trim_ascii() == b"1")
            && filled.next().is_none()
    }
}

/// The header of this dump, seen again, is the next dump.
fn starts_again(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Dump(
            DumpKind::ServersState
                | DumpKind::StatCsv
                | DumpKind::StatJson
                | DumpKind::Info
                | DumpKind::Backend
                | DumpKind::Errors
                | DumpKind::Proc
                | DumpKind::ServersConn
                | DumpKind::StatPage
        )
    )
}

fn ends_with_blank(kind: Kind) -> bool {
    starts_again(kind)
        && kind != Kind::Dump(DumpKind::Errors)
        && kind != Kind::Dump(DumpKind::StatPage)
}

/// `...` in place of lines.
fn is_dots(line: &[u8]) -> bool {
    line == "…".as_bytes() || line.len() >= 3 && line.iter().all(|b| *b == b'.')
}

/// Somebody left lines out and says so.
pub(super) fn is_snipped(line: &[u8]) -> bool {
    has_any(
        line,
        &["snipped", "[snip", "<snip", "[...]", "[…]", "(truncated)"],
    ) || is_dots(line.trim_ascii())
}
