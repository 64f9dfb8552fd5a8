//! Lines about storage: of the kernel, and of any program that was told it is full or read-only.

use std::sync::LazyLock;

use crate::event::host::HostEvent;
use crate::event::host::HostKind;
use crate::event::host::Line;
use crate::event::host::kernel::without_stamp;
use crate::event::host::phrase::Phrases;
use crate::event::host::scan::after;
use crate::event::host::scan::before;
use crate::event::host::scan::between;
use crate::event::host::scan::event;
use crate::event::host::scan::has;
use crate::event::host::scan::value;

/// errno texts that any program may repeat.
const ERRORS: [(&[u8], HostKind); 3] = [
    (b"No space left on device", HostKind::DiskFull),
    (b"isk quota exceeded", HostKind::DiskFull),
    (b"Read-only file system", HostKind::DiskFailed),
];

static ERRNO: LazyLock<Phrases> = LazyLock::new(|| Phrases::new(ERRORS.map(|(text, _)| text)));

/// What the kernel's own lines hold.
static KERNEL: LazyLock<Phrases> = LazyLock::new(|| {
    Phrases::new([
        &b"I/O error"[..],
        b"EXT4-fs error (device ",
        b"emounting filesystem read-only",
        b"Filesystem has been shut down",
        b"nfs: server ",
    ])
});

pub(super) fn decode(line: &Line<'_>) -> Option<HostEvent> {
    let told = match line.program {
        b"kernel" if KERNEL.any(line.body) => kernel(without_stamp(line.body).0),
        b"multipathd" => multipath(line.body),
        _ => None,
    };
    told.or_else(|| errno(line))
}

fn errno(line: &Line<'_>) -> Option<HostEvent> {
    let (_, kind) = ERRORS.get(ERRNO.best(line.body)?)?;
    event(*kind, line.program)
}

/// `blk_update_request: I/O error, dev sda, sector …`, `EXT4-fs (sda1): Remounting filesystem read-only`, `nfs: server … not responding`.
fn kernel(body: &[u8]) -> Option<HostEvent> {
    if has(body, b"I/O error") {
        let device = value(body, b", dev ")
            .or_else(|| value(body, b"on dev "))
            .or_else(|| between(body, b"(", b")"));
        return event(HostKind::DiskFailed, device.unwrap_or_default());
    }
    if body.starts_with(b"EXT4-fs error (device ") {
        return event(HostKind::DiskFailed, between(body, b"(device ", b")")?);
    }
    if has(body, b"emounting filesystem read-only") || has(body, b"Filesystem has been shut down") {
        return event(
            HostKind::DiskFailed,
            between(body, b"(", b")").unwrap_or_default(),
        );
    }
    let server = after(body, b"nfs: server ").and_then(|rest| before(rest, b" not responding"))?;
    event(HostKind::DiskFailed, server)
}

/// `mpatha: remaining active paths: 0`.
fn multipath(body: &[u8]) -> Option<HostEvent> {
    let map = before(body, b": remaining active paths: 0").filter(|_| body.ends_with(b": 0"))?;
    event(HostKind::DiskFailed, map)
}
