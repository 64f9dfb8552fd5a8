//! A new configuration was refused at a reload, and the old one runs on.
//!
//! Looks alike: a restart with a broken file, after which nothing runs (`haproxy-down`); `haproxy -c` by hand, which loads nothing.

use crate::base::HOUR;
use crate::diagnosis::Case;
use crate::diagnosis::FactorFinding;
use crate::diagnosis::before;
use crate::diagnosis::factor::Factor;
use crate::diagnosis::factor::found;
use crate::event::message::ProcessChange;

pub(super) const FACTOR: Factor = Factor {
    id: "reload-rejected",
    title: "a reload was refused",
    why: "The master keeps the old worker when a new one cannot start, so the file on disk is not what runs: what was meant to be \
          repaired is not. Validate, then reload again.",
    find,
};

fn find(case: &Case<'_>, cause: &str) -> Option<FactorFinding> {
    if cause == "haproxy-down" {
        return None;
    }
    let start = case.start()?;
    let end = case.incident.window.end.unwrap_or(start);
    let mut reloading = false;
    let mut refused = None;
    for (_, event, change) in before::process_changes(case, (start - HOUR, end)) {
        match change {
            ProcessChange::Reloading => reloading = true,
            ProcessChange::LoadFailed if reloading => refused = Some(event),
            ProcessChange::LoadingSuccess | ProcessChange::WorkerForked { .. } => {
                reloading = false;
                refused = None;
            }
            _ => {}
        }
    }
    let event = refused?;
    found(
        "a reload was refused before the end of the incident; the configuration from before it ran on".to_owned(),
        vec![event.cite.clone()],
    )
}

#[cfg(test)]
mod tests {
    use super::FACTOR;
    use crate::diagnosis::factor::fixture::{CONFIG, finds};
    use crate::testing::{REFUSED, down, host_line, nosrv};

    #[test]
    fn a_refused_reload_is_found_and_one_that_went_well_is_not() {
        let line = |text: &str| {
            host_line(
                30,
                "proxy01",
                &format!("haproxy[3000]: [NOTICE]   (3000) : {text}"),
            )
        };
        let lost = [down(41, "app1", REFUSED), nosrv(42)].concat();
        let refused = [
            line("Reloading HAProxy"),
            line("Loading failure!"),
            lost.clone(),
        ];
        assert!(finds(&FACTOR, "listener-refused", CONFIG, &refused));
        let well = [
            line("Reloading HAProxy"),
            line("Loading failure!"),
            line("New worker (3100) forked"),
            lost,
        ];
        assert!(!finds(&FACTOR, "listener-refused", CONFIG, &well));
    }
}
