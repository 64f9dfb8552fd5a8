//! Every usable server is at its `maxconn`; requests wait in the queue until `timeout queue` ends them.
//!
//! Looks alike: a pool without usable server is a 503 with `<NOSRV>` too, but with flags `SC` and without waiting;
//! time lost in failed attempts is booked in `Tw` as well, with flags `SC` and retries.
//! Known gap: without the configuration the limit itself is unknown, only the longest wait is seen.

use crate::base::Cite;
use crate::base::Place;
use crate::base::thousands;
use crate::diagnosis::Advice;
use crate::diagnosis::Case;
use crate::diagnosis::Cause;
use crate::diagnosis::Finding;
use crate::diagnosis::Sign;
use crate::diagnosis::Verdict;
use crate::diagnosis::Weight;
use crate::evidence::Step;

pub(super) const CAUSE: Cause = Cause {
    id: "queue-timeout",
    title: "requests waited in the queue longer than `timeout queue`",
    why: "With every usable server at `maxconn`, HAProxy keeps a request in the backend's (or the persistent server's) queue \
          and answers 503 when `timeout queue` (or `timeout connect`, when that is unset) ends. The servers are UP.",
    fix: "find what holds the slots: slow requests, too small a `maxconn`, too few servers; raise `timeout queue` last",
    evidence: "flags `sQ` (`SQ`: the server's queue was full), `Tw` close to `timeout queue`, queue positions above 0",
    source: "configuration manual 3.2, \"Stream state at disconnection\"; HAProxy src/queue.c",
    blames: None,
    examine,
    advise,
};

fn examine(case: &Case<'_>) -> Verdict {
    let steps = [Step::QueueTimeout, Step::QueueFull];
    let n: u64 = steps.iter().map(|&step| case.incident.n_step(step)).sum();
    if n == 0 {
        let cites = case
            .dominant()
            .map(|step| case.examples(step, 1))
            .unwrap_or_default();
        return Verdict::against(
            "no failed request has the flags of a queue (`sQ`, `SQ`)",
            cites,
        );
    }
    let tally = case.step(Step::QueueTimeout);
    let name = &case.incident.backend;
    let wait = thousands(u64::from(tally.queue_ms_max));
    let count = thousands(n);
    let cites = case
        .examples(Step::QueueTimeout, 2)
        .into_iter()
        .chain(case.examples(Step::QueueFull, 1))
        .collect();
    let text =
        format!("{count} requests of {name} ended in the queue (`sQ`), after up to {wait} ms");
    let mut signs = vec![Sign::new(Weight::Decisive, text, cites)];
    let (more, limits) = limits(case);
    signs.extend(more);
    let explanation = format!(
        "The servers of {name} were UP but at their `maxconn`: {count} requests waited for a free slot until HAProxy gave up \
         (`sQ`) and answered 503 itself.{limits} `<NOSRV>` on these lines means that no slot came free, not that servers were down."
    );
    Verdict::Found(Finding {
        share: case.share(&steps),
        signs,
        servers: Vec::new(),
        explanation,
    })
}

/// The limits in effect: signs, and a sentence.
fn limits(case: &Case<'_>) -> (Vec<Sign>, String) {
    let mut signs = Vec::new();
    let mut text = String::new();
    let Some(proxy) = case.proxy else {
        return (signs, text);
    };
    let cites = |at: Option<Place>| -> Vec<Cite> {
        at.and_then(|at| case.bundle.config_cite(at))
            .into_iter()
            .collect()
    };
    let queue = proxy.timeout_ms("queue").map(|timeout| ("queue", timeout));
    let connect = || {
        proxy
            .timeout_ms("connect")
            .map(|timeout| ("connect", timeout))
    };
    if let Some((name, timeout)) = queue.or_else(connect) {
        let (ms, at) = (thousands(timeout.value), cites(timeout.at));
        signs.push(Sign::new(
            Weight::Strong,
            format!("the wait in the queue ends after {ms} ms (`timeout {name}`)"),
            at,
        ));
        text = format!(" The wait ends after {ms} ms by `timeout {name}`.");
    }
    let maxconn: Vec<_> = proxy
        .servers
        .iter()
        .filter_map(|server| server.maxconn.as_ref())
        .collect();
    if let Some(first) = maxconn.first() {
        let slots: u64 = maxconn.iter().map(|m| m.value).sum();
        signs.push(Sign::new(
            Weight::Strong,
            format!("the servers take {slots} requests at once (`maxconn`)"),
            cites(first.at),
        ));
    }
    (signs, text)
}

fn advise(case: &Case<'_>, advice: &mut Advice) {
    advice.step("see what holds the slots: response times (`Tr`) of the requests that got one, and the slowest routes");
    advice.verify(format!(
        "printf 'show stat\\n' | sudo socat - UNIX-CONNECT:/run/haproxy/admin.sock | grep '^{},' | cut -d, -f1-8    # qcur, qmax, scur, slim",
        case.incident.backend
    ));
    advice.caution("raising `timeout queue` or `maxconn` alone moves the wait to the application; watch its response times while testing");
}

#[cfg(test)]
mod tests {
    use crate::testing;

    const QUEUED: &str = "Jun 05 21:53:48 proxy01 haproxy[3028]: 192.0.2.50:53260 [05/Jun/2026:21:53:47.100] fe_app be_app/<NOSRV> 0/1001/-1/-1/1001 503 217 - - sQ-- 9/9/4/0/0 0/3 \"GET / HTTP/1.1\"\n";

    #[test]
    fn a_wait_past_the_limit_is_found_with_its_limits() {
        let config = "frontend fe_app\n bind :80\n default_backend be_app\nbackend be_app\n timeout queue 1s\n server app1 10.0.10.11:8080 check maxconn 2\n server app2 10.0.10.12:8080 check maxconn 2\n";
        let files = [("haproxy.log", QUEUED), ("haproxy.cfg", config)];
        let incident = testing::concludes(&files, "queue-timeout");
        assert!(incident.cause.confidence > 0.9);
        assert!(
            incident
                .cause
                .explanation
                .contains("1,000 ms by `timeout queue`")
        );
    }

    #[test]
    fn a_full_queue_of_a_persistent_server_is_found() {
        let line = QUEUED
            .replace("<NOSRV> 0/1001/-1/-1/1001", "app1 0/-1/-1/-1/0")
            .replace("sQ--", "SQVN");
        testing::concludes(&[("haproxy.log", &line)], "queue-timeout");
    }

    #[test]
    fn time_lost_in_failed_attempts_is_no_queue() {
        let line = QUEUED
            .replace("<NOSRV> 0/1001", "app1 0/1001")
            .replace("sQ--", "SC--")
            .replace("9/9/4/0/0 0/3", "9/9/4/0/3 0/0");
        testing::rules_out(&[("haproxy.log", &line)], "queue-timeout");
    }

    #[test]
    fn an_empty_pool_is_no_queue() {
        let line = QUEUED
            .replace("0/1001/-1/-1/1001", "0/-1/-1/-1/0")
            .replace("sQ--", "SC--");
        testing::rules_out(&[("haproxy.log", &line)], "queue-timeout");
    }

    #[test]
    fn a_lost_server_beside_a_saturated_one_is_not_the_cause() {
        let down = r#"Jun 05 21:53:30 proxy01 haproxy[3028]: Server be_app/app2 is DOWN, reason: Layer4 connection problem, info: "Connection refused", check duration: 0ms. 1 active and 0 backup servers left. 0 sessions active, 0 requeued, 0 remaining in queue."#;
        let log = format!("{down}\n{QUEUED}");
        let incident = testing::concludes(&[("haproxy.log", &log)], "queue-timeout");
        assert!(incident.cause.confidence > 0.8);
    }
}
