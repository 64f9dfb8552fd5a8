//! Lines of the kernel: killed and crashed processes, links, full tables, SYN floods, stalls, boot.
//!
//! The process that `invoked oom-killer` is the one that asked for memory, not the one that was killed: no subject.

use std::sync::LazyLock;

use crate::event::host::HostEvent;
use crate::event::host::HostKind;
use crate::event::host::Line;
use crate::event::host::network::is_virtual;
use crate::event::host::phrase::Phrases;
use crate::event::host::scan::after;
use crate::event::host::scan::base_name;
use crate::event::host::scan::before;
use crate::event::host::scan::between;
use crate::event::host::scan::event;
use crate::event::host::scan::first_word;
use crate::event::host::scan::has;
use crate::event::host::scan::has_any;
use crate::event::host::scan::last_word;
use crate::event::host::scan::split;
use crate::event::host::scan::starts_with_any;
use crate::event::host::scan::value;
use crate::event::host::scan::words;

/// `kernel`, and `dmesg` output, which has no identifier.
pub(super) fn claims(program: &[u8]) -> bool {
    matches!(program, b"kernel" | b"")
}

pub(super) fn decode(line: &Line<'_>) -> Option<HostEvent> {
    let (body, stamped) = without_stamp(line.body);
    if line.program.is_empty() && !stamped && !unmistakable(body) {
        return None;
    }
    if !NEWS.any(body) || is_noise(body) {
        return None;
    }
    memory(body)
        .or_else(|| crash(body))
        .or_else(|| overload(body))
        .or_else(|| link(body))
        .or_else(|| host(body))
}

/// Something that each line of this file holds.
static NEWS: LazyLock<Phrases> = LazyLock::new(|| {
    Phrases::new([
        &b"oom-kill"[..],
        b"Killed process ",
        b"Kill process ",
        b"reaped process ",
        b": segfault at ",
        b" general protection",
        b" trap invalid opcode",
        b" trap divide error",
        b": unhandled signal ",
        b"SYN flooding",
        b"table full",
        b"table overflow",
        b" blocked for more than ",
        b"soft lockup - CPU#",
        b": renamed from ",
        b"Link is Down",
        b"Link is Up",
        b"Link is down",
        b"Link is up",
        b": Link down",
        b": Link up",
        b": link down",
        b": link up",
        b"link becomes ready",
        b"link status definitely ",
        b"without any active interface",
        b" duplicate address ",
        b"carrier lost",
        b"Linux version ",
        b"reboot: ",
        b"Kernel panic",
        b"TCP: out of memory",
        b"TCP: too many orphan",
        b"VFS: file-max limit",
        b" self-detected stall on CPU",
        b" detected stalls on CPUs",
    ])
});

/// Without the `[12345.678901] ` of the ring buffer; whether it was there.
pub(super) fn without_stamp(body: &[u8]) -> (&[u8], bool) {
    let stamp = body
        .strip_prefix(b"[")
        .and_then(|rest| split(rest, b"] "))
        .filter(|(stamp, _)| {
            stamp.contains(&b'.') && stamp.iter().all(|b| matches!(b, b'0'..=b'9' | b'.' | b' '))
        });
    match stamp {
        Some((_, rest)) => (rest, true),
        None => (body, false),
    }
}

/// Heads of kernel lines that nobody else writes.
fn unmistakable(body: &[u8]) -> bool {
    const HEADS: &[&[u8]] = &[
        b"Out of memory: Kill",
        b"Memory cgroup out of memory",
        b"oom-kill:constraint=",
        b"TCP: request_sock_TCP",
        b"nf_conntrack: ",
        b"neighbour: ",
        b"Linux version ",
        b"TCP: out of memory",
        b"VFS: file-max limit ",
    ];
    starts_with_any(body, HEADS)
}

/// Packet logs and profiler notes: the two that come in thousands.
fn is_noise(body: &[u8]) -> bool {
    body.starts_with(b"perf: ") || has(body, b" SRC=") && has(body, b" DST=")
}

fn memory(body: &[u8]) -> Option<HostEvent> {
    if let Some(rest) = body.strip_prefix(b"oom-kill:") {
        let group = value(rest, b"task_memcg=").map(base_name);
        let unit = group.filter(|name| name.ends_with(b".service"));
        return event(
            HostKind::OomKill,
            unit.or_else(|| value(rest, b",task=")).unwrap_or_default(),
        );
    }
    if has(body, b" invoked oom-killer:") {
        return event(HostKind::OomKill, b"");
    }
    let killed = has_any(body, &[b"Killed process ", b"Kill process "])
        || body.starts_with(b"oom_reaper: reaped process ");
    if !killed {
        return None;
    }
    let process = after(body, b"process ")?;
    event(HostKind::OomKill, between(process, b"(", b")")?)
}

/// `app[1234]: segfault at 0 ip …`, `traps: app[1234] general protection fault …`.
fn crash(body: &[u8]) -> Option<HostEvent> {
    const SIGNS: &[&[u8]] = &[
        b": segfault at ",
        b" general protection",
        b" trap invalid opcode",
        b" trap divide error",
        b": unhandled signal ",
    ];
    if !has_any(body, SIGNS) {
        return None;
    }
    let name = before(body.strip_prefix(b"traps: ").unwrap_or(body), b"[")?;
    event(HostKind::UnitFailed, name)
}

fn overload(body: &[u8]) -> Option<HostEvent> {
    if let Some(rest) = after(body, b"Possible SYN flooding on port ") {
        return syn_flood(rest);
    }
    if has(body, b"conntrack: table full") {
        return event(HostKind::ConntrackFull, before(body, b":")?);
    }
    if has_any(
        body,
        &[b"eighbour table overflow", b"eighbor table overflow"],
    ) {
        let table = between(body, b"neighbour: ", b":").unwrap_or_default();
        return event(HostKind::Network, table);
    }
    const BUDGETS: &[(&[u8], &[u8])] = &[
        (b"TCP: out of memory", b"tcp_mem"),
        (b"TCP: too many orphan", b"tcp_max_orphans"),
        (b"VFS: file-max limit ", b"fs.file-max"),
    ];
    if let Some((_, setting)) = BUDGETS.iter().find(|(head, _)| body.starts_with(head)) {
        return event(HostKind::KernelLimit, setting);
    }
    if body.starts_with(b"rcu: ")
        && has_any(
            body,
            &[b" self-detected stall on CPU", b" detected stalls on CPUs"],
        )
    {
        return event(HostKind::AppSlow, b"rcu");
    }
    if let Some(rest) = body.strip_prefix(b"INFO: task ")
        && has(rest, b" blocked for more than ")
    {
        return event(HostKind::AppSlow, before(rest, b":")?);
    }
    if has(body, b"soft lockup - CPU#") {
        let task = between(body, b"[", b":").unwrap_or_default();
        return event(HostKind::AppSlow, task);
    }
    None
}

/// `22. Sending cookies.`; since Linux 6.2 `0.0.0.0:443. Dropping request.` or `[::]:443. …`.
fn syn_flood(rest: &[u8]) -> Option<HostEvent> {
    let place = before(rest, b". ")
        .or_else(|| rest.strip_suffix(b"."))
        .unwrap_or(rest);
    let port = place
        .rsplit(|b| *b == b':')
        .next()
        .filter(|port| !port.is_empty() && port.iter().all(u8::is_ascii_digit))?;
    event(HostKind::SynFlood, &[b"port ", port].concat())
}

/// Drivers write the interface before the news: `igb 0000:01:00.0 eth0: igb: eth0 NIC Link is Down`.
fn link(body: &[u8]) -> Option<HostEvent> {
    const NEWS: &[&[u8]] = &[
        b"Link is Down",
        b"Link is Up",
        b"Link is down",
        b"Link is up",
        b": Link down",
        b": Link up",
        b": link down",
        b": link up",
        b": link becomes ready",
        b"carrier lost",
    ];
    if let Some((new, old)) = split(body, b": renamed from ") {
        let virtual_one = is_virtual(last_word(new)) || is_virtual(first_word(old));
        return (!virtual_one)
            .then(|| event(HostKind::Network, last_word(new)))
            .flatten();
    }
    if has_any(
        body,
        &[b"link status definitely ", b"without any active interface"],
    ) {
        return event(HostKind::Network, bonded(body)?);
    }
    if has(body, b" duplicate address ") {
        let name = between(body, b"IPv6: ", b":").unwrap_or_default();
        return event(HostKind::Network, name);
    }
    if !has_any(body, NEWS) {
        return None;
    }
    let name = interface(body)?;
    (!is_virtual(name))
        .then(|| event(HostKind::Network, name))
        .flatten()
}

/// `bond0: (slave eth0): link status …`, `bond0: link status definitely down for interface eth0, …`.
fn bonded(body: &[u8]) -> Option<&[u8]> {
    between(body, b"(slave ", b")")
        .or_else(|| between(body, b"for interface ", b","))
        .or_else(|| before(body, b":").map(last_word))
}

/// The last word before the news that looks like an interface: letters and a digit, not a bus address, not the driver.
fn interface(body: &[u8]) -> Option<&[u8]> {
    let head = before(body, b"ink ")?;
    words(head)
        .map(|word| word.strip_suffix(b":").unwrap_or(word))
        .filter(|word| {
            word.first().is_some_and(u8::is_ascii_lowercase)
                && word.iter().any(u8::is_ascii_digit)
                && !word.contains(&b':')
        })
        .last()
        .or_else(|| {
            words(head)
                .next()
                .map(|word| word.strip_suffix(b":").unwrap_or(word))
        })
}

fn host(body: &[u8]) -> Option<HostEvent> {
    const DOWN: &[&[u8]] = &[
        b"reboot: Restarting system",
        b"reboot: Power down",
        b"reboot: System halted",
        b"Kernel panic - not syncing",
    ];
    if body.starts_with(b"Linux version ") {
        return event(HostKind::Booted, b"");
    }
    starts_with_any(body, DOWN)
        .then(|| event(HostKind::ShuttingDown, b""))
        .flatten()
}
