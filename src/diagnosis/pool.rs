//! What all causes of "no usable server" share: they differ only in how each server was lost.

use crate::base::Cite;
use crate::base::MINUTE;
use crate::base::SECOND;
use crate::base::counted;
use crate::base::thousands;
use crate::config::Server;
use crate::diagnosis::case::ratio;
use crate::diagnosis::cause::misrouted;
use crate::diagnosis::reason;
use crate::diagnosis::{Case, Finding, Lack, Loss, Missing, Sign, Verdict, Weight};
use crate::evidence::Step;
use crate::incident::{Basis, Reason, State};

/// Lines of evidence per sign.
const CITES_MAX: usize = 6;
/// A pool that was already empty this long before the first failure did not fail then: the requests changed.
pub(super) const LONG_BEFORE: i64 = 2 * MINUTE;

/// Judges a cause by the losses that it `blames`: those whose reason is the cause's own. `how` completes "app1 was DOWN: …".
///
/// The server whose loss left the pool without a usable one decides for the incident; without an empty pool, the servers
/// that failed requests were sent to.
pub(super) fn examine(
    case: &Case<'_>,
    blames: fn(&Case<'_>, &Loss<'_>) -> bool,
    how: &str,
) -> Verdict {
    examine_as(case, blames, how, Weight::Decisive)
}

/// The same for losses whose reason only `weighs` so much.
pub(super) fn examine_as(
    case: &Case<'_>,
    blames: fn(&Case<'_>, &Loss<'_>) -> bool,
    how: &str,
    weighs: Weight,
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
    if let Some(last) = last.filter(|last| !decides && share < 0.5 && reason::own(last).is_none()) {
        let why = format!(
            "{} went this way; nothing says why {}, the last to go, did",
            names(&mine),
            last.server
        );
        let missing = states_missing(case);
        return Verdict::CannotTell(Lack { why, missing });
    }
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
        weighs,
        format!("{said} {}: {how}", names(&mine)),
        cites,
    )];
    signs.extend(emptied(case, weighs));
    signs.extend(burst(case, weighs));
    signs.extend(long_before(case, &mine));
    signs.extend(misrouted::against_loss(case));
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
    let of_pool = share_of_pool(case, mine);
    if case.incident.basis != Basis::Requests {
        return of_pool;
    }
    let is_mine = |name: &[u8]| mine.iter().any(|loss| loss.server.as_bytes() == name);
    let is_lost = |name: &[u8]| {
        case.losses
            .iter()
            .any(|loss| loss.server.as_bytes() == name)
    };
    // While a server is left, what waits in the pool's queue waits for that one.
    let emptied = case.incident.n_step(Step::NoServer) > 0
        || case.losses.iter().any(|loss| loss.left == Some(0));
    let mut explained = 0.0;
    for (key, tally) in &case.incident.failures {
        let part = match key.step {
            Step::NoServer => of_pool,
            // Requests sent to a server that the checks had not yet found dead, or that waited for it.
            Step::Refused
            | Step::ConnectTimeout
            | Step::QueueTimeout
            | Step::Killed
            | Step::ClientGone => {
                if is_mine(&key.server) {
                    1.0
                } else if is_lost(&key.server) || (emptied && *key.server == *b"<NOSRV>") {
                    of_pool
                } else {
                    0.0
                }
            }
            _ => 0.0,
        };
        explained += part * ratio(tally.n, case.incident.n_failed());
    }
    // Sums of shares may miss 1 by a rounding error.
    if explained > 0.9999 { 1.0 } else { explained }
}

/// Share of an empty pool that the loss of these servers explains: all of it when the last usable server is among them.
///
/// Dumps may show servers without the order in which they went: then all have the same part in it. The ages of their states
/// (`lastchg`, `srv_time_since_last_change`) are an order, unless two are of the same second.
fn share_of_pool(case: &Case<'_>, mine: &[&Loss<'_>]) -> f64 {
    let Some(last) = case.last_straw() else {
        return 0.0;
    };
    // What dumps alone show of a pool is that it is empty.
    let emptied = last.left == Some(0)
        || case.incident.n_step(Step::NoServer) > 0
        || (case.incident.basis == Basis::Dumps && last.age_s.is_some());
    if case.knows_last() && emptied {
        let decides = mine.iter().any(|loss| loss.server == last.server);
        return if decides { 1.0 } else { 0.0 };
    }
    let count = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
    ratio(count(mine.len()), count(case.losses.len()))
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

/// Rules a cause out that the configuration makes impossible: no server of the pool has what it takes. Only where nothing
/// else was said: what HAProxy wrote counts more than a configuration that may be another one.
pub(super) fn unless_configured(
    case: &Case<'_>,
    verdict: Verdict,
    has: fn(&Case<'_>, &Server) -> bool,
    lacks: &str,
) -> Verdict {
    let Verdict::CannotTell(lack) = &verdict else {
        return verdict;
    };
    let Some(proxy) = case
        .proxy
        .filter(|proxy| lack.why.is_empty() && !proxy.servers.is_empty())
    else {
        return verdict;
    };
    if proxy.servers.iter().any(|server| has(case, server)) {
        return verdict;
    }
    let cites = case.bundle.config_cite(proxy.at).into_iter().collect();
    Verdict::against(format!("no server of {} {lacks}", proxy.name), cites)
}

/// The loss that speaks for a cause: the last straw when the cause `blames` it, else the first that it blames.
pub(super) fn telling<'c, 'a>(
    case: &'c Case<'a>,
    blames: fn(&Case<'_>, &Loss<'_>) -> bool,
) -> Option<&'c Loss<'a>> {
    let last = case.last_straw().filter(|last| blames(case, last));
    last.or_else(|| case.losses.iter().find(|loss| blames(case, loss)))
}

/// A `Layer4 connection problem` without its text may be refused, unreachable, or a local failure: `why` says what speaks
/// for the cause all the same.
pub(super) fn wordless(case: &Case<'_>, why: &str) -> Option<Verdict> {
    let loss = case
        .losses
        .iter()
        .find(|loss| reason::wordless(loss).is_some())?;
    Some(Verdict::CannotTell(Lack {
        why: format!("{}: `Layer4 connection problem` without its info text; {why}", loss.server),
        missing: Missing {
            artifact: "the whole state-change message of HAProxy, or `show stat` (column `last_chk`) during the failure".to_owned(),
            would_decide: format!(
                "whether connections to {} were refused, found no route, or failed on the proxy's own host",
                loss.server
            ),
            capture: "printf 'show stat\\n' | sudo socat - UNIX-CONNECT:/run/haproxy/admin.sock > show-stat.csv".to_owned(),
        },
    }))
}

/// Servers that were out from the start, or by what HAProxy never logs: no message tells of them.
///
/// `None` while another server of the pool is known: then that one's loss decides.
pub(super) fn silent(
    case: &Case<'_>,
    out: &[(String, Cite)],
    how: &str,
    weighs: Weight,
) -> Option<Verdict> {
    let is_out = |name: &str| out.iter().any(|(server, _)| server == name) && !served(case, name);
    let names = case.server_names();
    let share = match case.incident.basis {
        Basis::Requests => case.share(&[Step::NoServer]),
        Basis::Messages | Basis::Dumps | Basis::Captures => 1.0,
        Basis::Process => 0.0,
    };
    if names.is_empty() || share <= 0.0 || !names.iter().all(|name| is_out(name)) {
        return None;
    }
    let backend = &case.incident.backend;
    let cites = out
        .iter()
        .map(|(_, cite)| cite.clone())
        .take(CITES_MAX)
        .collect();
    let mut signs = vec![Sign::new(
        weighs,
        format!("every server of {backend} was out: {how}"),
        cites,
    )];
    signs.extend(emptied(case, weighs));
    signs.extend(burst(case, weighs));
    Some(Verdict::Found(Finding {
        share,
        signs,
        servers: names.iter().map(|name| (*name).to_owned()).collect(),
        explanation: format!(
            "No server of {backend} took new requests: {how}. HAProxy writes no message about that, and answers every request \
             itself (`{backend}/<NOSRV>`)."
        ),
    }))
}

/// The server answered requests, or HAProxy said that it was usable.
fn served(case: &Case<'_>, server: &str) -> bool {
    let load = case.bundle.loads.get(&case.incident.backend);
    let answered = load
        .and_then(|load| load.servers.get(server))
        .is_some_and(|cells| cells.iter().any(|cell| cell.n_good > 0));
    let story = case.story(server);
    answered || story.is_some_and(|story| story.changes.iter().any(|change| change.to == State::Up))
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

/// That the pool was empty says nothing about why: the sign weighs no more than what tells the reason.
fn emptied(case: &Case<'_>, weighs: Weight) -> Option<Sign> {
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
    Some(Sign::new(
        Weight::Strong.max(weighs),
        text,
        vec![cite.clone()],
    ))
}

fn burst(case: &Case<'_>, weighs: Weight) -> Option<Sign> {
    let tally = case.step(Step::NoServer);
    let first = tally.first.clone()?;
    let (n, backend) = (counted(tally.n, "request"), &case.incident.backend);
    let text =
        format!("{n} ended at `{backend}/<NOSRV>` with `SC`: no server was usable at that moment");
    Some(Sign::new(Weight::Strong.max(weighs), text, vec![first]))
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
        let (thing, verb) = if incident.n_503 == 0 {
            ("TCP stream", "ended")
        } else {
            ("request", "answered")
        };
        let n = counted(empty, thing);
        text.push_str(&format!(
            " With no usable server left, HAProxy {verb} {n} itself (`{backend}/<NOSRV>`)."
        ));
    }
    if early > 0 {
        let (n, were) = (thousands(early), if early == 1 { "was" } else { "were" });
        text.push_str(&format!(
            " {n} {were} sent to a server that the checks had not yet marked, and failed there."
        ));
    }
    if incident.basis != Basis::Requests {
        text.push_str(" No failed request is in the artifacts: what clients saw is not known.");
    }
    text
}

#[cfg(test)]
mod tests {
    use crate::testing;

    /// `show stat` of two servers that are out since these seconds.
    fn dump(maint: u32, down: u32) -> String {
        format!(
            "# pxname,svname,status,weight,act,bck,chkfail,chkdown,lastchg,check_status,check_code,last_chk\n\
             be_app,app1,MAINT,1,1,0,0,1,{maint},L7OK,200,OK\n\
             be_app,app2,DOWN,1,1,0,2,1,{down},L7STS,404,Not Found\n\
             be_app,BACKEND,DOWN,0,0,0,,1,{down},,,\n"
        )
    }

    #[test]
    fn of_one_dump_the_server_that_went_last_emptied_the_pool() {
        let files = |dump: String| testing::incident(&[("show-stat.csv", &dump)]).cause.id;
        assert_eq!(files(dump(700, 12)), "check-http-status");
        assert_eq!(files(dump(12, 700)), "admin-maintenance");
        // Of the same second there is no order.
        assert_eq!(files(dump(12, 12)), "insufficient-evidence");
    }
}
