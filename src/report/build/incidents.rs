//! One incident and its conclusion -> the report's lines.

use crate::base::Precision;
use crate::base::rfc3339;
use crate::diagnosis::Against;
use crate::diagnosis::Avoidable;
use crate::diagnosis::Case;
use crate::diagnosis::Conclusion;
use crate::diagnosis::Fingerprint;
use crate::diagnosis::Replay;
use crate::diagnosis::fingerprint;
use crate::diagnosis::host_of;
use crate::incident::Basis;
use crate::incident::Incident;
use crate::incident::State;
use crate::report::build::Parts;
use crate::report::build::evidence::Citations;
use crate::report::build::verdict::tells_enough;
use crate::report::{AlsoLine, AvoidableLine, FingerprintLine, ReplayLine, RestLine};
use crate::report::{
    CauseLine, FactorLine, FixLine, Impact, IncidentLine, MissingLine, PossibleLine, Recovery,
    Route, RuledOutLine, ServerLine, TransitionLine, TriggerLine, Window,
};
use std::collections::BTreeMap;

pub(super) fn line(
    index: usize,
    incident: &Incident,
    conclusion: &Conclusion,
    parts: &Parts<'_>,
    citations: &mut Citations<'_>,
) -> IncidentLine {
    let case = Case::new(parts.bundle, incident);
    let named = |name: &str| (!name.is_empty()).then(|| name.to_owned());
    let cause = CauseLine {
        id: conclusion.cause.id.to_owned(),
        confidence: conclusion.cause.confidence,
        title: conclusion.cause.title.to_owned(),
        explanation: conclusion.cause.explanation.clone(),
        evidence: citations.ids(&conclusion.cause.cites),
    };
    IncidentLine {
        id: format!("I{}", index + 1),
        fault: None,
        host: named(&incident.host),
        frontend: named(&incident.frontend),
        backend: named(&incident.backend),
        window: window(incident),
        impact: impact(&case),
        answered_by: answered_by(incident, conclusion.cause.id),
        cause,
        replay: conclusion.replay.as_ref().map(replay),
        servers: servers(&case, conclusion, citations),
        trigger: trigger(conclusion, citations),
        factors: factors(conclusion, citations),
        ruled_out: conclusion
            .ruled_out
            .iter()
            .map(|(id, against)| against_line(id, against, citations))
            .collect(),
        possible: conclusion
            .possible
            .iter()
            .map(|p| PossibleLine {
                id: p.id.to_owned(),
                why: p.why.clone(),
            })
            .collect(),
        contradictions: conclusion
            .contradictions
            .iter()
            .map(|against| against_line(conclusion.cause.id, against, citations))
            .collect(),
        fix: FixLine {
            steps: conclusion.advice.steps.clone(),
            verify: conclusion.advice.verify.clone(),
            cautions: conclusion.advice.cautions.clone(),
            reload_needed: conclusion.advice.reload,
        },
        recovered: incident.recovered,
        recovery: recovery(&case),
        also: also(conclusion, incident.window.precision, citations),
        fingerprint: fingerprint_of(&case, conclusion),
        similar: Vec::new(),
    }
}

fn also(
    conclusion: &Conclusion,
    precision: Precision,
    citations: &mut Citations<'_>,
) -> Vec<AlsoLine> {
    let mut lines = Vec::new();
    for other in &conclusion.also {
        lines.push(AlsoLine {
            backend: other.backend.clone(),
            cause: other.cause.to_owned(),
            at: other.at.map(|at| rfc3339(at, precision)),
            evidence: citations.ids(&other.cites),
        });
    }
    lines
}

fn fingerprint_of(case: &Case<'_>, conclusion: &Conclusion) -> FingerprintLine {
    let Fingerprint { id, features } = fingerprint(case, conclusion);
    FingerprintLine { id, features }
}

fn trigger(conclusion: &Conclusion, citations: &mut Citations<'_>) -> Option<TriggerLine> {
    let (id, confidence, finding) = conclusion.trigger.as_ref()?;
    Some(TriggerLine {
        id: (*id).to_owned(),
        confidence: *confidence,
        at: finding.at.map(|at| rfc3339(at, finding.precision)),
        explanation: finding.explanation.clone(),
        evidence: citations.ids(&finding.cites),
    })
}

fn factors(conclusion: &Conclusion, citations: &mut Citations<'_>) -> Vec<FactorLine> {
    let mut lines = Vec::new();
    for (id, finding) in &conclusion.factors {
        lines.push(FactorLine {
            id: (*id).to_owned(),
            explanation: finding.explanation.clone(),
            evidence: citations.ids(&finding.cites),
            avoidable: finding.avoidable.iter().map(avoidable).collect(),
        });
    }
    lines
}

fn avoidable(avoidable: &Avoidable) -> AvoidableLine {
    let Avoidable {
        by,
        requests,
        of,
        assuming,
    } = avoidable.clone();
    AvoidableLine {
        by,
        requests,
        of,
        assuming,
    }
}

fn replay(replay: &Replay) -> ReplayLine {
    let rest = replay.rest.iter().map(|rest| RestLine {
        kind: rest.kind.word().to_owned(),
        requests: rest.requests,
        cause: rest.cause.map(str::to_owned),
    });
    ReplayLine {
        requests: replay.requests,
        of: replay.of,
        rest: rest.collect(),
    }
}

fn against_line(id: &str, against: &Against, citations: &mut Citations<'_>) -> RuledOutLine {
    RuledOutLine {
        id: id.to_owned(),
        why: against.why.clone(),
        evidence: citations.ids(&against.cites),
    }
}

fn window(incident: &Incident) -> Window {
    let window = incident.window;
    let text = |at: Option<i64>| at.map(|at| rfc3339(at, window.precision));
    Window {
        start: text(window.start),
        end: text(window.end),
        last_good: window.last_good.map(|at| rfc3339(at, Precision::Milli)),
        ongoing: window.ongoing,
    }
}

fn impact(case: &Case<'_>) -> Impact {
    let incident = case.incident;
    let mut routes = BTreeMap::<(Option<String>, String), u64>::new();
    for (key, n) in &incident.routes {
        *routes
            .entry((host_of(case, key), key.path.clone()))
            .or_default() += n;
    }
    let mut routes: Vec<Route> = routes
        .into_iter()
        .map(|((host, path), http_503)| Route {
            host,
            path,
            http_503,
        })
        .collect();
    routes.sort_by(|a, b| {
        b.http_503
            .cmp(&a.http_503)
            .then_with(|| (&a.host, &a.path).cmp(&(&b.host, &b.path)))
    });
    Impact {
        requests: incident.n_requests,
        http_503: incident.n_503,
        nosrv: incident.n_nosrv,
        failed_sessions: (incident.n_sessions > 0).then_some(incident.n_sessions),
        clients: incident.clients.0,
        clients_estimated: incident.clients.1,
        routes,
        routes_cut: incident.routes_cut,
    }
}

/// HAProxy wrote every 503 but those that a server sent.
fn answered_by(incident: &Incident, cause: &str) -> &'static str {
    use crate::evidence::Step;
    let by_server = incident.n_step(Step::Application);
    let n = incident.n_failed();
    match (incident.basis, n) {
        (Basis::Requests, n) if by_server * 2 > n => "server",
        (Basis::Requests, _) => "haproxy",
        _ if cause == "application-503" => "server",
        (Basis::Messages | Basis::Dumps, _) => "haproxy",
        _ => "unknown",
    }
}

fn servers(
    case: &Case<'_>,
    conclusion: &Conclusion,
    citations: &mut Citations<'_>,
) -> Vec<ServerLine> {
    let mut lines = Vec::new();
    for name in case.server_names() {
        let story = case.story(name);
        let mut from: Option<State> = None;
        let mut transitions = Vec::new();
        for change in story.into_iter().flat_map(|story| &story.changes) {
            let near = match (
                change.at,
                case.incident.window.start,
                case.incident.window.end,
            ) {
                (Some(at), Some(start), Some(end)) => start - NEAR <= at && at <= end + NEAR,
                _ => true,
            };
            if near {
                transitions.push(TransitionLine {
                    at: change.at.map(|at| rfc3339(at, change.precision)),
                    from: from.map(|state| state.word().to_owned()),
                    to: change.to.word().to_owned(),
                    reason: change.reason.words(),
                    evidence: citations.id(&change.cite),
                });
            }
            from = Some(change.to);
        }
        lines.push(ServerLine {
            name: name.to_owned(),
            address: case.address(name),
            cause: conclusion.servers.get(name).map(|id| (*id).to_owned()),
            transitions,
        });
    }
    // Servers that only the failed requests name.
    for name in conclusion
        .servers
        .keys()
        .filter(|name| !lines.iter().any(|line| line.name == **name))
        .collect::<Vec<_>>()
    {
        let cause = conclusion.servers.get(name).map(|id| (*id).to_owned());
        lines.push(ServerLine {
            name: name.clone(),
            address: None,
            cause,
            transitions: Vec::new(),
        });
    }
    lines
}

/// Changes this far from the window belong to the story; microseconds.
const NEAR: i64 = 30 * crate::base::MINUTE;

fn recovery(case: &Case<'_>) -> Option<Recovery> {
    let incident = case.incident;
    incident.recovered?;
    let states: Vec<(&str, Option<State>)> = case
        .server_names()
        .into_iter()
        .map(|name| (name, case.bundle.state_after(incident, name)))
        .collect();
    let known = states.iter().any(|(_, state)| state.is_some());
    let usable = states.iter().filter(|(name, state)| match state {
        Some(state) => *state == State::Up,
        None => case.server(name).is_some_and(|s| s.disabled.is_none()),
    });
    let down = states
        .iter()
        .filter(|(_, state)| state.is_some_and(|state| state != State::Up));
    Some(Recovery {
        at: incident
            .recovered_at
            .map(|(at, precision)| rfc3339(at, precision)),
        usable_servers: known.then(|| u32::try_from(usable.count()).unwrap_or(u32::MAX)),
        still_down: down.map(|(name, _)| (*name).to_owned()).collect(),
    })
}

/// Incidents of different backends with the same cause within the same minute share a fault.
pub(super) fn with_faults(mut lines: Vec<IncidentLine>, parts: &Parts<'_>) -> Vec<IncidentLine> {
    let mut n_faults = 0;
    for first in 0..lines.len() {
        let mut members = vec![first];
        for second in first + 1..lines.len() {
            if same_fault(parts, first, second) {
                members.push(second);
            }
        }
        let taken = lines.get(first).is_some_and(|line| line.fault.is_some());
        if members.len() > 1 && !taken {
            n_faults += 1;
            for member in members {
                if let Some(line) = lines.get_mut(member) {
                    line.fault.get_or_insert_with(|| format!("F{n_faults}"));
                }
            }
        }
    }
    lines
}

fn same_fault(parts: &Parts<'_>, first: usize, second: usize) -> bool {
    let (Some((a, by)), Some((b, other))) =
        (parts.concluded.get(first), parts.concluded.get(second))
    else {
        return false;
    };
    let near = match (a.window.start, b.window.start) {
        (Some(x), Some(y)) => (x - y).abs() <= crate::base::MINUTE,
        _ => false,
    };
    near && a.backend != b.backend
        && by.cause.id == other.cause.id
        && by.cause.id != "insufficient-evidence"
}

pub(super) fn missing(parts: &Parts<'_>) -> Vec<MissingLine> {
    let mut lines: Vec<MissingLine> = Vec::new();
    for lack in parts
        .concluded
        .iter()
        .flat_map(|(_, conclusion)| &conclusion.missing)
    {
        let line = MissingLine {
            artifact: lack.artifact.clone(),
            would_decide: lack.would_decide.clone(),
            capture: lack.capture.clone(),
        };
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    if parts.concluded.is_empty()
        && !tells_enough(parts)
        && parts.chosen.is_none_or(|c| c.n_left_out == 0)
    {
        lines.push(MissingLine {
            artifact: "the traffic log and HAProxy's messages of the time of the failure".to_owned(),
            would_decide: "whether any request failed, and why".to_owned(),
            capture: "sudo journalctl -u haproxy --no-pager -o short-iso-precise --since '1 hour ago' > haproxy.journal".to_owned(),
        });
    }
    lines
}
