//! The proxy's own host forbids HAProxy to connect: SELinux, AppArmor, seccomp, a REJECT rule on output.
//!
//! Looks alike: a refusal by the server's host takes a wait before each retry; source ports and file descriptors that ran out
//! fail as fast, and have messages of their own.
//! Known gap: without the host's audit lines a local failure of traffic alone cannot be told from those two.

use crate::base::thousands;
use crate::diagnosis::Advice;
use crate::diagnosis::Case;
use crate::diagnosis::Cause;
use crate::diagnosis::Finding;
use crate::diagnosis::Loss;
use crate::diagnosis::Sign;
use crate::diagnosis::Verdict;
use crate::diagnosis::Weight;
use crate::diagnosis::attempt;
use crate::diagnosis::attempt::Pace;
use crate::diagnosis::attempt::Tried;
use crate::event::message::LimitKind;
use crate::evidence::Step;
use crate::incident::Reason;

pub(super) const CAUSE: Cause = Cause {
    id: "connect-not-permitted",
    title: "the proxy's own system forbade the connections",
    why: "`connect()` itself fails with EACCES or EPERM, before a packet leaves. Checks say \"General socket error (Permission \
          denied)\" and mark healthy servers DOWN; requests spend all their retries in 0 ms, because HAProxy does not wait after \
          an error of its own system.",
    fix: "allow the connection: `setsebool -P haproxy_connect_any 1` or a port label (SELinux), the profile, the unit's sandboxing, or the output rule of the firewall",
    evidence: "check info \"General socket error (Permission denied)\" or \"(Operation not permitted)\"; `SC` with retries and 0 ms, beside denials of SELinux or AppArmor that name haproxy",
    source: "HAProxy src/proto_tcp.c (tcp_connect_server), src/backend.c; seen on 2.4 and 2.8",
    blames: Some(blames),
    examine,
    advise,
};

const INFOS: [&str; 2] = ["(Permission denied)", "(Operation not permitted)"];

fn blames(_case: &Case<'_>, loss: &Loss<'_>) -> bool {
    loss.reasons.iter().any(|reason| match reason {
        Reason::Check(report) => {
            report.info.contains("General socket error")
                && INFOS.iter().any(|info| report.info.contains(info))
        }
        _ => false,
    })
}

fn examine(case: &Case<'_>) -> Verdict {
    let how = "its checks could not even connect, the proxy's own system denied it";
    attempt::examine(case, (blames, how), denial, by_traffic)
}

fn denial(case: &Case<'_>) -> Option<Sign> {
    let cites = attempt::denials(case);
    let text = "the proxy's host logged that it denied something to haproxy at that time";
    (!cites.is_empty()).then(|| Sign::new(Weight::Decisive, text, cites))
}

/// Failed requests on named servers, where no check tells.
fn by_traffic(case: &Case<'_>) -> Option<Verdict> {
    // Checks and requests connect in the same way: a server whose check another host answered was not out of reach by a policy.
    let let_through = |t: &Tried| {
        let loss = case.loss(&t.server);
        loss.is_some_and(|loss| matches!(loss.reason, Reason::Check(_)) && !blames(case, loss))
    };
    let mut tried = attempt::tried(case);
    tried.retain(|t| !let_through(t));
    let n = attempt::n_local(&tried);
    if n == 0 {
        return None;
    }
    let messages = attempt::limits(case, &[LimitKind::SocketDenied], false);
    let instant = attempt::n_instant(case, &tried);
    let mut signs: Vec<Sign> = Vec::new();
    if !messages.is_empty() {
        let cites = messages.iter().map(|(_, event)| event.cite.clone()).take(4);
        let text = "HAProxy says that it was not permitted to open a socket";
        signs.push(Sign::new(Weight::Decisive, text, cites.collect()));
    }
    signs.extend(denial(case));
    if signs.is_empty() {
        return (instant > 0 && !has_other_limits(case))
            .then(|| Verdict::CannotTell(attempt::local_lack(instant)));
    }
    let cites = case.examples(Step::Refused, 3);
    if instant > 0 {
        let text = format!(
            "{} requests spent all their retries in 0 ms: no other host was asked",
            thousands(instant)
        );
        signs.push(Sign::new(Weight::Strong, text, cites));
    }
    let mine = tried
        .iter()
        .filter(|t| t.pace != Pace::Waited && t.refused.n > 0);
    let servers: Vec<String> = mine.map(|t: &Tried| t.server.clone()).collect();
    let explanation = format!(
        "{} requests to {} failed inside the proxy's own system, which denied HAProxy the connection: the servers were not even \
         asked.",
        thousands(n),
        servers.join(", ")
    );
    Some(Verdict::Found(Finding {
        share: attempt::share(case, n),
        signs,
        servers,
        explanation,
    }))
}

/// Other local resources that ran out at the time explain the same failures.
fn has_other_limits(case: &Case<'_>) -> bool {
    use LimitKind as L;
    let kinds = [
        L::NoFreePorts,
        L::AddressInUse,
        L::SourceBind,
        L::ProcessFd,
        L::SystemFd,
        L::Memory,
        L::Maxconn,
    ];
    !attempt::limits(case, &kinds, false).is_empty()
}

fn advise(_case: &Case<'_>, advice: &mut Advice) {
    advice.step("see what denied it: `sudo ausearch -m avc,seccomp -ts today -c haproxy`, `sudo journalctl -k | grep -i denied`, and the OUTPUT rules of the firewall");
    advice.step("SELinux: give the servers' ports a label that HAProxy may connect to (`sudo semanage port -a -t http_port_t -p tcp <port>`), or `sudo setsebool -P haproxy_connect_any 1`");
    advice.verify("sudo getsebool haproxy_connect_any; sudo aa-status | grep haproxy; systemctl show haproxy -p IPAddressDeny,RestrictAddressFamilies,SystemCallFilter");
    advice.caution("do not switch SELinux or AppArmor off for good: allow this one connection");
}

#[cfg(test)]
mod tests {
    use crate::testing;

    const LINE: &str = "Jun 05 21:53:47 proxy01 haproxy[3028]: 192.0.2.50:53260 [05/Jun/2026:21:53:47.987] fe_app be_app/app1 0/0/-1/-1/0 503 217 - - SC-- 1/1/0/0/3 0/0 \"GET / HTTP/1.1\"\n";
    const AVC: &str = "Jun 05 21:53:47 proxy01 kernel: audit: type=1400 audit(1780696427.987:81): avc:  denied  { name_connect } for  pid=3028 comm=\"haproxy\" dest=8080 scontext=system_u:system_r:haproxy_t:s0 tcontext=system_u:object_r:unreserved_port_t:s0 tclass=tcp_socket permissive=0\n";
    const DOWN: &str = r#"Jun 05 21:53:41 proxy01 haproxy[3028]: Server be_app/app1 is DOWN, reason: Layer4 connection problem, info: "General socket error (Permission denied)", check duration: 0ms. 0 active and 0 backup servers left. 0 sessions active, 0 requeued, 0 remaining in queue.
Jun 05 21:53:47 proxy01 haproxy[3028]: 192.0.2.50:53260 [05/Jun/2026:21:53:47.987] fe_app be_app/<NOSRV> 0/-1/-1/-1/0 503 217 - - SC-- 1/1/0/0/0 0/0 "GET / HTTP/1.1"
"#;

    #[test]
    fn checks_that_may_not_connect_are_found() {
        let incident = testing::concludes(&[("haproxy.log", DOWN)], "connect-not-permitted");
        assert!(incident.cause.confidence > 0.9);
    }

    #[test]
    fn retries_spent_at_once_beside_a_denial_are_found() {
        let log = format!("{AVC}{LINE}");
        testing::concludes(&[("messages", &log)], "connect-not-permitted");
    }

    #[test]
    fn retries_spent_at_once_alone_cannot_tell() {
        let incident = testing::concludes(&[("haproxy.log", LINE)], "insufficient-evidence");
        assert!(
            incident
                .possible
                .iter()
                .any(|p| p.id == "connect-not-permitted")
        );
    }

    #[test]
    fn a_refusal_over_the_network_waits_between_retries() {
        let log = format!("{AVC}{}", LINE.replace("-1/-1/0 503", "-1/-1/3004 503"));
        testing::rules_out(&[("messages", &log)], "connect-not-permitted");
    }

    #[test]
    fn a_denial_of_a_file_tells_nothing_of_connections() {
        let file = AVC
            .replace("name_connect", "read")
            .replace("tclass=tcp_socket", "tclass=file");
        let log = format!("{file}{LINE}");
        testing::concludes(&[("messages", &log)], "insufficient-evidence");
    }

    #[test]
    fn a_server_whose_check_was_refused_was_within_reach() {
        let refused = DOWN.replace(
            "General socket error (Permission denied)",
            "Connection refused",
        );
        let redispatched = LINE.replace("1/1/0/0/3", "1/1/0/0/+1");
        let log = format!("{AVC}{refused}{redispatched}");
        testing::rules_out(&[("messages", &log)], "connect-not-permitted");
    }

    #[test]
    fn a_missing_network_is_no_matter_of_permission() {
        let log = DOWN.replace("Permission denied", "Network is unreachable");
        testing::rules_out(&[("haproxy.log", &log)], "connect-not-permitted");
    }
}
