//! `haproxy -v` and `haproxy -vv`: `HAProxy version 3.2.4 2025/08/13 - https://haproxy.org/`.

use crate::artifact::head::CERTAIN;
use crate::artifact::head::Head;
use crate::artifact::head::NO;
use crate::artifact::head::Score;
use crate::artifact::words::starts_with_any;

pub(super) fn looks_like(head: &Head<'_>) -> Score {
    if opens(head.first(), b"") {
        CERTAIN
    } else {
        NO
    }
}

pub(super) fn opens(line: &[u8], _: &[u8]) -> bool {
    starts_with_any(line, &["HAProxy version ", "HA-Proxy version "])
}
