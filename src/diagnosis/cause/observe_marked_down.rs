//! Errors in live traffic mark the server down: `observe` with `on-error`.
//!
//! Looks alike: a failed health check (any other status); `on-error fail-check` only counts as one, so the message names the
//! check then. The server's health check may be content all the while: it brings the server back, and traffic takes it out again.
//! Known gap: which requests counted is seen in the traffic log only, as 5xx answers or broken ones of that server.

use crate::diagnosis::Advice;
use crate::diagnosis::Case;
use crate::diagnosis::Cause;
use crate::diagnosis::Loss;
use crate::diagnosis::Verdict;
use crate::diagnosis::pool;
use crate::diagnosis::reason;
use crate::incident::Reason;

pub(super) const CAUSE: Cause = Cause {
    id: "observe-marked-down",
    title: "errors in live traffic marked the servers down",
    why: "`observe layer7` counts answers of real requests that fail (status 500 and above but 501 and 505, broken or missing \
          answers), `observe layer4` connection errors. After `error-limit` in a row `on-error` acts: `mark-down` takes the server \
          out at once. The health check, which asks something else, brings it back after `rise`.",
    fix: "repair the application's errors; then see whether `observe`, `error-limit` and `on-error` suit this application",
    evidence: "\"Health analyze\" with \"Detected N consecutive errors\"; check status HANA",
    source: "HAProxy src/check.c (__health_adjust); configuration manual 3.2, \"observe\", \"on-error\"",
    blames: Some(blames),
    examine,
    advise,
};

fn blames(_case: &Case<'_>, loss: &Loss<'_>) -> bool {
    matches!(reason::own(loss), Some(Reason::Observe(_)))
}

fn examine(case: &Case<'_>) -> Verdict {
    let info = pool::telling(case, blames)
        .and_then(reason::own)
        .and_then(|reason| match reason {
            Reason::Observe(report) => Some(report.info.as_str()),
            _ => None,
        })
        .filter(|info| !info.is_empty())
        .map(|info| format!(" (\"{info}\")"))
        .unwrap_or_default();
    let how = format!(
        "errors of live requests marked the server down{info}; the health check had no part in it"
    );
    let verdict = pool::examine(case, blames, &how);
    pool::unless_configured(
        case,
        verdict,
        |_, server| server.observe.is_some() || server.track.is_some(),
        "has `observe`",
    )
}

fn advise(case: &Case<'_>, advice: &mut Advice) {
    advice.step("the application's errors come first: look at the 5xx answers of these servers just before they went, and at the application's own log");
    if let Some(line) = pool::telling(case, blames).and_then(|loss| case.server(loss.server)) {
        let limit = line.error_limit.as_ref().map_or(10, |limit| limit.value);
        let action = line
            .on_error
            .as_ref()
            .map_or("fail-check", |action| action.value.as_str());
        advice.step(format!(
            "then decide whether {limit} errors in a row may take a server out (`error-limit {limit}`, `on-error {action}`): one bad route is enough for it"
        ));
    }
    advice.step(
        "let the health check ask what fails: then a server returns only when it works again",
    );
    advice.verify(format!(
        "printf 'show stat\\n' | sudo socat - UNIX-CONNECT:/run/haproxy/admin.sock | grep '^{},' | cut -d, -f1,2,15,18    # eresp must stop growing",
        case.incident.backend.replace('\'', "")
    ));
}

#[cfg(test)]
mod tests {
    use crate::testing;
    use crate::testing::lost_to;

    #[test]
    fn errors_of_live_requests_are_found() {
        let log = lost_to(
            r#"Health analyze, info: "Detected 5 consecutive errors, last one was: Wrong http response""#,
        );
        let config = "backend be_app\n server app1 192.0.2.11:8080 check observe layer7 error-limit 5 on-error mark-down\n";
        let incident = testing::concludes(
            &[("haproxy.log", &log), ("haproxy.cfg", config)],
            "observe-marked-down",
        );
        assert!(
            incident
                .cause
                .explanation
                .contains("Detected 5 consecutive errors")
        );
        assert!(
            incident.fix.steps[1].contains("`error-limit 5`, `on-error mark-down`"),
            "{:?}",
            incident.fix.steps
        );
    }

    #[test]
    fn a_failed_health_check_is_another_cause() {
        let log = lost_to(
            r#"Layer7 wrong status, code: 500, info: "Internal Server Error", check duration: 1ms"#,
        );
        testing::rules_out(&[("haproxy.log", &log)], "observe-marked-down");
    }

    #[test]
    fn a_nosrv_line_alone_cannot_tell() {
        let incident =
            testing::concludes(&[("haproxy.log", testing::NOSRV)], "insufficient-evidence");
        assert!(
            incident
                .possible
                .iter()
                .any(|p| p.id == "observe-marked-down")
        );
    }
}
