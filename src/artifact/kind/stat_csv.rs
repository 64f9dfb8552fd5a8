//! `show stat`, or the stats page's CSV; with or without its header.
//!
//! Shape: `# pxname,svname,qcur,…`, then one line per proxy, server and listener.

use crate::artifact::head::CERTAIN;
use crate::artifact::head::Head;
use crate::artifact::head::LIKELY;
use crate::artifact::head::NO;
use crate::artifact::head::SURE;
use crate::artifact::head::Score;
use crate::artifact::words::has;
use crate::artifact::words::is_one_of;
use crate::artifact::words::starts_with_any;

/// First words of `status` (management guide 3.2, "Statistics and monitoring": the CSV format).
const STATES: [&str; 9] = [
    "UP", "DOWN", "OPEN", "MAINT", "DRAIN", "NOLB", "STOP", "FULL", "PAUSED",
];

pub(super) fn looks_like(head: &Head<'_>) -> Score {
    // pasted from a debugger or a document, the header may not stand at the start of its line
    if head
        .lines
        .iter()
        .take(3)
        .any(|line| has(line, "# pxname,svname"))
    {
        return CERTAIN;
    }
    if opens(head.first(), b"") {
        return CERTAIN;
    }
    let rows = head.count(is_row);
    match head.percent(rows) {
        80.. => SURE,
        50.. => LIKELY,
        _ => NO,
    }
}

pub(super) fn opens(line: &[u8], _: &[u8]) -> bool {
    starts_with_any(
        line.trim_ascii_start(),
        &["# pxname,", "pxname,svname,", "#pxname,"],
    )
}

fn is_row(line: &[u8]) -> bool {
    let line = line.trim_ascii();
    let mut fields = line.split(|b| *b == b',');
    let (Some(proxy), Some(name)) = (fields.next(), fields.next()) else {
        return false;
    };
    let plain = !proxy.is_empty() && !proxy.contains(&b' ') && !name.contains(&b' ');
    let aggregate = is_one_of(name, &["FRONTEND", "BACKEND"]);
    let mut n_more = 0;
    let mut state = false;
    for field in fields {
        n_more += 1;
        let word = field.split(|b| *b == b' ').next().unwrap_or_default();
        state |= is_one_of(word, &STATES) || field == b"no check";
    }
    plain && n_more >= 1 && (aggregate || state)
}
