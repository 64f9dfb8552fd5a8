//! Only a part of the pool, of the routes or of the clients was hit.
//!
//! Looks alike: a full queue, which hits whoever comes; the first moments of an outage, in which some servers still answered; an
//! application that answers some requests of the same route and refuses others.

use crate::base::SECOND;
use crate::base::thousands;
use crate::diagnosis::Case;
use crate::diagnosis::FactorFinding;
use crate::diagnosis::factor::Factor;
use crate::diagnosis::factor::answering;
use crate::diagnosis::factor::dead;
use crate::diagnosis::factor::found;
use crate::evidence::Step;

pub(super) const FACTOR: Factor = Factor {
    id: "partial-outage",
    title: "only a part was hit",
    why: "What went on working tells where to look: compare the servers, routes and clients that failed with those that did not.",
    find,
};

/// Causes by which HAProxy's own rules fail some requests: others of the same frontend may go on.
const BY_ROUTE: [&str; 4] = [
    "no-route",
    "misrouted",
    "denied-by-rule",
    "no-servers-configured",
];
/// Good requests beside the failed ones, as a share of the failed ones: fewer may be stragglers.
const GOOD_PERCENT_MIN: u64 = 10;
/// So many answers of one server are no chance of who got the requests of one route.
const NO_CHANCE: u64 = 10;
/// In a time as short as this no other request may have come at all.
const WHOLE: i64 = 2 * SECOND;

fn find(case: &Case<'_>, cause: &str) -> Option<FactorFinding> {
    if BY_ROUTE.contains(&cause) {
        return by_route(case);
    }
    if ["queue-timeout", "process-limits", "local-port-exhaustion"].contains(&cause) {
        return None;
    }
    by_server(case, cause)
}

/// Requests of other routes were answered in the same time.
fn by_route(case: &Case<'_>) -> Option<FactorFinding> {
    let (start, end) = (case.incident.window.start?, case.incident.window.end?);
    let loads = || case.bundle.loads.values();
    let n_good: u64 = loads()
        .map(|load| load.between(start - SECOND, end + SECOND).n_good)
        .sum();
    // The seconds at the edges hold requests of before and after, too. A rule that hits all for a while hits no part.
    let is_inside = |at: i64| start <= at && at <= end;
    let is_beside = end - start < WHOLE
        || loads()
            .flat_map(|load| &load.seconds)
            .filter_map(|(_, _, second)| second.good.get())
            .any(|(first, last)| is_inside(first) || is_inside(last));
    if !is_beside {
        return None;
    }
    if n_good == 0 || n_good * 100 < case.incident.n_failed() * GOOD_PERCENT_MIN {
        return None;
    }
    found(
        format!(
            "{} requests of other routes were answered in the same time",
            thousands(n_good)
        ),
        Vec::new(),
    )
}

/// Servers, with counts, that answered 503 themselves.
fn answering_503(case: &Case<'_>) -> Vec<(String, u64)> {
    let by_server = case.step_by_server(Step::Application);
    by_server
        .into_iter()
        .map(|(name, tally)| (name, tally.n))
        .collect()
}

/// Some servers failed requests, others answered all the while.
fn by_server(case: &Case<'_>, cause: &str) -> Option<FactorFinding> {
    let mut dead = dead(case);
    if cause == "application-503" {
        dead.extend(
            answering_503(case)
                .into_iter()
                .filter(|(_, n)| *n >= NO_CHANCE),
        );
    }
    let failing: Vec<&str> = dead.iter().map(|(name, _)| name.as_str()).collect();
    let good: Vec<(&str, u64)> = answering(case)
        .into_iter()
        .filter(|(name, _)| !failing.contains(name) && case.loss(name).is_none())
        .collect();
    let n_good: u64 = good.iter().map(|(_, n)| n).sum();
    let (first, _) = good.first()?;
    if failing.is_empty() || n_good * 100 < case.incident.n_failed() * GOOD_PERCENT_MIN {
        return None;
    }
    found(
        format!(
            "only requests sent to {} failed; {first} and others answered {} in the same time",
            failing.join(", "),
            thousands(n_good)
        )
        .replace(
            " and others",
            if good.len() > 1 { " and others" } else { "" },
        ),
        Vec::new(),
    )
}

#[cfg(test)]
mod tests {
    use super::FACTOR;
    use crate::diagnosis::factor::fixture::{CONFIG, finds, good, refused, request};

    #[test]
    fn a_well_server_beside_a_dead_one_is_found_and_a_dead_pool_is_not() {
        let log = [
            good(40, "app2"),
            refused(40, "app1"),
            good(42, "app2"),
            refused(44, "app1"),
        ];
        assert!(finds(&FACTOR, "unchecked-server-failed", CONFIG, &log));
        let log = [refused(40, "app1"), refused(44, "app2")];
        assert!(!finds(&FACTOR, "unchecked-server-failed", CONFIG, &log));
    }

    #[test]
    fn a_server_that_answers_503_itself_beside_a_well_one_is_found_and_a_few_such_answers_are_not()
    {
        let own = |n: u32| (0..n).map(|i| request(40 + i, 300, "app1 0/0/0/5/5 503 900 - - ----"));
        let beside = |n: u32| (0..n).map(|i| good(40 + i, "app2"));
        let log: Vec<String> = own(12).chain(beside(12)).collect();
        assert!(finds(&FACTOR, "application-503", CONFIG, &log));
        let log: Vec<String> = own(3).chain(beside(12)).collect();
        assert!(!finds(&FACTOR, "application-503", CONFIG, &log));
    }

    #[test]
    fn a_rule_that_hits_all_for_a_while_hits_no_part() {
        let denied = |second| request(second, 0, "<NOSRV> 0/-1/-1/-1/0 503 217 - - LR--");
        let mut log = vec![
            good(39, "app1"),
            denied(40),
            denied(42),
            denied(44),
            good(45, "app1"),
        ];
        assert!(!finds(&FACTOR, "denied-by-rule", CONFIG, &log));
        log.insert(3, good(43, "app1"));
        assert!(finds(&FACTOR, "denied-by-rule", CONFIG, &log));
    }

    #[test]
    fn other_routes_count_for_rules_and_not_for_queues() {
        let denied = request(41, 0, "<NOSRV> 0/-1/-1/-1/0 503 217 - - PR--");
        let log = [good(41, "app1"), denied, good(42, "app1")];
        assert!(finds(&FACTOR, "denied-by-rule", CONFIG, &log));
        assert!(!finds(&FACTOR, "queue-timeout", CONFIG, &log));
    }
}
