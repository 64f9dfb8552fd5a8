//! Cookies, stick tables or `force-persist` held clients on a dead server.
//!
//! Looks alike: a balance algorithm that gives the dead server its share anyway; `option redispatch`, which breaks persistence
//! at the last retry.

use crate::base::Precision;
use crate::base::SECOND;
use crate::base::thousands;
use crate::diagnosis::Case;
use crate::diagnosis::FactorFinding;
use crate::diagnosis::Loss;
use crate::diagnosis::before;
use crate::diagnosis::factor::Factor;
use crate::diagnosis::factor::answering;
use crate::diagnosis::factor::config_cites;
use crate::diagnosis::factor::dead;
use crate::diagnosis::factor::found;
use crate::evidence::FailTally;

pub(super) const FACTOR: Factor = Factor {
    id: "persistence-pinned",
    title: "persistence held clients on a dead server",
    why: "A client whose cookie or table entry names a server is sent there first. `option redispatch` lets it go; `force-persist` and \
          `option persist` even send it to a server that is DOWN.",
    find,
};

/// Between HAProxy's message and its stamp on the same host, when the stamp is finer than a second.
const PRECISE: i64 = SECOND / 5;

fn find(case: &Case<'_>, _cause: &str) -> Option<FactorFinding> {
    let proxy = case
        .proxy
        .filter(|p| !p.persistence.is_empty() && !p.redispatch.value)?;
    let dead = dead(case);
    let others = answering(case);
    others
        .iter()
        .find(|(name, _)| dead.iter().all(|(gone, _)| gone != name))?;
    // After its DOWN message only persistence still leads to a server; before it, that is the usual share.
    let after = |name: &str| -> Option<&FailTally> {
        let loss = case.loss(name)?;
        let lost = loss.at?;
        let slack = slack(case, loss);
        let tallies = case
            .incident
            .failures
            .iter()
            .filter(|(key, _)| *key.server == *name.as_bytes());
        tallies
            .map(|(_, tally)| tally)
            .find(|tally| tally.times.is_some_and(|(_, last, _)| last > lost + slack))
    };
    let (name, n, tally) = dead
        .iter()
        .find_map(|(name, n)| Some((name, n, after(name)?)))?;
    let mut cites = config_cites(case, proxy.persistence.iter().copied());
    cites.extend(tally.last());
    found(
        format!(
            "{} requests went to {name}, some of them after it was marked DOWN: persistence sent them there",
            thousands(*n)
        ),
        cites,
    )
}

/// How long after the stamp of the DOWN message a request may still have been accepted before the loss. HAProxy writes the message at
/// once, and accept dates have milliseconds: what is left is the stamp's own precision.
fn slack(case: &Case<'_>, loss: &Loss<'_>) -> i64 {
    let story = case.story(loss.server);
    let mut changes = story.into_iter().flat_map(|story| &story.changes);
    let said = changes.find(|change| change.cite.span == loss.cite.span);
    match said.map(|change| change.precision) {
        Some(Precision::Milli | Precision::Micro) => PRECISE,
        _ => before::CLOCKS,
    }
}

#[cfg(test)]
mod tests {
    use super::FACTOR;
    use crate::diagnosis::factor::fixture::{CONFIG, finds, good, refused};
    use crate::testing::{REFUSED, down};

    #[test]
    fn a_dead_server_that_keeps_its_clients_is_found_only_with_persistence() {
        let log = [
            refused(39, "app1"),
            down(40, "app1", REFUSED),
            good(42, "app2"),
            refused(46, "app1"),
            good(46, "app2"),
        ];
        let sticky = CONFIG.replace(
            "    server app1",
            "    cookie SRV insert\n    option persist\n    server app1",
        );
        assert!(finds(&FACTOR, "listener-refused", &sticky, &log));
        assert!(!finds(&FACTOR, "listener-refused", CONFIG, &log));
        // The stamp of the message has microseconds: what was accepted a second later is after it.
        let soon = [
            refused(39, "app1"),
            down(40, "app1", REFUSED),
            good(40, "app2"),
            refused(41, "app1"),
            good(41, "app2"),
        ];
        assert!(finds(&FACTOR, "listener-refused", &sticky, &soon));
        let whole_seconds: Vec<String> = soon
            .iter()
            .map(|line| line.replace(".000000+00:00", "+00:00"))
            .collect();
        assert!(!finds(&FACTOR, "listener-refused", &sticky, &whole_seconds));
        let before = [
            refused(39, "app1"),
            down(40, "app1", REFUSED),
            good(42, "app2"),
            good(46, "app2"),
        ];
        assert!(!finds(&FACTOR, "listener-refused", &sticky, &before));
    }
}
