//! The incident is over, but not every server is back.
//!
//! Looks alike: an incident that goes on; servers that were out long before, by design or by order; backups.

use crate::diagnosis::Case;
use crate::diagnosis::FactorFinding;
use crate::diagnosis::factor::Factor;
use crate::diagnosis::factor::found;
use crate::diagnosis::factor::is_about_servers;
use crate::incident::State;

pub(super) const FACTOR: Factor = Factor {
    id: "redundancy-lost",
    title: "not every server is back",
    why: "The pool serves with fewer servers than before: the next loss may empty it again. Bring the others back before closing the case.",
    find,
};

fn find(case: &Case<'_>, cause: &str) -> Option<FactorFinding> {
    if case.incident.recovered != Some(true) || !is_about_servers(cause) {
        return None;
    }
    let out: Vec<_> = case
        .losses
        .iter()
        .filter(|loss| {
            let state = case.bundle.state_after(case.incident, loss.server);
            state.is_some_and(|state| state != State::Up)
        })
        .collect();
    let back = case.server_names().len() > out.len();
    let names: Vec<&str> = out.iter().map(|loss| loss.server).collect();
    if names.is_empty() || !back {
        return None;
    }
    let verb = if names.len() == 1 { "was" } else { "were" };
    found(
        format!(
            "{} {verb} still out at the end of what was captured",
            names.join(", ")
        ),
        out.iter().take(4).map(|loss| loss.cite.clone()).collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::FACTOR;
    use crate::diagnosis::factor::fixture::{CONFIG, finds, good, up};
    use crate::testing::{REFUSED, down, nosrv};

    #[test]
    fn a_server_that_stays_out_is_found_and_a_full_return_is_not() {
        let lost = [
            down(40, "app1", REFUSED),
            down(40, "app2", REFUSED),
            nosrv(41),
            up(44, "app1", 1),
            good(45, "app1"),
        ]
        .concat();
        assert!(finds(
            &FACTOR,
            "listener-refused",
            CONFIG,
            std::slice::from_ref(&lost)
        ));
        let back = [lost, up(46, "app2", 2), good(47, "app2")];
        assert!(!finds(&FACTOR, "listener-refused", CONFIG, &back));
        let gone = [
            down(40, "app1", REFUSED),
            down(40, "app2", REFUSED),
            nosrv(41),
        ];
        assert!(!finds(&FACTOR, "listener-refused", CONFIG, &gone));
    }
}
