//! States of one server and the changes between them, from messages and from dumps.

use crate::base::Cite;
use crate::base::Precision;
use crate::event::message::AdminState;
use crate::event::message::AdminWhy;
use crate::event::message::CheckReport;
use crate::event::message::Message;
use crate::event::message::OpState;
use crate::event::message::ServerName;
use crate::event::message::Why;

/// Whether a server receives traffic, and if not, in which way it was taken out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// Receives traffic.
    Up,
    /// Stopped by a check, an agent, a tracked server or a command.
    Down,
    /// In maintenance.
    Maint,
    /// In drain, or with weight 0.
    Drain,
    /// `stopping`: persistent sessions only.
    Stopping,
}

impl State {
    /// The word that the report uses.
    pub fn word(self) -> &'static str {
        match self {
            State::Up => "UP",
            State::Down => "DOWN",
            State::Maint => "MAINT",
            State::Drain => "DRAIN",
            State::Stopping => "STOPPING",
        }
    }
}

/// Why a server is in its state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// A health check.
    Check(CheckReport),
    /// The agent.
    Agent(CheckReport),
    /// `observe`: errors of live traffic.
    Observe(CheckReport),
    /// It follows another server.
    Tracked(Option<ServerName>),
    /// An operator, the API, Lua, the agent or the configuration: maintenance or drain.
    Admin(AdminWhy),
    /// `disabled` on its line, and never enabled.
    Configured,
    /// The effective weight is 0.
    Weight,
    /// Its name does not resolve.
    Dns(String),
    /// A command set its health: CLI, Lua or the stats page.
    Command(&'static str),
    /// The server-state file, after a reload.
    StateFile,
    /// Nothing says why.
    Unsaid,
}

/// One change of a server's state.
#[derive(Clone, Debug)]
pub struct Change {
    /// When, UTC.
    pub at: Option<i64>,
    /// Digits of the source.
    pub precision: Precision,
    /// The state after it.
    pub to: State,
    /// Why.
    pub reason: Reason,
    /// Usable servers of the backend after it, active and backup together; `None`: not said.
    pub left: Option<u32>,
    /// The line that says so.
    pub cite: Cite,
}

/// A message's server, the state it announces and why; `None`: it announces none.
pub(super) fn announced(message: &Message) -> Option<(&ServerName, State, Reason, Option<u32>)> {
    match message {
        Message::State(change) => {
            let to = match change.to {
                OpState::Up => State::Up,
                OpState::Down => State::Down,
                OpState::Stopping => State::Stopping,
            };
            Some((
                &change.name,
                to,
                why(&change.why),
                change.left.map(|left| left.active + left.backup),
            ))
        }
        Message::Admin(change) => {
            let to = match (change.to, change.op) {
                (AdminState::Maint, _) => State::Maint,
                (AdminState::Drain, _) => State::Drain,
                (AdminState::Ready, Some(OpState::Down)) => State::Down,
                (AdminState::Ready, Some(OpState::Stopping)) => State::Stopping,
                (AdminState::Ready, Some(OpState::Up)) => State::Up,
                // `administratively READY thanks to valid DNS answer` comes before the line that names the state.
                (AdminState::Ready, None) => return None,
            };
            let reason = match &change.why {
                AdminWhy::Dns(text) => Reason::Dns(text.clone()),
                AdminWhy::Tracked(name) => Reason::Tracked(name.clone()),
                other => Reason::Admin(other.clone()),
            };
            Some((
                &change.name,
                to,
                reason,
                change.left.map(|left| left.active + left.backup),
            ))
        }
        _ => None,
    }
}

fn why(why: &Why) -> Reason {
    match why {
        Why::Check(report) => checked(report.clone()),
        Why::Tracked(name) => Reason::Tracked(Some(name.clone())),
        Why::Cli => Reason::Command("CLI"),
        Why::Lua => Reason::Command("Lua script"),
        Why::Web => Reason::Command("stats page"),
        Why::StateFile => Reason::StateFile,
        Why::Unsaid => Reason::Unsaid,
    }
}

/// A report comes from the agent or from `observe` when it says so, else from the health check.
pub(super) fn checked(report: CheckReport) -> Reason {
    use crate::event::message::CheckStatus;
    if report.info.starts_with("via agent") || report.info.starts_with("agent ") {
        Reason::Agent(report)
    } else if report.status == CheckStatus::Hana {
        Reason::Observe(report)
    } else {
        Reason::Check(report)
    }
}

impl Reason {
    /// The reason in HAProxy's words.
    pub fn words(&self) -> String {
        match self {
            Reason::Check(report) | Reason::Agent(report) | Reason::Observe(report) => {
                report_words(report)
            }
            Reason::Tracked(Some(name)) => format!("via {}/{}", name.backend, name.server),
            Reason::Tracked(None) => "via the tracked server".to_owned(),
            Reason::Admin(AdminWhy::StatsPage) => "set on the stats page".to_owned(),
            Reason::Admin(AdminWhy::Other(text)) => text.clone(),
            Reason::Admin(_) => "set by a command or the agent".to_owned(),
            Reason::Configured => "`disabled` in the configuration".to_owned(),
            Reason::Weight => "effective weight 0".to_owned(),
            Reason::Dns(text) => text.clone(),
            Reason::Command(by) => format!("changed from {by}"),
            Reason::StateFile => "changed from server-state after a reload".to_owned(),
            Reason::Unsaid => "the message gives no reason".to_owned(),
        }
    }
}

fn report_words(report: &CheckReport) -> String {
    let mut words = report.status.description().to_owned();
    if let Some(code) = report.code.filter(|&code| code > 0) {
        words.push_str(&format!(", code {code}"));
    }
    if !report.info.is_empty() {
        words.push_str(&format!(", \"{}\"", report.info));
    }
    words
}
