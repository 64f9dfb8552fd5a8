//! `show resolvers`: `Resolvers section mydns`, then counters per name server.

use crate::artifact::head::CERTAIN;
use crate::artifact::head::Head;
use crate::artifact::head::NO;
use crate::artifact::head::Score;

pub(super) fn looks_like(head: &Head<'_>) -> Score {
    if is_section(head.first()) {
        CERTAIN
    } else {
        NO
    }
}

pub(super) fn opens(line: &[u8], next: &[u8]) -> bool {
    is_section(line) && next.trim_ascii_start().starts_with(b"nameserver ")
}

fn is_section(line: &[u8]) -> bool {
    line.starts_with(b"Resolvers section ")
}
