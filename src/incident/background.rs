//! Failures that are always there: a scanner on a route that never existed, a forgotten pool that has been down for ever.
//!
//! Beside a real incident they are noise. Alone they are what the bundle is about, and stay.

use crate::base::MINUTE;
use crate::evidence::Step;
use crate::incident::{Basis, Bundle, Incident};
use std::collections::BTreeMap;

/// A cluster with fewer failures than this can be noise.
const NOISE_MAX: u64 = 10;
/// And only beside an incident with so many times as many failures.
const TIMES: u64 = 10;

/// Takes the noise out of the incidents; returns how many failures each backend had in it.
pub(super) fn set_aside(incidents: &mut Vec<Incident>, bundle: &Bundle) -> BTreeMap<Box<str>, u64> {
    let largest = incidents.iter().map(Incident::n_failed).max().unwrap_or(0);
    let mut noise = BTreeMap::new();
    incidents.retain(|incident| {
        let n = incident.n_failed();
        let small = incident.basis == Basis::Requests && n < NOISE_MAX && n * TIMES <= largest;
        let is_noise = small && (by_rule(incident) || always_down(incident, bundle));
        if is_noise {
            *noise.entry(incident.backend.clone()).or_default() += n;
        }
        !is_noise
    });
    noise
}

/// Answered by the rules, or by the want of one.
fn by_rule(incident: &Incident) -> bool {
    let steps = [
        Step::NoRoute,
        Step::Denied,
        Step::Local,
        Step::DisabledBackend,
    ];
    steps.iter().map(|&step| incident.n_step(step)).sum::<u64>() == incident.n_failed()
}

/// No request of this backend was answered well in the whole log, and none of its servers changed near the failures.
fn always_down(incident: &Incident, bundle: &Bundle) -> bool {
    let served = bundle
        .loads
        .get(&incident.backend)
        .is_some_and(|load| load.seconds.iter().any(|(_, _, s)| s.n_good > 0));
    let near = |at: i64| match (incident.window.start, incident.window.end) {
        (Some(start), Some(end)) => start - MINUTE <= at && at <= end + MINUTE,
        _ => true,
    };
    let stories = bundle
        .pools
        .get(&incident.backend)
        .into_iter()
        .flat_map(|pool| pool.servers.values());
    let changed = stories
        .flat_map(|story| &story.changes)
        .any(|change| change.at.is_none_or(near));
    !served && !changed
}

#[cfg(test)]
mod tests {
    use crate::testing;
    use std::fmt::Write as _;

    /// An outage of `be_app`, and one request to nowhere a minute and a half apart from it.
    fn log(n_failed: u32) -> String {
        let mut log = String::from(
            "2026-06-05T21:53:40.000000+00:00 proxy01 haproxy[3028]: Server be_app/app1 is DOWN, reason: Layer4 timeout, check duration: 2001ms. 0 active and 0 backup servers left. 0 sessions active, 0 requeued, 0 remaining in queue.\n",
        );
        for second in 0..n_failed {
            let _infallible = writeln!(
                log,
                "2026-06-05T21:53:{:02}.500000+00:00 proxy01 haproxy[3028]: 192.0.2.50:53260 [05/Jun/2026:21:53:{:02}.500] fe_app be_app/<NOSRV> 0/-1/-1/-1/0 503 217 - - SC-- 1/1/0/0/0 0/0 \"GET / HTTP/1.1\"",
                41 + second % 18,
                41 + second % 18
            );
        }
        log + "2026-06-05T21:55:30.000000+00:00 proxy01 haproxy[3028]: 198.51.100.9:4000 [05/Jun/2026:21:55:30.000] fe_app fe_app/<NOSRV> -1/-1/-1/-1/0 503 217 - - SC-- 1/1/0/0/0 0/0 \"GET /wp-login.php HTTP/1.1\"\n"
    }

    #[test]
    fn a_scanner_beside_an_outage_is_noise_and_is_told() {
        let report = testing::report(&[("haproxy.log", &log(15))]);
        assert_eq!(report.incidents.len(), 1);
        assert!(
            report.warnings.iter().any(|w| w.contains("fe_app")),
            "{:?}",
            report.warnings
        );
    }

    #[test]
    fn beside_a_few_failures_it_is_an_incident_of_its_own() {
        assert_eq!(
            testing::report(&[("haproxy.log", &log(3))]).incidents.len(),
            2
        );
    }
}
