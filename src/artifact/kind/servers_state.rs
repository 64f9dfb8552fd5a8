//! `show servers state`, or a server-state file.
//!
//! Shape: `1`, then `# be_id be_name srv_id srv_name srv_addr …`, then one line per server.

use crate::artifact::head::CERTAIN;
use crate::artifact::head::Head;
use crate::artifact::head::LIKELY;
use crate::artifact::head::NO;
use crate::artifact::head::Score;
use crate::artifact::words::all_digits;
use crate::artifact::words::words;

/// Columns up to `srv_agent_state`, which every version since 1.6 has.
const COLUMNS_MIN: usize = 15;

pub(super) fn looks_like(head: &Head<'_>) -> Score {
    if head.lines.iter().take(3).any(|line| is_header(line)) {
        return CERTAIN;
    }
    let rows = head.count(is_row);
    if rows > 0 && head.percent(rows) >= 50 {
        LIKELY
    } else {
        NO
    }
}

pub(super) fn opens(line: &[u8], next: &[u8]) -> bool {
    is_header(line) || line.trim_ascii() == b"1" && is_header(next)
}

fn is_header(line: &[u8]) -> bool {
    let line = line.trim_ascii();
    // one publisher lost the line break after the format version
    let line = line.strip_prefix(b"1").unwrap_or(line).trim_ascii_start();
    line.starts_with(b"# be_id be_name ")
}

fn is_row(line: &[u8]) -> bool {
    let row: Vec<&[u8]> = words(line).take(COLUMNS_MIN).collect();
    match row.as_slice() {
        [
            be_id,
            _,
            srv_id,
            _,
            _,
            op,
            admin,
            uweight,
            iweight,
            since,
            ..,
        ] => {
            row.len() == COLUMNS_MIN
                && [be_id, srv_id, op, admin, uweight, iweight, since]
                    .into_iter()
                    .all(|number| all_digits(number))
        }
        _ => false,
    }
}
