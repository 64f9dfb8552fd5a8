//! Outputs of the runtime socket: what the servers' states were at one moment.
//!
//! One file per command. Parsing never fails; columns are found by name, and what is missing is absent.

mod availability;
mod backend;
mod check_status;
mod conn;
mod errors;
mod human;
mod info;
mod proc;
mod prompt;
mod resolvers;
mod servers_state;
mod sess;
mod stat;
mod table;

pub use availability::Availability;
pub use check_status::{check_passed, check_status_from_number, check_status_from_short};

use crate::base::Place;
use crate::base::Text;
use crate::event::message::CheckStatus;
use std::collections::BTreeMap;

/// What one dump says.
#[derive(Clone, Debug)]
pub enum Dump {
    /// `show servers state`, a server-state file.
    ServersState(Vec<ServerRow>),
    /// `show stat` in any of its forms.
    Stat(Stat),
    /// `show info`: names and values in order.
    Info(Vec<(String, String)>),
    /// `show backend`: the names.
    Backends(Vec<String>),
    /// `show resolvers`.
    Resolvers(Vec<Resolver>),
    /// `show errors`: captured events.
    Errors(Errors),
    /// `show proc` of the master socket.
    Procs(Vec<Proc>),
    /// `show sess`, short or `all`.
    Streams(Vec<Stream>),
    /// `show table`.
    Tables(Vec<StickTable>),
    /// `show servers conn`.
    Connections(Vec<ServerConnections>),
    /// Known, but nothing in it bears on a 503.
    Other(Other),
}

/// How many lines of a dump were understood.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Rows understood.
    pub n_rows: u64,
    /// Rows that were damaged, cut or wrapped beyond repair.
    pub n_broken: u64,
    /// First damaged row.
    pub first_broken: Option<Place>,
}

impl Tally {
    /// Counts a row that was understood.
    fn good(&mut self) {
        self.n_rows += 1;
    }

    /// Counts a damaged row.
    fn broken(&mut self, at: Place) {
        self.n_broken += 1;
        self.first_broken = Some(self.first_broken.map_or(at, |first| first.min(at)));
    }
}

/// Operational state of a server, `srv_op_state`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Op {
    /// 0: down.
    Stopped,
    /// 1: up, in `slowstart`.
    Starting,
    /// 2: up.
    Running,
    /// 3: `stopping`, persistent sessions only.
    Stopping,
}

/// Bits of `srv_admin_state`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Admin(pub u32);

impl Admin {
    /// Forced maintenance (CLI, stats page).
    pub const FMAINT: u32 = 0x01;
    /// Maintenance inherited from the tracked server.
    pub const IMAINT: u32 = 0x02;
    /// A memo that the configuration says `disabled`; no maintenance by itself.
    pub const CMAINT: u32 = 0x04;
    /// Forced drain.
    pub const FDRAIN: u32 = 0x08;
    /// Drain inherited from the tracked server.
    pub const IDRAIN: u32 = 0x10;
    /// Maintenance because the name does not resolve.
    pub const RMAINT: u32 = 0x20;

    /// Any of the given bits is set.
    pub fn has(self, bits: u32) -> bool {
        self.0 & bits != 0
    }
}

/// One server of `show servers state`.
#[derive(Clone, Debug)]
pub struct ServerRow {
    /// The row.
    pub at: Place,
    /// `be_name`.
    pub backend: String,
    /// `srv_name`.
    pub server: String,
    /// `srv_addr`; empty for `-`.
    pub address: String,
    /// `srv_port`; `None` when the column is missing or 0.
    pub port: Option<u16>,
    /// `srv_op_state`; `None` when the column is missing or out of range.
    pub op: Option<Op>,
    /// `srv_admin_state`; `None` when missing.
    pub admin: Option<Admin>,
    /// `srv_uweight`.
    pub weight: Option<u64>,
    /// `srv_time_since_last_change`, seconds.
    pub since_change_s: Option<u64>,
    /// `srv_check_status`.
    pub check_status: Option<CheckStatus>,
    /// `srv_check_health`.
    pub check_health: Option<u64>,
    /// `srv_check_state` bits: 2 configured, 4 enabled, 8 paused, 16 agent.
    pub check_state: Option<u64>,
    /// `srv_agent_state` bits.
    pub agent_state: Option<u64>,
    /// `srv_fqdn`; empty for `-`.
    pub fqdn: String,
    /// `srv_check_port`; `None` when 0 or missing.
    pub check_port: Option<u16>,
}

/// `show stat`, rows by kind.
#[derive(Clone, Debug, Default)]
pub struct Stat {
    /// Rows in order.
    pub rows: Vec<StatRow>,
    /// What a statistics page says about its process, named as in `show info`: `Version`, `Pid`, `Uptime`. Empty elsewhere.
    pub process: Vec<(String, String)>,
}

/// What a row of `show stat` stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StatKind {
    /// svname `FRONTEND`.
    Frontend,
    /// svname `BACKEND`.
    Backend,
    /// A server.
    Server,
    /// A listener of `option socket-stats`.
    Listener,
}

/// One row of `show stat`.
#[derive(Clone, Debug)]
pub struct StatRow {
    /// The row.
    pub at: Place,
    /// `pxname`.
    pub proxy: String,
    /// `svname`.
    pub name: String,
    /// What it stands for.
    pub kind: StatKind,
    /// `status`, as printed: `UP`, `DOWN 1/2`, `MAINT (resolution)`, `no check` …
    pub status: String,
    /// Every non-empty column by name, in column order.
    pub columns: Vec<(String, String)>,
}

impl StatRow {
    /// A column by its name.
    pub fn column(&self, name: &str) -> Option<&str> {
        self.columns
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, v)| v.as_str())
    }

    /// A column as a number.
    pub fn number(&self, name: &str) -> Option<u64> {
        self.column(name)?.parse().ok()
    }
}

/// Counters of one name server of `show resolvers`.
#[derive(Clone, Debug)]
pub struct Resolver {
    /// The section's name.
    pub section: String,
    /// The name server's name.
    pub nameserver: String,
    /// Where it starts.
    pub at: Place,
    /// Counters by name: `sent valid nx timeout refused …`.
    pub counters: Vec<(String, u64)>,
}

/// One row of `show proc`.
#[derive(Clone, Debug)]
pub struct Proc {
    /// Where.
    pub at: Place,
    /// Its pid.
    pub pid: u32,
    /// `master`, `worker`, program name.
    pub kind: String,
    /// It stands under `# old workers`.
    pub old: bool,
    /// Reload attempts: all of them for the master, those survived for a worker; `None` when unreadable.
    pub reloads: Option<u64>,
    /// `[failed: N]` of the master: failed reloads in a row; `None` when the version prints none.
    pub failed_reloads: Option<u64>,
    /// Uptime as printed.
    pub uptime: String,
    /// Version as printed; empty when absent.
    pub version: String,
}

/// `show errors`.
#[derive(Clone, Debug)]
pub struct Errors {
    /// Events since the process started, most of them no longer kept.
    pub total: u64,
    /// Those that are kept: the last of each proxy and direction.
    pub captures: Vec<CapturedError>,
}

/// One capture of `show errors`.
#[derive(Clone, Debug)]
pub struct CapturedError {
    /// Where it starts.
    pub at: Place,
    /// An invalid request (400); else an invalid response of a server (502).
    pub request: bool,
    /// The frontend of a request, the backend of a response.
    pub proxy: String,
    /// The server; empty for requests.
    pub server: String,
}

/// One open stream of `show sess`.
#[derive(Clone, Debug)]
pub struct Stream {
    /// Where it starts.
    pub at: Place,
    /// Address and port of the client as printed; empty when the row was cut.
    pub client: String,
    /// Its frontend.
    pub frontend: String,
    /// Its backend; empty while none is chosen.
    pub backend: String,
    /// Its server; empty while none is assigned: it waits for a slot, or for a server.
    pub server: String,
    /// Age in whole seconds; cut after the second unit of what HAProxy prints (`1h4m`).
    pub age_s: Option<u64>,
    /// It waits in the queue of its server or backend; `None` when the row was cut.
    pub queued: Option<bool>,
}

/// One stick table of `show table`.
#[derive(Clone, Debug)]
pub struct StickTable {
    /// Its header.
    pub at: Place,
    /// Its name.
    pub name: String,
    /// `ip`, `string`, `integer` …
    pub kind: String,
    /// Entries that fit.
    pub size: Option<u64>,
    /// Entries that it had.
    pub used: Option<u64>,
    /// Entries that were printed; without a table's name the command prints none.
    pub n_entries: u64,
    /// Entries by the server that they tie clients to: its name, or `#` and its number.
    pub pinned: BTreeMap<String, u64>,
}

/// One server of `show servers conn`.
#[derive(Clone, Debug)]
pub struct ServerConnections {
    /// The row.
    pub at: Place,
    /// Its backend.
    pub backend: String,
    /// Its name.
    pub server: String,
    /// `addr`; empty for `-`, while its name does not resolve.
    pub address: String,
    /// `used_cur`: connections in use.
    pub used: u64,
    /// `used_max`: most connections in use.
    pub used_max: Option<u64>,
    /// `need_est`: connections that HAProxy expects to need.
    pub needed: Option<u64>,
    /// `idle_cur`: idle connections kept for reuse.
    pub idle: Option<u64>,
    /// `served`, since 3.3: streams being served.
    pub served: Option<u64>,
}

/// Outputs that are recognized and named, and of which nothing is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "named as the command of the runtime socket")]
pub enum Other {
    Activity,
    CliSockets,
    Events,
    Fd,
    Maps,
    Pools,
    Profiling,
    Schema,
    Tasks,
    Threads,
    /// `No startup alerts/warnings.`: what there is otherwise are log lines.
    StartupLogs,
    /// The socket refused: no such command, object or permission.
    Refusal,
}

impl Other {
    /// The command; `an error reply of the socket` for a refusal.
    pub fn name(self) -> &'static str {
        match self {
            Other::Activity => "show activity",
            Other::CliSockets => "show cli sockets",
            Other::Events => "show events",
            Other::Fd => "show fd",
            Other::Maps => "show map",
            Other::Pools => "show pools",
            Other::Profiling => "show profiling",
            Other::Schema => "show schema json",
            Other::Tasks => "show tasks",
            Other::Threads => "show threads",
            Other::StartupLogs => "show startup-logs",
            Other::Refusal => "an error reply of the socket",
        }
    }

    /// The same as the report's list of artifacts names it.
    pub fn artifact_kind(self) -> &'static str {
        match self {
            Other::Activity => "show-activity",
            Other::CliSockets => "show-cli-sockets",
            Other::Events => "show-events",
            Other::Fd => "show-fd",
            Other::Maps => "show-map",
            Other::Pools => "show-pools",
            Other::Profiling => "show-profiling",
            Other::Schema => "show-schema",
            Other::Tasks => "show-tasks",
            Other::Threads => "show-threads",
            Other::StartupLogs => "show-startup-logs",
            Other::Refusal => "socket-refusal",
        }
    }
}

/// Which command produced a dump.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "named as the command of the runtime socket")]
pub enum DumpKind {
    ServersState,
    StatCsv,
    StatTyped,
    StatJson,
    Info,
    Backend,
    Resolvers,
    Errors,
    Proc,
    /// The statistics page that a browser saved.
    StatPage,
    Sess,
    Table,
    ServersConn,
    Other(Other),
}

/// Parses the output of one command.
///
/// Text that is not that command's gives an empty dump and a tally that says so.
pub fn parse(kind: DumpKind, text: Text<'_>) -> (Dump, Tally) {
    let mut tally = Tally::default();
    let tally_mut = &mut tally;
    let dump = match kind {
        DumpKind::ServersState => Dump::ServersState(servers_state::parse(text, tally_mut)),
        DumpKind::StatCsv => Dump::Stat(stat::csv(text, tally_mut)),
        DumpKind::StatTyped => Dump::Stat(stat::typed(text, tally_mut)),
        DumpKind::StatJson => Dump::Stat(stat::json(text, tally_mut)),
        DumpKind::Info => Dump::Info(info::parse(text, tally_mut)),
        DumpKind::Backend => Dump::Backends(backend::parse(text, tally_mut)),
        DumpKind::Resolvers => Dump::Resolvers(resolvers::parse(text, tally_mut)),
        DumpKind::Errors => Dump::Errors(errors::parse(text, tally_mut)),
        DumpKind::Proc => Dump::Procs(proc::parse(text, tally_mut)),
        DumpKind::StatPage => Dump::Stat(stat::page(text, tally_mut)),
        DumpKind::Sess => Dump::Streams(sess::parse(text, tally_mut)),
        DumpKind::Table => Dump::Tables(table::parse(text, tally_mut)),
        DumpKind::ServersConn => Dump::Connections(conn::parse(text, tally_mut)),
        DumpKind::Other(other) => Dump::Other(other),
    };
    (dump, tally)
}
