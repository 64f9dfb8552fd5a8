//! A server was healthy long before HAProxy used it again.
//!
//! Looks alike: a repair that took long; the few seconds that `rise` always takes.

use crate::base::SECOND;
use crate::diagnosis::Avoidable;
use crate::diagnosis::Case;
use crate::diagnosis::FactorFinding;
use crate::diagnosis::avoidable::avoidable;
use crate::diagnosis::avoidable::n_nosrv_in;
use crate::diagnosis::before;
use crate::diagnosis::before::Role;
use crate::diagnosis::factor::Factor;
use crate::diagnosis::factor::config_cites;
use crate::diagnosis::factor::found;
use crate::diagnosis::usable::Gap;
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

/// Checks of a DOWN server that often, in ms, need no shortening.
const SOON_MS: u64 = 1000;

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
        let wait = Gap {
            from: well,
            to: back_at,
        };
        Some((wait, loss.server, vec![cite, back.cite.clone()]))
    });
    let (gap, name, mut cites) = waits.max_by_key(|(gap, ..)| gap.to - gap.from)?;
    let wait = gap.to - gap.from;
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
    let factor = found(
        format!(
            "{name} was well {} s before HAProxy used it again{}",
            wait / SECOND,
            rise.unwrap_or_default()
        ),
        cites,
    )?;
    Some(factor.avoiding(sooner(case, name, gap)))
}

/// Requests that found no server after one check a second would have seen that this one was well.
fn sooner(case: &Case<'_>, name: &str, well: Gap) -> Option<Avoidable> {
    let line = case.server(name)?;
    let between = line.downinter_ms.as_ref().unwrap_or(&line.inter_ms).value;
    if line.rise.value <= 1 && between <= SOON_MS {
        return None;
    }
    let seen = Gap {
        from: well.from + SECOND,
        to: well.to,
    };
    let n = n_nosrv_in(case, &[seen]);
    let by = "`rise 1` with `downinter 1s`";
    avoidable(case, n, by, format!("{name} was ready at that sign of it"))
}

#[cfg(test)]
mod tests {
    use super::FACTOR;
    use crate::diagnosis::factor::fixture::{CONFIG, avoids, finds, good, up};
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

    #[test]
    fn what_failed_after_a_quicker_check_had_passed_is_counted() {
        let started = host_line(25, "app1", "systemd[1]: Started app.service - Example.");
        let failed = [21, 30, 31, 49].map(nosrv).concat();
        let log = [
            down(20, "app1", REFUSED),
            failed,
            started,
            up(50, "app1", 1),
            good(51, "app1"),
        ];
        assert_eq!(
            avoids(&FACTOR, "listener-refused", CONFIG, &log),
            ["`rise 1` with `downinter 1s`: 3 of 4 if app1 was ready at that sign of it"]
        );
        let quick = CONFIG.replace(":80 check", ":80 check rise 1 inter 1s");
        assert!(finds(&FACTOR, "listener-refused", &quick, &log));
        assert!(avoids(&FACTOR, "listener-refused", &quick, &log).is_empty());
    }
}
