//! `dig`, `host`, `nslookup`.

use crate::artifact::head::CERTAIN;
use crate::artifact::head::Head;
use crate::artifact::head::NO;
use crate::artifact::head::SURE;
use crate::artifact::head::Score;
use crate::artifact::words::has_any;
use crate::artifact::words::starts_with_any;

pub(super) fn looks_like(head: &Head<'_>) -> Score {
    let nslookup = head.first().starts_with(b"Server:\t")
        && head
            .lines
            .get(1)
            .is_some_and(|line| line.starts_with(b"Address:"));
    if opens(head.first(), b"") {
        CERTAIN
    } else if nslookup
        || is_host(head.first())
        || head.lines.iter().any(|line| line.starts_with(b";; "))
    {
        SURE
    } else {
        NO
    }
}

pub(super) fn opens(line: &[u8], next: &[u8]) -> bool {
    let nslookup = line.starts_with(b"Server:\t") && next.starts_with(b"Address:");
    starts_with_any(
        line,
        &["; <<>> DiG ", ";; Got answer", ";; connection timed out"],
    ) || nslookup
}

fn is_host(line: &[u8]) -> bool {
    has_any(
        line,
        &[" has address ", " has IPv6 address ", " is an alias for "],
    ) || line.starts_with(b"Host ") && has_any(line, &[" not found: "])
}
