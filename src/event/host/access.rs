//! Lines of SELinux, AppArmor and seccomp that say what was denied; the subject is the process.

use std::sync::LazyLock;

use crate::event::host::HostEvent;
use crate::event::host::HostKind;
use crate::event::host::Line;
use crate::event::host::phrase::Phrases;
use crate::event::host::scan::base_name;
use crate::event::host::scan::between;
use crate::event::host::scan::event;
use crate::event::host::scan::has;
use crate::event::host::scan::value;

pub(super) fn claims(program: &[u8]) -> bool {
    matches!(
        program,
        b"kernel"
            | b"audit"
            | b"auditd"
            | b"audispd"
            | b"setroubleshoot"
            | b"setroubleshootd"
            | b""
    )
}

/// `avc:  denied  { name_connect } for  pid=… comm="haproxy" …`, `apparmor="DENIED" operation="connect" … comm="…"`.
///
/// With `permissive=1` the policy only takes note and lets it pass.
pub(super) fn decode(line: &Line<'_>) -> Option<HostEvent> {
    let body = line.body;
    if line.program.starts_with(b"setroubleshoot") {
        return advice(body);
    }
    if !DENIALS.any(body) {
        return None;
    }
    let denied = has(body, b"avc:  denied") && !has(body, b"permissive=1")
        || has(body, b"apparmor=\"DENIED\"")
        || has(body, b"type=1326 ");
    if !denied {
        return None;
    }
    event(
        HostKind::AccessDenied,
        value(body, b" comm=").unwrap_or_default(),
    )
}

static DENIALS: LazyLock<Phrases> =
    LazyLock::new(|| Phrases::new([&b"avc:  denied"[..], b"apparmor=\"DENIED\"", b"type=1326 "]));

/// `SELinux is preventing /usr/sbin/haproxy from name_connect access on the tcp_socket port 8080. …`
fn advice(body: &[u8]) -> Option<HostEvent> {
    let program = between(body, b"SELinux is preventing ", b" from ")?;
    event(HostKind::AccessDenied, base_name(program))
}
