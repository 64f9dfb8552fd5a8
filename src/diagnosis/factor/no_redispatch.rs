//! Retries stayed on a dead server while another one answered.
//!
//! Looks alike: a pool in which no server answered, where a redispatch has nowhere to go; `option redispatch` that was set and
//! carried the requests over.
//! Source: configuration manual 3.2, "option redispatch": off unless set; retries of a request then go to the same server.

use crate::base::thousands;
use crate::diagnosis::Case;
use crate::diagnosis::FactorFinding;
use crate::diagnosis::factor::Factor;
use crate::diagnosis::factor::answering;
use crate::diagnosis::factor::config_cites;
use crate::diagnosis::factor::dead;
use crate::diagnosis::factor::found;

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
    found(
        format!(
            "{} requests stayed on {first} while {} answered: `option redispatch` is not set in {}",
            thousands(n),
            other.0,
            proxy.name
        ),
        config_cites(case, [proxy.at]),
    )
}

#[cfg(test)]
mod tests {
    use super::FACTOR;
    use crate::diagnosis::factor::fixture::{CONFIG, finds, good, refused};

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
}
