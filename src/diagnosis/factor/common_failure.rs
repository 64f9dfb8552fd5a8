//! All servers of the pool were lost within one round of checks: they share what failed.
//!
//! Looks alike: an operator who takes them out one after the other; a pool of one; servers that were lost minutes apart, or of
//! which some were still well. Servers that failed together are found at different times: checks are spread over `inter`, and
//! each needs `fall` failures, so seconds between them are no order of events.
//! Source: HAProxy `src/check.c`, start of checks; configuration manual 3.2, "inter", "fall", "spread-checks".

use crate::base::SECOND;
use crate::diagnosis::Case;
use crate::diagnosis::FactorFinding;
use crate::diagnosis::Loss;
use crate::diagnosis::before;
use crate::diagnosis::factor::Factor;
use crate::diagnosis::factor::found;
use crate::diagnosis::factor::is_about_servers;
use crate::incident::Reason;

pub(super) const FACTOR: Factor = Factor {
    id: "common-failure",
    title: "all servers failed together",
    why: "Servers that go within one round of checks share a cause: a deployment, a database, a network, a certificate, a change of \
          the check. More servers of the same kind would not have helped; look for what they share.",
    find,
};

fn find(case: &Case<'_>, cause: &str) -> Option<FactorFinding> {
    if !is_about_servers(cause) {
        return None;
    }
    let by_itself = |loss: &&Loss<'_>| {
        !matches!(
            loss.reason,
            Reason::Admin(_)
                | Reason::Configured
                | Reason::Weight
                | Reason::Command(_)
                | Reason::StateFile
        )
    };
    let lost: Vec<&Loss<'_>> = case.losses.iter().filter(by_itself).collect();
    let is_spare = |name: &str| case.server(name).is_some_and(|line| line.backup.is_some());
    let names = case.server_names();
    let n_active = names.iter().filter(|name| !is_spare(name)).count();
    let n_lost = lost
        .iter()
        .filter(|loss| !loss.backup && !is_spare(loss.server))
        .count();
    if n_lost < 2 || n_lost < n_active {
        return None;
    }
    let times = || lost.iter().filter_map(|loss| loss.at);
    let (first, last) = (times().min()?, times().max()?);
    // Whole-second stamps and states' ages add up to two seconds; finer ones to nothing.
    let are_fine = times().all(|at| at % SECOND != 0);
    let round = lost
        .iter()
        .map(|loss| before::detection(case, loss.server))
        .max()?
        + if are_fine { 0 } else { 2 * SECOND };
    // A server that came back in between was not lost together with the last one.
    let stayed = lost.iter().all(|loss| loss.at.is_some());
    if last - first > round || !stayed {
        return None;
    }
    let seconds = (last - first) / SECOND;
    let text = format!(
        "all {n_lost} servers were lost within {} of each other",
        match seconds {
            0 => "a second".to_owned(),
            n => format!("{} seconds", n + 1),
        }
    );
    found(
        text,
        lost.iter().take(6).map(|loss| loss.cite.clone()).collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::FACTOR;
    use crate::diagnosis::factor::fixture::{CONFIG, finds};
    use crate::testing::{REFUSED, down, nosrv};

    #[test]
    fn servers_that_go_within_a_round_are_found() {
        let log = [
            down(40, "app2", REFUSED),
            down(43, "app1", REFUSED),
            nosrv(44),
        ];
        assert!(finds(&FACTOR, "listener-refused", CONFIG, &log));
    }

    #[test]
    fn fine_stamps_tell_a_server_that_was_out_before_from_one_that_went_in_the_same_round() {
        let config = CONFIG.replace("80 check", "80 check inter 400ms fall 2");
        let found = |first: &str| {
            let earlier = down(40, "app2", REFUSED).replace(":40.000000", first);
            let later = down(43, "app1", REFUSED).replace(":43.000000", ":43.100000");
            finds(
                &FACTOR,
                "listener-refused",
                &config,
                &[earlier, later, nosrv(44)],
            )
        };
        assert!(!found(":40.500000"));
        assert!(found(":41.900000"));
    }

    #[test]
    fn servers_that_go_far_apart_or_alone_are_not() {
        let log = [
            down(10, "app2", REFUSED),
            down(43, "app1", REFUSED),
            nosrv(44),
        ];
        assert!(!finds(&FACTOR, "listener-refused", CONFIG, &log));
        let log = [down(43, "app1", REFUSED), nosrv(44)];
        assert!(!finds(&FACTOR, "listener-refused", CONFIG, &log));
    }

    #[test]
    fn an_operator_who_takes_both_out_is_no_common_failure() {
        let log = [
            down(40, "app2", REFUSED),
            down(43, "app1", REFUSED),
            nosrv(44),
        ]
        .concat();
        let log = log.replace("is DOWN, reason: Layer4 connection problem, info: \"Connection refused\", check duration: 0ms", "is going DOWN for maintenance");
        assert!(!finds(&FACTOR, "listener-refused", CONFIG, &[log]));
    }
}
