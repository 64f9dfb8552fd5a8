//! `systemctl status`: `● haproxy.service - …`, `Loaded:`, `Active:`; the last lines of the unit's journal may follow.

use crate::artifact::head::Head;
use crate::artifact::head::LIKELY;
use crate::artifact::head::NO;
use crate::artifact::head::SURE;
use crate::artifact::head::Score;
use crate::artifact::words::has_any;
use crate::artifact::words::starts_with_any;

/// Labels of the block, for captures whose first lines are missing.
const LABELS: [&str; 12] = [
    "Loaded: ",
    "Active: ",
    "Main PID: ",
    "Tasks: ",
    "Memory: ",
    "CPU: ",
    "CGroup: ",
    "Process: ",
    "Docs: ",
    "Status: \"",
    "Drop-In: ",
    "Invocation: ",
];

pub(super) fn looks_like(head: &Head<'_>) -> Score {
    let labels = head
        .lines
        .iter()
        .take(20)
        .filter(|line| is_label(line))
        .count();
    if opens(head.first(), b"") && labels > 0 {
        SURE
    } else if labels >= 2 || is_process_tree(head.first()) {
        LIKELY
    } else {
        NO
    }
}

pub(super) fn opens(line: &[u8], _: &[u8]) -> bool {
    let bullet = starts_with_any(line, &["● ", "○ ", "× ", "* ", "\u{21bb} "]);
    bullet
        && has_any(
            line,
            &[
                ".service - ",
                ".service\n",
                ".socket - ",
                ".target - ",
                ".timer - ",
            ],
        )
}

fn is_label(line: &[u8]) -> bool {
    line.starts_with(b" ") && starts_with_any(line.trim_ascii_start(), &LABELS)
}

fn is_process_tree(line: &[u8]) -> bool {
    starts_with_any(line.trim_ascii_start(), &["├─", "└─"])
}
