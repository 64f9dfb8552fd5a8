//! The server was drained, or its weight is 0: it is UP and gets no new requests.
//!
//! Looks alike: maintenance (no check, no sessions at all); `stopping` after a 404 with `disable-on-404` (`check-http-status`);
//! a drain mirrored from a tracked server (`tracked-server-down`).
//! Known gap: HAProxy never logs a weight. Only dumps, the configuration and the operator's commands show it; a pool emptied so
//! leaves "has no server available!" without a line about any server.

use crate::base::Cite;
use crate::base::SECOND;
use crate::capture::Capture;
use crate::diagnosis::Advice;
use crate::diagnosis::Case;
use crate::diagnosis::Cause;
use crate::diagnosis::Lack;
use crate::diagnosis::Loss;
use crate::diagnosis::Verdict;
use crate::diagnosis::Weight;
use crate::diagnosis::pool;
use crate::diagnosis::reason;
use crate::diagnosis::target;
use crate::event::host::HostKind;
use crate::evidence::What;
use crate::incident::Reason;
use crate::incident::State;
use std::collections::BTreeMap;

/// Servers that get a command of their own.
const SERVERS_MAX: usize = 8;
/// The line of the last lost server stands within this time of "has no server available!".
const SAME_EVENT: i64 = 2 * SECOND;

pub(super) const CAUSE: Cause = Cause {
    id: "admin-drain",
    title: "the servers were drained, or had weight 0",
    why: "`set server … state drain`, the stats page, the agent (`drain`, `0%`) or a weight of 0 keep new requests away from a \
          server that is otherwise UP: sessions with persistence still reach it. A pool of such servers has none usable, and \
          HAProxy answers 503 itself while every check is green.",
    fix: "set the servers `ready` again, and restore their weight",
    evidence: "\"enters drain state\", `srv_admin_state` bit 8, status DRAIN, `weight` or `srv_uweight` 0, `set weight … 0`",
    source: "HAProxy src/server.c, src/backend.c; management manual 3.2, \"set server\", \"set weight\"",
    blames: Some(blames),
    examine,
    advise,
};

fn blames(_case: &Case<'_>, loss: &Loss<'_>) -> bool {
    match reason::own(loss) {
        Some(Reason::Admin(_)) => matches!(loss.state, State::Drain | State::Stopping),
        Some(Reason::Weight) => true,
        Some(Reason::Command(_)) => loss.state == State::Stopping,
        _ => false,
    }
}

fn examine(case: &Case<'_>) -> Verdict {
    if case.losses.is_empty() {
        if let Some(verdict) = by_weight(case) {
            return verdict;
        }
        if let Some(verdict) = unannounced(case) {
            return verdict;
        }
    }
    let how = match pool::telling(case, blames).and_then(reason::own) {
        Some(Reason::Weight) => {
            "the weight was 0, which keeps new requests away from a server that is UP"
        }
        _ => {
            "somebody (a command, the API or the agent) ordered a drain, which keeps new requests away from a server that is UP"
        }
    };
    pool::examine(case, blames, how)
}

/// Weights that the configuration or commands set to 0.
fn by_weight(case: &Case<'_>) -> Option<Verdict> {
    let lines = case.proxy.into_iter().flat_map(|proxy| &proxy.servers);
    let configured: Vec<(String, Cite)> = lines
        .filter(|server| server.weight.value == 0)
        .filter_map(|server| {
            Some((
                server.name.clone(),
                case.bundle
                    .config_cite(server.weight.at.unwrap_or(server.at))?,
            ))
        })
        .collect();
    let how = "their lines in the configuration say `weight 0`";
    pool::silent(case, &configured, how, Weight::Strong).or_else(|| {
        let commanded: Vec<(String, Cite)> = commanded(case).into_iter().collect();
        pool::silent(
            case,
            &commanded,
            "commands set their weight to 0",
            Weight::Strong,
        )
    })
}

/// Servers of the pool whose weight the last command of the time set to 0.
fn commanded(case: &Case<'_>) -> BTreeMap<String, Cite> {
    let end = case.incident.window.end;
    let in_time = |at: Option<i64>| !matches!((at, end), (Some(at), Some(end)) if at > end);
    let typed = case
        .bundle
        .documents
        .captures
        .iter()
        .filter_map(|doc| match &doc.capture {
            Capture::SocketCommand { command, at, .. } => {
                let taken = doc
                    .taken
                    .map(|taken| case.bundle.clock.stamp(doc.source, taken.stamp));
                Some((
                    taken,
                    command.as_str(),
                    case.bundle.documents.cite(doc.source, *at),
                ))
            }
            _ => None,
        });
    let logged = case
        .bundle
        .timeline
        .events
        .iter()
        .filter_map(|event| match &event.what {
            What::Host(host) if host.kind == HostKind::SocketCommand => {
                Some((event.at, host.subject.as_str(), event.cite.clone()))
            }
            What::Host(_) | What::Message(_) => None,
        });
    let mut all: Vec<(Option<i64>, &str, Cite)> = typed
        .chain(logged)
        .filter(|(at, ..)| in_time(*at))
        .collect();
    all.sort_by_key(|(at, _, cite)| (*at, cite.span));
    let mut zero = BTreeMap::new();
    for (_, command, cite) in all {
        match weight_command(command) {
            Some((name, true)) => zero.insert(name, cite),
            Some((name, false)) => zero.remove(&name),
            None => None,
        };
    }
    let prefix = format!("{}/", case.incident.backend);
    zero.into_iter()
        .filter_map(|(name, cite)| Some((name.strip_prefix(&prefix)?.to_owned(), cite)))
        .collect()
}

/// `set server be/srv weight 0`, `set weight be/srv 0%`: the server, and whether it is 0 now.
fn weight_command(command: &str) -> Option<(String, bool)> {
    let words: Vec<&str> = command
        .split([' ', '"', '\'', ';', '|'])
        .filter(|word| !word.is_empty())
        .collect();
    words
        .windows(5)
        .find_map(|window| match window {
            ["set", "server", name, "weight", value] => Some(((*name).to_owned(), is_zero(value))),
            ["set", "weight", name, value, _] => Some(((*name).to_owned(), is_zero(value))),
            _ => None,
        })
        .or_else(|| match words.as_slice() {
            [.., "set", "weight", name, value] => Some(((*name).to_owned(), is_zero(value))),
            _ => None,
        })
}

fn is_zero(value: &str) -> bool {
    value
        .trim_end_matches('%')
        .trim_end_matches("\\n")
        .trim_end_matches('%')
        == "0"
}

/// HAProxy said that the pool was empty, and wrote no line about the server that left it so.
fn unannounced(case: &Case<'_>) -> Option<Verdict> {
    let pool = case.pool?;
    let (at, _) = pool.no_server.last()?;
    let at = (*at)?;
    let near = |other: Option<i64>| other.is_some_and(|other| (other - at).abs() <= SAME_EVENT);
    let announced = pool
        .servers
        .values()
        .flat_map(|story| &story.changes)
        .any(|change| near(change.at));
    (case.has_messages() && !announced).then(|| {
        Verdict::CannotTell(Lack {
            why: "HAProxy said that the pool is empty without a line about any of its servers: setting the last weight to 0 does so".to_owned(),
            missing: pool::states_missing(case),
        })
    })
}

fn advise(case: &Case<'_>, advice: &mut Advice) {
    let backend = &case.incident.backend;
    advice.step("find out who drained the servers, and whether that work is done");
    let mine = || case.losses.iter().filter(|loss| blames(case, loss));
    let drained = mine().filter(|loss| reason::own(loss) != Some(&Reason::Weight));
    for loss in drained.take(SERVERS_MAX) {
        advice.step(format!(
            "`{}`",
            target::runtime(&format!("set server {backend}/{} state ready", loss.server))
        ));
    }
    let mut weightless: Vec<&str> = mine()
        .filter(|loss| reason::own(loss) == Some(&Reason::Weight))
        .map(|loss| loss.server)
        .collect();
    if case.losses.is_empty() {
        weightless = case.server_names();
    }
    for name in weightless.iter().take(SERVERS_MAX) {
        let line = case.server(name).filter(|line| line.weight.value == 0);
        if line.is_some() {
            advice.step(format!(
                "raise `weight 0` on the line of {name}: `100%` is 0 there too"
            ));
            advice.reload_needed();
        } else {
            advice.step(format!(
                "`{}`",
                target::runtime(&format!("set server {backend}/{name} weight 100%"))
            ));
        }
    }
    advice.verify(format!(
        "{}    # srv_admin_state 0, srv_uweight above 0",
        target::runtime(&format!("show servers state {backend}"))
    ));
}

#[cfg(test)]
mod tests {
    use super::weight_command;
    use crate::testing;

    #[test]
    fn a_drained_pool_is_found_with_the_command_that_ends_it() {
        let log = testing::lost(
            "Server be_app/app1 enters drain state. 0 active and 0 backup servers online. 0 sessions requeued, 0 total in queue.",
        );
        let incident = testing::concludes(&[("haproxy.log", &log)], "admin-drain");
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
    fn weights_of_zero_are_found_in_a_dump_and_in_the_configuration() {
        let row = "1\n# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight srv_iweight srv_time_since_last_change srv_check_status srv_check_result srv_check_health srv_check_state srv_agent_state bk_f_forced_id srv_f_forced_id srv_fqdn srv_port srvrecord\n3 be_app 1 app1 192.0.2.11 2 0 0 1 30 15 3 4 6 0 0 0 - 8080 -\n";
        let files = [
            ("haproxy.log", testing::NOSRV),
            ("show-servers-state.txt", row),
        ];
        testing::concludes(&files, "admin-drain");
        let config = "backend be_app\n server app1 192.0.2.11:8080 check weight 0\n";
        let incident = testing::concludes(
            &[("haproxy.log", testing::NOSRV), ("haproxy.cfg", config)],
            "admin-drain",
        );
        assert!(incident.fix.reload_needed);
    }

    #[test]
    fn commands_about_weights_are_read_in_both_forms() {
        let zero = |command: &str| weight_command(command);
        assert_eq!(
            zero("set server be_app/app1 weight 0"),
            Some(("be_app/app1".to_owned(), true))
        );
        assert_eq!(
            zero("echo 'set weight be_app/app1 0%' | socat"),
            Some(("be_app/app1".to_owned(), true))
        );
        assert_eq!(
            zero("set weight be_app/app1 50%"),
            Some(("be_app/app1".to_owned(), false))
        );
        assert_eq!(zero("set server be_app/app1 state drain"), None);
    }

    #[test]
    fn maintenance_is_another_cause() {
        let log = testing::lost(
            "Server be_app/app1 is going DOWN for maintenance. 0 active and 0 backup servers left. 0 sessions active, 0 requeued, 0 remaining in queue.",
        );
        testing::rules_out(&[("haproxy.log", &log)], "admin-drain");
    }

    #[test]
    fn an_empty_pool_without_a_line_about_a_server_makes_it_possible_only() {
        let log = testing::lost(
            "Server be_other/x1 is DOWN, reason: Layer4 timeout, check duration: 2001ms. 1 active and 0 backup servers left. 0 sessions active, 0 requeued, 0 remaining in queue.",
        );
        let report = testing::report(&[("haproxy.log", &log)]);
        let incident = report
            .incidents
            .iter()
            .find(|i| i.backend.as_deref() == Some("be_app"))
            .unwrap();
        assert_eq!(incident.cause.id, "insufficient-evidence");
        let why = &incident
            .possible
            .iter()
            .find(|p| p.id == "admin-drain")
            .unwrap()
            .why;
        assert!(why.contains("setting the last weight to 0"), "{why}");
    }
}
