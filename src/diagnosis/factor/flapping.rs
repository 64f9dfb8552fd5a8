//! A server went down and up again more than once.
//!
//! Looks alike: one loss and one return; a rolling restart, in which each server goes once.

use crate::base::MINUTE;
use crate::diagnosis::Avoidable;
use crate::diagnosis::Case;
use crate::diagnosis::FactorFinding;
use crate::diagnosis::avoidable::avoidable;
use crate::diagnosis::avoidable::n_nosrv_in;
use crate::diagnosis::factor::Factor;
use crate::diagnosis::factor::found;
use crate::diagnosis::usable::Absence;
use crate::event::message::CheckStatus;
use crate::incident::Reason;
use crate::incident::State;

pub(super) const FACTOR: Factor = Factor {
    id: "flapping",
    title: "servers went up and down repeatedly",
    why: "Each return takes `rise` good checks and each loss `fall` bad ones; a server at its limit passes checks when it gets no \
          traffic and fails with it. Raise `rise`, use `slowstart`, and look at its load.",
    find,
};

/// Failed checks more than this before a server is taken out would let a dead one serve for long.
const MORE_MAX: u64 = 3;

fn find(case: &Case<'_>, _cause: &str) -> Option<FactorFinding> {
    let pool = case.pool?;
    let (start, end) = (case.start()?, case.incident.window.end.or(case.start())?);
    let (name, downs) = pool
        .servers
        .iter()
        .map(|(name, story)| {
            let mut was_up = true;
            let mut downs = Vec::new();
            for change in &story.changes {
                let inside = change
                    .at
                    .is_some_and(|at| start - MINUTE <= at && at <= end + MINUTE);
                let by_itself = !matches!(
                    change.reason,
                    Reason::Admin(_) | Reason::Command(_) | Reason::StateFile
                );
                if change.to == State::Up {
                    was_up = true;
                } else if was_up && inside && by_itself {
                    downs.push(change.cite.clone());
                    was_up = false;
                }
            }
            (name, downs)
        })
        .max_by_key(|(_, downs)| downs.len())?;
    if downs.len() < 2 {
        return None;
    }
    let factor = found(
        format!("{name} was lost {} times within the incident", downs.len()),
        downs.into_iter().take(4).collect(),
    )?;
    Some(factor.avoiding(with_more_checks(case, name)))
}

/// Requests that found no server in losses that so many more failed checks would have outlasted: the smallest `fall` that
/// avoids most of them.
fn with_more_checks(case: &Case<'_>, server: &str) -> Option<Avoidable> {
    let fall = case.server(server)?.fall.value;
    let usable = case.usable()?;
    let by_more = (1..=MORE_MAX).map(|more| {
        let spared = usable.spared(|absence| is_outlasted(case, absence, more));
        (n_nosrv_in(case, &spared), more)
    });
    let (n, more) = by_more.max_by_key(|(n, more)| (*n, std::cmp::Reverse(*more)))?;
    let by = format!("`fall {}`", fall.saturating_add(more));
    let assuming = "the servers answered requests while their checks timed out";
    avoidable(case, n, by, assuming)
}

/// One of the next checks passed. Only checks that timed out: a server that refuses them refuses requests as well.
///
/// A server that is DOWN is asked every `downinter`, and once a check has passed every `fastinter`, until `rise` have; so the
/// time to the UP message tells which check was the first to pass (HAProxy `src/check.c`, `srv_getinter`).
fn is_outlasted(case: &Case<'_>, absence: &Absence, more: u64) -> bool {
    let timed_out = matches!(&absence.reason, Reason::Check(report)
        if matches!(report.status, CheckStatus::L7Tout | CheckStatus::L6Tout));
    let Some(line) = case.server(&absence.server).filter(|_| timed_out) else {
        return false;
    };
    let inter = &line.inter_ms;
    let down = line.downinter_ms.as_ref().unwrap_or(inter).value;
    let between = line.fastinter_ms.as_ref().unwrap_or(inter).value;
    let confirming = between.saturating_mul(line.rise.value.saturating_sub(1));
    let one_more = down.saturating_mul(more + 1).saturating_add(confirming);
    let limit = i64::try_from(one_more.saturating_mul(1000)).unwrap_or(i64::MAX);
    absence
        .gap
        .to
        .saturating_sub(absence.gap.from)
        .saturating_add(absence.blur)
        < limit
}

#[cfg(test)]
mod tests {
    use super::FACTOR;
    use crate::diagnosis::factor::fixture::{CONFIG, avoids, finds, up};
    use crate::testing::{REFUSED, down, nosrv};

    #[test]
    fn two_losses_of_one_server_are_found_and_one_of_each_is_not() {
        let first = [down(40, "app1", REFUSED), nosrv(41), up(43, "app1", 1)];
        let twice = [first.concat(), down(46, "app1", REFUSED), nosrv(47)];
        assert!(finds(&FACTOR, "listener-refused", CONFIG, &twice));
        let once = [first.concat(), down(46, "app2", REFUSED), nosrv(47)];
        assert!(!finds(&FACTOR, "listener-refused", CONFIG, &once));
    }

    /// Two losses, the first so long, of a server that is asked every two seconds and needs two good checks.
    fn lost_twice(first: u32, reason: &str) -> [String; 6] {
        [
            down(20, "app1", reason),
            nosrv(21),
            up(20 + first, "app1", 1),
            down(50, "app1", reason),
            nosrv(51),
            up(54, "app1", 1),
        ]
    }

    #[test]
    fn short_losses_by_timeouts_are_avoided_by_a_longer_fall() {
        let avoids = |log: [String; 6]| avoids(&FACTOR, "check-timeout", CONFIG, &log);
        let assuming = "if the servers answered requests while their checks timed out";
        let both = lost_twice(4, "Layer7 timeout");
        assert_eq!(avoids(both), [format!("`fall 4`: 2 of 2 {assuming}")]);
        // Three more checks would have failed in the first loss, too.
        let one = lost_twice(15, "Layer7 timeout");
        assert_eq!(avoids(one), [format!("`fall 4`: 1 of 2 {assuming}")]);
        let longer = lost_twice(7, "Layer7 timeout");
        assert_eq!(avoids(longer), [format!("`fall 5`: 2 of 2 {assuming}")]);
        assert!(avoids(lost_twice(4, REFUSED)).is_empty());
    }
}
