//! How many of the failures fall in a time without a usable server, and what the rest of them are.
//!
//! The replay of the messages stands apart from the flags of the requests, so the two check each other: an outage that the
//! messages tell should hold the requests that found no server. What fell outside of it had another reason, and is named.
//! Known gap: without messages, or with failures that have no time, nothing is said.

use crate::base::SECOND;
use crate::base::printable;
use crate::diagnosis::Case;
use crate::diagnosis::avoidable::part;
use crate::diagnosis::cause;
use crate::diagnosis::usable::Usable;
use crate::evidence::Step;
use crate::incident::Spell;
use std::collections::BTreeMap;

/// Failures against the pool's usable servers over time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replay {
    /// Failures in a time without a usable server.
    pub requests: u64,
    /// All failures of the incident.
    pub of: u64,
    /// The others by kind, in a fixed order.
    pub rest: Vec<Rest>,
}

/// Failures outside of such a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rest {
    /// Where they failed.
    pub kind: Kind,
    /// How many.
    pub requests: u64,
    /// The cause that explains failures of this kind in this incident; `None`: none, or several do.
    pub cause: Option<&'static str>,
}

/// Where a request failed, coarsely.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// On the way to a server.
    Connect,
    /// In a queue.
    Queue,
    /// No rule, or a disabled backend.
    Routing,
    /// Answered by a rule or a limit of HAProxy.
    Policy,
    /// Answered by a server.
    Application,
    /// A resource of the process ran out.
    Limits,
    /// No usable server, though the messages tell of one.
    NoServer,
    /// Killed, left by the client, or in a way that the line does not tell.
    Other,
}

impl Kind {
    /// The word of the report's data.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Connect => "connect",
            Kind::Queue => "queue",
            Kind::Routing => "routing",
            Kind::Policy => "policy",
            Kind::Application => "application",
            Kind::Limits => "limits",
            Kind::NoServer => "no-server",
            Kind::Other => "other",
        }
    }

    fn of(step: Step) -> Kind {
        match step {
            Step::Refused | Step::ConnectTimeout | Step::Dispatch => Kind::Connect,
            Step::QueueTimeout | Step::QueueFull => Kind::Queue,
            Step::NoRoute | Step::DisabledBackend => Kind::Routing,
            Step::Denied | Step::Local => Kind::Policy,
            Step::Application => Kind::Application,
            Step::Resource => Kind::Limits,
            Step::NoServer => Kind::NoServer,
            Step::Killed | Step::ClientGone | Step::Other => Kind::Other,
        }
    }

    /// Causes of failures of this kind, those that lose servers aside.
    fn causes(self) -> &'static [&'static str] {
        match self {
            Kind::Connect => &[
                "unchecked-server-failed",
                "connect-not-permitted",
                "local-port-exhaustion",
            ],
            Kind::Queue => &["queue-timeout"],
            Kind::Routing => &["no-route", "misrouted", "no-servers-configured"],
            Kind::Policy => &["denied-by-rule"],
            Kind::Application => &["application-503"],
            Kind::Limits => &["process-limits"],
            Kind::NoServer => &["startup-window", "stale-process", "misrouted"],
            Kind::Other => &[],
        }
    }
}

/// A cause that was found with nothing against it, and the servers that it blames.
pub(super) type Explains<'f> = (&'static str, &'f [String]);

/// Counts them; `None`: no message tells of a time without a usable server near the failures, or they are not all dated.
pub(super) fn replay(case: &Case<'_>, found: &[Explains<'_>]) -> Option<Replay> {
    let usable = case.usable()?;
    let incident = case.incident;
    let dated: u64 = incident.spells.iter().map(|spell| spell.n).sum();
    let (start, end) = (incident.window.start?, incident.window.end?);
    let is_near = usable
        .empty
        .iter()
        .any(|gap| gap.from <= end + SECOND && start - SECOND <= gap.to);
    if !is_near || dated != incident.n_failed() {
        return None;
    }
    let mut requests = 0;
    let mut rest = BTreeMap::<Kind, (u64, Vec<&Spell>)>::new();
    for spell in &incident.spells {
        let inside = n_held(case, usable, spell);
        requests += inside;
        if inside < spell.n {
            let (n, spells) = rest.entry(Kind::of(spell.key.step)).or_default();
            *n += spell.n - inside;
            spells.push(spell);
        }
    }
    let rest = rest.into_iter().map(|(kind, (requests, spells))| Rest {
        kind,
        requests,
        cause: explaining(kind, &spells, found),
    });
    Some(Replay {
        requests,
        of: dated,
        rest: rest.collect(),
    })
}

fn n_held(case: &Case<'_>, usable: &Usable, spell: &Spell) -> u64 {
    if usable.holds(spell) {
        spell.n
    } else if spell.key.step == Step::NoServer {
        part(case, &usable.empty, spell)
    } else {
        part(case, &usable.surely_empty, spell)
    }
}

/// The one cause that is found for failures of a kind.
fn explaining(kind: Kind, spells: &[&Spell], found: &[Explains<'_>]) -> Option<&'static str> {
    let mut fitting = found.iter().filter(|(id, servers)| {
        let blames = cause::find(id).is_some_and(|cause| cause.blames.is_some());
        let names = |spell: &&Spell| servers.contains(&printable(&spell.key.server));
        kind.causes().contains(id) || (kind == Kind::Connect && blames && spells.iter().all(names))
    });
    let first = fitting.next()?;
    fitting.next().is_none().then_some(first.0)
}

#[cfg(test)]
mod tests {
    use crate::testing;
    use crate::testing::{REFUSED, down, nosrv};

    /// A request of `be_app` that ends so.
    fn request(second: u32, end: &str) -> String {
        nosrv(second).replace("be_app/<NOSRV> 0/-1/-1/-1/0 503 217 - - SC--", end)
    }

    fn refused(second: u32) -> String {
        request(second, "be_app/app1 0/0/-1/-1/0 503 217 - - SC--")
    }

    fn queued(second: u32) -> String {
        request(second, "be_app/<NOSRV> 0/1001/-1/-1/1001 503 217 - - sQ--")
    }

    fn back(second: u32) -> String {
        format!(
            "2026-06-05T21:53:{second:02}.000000+00:00 proxy01 haproxy[3028]: Server be_app/app1 is UP, reason: Layer4 check \
             passed, check duration: 0ms. 1 active and 0 backup servers online. 0 sessions requeued, 0 total in queue.\n"
        )
    }

    /// `requests of all` and the rest as `kind requests cause`.
    fn told(log: &str) -> Option<(String, Vec<String>)> {
        let replay = testing::incident(&[("a.log", log)]).replay?;
        let rest = replay.rest.iter().map(|rest| {
            let cause = rest.cause.as_deref().unwrap_or("-");
            format!("{} {} {cause}", rest.kind, rest.requests)
        });
        let share = format!("{} of {}", replay.requests, replay.of);
        Some((share, rest.collect()))
    }

    #[test]
    fn what_the_outage_holds_is_told_and_the_rest_has_its_own_causes() {
        let log = [
            refused(39),
            down(41, "app1", REFUSED),
            (42..48).map(nosrv).collect(),
            back(50),
            queued(54),
            queued(55),
        ];
        testing::concludes(&[("a.log", &log.concat())], "listener-refused");
        let (share, rest) = told(&log.concat()).expect("a replay");
        assert_eq!(share, "6 of 9");
        assert_eq!(
            rest,
            ["connect 1 listener-refused", "queue 2 queue-timeout"]
        );
    }

    #[test]
    fn a_request_without_server_while_one_is_said_to_be_usable_is_not_held() {
        let log = [down(41, "app1", REFUSED), nosrv(42), back(45), nosrv(55)];
        let (share, rest) = told(&log.concat()).expect("a replay");
        assert_eq!(
            (&*share, &*rest),
            ("1 of 2", &["no-server 1 -".to_owned()][..])
        );
    }

    #[test]
    fn a_pool_that_fails_for_another_reason_a_minute_later_is_another_incident() {
        let later = queued(55).replace("21:53:", "21:56:");
        let log = [down(41, "app1", REFUSED), nosrv(42), back(45), later];
        let report = testing::report(&[("a.log", &log.concat())]);
        let mut causes: Vec<&str> = report.incidents.iter().map(|i| &*i.cause.id).collect();
        causes.sort_unstable();
        assert_eq!(causes, ["listener-refused", "queue-timeout"]);
    }

    #[test]
    fn without_messages_or_after_a_restart_nothing_is_said() {
        assert_eq!(told(&nosrv(42)), None);
        let log = [
            down(20, "app1", REFUSED),
            testing::host_line(
                30,
                "proxy01",
                "haproxy[3000]: [NOTICE]   (3000) : New worker (3029) forked",
            ),
            nosrv(42),
        ];
        assert_eq!(told(&log.concat()), None);
    }

    #[test]
    fn a_pool_of_another_host_tells_nothing_of_this_one() {
        let other = down(41, "app1", REFUSED).replace("proxy01", "proxy02");
        assert_eq!(told(&(other + &nosrv(42))), None);
    }
}
