//! What all causes of "no usable server" share: they differ only in how each server was lost.

use crate::base::Cite;
use crate::base::MINUTE;
use crate::base::SECOND;
use crate::base::thousands;
use crate::diagnosis::case::ratio;
use crate::diagnosis::{Case, Finding, Lack, Loss, Missing, Sign, Verdict, Weight};
use crate::evidence::Step;
use crate::incident::{Basis, Reason, State};

/// Lines of evidence per sign.
const CITES_MAX: usize = 6;
/// A pool that was already empty this long before the first failure did not fail then: the requests changed.
const LONG_BEFORE: i64 = 2 * MINUTE;

/// Judges a cause by the losses that it `blames`: those whose reason is the cause's own. `how` completes "app1 was DOWN: …".
///
/// The server whose loss left the pool without a usable one decides for the incident; without an empty pool, the servers
/// that failed requests were sent to.
pub(super) fn examine(
    case: &Case<'_>,
    blames: fn(&Case<'_>, &Loss<'_>) -> bool,
    how: &str,
) -> Verdict {
    let mine: Vec<&Loss<'_>> = case
        .losses
        .iter()
        .filter(|loss| blames(case, loss))
        .collect();
    if mine.is_empty() {
        return not_mine(case);
    }
    let share = share(case, &mine);
    let cites: Vec<Cite> = mine
        .iter()
        .map(|loss| loss.cite.clone())
        .take(CITES_MAX)
        .collect();
    let last = case.last_straw();
    let decides = last.is_some_and(|last| mine.iter().any(|loss| loss.server == last.server));
    if share <= 0.0 || (!decides && share < 0.5) {
        let last = last.map_or("another server", |last| last.server);
        let why = if share <= 0.0 && decides {
            format!(
                "{} went this way, but no request failed for it",
                names(&mine)
            )
        } else {
            format!(
                "{} went this way, but {last} was the last usable server and went for another reason",
                names(&mine)
            )
        };
        return Verdict::against(why, cites);
    }
    let by_dump = mine.iter().all(|loss| loss.by_dump);
    let said = if by_dump {
        "a dump shows"
    } else {
        "HAProxy's own messages give the reason for"
    };
    let mut signs = vec![Sign::new(
        Weight::Decisive,
        format!("{said} {}: {how}", names(&mine)),
        cites,
    )];
    signs.extend(emptied(case));
    signs.extend(burst(case));
    signs.extend(long_before(case, &mine));
    let servers = mine.iter().map(|loss| loss.server.to_owned()).collect();
    Verdict::Found(Finding {
        share,
        signs,
        servers,
        explanation: explanation(case, &mine, how),
    })
}

/// Share of the failures that the loss of these servers explains.
fn share(case: &Case<'_>, mine: &[&Loss<'_>]) -> f64 {
    let incident = case.incident;
    if incident.basis != Basis::Requests {
        return 1.0;
    }
    let is_mine = |name: &[u8]| mine.iter().any(|loss| loss.server.as_bytes() == name);
    let is_lost = |name: &[u8]| {
        case.losses
            .iter()
            .any(|loss| loss.server.as_bytes() == name)
    };
    let pool_is_mine = case
        .last_straw()
        .is_some_and(|last| is_mine(last.server.as_bytes()));
    // While a server is left, what waits in the pool's queue waits for that one.
    let emptied =
        incident.n_step(Step::NoServer) > 0 || case.losses.iter().any(|loss| loss.left == Some(0));
    let explained =
        |(key, _): &(&crate::evidence::FailKey, &crate::evidence::FailTally)| match key.step {
            Step::NoServer => pool_is_mine,
            // Requests sent to a server that the checks had not yet found dead, or that waited for it.
            Step::Refused
            | Step::ConnectTimeout
            | Step::QueueTimeout
            | Step::Killed
            | Step::ClientGone => {
                is_mine(&key.server)
                    || (pool_is_mine
                        && (is_lost(&key.server) || (emptied && *key.server == *b"<NOSRV>")))
            }
            _ => false,
        };
    let n: u64 = incident
        .failures
        .iter()
        .filter(explained)
        .map(|(_, tally)| tally.n)
        .sum();
    ratio(n, incident.n_failed())
}

/// No server was lost in this cause's way.
fn not_mine(case: &Case<'_>) -> Verdict {
    let known = case
        .losses
        .iter()
        .rev()
        .find(|loss| *loss.reason != Reason::Unsaid);
    if let Some(loss) = known {
        let why = format!(
            "{} went {}: {}",
            loss.server,
            loss.state.word(),
            loss.reason.words()
        );
        return Verdict::against(why, vec![loss.cite.clone()]);
    }
    let wanting = case.incident.n_step(Step::NoServer) > 0 || !case.losses.is_empty();
    match case.dominant() {
        Some(step) if !wanting => Verdict::against(
            "every failed request had a server or another reason to fail",
            case.examples(step, 1),
        ),
        _ => Verdict::CannotTell(Lack {
            why: String::new(),
            missing: states_missing(case),
        }),
    }
}

/// What would tell why the servers were out.
pub(super) fn states_missing(case: &Case<'_>) -> Missing {
    let backend = if case.incident.backend.is_empty() {
        "the backend"
    } else {
        &case.incident.backend
    };
    Missing {
        artifact: "HAProxy's state-change messages, or `show stat` taken during the failure".to_owned(),
        would_decide: format!("why {backend} had no usable server: check results, maintenance, drain, DNS"),
        capture: "printf 'show stat\\n' | sudo socat - UNIX-CONNECT:/run/haproxy/admin.sock > show-stat.csv; \
                  sudo journalctl -u haproxy --no-pager -o short-iso-precise > haproxy.journal"
            .to_owned(),
    }
}

fn emptied(case: &Case<'_>) -> Option<Sign> {
    let (start, end) = (case.incident.window.start, case.incident.window.end);
    let inside = |at: Option<i64>| match (at, start, end) {
        (Some(at), Some(start), Some(end)) => start - MINUTE <= at && at <= end + SECOND,
        _ => true,
    };
    let (_, cite) = case.pool?.no_server.iter().find(|(at, _)| inside(*at))?;
    let text = format!(
        "HAProxy said that {} has no server available",
        case.incident.backend
    );
    Some(Sign::new(Weight::Strong, text, vec![cite.clone()]))
}

fn burst(case: &Case<'_>) -> Option<Sign> {
    let tally = case.step(Step::NoServer);
    let first = tally.first.clone()?;
    let (n, backend) = (thousands(tally.n), &case.incident.backend);
    let text = format!(
        "{n} requests ended at `{backend}/<NOSRV>` with `SC`: no server was usable when they came"
    );
    Some(Sign::new(Weight::Strong, text, vec![first]))
}

/// The pool had been down for long when requests began to fail: then its servers are not what changed.
fn long_before(case: &Case<'_>, mine: &[&Loss<'_>]) -> Option<Sign> {
    let start = case
        .incident
        .window
        .start
        .filter(|_| case.incident.basis == Basis::Requests)?;
    let (first_seen, _) = case.bundle.reach.span?;
    let last = case.last_straw()?;
    let since = start - last.at?;
    let is_mine = mine.iter().any(|loss| loss.server == last.server);
    // Failures from the first logged line on may have begun before it.
    if !is_mine || since < LONG_BEFORE || start - first_seen < SECOND {
        return None;
    }
    let minutes = since / MINUTE;
    let text = format!(
        "{} had been out for {minutes} min when the first request failed: what changed then is which requests came here",
        last.server
    );
    Some(Sign::new(
        Weight::Contradicting,
        text,
        vec![last.cite.clone()],
    ))
}

/// `app1`, `app1 and app2`, `app1 to app9 (9 servers)`.
pub(super) fn names(losses: &[&Loss<'_>]) -> String {
    let names: Vec<&str> = losses.iter().map(|loss| loss.server).collect();
    match names.as_slice() {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [first, .., last] if names.len() > 4 => {
            format!("{first} to {last} ({} servers)", names.len())
        }
        [head @ .., last] => format!("{} and {last}", head.join(", ")),
    }
}

fn explanation(case: &Case<'_>, mine: &[&Loss<'_>], how: &str) -> String {
    let incident = case.incident;
    let backend = &incident.backend;
    let verb = if mine.len() == 1 { "was" } else { "were" };
    let state = mine.first().map_or("out", |loss| match loss.state {
        State::Maint => "in maintenance",
        State::Drain => "drained",
        State::Stopping => "stopping",
        State::Down | State::Up => "DOWN",
    });
    let empty = incident.n_step(Step::NoServer);
    let early: u64 = [Step::Refused, Step::ConnectTimeout]
        .iter()
        .map(|&step| incident.n_step(step))
        .sum();
    let mut text = format!("{} of {backend} {verb} {state}: {how}.", names(mine));
    if empty > 0 {
        let n = thousands(empty);
        text.push_str(&format!(" With no usable server left, HAProxy answered {n} requests itself (`{backend}/<NOSRV>`)."));
    }
    if early > 0 {
        let n = thousands(early);
        text.push_str(&format!(
            " {n} were sent to a server that the checks had not yet marked, and failed there."
        ));
    }
    if incident.basis != Basis::Requests {
        text.push_str(" No failed request is in the artifacts: what clients saw is not known.");
    }
    text
}
