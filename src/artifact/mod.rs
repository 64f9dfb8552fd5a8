//! First bytes -> what it is; a pasted session -> its parts.

use crate::base::Stamp;
use crate::base::Text;
use crate::capture::CaptureKind;
use crate::dump::DumpKind;

/// What an artifact is, decided by content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Nothing in it.
    Empty,
    /// Log lines in any carrier; which one is `carrier`'s business.
    Log,
    /// haproxy.cfg.
    Config,
    /// A map or ACL file.
    Map,
    /// An output of the runtime socket.
    Dump(DumpKind),
    /// An output of another program.
    Capture(CaptureKind),
    /// Several prompts, commands and outputs in one file.
    Transcript,
    /// Text of no known kind.
    UnknownText,
    /// Not text, and no container that is read.
    Binary,
}

/// One part of a transcript, or a whole artifact.
#[derive(Clone, Debug)]
pub struct Part<'a> {
    /// What it is.
    pub kind: Kind,
    /// The command that the prompt shows; empty when there is none.
    pub command: String,
    /// Host of the prompt; empty when it shows none.
    pub host: String,
    /// Time that the prompt shows; a prompt with a clock but no date gives a stamp on day 1970-01-01, `Zone::Local`.
    pub at: Option<Stamp>,
    /// Its bytes.
    pub text: Text<'a>,
    /// Lines of this part were wrapped or snipped, as the text itself shows.
    pub damaged: bool,
}

/// Recognizes an artifact by its first bytes (up to 64 KiB); the name is only a hint where content is silent.
pub fn recognize(head: &[u8], name: &str) -> Kind {
    let _ = (head, name);
    Kind::UnknownText
}

/// Splits an artifact that is no log into its parts: one for most kinds, several for a transcript or for dumps in a row.
///
/// Every byte belongs to exactly one part or to a prompt line.
pub fn split<'a>(kind: Kind, text: Text<'a>) -> Vec<Part<'a>> {
    vec![Part {
        kind,
        command: String::new(),
        host: String::new(),
        at: None,
        text,
        damaged: false,
    }]
}

/// Time that a file name carries: `show-stat.20260211T081424Z.csv`, `haproxy-2026-02-11_08-14-24.log`; `None` when none.
pub fn stamp_in_name(name: &str) -> Option<Stamp> {
    let _ = name;
    None
}
