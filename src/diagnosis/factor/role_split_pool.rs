//! The pool has one UP server by design: its check asks for a role that only one server has.
//!
//! Looks alike: a check of plain readiness, which all servers should pass.
//! Known gap: roles that an external program or an agent decides are not seen.

use crate::diagnosis::Case;
use crate::diagnosis::FactorFinding;
use crate::diagnosis::factor::Factor;
use crate::diagnosis::factor::config_cites;
use crate::diagnosis::factor::found;

pub(super) const FACTOR: Factor = Factor {
    id: "role-split-pool",
    title: "one server is UP by design",
    why: "Checks for the leader of Patroni, Vault, Redis and the like pass on one server; the others are DOWN without a fault. Only \
          when no server has the role the pool is empty: look at the election, not at the servers that were DOWN before.",
    find,
};

/// Paths that answer 200 on one member only (Patroni's REST API; Consul; Vault's standby answers 429; clustercheck's writer).
const PATHS: [&str; 10] = [
    "/master",
    "/primary",
    "/leader",
    "/read-write",
    "/standby-leader",
    "/v1/sys/health",
    "/v1/status/leader",
    "/is-leader",
    "/is_master",
    "/writer",
];

fn find(case: &Case<'_>, _cause: &str) -> Option<FactorFinding> {
    let proxy = case.proxy.filter(|p| p.servers.len() > 1)?;
    let check = &proxy.check;
    let path = check.uri.split('?').next().unwrap_or_default();
    let sends = check.expects.iter().flat_map(|rule| &rule.words);
    let mut words = sends.clone().map(|word| word.to_ascii_lowercase());
    let by_path = PATHS.contains(&path) && !check.uri.contains("standbyok=true");
    let by_answer = words.any(|word| word.contains("role:master") || word.contains("is_master:1"));
    if !by_path && !by_answer {
        return None;
    }
    let what = if by_path { path } else { "the master's role" };
    let places = check
        .at
        .into_iter()
        .chain(check.expects.iter().map(|rule| rule.at));
    found(
        format!(
            "the check of {} asks for {what}, which one server has at a time",
            proxy.name
        ),
        config_cites(case, places),
    )
}

#[cfg(test)]
mod tests {
    use super::FACTOR;
    use crate::diagnosis::factor::fixture::{CONFIG, finds};
    use crate::testing::{down, nosrv};

    #[test]
    fn a_check_for_the_leader_is_found_and_one_for_readiness_is_not() {
        let log = [
            down(
                41,
                "app1",
                "Layer7 wrong status, code: 503, info: \"Service Unavailable\"",
            ),
            nosrv(42),
        ];
        let leader = CONFIG.replace(
            "    server app1",
            "    option httpchk GET /primary\n    server app1",
        );
        assert!(finds(&FACTOR, "check-http-status", &leader, &log));
        let ready = leader.replace("/primary", "/ready");
        assert!(!finds(&FACTOR, "check-http-status", &ready, &log));
    }
}
