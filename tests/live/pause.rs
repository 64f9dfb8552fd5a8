//! Whether the machine stood still, or its clock was set, while a scenario ran: then what happened is not what was planned.

use std::sync::Mutex;
use std::sync::Once;
use std::thread;
use std::time::Duration;
use std::time::Instant;
use std::time::SystemTime;

const STEP: Duration = Duration::from_millis(50);
/// Longer than two busy processors let a thread wait, and shorter than anything that a scenario times.
const LATE: Duration = Duration::from_millis(400);

static LAST: Mutex<Option<Instant>> = Mutex::new(None);

/// Begins to look, once for all scenarios.
pub(crate) fn watch() {
    static WATCH: Once = Once::new();
    WATCH.call_once(|| {
        thread::spawn(|| {
            let (mut before, mut clock) = (Instant::now(), SystemTime::now());
            loop {
                thread::sleep(STEP);
                let (now, date) = (Instant::now(), SystemTime::now());
                if is_amiss(now - before, date.duration_since(clock).ok()) {
                    *LAST.lock().unwrap() = Some(now);
                }
                (before, clock) = (now, date);
            }
        });
    });
}

/// A step took too long, or another time by the clock; `None`: the clock went backwards.
fn is_amiss(step: Duration, by_clock: Option<Duration>) -> bool {
    let is_set = by_clock.is_none_or(|by_clock| step.abs_diff(by_clock) > LATE);
    step > STEP + LATE || is_set
}

/// It happened after `start`.
pub(crate) fn since(start: Instant) -> bool {
    LAST.lock().unwrap().is_some_and(|last| last >= start)
}

#[test]
fn a_step_that_is_too_long_or_that_the_clock_did_not_make_is_seen() {
    assert!(!is_amiss(STEP, Some(STEP)));
    assert!(!is_amiss(STEP + LATE / 2, Some(STEP + LATE / 2)));
    assert!(is_amiss(STEP + 2 * LATE, Some(STEP + 2 * LATE)));
    assert!(is_amiss(STEP, Some(STEP + 2 * LATE)));
    assert!(is_amiss(STEP, None));
}
