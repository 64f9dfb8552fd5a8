//! Does one line look like a log line, in whatever carrier?

use crate::artifact::words::all_digits;
use crate::artifact::words::clock;
use crate::artifact::words::date;
use crate::artifact::words::first_word;
use crate::artifact::words::has;
use crate::artifact::words::has_any;
use crate::artifact::words::is_one_of;
use crate::artifact::words::starts_with_any;
use crate::artifact::words::visible;
use crate::artifact::words::words;
use crate::base::leading_decimal;
use crate::base::month_from_name;
use crate::base::signed;

/// Parts of HAProxy's own messages that are found in pasted fragments without any prefix (reference/messages.md).
const MESSAGES: [&str; 22] = [
    " has no server available",
    "Health check for server",
    "Layer4 connection problem",
    "Layer4 timeout",
    "Layer4 check passed",
    "Layer6 invalid response",
    "Layer6 timeout",
    "Layer6 check passed",
    "Layer7 invalid response",
    "Layer7 timeout",
    "Layer7 wrong status",
    "Layer7 check passed",
    "Layer7 check failed",
    "Layer7 check conditionally passed",
    "External check error",
    "External check timeout",
    "Connect from ",
    " changed its IP from ",
    "SSL handshake failure",
    " enters drain state",
    " enters maintenance",
    " is going DOWN for maintenance",
];

/// The line carries a stamp, a tag, a level or a record of some log carrier.
pub(super) fn carrier(line: &[u8]) -> bool {
    let line = visible(line);
    stamped(line)
        || journal_note(line)
        || json_record(line)
        || stderr(line)
        || tagged(line)
        || compose(line)
        || verbose_field(line)
}

/// The line is one of HAProxy's traffic lines, with or without a carrier.
pub(super) fn traffic(line: &[u8]) -> bool {
    // examples in the comments of a configuration
    if line.starts_with(b"#") {
        return false;
    }
    let mut previous_is_timers = false;
    let mut n_groups = 0;
    for word in words(line) {
        if accept_date(word) {
            return true;
        }
        if previous_is_timers && word.len() == 3 && all_digits(word) {
            return true;
        }
        let group = counters(word);
        n_groups += usize::from(group);
        previous_is_timers = group;
    }
    n_groups >= 2
}

/// The line holds a message of HAProxy's.
pub(super) fn message(line: &[u8]) -> bool {
    let change = has(line, "Server ") && has_any(line, &[" is DOWN", " is UP"]);
    let start = line.starts_with(b"Proxy ") && line.trim_ascii_end().ends_with(b" started.");
    !line.starts_with(b"#") && (change || start || has_any(line, &MESSAGES))
}

/// The line can only be a log line, also where outputs of other kinds stand around it.
pub(super) fn opens(line: &[u8]) -> bool {
    let line = visible(line);
    let dated = words(line).take(3).any(accept_date);
    stamped(line)
        || journal_note(line)
        || json_record(line)
        || stderr(line)
        || dated
        || is_tag(first_word(line))
}

/// `Jun 05 21:53:47 host prog[pid]:` at the start; the strictest form, for cutting lines that were run together.
pub(super) fn syslog_start(bytes: &[u8]) -> bool {
    let Some(rest) = bsd_stamp(bytes) else {
        return false;
    };
    let mut words = words(rest);
    let host = words.next().unwrap_or_default();
    let tag = words.next().unwrap_or_default();
    !host.is_empty() && tag.ends_with(b":") && tag.len() > 1
}

fn stamped(line: &[u8]) -> bool {
    let line = without_priority(line);
    if bsd_stamp(line).is_some() || iso(line) {
        return true;
    }
    let (word, rest) = split_word(line);
    let weekday =
        word.len() == 3 && is_one_of(word, &["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]);
    if weekday && iso(rest) || starts_with_clock(word) || epoch(word, rest) {
        return true;
    }
    match line {
        // `[2026-02-11T08:14:24`, `[06:54:29]`, and the kernel's `[   12.345678]`
        [b'[', inner @ ..] => iso(inner) || starts_with_clock(inner) || seconds_since_boot(inner),
        _ => false,
    }
}

/// `<134>` and RFC 5424's version after it are no part of the stamp.
fn without_priority(line: &[u8]) -> &[u8] {
    let Some([b'>', rest @ ..]) = line
        .strip_prefix(b"<")
        .and_then(leading_decimal)
        .map(|(_, rest)| rest)
    else {
        return line;
    };
    rest.strip_prefix(b"1 ").unwrap_or(rest)
}

/// What follows `Jun  5 21:53:47`; month names of other languages only need a host and a tag behind them.
fn bsd_stamp(line: &[u8]) -> Option<&[u8]> {
    let (month, rest) = split_word(line);
    let (day, rest) = split_word(rest);
    if !(all_digits(day) && day.len() <= 2) {
        return None;
    }
    let (year, after_year) = split_word(rest);
    let rest = if year.len() == 4 && all_digits(year) {
        after_year
    } else {
        rest
    };
    let (_, rest) = clock(rest)?;
    let foreign = month.len() <= 8 && month.iter().all(|b| b.is_ascii_alphabetic() || *b >= 0x80);
    let known = month_from_name(month).is_some();
    (known || foreign && words(rest).take(3).any(is_tag)).then_some(rest)
}

fn iso(line: &[u8]) -> bool {
    let Some((_, [b'T' | b' ' | b'_', rest @ ..])) = date(line) else {
        return false;
    };
    starts_with_clock(rest)
}

fn starts_with_clock(bytes: &[u8]) -> bool {
    clock(bytes).is_some_and(|(_, rest)| !rest.first().is_some_and(u8::is_ascii_alphanumeric))
}

/// `journalctl -o short-unix`: `1781991587.123456 host prog[1]: …`.
fn epoch(word: &[u8], rest: &[u8]) -> bool {
    let mut halves = word.split(|b| *b == b'.');
    let seconds = halves.next().unwrap_or_default();
    let fraction = halves.next().unwrap_or_default();
    seconds.len() == 10
        && all_digits(seconds)
        && all_digits(fraction)
        && words(rest).nth(1).is_some_and(is_tag)
}

fn seconds_since_boot(inner: &[u8]) -> bool {
    let Some((_, [b'.', rest @ ..])) = leading_decimal(inner.trim_ascii_start()) else {
        return false;
    };
    matches!(leading_decimal(rest), Some((_, [b']', ..])))
}

fn journal_note(line: &[u8]) -> bool {
    starts_with_any(
        line,
        &[
            "-- Logs begin",
            "-- Journal begins",
            "-- Boot ",
            "-- Reboot --",
            "-- No entries --",
            "__CURSOR=",
            "__REALTIME_TIMESTAMP=",
        ],
    )
}

/// One JSON object per line, whoever wrote it; `journalctl -o json-sse` and `json-seq` lead it with their own mark.
fn json_record(line: &[u8]) -> bool {
    let line = line
        .strip_prefix(b"data: ")
        .or_else(|| line.strip_prefix(b"\x1e"))
        .unwrap_or(line);
    let Some(inner) = line.strip_prefix(b"{") else {
        return false;
    };
    let named = has_any(
        inner,
        &[
            "\"MESSAGE\"",
            "\"__REALTIME_TIMESTAMP\"",
            "\"log\":",
            "\"message\"",
            "\"msg\"",
            "\"time",
            "\"ts\"",
            "\"@timestamp\"",
            "\"date\"",
        ],
    );
    inner.trim_ascii_start().starts_with(b"\"") && named
}

/// HAProxy's standard error: `[WARNING] 155/215347 (pid) : …`, `[ALERT]    (pid) : …`, and pasted without pid.
fn stderr(line: &[u8]) -> bool {
    starts_with_any(
        line,
        &["[WARNING]", "[ALERT]", "[NOTICE]", "[DIAG]", "[EMERG]"],
    )
}

/// One of the first words is a program with its pid, or a facility with a level.
fn tagged(line: &[u8]) -> bool {
    words(line).take(4).any(is_tag) || has(line, " haproxy[") || facility(first_word(line))
}

fn is_tag(word: &[u8]) -> bool {
    let inner = word.strip_suffix(b"]:").or_else(|| word.strip_suffix(b"]"));
    inner.is_some_and(|inner| {
        let mut halves = inner.rsplitn(2, |b| *b == b'[');
        let pid = halves.next().unwrap_or_default();
        all_digits(pid) && halves.next().is_some_and(|name| !name.is_empty())
    })
}

fn facility(word: &[u8]) -> bool {
    matches!(word.strip_prefix(b"local"), Some([b'0'..=b'7', b'.', ..]))
}

/// `docker-compose logs`: `haproxy_1  | …`.
fn compose(line: &[u8]) -> bool {
    let (name, rest) = split_word(line);
    let fits = name
        .iter()
        .all(|b| b.is_ascii_alphanumeric() || b"._-@/".contains(b));
    let named = name.iter().any(u8::is_ascii_alphabetic);
    fits && named && (rest == b"|" || rest.starts_with(b"| "))
}

/// `journalctl -o verbose`: an indented `_PID=1`.
fn verbose_field(line: &[u8]) -> bool {
    let mut halves = line.splitn(2, |b| *b == b'=');
    let name = halves.next().unwrap_or_default();
    halves.next().is_some()
        && name.len() > 3
        && name
            .iter()
            .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || *b == b'_')
        && (name.starts_with(b"_")
            || is_one_of(name, &["MESSAGE", "PRIORITY"])
            || name.starts_with(b"SYSLOG_"))
}

/// `[05/Jun/2026:21:53:47.987]`, the accept date of a traffic line.
fn accept_date(word: &[u8]) -> bool {
    let Some(inner) = word.strip_prefix(b"[") else {
        return false;
    };
    let mut parts = inner.splitn(3, |b| *b == b'/');
    let day = parts.next().unwrap_or_default();
    let month = parts.next().unwrap_or_default();
    all_digits(day)
        && month_from_name(month).is_some()
        && matches!(
            parts.next().and_then(leading_decimal),
            Some((_, [b':', ..]))
        )
}

/// `0/-1/-1/-1/+20`, as the timers and the connection counts are written.
fn counters(word: &[u8]) -> bool {
    let mut n_parts = 0;
    for part in word.split(|b| *b == b'/') {
        if signed(part.strip_prefix(b"+").unwrap_or(part)).is_none() {
            return false;
        }
        n_parts += 1;
    }
    (3..=5).contains(&n_parts)
}

/// The first word, and what follows it without the blanks between.
fn split_word(line: &[u8]) -> (&[u8], &[u8]) {
    let end = line
        .iter()
        .position(u8::is_ascii_whitespace)
        .unwrap_or(line.len());
    let (word, rest) = line.split_at_checked(end).unwrap_or((line, &[]));
    (word, rest.trim_ascii_start())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_carrier_is_seen() {
        for line in [
            "Jun 05 21:53:47 proxy01 haproxy[3141]: x",
            "<134>Jun  5 21:53:47 haproxy[3141]: x",
            "<134>1 2026-06-05T21:53:47.987Z proxy01 haproxy 3141 - - x",
            "2026-06-05T21:53:47+02:00 proxy01 haproxy[3141]: x",
            "2026-06-05 21:53:47.657 proxy01 x",
            "Fri 2026-06-05 21:53:47 CEST proxy01 haproxy[3141]: x",
            "1781991587.123456 proxy01 haproxy[3141]: x",
            "[   12.345678] proxy01 kernel: x",
            "-- Logs begin at Fri 2026-06-05 00:00:00 UTC, end at x --",
            "{\"log\":\"x\\n\",\"stream\":\"stdout\",\"time\":\"2026-06-05T21:53:47Z\"}",
            "data: { \"__CURSOR\" : \"s\", \"MESSAGE\" : \"x\" }",
            "[WARNING]  (8) : Server be_app/app1 is DOWN",
            "haproxy_1       | x",
            "2026-06-05T21:53:47.987654321Z stdout F x",
            "    _SYSTEMD_UNIT=haproxy.service",
            "ao\u{fb}t 19 11:08:37 proxy01 haproxy[1]: x",
        ] {
            assert!(carrier(line.as_bytes()), "{line}");
        }
    }

    #[test]
    fn words_settings_and_tables_are_no_log_lines() {
        for line in [
            "frontend fe_app",
            "    server app1 10.0.10.11:8080 check",
            "# be_id be_name srv_id",
            "4 be_app 1 app1 10.0.10.11 2 0 1 1 5 15 3 4 6 0 0 0 - 8080 - 0 0 - - 0",
            "HTTP/1.1 503 Service Unavailable",
            "www.example.com be_app",
        ] {
            assert!(
                !carrier(line.as_bytes()) && !traffic(line.as_bytes()) && !message(line.as_bytes()),
                "{line}"
            );
        }
    }

    #[test]
    fn traffic_lines_are_seen_without_their_prefix_and_without_their_date() {
        assert!(traffic(
            b"192.0.2.50:53260 [05/Jun/2026:21:53:47.987] fe_app be_app/<NOSRV> 0/-1/-1/-1/0 503"
        ));
        assert!(traffic(
            b"fe_app be_app/app1 0/0/-1/-1/+0 503 0 - - SC-- ..."
        ));
        assert!(!traffic(b"see /usr/share/doc or 1/2"));
    }
}
