//! Times in which a pool had no usable server, and by what kind of event the last one went.
//!
//! The same pool failing again for the same reason within a minute is one incident; for another reason it is another. What tells
//! is HAProxy's message: an order, a check, a name, the state file. Two checks that say different things are no two reasons: a
//! service that starts refuses, then answers wrongly.
//! Known gap: counts are kept in slots of time, so failures that share one with another phase's stay with those.

use crate::base::SECOND;
use crate::incident::Change;
use crate::incident::Pool;
use crate::incident::Reason;
use crate::incident::State;

/// A stamp of whole seconds may lie this far from the accept date of a request.
const SLACK: i64 = 2 * SECOND;

/// What took the last usable server out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Order,
    Failure,
    Name,
    File,
}

/// A pool without a usable server, UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Phase {
    kind: Option<Kind>,
    from: i64,
    to: i64,
}

/// Moments at which a pool had returned from one phase, to be lost in another way next.
#[derive(Clone, Debug, Default)]
pub(super) struct Returns(Vec<i64>);

impl Returns {
    /// Of a pool, by its messages.
    pub(super) fn of(pool: &Pool) -> Returns {
        let phases = phases(pool);
        let pairs = phases.iter().zip(phases.iter().skip(1));
        let differ = pairs.filter(|(one, next)| match (one.kind, next.kind) {
            (Some(one), Some(next)) => one != next,
            _ => false,
        });
        Returns(differ.map(|(one, _)| one.to).collect())
    }

    /// Between failures up to `last` and others from `first` on the pool had returned.
    pub(super) fn is_between(&self, last: i64, first: i64) -> bool {
        self.0.iter().any(|&at| last <= at + SLACK && at <= first)
    }
}

fn phases(pool: &Pool) -> Vec<Phase> {
    let mut changes: Vec<(i64, &Change)> = pool
        .servers
        .values()
        .flat_map(|story| &story.changes)
        .filter_map(|change| Some((change.at?, change)))
        .collect();
    changes.sort_by_key(|(at, change)| (*at, change.cite.span));
    let mut phases = Vec::new();
    let mut since: Option<(i64, Option<Kind>)> = None;
    for (at, change) in changes {
        if change.to == State::Up {
            if let Some((from, kind)) = since.take() {
                phases.push(Phase { kind, from, to: at });
            }
        } else if change.left == Some(0) && since.is_none() {
            since = Some((at, kind(&change.reason)));
        }
    }
    if let Some((from, kind)) = since {
        let to = i64::MAX;
        phases.push(Phase { kind, from, to });
    }
    phases
}

fn kind(reason: &Reason) -> Option<Kind> {
    match reason {
        Reason::Admin(_) | Reason::Command(_) | Reason::Configured | Reason::Weight => {
            Some(Kind::Order)
        }
        Reason::Check(_) | Reason::Agent(_) | Reason::Observe(_) => Some(Kind::Failure),
        Reason::Dns(_) => Some(Kind::Name),
        Reason::StateFile => Some(Kind::File),
        Reason::Tracked(_) | Reason::Unsaid => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::testing;
    use crate::testing::REFUSED;
    use crate::testing::down;
    use crate::testing::nosrv;

    const MAINT: &str = "haproxy[3028]: Server be_app/app1 is going DOWN for maintenance. 0 active and 0 backup servers left. 0 sessions active, 0 requeued, 0 remaining in queue.";
    const READY: &str =
        "haproxy[3028]: Server be_app/app1 is UP/READY (leaving forced maintenance).";
    const PASSED: &str = "haproxy[3028]: Server be_app/app1 is UP, reason: Layer7 check passed, code: 200, check duration: 1ms. 1 active and 0 backup servers online. 0 sessions requeued, 0 total in queue.";

    fn causes(lines: &[String]) -> Vec<String> {
        let mut incidents = testing::report(&[("a.log", &lines.concat())]).incidents;
        incidents.sort_by(|a, b| a.window.start.cmp(&b.window.start));
        incidents.into_iter().map(|one| one.cause.id).collect()
    }

    fn good(second: u32) -> String {
        nosrv(second).replace(
            "<NOSRV> 0/-1/-1/-1/0 503 217 - - SC--",
            "app1 0/0/0/5/5 200 900 - - ----",
        )
    }

    /// Lost, back, and lost in this way.
    fn story(again: String, end: &str) -> Vec<String> {
        let said = |second, text| testing::host_line(second, "proxy01", text);
        vec![
            good(1),
            said(2, MAINT),
            nosrv(2),
            nosrv(5),
            said(7, READY),
            good(8),
            again,
            nosrv(41),
            nosrv(44),
            said(48, end),
            good(49),
        ]
    }

    #[test]
    fn a_pool_that_is_lost_again_for_another_reason_is_another_incident() {
        let log = story(down(40, "app1", REFUSED), PASSED);
        assert_eq!(causes(&log), ["admin-maintenance", "listener-refused"]);
    }

    #[test]
    fn the_servers_of_the_first_loss_are_back_before_the_second() {
        let mut log = story(down(40, "app1", REFUSED), PASSED);
        log.truncate(9);
        let report = testing::report(&[("a.log", &log.concat())]);
        let first = report
            .incidents
            .iter()
            .find(|one| one.cause.id == "admin-maintenance");
        let recovery = first
            .and_then(|one| one.recovery.as_ref())
            .expect("it ended");
        assert_eq!(
            (recovery.usable_servers, recovery.still_down.len()),
            (Some(1), 0)
        );
    }

    #[test]
    fn a_pool_that_is_lost_again_for_the_same_reason_is_not() {
        let again = testing::host_line(40, "proxy01", MAINT);
        assert_eq!(causes(&story(again, READY)), ["admin-maintenance"]);
    }

    #[test]
    fn checks_that_say_different_things_are_one_incident() {
        let mut log = story(down(40, "app1", "Layer7 timeout"), PASSED);
        log[1] = down(2, "app1", REFUSED);
        log[4] = testing::host_line(7, "proxy01", PASSED);
        assert_eq!(causes(&log).len(), 1);
    }
}
