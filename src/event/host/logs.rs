//! Lines of the log daemons that say what is not in the log, and the marks of journalctl between two boots.

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
        b"syslog-ng" => has_any(line.body, &[b"dropping message", b"Message(s) dropped"])
            .then(|| event(HostKind::LogsSuppressed, b""))
            .flatten(),
        _ => journald(line.body),
    }
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
        return event(HostKind::LogsSuppressed, base_name(unit));
    }
    let lost = body.starts_with(b"Missed ") && has(body, b" kernel messages")
        || body.starts_with(b"Forwarding to syslog missed ");
    if lost {
        return event(HostKind::LogsSuppressed, b"");
    }
    has(body, b"Time jumped backwards")
        .then(|| event(HostKind::TimeStep, b""))
        .flatten()
}

/// `imuxsock lost 85 messages from pid 3028 due to rate-limiting`, `imjournal: 20 messages lost due to rate-limiting (…)`.
fn rsyslog(body: &[u8]) -> Option<HostEvent> {
    const LOST: &[&[u8]] = &[
        b"due to rate-limiting",
        b"messages lost",
        b"message lost",
        b"queue is full",
        b"queue full",
    ];
    if !has_any(body, LOST) {
        return None;
    }
    let pid = after(body, b"from pid ")
        .and_then(|rest| before(rest, b" "))
        .or_else(|| between(body, b"[pid ", b"]"));
    match pid {
        Some(pid) => event(HostKind::LogsSuppressed, &[b"pid ", pid].concat()),
        None => event(HostKind::LogsSuppressed, b""),
    }
}
