//! The checks give the application less time than it usually takes.
//!
//! Looks alike: an application that became slow (`slow-application`); a readiness endpoint of its own, which may be faster or slower
//! than the pages: only checks that passed with long durations, or the pages' own usual time, speak.

use crate::diagnosis::Avoidable;
use crate::diagnosis::Case;
use crate::diagnosis::FactorFinding;
use crate::diagnosis::avoidable::avoidable;
use crate::diagnosis::avoidable::n_nosrv_in;
use crate::diagnosis::factor::Factor;
use crate::diagnosis::factor::config_cites;
use crate::diagnosis::factor::found;
use crate::diagnosis::level;
use crate::event::message::CheckStatus;
use crate::incident::Reason;

pub(super) const FACTOR: Factor = Factor {
    id: "aggressive-timers",
    title: "check timers are shorter than the usual answer time",
    why: "A check that ends before a normal answer comes takes out servers that are well. Give `timeout check` (or `inter`, when it is \
          unset) a multiple of the usual answer time.",
    find,
};

fn find(case: &Case<'_>, cause: &str) -> Option<FactorFinding> {
    if cause != "check-timeout" {
        return None;
    }
    let proxy = case.proxy?;
    let server = case.server(case.last_straw()?.server)?;
    let limit = proxy.timeout_ms("check").unwrap_or(&server.inter_ms);
    let passed = case
        .story(&server.name)
        .into_iter()
        .flat_map(|story| &story.checks)
        .filter(|(_, line, _)| line.passed)
        .filter_map(|(_, line, cite)| Some((line.report.duration_ms?, cite)));
    let longest = passed.max_by_key(|(ms, cite)| (*ms, cite.span));
    let cites = config_cites(case, limit.at);
    if let Some((ms, cite)) = longest.filter(|(ms, _)| u64::from(*ms) * 10 >= limit.value * 8) {
        let text = format!(
            "checks of {} passed after up to {ms} ms, the limit is {} ms",
            server.name, limit.value
        );
        let factor = found(text, [cites, vec![cite.clone()]].concat())?;
        return Some(factor.avoiding(waited(case)));
    }
    let usual = level::usual_response_ms(case)?;
    let limit_ms = u32::try_from(limit.value).unwrap_or(u32::MAX);
    if usual < f64::from(limit_ms) {
        return None;
    }
    let factor = found(
        format!(
            "requests usually take {usual:.0} ms, the checks' limit is {} ms",
            limit.value
        ),
        cites,
    )?;
    Some(factor.avoiding(waited(case)))
}

/// Requests that found no server while one was out only because a check of it had run into the limit.
fn waited(case: &Case<'_>) -> Option<Avoidable> {
    let spared = case.usable()?.spared(|absence| {
        matches!(&absence.reason, Reason::Check(report) if report.status == CheckStatus::L7Tout)
    });
    let proxy = case.proxy?;
    let by = match proxy.timeout_ms("check") {
        Some(_) => "a longer `timeout check`",
        None => "a `timeout check` longer than `inter`",
    };
    let n = n_nosrv_in(case, &spared);
    avoidable(case, n, by, "the late answers to the checks were good ones")
}

#[cfg(test)]
mod tests {
    use super::FACTOR;
    use crate::diagnosis::factor::fixture::{CONFIG, avoids, finds, request};
    use crate::testing::{REFUSED, down, nosrv};

    #[test]
    fn a_limit_below_the_usual_time_is_found_and_one_above_is_not() {
        let slow: Vec<String> = (0..20)
            .map(|second| request(second, 0, "app1 0/0/1/900/901 200 900 - - ----"))
            .collect();
        let log = [
            slow.concat(),
            down(40, "app2", "Layer7 timeout"),
            down(40, "app1", "Layer7 timeout"),
            nosrv(41),
        ];
        let tight = CONFIG.replace(
            "    server app1",
            "    timeout check 300ms\n    server app1",
        );
        assert!(finds(&FACTOR, "check-timeout", &tight, &log));
        assert_eq!(
            avoids(&FACTOR, "check-timeout", &tight, &log),
            ["a longer `timeout check`: 1 of 1 if the late answers to the checks were good ones"]
        );
        // The pool would have been empty all the same.
        let refused = log
            .clone()
            .map(|line| line.replace("Layer7 timeout", REFUSED));
        assert!(avoids(&FACTOR, "check-timeout", &tight, &refused).is_empty());
        assert!(!finds(&FACTOR, "check-timeout", CONFIG, &log));
    }
}
