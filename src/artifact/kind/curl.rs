//! What curl printed: an answer with or without its head, its trace, or its error.

use crate::artifact::head::CERTAIN;
use crate::artifact::head::HINT;
use crate::artifact::head::Head;
use crate::artifact::head::NO;
use crate::artifact::head::SURE;
use crate::artifact::head::Score;
use crate::artifact::head::WEAK;
use crate::artifact::words::all_digits;
use crate::artifact::words::has_any;
use crate::artifact::words::starts_with_any;
use crate::artifact::words::words;

pub(super) fn looks_like(head: &Head<'_>) -> Score {
    let first = head.first();
    if is_status_line(first) || first.starts_with(b"curl: (") {
        CERTAIN
    } else if is_trace(first)
        || head
            .lines
            .iter()
            .take(8)
            .any(|line| line.starts_with(b"curl: ("))
    {
        SURE
    } else if is_page(first) {
        // an error file of HAProxy's looks like the answer made from it
        WEAK + 20
    } else if head.lines.is_empty() {
        NO
    } else {
        // a body may be anything: only the command tells
        HINT
    }
}

pub(super) fn opens(line: &[u8], _: &[u8]) -> bool {
    is_status_line(line) || line.starts_with(b"curl: (") || is_trace(line)
}

fn is_status_line(line: &[u8]) -> bool {
    let mut words = words(line);
    let version = words.next().unwrap_or_default();
    line.starts_with(b"HTTP/")
        && starts_with_any(version, &["HTTP/1.", "HTTP/2", "HTTP/3"])
        && words
            .next()
            .is_some_and(|code| code.len() == 3 && all_digits(code))
}

/// `curl -v` and the progress meter.
fn is_trace(line: &[u8]) -> bool {
    starts_with_any(
        line,
        &[
            "*   Trying ",
            "* Trying ",
            "* About to connect",
            "* Rebuilt URL",
            "* Host ",
            "* Connected to ",
            "* Could not resolve",
            "> GET ",
            "> HEAD ",
            "> POST ",
            "  % Total ",
        ],
    )
}

fn is_page(line: &[u8]) -> bool {
    let line = line.trim_ascii_start();
    starts_with_any(line, &["<html", "<!DOCTYPE", "<!doctype", "<HTML"])
        || has_any(line, &["<h1>503 Service Unavailable</h1>"])
}
