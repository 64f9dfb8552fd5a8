//! Messages of the logs, and the beginning and end of failures.

use crate::base::Precision;
use crate::base::counted;
use crate::base::thousands;
use crate::event::message::AdminState;
use crate::event::message::Message;
use crate::event::message::OpState;
use crate::event::message::ProcessChange;
use crate::event::message::ServerName;
use crate::evidence::What;
use crate::incident::Basis;
use crate::incident::Happening;
use crate::incident::Incident;
use crate::incident::State;
use crate::report::build::Parts;
use crate::report::build::timeline::host_kind;
use crate::report::build::timeline::process_kind;
use crate::report::chronicle::entry::Draft;
use crate::report::chronicle::entry::Track;

/// What HAProxy and the hosts said.
pub(super) fn of_logs(parts: &Parts<'_>) -> Vec<Draft> {
    let events = &parts.bundle.timeline.events;
    events.iter().filter_map(draft).collect()
}

fn draft(event: &Happening) -> Option<Draft> {
    let (kind, backend, server) = subject(&event.what)?;
    Some(Draft {
        precision: event.precision,
        assumed: event.placed || event.assumed,
        untied: event.placed || event.assumed,
        host: event.host.clone(),
        backends: backend.into_iter().collect(),
        server,
        text: body(&event.cite.text, &event.host).to_owned(),
        cite: Some(event.cite.clone()),
        copies: event.n_copies,
        ..Draft::new(kind, event.at, Track::Log(event.cite.span.source))
    })
}

/// Kind, backend and server of a message; `None`: it says nothing about availability.
fn subject(what: &What) -> Option<(&'static str, Option<String>, String)> {
    let of =
        |kind, name: &ServerName| Some((kind, Some(name.backend.clone()), name.server.clone()));
    let all = |kind| Some((kind, None, String::new()));
    let message = match what {
        What::Host(host) => return all(host_kind(host.kind)),
        What::Message(message) => message,
    };
    match message {
        Message::State(change) => of(
            match change.to {
                OpState::Up => "server-up",
                OpState::Down => "server-down",
                OpState::Stopping => "server-stopping",
            },
            &change.name,
        ),
        Message::Admin(change) => of(
            match change.to {
                AdminState::Maint => "server-maint",
                AdminState::Drain => "server-drain",
                AdminState::Ready => "server-ready",
            },
            &change.name,
        ),
        Message::Check(line) if line.passed => of("check-passed", &line.name),
        Message::Check(line) => of("check-failed", &line.name),
        Message::Address(change) => of("address-changed", &change.name),
        Message::NoServer { backend } => Some(("no-server", Some(backend.clone()), String::new())),
        Message::Process(change) => process(change),
        Message::Limit { proxy, .. } => {
            let proxy = (!proxy.is_empty()).then(|| proxy.clone());
            Some(("limit", proxy, String::new()))
        }
        Message::Fragment(_) | Message::Embryonic { .. } | Message::Other => None,
    }
}

fn process(change: &ProcessChange) -> Option<(&'static str, Option<String>, String)> {
    let kind = match change {
        ProcessChange::ProxyStarted { .. } => "proxy-started",
        ProcessChange::ProxyStopped { .. } => "proxy-stopped",
        ProcessChange::ProxyPaused { .. } => "proxy-paused",
        ProcessChange::ProxyResumed { .. } => "proxy-resumed",
        other => process_kind(other)?,
    };
    Some((kind, None, String::new()))
}

/// The message without its carrier and without the mark of HAProxy's stderr, so that copies read alike.
fn body<'l>(line: &'l str, host: &str) -> &'l str {
    let cut = line.find("]: ").and_then(|at| line.get(at + 3..));
    let body = after_host(line, host).or(cut).unwrap_or(line).trim_start();
    // `[WARNING]  (3141) : text`, `[WARNING] 155/215347 (3141) : text`
    let marked = body
        .strip_prefix('[')
        .and_then(|rest| rest.split_once(']'))
        .filter(|(level, _)| level.chars().all(|c| c.is_ascii_uppercase()))
        .and_then(|(_, rest)| rest.split_once(") : "))
        .filter(|(head, _)| head.len() < MARK_MAX);
    marked.map_or(body, |(_, text)| text)
}

/// What follows `host program: ` or `host program[pid]: `.
fn after_host<'l>(line: &'l str, host: &str) -> Option<&'l str> {
    if host.is_empty() {
        return None;
    }
    let at = line.find(&format!(" {host} "))?;
    let rest = line.get(at + host.len() + 2..)?;
    let (program, text) = rest.split_once(": ")?;
    (!program.is_empty() && !program.contains(' ')).then_some(text)
}

/// Longest `  155/215347 (4194304` between the level and the text.
const MARK_MAX: usize = 32;

/// When requests began and ended to fail, the last good one before, and the return of service.
pub(super) fn of_failures(parts: &Parts<'_>) -> Vec<Draft> {
    let incidents = parts.concluded.iter().map(|(incident, _)| incident);
    let known = parts.bundle.clock.knows_offset();
    incidents
        .filter(|incident| incident.basis == Basis::Requests)
        .flat_map(|incident| failures(parts, incident, !known))
        .collect()
}

fn failures(parts: &Parts<'_>, incident: &Incident, assumed: bool) -> Vec<Draft> {
    let at = |kind, at: Option<i64>, text: String| {
        at.map(|at| Draft {
            precision: Precision::Milli,
            assumed,
            untied: assumed,
            host: incident.host.clone(),
            frontend: incident.frontend.to_string(),
            backends: vec![incident.backend.to_string()],
            text,
            ..Draft::new(kind, Some(at), Track::Requests)
        })
    };
    let window = incident.window;
    let n = incident.n_failed();
    let mut drafts = Vec::new();
    drafts.extend(at(
        "last-good",
        window.last_good,
        "last request answered well before the failures".to_owned(),
    ));
    if let Some(mut first) = at("first-failure", window.start, first(incident)) {
        first.count = Some(n);
        first.cite = lines(incident).min_by_key(|cite| cite.span);
        drafts.push(first);
    }
    let text = if window.ongoing {
        "last failed request; it still failed when the capture ended"
    } else {
        "end of the last failed request"
    };
    if let Some(mut last) = at("last-failure", window.end, text.to_owned()) {
        last.count = Some(n);
        let ends = incident.failures.values().filter_map(|tally| tally.last());
        last.cite = ends.max_by_key(|cite| cite.span);
        drafts.push(last);
    }
    if let Some((back, precision)) = incident.recovered_at
        && !is_message(parts, incident, back)
    {
        let back = at(
            "service-back",
            Some(back),
            "first sign of service after the failures".to_owned(),
        );
        drafts.extend(back.map(|draft| Draft { precision, ..draft }));
    }
    drafts
}

/// Service is back by a server's own message, which is an event already.
fn is_message(parts: &Parts<'_>, incident: &Incident, at: i64) -> bool {
    let pool = parts.bundle.pools.get(&incident.backend);
    let stories = pool.into_iter().flat_map(|pool| pool.servers.values());
    let mut changes = stories.flat_map(|story| &story.changes);
    changes.any(|change| change.to == State::Up && change.at == Some(at))
}

fn lines(incident: &Incident) -> impl Iterator<Item = crate::base::Cite> {
    let tallies = incident.failures.values();
    tallies.filter_map(|tally| tally.first.clone())
}

fn first(incident: &Incident) -> String {
    let mut text = if incident.n_503 > 0 {
        format!(
            "first of {} answered 503",
            counted(incident.n_503, "request")
        )
    } else {
        format!(
            "first of {}",
            counted(incident.n_sessions, "failed TCP stream")
        )
    };
    if incident.n_nosrv > 0 {
        text.push_str(&format!(
            ", {} of them <NOSRV>",
            thousands(incident.n_nosrv)
        ));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_the_same_behind_every_prefix() {
        for line in [
            "Jun 05 21:53:45 proxy01 haproxy[3139]: [WARNING]  (3141) : Server be_app/app1 is DOWN.",
            "[WARNING] 155/215345 (3141) : Server be_app/app1 is DOWN.",
            "Jun 05 21:53:45 proxy01 haproxy[3141]: Server be_app/app1 is DOWN.",
            "Jun 05 21:53:45 proxy01 haproxy: Server be_app/app1 is DOWN.",
            "Server be_app/app1 is DOWN.",
        ] {
            let text = body(line, "proxy01");
            assert_eq!(text, "Server be_app/app1 is DOWN.", "{line}");
        }
        assert_eq!(body("[a] (b) : c", ""), "[a] (b) : c");
    }
}
