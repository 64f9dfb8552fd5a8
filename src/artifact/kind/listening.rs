//! `ss`, `netstat` and `lsof`: a table of sockets.

use crate::artifact::head::Head;
use crate::artifact::head::LIKELY;
use crate::artifact::head::NO;
use crate::artifact::head::SURE;
use crate::artifact::head::Score;
use crate::artifact::words::first_word;
use crate::artifact::words::has;
use crate::artifact::words::is_one_of;
use crate::artifact::words::words;

pub(super) fn looks_like(head: &Head<'_>) -> Score {
    let rows = head.count(is_row);
    if opens(head.first(), b"") {
        SURE
    } else if rows > 0 && head.percent(rows) >= 50 {
        LIKELY
    } else {
        NO
    }
}

pub(super) fn opens(line: &[u8], _: &[u8]) -> bool {
    let table = is_one_of(first_word(line), &["State", "Netid", "Proto", "COMMAND"])
        && (has(line, "Recv-Q") || has(line, "SIZE/OFF"));
    table || line.starts_with(b"Active Internet connections")
}

fn is_row(line: &[u8]) -> bool {
    let listens = words(line).any(|word| {
        is_one_of(
            word,
            &[
                "LISTEN",
                "(LISTEN)",
                "LISTENING",
                "ESTAB",
                "ESTABLISHED",
                "UNCONN",
            ],
        )
    });
    listens && words(line).any(|word| word.contains(&b':'))
}
