//! Lines of the log daemons that say what is not in the log, and the marks of journalctl between two boots.

use crate::base::decimal;
use crate::base::leading_decimal;
use crate::event::host::HostEvent;
use crate::event::host::HostKind;
use crate::event::host::Line;
use crate::event::host::scan::after;
use crate::event::host::scan::base_name;
use crate::event::host::scan::before;
use crate::event::host::scan::between;
use crate::event::host::scan::event;
use crate::event::host::scan::has;
use crate::event::host::scan::has_any;
use crate::event::host::scan::last_word;

pub(super) fn claims(program: &[u8]) -> bool {
    matches!(
        program,
        b"systemd-journald"
            | b"systemd-journal"
            | b"journal"
            | b"rsyslogd"
            | b"rsyslog"
            | b"syslog-ng"
            | b""
    )
}

pub(super) fn decode(line: &Line<'_>) -> Option<HostEvent> {
    match line.program {
        b"" => boot_mark(line.body),
        b"rsyslogd" | b"rsyslog" => rsyslog(line.body),
        b"syslog-ng" => has_any(line.body, SYSLOG_NG)
            .then(|| lost(line.body, b""))
            .flatten(),
        _ => journald(line.body),
    }
}

/// Signs of syslog-ng: `Message(s) dropped while sending message to destination; …`, `Number of messages are dropped …`.
const SYSLOG_NG: &[&[u8]] = &[
    b"dropping message",
    b"essage(s) dropped",
    b"messages dropped",
    b"Destination queue full",
];

/// Messages are missing; how many is the first number before ` message`, if the line has one.
fn lost(body: &[u8], subject: &[u8]) -> Option<HostEvent> {
    let count = before(body, b" message")
        .map(last_word)
        .and_then(decimal)
        .or_else(|| {
            after(body, b"dropped='")
                .and_then(leading_decimal)
                .map(|(n, _)| n)
        });
    event(HostKind::LogsSuppressed, subject).map(|event| HostEvent { count, ..event })
}

/// `-- Boot 3f1c… --` (246 on), `-- Reboot --`.
///
/// journalctl writes the mark wherever two neighbouring records are of different boots: in the merged journal of several
/// hosts that is at every change of host. The subject is the boot's id, so that a known one is told from a new one.
fn boot_mark(body: &[u8]) -> Option<HostEvent> {
    if body == b"-- Reboot --" {
        return event(HostKind::Booted, b"");
    }
    let id = body.strip_prefix(b"-- Boot ")?.strip_suffix(b" --")?;
    (!id.is_empty() && id.iter().all(u8::is_ascii_hexdigit))
        .then(|| event(HostKind::Booted, id))
        .flatten()
}

/// `Suppressed 123 messages from haproxy.service`, with a path of slices before 241.
fn journald(body: &[u8]) -> Option<HostEvent> {
    if body.starts_with(b"Suppressed ") {
        let unit = after(body, b" messages from ")?;
        return lost(body, base_name(unit));
    }
    if let Some(rest) = body.strip_prefix(b"Missed ")
        && has(rest, b" kernel messages")
    {
        let count = leading_decimal(rest).map(|(n, _)| n);
        return event(HostKind::LogsSuppressed, b"").map(|event| HostEvent { count, ..event });
    }
    if body.starts_with(b"Forwarding to syslog missed ") {
        return lost(body, b"");
    }
    // What was older is gone, whatever the header of the journal says.
    if body.starts_with(b"Vacuuming done, freed ") && !has(body, b"freed 0B ") {
        return event(HostKind::LogsSuppressed, b"vacuumed");
    }
    if let Some(file) = corrupted(body) {
        return event(HostKind::LogsSuppressed, base_name(file));
    }
    has(body, b"Time jumped backwards")
        .then(|| event(HostKind::TimeStep, b""))
        .flatten()
}

/// `/var/log/journal/x/system.journal: Journal file corrupted, rotating.`, `File … corrupted or uncleanly shut down, renaming …`.
///
/// What stood at the end of that file may be lost.
fn corrupted(body: &[u8]) -> Option<&[u8]> {
    before(body, b": Journal file corrupted, rotating")
        .or_else(|| between(body, b"File ", b" corrupted or uncleanly shut down"))
}

/// `imuxsock lost 85 messages from pid 3028 due to rate-limiting`, `imjournal: 20 messages lost due to rate-limiting (…)`.
///
/// `imuxsock begins to drop messages from pid 3028 due to rate-limiting` comes first, without a number.
fn rsyslog(body: &[u8]) -> Option<HostEvent> {
    const LOST: &[&[u8]] = &[
        b"due to rate-limiting",
        b"messages lost",
        b"message lost",
        b"queue is full",
        b"queue full",
        b"messages dropped",
        b"messages discarded",
    ];
    if !has_any(body, LOST) {
        return None;
    }
    let pid = after(body, b"from pid ")
        .and_then(|rest| before(rest, b" "))
        .or_else(|| between(body, b"[pid ", b"]"));
    match pid {
        Some(pid) => lost(body, &[b"pid ", pid].concat()),
        None => lost(body, b""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(program: &str, body: &str, subject: &str, count: Option<u64>) {
        let line = Line {
            program: program.as_bytes(),
            body: body.as_bytes(),
        };
        let event = decode(&line).expect("an event");
        assert_eq!(event.kind, HostKind::LogsSuppressed, "{body}");
        assert_eq!(
            (event.subject.as_str(), event.count),
            (subject, count),
            "{body}"
        );
    }

    #[test]
    fn holes_say_how_many_and_whose() {
        check(
            "systemd-journald",
            "Suppressed 123 messages from haproxy.service",
            "haproxy.service",
            Some(123),
        );
        check("systemd-journald", "Missed 7 kernel messages", "", Some(7));
        check(
            "systemd-journald",
            "Forwarding to syslog missed 12 messages.",
            "",
            Some(12),
        );
        check(
            "systemd-journald",
            "File /var/log/journal/1a/system.journal corrupted or uncleanly shut down, renaming and replacing.",
            "system.journal",
            None,
        );
        check(
            "systemd-journald",
            "/var/log/journal/1a/system.journal: Journal file corrupted, rotating.",
            "system.journal",
            None,
        );
        check(
            "rsyslogd",
            "imuxsock lost 85 messages from pid 3028 due to rate-limiting",
            "pid 3028",
            Some(85),
        );
        check(
            "rsyslogd",
            "imuxsock begins to drop messages from pid 3028 due to rate-limiting",
            "pid 3028",
            None,
        );
        check(
            "rsyslogd",
            "imjournal: 20 messages lost due to rate-limiting (20000 allowed within 600 seconds)",
            "",
            Some(20),
        );
        check(
            "syslog-ng",
            "Destination queue full, dropping message; queue_len='10000', persist_name='x'",
            "",
            None,
        );
    }

    #[test]
    fn a_journal_that_kept_everything_has_no_hole() {
        let line = Line {
            program: b"systemd-journald",
            body: b"Vacuuming done, freed 0B of archived journals from /var/log/journal.",
        };
        assert_eq!(decode(&line), None);
    }
}
