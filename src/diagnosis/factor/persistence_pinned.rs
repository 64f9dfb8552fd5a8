//! Cookies, stick tables or `force-persist` held clients on a dead server.
//!
//! Looks alike: a balance algorithm that gives the dead server its share anyway; `option redispatch`, which breaks persistence
//! at the last retry.

use crate::base::thousands;
use crate::diagnosis::Case;
use crate::diagnosis::FactorFinding;
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
        let lost = case.loss(name)?.at?;
        let tallies = case
            .incident
            .failures
            .iter()
            .filter(|(key, _)| *key.server == *name.as_bytes());
        tallies.map(|(_, tally)| tally).find(|tally| {
            tally
                .times
                .is_some_and(|(_, last, _)| last > lost + before::CLOCKS)
        })
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
        let before = [
            refused(39, "app1"),
            down(40, "app1", REFUSED),
            good(42, "app2"),
            good(46, "app2"),
        ];
        assert!(!finds(&FACTOR, "listener-refused", &sticky, &before));
    }
}
