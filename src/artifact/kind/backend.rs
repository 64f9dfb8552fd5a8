//! `show backend`: `# name`, then one name per line.

use crate::artifact::head::Head;
use crate::artifact::head::NO;
use crate::artifact::head::SURE;
use crate::artifact::head::Score;
use crate::artifact::words::words;

pub(super) fn looks_like(head: &Head<'_>) -> Score {
    let names = head.count(|line| words(line).count() == 1);
    if is_header(head.first()) && names + 1 == head.lines.len() {
        SURE
    } else {
        NO
    }
}

pub(super) fn opens(line: &[u8], next: &[u8]) -> bool {
    is_header(line) && words(next).count() <= 1
}

fn is_header(line: &[u8]) -> bool {
    line.trim_ascii() == b"# name"
}
