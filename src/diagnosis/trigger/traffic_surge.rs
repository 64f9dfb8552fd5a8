//! The request rate rose well above its usual level just before requests began to fail.
//!
//! Looks alike: clients that try again after a failure, which raises the rate after the beginning; a slow application, which
//! fills the same slots at the same rate (`slow-application`); the first seconds of a log, which have no usual level.

use crate::base::Precision;
use crate::diagnosis::Case;
use crate::diagnosis::Tie;
use crate::diagnosis::Trigger;
use crate::diagnosis::TriggerFinding;
use crate::diagnosis::level;

pub(super) const TRIGGER: Trigger = Trigger {
    id: "traffic-surge",
    title: "the request rate rose",
    why: "More requests than the servers' slots take wait in the queue or use up ports and descriptors. Find the clients that came \
          (most frequent addresses and routes), limit them or add capacity. Evidence: the rate in the seconds around the first \
          failure against the ten minutes before, from the traffic log.",
    find,
};

const FITS: [&str; 4] = [
    "queue-timeout",
    "process-limits",
    "local-port-exhaustion",
    "check-timeout",
];
/// Twice the usual level is no daily swing within seconds.
const TIMES_MIN: f64 = 2.0;

fn find(case: &Case<'_>, cause: &str) -> Option<TriggerFinding> {
    if !FITS.contains(&cause) {
        return None;
    }
    let rate = level::rate(case).filter(|rate| rate.times() >= TIMES_MIN)?;
    // A load that the application cannot take slows it too; slower at the same rate is the application's own doing.
    if level::response_ms(case).is_some_and(|response| response.times() > 3.0 * rate.times()) {
        return None;
    }
    Some(TriggerFinding {
        at: case.start(),
        precision: Precision::Second,
        tie: Tie::Kind,
        explanation: format!(
            "requests came at {:.1} per second when the failures began, against {:.1} before",
            rate.now, rate.usual
        ),
        cites: Vec::new(),
    })
}

/// The surge explains what a slow application would.
pub(super) fn is_seen(case: &Case<'_>, cause: &str) -> bool {
    find(case, cause).is_some()
}

#[cfg(test)]
mod tests {
    use crate::testing;

    fn requests(per_second: u32, from: u32, to: u32, tail: &str) -> String {
        (from..to)
            .flat_map(|second| (0..per_second).map(move |i| (second, i * 1000 / per_second)))
            .map(|(second, ms)| {
                let stamp = format!("2026-06-05T21:{:02}:{:02}.{ms:03}", 50 + second / 60, second % 60);
                let accept = format!("05/Jun/2026:21:{:02}:{:02}.{ms:03}", 50 + second / 60, second % 60);
                format!("{stamp}000+00:00 proxy01 haproxy[3028]: 192.0.2.50:53260 [{accept}] fe_app be_app/{tail} 1/1/0/0/0 0/0 \"GET / HTTP/1.1\"\n")
            })
            .collect()
    }

    fn trigger(log: &str) -> Option<String> {
        testing::concludes(&[("journal.txt", log)], "queue-timeout")
            .trigger
            .map(|t| t.id.to_string())
    }

    #[test]
    fn five_times_the_usual_rate_is_found() {
        let log = [
            requests(2, 0, 60, "app1 0/0/1/20/21 200 100 - - ----"),
            requests(10, 60, 70, "app1 0/0/1/20/21 200 100 - - ----"),
            requests(10, 62, 70, "<NOSRV> 0/0/-1/-1/0 503 217 - - sQ--"),
        ];
        assert_eq!(trigger(&log.concat()).as_deref(), Some("traffic-surge"));
    }

    #[test]
    fn few_requests_before_are_enough_for_a_great_rise_and_not_for_a_small_one() {
        let log = |now: u32| {
            [
                requests(3, 0, 9, "app1 0/0/1/20/21 200 100 - - ----"),
                requests(now, 9, 14, "app1 0/0/1/20/21 200 100 - - ----"),
                requests(10, 10, 14, "<NOSRV> 0/0/-1/-1/0 503 217 - - sQ--"),
            ]
            .concat()
        };
        assert_eq!(trigger(&log(40)).as_deref(), Some("traffic-surge"));
        assert_eq!(trigger(&log(1)), None);
    }

    #[test]
    fn the_usual_rate_is_none() {
        let log = [
            requests(10, 0, 70, "app1 0/0/1/20/21 200 100 - - ----"),
            requests(1, 62, 70, "<NOSRV> 0/0/-1/-1/0 503 217 - - sQ--"),
        ];
        assert_eq!(trigger(&log.concat()), None);
    }
}
