//! A server went down and up again more than once.
//!
//! Looks alike: one loss and one return; a rolling restart, in which each server goes once.

use crate::base::MINUTE;
use crate::diagnosis::Case;
use crate::diagnosis::FactorFinding;
use crate::diagnosis::factor::Factor;
use crate::diagnosis::factor::found;
use crate::incident::Reason;
use crate::incident::State;

pub(super) const FACTOR: Factor = Factor {
    id: "flapping",
    title: "servers went up and down repeatedly",
    why: "Each return takes `rise` good checks and each loss `fall` bad ones; a server at its limit passes checks when it gets no \
          traffic and fails with it. Raise `rise`, use `slowstart`, and look at its load.",
    find,
};

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
    found(
        format!("{name} was lost {} times within the incident", downs.len()),
        downs.into_iter().take(4).collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::FACTOR;
    use crate::diagnosis::factor::fixture::{CONFIG, finds, up};
    use crate::testing::{REFUSED, down, nosrv};

    #[test]
    fn two_losses_of_one_server_are_found_and_one_of_each_is_not() {
        let first = [down(40, "app1", REFUSED), nosrv(41), up(43, "app1", 1)];
        let twice = [first.concat(), down(46, "app1", REFUSED), nosrv(47)];
        assert!(finds(&FACTOR, "listener-refused", CONFIG, &twice));
        let once = [first.concat(), down(46, "app2", REFUSED), nosrv(47)];
        assert!(!finds(&FACTOR, "listener-refused", CONFIG, &once));
    }
}
