//! What happened, in order: changes of the failing backends, processes, host events near an incident.

use crate::base::MINUTE;
use crate::base::rfc3339;
use crate::event::host::HostKind;
use crate::event::message::Message;
use crate::evidence::What;
use crate::incident::Happening;
use crate::report::TimelineLine;
use crate::report::build::Parts;
use crate::report::build::evidence::Citations;

/// Events this far around an incident are shown.
const AROUND: i64 = 5 * MINUTE;
/// Lines of the timeline; beyond it the report says how many are left out.
const LINES_MAX: usize = 400;

pub(super) fn lines(parts: &Parts<'_>, citations: &mut Citations<'_>) -> Vec<TimelineLine> {
    let mut lines = Vec::new();
    for event in &parts.bundle.timeline.events {
        if lines.len() >= LINES_MAX {
            break;
        }
        if parts
            .chosen
            .is_some_and(|chosen| !chosen.has_time(event.at))
        {
            continue;
        }
        if let Some((kind, backend, server)) = shown(event, parts) {
            lines.push(TimelineLine {
                at: event.at.map(|at| rfc3339(at, event.precision)),
                kind: kind.to_owned(),
                backend,
                server,
                text: text(event),
                evidence: Some(citations.id(&event.cite)),
            });
        }
    }
    lines
}

/// Kind, backend and server of an event that belongs into the timeline.
fn shown(
    event: &Happening,
    parts: &Parts<'_>,
) -> Option<(&'static str, Option<String>, Option<String>)> {
    let near = parts.concluded.iter().any(|(incident, _)| {
        match (event.at, incident.window.start, incident.window.end) {
            (Some(at), Some(start), end) => {
                start - AROUND <= at && at <= end.unwrap_or(start) + AROUND
            }
            _ => true,
        }
    });
    if !near {
        return None;
    }
    let concerns = |name: &str| {
        parts
            .concluded
            .iter()
            .any(|(incident, _)| *incident.backend == *name)
    };
    match &event.what {
        What::Message(Message::State(c)) if concerns(&c.name.backend) => {
            let kind = match c.to {
                crate::event::message::OpState::Up => "server-up",
                crate::event::message::OpState::Down => "server-down",
                crate::event::message::OpState::Stopping => "server-stopping",
            };
            Some((
                kind,
                Some(c.name.backend.clone()),
                Some(c.name.server.clone()),
            ))
        }
        What::Message(Message::Admin(c)) if concerns(&c.name.backend) => {
            let kind = match c.to {
                crate::event::message::AdminState::Maint => "server-maint",
                crate::event::message::AdminState::Drain => "server-drain",
                crate::event::message::AdminState::Ready => "server-ready",
            };
            Some((
                kind,
                Some(c.name.backend.clone()),
                Some(c.name.server.clone()),
            ))
        }
        What::Message(Message::NoServer { backend }) if concerns(backend) => {
            Some(("no-server", Some(backend.clone()), None))
        }
        What::Message(Message::Address(c)) if concerns(&c.name.backend) => Some((
            "address-changed",
            Some(c.name.backend.clone()),
            Some(c.name.server.clone()),
        )),
        What::Message(Message::Process(change)) => {
            process_kind(change).map(|kind| (kind, None, None))
        }
        What::Message(Message::Limit { .. }) => Some(("limit", None, None)),
        What::Message(_) => None,
        What::Host(host) => Some((host_kind(host.kind), None, None)),
    }
}

pub(in crate::report) fn process_kind(
    change: &crate::event::message::ProcessChange,
) -> Option<&'static str> {
    use crate::event::message::ProcessChange as P;
    Some(match change {
        P::WorkerForked { .. } | P::LoadingSuccess => "process-started",
        P::Reloading => "reload",
        P::LoadFailed => "reload-failed",
        P::CurrentWorkerLeft { .. } | P::MasterLeaving | P::HardStop | P::Watchdog => {
            "process-ended"
        }
        P::FormerWorkerLeft { .. } => "old-process-ended",
        P::ConfigError { .. } | P::BindError { .. } => "config-error",
        P::UnresolvedAtStart { .. } => "unresolved-at-start",
        P::StateFileUnread { .. } => "state-file",
        P::LogsLost => "logs-lost",
        P::ProxyStarted { .. }
        | P::ProxyStopped { .. }
        | P::ProxyPaused { .. }
        | P::ProxyResumed { .. }
        | P::Version { .. } => return None,
    })
}

pub(in crate::report) fn host_kind(kind: HostKind) -> &'static str {
    match kind {
        HostKind::UnitStopped => "unit-stopped",
        HostKind::UnitStarted => "unit-started",
        HostKind::UnitReloaded => "unit-reloaded",
        HostKind::UnitFailed => "unit-failed",
        HostKind::OomKill => "oom-kill",
        HostKind::Booted => "boot",
        HostKind::ShuttingDown => "shutdown",
        HostKind::Network => "network",
        HostKind::ConntrackFull => "conntrack-full",
        HostKind::KernelLimit => "kernel-limit",
        HostKind::DiskFull | HostKind::DiskFailed => "disk",
        HostKind::Certificate => "certificate",
        HostKind::Dns => "dns",
        HostKind::SocketCommand => "socket-command",
        HostKind::OperatorCommand => "operator-command",
        HostKind::Deploy => "deploy",
        HostKind::AccessDenied => "access-denied",
        HostKind::SynFlood => "syn-flood",
        HostKind::LogsSuppressed => "logs-suppressed",
        HostKind::AppSlow => "app-slow",
        HostKind::TimeStep => "time-step",
    }
}

/// The message without its carrier, as far as it can be told: from the host on, or the whole line.
fn text(event: &Happening) -> String {
    let line = &*event.cite.text;
    let cut = line
        .find("]: ")
        .map(|at| at + 3)
        .and_then(|at| line.get(at..));
    let body = cut.unwrap_or(line);
    if event.host.is_empty() {
        body.to_owned()
    } else {
        format!("{}: {body}", event.host)
    }
}
