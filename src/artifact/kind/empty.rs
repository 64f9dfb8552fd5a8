//! Nothing, or nothing but blanks.

use crate::artifact::head::CERTAIN;
use crate::artifact::head::Head;
use crate::artifact::head::NO;
use crate::artifact::head::Score;

pub(super) fn looks_like(head: &Head<'_>) -> Score {
    if head.bytes.trim_ascii().is_empty() {
        CERTAIN
    } else {
        NO
    }
}
