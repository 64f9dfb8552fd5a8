//! Lines about the log itself: journalctl's marks, repetitions that syslog daemons fold, messages that were not printed.
//!
//! Source: systemd `src/journal/journalctl.c`, `src/shared/logs-show.c`; rsyslog documentation, `$RepeatedMsgReduction`; RFC 3164
//! daemons of BSD.

use crate::base::Stamp;
use crate::base::leading_decimal;
use crate::carrier;
use crate::carrier::Record;

/// What a line says about the log that it stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Note {
    /// `-- Boot 3f1c… --`, `-- Reboot --`: the records before and behind it are of different boots.
    ///
    /// In the merged journal of several hosts it stands at every change of host.
    Boot,
    /// `-- Logs begin at A, end at B. --`, `-- Journal begins at …`: what the journal holds, not what was printed of it.
    Range(Option<(Stamp, Stamp)>),
    /// `-- No entries --`.
    NoEntries,
    /// `last message repeated N times`, `message repeated N times: [ MSG]`: so many lines like the one before were not written.
    ///
    /// HAProxy's traffic lines carry a port and a time, so what repeats is a copy (two `log` lines to one daemon), no request.
    Repeated(u64),
}

/// Reads a record that is about its log.
pub(super) fn read(record: &Record<'_>) -> Option<Note> {
    let body = record.body;
    match body.first()? {
        b'-' if record.ident.is_empty() => mark(body),
        b'l' | b'm' => repeated(body),
        _ => None,
    }
}

fn mark(body: &[u8]) -> Option<Note> {
    if let Some(inside) = body.strip_prefix(b"--- ") {
        return repeated(inside.strip_suffix(b" ---")?);
    }
    let inside = body.strip_prefix(b"-- ")?.strip_suffix(b" --")?;
    if inside == b"Reboot" || inside.starts_with(b"Boot ") {
        return Some(Note::Boot);
    }
    if inside == b"No entries" {
        return Some(Note::NoEntries);
    }
    let range = inside
        .strip_prefix(b"Logs begin at ")
        .or_else(|| inside.strip_prefix(b"Journal begins at "))?;
    Some(Note::Range(between(range)))
}

/// `Fri 2026-06-05 00:00:00 UTC, end at Fri 2026-06-05 22:00:00 UTC.`
fn between(range: &[u8]) -> Option<(Stamp, Stamp)> {
    let comma = memchr::memchr(b',', range)?;
    let (first, last) = (range.get(..comma)?, range.get(comma + 1..)?.trim_ascii());
    let last = last
        .strip_prefix(b"end at ")
        .or_else(|| last.strip_prefix(b"ends at "))?;
    let last = last.strip_suffix(b".").unwrap_or(last);
    Some((carrier::dated(first)?, carrier::dated(last)?))
}

/// `last message repeated 3 times`, `message repeated 3 times: [ …]`.
fn repeated(body: &[u8]) -> Option<Note> {
    let rest = body.strip_prefix(b"last ").unwrap_or(body);
    let (n, rest) = leading_decimal(rest.strip_prefix(b"message repeated ")?)?;
    rest.starts_with(b" time").then_some(Note::Repeated(n))
}

/// Why a record of HAProxy has no message; `None`: it has one.
pub(super) fn not_printed(record: &Record<'_>) -> Option<&'static str> {
    if !record.ident.starts_with(b"haproxy") {
        return None;
    }
    if record.structured && record.body == carrier::LEFT_OUT {
        return Some("journalctl left out a message over 4096 bytes; --all prints it");
    }
    let blob = record.body.first() == Some(&b'[') && record.body.ends_with(b"B blob data]");
    blob.then_some("journalctl left out a message that is not plain text; --all prints it")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(body: &str, note: Option<Note>) {
        let record = Record {
            body: body.as_bytes(),
            ..Record::default()
        };
        assert_eq!(read(&record), note, "{body}");
    }

    #[test]
    fn marks_and_repetitions() {
        check(
            "-- Boot 5d1f0a7bc3e94d6c8a2b47e0913c6f58 --",
            Some(Note::Boot),
        );
        check("-- Reboot --", Some(Note::Boot));
        check("-- No entries --", Some(Note::NoEntries));
        check("last message repeated 2 times", Some(Note::Repeated(2)));
        check(
            "--- last message repeated 1 time ---",
            Some(Note::Repeated(1)),
        );
        check("message repeated 12 times: [ x]", Some(Note::Repeated(12)));
        check("message from be_app", None);
        check("-- x --", None);
        check("last words", None);
    }

    #[test]
    fn the_journals_range_has_a_year_and_often_a_zone() {
        let range = |text: &str| {
            let record = Record {
                body: text.as_bytes(),
                ..Record::default()
            };
            match read(&record) {
                Some(Note::Range(Some((first, last)))) => format!("{first} {last}"),
                other => format!("{other:?}"),
            }
        };
        assert_eq!(
            range(
                "-- Logs begin at Fri 2026-06-05 00:00:00 CEST, end at Fri 2026-06-05 22:00:00 CEST. --"
            ),
            "2026-06-04T22:00:00Z 2026-06-05T20:00:00Z"
        );
        assert_eq!(
            range(
                "-- Journal begins at Fri 2026-06-05 00:00:00 UTC, ends at Fri 2026-06-05 22:00:00 UTC. --"
            ),
            "2026-06-05T00:00:00Z 2026-06-05T22:00:00Z"
        );
        assert_eq!(range("-- Logs begin at some day. --"), "Some(Range(None))");
    }

    #[test]
    fn messages_that_were_not_printed() {
        let record = |ident: &'static str, body: &'static str| Record {
            ident: ident.as_bytes(),
            body: body.as_bytes(),
            structured: true,
            ..Record::default()
        };
        assert!(not_printed(&record("haproxy", "null")).is_some());
        assert!(not_printed(&record("haproxy", "[185B blob data]")).is_some());
        assert!(not_printed(&record("app", "null")).is_none());
        assert!(not_printed(&record("haproxy", "[ALERT] x")).is_none());
    }
}
