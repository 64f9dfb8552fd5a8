//! `show sess`: `0x55…: proto=tcpv4 src=…`, or in full `0x55…: [date] id=0 proto=…`.

use crate::artifact::head::CERTAIN;
use crate::artifact::head::Head;
use crate::artifact::head::NO;
use crate::artifact::head::Score;
use crate::artifact::words::has;

pub(super) fn looks_like(head: &Head<'_>) -> Score {
    if opens(head.first(), b"") {
        CERTAIN
    } else {
        NO
    }
}

pub(super) fn opens(line: &[u8], _: &[u8]) -> bool {
    line.starts_with(b"0x") && (has(line, ": proto=") || has(line, ": [") && has(line, "] id="))
}
