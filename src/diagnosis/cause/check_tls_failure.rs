//! The TLS handshake of the health check fails: certificate, name, protocol, or a server that speaks no TLS there.
//!
//! Looks alike: `listener-refused` ("Connection error during SSL handshake (Connection refused)": the words name the step,
//! the system's error decides); `check-response-invalid` (the handshake went well, the answer did not).
//! Known gap: 2.6 to 3.2 say only "SSL handshake failure"; curl or openssl name the reason. TLS session resumption hides an
//! expired certificate from checks and traffic until the session ends.

use crate::config::Server;
use crate::diagnosis::Advice;
use crate::diagnosis::Case;
use crate::diagnosis::Cause;
use crate::diagnosis::Loss;
use crate::diagnosis::Verdict;
use crate::diagnosis::cause::by_check;
use crate::diagnosis::pool;
use crate::diagnosis::reason;
use crate::diagnosis::reason::Fault;
use crate::diagnosis::target;
use crate::diagnosis::target::Target;
use crate::event::message::CheckStatus;

/// Servers that get a command of their own.
const SERVERS_MAX: usize = 2;

pub(super) const CAUSE: Cause = Cause {
    id: "check-tls-failure",
    title: "the TLS handshake of the health check failed",
    why: "The connection is accepted, then the handshake fails or is not answered: the server's certificate expired or is not \
          trusted (`verify required`, `ca-file`), it is for another name (`verifyhost`, SNI), the versions do not meet, or one \
          side speaks plain text (`check-ssl` towards a plain port, a plain proxy in between). After `fall` failed checks the \
          server is DOWN.",
    fix: "match `ssl`, `check-ssl`, `verify`, `ca-file` and SNI with what the server speaks, or renew its certificate",
    evidence: "check status L6RSP (\"Layer6 invalid response\") or L6TOUT; L4CON with info \"SSL handshake failure\" and the like",
    source: "HAProxy src/ssl_sock.c, src/connection.c; configuration manual 3.2, \"check-ssl\", \"verify\"; seen on 1.8 to 3.4",
    blames: Some(blames),
    examine,
    advise,
};

fn blames(case: &Case<'_>, loss: &Loss<'_>) -> bool {
    by_check(case, loss).is_some_and(|report| match report.status {
        CheckStatus::L6Rsp | CheckStatus::L6Tout => true,
        CheckStatus::L4Con | CheckStatus::SockErr => reason::fault(report) == Fault::Tls,
        _ => false,
    })
}

fn speaks_tls(case: &Case<'_>, server: &Server) -> bool {
    server.ssl.is_some()
        || server.check_ssl.is_some()
        || case
            .proxy
            .is_some_and(|proxy| proxy.check.connects.iter().any(|connect| connect.ssl))
}

fn examine(case: &Case<'_>) -> Verdict {
    let report = pool::telling(case, blames).and_then(|loss| by_check(case, loss));
    let how = match report {
        Some(report) if report.status == CheckStatus::L6Tout => {
            "the connection was accepted, but the TLS handshake of the check was not answered"
                .to_owned()
        }
        Some(report) if !report.info.is_empty() => {
            format!(
                "the TLS handshake of the check failed (\"{}\")",
                report.info
            )
        }
        _ => "the TLS handshake of the check failed".to_owned(),
    };
    if report.is_none()
        && case
            .proxy
            .is_none_or(|proxy| proxy.servers.iter().any(|server| speaks_tls(case, server)))
        && let Some(verdict) = pool::wordless(case, "a failed TLS handshake can read so too")
    {
        return verdict;
    }
    let verdict = pool::examine(case, blames, &how);
    pool::unless_configured(case, verdict, speaks_tls, "uses TLS (`ssl`, `check-ssl`)")
}

fn advise(case: &Case<'_>, advice: &mut Advice) {
    advice.step("look at the certificate that the server shows: validity, issuer, names; renew it, or install the CA in `ca-file`");
    advice.step("if no certificate comes back, the port speaks plain text: drop `ssl`/`check-ssl`, or correct the port");
    advice.step("if the server chooses the certificate by name: set `check-sni` (and `sni` for the traffic) to a name that it serves");
    for loss in case
        .losses
        .iter()
        .filter(|loss| blames(case, loss))
        .take(SERVERS_MAX)
    {
        if let Some(at) = Target::of(case, loss.server) {
            advice.verify(target::s_client(&at));
        }
        if let Some(line) = case.server(loss.server)
            && let Some(ca_file) = line
                .ca_file
                .as_ref()
                .filter(|_| line.verify.as_ref().is_none_or(|v| v.value != "none"))
            && let Some(at) = Target::of(case, loss.server)
        {
            advice.verify(format!(
                "openssl s_client -connect {} -CAfile {} -verify_return_error </dev/null 2>&1 | grep -i verif",
                target::word(&at.socket()),
                target::word(&ca_file.value)
            ));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing;
    use crate::testing::lost_to;

    #[test]
    fn a_failed_handshake_is_found_under_each_status() {
        for reason in [
            r#"Layer6 invalid response, info: "SSL handshake failure", check duration: 2ms"#,
            "Layer6 timeout, check duration: 2001ms",
            r#"Layer4 connection problem, info: "SSL handshake failure", check duration: 0ms"#,
            r#"Layer6 invalid response, info: "Server presented an SSL certificate different from the expected one", check duration: 3ms"#,
        ] {
            testing::concludes(&[("haproxy.log", &lost_to(reason))], "check-tls-failure");
        }
    }

    #[test]
    fn a_refusal_while_tls_was_under_way_is_a_refusal() {
        let log = lost_to(
            r#"Layer4 connection problem, info: "Connection error during SSL handshake (Connection refused)", check duration: 0ms"#,
        );
        testing::rules_out(&[("haproxy.log", &log)], "check-tls-failure");
    }

    #[test]
    fn a_pool_without_tls_rules_it_out_where_nothing_else_is_said() {
        let config = "backend be_app\n server app1 192.0.2.11:8080 check\n";
        let plain = testing::incident(&[("haproxy.log", testing::NOSRV), ("haproxy.cfg", config)]);
        assert!(plain.ruled_out.iter().any(|r| r.id == "check-tls-failure"));
        let config = config.replace("check", "check ssl verify none");
        let tls = testing::incident(&[("haproxy.log", testing::NOSRV), ("haproxy.cfg", &config)]);
        assert!(tls.possible.iter().any(|p| p.id == "check-tls-failure"));
    }
}
