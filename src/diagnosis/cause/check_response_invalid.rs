//! The health check is answered, but not in the protocol or with the content that it expects.
//!
//! Looks alike: `check-http-status` (a well-formed answer with a rejected status); `check-tls-failure` (the answer fails in the
//! handshake); `check-timeout` (no answer in time). Protocol checks (MySQL, Redis, SMTP, LDAP …) report an error of the server
//! as `L7STS`, without an HTTP status: that is this cause too.
//! Known gap: a role check of a replicated database ("not the master") answers so by design.

use crate::config::CheckKind;
use crate::config::Server;
use crate::diagnosis::Advice;
use crate::diagnosis::Case;
use crate::diagnosis::Cause;
use crate::diagnosis::Loss;
use crate::diagnosis::Verdict;
use crate::diagnosis::cause::by_check;
use crate::diagnosis::cause::check_http_status;
use crate::diagnosis::pool;
use crate::diagnosis::target;
use crate::diagnosis::target::Target;
use crate::event::message::CheckStatus;

/// Servers that get a command of their own.
const SERVERS_MAX: usize = 2;

pub(super) const CAUSE: Cause = Cause {
    id: "check-response-invalid",
    title: "the health check's answer was not what its protocol or rule expects",
    why: "The connection is accepted and something answers, but HAProxy cannot read it as the check's protocol, it is closed or \
          reset before an answer, or its content does not match `expect`: another service on that port, TLS on one side only, a \
          PROXY header that one side does not expect, or the application's own error. After `fall` of them the server is DOWN.",
    fix: "correct port and protocol of the check (`port`, `check-ssl`, `check-send-proxy`, `option …-check`) or the `expect` pattern",
    evidence: "check status L7RSP (\"Layer7 invalid response\"), often with the banner or error that came; L7STS of a check that is no HTTP check",
    source: "HAProxy src/check.c, src/tcpcheck.c; configuration manual 3.2, \"tcp-check expect\", \"http-check expect\"",
    blames: Some(blames),
    examine,
    advise,
};

fn blames(case: &Case<'_>, loss: &Loss<'_>) -> bool {
    by_check(case, loss).is_some_and(|report| match report.status {
        CheckStatus::L7Rsp => true,
        CheckStatus::L7Sts => !check_http_status::is_http(case, report),
        _ => false,
    })
}

/// Its check waits for an answer, and does not only connect.
pub(super) fn expects_answer(case: &Case<'_>, server: &Server) -> bool {
    let kind = case.proxy.map(|proxy| proxy.check.kind);
    let answered =
        kind.is_some_and(|kind| kind != CheckKind::Connect && kind != CheckKind::External);
    server.healthcheck.is_some() || (answered && (server.check.is_some() || server.track.is_some()))
}

fn examine(case: &Case<'_>) -> Verdict {
    let info = pool::telling(case, blames)
        .and_then(|loss| by_check(case, loss))
        .map(|report| report.info.trim())
        .filter(|info| !info.is_empty())
        .map(|info| format!(" (\"{info}\")"))
        .unwrap_or_default();
    let how = format!("something answered the health check, but not what it expects{info}");
    let verdict = pool::examine(case, blames, &how);
    pool::unless_configured(
        case,
        verdict,
        expects_answer,
        "has a check that waits for an answer",
    )
}

fn advise(case: &Case<'_>, advice: &mut Advice) {
    advice.step("see what listens on the checked port and which protocol it speaks; correct `port`, `check-ssl` or the kind of check");
    if case.proxy.is_some_and(|proxy| {
        proxy
            .check
            .expects
            .iter()
            .any(|rule| rule.words.iter().any(|word| word == "expect"))
    }) {
        advice.step("compare the answer with the check's `expect` rule: the application may word it differently since its last release");
    }
    for loss in case
        .losses
        .iter()
        .filter(|loss| blames(case, loss))
        .take(SERVERS_MAX)
    {
        let server = loss.server;
        let Some(at) = Target::of(case, server) else {
            continue;
        };
        advice.verify(format!(
            "ss -ltnp 'sport = :{}'    # on the host of {server}: which program",
            at.port_word()
        ));
        if !at.tls && !at.host.starts_with('/') {
            advice.verify(format!(
                "timeout 3 nc {} {} </dev/null | head -c 200    # a greeting here names the protocol",
                target::word(&at.host),
                at.port_word()
            ));
        }
        if case
            .server(server)
            .is_some_and(|line| line.send_proxy.is_some() || line.check_send_proxy.is_some())
        {
            advice.step(format!("{server} gets a PROXY header: the checked port must expect one (`check-send-proxy`, `accept-proxy`)"));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing;
    use crate::testing::lost_to;

    #[test]
    fn an_answer_of_another_protocol_is_found() {
        let log = lost_to(
            r#"Layer7 invalid response, info: "220 mail.example.com ESMTP", check duration: 1ms"#,
        );
        let incident = testing::concludes(&[("haproxy.log", &log)], "check-response-invalid");
        assert!(
            incident
                .cause
                .explanation
                .contains("220 mail.example.com ESMTP")
        );
    }

    #[test]
    fn an_error_of_a_protocol_check_is_found() {
        let log = lost_to(
            r#"Layer7 wrong status, code: 0, info: "NOAUTH Authentication required.", check duration: 1ms"#,
        );
        let config = "backend be_app\n option redis-check\n server app1 192.0.2.11:6379 check\n";
        testing::concludes(
            &[("haproxy.log", &log), ("haproxy.cfg", config)],
            "check-response-invalid",
        );
    }

    #[test]
    fn a_rejected_http_status_is_another_cause() {
        let log = lost_to(
            r#"Layer7 wrong status, code: 503, info: "Service Unavailable", check duration: 1ms"#,
        );
        testing::rules_out(&[("haproxy.log", &log)], "check-response-invalid");
    }

    #[test]
    fn a_nosrv_line_alone_cannot_tell() {
        let incident =
            testing::concludes(&[("haproxy.log", testing::NOSRV)], "insufficient-evidence");
        assert!(
            incident
                .possible
                .iter()
                .any(|p| p.id == "check-response-invalid")
        );
    }
}
