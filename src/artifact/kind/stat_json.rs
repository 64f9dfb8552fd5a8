//! `show stat json`: an array of arrays of objects with `objType`.

use crate::artifact::head::Head;
use crate::artifact::head::NO;
use crate::artifact::head::SURE;
use crate::artifact::head::Score;
use crate::artifact::words::has;

pub(super) fn looks_like(head: &Head<'_>) -> Score {
    if head.first().trim_ascii_start().starts_with(b"[") && has(head.bytes, "\"objType\"") {
        SURE
    } else {
        NO
    }
}

pub(super) fn opens(line: &[u8], _: &[u8]) -> bool {
    line.starts_with(b"[[{\"objType\"")
}
