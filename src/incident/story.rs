//! What each server of each backend did: changes from the logs, states from the dumps, both on one axis.

use crate::base::Cite;
use crate::base::Precision;
use crate::base::SECOND;
use crate::base::Span;
use crate::clock::Clock;
use crate::document::Documents;
use crate::event::message::CheckLine;
use crate::event::message::CheckReport;
use crate::event::message::Message;
use crate::event::message::ProcessChange;
use crate::event::message::ServerName;
use crate::event::message::Why;
use crate::evidence::What;
use crate::incident::snapshot::add_dump;
use crate::incident::snapshot::is_timed;
use crate::incident::snapshot::taken;
use crate::incident::state::announced;
use crate::incident::state::checked;
use crate::incident::{BackendRow, Change, Reason, Snapshot, State, Timeline};
use std::collections::BTreeMap;

/// A `Health check for …` line explains a state change written within this time of it.
const EXPLAINS_WITHIN: i64 = 3 * SECOND;

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

/// Tells every server's story.
pub(super) fn pools(
    timeline: &Timeline,
    documents: &Documents,
    clock: &Clock,
) -> BTreeMap<Box<str>, Pool> {
    let mut pools = BTreeMap::<Box<str>, Pool>::new();
    let mut cut: Option<(ServerName, Span)> = None;
    for event in &timeline.events {
        let What::Message(message) = &event.what else {
            continue;
        };
        if let (Message::Fragment(report), Some((name, span))) = (message, &cut) {
            continue_wrapped(&mut pools, name, *span, report, event.cite.span);
        }
        cut = match message {
            Message::State(change) if change.why == Why::Unsaid => {
                Some((change.name.clone(), event.cite.span))
            }
            _ => None,
        };
        tell(&mut pools, message, event.at, event);
    }
    for pool in pools.values_mut() {
        for story in pool.servers.values_mut() {
            story.fill_reasons();
            story.fill_changes();
        }
    }
    let starts = starts(timeline);
    let near = timeline
        .events
        .iter()
        .filter_map(|event| event.at)
        .next_back();
    for doc in &documents.dumps {
        let at = taken(doc, &pools, &starts, clock, near);
        add_dump(&mut pools, doc, (at, is_timed(doc, clock)), documents);
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

/// A message wrapped by hand goes on in the next line: `reason: Layer7 timeout, …` belongs to the change before it.
fn continue_wrapped(
    pools: &mut BTreeMap<Box<str>, Pool>,
    name: &ServerName,
    cut: Span,
    report: &CheckReport,
    span: Span,
) {
    let next_line = span.source == cut.source
        && span.block == cut.block
        && span.line.saturating_sub(cut.line) <= 2;
    let story = pools
        .get_mut(name.backend.as_str())
        .and_then(|pool| pool.servers.get_mut(name.server.as_str()));
    if let Some(change) = story.and_then(|story| story.changes.last_mut())
        && next_line
        && change.reason == Reason::Unsaid
    {
        change.reason = checked(report.clone());
    }
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
    pub(super) fn server(&mut self, name: &str) -> &mut Story {
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

    /// A check line that counts the health down to 0 is the DOWN, also where the message of the change itself is missing.
    fn fill_changes(&mut self) {
        let mut missing = Vec::new();
        for (at, line, cite) in &self.checks {
            let dead = !line.passed && matches!(line.health, Some((0, _)));
            let told = self.changes.iter().any(|change| match (change.at, at) {
                (Some(a), Some(b)) => change.to != State::Up && (a - b).abs() <= EXPLAINS_WITHIN,
                _ => true,
            });
            if dead && !told {
                let reason = match checked(line.report.clone()) {
                    Reason::Check(report) if line.agent => Reason::Agent(report),
                    other => other,
                };
                let precision = Precision::Second;
                missing.push(Change {
                    at: *at,
                    precision,
                    to: State::Down,
                    reason,
                    left: None,
                    cite: cite.clone(),
                });
            }
        }
        self.changes.extend(missing);
        self.changes
            .sort_by_key(|change| (change.at, change.cite.span));
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
            // Stamps and ages are whole seconds: a dump that close to a change may show the state before it.
            (Some(c), Some(s)) if s.at > c.at.map(|at| at + SECOND) => s.state,
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
