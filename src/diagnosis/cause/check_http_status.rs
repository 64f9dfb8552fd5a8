//! The readiness check is answered, with a status that the rule rejects.
//!
//! Looks alike: a server that answers 503 to requests while UP (`application-503`); the agent's verdicts, which carry the same
//! status with code 0 and "via agent" (`agent-down`); a protocol check (MySQL, Redis …) with `L7STS` and no HTTP code
//! (`check-response-invalid`). `L7OKC` is a 404 with `http-check disable-on-404`: the application asked to be left alone.
//! Known gap: without haproxy.cfg an SMTP check's code cannot be told from an HTTP status.

use crate::config::Check;
use crate::config::CheckKind;
use crate::config::Server;
use crate::diagnosis::Advice;
use crate::diagnosis::Case;
use crate::diagnosis::Cause;
use crate::diagnosis::Loss;
use crate::diagnosis::Verdict;
use crate::diagnosis::cause::by_check;
use crate::diagnosis::pool;
use crate::event::message::CheckReport;
use crate::event::message::CheckStatus;

pub(super) const CAUSE: Cause = Cause {
    id: "check-http-status",
    title: "the readiness check was answered with a status that its rule rejects",
    why: "The server's host, port and protocol are fine: the endpoint that the check asks answers with another status than the \
          rule accepts (2xx and 3xx by default, or `http-check expect`). URI, method or Host header of the check may be wrong for \
          the application, or the application says that it is not ready. After `fall` such answers the server is DOWN, whatever \
          it would answer to clients.",
    fix: "correct the check's URI, method, Host header or expected status, or what makes the application not ready",
    evidence: "check status L7STS with the code; L7OKC (404 with `http-check disable-on-404`)",
    source: "HAProxy src/tcpcheck.c; configuration manual 3.2, \"option httpchk\", \"http-check expect\"",
    blames: Some(blames),
    examine,
    advise,
};

/// HTTP statuses have three digits; protocol checks report 0 or their own small codes.
const HTTP_CODE_MIN: u32 = 100;

fn blames(case: &Case<'_>, loss: &Loss<'_>) -> bool {
    by_check(case, loss).is_some_and(|report| match report.status {
        CheckStatus::L7Sts => is_http(case, report),
        CheckStatus::L7Okc => true,
        _ => false,
    })
}

/// The answer of an HTTP check, and not of another protocol's.
pub(super) fn is_http(case: &Case<'_>, report: &CheckReport) -> bool {
    let by_code = report.code.is_none_or(|code| code >= HTTP_CODE_MIN);
    match case.proxy.map(|proxy| proxy.check.kind) {
        Some(CheckKind::Http) => true,
        // The configuration is another one, or the server runs a named `healthcheck`: the code decides.
        Some(CheckKind::Connect) | None => by_code,
        Some(_) => false,
    }
}

fn checks_http(case: &Case<'_>, server: &Server) -> bool {
    let http = case
        .proxy
        .is_some_and(|proxy| proxy.check.kind == CheckKind::Http);
    server.healthcheck.is_some() || (http && (server.check.is_some() || server.track.is_some()))
}

/// `GET /healthz (Host: app.example.com)`.
fn request(check: &Check) -> String {
    let host = check
        .host
        .as_ref()
        .map(|host| format!(" (Host: {})", host.value))
        .unwrap_or_default();
    format!("{} {}{host}", check.method, check.uri)
}

/// What the rule accepts, as written.
fn expected(check: &Check) -> String {
    let rule = check.expects.iter().find(|rule| {
        rule.words.first().is_some_and(|w| w == "http-check")
            && rule.words.get(1).is_some_and(|w| w == "expect")
    });
    match rule.and_then(|rule| rule.words.get(2..)) {
        Some(words) => format!("`expect {}`", words.join(" ")),
        None => "any 2xx or 3xx".to_owned(),
    }
}

fn http<'a>(case: &Case<'a>) -> Option<&'a Check> {
    case.proxy
        .map(|proxy| &proxy.check)
        .filter(|check| check.kind == CheckKind::Http)
}

fn examine(case: &Case<'_>) -> Verdict {
    let report = pool::telling(case, blames).and_then(|loss| by_check(case, loss));
    let asked = http(case)
        .map(|check| format!(" to `{}`", request(check)))
        .unwrap_or_default();
    let accepted = http(case)
        .map(|check| format!("; accepted is {}", expected(check)))
        .unwrap_or_default();
    let how = match report {
        Some(report) if report.status == CheckStatus::L7Okc => {
            format!(
                "the application answered 404{asked}, which with `http-check disable-on-404` asks for no new requests"
            )
        }
        Some(CheckReport {
            code: Some(code), ..
        }) if *code >= HTTP_CODE_MIN => {
            format!("the readiness check was answered with status {code}{asked}{accepted}")
        }
        _ => format!(
            "the readiness check was answered with a status that its rule rejects{asked}{accepted}"
        ),
    };
    let verdict = pool::examine(case, blames, &how);
    pool::unless_configured(case, verdict, checks_http, "has an HTTP health check")
}

fn advise(case: &Case<'_>, advice: &mut Advice) {
    let code = pool::telling(case, blames)
        .and_then(|loss| by_check(case, loss)?.code)
        .filter(|&code| code >= HTTP_CODE_MIN);
    if let Some(check) = http(case) {
        advice.step(format!(
            "ask a server by hand what the check asks (`{}`): the answer must be {}",
            request(check),
            expected(check)
        ));
    }
    match code {
        Some(404 | 405 | 501) => {
            advice.step("the endpoint or the method is not there: correct URI and method of the check, or deploy the endpoint again");
            advice.reload_needed();
        }
        Some(400 | 421 | 301 | 302 | 308) => {
            advice.step("the application does not know the check's Host header: `http-check send … hdr Host <name that it serves>`");
            advice.reload_needed();
        }
        Some(401 | 403) => {
            advice.step("the endpoint wants credentials or another source address: open it for the proxy, or check another URI");
        }
        Some(429) => advice.step("the endpoint limits its callers: exempt the proxy's checks, or widen `inter`"),
        _ => advice.step("the application says that it is not ready: look at its log and at what its readiness depends on"),
    }
}

#[cfg(test)]
mod tests {
    use crate::testing;
    use crate::testing::lost_to;

    const CONFIG: &str = "backend be_app\n option httpchk\n http-check send meth GET uri /ready ver HTTP/1.1 hdr Host app.example.com\n \
                          http-check expect status 200\n server app1 192.0.2.11:8080 check\n";

    #[test]
    fn a_rejected_status_is_found_with_the_request_that_met_it() {
        let log =
            lost_to(r#"Layer7 wrong status, code: 404, info: "Not Found", check duration: 1ms"#);
        let incident = testing::concludes(
            &[("haproxy.log", &log), ("haproxy.cfg", CONFIG)],
            "check-http-status",
        );
        let text = &incident.cause.explanation;
        assert!(text.contains("status 404 to `GET /ready (Host: app.example.com)`; accepted is `expect status 200`"), "{text}");
        let curl =
            "curl -i -sS --max-time 5 -H 'Host: app.example.com' http://192.0.2.11:8080/ready";
        assert!(
            incident.fix.verify.iter().any(|command| command == curl),
            "{:?}",
            incident.fix.verify
        );
    }

    #[test]
    fn a_404_that_asks_for_no_new_requests_is_found() {
        let log = testing::lost(
            "Server be_app/app1 is stopping, reason: Layer7 check conditionally passed, code: 404, check duration: 0ms. 0 active and 0 backup servers online. 0 sessions requeued, 0 total in queue.",
        );
        testing::concludes(&[("haproxy.log", &log)], "check-http-status");
    }

    #[test]
    fn the_agents_and_other_protocols_verdicts_are_not_http() {
        let agent = lost_to(
            r#"Layer7 wrong status, code: 0, info: "via agent : down", check duration: 1ms"#,
        );
        testing::rules_out(&[("haproxy.log", &agent)], "check-http-status");
        let mysql = lost_to(
            r#"Layer7 wrong status, code: 0, info: "Host '192.0.2.1' is blocked", check duration: 1ms"#,
        );
        testing::rules_out(&[("haproxy.log", &mysql)], "check-http-status");
    }

    #[test]
    fn a_pool_without_http_check_rules_it_out_where_nothing_else_is_said() {
        let plain = "backend be_app\n server app1 192.0.2.11:8080 check\n";
        let incident =
            testing::incident(&[("haproxy.log", testing::NOSRV), ("haproxy.cfg", plain)]);
        assert!(
            incident
                .ruled_out
                .iter()
                .any(|r| r.id == "check-http-status")
        );
        let incident =
            testing::incident(&[("haproxy.log", testing::NOSRV), ("haproxy.cfg", CONFIG)]);
        assert!(
            incident
                .possible
                .iter()
                .any(|p| p.id == "check-http-status")
        );
    }
}
