//! `haproxy -c`: messages on standard error, and `Configuration file is valid` or `Fatal errors …`.

use crate::artifact::head::Head;
use crate::artifact::head::NO;
use crate::artifact::head::SURE;
use crate::artifact::head::Score;
use crate::artifact::words::has_any;
use crate::artifact::words::starts_with_any;

pub(super) fn looks_like(head: &Head<'_>) -> Score {
    let is_bare = head.lines.iter().all(|line| is_message(line));
    if !is_bare || !head.lines.iter().any(|line| is_verdict(line)) {
        return NO;
    }
    // a process that went on to run has more to say: then it is a log
    let ran = head.lines.iter().any(|line| {
        has_any(
            line,
            &[
                "New worker",
                "Server ",
                " started.",
                " forked",
                "Loading success",
                "has no server",
            ],
        )
    });
    if ran { NO } else { SURE + 1 }
}

pub(super) fn opens(line: &[u8], _: &[u8]) -> bool {
    line.starts_with(b"Configuration file is valid")
}

fn is_verdict(line: &[u8]) -> bool {
    has_any(
        line,
        &[
            "Configuration file is valid",
            "Fatal errors found in configuration",
            "Error(s) found in configuration file",
            "Warnings were found.",
            "Configuration file has no error",
        ],
    )
}

fn is_message(line: &[u8]) -> bool {
    starts_with_any(
        line,
        &[
            "[ALERT]",
            "[WARNING]",
            "[NOTICE]",
            "[DIAG]",
            "Configuration file ",
            "Warnings were found",
            "|",
            " ",
        ],
    )
}
