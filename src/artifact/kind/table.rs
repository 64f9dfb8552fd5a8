//! `show table`: `# table: st_app, type: ip, size:102400, used:2`, then the entries.

use crate::artifact::head::CERTAIN;
use crate::artifact::head::Head;
use crate::artifact::head::NO;
use crate::artifact::head::Score;

pub(super) fn looks_like(head: &Head<'_>) -> Score {
    if opens(head.first(), b"") {
        CERTAIN
    } else {
        NO
    }
}

pub(super) fn opens(line: &[u8], _: &[u8]) -> bool {
    line.starts_with(b"# table: ")
}
