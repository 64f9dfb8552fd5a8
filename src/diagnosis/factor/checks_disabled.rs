//! A server that failed has no health check, so HAProxy keeps sending requests to it.
//!
//! Looks alike: a server that is checked through another one (`track`) or by its agent; a checked server in the detection gap.

use crate::diagnosis::Case;
use crate::diagnosis::FactorFinding;
use crate::diagnosis::factor::Factor;
use crate::diagnosis::factor::config_cites;
use crate::diagnosis::factor::dead;
use crate::diagnosis::factor::found;
use crate::dump::Availability;

pub(super) const FACTOR: Factor = Factor {
    id: "checks-disabled",
    title: "no health check on a server",
    why: "Without `check` a server counts as UP for ever. Add `check`, with `option httpchk` where the application speaks HTTP.",
    find,
};

fn find(case: &Case<'_>, _cause: &str) -> Option<FactorFinding> {
    let failed = dead(case);
    let unchecked: Vec<&str> = failed
        .iter()
        .map(|(name, _)| name.as_str())
        .filter(|name| is_unchecked(case, name))
        .collect();
    let first = unchecked.first()?;
    let cites = config_cites(
        case,
        unchecked
            .iter()
            .filter_map(|name| Some(case.server(name)?.at)),
    );
    let text = match unchecked.len() {
        1 => format!("{first} has no health check"),
        n => format!("{n} failing servers, {first} among them, have no health check"),
    };
    found(text, cites)
}

fn is_unchecked(case: &Case<'_>, name: &str) -> bool {
    match case.server(name) {
        Some(line) => line.check.is_none() && line.agent_check.is_none() && line.track.is_none(),
        None => case.story(name).is_some_and(|story| {
            story
                .snapshots
                .iter()
                .any(|row| row.availability == Availability::Unchecked)
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::FACTOR;
    use crate::diagnosis::factor::fixture::{CONFIG, finds, refused};

    #[test]
    fn a_failing_server_without_check_is_found_and_a_checked_or_well_one_is_not() {
        let bare = CONFIG.replace("11:80 check", "11:80");
        assert!(finds(
            &FACTOR,
            "unchecked-server-failed",
            &bare,
            &[refused(40, "app1")]
        ));
        assert!(!finds(
            &FACTOR,
            "unchecked-server-failed",
            &bare,
            &[refused(40, "app2")]
        ));
        assert!(!finds(
            &FACTOR,
            "unchecked-server-failed",
            CONFIG,
            &[refused(40, "app1")]
        ));
        let tracked = CONFIG.replace("11:80 check", "11:80 track app2");
        assert!(!finds(
            &FACTOR,
            "unchecked-server-failed",
            &tracked,
            &[refused(40, "app1")]
        ));
    }
}
