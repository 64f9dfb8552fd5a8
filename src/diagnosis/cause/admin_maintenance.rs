//! An operator, the API, the stats page or the agent put the server into maintenance, or its line says `disabled`.
//!
//! Looks alike: maintenance by DNS (`MAINT (resolution)`, a cause in parentheses: `dns-resolution-failed`), by tracking
//! (`via be/srv`), and a drain. A server that was DOWN before it entered maintenance keeps the cause of its check.
//! A server-state file keeps maintenance: the next worker says "is DOWN, changed from server-state after a reload" of such a server
//! as of one whose check had failed. Only how it returns tells them apart: by a check (`startup-window`), or "UP/READY (leaving
//! forced maintenance)".
//! Source: HAProxy `src/server_state.c`, `srv_state_srv_update` (`SRV_ADMF_FMAINT`); `src/server.c`, `srv_update_status`.
//! Known gap: HAProxy writes nothing about servers that are `disabled` from the start, nor who gave a command.

use crate::base::Cite;
use crate::diagnosis::Advice;
use crate::diagnosis::Case;
use crate::diagnosis::Cause;
use crate::diagnosis::Loss;
use crate::diagnosis::Verdict;
use crate::diagnosis::Weight;
use crate::diagnosis::pool;
use crate::diagnosis::reason;
use crate::diagnosis::target;
use crate::event::message::AdminWhy;
use crate::incident::Reason;
use crate::incident::State;

/// Servers that get a command of their own.
const SERVERS_MAX: usize = 8;

pub(super) const CAUSE: Cause = Cause {
    id: "admin-maintenance",
    title: "the servers were put into maintenance",
    why: "`disable server`, `set server … state maint`, the stats page, the API or the agent's `maint` take a server out at once \
          and stop its check; `disabled` on the line does so from the start. It stays out until it is set `ready`, however \
          healthy the application is. (`set server … health down` counts here too: a command, not a check.)",
    fix: "set the servers `ready` again, or drop `disabled` from their lines",
    evidence: "\"is going DOWN for maintenance\" or \"enters maintenance\" without another cause, `srv_admin_state` bit 1, status MAINT, `disabled`",
    source: "HAProxy src/server.c; management manual 3.2, \"set server\"; configuration manual 3.2, \"disabled\"",
    blames: Some(blames),
    examine,
    advise,
};

fn blames(case: &Case<'_>, loss: &Loss<'_>) -> bool {
    match reason::own(loss) {
        // `is DOWN/READY (leaving forced maintenance)`: it was DOWN for a reason of its own.
        Some(Reason::Admin(_)) => match loss.state {
            State::Maint => true,
            State::Down => *loss.reason == Reason::Unsaid,
            State::Drain | State::Stopping | State::Up => false,
        },
        Some(Reason::Configured) => true,
        Some(Reason::Command(_)) => loss.state == State::Down,
        Some(Reason::StateFile) => is_restored(case, loss),
        _ => false,
    }
}

/// The server-state file put it back into maintenance: it left it by a command, or a dump shows it there before any other change.
/// A server that was only DOWN does not come UP by leaving a drain.
pub(super) fn is_restored(case: &Case<'_>, loss: &Loss<'_>) -> bool {
    let Some(story) = case.story(loss.server) else {
        return false;
    };
    let is_later = |at: Option<i64>| matches!((at, loss.at), (Some(at), Some(lost)) if at > lost);
    match story.changes.iter().find(|change| is_later(change.at)) {
        Some(next) => next.to == State::Up && matches!(next.reason, Reason::Admin(_)),
        None => story.snapshots.iter().any(|dump| {
            dump.state == Some(State::Maint) && matches!(dump.reason, Reason::Admin(_))
        }),
    }
}

fn examine(case: &Case<'_>) -> Verdict {
    let how = match pool::telling(case, blames).and_then(reason::own) {
        Some(Reason::Configured) => "the `server` line says `disabled`, and nobody enabled the server".to_owned(),
        Some(Reason::Command(by)) => format!("a command set the server down ({by})"),
        Some(Reason::StateFile) => "the server-state file brought back, when HAProxy loaded it, the maintenance that was in force when it was written".to_owned(),
        Some(Reason::Admin(AdminWhy::StatsPage)) => "somebody ordered maintenance on the stats page".to_owned(),
        _ => "somebody (a command, the API or the agent) ordered maintenance; the application may be healthy".to_owned(),
    };
    let disabled = disabled(case);
    let born = "their lines in the configuration say `disabled`, and nothing shows that somebody enabled them";
    if case.losses.is_empty()
        && let Some(verdict) = pool::silent(case, &disabled, born, Weight::Strong)
    {
        return verdict;
    }
    pool::examine(case, blames, &how)
}

/// Servers whose line says `disabled`.
fn disabled(case: &Case<'_>) -> Vec<(String, Cite)> {
    let servers = case.proxy.into_iter().flat_map(|proxy| &proxy.servers);
    servers
        .filter_map(|server| {
            Some((
                server.name.clone(),
                case.bundle.config_cite(server.disabled?)?,
            ))
        })
        .collect()
}

fn advise(case: &Case<'_>, advice: &mut Advice) {
    let backend = &case.incident.backend;
    advice.step("find out who put the servers into maintenance, and whether that work is done");
    if case
        .losses
        .iter()
        .any(|loss| is_restored(case, loss) && *loss.reason == Reason::StateFile)
    {
        advice.step("write the server-state file anew just before each reload, so that it does not bring back an order of the past");
    }
    let lost = case.losses.iter().filter(|loss| blames(case, loss));
    let mut names: Vec<&str> = lost.map(|loss| loss.server).collect();
    let disabled = disabled(case);
    if names.is_empty() {
        names.extend(disabled.iter().map(|(name, _)| name.as_str()));
    }
    for name in names.iter().take(SERVERS_MAX) {
        advice.step(format!(
            "`{}`",
            target::runtime(&format!("set server {backend}/{name} state ready"))
        ));
    }
    if names
        .iter()
        .any(|name| disabled.iter().any(|(server, _)| server == name))
    {
        advice.step(
            "drop `disabled` from the `server` lines: the next reload would take them out again",
        );
        advice.reload_needed();
    } else {
        advice.caution("a command on the socket lasts until the next reload, unless a server-state file keeps it");
    }
    advice.caution("see that the application answers before setting a server `ready`: it gets traffic before its first check");
}

#[cfg(test)]
mod tests {
    use crate::testing;

    const LEFT: &str =
        "0 active and 0 backup servers left. 0 sessions active, 0 requeued, 0 remaining in queue.";

    #[test]
    fn maintenance_by_command_is_found_with_the_command_that_ends_it() {
        let log = testing::lost(&format!(
            "Server be_app/app1 is going DOWN for maintenance. {LEFT}"
        ));
        let incident = testing::concludes(&[("haproxy.log", &log)], "admin-maintenance");
        assert!(
            incident
                .fix
                .steps
                .iter()
                .any(|s| s.contains("'set server be_app/app1 state ready'")),
            "{:?}",
            incident.fix.steps
        );
    }

    #[test]
    fn maintenance_by_name_resolution_is_nobodys_command() {
        let log = testing::lost(&format!(
            "Server be_app/app1 is going DOWN for maintenance (DNS NX status). {LEFT}"
        ));
        testing::rules_out(&[("haproxy.log", &log)], "admin-maintenance");
    }

    #[test]
    fn a_server_that_was_down_before_keeps_its_own_cause() {
        let log = testing::lost_to("Layer4 timeout, check duration: 2001ms");
        let log = format!(
            "{log}Jun 05 21:53:47 proxy01 haproxy[3028]: Server be_app/app1 was DOWN and now enters maintenance.\n"
        );
        testing::rules_out(&[("haproxy.log", &log)], "admin-maintenance");
    }

    #[test]
    fn servers_disabled_from_the_start_are_found_without_any_message() {
        let config = "backend be_app\n server app1 192.0.2.11:8080 check disabled\n server app2 192.0.2.12:8080 check disabled\n";
        let incident = testing::concludes(
            &[("haproxy.log", testing::NOSRV), ("haproxy.cfg", config)],
            "admin-maintenance",
        );
        assert!(incident.fix.reload_needed);
        let one = config.replace(
            "8080 check disabled\n server app2",
            "8080 check\n server app2",
        );
        testing::concludes(
            &[("haproxy.log", testing::NOSRV), ("haproxy.cfg", &one)],
            "insufficient-evidence",
        );
    }
}
