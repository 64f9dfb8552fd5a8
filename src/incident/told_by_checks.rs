//! State changes that only the lines of `option log-health-checks` tell: an excerpt without the `Server … is DOWN` line.

use crate::base::Precision;
use crate::event::message::CheckLine;
use crate::incident::state::checked;
use crate::incident::{Change, Pool, Reason, State};
use std::collections::BTreeMap;

/// Adds the changes of servers of which no message announces one.
///
/// `status: 0/2 DOWN` is the check that took the server out; a passed check with the full count brought it back. Numbers in
/// between, and the quirk of 3.3 (the first success of a server that is UP reads `1/2 DOWN`), change nothing.
pub(super) fn add(pools: &mut BTreeMap<Box<str>, Pool>) {
    for pool in pools.values_mut() {
        for story in pool
            .servers
            .values_mut()
            .filter(|story| story.changes.is_empty())
        {
            let mut state = State::Up;
            for (at, line, cite) in &story.checks {
                let Some(to) = tells(line).filter(|to| *to != state) else {
                    continue;
                };
                state = to;
                story.changes.push(Change {
                    at: *at,
                    precision: Precision::Second,
                    to,
                    reason: match checked(line.report.clone()) {
                        Reason::Check(report) if line.agent => Reason::Agent(report),
                        other => other,
                    },
                    left: None,
                    cite: cite.clone(),
                });
            }
        }
    }
}

fn tells(line: &CheckLine) -> Option<State> {
    match (line.passed, line.health?) {
        (false, (0, _)) => Some(State::Down),
        (true, (now, full)) if now == full => Some(State::Up),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::testing;

    const HEAD: &str = "Jun 05 21:53:41 proxy01 haproxy[3028]: Health check for server be_app/app1 failed, reason: Layer4 timeout, check duration: 2001ms, status:";

    #[test]
    fn the_check_that_took_a_server_out_tells_of_the_loss() {
        testing::concludes(
            &[("haproxy.log", &format!("{HEAD} 0/2 DOWN.\n"))],
            "connect-timeout",
        );
    }

    #[test]
    fn a_failed_check_of_a_server_that_stays_up_is_no_loss() {
        let report = testing::report(&[("haproxy.log", &format!("{HEAD} 2/3 UP.\n"))]);
        assert!(report.incidents.is_empty(), "{:#?}", report.incidents);
    }
}
