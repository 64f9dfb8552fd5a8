//! A command on the runtime socket, the API or the stats page changed the servers.
//!
//! A server that tracks another one takes that one's maintenance or drain in the same instant (src/server.c,
//! `srv_set_admin_flag`): the command was given for the tracked server and is looked for there.
//! Looks alike: maintenance because a name does not resolve; a tracked server that failed its check; the command that ended the
//! incident (`state ready`); a command that only looked (`show stat`).
//! Known gap: the socket writes no log. Without a sudo line or a transcript only the stats page and `changed from CLI` tell.

use crate::base::Cite;
use crate::base::MINUTE;
use crate::base::Precision;
use crate::base::SECOND;
use crate::capture::Capture;
use crate::diagnosis::Case;
use crate::diagnosis::Loss;
use crate::diagnosis::Tie;
use crate::diagnosis::Trigger;
use crate::diagnosis::TriggerFinding;
use crate::diagnosis::before;
use crate::diagnosis::cause::tracked_server_down;
use crate::diagnosis::reason;
use crate::document::How;
use crate::event::host::HostKind;
use crate::event::message::AdminWhy;
use crate::incident::{Reason, State};

pub(super) const TRIGGER: Trigger = Trigger {
    id: "admin-command",
    title: "a command took the servers out",
    why: "`set server … state maint|drain`, `disable server` and the stats page take effect at once and stay until the opposite \
          command or a restart. `set server be/srv state ready` undoes it. Evidence: sudo lines or a transcript of the socket within \
          seconds of the change, or a message that names the stats page or the CLI.",
    find,
};

/// A socket's command takes effect in the same millisecond; the stamps differ by up to a second or two.
const AT_ONCE: i64 = 3 * SECOND;
/// Stamps in names of captured files are those of the file, written when the command had ended.
const CAPTURED_WITHIN: i64 = 30 * SECOND;

/// Causes that a command brings about.
const ORDERED: [&str; 2] = ["admin-maintenance", "admin-drain"];

fn find(case: &Case<'_>, cause: &str) -> Option<TriggerFinding> {
    if cause == tracked_server_down::CAUSE.id {
        return tracked_server_down::at_root(case, |tracked, cause| {
            ORDERED.contains(&cause).then(|| find(tracked, cause))?
        });
    }
    if !ORDERED.contains(&cause) {
        let last = case.last_straw()?;
        return by_message(&[last]);
    }
    let losses: Vec<&Loss<'_>> = case.losses.iter().collect();
    by_transcript(case)
        .or_else(|| by_message(&losses))
        .or_else(|| by_host(case))
}

/// The message says that a command did it.
fn by_message(losses: &[&Loss<'_>]) -> Option<TriggerFinding> {
    let loss = losses.iter().find(|loss| {
        matches!(
            loss.reason,
            Reason::Command(_) | Reason::Admin(AdminWhy::StatsPage)
        )
    })?;
    Some(TriggerFinding {
        at: loss.at,
        precision: Precision::Second,
        tie: Tie::Named,
        explanation: format!("{}: {}", loss.server, loss.reason.words()),
        cites: vec![loss.cite.clone()],
    })
}

/// A line on the host: sudo with socat, a command with its text, an API's log.
fn by_host(case: &Case<'_>) -> Option<TriggerFinding> {
    let own =
        |loss: &&Loss<'_>| matches!(loss.reason, Reason::Admin(_)) || loss.state == State::Drain;
    let times: Vec<i64> = case
        .losses
        .iter()
        .filter(own)
        .filter_map(|loss| loss.at)
        .collect();
    let (first, last) = match (times.iter().min(), times.iter().max()) {
        (Some(first), Some(last)) => (*first, *last),
        _ => by_weight(case)?,
    };
    let fits = |at: i64| {
        times.is_empty()
            || times
                .iter()
                .any(|loss| (-SECOND..=AT_ONCE).contains(&(loss - at)))
    };
    let other = |subject: &str| times.is_empty() && sets(subject) && !subject.contains("weight");
    let lines: Vec<_> = before::host_events(
        case,
        &[HostKind::SocketCommand],
        (first - AT_ONCE, last + SECOND),
    )
    .filter(|(at, _, host)| fits(*at) && !only_looks(&host.subject) && !other(&host.subject))
    .collect();
    let (_, event, _) = lines.first()?;
    let named = lines.iter().any(|(_, _, host)| {
        case.losses
            .iter()
            .any(|loss| names(case, &host.subject, loss.server))
    });
    let n = lines.len();
    let text = format!(
        "{} on HAProxy's runtime socket {}",
        if n == 1 {
            "a command was given".to_owned()
        } else {
            format!("{n} commands were given")
        },
        if times.is_empty() {
            "between the last good request and the first that failed"
        } else {
            "in the second in which the servers went"
        }
    );
    Some(TriggerFinding {
        at: event.at,
        precision: event.precision,
        tie: if named { Tie::Named } else { Tie::Kind },
        explanation: text,
        cites: before::cites(lines.iter().map(|(_, event, _)| *event)),
    })
}

/// When a weight was set to 0: HAProxy writes no message about that (`src/server.c`, `server_parse_weight_change_request`), and the next
/// request finds no server. So it was after the last good request and before the first that failed.
fn by_weight(case: &Case<'_>) -> Option<(i64, i64)> {
    let weighed = |loss: &Loss<'_>| reason::own(loss) == Some(&Reason::Weight);
    let start = case
        .incident
        .window
        .start
        .filter(|_| case.losses.iter().any(weighed))?;
    let good = case.incident.window.last_good;
    Some((good.filter(|good| start - good <= MINUTE)?, start))
}

/// A captured command that names a lost server and takes it out.
fn by_transcript(case: &Case<'_>) -> Option<TriggerFinding> {
    let documents = &case.bundle.documents;
    let mut found: Vec<(Option<i64>, Cite, String)> = Vec::new();
    for doc in &documents.captures {
        let Capture::SocketCommand {
            command,
            at,
            answer,
        } = &doc.capture
        else {
            continue;
        };
        let Some(loss) = case
            .losses
            .iter()
            .find(|loss| names(case, command, loss.server))
        else {
            continue;
        };
        if !takes_out(command)
            || answer.starts_with("Permission denied")
            || answer.starts_with("No such")
        {
            continue;
        }
        let taken = doc.taken.map(|taken| match (taken.how, loss.at) {
            (How::Prompt, Some(near)) => case.bundle.clock.time_of_day(taken.stamp, near),
            _ => case.bundle.clock.stamp(doc.source, taken.stamp),
        });
        let near = match (taken, loss.at) {
            (Some(taken), Some(loss)) => (taken - loss).abs() <= CAPTURED_WITHIN,
            _ => true,
        };
        if near {
            found.push((taken, documents.cite(doc.source, *at), command.clone()));
        }
    }
    found.sort();
    let (at, _, command) = found.first()?.clone();
    Some(TriggerFinding {
        at: at.or_else(|| case.losses.first()?.at),
        precision: Precision::Second,
        tie: Tie::Named,
        explanation: format!("`{command}` was given on HAProxy's runtime socket"),
        cites: found.into_iter().map(|(_, cite, _)| cite).take(4).collect(),
    })
}

/// `be_app/app1` stands in the command.
fn names(case: &Case<'_>, command: &str, server: &str) -> bool {
    let path = format!("{}/{server}", case.incident.backend);
    command
        .split(|c: char| c.is_whitespace() || "\"';".contains(c))
        .any(|word| word == path)
}

fn takes_out(command: &str) -> bool {
    let is_set = command.contains("set server")
        && ["maint", "drain", "down", "stopping"]
            .iter()
            .any(|state| command.contains(state));
    let is_weight =
        command.contains("weight") && command.trim_end().trim_end_matches('%').ends_with(" 0");
    is_set || is_weight || command.contains("disable server")
}

/// The text shows that it changed nothing.
fn only_looks(subject: &str) -> bool {
    subject.contains("show ") && !sets(subject)
}

/// The text changes something.
fn sets(subject: &str) -> bool {
    ["set ", "disable ", "enable "]
        .iter()
        .any(|verb| subject.contains(verb))
}

#[cfg(test)]
mod tests {
    use super::TRIGGER;
    use crate::diagnosis::Tie;
    use crate::testing;
    use crate::testing::{host_line, nosrv};

    const SOCAT: &str = "sudo[4000]:      ops : TTY=pts/0 ; PWD=/home/ops ; USER=root ; COMMAND=/usr/bin/socat stdio /run/haproxy/admin.sock";

    fn maint(second: u32, how: &str) -> String {
        let text = format!(
            "haproxy[3028]: Server be_app/app1 is going DOWN for maintenance{how}. 0 active and 0 backup servers left. 0 sessions active, 0 requeued, 0 remaining in queue."
        );
        host_line(second, "proxy01", &text)
    }

    fn tie(files: &[(&str, &str)]) -> Option<Tie> {
        testing::with_case(files, |case| {
            (TRIGGER.find)(case, "admin-maintenance").map(|found| found.tie)
        })
    }

    #[test]
    fn a_socket_command_in_the_same_second_is_found() {
        let log = [host_line(41, "proxy01", SOCAT), maint(41, ""), nosrv(42)].concat();
        assert_eq!(tie(&[("journal.txt", &log)]), Some(Tie::Kind));
    }

    #[test]
    fn a_weight_set_to_zero_leaves_no_message_and_is_placed_by_the_requests() {
        let good = |second: u32| {
            nosrv(second).replace(
                "<NOSRV> 0/-1/-1/-1/0 503 217 - - SC--",
                "app1 0/0/0/5/5 200 900 - - ----",
            )
        };
        let state = "1\n# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight srv_iweight srv_time_since_last_change srv_check_status srv_check_result srv_check_health srv_check_state srv_agent_state bk_f_forced_id srv_f_forced_id srv_fqdn srv_port srvrecord\n3 be_app 1 app1 192.0.2.11 2 0 0 1 90 6 3 4 6 0 0 0 - 8080 -\n";
        let of = |command: &str, second: u32| {
            let log = [
                good(38),
                good(40),
                host_line(second, "proxy01", command),
                nosrv(42),
                nosrv(43),
            ];
            testing::with_case(
                &[("journal.txt", &log.concat()), ("state.txt", state)],
                |case| (TRIGGER.find)(case, "admin-drain").map(|found| found.explanation),
            )
        };
        assert!(of(SOCAT, 41).is_some_and(|text| text.contains("between the last good request")));
        // Long before, or after the first failure, it is another command.
        assert_eq!(of(SOCAT, 20), None);
        assert_eq!(of(SOCAT, 50), None);
    }

    /// The trigger of a pool that only mirrors `be_check`, whose server went like this while a command was given.
    fn of_a_mirror(how: &str, via: &str) -> Option<String> {
        let left = "0 active and 0 backup servers left. 0 sessions active, 0 requeued, 0 remaining in queue.";
        let log = [
            host_line(41, "proxy01", SOCAT),
            host_line(
                41,
                "proxy01",
                &format!("haproxy[3028]: Server be_check/chk1 {how}. {left}"),
            ),
            host_line(
                41,
                "proxy01",
                &format!("haproxy[3028]: Server be_app/app1 {via} via be_check/chk1. {left}"),
            ),
            host_line(
                41,
                "proxy01",
                "haproxy[3028]: backend be_app has no server available!",
            ),
            nosrv(42),
        ];
        let report = testing::report(&[("journal.txt", &log.concat())]);
        let mirror = report
            .incidents
            .iter()
            .find(|incident| incident.backend.as_deref() == Some("be_app"))
            .unwrap();
        assert_eq!(mirror.cause.id, "tracked-server-down");
        mirror
            .trigger
            .as_ref()
            .map(|trigger| trigger.id.to_string())
    }

    #[test]
    fn a_command_for_the_tracked_server_empties_the_pool_that_mirrors_it() {
        for (how, via) in [
            ("enters drain state", "enters drain state"),
            (
                "is going DOWN for maintenance",
                "is going DOWN for maintenance",
            ),
        ] {
            assert_eq!(
                of_a_mirror(how, via).as_deref(),
                Some("admin-command"),
                "{how}"
            );
        }
    }

    #[test]
    fn a_command_while_the_tracked_server_failed_by_itself_is_none() {
        for how in [
            "is DOWN, reason: Layer4 connection problem, info: \"Connection refused\", check duration: 0ms",
            "is going DOWN for maintenance (DNS NX status)",
        ] {
            let via = how.split([',', '(']).next().unwrap().trim();
            assert_ne!(
                of_a_mirror(how, via).as_deref(),
                Some("admin-command"),
                "{how}"
            );
        }
    }

    #[test]
    fn a_transcript_that_names_the_server_is_found() {
        let log = [maint(41, ""), nosrv(42)].concat();
        let command = "$ echo \"set server be_app/app1 state maint\" | sudo socat stdio /run/haproxy/admin.sock\n\n";
        assert_eq!(
            tie(&[("journal.txt", &log), ("command.txt", command)]),
            Some(Tie::Named)
        );
    }

    #[test]
    fn the_stats_page_says_so_itself() {
        let log = [maint(41, " ('disable' on stats page)"), nosrv(42)].concat();
        assert_eq!(tie(&[("journal.txt", &log)]), Some(Tie::Named));
    }

    #[test]
    fn a_command_long_before_or_after_is_none() {
        let log = [
            host_line(20, "proxy01", SOCAT),
            maint(41, ""),
            nosrv(42),
            host_line(55, "proxy01", SOCAT),
        ]
        .concat();
        assert_eq!(tie(&[("journal.txt", &log)]), None);
    }
}
