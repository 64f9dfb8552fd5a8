//! The application became slow just before requests waited too long or checks ran into their limit.
//!
//! Looks alike: more traffic than the slots take at the usual response time (`traffic-surge`); a readiness endpoint that hangs
//! while the application answers as fast as ever; the duration of a timed-out check, which is the limit and no measure.

use crate::base::Precision;
use crate::diagnosis::Case;
use crate::diagnosis::Tie;
use crate::diagnosis::Trigger;
use crate::diagnosis::TriggerFinding;
use crate::diagnosis::before;
use crate::diagnosis::before::Role;
use crate::diagnosis::level;
use crate::diagnosis::trigger::traffic_surge;
use crate::event::host::HostKind;

pub(super) const TRIGGER: Trigger = Trigger {
    id: "slow-application",
    title: "the application became slow",
    why: "At the same rate, twice the response time needs twice the slots (`maxconn`), ports and workers; past the limit requests \
          queue until `timeout queue`, and checks wait like everyone else. Look for what it waits for: database, locks, memory, disk. \
          Evidence: `Tr` at the beginning against the minutes before, or the application's own lines about slow work.",
    find,
};

const FITS: [&str; 5] = [
    "queue-timeout",
    "check-timeout",
    "local-port-exhaustion",
    "process-limits",
    "observe-marked-down",
];
/// A response time of three times the usual one, and a tenth of a second more, is beyond the scatter of a mean of a few requests.
const TIMES_MIN: f64 = 3.0;
const MORE_MS_MIN: f64 = 100.0;

fn find(case: &Case<'_>, cause: &str) -> Option<TriggerFinding> {
    if !FITS.contains(&cause) {
        return None;
    }
    by_host(case).or_else(|| measured(case, cause))
}

fn measured(case: &Case<'_>, cause: &str) -> Option<TriggerFinding> {
    let response = level::response_ms(case)?;
    let slower = response.times() >= TIMES_MIN && response.now - response.usual >= MORE_MS_MIN;
    if !slower || traffic_surge::is_seen(case, cause) {
        return None;
    }
    Some(TriggerFinding {
        at: case.start(),
        precision: Precision::Second,
        tie: Tie::Kind,
        explanation: format!(
            "the servers took {:.0} ms on average (`Tr`) when it began, against {:.0} ms before",
            response.now, response.usual
        ),
        cites: Vec::new(),
    })
}

fn by_host(case: &Case<'_>) -> Option<TriggerFinding> {
    let signs = before::signs(case);
    let (from, to) = before::span(&signs)?;
    let events = before::host_events(case, &[HostKind::AppSlow], (from, to + before::CLOCKS));
    let fitting = events.filter_map(|(at, event, _)| {
        let tie = match before::role(case, &signs, &event.host) {
            Role::Server(_) => Tie::Named,
            Role::Other | Role::Unknown => Tie::Kind,
            Role::Proxy if signs.iter().any(|sign| before::is_local(case, sign.server)) => {
                Tie::Kind
            }
            Role::Proxy | Role::Stranger => return None,
        };
        Some((tie, at, event))
    });
    let all: Vec<_> = fitting.collect();
    let (tie, _, event) = *all.iter().min_by_key(|(tie, at, _)| (*tie, *at))?;
    let same = all
        .iter()
        .filter(|(t, ..)| *t == tie)
        .map(|(_, _, event)| *event);
    let place = if event.host.is_empty() {
        String::new()
    } else {
        format!(" on {}", event.host)
    };
    Some(TriggerFinding {
        at: event.at,
        precision: event.precision,
        tie,
        explanation: format!("the application reported slow work{place} just before"),
        cites: before::cites(same),
    })
}

#[cfg(test)]
mod tests {
    use crate::testing;
    use crate::testing::{down, host_line, nosrv};

    fn requests(from: u32, to: u32, tail: &str) -> String {
        (from..to)
            .flat_map(|second| (0..5).map(move |i| (second, i * 200)))
            .map(|(second, ms)| {
                format!("2026-06-05T21:53:{second:02}.{ms:03}000+00:00 proxy01 haproxy[3028]: 192.0.2.50:53260 [05/Jun/2026:21:53:{second:02}.{ms:03}] fe_app be_app/{tail} 1/1/0/0/0 0/0 \"GET / HTTP/1.1\"\n")
            })
            .collect()
    }

    fn trigger(log: &str, cause: &str) -> Option<String> {
        testing::trigger(log, cause)
    }

    #[test]
    fn thirty_times_the_usual_response_time_is_found() {
        let log = [
            requests(0, 20, "app1 0/0/1/30/31 200 100 - - ----"),
            requests(20, 30, "app1 0/0/1/900/901 200 100 - - ----"),
            requests(20, 30, "<NOSRV> 0/0/-1/-1/0 503 217 - - sQ--"),
        ];
        assert_eq!(
            trigger(&log.concat(), "queue-timeout").as_deref(),
            Some("slow-application")
        );
    }

    #[test]
    fn the_usual_response_time_is_none() {
        let log = [
            requests(0, 30, "app1 0/0/1/900/901 200 100 - - ----"),
            requests(20, 30, "<NOSRV> 0/0/-1/-1/0 503 217 - - sQ--"),
        ];
        assert_eq!(trigger(&log.concat(), "queue-timeout"), None);
    }

    #[test]
    fn slow_queries_on_the_servers_host_are_found_and_a_hanging_check_alone_is_none() {
        let query = host_line(
            36,
            "app1",
            "app[900]: level=warn msg=\"slow query\" duration=2.31s sql=\"SELECT\"",
        );
        let log = [query, down(41, "app1", "Layer7 timeout"), nosrv(42)];
        assert_eq!(
            trigger(&log.concat(), "check-timeout").as_deref(),
            Some("slow-application")
        );
        let log = [down(41, "app1", "Layer7 timeout"), nosrv(42)];
        assert_eq!(trigger(&log.concat(), "check-timeout"), None);
    }
}
