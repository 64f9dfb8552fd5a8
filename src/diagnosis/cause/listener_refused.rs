//! Nothing listens on the server's address and port: the check's connection is refused.
//!
//! Looks alike: a firewall that rejects with a reset (cannot be told apart from outside); `connect-timeout` (no answer at all);
//! local failures that arrive as `L4CON` too, told apart by the info text alone.
//! Known gap: up to 3.3 the info is the bare errno text; a server behind a NAT may refuse for its gateway.

use crate::diagnosis::Advice;
use crate::diagnosis::Case;
use crate::diagnosis::Cause;
use crate::diagnosis::Loss;
use crate::diagnosis::Verdict;
use crate::diagnosis::Weight;
use crate::diagnosis::cause::by_check;
use crate::diagnosis::cause::network_unreachable;
use crate::diagnosis::pool;
use crate::diagnosis::probe;
use crate::diagnosis::reason;
use crate::diagnosis::reason::Fault;
use crate::diagnosis::target::Target;
use crate::event::message::CheckStatus;
use crate::incident::Reason;
use crate::incident::State;

/// A refusal is one round trip: it takes this long at most on a local network. An ARP failure takes seconds.
const REFUSED_WITHIN_MS: u32 = 1;
/// Servers that get a step of their own.
const SERVERS_MAX: usize = 4;

pub(super) const CAUSE: Cause = Cause {
    id: "listener-refused",
    title: "nothing listened on the servers' address and port",
    why: "The check's connection (and that of requests) is refused at once: the host answers, but no process accepts on that \
          port. After `fall` failed checks HAProxy marks the server DOWN; with the last one gone it answers 503 itself.",
    fix: "start the application's listener, or correct address and port on the `server` line",
    evidence: "check status L4CON with info \"Connection refused\" (3.4: \"ECONNREFUSED returned by OS\"), also as \
               \"Connection error during SSL handshake (Connection refused)\"",
    source: "HAProxy src/check.c, src/connection.c; configuration manual 3.2, \"Health checking\"",
    blames: Some(blames),
    examine,
    advise,
};

fn blames(case: &Case<'_>, loss: &Loss<'_>) -> bool {
    let beside = || {
        let others = || case.losses.iter();
        others().any(|other| refused(case, other))
            && !others().any(|other| network_unreachable::blames(case, other))
    };
    refused(case, loss)
        || (reason::wordless(loss).is_some() && by_check(case, loss).is_some() && beside())
}

fn refused(case: &Case<'_>, loss: &Loss<'_>) -> bool {
    by_check(case, loss).is_some_and(|report| {
        let connecting = matches!(report.status, CheckStatus::L4Con | CheckStatus::SockErr);
        connecting && reason::fault(report) == Fault::Refused
    })
}

/// A refusal without its text that came at once.
fn at_once(case: &Case<'_>, loss: &Loss<'_>) -> bool {
    reason::wordless(loss).is_some()
        && by_check(case, loss)
            .and_then(|report| report.duration_ms)
            .is_some_and(|ms| ms <= REFUSED_WITHIN_MS)
}

/// Nothing says why the server was out: the operator's own connection to its pool, refused, may.
fn probed(_case: &Case<'_>, loss: &Loss<'_>) -> bool {
    let unsaid = *loss.reason == Reason::Unsaid || reason::wordless(loss).is_some();
    unsaid && loss.state == State::Down
}

fn examine(case: &Case<'_>) -> Verdict {
    if !case.losses.iter().any(|loss| blames(case, loss)) {
        let probes = probe::refused(case);
        if !probes.is_empty() && case.losses.iter().any(|loss| probed(case, loss)) {
            let names: Vec<&str> = probes.iter().map(|(server, _)| *server).collect();
            let how = format!(
                "a request made by hand to {} was refused: nothing listened there",
                names.join(" and ")
            );
            let mut verdict = pool::examine_as(case, probed, &how, Weight::Strong);
            if let Verdict::Found(finding) = &mut verdict
                && let Some(sign) = finding.signs.first_mut()
            {
                sign.cites.extend(probes.into_iter().map(|(_, cite)| cite));
            }
            return verdict;
        }
        if case.losses.iter().any(|loss| at_once(case, loss)) {
            let how = "the check's connection failed within a millisecond, as a refused one does; the text that would say so is missing";
            return pool::examine_as(case, at_once, how, Weight::Weak);
        }
        if let Some(verdict) = pool::wordless(case, "a refused connection is its commonest reason")
        {
            return verdict;
        }
    }
    pool::examine(
        case,
        blames,
        "connections to address and port were refused, nothing listened there",
    )
}

fn advise(case: &Case<'_>, advice: &mut Advice) {
    for loss in case
        .losses
        .iter()
        .filter(|loss| blames(case, loss))
        .take(SERVERS_MAX)
    {
        let server = loss.server;
        let port = Target::of(case, server)
            .map_or_else(|| "<port>".to_owned(), |target| target.port_word());
        advice.step(format!(
            "on the host of {server}: see whether anything listens on port {port}, and start the application's service if not"
        ));
        advice.verify(format!(
            "ss -ltnp 'sport = :{port}'    # on the host of {server}"
        ));
    }
    advice.step("if it listens elsewhere (another port, or 127.0.0.1 only): correct the application, or address and port on the `server` line");
}

#[cfg(test)]
mod tests {
    use crate::testing;
    use crate::testing::lost_to;

    const STATE: &str = "1\n# be_id be_name srv_id srv_name srv_addr srv_op_state\n3 be_app 1 app1 192.0.2.11 0 ##### snipped 8080\n3 be_app 2 app2 192.0.2.12 0 ##### snipped 8080\n";
    const CONFIG: &str = "backend be_app\n    server app1 192.0.2.11:8080 check\n    server app2 192.0.2.12:8080 check\n";

    #[test]
    fn a_refused_request_by_hand_explains_servers_that_a_dump_shows_down_without_a_reason() {
        let curl = "$ curl -i -sS http://192.0.2.11:8080/healthz\ncurl: (7) Failed to connect to 192.0.2.11 port 8080 after 0 ms: Could not connect to server\n";
        let files = [
            ("state.txt", STATE),
            ("haproxy.cfg", CONFIG),
            ("curl.txt", curl),
            ("haproxy.log", testing::NOSRV),
        ];
        let incident = testing::concludes(&files, "listener-refused");
        assert!(
            (0.6..0.95).contains(&incident.cause.confidence),
            "{}",
            incident.cause.confidence
        );
    }

    #[test]
    fn a_host_without_a_route_by_hand_does_not() {
        let curl = "$ curl -i -sS http://192.0.2.11:8080/healthz\ncurl: (7) Failed to connect to 192.0.2.11 port 8080 after 3061 ms: No route to host\n";
        let files = [
            ("state.txt", STATE),
            ("haproxy.cfg", CONFIG),
            ("curl.txt", curl),
            ("haproxy.log", testing::NOSRV),
        ];
        testing::concludes(&files, "insufficient-evidence");
    }

    #[test]
    fn a_refused_check_of_the_last_server_is_found() {
        let log = lost_to(
            r#"Layer4 connection problem, info: "Connection refused", check duration: 0ms"#,
        );
        let incident = testing::concludes(&[("haproxy.log", &log)], "listener-refused");
        assert!(incident.cause.confidence > 0.9);
        assert_eq!(
            incident.servers[0].cause.as_deref(),
            Some("listener-refused")
        );
        assert_eq!((incident.impact.http_503, incident.impact.nosrv), (1, 1));
    }

    #[test]
    fn every_wording_of_a_refusal_is_one() {
        for info in [
            "ECONNREFUSED returned by OS (Connection refused)",
            "Connection refused at step 1 of tcp-check (connect)",
            "Connection error during SSL handshake (Connection refused)",
        ] {
            let log = lost_to(&format!(
                "Layer4 connection problem, info: \"{info}\", check duration: 0ms"
            ));
            testing::concludes(&[("haproxy.log", &log)], "listener-refused");
        }
    }

    #[test]
    fn the_same_status_with_a_local_reason_is_not_the_servers_fault() {
        let log = lost_to(
            "Layer4 connection problem, info: \"Can't bind to source address (Cannot assign requested address)\", check duration: 0ms",
        );
        testing::rules_out(&[("haproxy.log", &log)], "listener-refused");
    }

    #[test]
    fn the_status_without_its_text_is_no_confident_claim() {
        let at_once = lost_to("Layer4 connection problem, check duration: 0ms");
        let incident = testing::concludes(&[("haproxy.log", &at_once)], "listener-refused");
        assert!(incident.cause.confidence < 0.6);
        let later = lost_to("Layer4 connection problem, check duration: 40ms");
        let incident = testing::concludes(&[("haproxy.log", &later)], "insufficient-evidence");
        assert!(incident.possible.iter().any(|p| p.id == "listener-refused"));
        assert!(
            incident
                .possible
                .iter()
                .any(|p| p.id == "network-unreachable")
        );
    }

    #[test]
    fn a_nosrv_line_alone_cannot_tell() {
        testing::concludes(&[("haproxy.log", testing::NOSRV)], "insufficient-evidence");
    }
}
