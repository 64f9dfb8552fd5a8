//! An old worker kept serving after a reload, beside the cause.
//!
//! Looks alike: one worker under several pids of its parent; an old worker that only finishes what it has; the cause itself
//! (`stale-process`).
//! Known gap: without the line by which the workers were forked, which of two pids is older is not known.

use crate::base::SECOND;
use crate::base::thousands;
use crate::diagnosis::Case;
use crate::diagnosis::FactorFinding;
use crate::diagnosis::before;
use crate::diagnosis::factor::Factor;
use crate::diagnosis::factor::found;
use crate::event::message::ProcessChange;
use crate::incident::Happening;

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
    let (start, end) = (case.incident.window.start?, case.incident.window.end?);
    let forks: Vec<(i64, u32, &Happening)> = before::process_changes(case, (i64::MIN / 2, end))
        .filter_map(|(at, event, change)| match change {
            ProcessChange::WorkerForked { worker } => Some((at, *worker, event)),
            _ => None,
        })
        .collect();
    let load = case.bundle.loads.get(&case.incident.backend)?;
    load.workers.iter().find_map(|((_, pid), tally)| {
        let last = tally.times?.1;
        let (born, ..) = forks.iter().find(|(_, worker, _)| worker == pid)?;
        let (newer, _, event) = forks
            .iter()
            .find(|(at, worker, _)| at > born && worker != pid)?;
        let stayed = last - newer > FINISHING && last >= start;
        let n = thousands(tally.n_good + tally.n_failed);
        let seconds = (last - newer) / SECOND;
        let text = format!(
            "worker {pid} took requests ({n} in all) until {seconds} s after a newer worker had started"
        );
        stayed.then(|| found(text, vec![event.cite.clone()]))?
    })
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
