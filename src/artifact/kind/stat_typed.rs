//! `show stat typed`: `F.2.0.0.pxname.1:MGP:str:dummy`.

use crate::artifact::head::Head;
use crate::artifact::head::NO;
use crate::artifact::head::SURE;
use crate::artifact::head::Score;
use crate::artifact::words::all_digits;

pub(super) fn looks_like(head: &Head<'_>) -> Score {
    if head.percent(head.count(is_row)) >= 50 {
        SURE
    } else {
        NO
    }
}

pub(super) fn opens(line: &[u8], _: &[u8]) -> bool {
    is_row(line)
}

fn is_row(line: &[u8]) -> bool {
    let mut columns = line.trim_ascii_start().splitn(4, |b| *b == b':');
    let mut path = columns.next().unwrap_or_default().split(|b| *b == b'.');
    let object = path.next().unwrap_or_default();
    matches!(object, b"F" | b"B" | b"S" | b"L")
        && path.next().is_some_and(all_digits)
        && path.next().is_some_and(all_digits)
        && columns.count() == 3
}
