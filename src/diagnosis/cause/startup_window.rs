//! Just after a start or a reload no server was usable yet, though none was broken.
//!
//! Two ways: the server-state file restored servers as DOWN, and they must pass `rise` checks first; or servers begin unusable
//! (`init-addr none` until the first DNS answer, `init-state down`) and no line says so before they come UP.
//! Looks alike: servers that the file put back into maintenance (`admin-maintenance`: they return by a command); servers that are really dead after a reload (their first check fails at once: that check's cause); a stopped
//! HAProxy refuses connections instead (`haproxy-down`).
//! Known gap: servers that stay DOWN from the state file may be dead or unchecked; no message tells which.

use crate::base::Cite;
use crate::base::SECOND;
use crate::base::thousands;
use crate::diagnosis::Advice;
use crate::diagnosis::Case;
use crate::diagnosis::Cause;
use crate::diagnosis::Finding;
use crate::diagnosis::Lack;
use crate::diagnosis::Loss;
use crate::diagnosis::Sign;
use crate::diagnosis::Verdict;
use crate::diagnosis::Weight;
use crate::diagnosis::cause::admin_maintenance;
use crate::diagnosis::pool;
use crate::event::message::Message;
use crate::event::message::ProcessChange;
use crate::evidence::Step;
use crate::evidence::What;
use crate::incident::{Change, Happening, Reason, State};

pub(super) const CAUSE: Cause = Cause {
    id: "startup-window",
    title: "HAProxy had just started or reloaded, and its servers were not usable yet",
    why: "A new worker builds its own view of the servers. With a server-state file it restores them as they were written there, \
          DOWN included; with `init-addr none` or `init-state down` they begin unusable. Until `rise` checks have passed, or a \
          name has resolved, HAProxy answers 503 although every server works.",
    fix: "write the server-state file just before each reload (or drop it), and let servers begin UP (`init-state`, `init-addr last,libc,none`) where that is safe",
    evidence: "\"changed from server-state after a reload\", or servers whose first message after a start is UP; short, and over without a repair",
    source: "HAProxy src/server_state.c, src/check.c; configuration manual 3.2, `load-server-state-from-file`, `init-addr`, `init-state`",
    blames: Some(blames),
    examine,
    advise,
};

/// A worker that needs longer than this to find its servers usable waits for more than its first checks or DNS answers:
/// `rise` and `inter` of a pool may prolong it. `resolve_retries` × `timeout retry` of DNS is 3 s by default, `inter` 2 s.
const WARM_UP: i64 = 30 * SECOND;
/// Stamps of whole seconds.
const SLACK: i64 = 2 * SECOND;

/// The state file took it out, and it came back by itself as soon as its checks had passed.
fn blames(case: &Case<'_>, loss: &Loss<'_>) -> bool {
    *loss.reason == Reason::StateFile
        && !admin_maintenance::is_restored(case, loss)
        && was_healthy(case, loss)
}

/// It passed its checks within the time that they need, or the log ends before that.
fn was_healthy(case: &Case<'_>, loss: &Loss<'_>) -> bool {
    let Some(story) = case.story(loss.server) else {
        return true;
    };
    let Some(from) = loss.at else {
        return true;
    };
    let until = from + warm_up(case, loss.server);
    let inside = |at: Option<i64>| at.is_some_and(|at| from <= at && at <= until);
    let failed = story
        .checks
        .iter()
        .any(|(at, line, _)| !line.passed && inside(*at));
    let back = story
        .changes
        .iter()
        .any(|change| change.to == State::Up && inside(change.at));
    let seen_until = case.bundle.reach.span.map(|(_, last)| last);
    let log_ends = seen_until.is_none_or(|last| last < until);
    !failed && (back || log_ends)
}

/// How long the first checks of a server take.
fn warm_up(case: &Case<'_>, server: &str) -> i64 {
    let line = case.server(server);
    let checks = line.map_or(0, |line| {
        (line.rise.value + 1).saturating_mul(line.inter_ms.value)
    });
    let checks = i64::try_from(checks).unwrap_or(0).saturating_mul(1000);
    WARM_UP.max(checks.saturating_add(SLACK))
}

fn examine(case: &Case<'_>) -> Verdict {
    let how = "the server-state file restored it as DOWN at the reload, and it came UP as soon as its checks had passed";
    let start = process_start(case);
    match pool::examine(case, blames, how) {
        Verdict::Found(mut finding) => {
            if let Some(event) = start {
                let text = "HAProxy loaded its configuration just before";
                finding
                    .signs
                    .push(Sign::new(Weight::Strong, text, vec![event.cite.clone()]));
            }
            Verdict::Found(finding)
        }
        other if case.losses.is_empty() && case.incident.n_step(Step::NoServer) > 0 => {
            unannounced(case, start).unwrap_or(other)
        }
        other => other,
    }
}

/// The last start or reload within the warm-up before the first failure.
fn process_start<'a>(case: &Case<'a>) -> Option<&'a Happening> {
    let first = case.incident.window.start?;
    let events = case.bundle.timeline.events.iter().rev();
    let mut near = events.filter(|event| {
        event
            .at
            .is_some_and(|at| first - WARM_UP <= at && at <= first + SLACK)
            && (event.host == case.incident.host
                || event.host.is_empty()
                || case.incident.host.is_empty())
    });
    near.find(|event| {
        matches!(
            &event.what,
            What::Message(Message::Process(
                ProcessChange::WorkerForked { .. }
                    | ProcessChange::LoadingSuccess
                    | ProcessChange::ProxyStarted { .. }
            ))
        )
    })
}

/// No message took the servers out: they began unusable, and their first message is UP.
fn unannounced(case: &Case<'_>, start: Option<&Happening>) -> Option<Verdict> {
    let tells = case
        .bundle
        .timeline
        .events
        .iter()
        .any(|event| matches!(&event.what, What::Message(Message::Process(_))));
    let Some(start) = start else {
        // A log without a word about processes says nothing about starts either.
        return tells.then(|| {
            Verdict::against(
                "HAProxy neither started nor reloaded shortly before",
                Vec::new(),
            )
        });
    };
    let (from, first) = (start.at?, case.incident.window.start?);
    let served = case
        .bundle
        .loads
        .get(&case.incident.backend)
        .is_some_and(|load| {
            let good = load.first_good_after(from + SLACK);
            good.is_some_and(|at| at < first)
        });
    if served {
        let why = "requests were answered between the start of HAProxy and the first failure";
        return Some(Verdict::against(why, vec![start.cite.clone()]));
    }
    let ups = first_ups(case, from);
    let Some((_, up)) = ups.first() else {
        return Some(Verdict::CannotTell(Lack {
            why:
                "HAProxy had just started or reloaded, and nothing tells the states of the servers"
                    .to_owned(),
            missing: pool::states_missing(case),
        }));
    };
    let n = case.incident.n_step(Step::NoServer);
    let cites: Vec<Cite> = ups
        .iter()
        .map(|(_, change)| change.cite.clone())
        .take(4)
        .collect();
    let seconds = up.at.map_or(0, |at| (at - from).max(0) / SECOND);
    let signs = vec![
        Sign::new(
            Weight::Strong,
            "the first message about the servers after the start is that they are UP",
            cites,
        ),
        Sign::new(
            Weight::Strong,
            "HAProxy started or reloaded just before the first failure",
            vec![start.cite.clone()],
        ),
    ];
    let explanation = format!(
        "HAProxy had just loaded its configuration, and the servers of {} began unusable (a name to resolve, or `init-state`): \
         {} requests found none until the first came UP {seconds} s after the start. No server had failed.",
        case.incident.backend,
        thousands(n)
    );
    Some(Verdict::Found(Finding {
        share: case.share(&[Step::NoServer]),
        signs,
        servers: Vec::new(),
        explanation,
    }))
}

/// Servers whose first change after the start is UP, within the warm-up; none when one was lost in it.
fn first_ups<'a>(case: &Case<'a>, from: i64) -> Vec<(&'a str, &'a Change)> {
    let stories = case.pool.into_iter().flat_map(|pool| &pool.servers);
    let firsts = stories.filter_map(|(name, story)| {
        let mut after = story
            .changes
            .iter()
            .filter(|change| change.at.is_some_and(|at| from - SLACK <= at));
        after.next().map(|change| (&**name, change))
    });
    let near = firsts
        .filter(|(name, change)| change.at.is_some_and(|at| at <= from + warm_up(case, name)));
    let mut ups: Vec<(&str, &Change)> = near.collect();
    if ups.iter().any(|(_, change)| change.to != State::Up) {
        return Vec::new();
    }
    ups.sort_by_key(|(_, change)| (change.at, change.cite.span));
    ups
}

fn advise(case: &Case<'_>, advice: &mut Advice) {
    advice.reload_needed();
    let by_file = case
        .losses
        .iter()
        .any(|loss| *loss.reason == Reason::StateFile);
    if by_file {
        advice.step("write the server-state file in the reload itself, so that it is never old: `ExecReload` with `echo show servers state | socat - UNIX-CONNECT:/run/haproxy/admin.sock > <server-state-file>` before the signal");
        advice.step("or drop `load-server-state-from-file`: servers then begin UP, and the first failed check takes a dead one out");
        advice.verify("ls -l --time-style=full-iso /var/lib/haproxy/server-state    # or the path of `server-state-file`: older than the last reload?");
    } else {
        advice.step("let servers with names begin with an address: `default-server init-addr last,libc,none`, and check `init-state` (3.1 on)");
        advice.step("answer the readiness of the proxy itself only when `nbsrv` of its backends is not 0 (`monitor fail`)");
    }
    advice.caution("the 503s ended by themselves: do not restart the servers for it");
}

#[cfg(test)]
mod tests {
    use crate::testing;

    const RELOAD: &str = "Jun 05 21:53:40 proxy01 haproxy[3000]: [NOTICE]   (3000) : New worker (3028) forked\nJun 05 21:53:40 proxy01 haproxy[3000]: [NOTICE]   (3000) : Loading success.\n";
    const RESTORED: &str = "Jun 05 21:53:40 proxy01 haproxy[3000]: [WARNING]  (3000) : config : Server be_app/app1 is DOWN, changed from server-state after a reload. 0 active and 0 backup servers left. 0 sessions active, 0 requeued, 0 remaining in queue.\n";
    const EMPTY: &str = "Jun 05 21:53:41 proxy01 haproxy[3028]: 192.0.2.50:53260 [05/Jun/2026:21:53:41.100] fe_app be_app/<NOSRV> 0/-1/-1/-1/0 503 217 - - SC-- 1/1/0/0/0 0/0 \"GET / HTTP/1.1\"\n";
    const UP: &str = "Jun 05 21:53:43 proxy01 haproxy[3028]: Server be_app/app1 is UP, reason: Layer7 check passed, code: 200, check duration: 1ms. 1 active and 0 backup servers online. 0 sessions requeued, 0 total in queue.\n";

    fn good(at: &str) -> String {
        format!(
            "Jun 05 {at} proxy01 haproxy[3028]: 192.0.2.50:53261 [05/Jun/2026:{at}.500] fe_app be_app/app1 0/0/0/5/5 200 217 - - ---- 1/1/0/0/0 0/0 \"GET / HTTP/1.1\"\n"
        )
    }

    #[test]
    fn servers_restored_as_down_are_found() {
        let log = [
            RESTORED,
            RELOAD,
            EMPTY,
            UP,
            &good("21:53:44"),
            &good("21:55:44"),
        ]
        .concat();
        let incident = testing::concludes(&[("haproxy.log", &log)], "startup-window");
        assert!(incident.cause.confidence > 0.9);
    }

    #[test]
    fn servers_restored_in_maintenance_return_by_a_command() {
        let ready = "Jun 05 21:53:43 proxy01 haproxy[3028]: Server be_app/app1 is UP/READY (leaving forced maintenance).\n";
        let reloading =
            "Jun 05 21:53:40 proxy01 haproxy[3000]: [NOTICE]   (3000) : Reloading HAProxy\n";
        let log = [reloading, RESTORED, RELOAD, EMPTY, ready, &good("21:53:44")].concat();
        let incident = testing::concludes(&[("haproxy.log", &log)], "admin-maintenance");
        assert_eq!(
            incident.trigger.map(|t| t.id).as_deref(),
            Some("config-reload")
        );
        let dump = "1\n# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight srv_iweight srv_time_since_last_change \
                    srv_check_status srv_check_result srv_check_health srv_check_state srv_agent_state bk_f_forced_id srv_f_forced_id srv_fqdn \
                    srv_port srvrecord srv_use_ssl srv_check_port srv_check_addr srv_agent_addr srv_agent_port\n\
                    3 be_app 1 app1 192.0.2.11 0 1 1 1 15 3 3 6 0 0 0 0 - 8080 - 0 0 - - 0\n";
        let log = [RESTORED, RELOAD, EMPTY].concat();
        let files = [("haproxy.log", &*log), ("server-state", dump)];
        testing::concludes(&files, "admin-maintenance");
    }

    #[test]
    fn servers_that_begin_unusable_are_found() {
        let log = [RELOAD, EMPTY, UP, &good("21:53:44")].concat();
        let incident = testing::concludes(&[("haproxy.log", &log)], "startup-window");
        assert!(incident.cause.confidence > 0.6);
    }

    #[test]
    fn a_server_that_stays_down_was_really_dead() {
        let log = [
            RESTORED,
            RELOAD,
            EMPTY,
            &good("21:55:44").replace("be_app/app1", "be_web/web1"),
        ]
        .concat();
        let incident = testing::incident(&[("haproxy.log", &log)]);
        assert_ne!(incident.cause.id, "startup-window");
    }

    #[test]
    fn a_first_check_that_fails_is_the_checks_cause() {
        let down = "Jun 05 21:53:41 proxy01 haproxy[3028]: Server be_app/app1 is DOWN, reason: Layer4 connection problem, info: \"Connection refused\", check duration: 0ms. 0 active and 0 backup servers left. 0 sessions active, 0 requeued, 0 remaining in queue.\n";
        let log = [RELOAD, down, &EMPTY.replace("21:53:41", "21:53:42"), UP].concat();
        let incident = testing::rules_out(&[("haproxy.log", &log)], "startup-window");
        assert_eq!(incident.cause.id, "listener-refused");
    }

    #[test]
    fn requests_answered_since_the_start_rule_it_out() {
        let log = [
            RELOAD,
            &good("21:53:43"),
            &EMPTY.replace("21:53:41", "21:53:47"),
        ]
        .concat();
        let incident = testing::rules_out(&[("haproxy.log", &log)], "startup-window");
        assert_eq!(incident.cause.id, "insufficient-evidence");
    }

    #[test]
    fn a_start_alone_cannot_tell() {
        let log = [RELOAD, EMPTY].concat();
        let incident = testing::concludes(&[("haproxy.log", &log)], "insufficient-evidence");
        assert!(incident.possible.iter().any(|p| p.id == "startup-window"));
    }
}
