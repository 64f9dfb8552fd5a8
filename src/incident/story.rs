//! What each server of each backend did: changes from the logs, states from the dumps, both on one axis.

use crate::base::Cite;
use crate::base::SECOND;
use crate::clock::Clock;
use crate::document::Documents;
use crate::document::DumpDoc;
use crate::document::How;
use crate::dump::Availability;
use crate::dump::Dump;
use crate::dump::ServerRow;
use crate::dump::StatKind;
use crate::dump::StatRow;
use crate::dump::check_status_from_short;
use crate::event::message::AdminWhy;
use crate::event::message::CheckLine;
use crate::event::message::CheckReport;
use crate::event::message::CheckStatus;
use crate::event::message::Message;
use crate::event::message::ProcessChange;
use crate::evidence::What;
use crate::incident::halves;
use crate::incident::state::announced;
use crate::incident::state::checked;
use crate::incident::told_by_checks;
use crate::incident::{Change, Reason, State, Timeline};
use std::collections::BTreeMap;

/// A `Health check for …` line explains a state change written within this time of it.
const EXPLAINS_WITHIN: i64 = 3 * SECOND;
/// How far `srv_time_since_last_change` (whole seconds) plus a change's stamp (often whole seconds) may be off.
const SINCE_SLACK: i64 = 2 * SECOND;

/// One backend and its servers.
#[derive(Clone, Debug, Default)]
pub struct Pool {
    /// By name.
    pub servers: BTreeMap<Box<str>, Story>,
    /// `backend … has no server available!`, in order.
    pub no_server: Vec<(Option<i64>, Cite)>,
    /// `BACKEND` rows of dumps: when, usable servers (active, backup), the row.
    pub rows: Vec<BackendRow>,
}

/// The `BACKEND` row of one dump.
#[derive(Clone, Debug)]
pub struct BackendRow {
    /// When the dump was taken, UTC.
    pub at: Option<i64>,
    /// What it says.
    pub availability: Availability,
    /// The row itself.
    pub row: StatRow,
    /// The line.
    pub cite: Cite,
}

/// One server's story.
#[derive(Clone, Debug, Default)]
pub struct Story {
    /// The messages call it a backup server.
    pub backup: bool,
    /// Changes of state, in order.
    pub changes: Vec<Change>,
    /// Lines of `option log-health-checks`, in order.
    pub checks: Vec<(Option<i64>, CheckLine, Cite)>,
    /// States in dumps, in order of time; those without time last.
    pub snapshots: Vec<Snapshot>,
    /// Changes of its address: when, from, to, by whom.
    pub addresses: Vec<(Option<i64>, String, String, String, Cite)>,
}

/// A server's state in one dump.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// When the dump was taken, UTC; `None`: nothing tells.
    pub at: Option<i64>,
    /// The state; `None`: the row does not say.
    pub state: Option<State>,
    /// Why.
    pub reason: Reason,
    /// What the row means.
    pub availability: Availability,
    /// `addr:port` as far as the row has it.
    pub address: Option<String>,
    /// Seconds since its last change of state.
    pub since_s: Option<u64>,
    /// `econ`, connection errors so far.
    pub n_connect_errors: Option<u64>,
    /// `srv_fqdn`; empty when unknown.
    pub fqdn: String,
    /// The row.
    pub cite: Cite,
}

/// Tells every server's story.
pub(super) fn pools(
    timeline: &Timeline,
    documents: &Documents,
    clock: &Clock,
) -> BTreeMap<Box<str>, Pool> {
    let mut pools = BTreeMap::<Box<str>, Pool>::new();
    for event in &timeline.events {
        if let What::Message(message) = &event.what {
            tell(&mut pools, message, event.at, event);
        }
    }
    for pool in pools.values_mut() {
        for story in pool.servers.values_mut() {
            story.fill_reasons();
        }
    }
    halves::join(&mut pools, timeline);
    told_by_checks::add(&mut pools);
    let starts = starts(timeline);
    let near = timeline
        .events
        .iter()
        .filter_map(|event| event.at)
        .next_back();
    for doc in &documents.dumps {
        let at = taken(doc, &pools, &starts, clock, near);
        add_dump(&mut pools, doc, at, documents);
    }
    for pool in pools.values_mut() {
        for story in pool.servers.values_mut() {
            story
                .snapshots
                .sort_by_key(|s| (s.at.is_none(), s.at, s.cite.span));
        }
        pool.rows
            .sort_by_key(|r| (r.at.is_none(), r.at, r.cite.span));
    }
    pools
}

fn tell(
    pools: &mut BTreeMap<Box<str>, Pool>,
    message: &Message,
    at: Option<i64>,
    event: &crate::incident::Happening,
) {
    let cite = &event.cite;
    if let Some((name, to, reason, left)) = announced(message) {
        let story = pools
            .entry(name.backend.as_str().into())
            .or_default()
            .server(&name.server);
        story.backup |= matches!(message, Message::State(c) if c.backup)
            || matches!(message, Message::Admin(c) if c.backup);
        story.changes.push(Change {
            at,
            precision: event.precision,
            to,
            reason,
            left,
            cite: cite.clone(),
        });
        return;
    }
    match message {
        Message::NoServer { backend } => {
            pools
                .entry(backend.as_str().into())
                .or_default()
                .no_server
                .push((at, cite.clone()));
        }
        Message::Check(line) => {
            let story = pools
                .entry(line.name.backend.as_str().into())
                .or_default()
                .server(&line.name.server);
            story.checks.push((at, line.clone(), cite.clone()));
        }
        Message::Address(change) => {
            let story = pools
                .entry(change.name.backend.as_str().into())
                .or_default()
                .server(&change.name.server);
            let (from, to, by) = (change.from.clone(), change.to.clone(), change.by.clone());
            story.addresses.push((at, from, to, by, cite.clone()));
        }
        _ => {}
    }
}

impl Pool {
    fn server(&mut self, name: &str) -> &mut Story {
        self.servers.entry(name.into()).or_default()
    }
}

impl Story {
    /// With `option log-health-checks` the reason stands in the check's own line just before the change.
    fn fill_reasons(&mut self) {
        for change in &mut self.changes {
            if change.reason != Reason::Unsaid || change.to == State::Up {
                continue;
            }
            let near = |at: Option<i64>| match (at, change.at) {
                (Some(a), Some(b)) => (a - b).abs() <= EXPLAINS_WITHIN,
                _ => true,
            };
            let failed = self
                .checks
                .iter()
                .rev()
                .find(|(at, line, _)| !line.passed && near(*at));
            if let Some((_, line, _)) = failed {
                change.reason = match checked(line.report.clone()) {
                    Reason::Check(report) if line.agent => Reason::Agent(report),
                    other => other,
                };
            }
        }
    }

    /// The last change at or before a time; `None` in `at`: the last one of all.
    pub fn change_before(&self, at: Option<i64>) -> Option<&Change> {
        match at {
            Some(at) => self
                .changes
                .iter()
                .rev()
                .find(|c| c.at.is_some_and(|t| t <= at)),
            None => self.changes.last(),
        }
    }

    /// Its state at the end of what was captured, from the latest change or dump.
    pub fn last_state(&self) -> Option<State> {
        let change = self.changes.last();
        let snapshot = self
            .snapshots
            .iter()
            .rev()
            .find(|s| s.at.is_some() && s.state.is_some());
        match (change, snapshot) {
            (Some(c), Some(s)) if s.at >= c.at.map(|at| at - SECOND) => s.state,
            (Some(c), _) => Some(c.to),
            (None, Some(s)) => s.state,
            (None, None) => self.snapshots.last().and_then(|s| s.state),
        }
    }

    /// Address and port as the latest dump shows them.
    pub fn address(&self) -> Option<&str> {
        self.snapshots
            .iter()
            .rev()
            .find_map(|s| s.address.as_deref())
    }
}

/// When processes began to keep states: nothing changed before that.
fn starts(timeline: &Timeline) -> Vec<i64> {
    let is_start = |what: &What| {
        matches!(
            what,
            What::Message(Message::Process(
                ProcessChange::WorkerForked { .. }
                    | ProcessChange::LoadingSuccess
                    | ProcessChange::ProxyStarted { .. }
            ))
        )
    };
    timeline
        .events
        .iter()
        .filter(|event| is_start(&event.what))
        .filter_map(|event| event.at)
        .collect()
}

/// When a dump was taken: as it says itself, or from the age of its states against the changes in the log.
fn taken(
    doc: &DumpDoc,
    pools: &BTreeMap<Box<str>, Pool>,
    starts: &[i64],
    clock: &Clock,
    near: Option<i64>,
) -> Option<i64> {
    if let Some(taken) = doc.taken {
        let prompt = taken.how == How::Prompt && taken.stamp.micros < crate::base::DAY;
        return match (prompt, near) {
            (true, Some(near)) => Some(clock.time_of_day(taken.stamp, near)),
            (true, None) => None,
            (false, _) => Some(clock.stamp(doc.source, taken.stamp)),
        };
    }
    let mut guesses = Vec::new();
    match &doc.dump {
        Dump::ServersState(rows) => {
            for row in rows {
                guess(
                    &mut guesses,
                    pools,
                    starts,
                    (&row.backend, &row.server),
                    state_of(row.availability()),
                    row.since_change_s,
                );
            }
        }
        Dump::Stat(stat) => {
            for row in stat.rows.iter().filter(|row| row.kind == StatKind::Server) {
                let since = row.number("lastchg");
                guess(
                    &mut guesses,
                    pools,
                    starts,
                    (&row.proxy, &row.name),
                    state_of(row.availability()),
                    since,
                );
            }
        }
        _ => {}
    }
    agreed(&guesses)
}

/// Every time at which one row's age fits a change to its state; a state held since the start fits the start.
fn guess(
    guesses: &mut Vec<Vec<i64>>,
    pools: &BTreeMap<Box<str>, Pool>,
    starts: &[i64],
    (backend, server): (&str, &str),
    state: Option<State>,
    since_s: Option<u64>,
) {
    let (Some(state), Some(since)) = (state, since_s.and_then(|s| i64::try_from(s).ok())) else {
        return;
    };
    let story = pools.get(backend).and_then(|pool| pool.servers.get(server));
    let changes = story.into_iter().flat_map(|story| &story.changes);
    let mut times: Vec<i64> = changes
        .filter(|c| c.to == state)
        .filter_map(|c| c.at)
        .collect();
    if state == State::Up {
        times.extend(starts);
    }
    guesses.push(times.into_iter().map(|at| at + since * SECOND).collect());
}

/// A time on which most rows agree. The latest of equally good ones: states repeat, and dumps are taken after the fact.
fn agreed(guesses: &[Vec<i64>]) -> Option<i64> {
    let all: Vec<i64> = guesses.iter().flatten().copied().collect();
    let fits = |at: i64| {
        guesses
            .iter()
            .filter(|g| g.iter().any(|&t| (t - at).abs() <= SINCE_SLACK))
            .count()
    };
    let best = all.into_iter().max_by_key(|&at| (fits(at), at))?;
    (2 * fits(best) >= guesses.len()).then_some(best)
}

fn add_dump(
    pools: &mut BTreeMap<Box<str>, Pool>,
    doc: &DumpDoc,
    at: Option<i64>,
    documents: &Documents,
) {
    match &doc.dump {
        Dump::ServersState(rows) => {
            for row in rows {
                let story = pools
                    .entry(row.backend.as_str().into())
                    .or_default()
                    .server(&row.server);
                story
                    .snapshots
                    .push(of_state(row, at, documents.cite(doc.source, row.at)));
            }
        }
        Dump::Stat(stat) => {
            for row in &stat.rows {
                let cite = || documents.cite(doc.source, row.at);
                match row.kind {
                    StatKind::Server => {
                        let pool = pools.entry(row.proxy.as_str().into()).or_default();
                        let story = pool.server(&row.name);
                        story.backup |= row.number("bck") == Some(1);
                        story.snapshots.push(of_stat(row, at, cite()));
                    }
                    StatKind::Backend => {
                        let availability = row.availability();
                        let pool = pools.entry(row.proxy.as_str().into()).or_default();
                        pool.rows.push(BackendRow {
                            at,
                            availability,
                            row: row.clone(),
                            cite: cite(),
                        });
                    }
                    StatKind::Frontend | StatKind::Listener => {}
                }
            }
        }
        Dump::Info(_) | Dump::Backends(_) | Dump::Resolvers(_) => {}
        Dump::Errors(_) | Dump::Procs(_) => {}
    }
}

fn of_state(row: &ServerRow, at: Option<i64>, cite: Cite) -> Snapshot {
    let availability = row.availability();
    let report = row.check_status.map(|status| CheckReport {
        status,
        code: None,
        info: String::new(),
        duration_ms: None,
    });
    let address = match (row.address.as_str(), row.port) {
        ("", _) => None,
        (address, Some(port)) => Some(format!("{address}:{port}")),
        (address, None) => Some(address.to_owned()),
    };
    Snapshot {
        at,
        state: state_of(availability),
        reason: reason_of(availability, report),
        availability,
        address,
        since_s: row.since_change_s,
        n_connect_errors: None,
        fqdn: row.fqdn.clone(),
        cite,
    }
}

fn of_stat(row: &StatRow, at: Option<i64>, cite: Cite) -> Snapshot {
    let availability = row.availability();
    let report = |status: Option<&str>, code: &str, info: &str| {
        let status = check_status_from_short(status?)?;
        let code = row.number(code).and_then(|code| u32::try_from(code).ok());
        Some(CheckReport {
            status,
            code,
            info: row.column(info).unwrap_or_default().to_owned(),
            duration_ms: None,
        })
    };
    let report = match availability {
        Availability::DownByAgent => report(row.column("agent_status"), "agent_code", "last_agt"),
        _ => report(row.column("check_status"), "check_code", "last_chk"),
    };
    Snapshot {
        at,
        state: state_of(availability),
        reason: reason_of(availability, report),
        availability,
        address: row.column("addr").map(str::to_owned),
        since_s: row.number("lastchg"),
        n_connect_errors: row.number("econ"),
        fqdn: String::new(),
        cite,
    }
}

fn state_of(availability: Availability) -> Option<State> {
    if availability.is_usable() {
        Some(State::Up)
    } else if availability.is_maint() {
        Some(State::Maint)
    } else if availability.is_drain() {
        Some(State::Drain)
    } else if availability.is_down() {
        Some(State::Down)
    } else if availability == Availability::Stopping {
        Some(State::Stopping)
    } else {
        None
    }
}

fn reason_of(availability: Availability, report: Option<CheckReport>) -> Reason {
    match availability {
        Availability::DownByCheck => report.map_or(Reason::Unsaid, checked),
        // `disable-on-404` leaves this status; without it a command did it.
        Availability::Stopping => report
            .filter(|report| report.status == CheckStatus::L7Okc)
            .map_or(Reason::Unsaid, Reason::Check),
        Availability::DownByAgent => report.map_or(Reason::Unsaid, Reason::Agent),
        Availability::DownByTracked
        | Availability::MaintInherited
        | Availability::DrainInherited => Reason::Tracked(None),
        Availability::MaintForced | Availability::Maint | Availability::DrainForced => {
            Reason::Admin(AdminWhy::Forced)
        }
        Availability::MaintConfigured => Reason::Configured,
        Availability::MaintResolution => Reason::Dns("MAINT (resolution)".to_owned()),
        Availability::WeightZero => Reason::Weight,
        _ => Reason::Unsaid,
    }
}
