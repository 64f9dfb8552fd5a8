//! Lines of user space daemons that kill before the kernel must: systemd-oomd, earlyoom.

use crate::event::host::HostEvent;
use crate::event::host::HostKind;
use crate::event::host::Line;
use crate::event::host::scan::base_name;
use crate::event::host::scan::between;
use crate::event::host::scan::event;
use crate::event::host::scan::first_word;

pub(super) fn claims(program: &[u8]) -> bool {
    matches!(program, b"systemd-oomd" | b"earlyoom")
}

/// `Killed /system.slice/app.service due to memory …`; `sending SIGTERM to process 1234 uid 1001 "java": badness 900, …`.
pub(super) fn decode(line: &Line<'_>) -> Option<HostEvent> {
    if let Some(path) = line.body.strip_prefix(b"Killed /") {
        return event(HostKind::OomKill, base_name(first_word(path)));
    }
    if line.body.starts_with(b"sending SIG") {
        return event(HostKind::OomKill, between(line.body, b"\"", b"\"")?);
    }
    None
}
