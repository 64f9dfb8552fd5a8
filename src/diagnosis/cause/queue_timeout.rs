//! Every usable server is at its `maxconn`; requests wait in the queue until `timeout queue` ends them.
//!
//! Looks alike: a pool without usable server is a 503 with `<NOSRV>` too, but with flags `SC` and without waiting;
//! time lost in failed attempts is booked in `Tw` as well, with flags `SC` and retries.
//! Known gap: without the configuration the limit itself is unknown, only the longest wait is seen.

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
    let mut limits = String::new();
    if let Some(proxy) = case.proxy {
        let timeout = proxy
            .timeout_ms("queue")
            .or_else(|| proxy.timeout_ms("connect"));
        if let Some(timeout) = timeout {
            let cites = timeout
                .at
                .and_then(|at| case.bundle.config_cite(at))
                .into_iter()
                .collect();
            signs.push(Sign::new(
                Weight::Strong,
                format!("`timeout queue` in effect is {} ms", timeout.value),
                cites,
            ));
            limits = format!(
                " The wait ends after {} ms by configuration.",
                thousands(timeout.value)
            );
        }
        let maxconn: Vec<_> = proxy
            .servers
            .iter()
            .filter_map(|s| s.maxconn.as_ref())
            .collect();
        if let Some(first) = maxconn.first() {
            let cites = first
                .at
                .and_then(|at| case.bundle.config_cite(at))
                .into_iter()
                .collect();
            let slots: u64 = maxconn.iter().map(|m| m.value).sum();
            signs.push(Sign::new(
                Weight::Strong,
                format!("the servers take {slots} requests at once (`maxconn`)"),
                cites,
            ));
        }
    }
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

fn advise(case: &Case<'_>, advice: &mut Advice) {
    advice.step("see what holds the slots: response times (`Tr`) of the requests that got one, and the slowest routes");
    advice.verify(format!(
        "printf 'show stat\\n' | sudo socat - UNIX-CONNECT:/run/haproxy/admin.sock | grep '^{},' | cut -d, -f1-8    # qcur, qmax, scur, slim",
        case.incident.backend
    ));
    advice.caution("raising `timeout queue` or `maxconn` alone moves the wait to the application; watch its response times while testing");
}
