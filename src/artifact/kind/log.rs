//! Log lines in any carrier, of any program.
//!
//! Known gap: raw lines of a declared `log-format` without accept date and counters are only known by the file's name.

use crate::artifact::head::CERTAIN;
use crate::artifact::head::HINT;
use crate::artifact::head::Head;
use crate::artifact::head::LIKELY;
use crate::artifact::head::NO;
use crate::artifact::head::SURE;
use crate::artifact::head::Score;
use crate::artifact::head::WEAK;
use crate::artifact::log_line;
use crate::artifact::words::has;
use crate::artifact::words::has_any;

/// Lines of a preamble (`Attaching to …`, headers) that may precede the first record.
const PREAMBLE_LINES: usize = 5;

pub(super) fn looks_like(head: &Head<'_>) -> Score {
    if head.lines.is_empty() {
        return NO;
    }
    if is_journal_record(head) {
        return CERTAIN;
    }
    let records = head.count(|line| log_line::carrier(line) || log_line::traffic(line));
    match head.percent(records) {
        60.. => return SURE,
        25.. => return LIKELY + 10,
        _ => {}
    }
    let messages = head.count(log_line::message);
    match (head.percent(records), head.percent(messages)) {
        (_, 50..) => LIKELY,
        // other programs print much around it, for example `docker compose up`
        (_, 15..) if messages > 0 => WEAK + 5,
        (1.., _) if records >= 3 => WEAK + 10,
        // times, addresses, codes: no log without digits
        _ if head.percent(head.count(has_digit)) >= 50 => HINT,
        _ => NO,
    }
}

pub(super) fn opens(line: &[u8], _: &[u8]) -> bool {
    log_line::opens(line)
}

/// `journalctl -o export`, which may hold binary fields, and the JSON forms, which may be one record over many lines.
fn is_journal_record(head: &Head<'_>) -> bool {
    let starts = |start: &[u8]| {
        head.lines
            .iter()
            .take(PREAMBLE_LINES)
            .any(|line| line.starts_with(start))
    };
    let json = head.first().trim_ascii_start().starts_with(b"{")
        && has_any(head.bytes, &["\"__REALTIME_TIMESTAMP\"", "\"__CURSOR\""]);
    starts(b"__CURSOR=") || starts(b"__REALTIME_TIMESTAMP=") || json && has(head.bytes, ":")
}

fn has_digit(line: &[u8]) -> bool {
    line.iter().any(u8::is_ascii_digit)
}
