//! The server accepts the check's connection, and answers too late or not at all.
//!
//! Looks alike: `connect-timeout` (`L4TOUT`, not even a connection); `queue-timeout` and slow requests (the servers stay UP);
//! a check whose request HAProxy drops because the section has rules of its own (then nothing is asked, so nothing answers).
//! Known gap: a proxy that was itself frozen (CPU, live migration) times its checks out too, for all servers at once.

use crate::base::thousands;
use crate::diagnosis::Advice;
use crate::diagnosis::Case;
use crate::diagnosis::Cause;
use crate::diagnosis::Loss;
use crate::diagnosis::Verdict;
use crate::diagnosis::cause::by_check;
use crate::diagnosis::cause::check_response_invalid;
use crate::diagnosis::pool;
use crate::event::message::CheckStatus;

pub(super) const CAUSE: Cause = Cause {
    id: "check-timeout",
    title: "the health check was answered too late",
    why: "The connection is accepted (often by the kernel, while the application is busy), but the answer does not come within \
          `timeout check`, or within what is left of `inter` when that is unset. After `fall` such checks the server is DOWN: a \
          server that is only slower than the check's limit is DOWN for good.",
    fix: "look at the application's load and at what the checked URI does; then at `timeout check` and `inter`",
    evidence: "check status L7TOUT (\"Layer7 timeout\"), check duration close to the limit",
    source: "HAProxy src/check.c, src/tcpcheck.c; configuration manual 3.2, \"timeout check\", \"inter\"",
    blames: Some(blames),
    examine,
    advise,
};

fn blames(case: &Case<'_>, loss: &Loss<'_>) -> bool {
    by_check(case, loss).is_some_and(|report| report.status == CheckStatus::L7Tout)
}

fn examine(case: &Case<'_>) -> Verdict {
    let telling = pool::telling(case, blames);
    let waited = telling
        .and_then(|loss| by_check(case, loss)?.duration_ms)
        .map(|ms| format!(" within {} ms", thousands(u64::from(ms))))
        .unwrap_or_default();
    let limit = telling
        .and_then(|loss| limit(case, loss.server))
        .unwrap_or_default();
    let how = format!("the check's connection was accepted, but no answer came{waited}{limit}");
    let verdict = pool::examine(case, blames, &how);
    pool::unless_configured(
        case,
        verdict,
        check_response_invalid::expects_answer,
        "has a check that waits for an answer",
    )
}

/// The limit that struck, as configured.
fn limit(case: &Case<'_>, server: &str) -> Option<String> {
    let line = case.server(server)?;
    let timeout = case.proxy?.timeout_ms("check");
    Some(match timeout {
        Some(timeout) => format!(" (`timeout check` is {} ms)", thousands(timeout.value)),
        None => format!(
            " (`timeout check` is unset: `inter`, {} ms, is the limit)",
            thousands(line.inter_ms.value)
        ),
    })
}

fn advise(case: &Case<'_>, advice: &mut Advice) {
    let dropped = case.proxy.and_then(|proxy| proxy.check.request_dropped);
    if dropped.is_some() {
        advice.step("the section's own `http-check` rules replace the request inherited from `defaults`: nothing is asked, so nothing answers; add `option httpchk` or `http-check send` to the section");
        advice.reload_needed();
    }
    advice.step("look at the application's load at that time: workers and threads in use, garbage collection, its database");
    advice.step("time the check's own request by hand (`time` before the curl below): it must stay well below the limit");
    if let Some(limit) = pool::telling(case, blames).and_then(|loss| limit(case, loss.server)) {
        advice.step(format!("if the application is healthy and only slow, let the checked URI do less work, or give it longer{limit}"));
    }
    let fall = pool::telling(case, blames)
        .and_then(|loss| case.server(loss.server))
        .map(|line| line.fall.value);
    if fall == Some(1) {
        advice.step("`fall 1` takes a server out after one late answer: raise it");
    }
}

#[cfg(test)]
mod tests {
    use crate::testing;
    use crate::testing::lost_to;

    #[test]
    fn a_late_answer_is_found_with_the_limit_that_struck() {
        let log = lost_to("Layer7 timeout, check duration: 2001ms");
        let config = "backend be_app\n option httpchk GET /ready\n server app1 192.0.2.11:8080 check inter 2s fall 1\n";
        let incident = testing::concludes(
            &[("haproxy.log", &log), ("haproxy.cfg", config)],
            "check-timeout",
        );
        let text = &incident.cause.explanation;
        assert!(text.contains("no answer came within 2,001 ms (`timeout check` is unset: `inter`, 2,000 ms, is the limit)"), "{text}");
        assert!(
            incident
                .fix
                .steps
                .iter()
                .any(|step| step.starts_with("`fall 1`"))
        );
    }

    #[test]
    fn a_request_that_is_never_sent_is_named() {
        let log = lost_to("Layer7 timeout, check duration: 2001ms");
        let config = "defaults\n mode http\n option httpchk GET /ready\nbackend be_app\n http-check expect status 200\n server app1 192.0.2.11:8080 check\n";
        let incident = testing::concludes(
            &[("haproxy.log", &log), ("haproxy.cfg", config)],
            "check-timeout",
        );
        assert!(
            incident.fix.steps[0].contains("nothing is asked"),
            "{:?}",
            incident.fix.steps
        );
    }

    #[test]
    fn a_connection_that_never_came_is_another_cause() {
        let log = lost_to("Layer4 timeout, check duration: 2001ms");
        testing::rules_out(&[("haproxy.log", &log)], "check-timeout");
    }

    #[test]
    fn a_nosrv_line_alone_cannot_tell() {
        let incident =
            testing::concludes(&[("haproxy.log", testing::NOSRV)], "insufficient-evidence");
        assert!(incident.possible.iter().any(|p| p.id == "check-timeout"));
    }
}
