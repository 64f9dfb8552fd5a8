//! Retries stayed on a dead server while another one answered.
//!
//! Looks alike: a pool in which no server answered, where a redispatch has nowhere to go; `option redispatch` that was set and
//! carried the requests over.
//! Source: configuration manual 3.2, "option redispatch": off unless set; retries of a request then go to the same server.

use crate::base::thousands;
use crate::diagnosis::Avoidable;
use crate::diagnosis::Case;
use crate::diagnosis::FactorFinding;
use crate::diagnosis::avoidable::avoidable;
use crate::diagnosis::avoidable::is_in_vain;
use crate::diagnosis::avoidable::n_taken;
use crate::diagnosis::avoidable::taker;
use crate::diagnosis::factor::Factor;
use crate::diagnosis::factor::answering;
use crate::diagnosis::factor::config_cites;
use crate::diagnosis::factor::dead;
use crate::diagnosis::factor::found;
use crate::diagnosis::usable::Gap;
use std::collections::BTreeSet;

pub(super) const FACTOR: Factor = Factor {
    id: "no-redispatch",
    title: "retries stayed on the dead server",
    why: "`option redispatch` lets the last retry (or each one, `option redispatch 1`) go to another server. Without it every request \
          that the algorithm gives to the dead server fails, however well the others are.",
    find,
};

fn find(case: &Case<'_>, cause: &str) -> Option<FactorFinding> {
    // The local system refuses whichever server is chosen.
    if [
        "connect-not-permitted",
        "local-port-exhaustion",
        "process-limits",
    ]
    .contains(&cause)
    {
        return None;
    }
    let proxy = case
        .proxy
        .filter(|p| !p.redispatch.value && p.retries.value > 0)?;
    let dead = dead(case);
    let other = answering(case)
        .into_iter()
        .find(|(name, _)| case.loss(name).is_none() && dead.iter().all(|(gone, _)| gone != name))?;
    let n: u64 = dead.iter().map(|(_, n)| n).sum();
    let (first, _) = dead.first()?;
    let factor = found(
        format!(
            "{} requests stayed on {first} while {} answered: `option redispatch` is not set in {}",
            thousands(n),
            other.0,
            proxy.name
        ),
        config_cites(case, [proxy.at]),
    )?;
    Some(factor.avoiding(carried_over(case)))
}

/// Requests that failed on one server while another one answered: by what both did in the same slot of time, and by the
/// messages.
fn carried_over(case: &Case<'_>) -> Option<Avoidable> {
    let mut takers = BTreeSet::new();
    let mut n = 0;
    for spell in case
        .incident
        .spells
        .iter()
        .filter(|spell| is_in_vain(spell))
    {
        let taken = n_taken(case, spell, Gap::ALWAYS);
        if let Some(taker) = taker(case, spell).filter(|_| taken > 0) {
            takers.insert(taker.name);
            n += taken;
        }
    }
    let takers: Vec<&str> = takers.into_iter().collect();
    let assuming = match takers.as_slice() {
        [one] => format!("{one} had answered them like its own"),
        _ => "the other servers had answered them like their own".to_owned(),
    };
    avoidable(case, n, "`option redispatch`", assuming)
}

#[cfg(test)]
mod tests {
    use super::FACTOR;
    use crate::diagnosis::factor::fixture::{CONFIG, avoids, finds, good, refused};
    use crate::testing::{REFUSED, down};

    #[test]
    fn a_dead_server_beside_a_well_one_is_found_unless_redispatch_is_set() {
        let log = [
            good(40, "app2"),
            refused(40, "app1"),
            good(42, "app2"),
            refused(44, "app1"),
        ];
        assert!(finds(&FACTOR, "unchecked-server-failed", CONFIG, &log));
        let set = CONFIG.replace("    server app1", "    option redispatch\n    server app1");
        assert!(!finds(&FACTOR, "unchecked-server-failed", &set, &log));
    }

    #[test]
    fn without_another_server_it_would_not_have_helped() {
        let log = [refused(40, "app1"), refused(44, "app2")];
        assert!(!finds(&FACTOR, "unchecked-server-failed", CONFIG, &log));
    }

    #[test]
    fn what_failed_while_another_server_answered_is_counted() {
        let log = [
            good(40, "app2"),
            refused(40, "app1"),
            good(42, "app2"),
            refused(44, "app1"),
            good(45, "app2"),
            // Nobody answered beside this one, and nobody after it.
            refused(59, "app1"),
        ];
        assert_eq!(
            avoids(&FACTOR, "unchecked-server-failed", CONFIG, &log),
            ["`option redispatch`: 2 of 3 if app2 had answered them like its own"]
        );
    }

    #[test]
    fn what_failed_after_the_last_answer_of_the_other_server_is_not() {
        let log = [
            good(33, "app2"),
            refused(34, "app1"),
            refused(35, "app1"),
            good(36, "app2"),
            refused(38, "app1"),
        ];
        assert_eq!(
            avoids(&FACTOR, "unchecked-server-failed", CONFIG, &log),
            ["`option redispatch`: 2 of 3 if app2 had answered them like its own"]
        );
    }

    #[test]
    fn a_server_that_failed_too_or_was_out_takes_nothing_over() {
        // Both died, and the other one was noticed later.
        let before = [good(40, "app2"), refused(41, "app1"), refused(44, "app1")];
        assert!(finds(&FACTOR, "unchecked-server-failed", CONFIG, &before));
        assert!(avoids(&FACTOR, "unchecked-server-failed", CONFIG, &before).is_empty());
        let beside = [good(40, "app2"), refused(40, "app1"), good(57, "app2")].concat();
        let failing = [beside.clone(), refused(41, "app2")];
        assert!(avoids(&FACTOR, "unchecked-server-failed", CONFIG, &failing).is_empty());
        let out = [beside, down(39, "app2", REFUSED)];
        assert!(avoids(&FACTOR, "listener-refused", CONFIG, &out).is_empty());
    }
}
