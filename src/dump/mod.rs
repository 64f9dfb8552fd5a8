//! Outputs of the runtime socket: what the servers' states were at one moment.
//!
//! One file per command. Parsing never fails; columns are found by name, and what is missing is absent.

mod availability;
mod backend;
mod check_status;
mod errors;
mod info;
mod proc;
mod prompt;
mod resolvers;
mod servers_state;
mod stat;

pub use availability::Availability;
pub use check_status::{check_passed, check_status_from_number, check_status_from_short};

use crate::base::Place;
use crate::base::Text;
use crate::event::message::CheckStatus;

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
    /// `show errors`: number of captured events.
    Errors(u64),
    /// `show proc` of the master socket.
    Procs(Vec<Proc>),
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
    };
    (dump, tally)
}
