//! Reloads and restarts of HAProxy just before an incident.
//!
//! A process that merely starts, with none before it, is no reload: nothing was running that it could have changed.

use crate::base::MINUTE;
use crate::base::Precision;
use crate::base::SECOND;
use crate::diagnosis::Case;
use crate::diagnosis::Tie;
use crate::diagnosis::TriggerFinding;
use crate::diagnosis::before;
use crate::event::host::HostKind;
use crate::event::message::ProcessChange;
use crate::incident::Happening;

/// Lines of one reload are within this time.
const ONE_RELOAD: i64 = 30 * SECOND;
/// Requests of a route come at least this often, or nothing ties their failure to the reload.
const ROUTE_WITHIN: i64 = MINUTE;

/// Failures of checks that the configuration decides: what is asked, where, and what is expected.
const BY_CHECK: [&str; 11] = [
    "listener-refused",
    "connect-timeout",
    "check-tls-failure",
    "check-http-status",
    "check-response-invalid",
    "check-timeout",
    "check-socket-error",
    "external-check-failed",
    "admin-maintenance",
    "dns-resolution-failed",
    "agent-down",
];
/// Answers that the configuration's rules, pools and limits decide.
const BY_RULE: [&str; 8] = [
    "no-servers-configured",
    "no-route",
    "misrouted",
    "denied-by-rule",
    "stale-address",
    "stale-process",
    "process-limits",
    "queue-timeout",
];
/// What only a start brings about.
const BY_START: [&str; 2] = ["startup-window", "haproxy-down"];

/// A reload or restart.
#[derive(Debug)]
pub(super) struct Reload<'a> {
    /// Its first line, UTC.
    pub at: i64,
    /// Digits of its source.
    pub precision: Precision,
    /// Its lines.
    pub events: Vec<&'a Happening>,
    /// It was a stop and a start.
    pub restart: bool,
}

/// The reload that fits the cause in kind and time.
pub(super) fn find<'a>(case: &Case<'a>, cause: &str) -> Option<Reload<'a>> {
    let by_check = BY_CHECK.contains(&cause);
    let by_start = BY_START.contains(&cause);
    if !by_check && !by_start && !BY_RULE.contains(&cause) {
        return None;
    }
    let sign = case
        .losses
        .iter()
        .filter(|_| by_check)
        .filter_map(|loss| loss.at)
        .min()
        .or(case.incident.window.start)
        .or(case.start())?;
    // After a start each server is checked once within `inter`; a server that fails its first check is DOWN at once.
    let lead = if by_check {
        let times = case
            .losses
            .iter()
            .map(|loss| before::detection(case, loss.server));
        times.max().unwrap_or_else(|| before::detection(case, ""))
    } else {
        ROUTE_WITHIN
    };
    let starts = by_start && cause != "haproxy-down";
    latest(case, (sign - lead, sign + SECOND), starts)
}

/// The latest reload or restart in a span; `starts`: a first start counts too.
fn latest<'a>(case: &Case<'a>, span: (i64, i64), starts: bool) -> Option<Reload<'a>> {
    const KINDS: &[HostKind] = &[
        HostKind::UnitReloaded,
        HostKind::UnitStopped,
        HostKind::OperatorCommand,
    ];
    let mut lines: Vec<(i64, &Happening, bool)> = Vec::new();
    for (at, event, host) in before::host_events(case, KINDS, span) {
        let text = host.subject.to_ascii_lowercase();
        let typed = ["reload", "restart", " -sf", " -st", "kill"]
            .iter()
            .any(|verb| text.contains(verb));
        let is_command = host.kind == HostKind::OperatorCommand;
        if before::is_haproxy(&text) && (typed || !is_command) {
            let restart = host.kind == HostKind::UnitStopped || text.contains("restart");
            lines.push((at, event, restart));
        }
    }
    for (at, event, change) in before::process_changes(case, span) {
        let counts = match change {
            ProcessChange::Reloading | ProcessChange::FormerWorkerLeft { .. } => true,
            ProcessChange::WorkerForked { .. } | ProcessChange::LoadingSuccess => starts,
            _ => false,
        };
        if counts {
            lines.push((at, event, false));
        }
    }
    lines.sort_by_key(|(at, event, _)| (*at, event.cite.span));
    let last = lines.last()?.0;
    lines.retain(|(at, ..)| last - at <= ONE_RELOAD);
    let &(at, first, _) = lines.first()?;
    Some(Reload {
        at,
        precision: first.precision,
        restart: lines.iter().any(|(.., restart)| *restart),
        events: lines.into_iter().map(|(_, event, _)| event).collect(),
    })
}

impl Reload<'_> {
    /// As a trigger.
    pub(super) fn finding(&self, tie: Tie, explanation: String) -> TriggerFinding {
        TriggerFinding {
            at: Some(self.at),
            precision: self.precision,
            tie,
            explanation,
            cites: before::cites(self.events.iter().copied()),
        }
    }

    /// `reloaded` or `restarted`.
    pub(super) fn verb(&self) -> &'static str {
        if self.restart {
            "restarted"
        } else {
            "reloaded"
        }
    }
}
