//! The agent beside the server declares it down, stopped or failed.
//!
//! Looks alike: `check-http-status` has the same words "Layer7 wrong status", but an HTTP code and no "via agent"; a drain or
//! maintenance that the agent ordered is logged as an operator's (`admin-drain`, `admin-maintenance`).
//! Known gap: what the agent measures is not in HAProxy's logs, but for the text that it may send along.

use crate::diagnosis::Advice;
use crate::diagnosis::Case;
use crate::diagnosis::Cause;
use crate::diagnosis::Loss;
use crate::diagnosis::Verdict;
use crate::diagnosis::pool;
use crate::diagnosis::reason;
use crate::diagnosis::target;
use crate::diagnosis::target::Target;
use crate::incident::Reason;
use crate::incident::State;

/// Servers that get a command of their own.
const SERVERS_MAX: usize = 4;

pub(super) const CAUSE: Cause = Cause {
    id: "agent-down",
    title: "the servers' agents declared them down",
    why: "`agent-check` asks a small service beside the server for one line. `down`, `stopped` or `fail` takes effect at once, \
          without `fall`, whatever the health check says; `up` alone brings the server back. An agent that does not answer at \
          all changes nothing.",
    fix: "repair the agent or what it measures; the server returns when the agent says `up`",
    evidence: "\"Layer7 wrong status, code: 0, info: via agent : down\"; `DOWN (agent)` and the `agent_*` columns of `show stat`",
    source: "HAProxy src/check.c (process_chk_agent); configuration manual 3.2, \"agent-check\"; seen on real runs",
    blames: Some(blames),
    examine,
    advise,
};

fn blames(_case: &Case<'_>, loss: &Loss<'_>) -> bool {
    loss.state == State::Down && matches!(reason::own(loss), Some(Reason::Agent(_)))
}

fn examine(case: &Case<'_>) -> Verdict {
    let said = pool::telling(case, blames)
        .and_then(reason::own)
        .and_then(|reason| match reason {
            Reason::Agent(report) => report.info.strip_prefix("via agent"),
            _ => None,
        })
        .map(|said| said.trim_start_matches([' ', ':']))
        .filter(|said| !said.is_empty())
        .map(|said| format!(" (\"{said}\")"))
        .unwrap_or_default();
    let how = format!("the agent declared the server unfit{said}, whatever the health check says");
    let verdict = pool::examine(case, blames, &how);
    pool::unless_configured(
        case,
        verdict,
        |_, server| server.agent_check.is_some() || server.track.is_some(),
        "has `agent-check`",
    )
}

fn advise(case: &Case<'_>, advice: &mut Advice) {
    advice.step("ask the agent by hand, and look at what it measures (load, a maintenance flag, a dependency): it must answer `up` or `ready`");
    for loss in case
        .losses
        .iter()
        .filter(|loss| blames(case, loss))
        .take(SERVERS_MAX)
    {
        let server = loss.server;
        let line = case.server(server);
        let host = line
            .and_then(|line| line.agent_addr.as_ref())
            .map(|addr| addr.value.clone())
            .or_else(|| Target::of(case, server).map(|at| at.host))
            .unwrap_or_else(|| format!("<address of {server}>"));
        let port = line
            .and_then(|line| line.agent_port.as_ref())
            .map_or_else(|| "<agent-port>".to_owned(), |port| port.value.to_string());
        advice.verify(format!(
            "timeout 3 nc {} {port} </dev/null    # the agent's answer for {server}",
            target::word(&host)
        ));
    }
    if let Some(loss) = pool::telling(case, blames) {
        let name = format!("{}/{}", case.incident.backend, loss.server);
        advice.step(format!("if the agent itself is broken: `{}` stops asking it, then `set server {name} health up`", target::runtime(&format!("disable agent {name}"))));
    }
}

#[cfg(test)]
mod tests {
    use crate::testing;
    use crate::testing::lost_to;

    #[test]
    fn the_agents_verdict_is_found_with_its_words() {
        let log = lost_to(
            r#"Layer7 wrong status, code: 0, info: "via agent : down (disk full)", check duration: 1ms"#,
        );
        let config =
            "backend be_app\n server app1 192.0.2.11:8080 check agent-check agent-port 9999\n";
        let incident = testing::concludes(
            &[("haproxy.log", &log), ("haproxy.cfg", config)],
            "agent-down",
        );
        assert!(
            incident
                .cause
                .explanation
                .contains("(\"down (disk full)\")")
        );
        assert!(
            incident.fix.verify[0].starts_with("timeout 3 nc 192.0.2.11 9999"),
            "{:?}",
            incident.fix.verify
        );
    }

    #[test]
    fn an_http_status_is_not_the_agents() {
        let log = lost_to(
            r#"Layer7 wrong status, code: 503, info: "Service Unavailable", check duration: 1ms"#,
        );
        testing::rules_out(&[("haproxy.log", &log)], "agent-down");
    }

    #[test]
    fn a_pool_without_agents_rules_it_out_where_nothing_else_is_said() {
        let config = "backend be_app\n server app1 192.0.2.11:8080 check\n";
        let incident =
            testing::incident(&[("haproxy.log", testing::NOSRV), ("haproxy.cfg", config)]);
        assert!(incident.ruled_out.iter().any(|r| r.id == "agent-down"));
        let incident = testing::incident(&[("haproxy.log", testing::NOSRV)]);
        assert!(incident.possible.iter().any(|p| p.id == "agent-down"));
    }
}
