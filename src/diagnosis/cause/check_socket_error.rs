//! HAProxy cannot even try: the check fails on the proxy's own host before a packet leaves.
//!
//! Looks alike: every other failure of a connection has the same status `L4CON`, only the info text tells (`SOCKERR` was never
//! seen on real runs). Local reasons with causes of their own: "(Permission denied)" is `connect-not-permitted`, exhausted
//! ports are `local-port-exhaustion`, too many sockets or files are `process-limits`, no route is `network-unreachable`.
//! Known gap: the servers may be fine; nothing but a request from elsewhere shows it.

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
use crate::event::message::CheckStatus;

pub(super) const CAUSE: Cause = Cause {
    id: "check-socket-error",
    title: "the health checks failed on the proxy's own host",
    why: "The check's socket cannot be made, bound or connected for a local reason: the `source` address is not (or no longer) \
          one of this host, the address family or namespace is missing. No packet leaves, so nothing is said about the servers; \
          after `fall` failed checks they are DOWN all the same, and requests that use the same `source` fail too.",
    fix: "correct the `source` address (or bring it back to the host), the namespace, or the local limit that the text names",
    evidence: "check status L4CON with info \"Can't bind to source address\" or \"General socket error\", or SOCKERR",
    source: "HAProxy src/proto_tcp.c, src/connection.c (conn_err_code_str); seen on 1.8 to 3.4",
    blames: Some(blames),
    examine,
    advise,
};

fn blames(case: &Case<'_>, loss: &Loss<'_>) -> bool {
    by_check(case, loss).is_some_and(|report| {
        let fault = reason::fault(report);
        match report.status {
            CheckStatus::L4Con => matches!(fault, Fault::Source | Fault::Local),
            CheckStatus::SockErr => matches!(
                fault,
                Fault::Source | Fault::Local | Fault::Unsaid | Fault::Unclear
            ),
            _ => false,
        }
    })
}

fn examine(case: &Case<'_>) -> Verdict {
    let telling = pool::telling(case, blames).and_then(|loss| by_check(case, loss));
    if telling.is_none()
        && let Some(verdict) = pool::wordless(case, "failures on the proxy's own host read so too")
    {
        return verdict;
    }
    let info = telling
        .map(|report| report.info.as_str())
        .filter(|info| !info.is_empty())
        .map(|info| format!(" (\"{info}\")"))
        .unwrap_or_default();
    let how = format!(
        "the check failed on the proxy's own host{info}: no packet left, so nothing is known about the server"
    );
    pool::examine(case, blames, &how)
}

/// `source` in effect for a server, without port and options.
fn source<'a>(case: &Case<'a>, server: &str) -> Option<&'a str> {
    let line = case.server(server).and_then(|line| line.source.as_ref());
    let setting = line.or_else(|| case.proxy?.source.as_ref())?;
    setting.value.split_whitespace().next()
}

fn advise(case: &Case<'_>, advice: &mut Advice) {
    let Some(loss) = pool::telling(case, blames) else {
        return;
    };
    let by_source =
        by_check(case, loss).is_some_and(|report| reason::fault(report) == Fault::Source);
    match source(case, loss.server) {
        Some(address) if by_source => {
            advice.step(format!(
                "bring {address} back to the proxy's host, or correct `source {address}`"
            ));
            let host = address.rsplit_once(':').map_or(address, |(host, _)| host);
            advice.verify(format!(
                "ip -br addr | grep -F {}    # on the proxy's host: must show the source address",
                target::word(host)
            ));
            advice.reload_needed();
        }
        _ if by_source => {
            advice.step("find the `source` of the `server` lines or their backend: the address must be one of the proxy's host");
            advice.verify("ip -br addr    # on the proxy's host");
        }
        _ => {
            advice.step("look at the proxy's own host: address family, network namespace (`namespace`), memory and limits of the process");
            advice.verify("printf 'show info\\n' | sudo socat - UNIX-CONNECT:/run/haproxy/admin.sock | grep -E 'Maxsock|Ulimit-n|CurrConns'");
        }
    }
    advice.caution(
        "the servers themselves may be fine: ask them from another host before touching them",
    );
}

#[cfg(test)]
mod tests {
    use crate::testing;
    use crate::testing::lost_to;

    const BIND: &str = "Layer4 connection problem, info: \"Can't bind to source address (Cannot assign requested address)\", check duration: 0ms";

    #[test]
    fn a_source_address_that_is_gone_is_found_and_named() {
        let config = "backend be_app\n source 192.0.2.200\n server app1 192.0.2.11:8080 check\n";
        let files = [
            ("haproxy.log", lost_to(BIND)),
            ("haproxy.cfg", config.to_owned()),
        ];
        let files: Vec<(&str, &str)> = files
            .iter()
            .map(|(name, text)| (*name, text.as_str()))
            .collect();
        let incident = testing::concludes(&files, "check-socket-error");
        assert!(incident.fix.steps[0].contains("192.0.2.200"));
    }

    #[test]
    fn local_reasons_with_causes_of_their_own_are_left_to_them() {
        for info in [
            "General socket error (Permission denied)",
            "Source port range exhausted",
            "Too many sockets on the process (Too many open files)",
            "General socket error (Network is unreachable)",
        ] {
            let log = lost_to(&format!(
                "Layer4 connection problem, info: \"{info}\", check duration: 0ms"
            ));
            testing::rules_out(&[("haproxy.log", &log)], "check-socket-error");
        }
    }

    #[test]
    fn a_socket_error_without_text_is_found() {
        testing::concludes(
            &[("haproxy.log", &lost_to("Socket error, check duration: 0ms"))],
            "check-socket-error",
        );
    }

    #[test]
    fn the_status_without_its_text_cannot_tell() {
        let log = lost_to("Layer4 connection problem, check duration: 40ms");
        let incident = testing::concludes(&[("haproxy.log", &log)], "insufficient-evidence");
        assert!(
            incident
                .possible
                .iter()
                .any(|p| p.id == "check-socket-error")
        );
    }
}
