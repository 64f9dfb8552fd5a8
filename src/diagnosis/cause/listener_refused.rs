//! Nothing listens on the server's address and port: the kernel there answers every SYN with a reset.
//!
//! Looks alike: a firewall that REJECTs with a reset (cannot be told apart from outside); `connect-timeout` (no answer at all);
//! local failures that arrive as `L4CON` too, told apart by the info text alone.
//! Known gap: up to 3.3 the info is the bare errno text; a server behind a NAT may refuse for its gateway.

use crate::diagnosis::Advice;
use crate::diagnosis::Case;
use crate::diagnosis::Cause;
use crate::diagnosis::Loss;
use crate::diagnosis::pool;
use crate::event::message::CheckStatus;
use crate::incident::Reason;

pub(super) const CAUSE: Cause = Cause {
    id: "listener-refused",
    title: "nothing listened on the servers' address and port",
    why: "The check's connection (and that of requests) is refused at once: the host answers, but no process accepts on that \
          port. After `fall` failed checks HAProxy marks the server DOWN; with the last one gone it answers 503 itself.",
    fix: "start the application's listener, or correct address and port on the `server` line",
    evidence: "check status L4CON with info \"Connection refused\" (3.4: \"ECONNREFUSED returned by OS\")",
    source: "HAProxy src/check.c, src/connection.c; configuration manual 3.2, \"Health checking\"",
    blames: Some(blames),
    examine: |case| {
        pool::examine(
            case,
            blames,
            "connections to its address and port were refused, nothing listened there",
        )
    },
    advise,
};

fn blames(_case: &Case<'_>, loss: &Loss<'_>) -> bool {
    loss.reasons.iter().any(|reason| match reason {
        Reason::Check(report) => {
            let refused =
                report.info.contains("Connection refused") || report.info.contains("ECONNREFUSED");
            report.status == CheckStatus::L4Con && refused
        }
        _ => false,
    })
}

fn advise(case: &Case<'_>, advice: &mut Advice) {
    for loss in case.losses.iter().filter(|loss| blames(case, loss)).take(4) {
        let address = case
            .address(loss.server)
            .unwrap_or_else(|| format!("<address of {}>", loss.server));
        let port = address.rsplit(':').next().unwrap_or("<port>").to_owned();
        advice.step(format!("on the host of {}: see whether anything listens on port {port}, and start the application's service if not", loss.server));
        advice.verify(format!(
            "ss -ltnp 'sport = :{port}'    # on the host of {}",
            loss.server
        ));
    }
}

#[cfg(test)]
mod tests {
    use crate::testing;

    const DOWN: &str = r#"Jun 05 21:53:41 proxy01 haproxy[3028]: Server be_app/app1 is DOWN, reason: Layer4 connection problem, info: "Connection refused", check duration: 0ms. 0 active and 0 backup servers left. 0 sessions active, 0 requeued, 0 remaining in queue.
Jun 05 21:53:41 proxy01 haproxy[3028]: backend be_app has no server available!
Jun 05 21:53:47 proxy01 haproxy[3028]: 192.0.2.50:53260 [05/Jun/2026:21:53:47.987] fe_app be_app/<NOSRV> 0/-1/-1/-1/0 503 217 - - SC-- 1/1/0/0/0 0/0 "GET / HTTP/1.1"
"#;

    #[test]
    fn a_refused_check_of_the_last_server_is_found() {
        let incident = testing::concludes(&[("haproxy.log", DOWN)], "listener-refused");
        assert!(incident.cause.confidence > 0.9);
        assert_eq!(
            incident.servers[0].cause.as_deref(),
            Some("listener-refused")
        );
        assert_eq!((incident.impact.http_503, incident.impact.nosrv), (1, 1));
    }

    #[test]
    fn the_same_status_with_a_local_reason_is_not_the_servers_fault() {
        let local = DOWN.replace(
            "Connection refused",
            "Can't bind to source address (Cannot assign requested address)",
        );
        testing::rules_out(&[("haproxy.log", &local)], "listener-refused");
    }

    #[test]
    fn a_nosrv_line_alone_cannot_tell() {
        let line = DOWN.lines().last().unwrap();
        testing::concludes(&[("haproxy.log", line)], "insufficient-evidence");
    }
}
