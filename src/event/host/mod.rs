//! Lines of the rest of the host that set an incident off: units, the kernel, operators, certificates, names.

/// What one line of the host says.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct HostEvent {
    /// What happened.
    pub kind: HostKind,
    /// Systemd unit, process, interface or file that the line names; empty when it names none.
    pub subject: String,
}

/// Kinds of host events, each one a trigger's possible evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum HostKind {
    /// systemd: `Stopping …`, `Stopped …`.
    UnitStopped,
    /// systemd: `Started …`.
    UnitStarted,
    /// systemd: `Reloading …`, `Reloaded …`.
    UnitReloaded,
    /// systemd: `Main process exited, code=killed|dumped|exited, status=…`, `Failed with result '…'`; kernel `segfault`.
    UnitFailed,
    /// Kernel or systemd-oomd killed a process.
    OomKill,
    /// The host booted (`Linux version`, `-- Boot`, `Startup finished`).
    Booted,
    /// The host shuts down (`Reached target … Shutdown`, `systemd-shutdown`, `Powering off`).
    ShuttingDown,
    /// Link, route, firewall, address or neighbour changes.
    Network,
    /// `nf_conntrack: table full, dropping packet`.
    ConntrackFull,
    /// `No space left on device`.
    DiskFull,
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
}

/// Decodes the body of one record of another program than HAProxy; `ident` is its syslog identifier (`systemd`, `kernel`, `sudo` …).
///
/// `None`: a line that says nothing about availability.
pub fn decode(ident: &[u8], body: &[u8]) -> Option<HostEvent> {
    let _ = (ident, body);
    None
}
