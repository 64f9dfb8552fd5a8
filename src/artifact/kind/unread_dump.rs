//! Outputs of the runtime socket that are known, and that no room reads: connections, tables, streams, error replies.
//!
//! They are named so that they end the dump before them and are not taken for something else.

use crate::artifact::head::Head;
use crate::artifact::head::NO;
use crate::artifact::head::SURE;
use crate::artifact::head::Score;
use crate::artifact::words::has;
use crate::artifact::words::starts_with_any;

/// First lines (reference/state-dumps.md, sections 1, 5 and 7).
const OPENERS: [&str; 11] = [
    "# bkname/svname ",
    "# table: ",
    "# socket lvl processes",
    "# id (file)",
    "Unknown command",
    "Permission denied",
    "Can't find backend.",
    "No such server.",
    "No such backend.",
    "No such proxy.",
    "Dumping pools usage.",
];

pub(super) fn looks_like(head: &Head<'_>) -> Score {
    let info_json = head.first().starts_with(b"[{\"field\":");
    if opens(head.first(), b"") || info_json {
        SURE
    } else {
        NO
    }
}

pub(super) fn opens(line: &[u8], _: &[u8]) -> bool {
    let stream = line.starts_with(b"0x") && has(line, ": proto=");
    stream || starts_with_any(line, &OPENERS)
}
