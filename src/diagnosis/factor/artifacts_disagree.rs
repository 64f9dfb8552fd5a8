//! The captures do not belong together: the configuration does not know what the log and the dumps name, or a dump and the
//! log contradict each other.
//!
//! Looks alike: a piece of a configuration; servers added at run time or by a template; a backend without a section of its own,
//! such as the name that the log shows when no backend was chosen.

use crate::base::counted;
use crate::base::thousands;
use crate::diagnosis::Case;
use crate::diagnosis::FactorFinding;
use crate::diagnosis::contradiction::contradictions;
use crate::diagnosis::factor::Factor;
use crate::diagnosis::factor::found;

pub(super) const FACTOR: Factor = Factor {
    id: "artifacts-disagree",
    title: "the artifacts do not belong together",
    why: "A configuration, log or dump of another host or time misleads: what it says about timers, checks and routes may not hold. \
          Capture them together: configuration, log and `show servers state` from the same host within minutes.",
    find,
};

/// Contradictions that are told in full; more of them say no more.
const TOLD_MAX: usize = 3;

fn find(case: &Case<'_>, _cause: &str) -> Option<FactorFinding> {
    foreign_config(case).or_else(|| contradicted(case))
}

/// A dump and the log say different things.
fn contradicted(case: &Case<'_>) -> Option<FactorFinding> {
    let mut all = contradictions(case);
    let n_more = all.len().saturating_sub(TOLD_MAX);
    all.truncate(TOLD_MAX);
    let mut texts: Vec<String> = all.iter().map(|found| found.text.clone()).collect();
    if n_more > 0 {
        texts.push(format!("{n_more} more of the kind"));
    }
    let cites = all.into_iter().flat_map(|found| found.cites).collect();
    if texts.is_empty() {
        return None;
    }
    found(texts.join("; "), cites)
}

/// The configuration is another proxy's.
fn foreign_config(case: &Case<'_>) -> Option<FactorFinding> {
    let config = case
        .bundle
        .config()
        .filter(|config| config.fragment.is_none())?;
    let backend = &*case.incident.backend;
    let knows = |name: &str| config.proxies.iter().any(|p| p.name == name);
    if backend.is_empty() || config.proxies.is_empty() {
        return None;
    }
    let first = case
        .dominant()
        .map(|step| case.examples(step, 1))
        .unwrap_or_default();
    if !knows(backend) {
        return found(
            format!("the captured configuration has no section {backend}"),
            first,
        );
    }
    if let Some((n, all, line)) = &case.bundle.undeclared
        && n * 2 > *all
    {
        return found(
            format!(
                "{} of {} are in another log format than the captured configuration declares for their frontend",
                thousands(*n),
                counted(*all, "traffic line")
            ),
            vec![line.clone()],
        );
    }
    let proxy = case.proxy?;
    let seen: Vec<&str> = case
        .pool
        .into_iter()
        .flat_map(|pool| pool.servers.keys())
        .map(|name| &**name)
        .collect();
    let strangers = seen
        .iter()
        .filter(|name| proxy.server(name).is_none())
        .count();
    if seen.is_empty() || strangers < seen.len() || proxy.servers.is_empty() {
        return None;
    }
    found(
        format!(
            "none of the servers that logs and dumps name stands in the captured section {backend}"
        ),
        first,
    )
}

#[cfg(test)]
mod tests {
    use super::FACTOR;
    use crate::diagnosis::factor::fixture::{CONFIG, finds};
    use crate::testing::{REFUSED, down, nosrv};

    #[test]
    fn a_configuration_of_another_proxy_is_found_and_the_right_one_is_not() {
        let log = [down(41, "app1", REFUSED), nosrv(42)];
        assert!(!finds(&FACTOR, "listener-refused", CONFIG, &log));
        let other = CONFIG.replace("be_app", "be_mail");
        assert!(finds(&FACTOR, "listener-refused", &other, &log));
        let servers = CONFIG.replace("server app", "server mail");
        assert!(finds(&FACTOR, "listener-refused", &servers, &log));
    }

    #[test]
    fn a_log_in_another_format_than_declared_is_found_and_a_declared_one_is_not() {
        let log = [down(41, "app1", REFUSED), nosrv(42)];
        let with = |format: &str| {
            CONFIG.replace(
                "mode http\n    default",
                &format!("mode http\n    {format}\n    default"),
            )
        };
        assert!(!finds(
            &FACTOR,
            "listener-refused",
            &with("option httplog"),
            &log
        ));
        let other = with("log-format \"%ci|%tr|%f|%b|%s|%ST|%tsc\"");
        assert!(finds(&FACTOR, "listener-refused", &other, &log));
        let longer = with(
            "log-format \"%ci:%cp [%tr] %ft %b/%s %TR/%Tw/%Tc/%Tr/%Ta %ST %B %CC %CS %tsc %ac/%fc/%bc/%sc/%rc %sq/%bq %{+Q}r\"",
        );
        assert!(!finds(&FACTOR, "listener-refused", &longer, &log));
    }
}
