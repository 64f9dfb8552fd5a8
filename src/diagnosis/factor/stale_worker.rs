//! An old worker kept serving after a reload, beside the cause.
//!
//! Looks alike: one worker under several pids of its parent; an old worker that only finishes what it has; the cause itself
//! (`stale-process`).
//! Known gap: that an old worker answered well leaves no trace here; only its failures are kept by pid.

use crate::base::SECOND;
use crate::diagnosis::Case;
use crate::diagnosis::FactorFinding;
use crate::diagnosis::before;
use crate::diagnosis::factor::Factor;
use crate::diagnosis::factor::found;
use crate::event::message::ProcessChange;

pub(super) const FACTOR: Factor = Factor {
    id: "stale-worker",
    title: "an old worker kept serving",
    why: "After a reload the old worker ends with its last connection, and its servers' states stand still. Set `hard-stop-after`.",
    find,
};

/// An old worker finishes requests for this long after a reload on any site.
const FINISHING: i64 = 60 * SECOND;

fn find(case: &Case<'_>, cause: &str) -> Option<FactorFinding> {
    if cause == "stale-process" {
        return None;
    }
    let end = case.incident.window.end?;
    let forks: Vec<(i64, u32)> = before::process_changes(case, (i64::MIN / 2, end))
        .filter_map(|(at, _, change)| match change {
            ProcessChange::WorkerForked { worker } => Some((at, *worker)),
            _ => None,
        })
        .collect();
    let (key, tally) = case.incident.failures.iter().find(|(key, tally)| {
        let last = tally
            .times
            .map(|(_, last, _)| case.bundle.clock.accept(last));
        let own = forks.iter().find(|(_, pid)| *pid == key.pid);
        let newer =
            own.and_then(|(born, _)| forks.iter().find(|(at, pid)| at > born && *pid != key.pid));
        matches!((newer, last), (Some((at, _)), Some(last)) if last - at > FINISHING)
    })?;
    found(
        format!(
            "worker {} still took requests more than a minute after a newer one had started",
            key.pid
        ),
        tally.last().into_iter().collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::FACTOR;
    use crate::diagnosis::factor::fixture::{CONFIG, finds, refused};
    use crate::testing::host_line;

    #[test]
    fn a_worker_that_fails_long_after_its_successor_came_is_found() {
        let fork = |minute: u32, pid: u32| {
            host_line(
                10,
                "proxy01",
                &format!("haproxy[3000]: [NOTICE]   (3000) : New worker ({pid}) forked"),
            )
            .replace("T21:53", &format!("T21:{minute}"))
        };
        let log = [fork(40, 3028), fork(50, 3100), refused(40, "app1")];
        assert!(finds(&FACTOR, "listener-refused", CONFIG, &log));
        let log = [fork(40, 3100), fork(50, 3028), refused(40, "app1")];
        assert!(!finds(&FACTOR, "listener-refused", CONFIG, &log));
    }
}
