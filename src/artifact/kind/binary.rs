//! Not text: bytes that no text of any encoding on a Unix host has.

use crate::artifact::head::Head;
use crate::artifact::head::NO;
use crate::artifact::head::SURE;
use crate::artifact::head::Score;

/// Share of control bytes from which text is out of the question; terminal recordings have a few.
const CONTROL_PERCENT_MIN: usize = 10;

pub(super) fn looks_like(head: &Head<'_>) -> Score {
    let control = head
        .bytes
        .iter()
        .filter(|b| b.is_ascii_control() && !b"\t\n\r\x0c\x1b\x1e".contains(b))
        .count();
    let share = (control * 100).checked_div(head.bytes.len()).unwrap_or(0);
    if head.bytes.contains(&0) || share >= CONTROL_PERCENT_MIN {
        SURE
    } else {
        NO
    }
}
