//! `show servers conn`: `# bkname/svname bkid/svid addr port …`, then one line per server.

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
    line.starts_with(b"# bkname/svname ")
}
