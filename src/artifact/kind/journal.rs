//! A native systemd journal file.

use crate::artifact::head::CERTAIN;
use crate::artifact::head::Head;
use crate::artifact::head::NO;
use crate::artifact::head::Score;

pub(super) fn looks_like(head: &Head<'_>) -> Score {
    // the signature of the file header, systemd's "Journal File Format"
    if head.bytes.starts_with(b"LPKSHHRH") {
        CERTAIN
    } else {
        NO
    }
}
