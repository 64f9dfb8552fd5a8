//! HAProxy's messages that are no traffic lines: state changes, checks, process life, limits.
//!
//! Source: HAProxy `src/server.c`, `src/check.c`, `src/backend.c`, `src/haproxy.c`, `src/mworker.c`, versions 1.8 to 3.4.

mod address;
mod admin;
mod backend;
mod check;
mod config_error;
mod embryonic;
mod limit;
mod prefix;
mod process;
mod search;
mod state;
mod state_file;
mod status;
mod text;
mod wording;

/// A server as messages name it, `be_app/app1`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ServerName {
    /// Name of the backend or listen section.
    pub backend: String,
    /// Name on the `server` line.
    pub server: String,
}

/// What one message says. Copies of it on other carriers (stderr and syslog, several `log` lines) decode to equal values.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Message {
    /// `Server b/s is DOWN|UP|stopping …`: the operational state changed.
    State(StateChange),
    /// `Server b/s is going DOWN for maintenance …`, `enters drain state …`, `(leaving …)`, `remains in …`.
    Admin(AdminChange),
    /// `Health check for server b/s failed …` of `option log-health-checks`.
    Check(CheckLine),
    /// The check report of a message whose head is missing: the second half of a line wrapped by hand, or a quoted reason.
    Fragment(CheckReport),
    /// `backend b has no server available!`, with or without quotes; `proxy` for a `listen` section.
    NoServer {
        /// Name of the backend or listen section.
        backend: String,
    },
    /// `b/s changed its IP from A to B by X` and its later wordings.
    Address(AddressChange),
    /// A process of HAProxy started, stopped, was reloaded, died or refused its configuration.
    Process(ProcessChange),
    /// A limit or a local resource ran out.
    Limit {
        /// Which one.
        kind: LimitKind,
        /// The proxy that the message names; empty when it names none.
        proxy: String,
    },
    /// A connection that ended before there was a request: `SSL handshake failure`, PROXY protocol errors.
    Embryonic {
        /// Frontend name without listener.
        frontend: String,
        /// The error text.
        error: String,
    },
    /// A message of HAProxy that says nothing about availability (version banner, warnings about style, SIGHUP dumps …).
    Other,
}

/// Operational states that messages announce.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OpState {
    /// Receives traffic (also while `slowstart` warms it up).
    Up,
    /// Receives none.
    Down,
    /// `stopping`: persistent sessions only (404 with `http-check disable-on-404`).
    Stopping,
}

/// `[Backup ]Server b/s is DOWN<cause>. <left>`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct StateChange {
    /// Which server.
    pub name: ServerName,
    /// The message starts with `Backup `.
    pub backup: bool,
    /// The state after the message.
    pub to: OpState,
    /// Why, as far as the message says.
    pub why: Why,
    /// Usable servers after the event; `None` when the message was cut before them.
    pub left: Option<Left>,
}

/// Who or what decided a state change.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Why {
    /// `, reason: …`: a health check, an agent check or `observe`.
    Check(CheckReport),
    /// ` via b/s`: it follows the tracked server.
    Tracked(ServerName),
    /// `, changed from CLI`.
    Cli,
    /// `, changed from Lua script`.
    Lua,
    /// `, changed from Web interface`.
    Web,
    /// `, changed from server-state after a reload`.
    StateFile,
    /// Nothing: `option log-health-checks` is on (the reason stands in the `Health check for` line before), slowstart ended, or cut.
    Unsaid,
}

/// The part `reason: …, code: …, info: "…", check duration: …ms` of a message.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CheckReport {
    /// What the check found.
    pub status: CheckStatus,
    /// HTTP status, exit code and so on; `None` below `L57DATA`.
    pub code: Option<u32>,
    /// Text between the quotes of `info`, with HAProxy's `<3C>` escapes undone; empty when absent.
    pub info: String,
    /// Milliseconds; `None` when absent (`observe`) or cut.
    pub duration_ms: Option<u32>,
}

/// Check status of HAProxy: the number is the one of `srv_check_status` in `show servers state`.
///
/// Source: HAProxy `include/haproxy/check-t.h`, same numbers from 1.8 to 3.5.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(
    missing_docs,
    reason = "the names are HAProxy's own, listed in the management manual under `check_status`"
)]
pub enum CheckStatus {
    Unknown,
    Ini,
    Start,
    Checked,
    Hana,
    SockErr,
    L4Ok,
    L4Tout,
    L4Con,
    L6Ok,
    L6Tout,
    L6Rsp,
    L7Tout,
    L7Rsp,
    L7Ok,
    L7Okc,
    L7Sts,
    ProcErr,
    ProcTout,
    ProcOk,
}

/// `1 active and 0 backup servers left.`: usable servers after an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Left {
    /// Usable servers that are no backups.
    pub active: u32,
    /// Usable backup servers.
    pub backup: u32,
}

/// Administrative states that messages announce.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AdminState {
    /// In maintenance after the message (`going DOWN for maintenance`, `now enters maintenance`, `remains in maintenance`).
    Maint,
    /// In drain (`enters drain state`, `remains in drain mode`, `UP/DRAIN (leaving forced maintenance)`).
    Drain,
    /// Neither (`leaving …`, `resolves again`, `administratively READY`).
    Ready,
}

/// Why a server is or was in maintenance or drain.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum AdminWhy {
    /// An operator, the API, Lua or the agent: the message carries no cause, or says `forced`.
    Forced,
    /// `('disable' on stats page)`, `('stop' on stats page)`.
    StatsPage,
    /// `(No IP for server )`, `(DNS NX status)`, `(entry removed from SRV record)`, `(resolves again)` …; the text in the parentheses.
    Dns(String),
    /// ` via b/s`, or the wording of inherited states.
    Tracked(Option<ServerName>),
    /// A cause of another wording, kept.
    Other(String),
}

/// A change of the administrative state.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct AdminChange {
    /// Which server.
    pub name: ServerName,
    /// The message starts with `Backup `.
    pub backup: bool,
    /// The administrative state after the message.
    pub to: AdminState,
    /// Operational state that the message names (`UP/READY (leaving …)`, `was DOWN and now …`); `None` when it names none
    /// and for `going DOWN for maintenance`: that server was not DOWN before.
    pub op: Option<OpState>,
    /// Why.
    pub why: AdminWhy,
    /// Usable servers after the event; `None` when not part of this wording, or cut.
    pub left: Option<Left>,
}

/// `Health check for [backup ]server b/s failed, reason: …, status: 2/3 UP.`
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CheckLine {
    /// Which server.
    pub name: ServerName,
    /// `Agent check for …` instead of `Health check for …`.
    pub agent: bool,
    /// `succeeded` or `conditionally succeeded`.
    pub passed: bool,
    /// What the check found.
    pub report: CheckReport,
    /// The two numbers of `status: 2/3`; `None` when cut.
    pub health: Option<(u32, u32)>,
}

/// A server's address or name changed at run time.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct AddressChange {
    /// Which server.
    pub name: ServerName,
    /// As printed; empty for `(none)`; `:8080` when only the port changed.
    pub from: String,
    /// Like `from`.
    pub to: String,
    /// `resolvers/nameserver`, `DNS cache`, `stats socket command` …
    pub by: String,
}

/// Life of HAProxy's own processes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ProcessChange {
    /// `New worker (P) forked`, `Initializing new worker (P)`.
    WorkerForked {
        /// Pid of the new worker.
        worker: u32,
    },
    /// `Loading success.`
    LoadingSuccess,
    /// `Reloading HAProxy`, `Reexecuting Master process`.
    Reloading,
    /// `Loading failure!`, `Failed to load worker …`, `Master failed to …`, `Reexecuting Master process in waitpid mode`.
    LoadFailed,
    /// `Current worker (P) exited with code 139 (Segmentation fault)`.
    CurrentWorkerLeft {
        /// Pid of the worker; 0 when the wording has none.
        worker: u32,
        /// Exit code, 128 + signal.
        code: u32,
    },
    /// `Former worker (P) exited with code 0 (Exit)`.
    FormerWorkerLeft {
        /// Pid of the worker; 0 when the wording has none.
        worker: u32,
        /// Exit code.
        code: u32,
    },
    /// `Exiting Master process...`, `All workers exited. Exiting...`, `exit-on-failure: …`.
    MasterLeaving,
    /// `Proxy P started.` (up to 2.2).
    ProxyStarted {
        /// Name of the proxy.
        proxy: String,
    },
    /// `Proxy P stopped (…)`, `Stopping backend P in 0 ms.`, hard-stopped.
    ProxyStopped {
        /// Name of the proxy.
        proxy: String,
    },
    /// `Paused frontend P.`, `Pausing …`.
    ProxyPaused {
        /// Name of the proxy.
        proxy: String,
    },
    /// `Resumed frontend P.`, `Enabling …`.
    ProxyResumed {
        /// Name of the proxy.
        proxy: String,
    },
    /// A configuration error: `parsing [f:l] : …`, `Fatal errors found in configuration.`, `Error(s) found …`.
    ConfigError {
        /// The text after the prefix.
        text: String,
    },
    /// `Starting frontend F: cannot bind socket …`, `Binding […] … cannot bind socket …`, `Some protocols failed to start …`.
    BindError {
        /// The text after the prefix.
        text: String,
    },
    /// `could not resolve address '…', disabling server.` at start.
    UnresolvedAtStart {
        /// The server as far as the line names one: `be/s` or `s`.
        server: String,
        /// The name that did not resolve.
        host: String,
    },
    /// `Can't open global server state file …`, `corrupted …`, `Empty …`.
    StateFileUnread {
        /// The text after the prefix.
        text: String,
    },
    /// `sendmsg()/writev() failed in logger #1: …`: log lines are being lost.
    LogsLost,
    /// `soft-stop running for too long, performing a hard-stop.`
    HardStop,
    /// `Thread … is about to kill the process`: the watchdog fired.
    Watchdog,
    /// `haproxy version is 2.6.12-…`.
    Version {
        /// Text after `haproxy version is `.
        version: String,
    },
}

/// A limit or a local resource that ran out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LimitKind {
    /// `reached process FD limit`, `not enough free sockets`.
    ProcessFd,
    /// `reached system FD limit`.
    SystemFd,
    /// `reached system memory limit`.
    Memory,
    /// `reached the configured maximum connection limit`.
    Maxconn,
    /// `Connect() failed for backend b: no free ports.`
    NoFreePorts,
    /// `Connect() failed for backend b: local address already in use.`
    AddressInUse,
    /// `Cannot bind to source address before connect() for backend b.`
    SourceBind,
    /// `insufficient permissions to open server socket`, `cannot create a server socket`.
    SocketDenied,
}

/// Pid in the text of a stderr copy (`[WARNING]  (3028) : …`), which may differ from the pid of the carrier.
pub type TextPid = Option<u32>;

/// Decodes the body of one record: the text after the carrier's prefix.
///
/// Accepts the syslog form, every stderr form (`[ALERT]`, with and without date and pid, with context) and, as a last
/// resort, a message that stands behind an unknown prefix. `None`: no message of HAProxy. One line at a time: the halves
/// of a line wrapped by hand are a [`Message::State`] without a reason and a [`Message::Fragment`].
pub fn decode(body: &[u8]) -> Option<(TextPid, Message)> {
    let body = body.trim_ascii();
    wording::at_start(body).or_else(|| search::inside(body))
}

#[cfg(test)]
mod tests;
