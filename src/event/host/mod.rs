//! Lines of the rest of the host that set an incident off: units, the kernel, operators, certificates, names.
//!
//! One file per source of lines and one row in `SOURCES` for it. The call sits on the path of every record that is
//! neither traffic nor HAProxy's own, so a row first looks at the identifier; nothing is allocated before a line is known.
//! A line whose meaning depends on who wrote it (a user's systemd says `Reached target Shutdown.` at each logout) is `None`.

mod access;
mod app;
mod certificate;
mod command;
mod deploy;
mod disk;
mod dns;
mod ident;
mod kernel;
mod logs;
mod network;
mod oomd;
mod operator;
mod phrase;
mod scan;
mod secret;
mod systemd;
mod time;
mod tool;
mod unit;

/// What one line of the host says.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct HostEvent {
    /// What happened.
    pub kind: HostKind,
    /// Systemd unit, process, interface, file or command that the line names; empty when it names none.
    ///
    /// Printable, cut at 200 bytes, values of passwords and tokens replaced by `***`. systemd 248 and older names only the
    /// unit's description (`The Apache HTTP Server`).
    pub subject: String,
    /// How many messages [`HostKind::LogsSuppressed`] speaks of; `None`: the line has no number, or is of another kind.
    pub count: Option<u64>,
}

/// Kinds of host events, each one a trigger's possible evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum HostKind {
    /// systemd: `Stopping …`, `Stopped …`, `Deactivated successfully`; an application's or container engine's own stop line.
    ///
    /// After a crash systemd writes `Stopped …` too, between `Scheduled restart job` and `Started …`.
    UnitStopped,
    /// systemd: `Started …`; an application's own line that it serves now.
    UnitStarted,
    /// systemd: `Reloading …`, `Reloaded …`.
    UnitReloaded,
    /// systemd: `Main process exited, code=killed|dumped|exited, status=…`, `Failed with result '…'`; kernel `segfault`.
    UnitFailed,
    /// Kernel or systemd-oomd killed a process.
    OomKill,
    /// The host booted (`Linux version`, `-- Boot`, `Startup finished`).
    ///
    /// The subject of journalctl's mark `-- Boot 3f1c… --` is the boot's id: in a merged journal the mark comes at every change
    /// of host, and at the head of a file it only names the boot that was under way.
    Booted,
    /// The host shuts down (`Reached target … Shutdown`, `systemd-shutdown`, `Powering off`).
    ShuttingDown,
    /// Link, route, firewall, address or neighbour changes.
    Network,
    /// `nf_conntrack: table full, dropping packet`.
    ConntrackFull,
    /// Another budget of the kernel is used up: open files, memory of TCP, orphaned sockets. The subject is its setting.
    KernelLimit,
    /// `No space left on device`.
    DiskFull,
    /// I/O errors, file systems that turned read-only, an NFS server that does not answer.
    DiskFailed,
    /// Expiry or renewal of certificates.
    Certificate,
    /// Name service: zones loaded, NXDOMAIN, SERVFAIL, resolver changes.
    Dns,
    /// A command on HAProxy's runtime socket, API or stats page (sudo, socat, `set server …`).
    SocketCommand,
    /// A command that reloads, restarts or stops a service (sudo systemctl …), or edits files of HAProxy.
    OperatorCommand,
    /// A deployment or configuration management run (ansible, puppet, dpkg …).
    Deploy,
    /// SELinux or AppArmor denied something.
    AccessDenied,
    /// `Possible SYN flooding`.
    SynFlood,
    /// journald or rsyslog suppressed or lost messages.
    LogsSuppressed,
    /// An application or the kernel says that work is slow, stalled or out of workers (`slow query`, `WORKER TIMEOUT`).
    AppSlow,
    /// The host's clock was set, by a second or more where the line says how far.
    TimeStep,
}

/// Decodes the body of one record of another program than HAProxy; `ident` is its syslog identifier (`systemd`, `kernel`, `sudo` …).
///
/// `ident` may be a unit (`journalctl -o with-unit`: `init.scope`), a path, or empty (`journalctl -o cat`, bare lines).
/// `None`: a line that says nothing about availability.
pub fn decode(ident: &[u8], body: &[u8]) -> Option<HostEvent> {
    let program = ident::program(ident);
    if ident::is_noise(program) {
        return None;
    }
    let line = Line {
        program,
        body: body.trim_ascii(),
    };
    let mut owned = false;
    for source in SOURCES {
        let tries = match source.reads {
            Reads::From(claims) => claims(program),
            Reads::Anyone => !ident::quotes_others(program),
            Reads::Unowned => !owned,
        };
        if tries {
            owned |= matches!(source.reads, Reads::From(_)) && !program.is_empty();
            if let Some(event) = (source.decode)(&line) {
                return Some(event);
            }
        }
    }
    None
}

/// Names of the sources in the order in which they are asked.
pub fn sources() -> impl Iterator<Item = &'static str> {
    SOURCES.iter().map(|source| source.name)
}

/// A record without its stamp and host.
struct Line<'a> {
    /// Base name of the identifier; empty when the carrier has none.
    program: &'a [u8],
    /// Without blanks around it.
    body: &'a [u8],
}

/// Whose lines a source reads.
enum Reads {
    /// Of programs that pass this test.
    From(fn(&[u8]) -> bool),
    /// Of every program but those that quote others (sudo).
    Anyone,
    /// Of programs that no `From` row above has claimed.
    Unowned,
}

/// One file of this folder.
struct Source {
    name: &'static str,
    reads: Reads,
    decode: fn(&Line<'_>) -> Option<HostEvent>,
}

/// The table: the first source with an answer wins.
#[rustfmt::skip]
const SOURCES: &[Source] = &[
    Source { name: "systemd", reads: Reads::From(systemd::claims), decode: systemd::decode },
    Source { name: "kernel", reads: Reads::From(kernel::claims), decode: kernel::decode },
    Source { name: "access", reads: Reads::From(access::claims), decode: access::decode },
    Source { name: "operator", reads: Reads::From(operator::claims), decode: operator::decode },
    Source { name: "oomd", reads: Reads::From(oomd::claims), decode: oomd::decode },
    Source { name: "network", reads: Reads::From(network::claims), decode: network::decode },
    Source { name: "dns", reads: Reads::From(dns::claims), decode: dns::decode },
    Source { name: "deploy", reads: Reads::From(deploy::claims), decode: deploy::decode },
    Source { name: "logs", reads: Reads::From(logs::claims), decode: logs::decode },
    Source { name: "time", reads: Reads::From(time::claims), decode: time::decode },
    Source { name: "disk", reads: Reads::Anyone, decode: disk::decode },
    Source { name: "certificate", reads: Reads::Anyone, decode: certificate::decode },
    Source { name: "app", reads: Reads::Unowned, decode: app::decode },
];

#[cfg(test)]
mod tests;
