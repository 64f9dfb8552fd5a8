//! A server was healthy long before HAProxy used it again.
//!
//! Looks alike: a repair that took long; the few seconds that `rise` always takes.

use crate::base::SECOND;
use crate::diagnosis::Case;
use crate::diagnosis::FactorFinding;
use crate::diagnosis::before;
use crate::diagnosis::before::Role;
use crate::diagnosis::factor::Factor;
use crate::diagnosis::factor::config_cites;
use crate::diagnosis::factor::found;
use crate::event::host::HostKind;
use crate::incident::State;

pub(super) const FACTOR: Factor = Factor {
    id: "slow-recovery",
    title: "recovered servers were used late",
    why: "A returned server waits for `rise` good checks, `downinter` apart, and then for `slowstart`. Lower `rise` or `downinter` where \
          servers are trusted at once.",
    find,
};

/// Waiting longer than this is worth a word; `rise 2` with `inter 2s` takes up to four seconds.
const LONG: i64 = 10 * SECOND;

fn find(case: &Case<'_>, _cause: &str) -> Option<FactorFinding> {
    let signs = before::signs(case);
    let start = case.start()?;
    let end = case.incident.recovered_at.map(|(at, _)| at)?;
    let starts: Vec<_> = before::host_events(case, &[HostKind::UnitStarted], (start, end))
        .filter(|(_, _, host)| before::is_application(&host.subject))
        .filter_map(
            |(at, event, _)| match before::role(case, &signs, &event.host) {
                Role::Server(name) => Some((at, event, name)),
                _ => None,
            },
        )
        .collect();
    let waits = case.losses.iter().filter_map(|loss| {
        let story = case.story(loss.server)?;
        let lost = loss.at?;
        let back = story
            .changes
            .iter()
            .find(|c| c.to == State::Up && c.at > loss.at)?;
        let back_at = back.at?;
        let started = starts
            .iter()
            .filter(|(at, _, name)| *name == loss.server && *at > lost && *at < back_at)
            .map(|(at, event, _)| (*at, event.cite.clone()));
        let passed = story
            .checks
            .iter()
            .filter(|(at, line, _)| line.passed && at.is_some_and(|at| lost < at && at < back_at))
            .filter_map(|(at, _, cite)| Some(((*at)?, cite.clone())));
        let (well, cite) = started.chain(passed).min()?;
        Some((back_at - well, loss.server, vec![cite, back.cite.clone()]))
    });
    let (wait, name, mut cites) = waits.max_by_key(|(wait, ..)| *wait)?;
    if wait < LONG {
        return None;
    }
    let line = case.server(name);
    let rise = line.map(|line| {
        format!(
            " (`rise {}`, {} ms apart)",
            line.rise.value,
            line.downinter_ms
                .as_ref()
                .map_or(line.inter_ms.value, |s| s.value)
        )
    });
    cites.extend(config_cites(case, line.map(|line| line.at)));
    found(
        format!(
            "{name} was well {} s before HAProxy used it again{}",
            wait / SECOND,
            rise.unwrap_or_default()
        ),
        cites,
    )
}

#[cfg(test)]
mod tests {
    use super::FACTOR;
    use crate::diagnosis::factor::fixture::{CONFIG, finds, good, up};
    use crate::testing::{REFUSED, down, host_line, nosrv};

    #[test]
    fn a_long_wait_after_the_services_start_is_found_and_a_short_one_is_not() {
        let started = |second| {
            host_line(
                second,
                "app1",
                "systemd[1]: Started app.service - Example web application.",
            )
        };
        let log = [
            down(20, "app1", REFUSED),
            nosrv(21),
            started(25),
            up(50, "app1", 1),
            good(51, "app1"),
        ];
        assert!(finds(&FACTOR, "listener-refused", CONFIG, &log));
        let log = [
            down(20, "app1", REFUSED),
            nosrv(21),
            started(46),
            up(50, "app1", 1),
            good(51, "app1"),
        ];
        assert!(!finds(&FACTOR, "listener-refused", CONFIG, &log));
    }
}
