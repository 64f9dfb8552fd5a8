//! No answer comes back from the server's host: the check's connection times out.
//!
//! Looks alike: `check-timeout` (`L7TOUT`: connected, no answer to the request); an ARP failure, which reads as `L4TOUT` while
//! the check is shorter than the kernel's three ARP attempts, and as "No route to host" otherwise (`network-unreachable`).
//! Known gap: a full accept queue of the application drops SYNs too and cannot be told from a filter.

use crate::base::thousands;
use crate::diagnosis::Advice;
use crate::diagnosis::Case;
use crate::diagnosis::Cause;
use crate::diagnosis::Finding;
use crate::diagnosis::Loss;
use crate::diagnosis::Sign;
use crate::diagnosis::Verdict;
use crate::diagnosis::Weight;
use crate::diagnosis::cause::by_check;
use crate::diagnosis::cause::network_unreachable;
use crate::diagnosis::pool;
use crate::diagnosis::reason;
use crate::diagnosis::reason::Fault;
use crate::diagnosis::target;
use crate::diagnosis::target::Target;
use crate::event::message::CheckStatus;
use crate::evidence::Step;

/// Share of the failures that must have ended while connecting, when no server was lost.
const SHARE_MIN: f64 = 0.5;
/// Servers that get a command of their own.
const SERVERS_MAX: usize = 2;

pub(super) const CAUSE: Cause = Cause {
    id: "connect-timeout",
    title: "nothing answered connections to the servers' hosts",
    why: "The SYN of the check gets neither an acceptance nor a refusal: the host is down or elsewhere, a firewall or security \
          group drops the packets, or the accept queue of the application is full. The check ends after `inter` (or `timeout \
          connect`, when `timeout check` is set); after `fall` of them the server is DOWN.",
    fix: "restore the host or the path to it: power, address, firewall, security group, routing",
    evidence: "check status L4TOUT (\"Layer4 timeout\"); L4CON with info \"Connection timed out\"",
    source: "HAProxy src/check.c, src/tcpcheck.c; configuration manual 3.2, \"timeout check\"; ARP seen on real runs",
    blames: Some(blames),
    examine,
    advise,
};

fn blames(case: &Case<'_>, loss: &Loss<'_>) -> bool {
    by_check(case, loss).is_some_and(|report| match report.status {
        CheckStatus::L4Tout => !network_unreachable::blames(case, loss),
        CheckStatus::L4Con => reason::fault(report) == Fault::Silent,
        _ => false,
    })
}

fn examine(case: &Case<'_>) -> Verdict {
    if case.losses.is_empty()
        && let Some(verdict) = by_traffic(case)
    {
        return verdict;
    }
    let waited = pool::telling(case, blames)
        .and_then(|loss| by_check(case, loss)?.duration_ms)
        .map(|ms| format!(" within {} ms", thousands(u64::from(ms))))
        .unwrap_or_default();
    let how = format!(
        "no answer to the check's connection came back{waited}, neither an acceptance nor a refusal"
    );
    pool::examine(case, blames, &how)
}

/// Requests that waited for a connection in vain (`sC`) while nothing tells of a lost server. A server without check, which
/// stays in the pool for ever, is a cause of its own.
fn by_traffic(case: &Case<'_>) -> Option<Verdict> {
    let share = case.share(&[Step::ConnectTimeout]);
    let by_server = case.step_by_server(Step::ConnectTimeout);
    let unchecked = |name: &String| {
        let line = case.server(name);
        line.is_some_and(|line| {
            line.check.is_none() && line.track.is_none() && line.agent_check.is_none()
        })
    };
    let servers: Vec<String> = by_server
        .keys()
        .filter(|name| !name.starts_with('<'))
        .cloned()
        .collect();
    if share < SHARE_MIN || servers.is_empty() || servers.iter().any(unchecked) {
        return None;
    }
    let n = thousands(by_server.values().map(|tally| tally.n).sum());
    let slowest = by_server
        .values()
        .filter_map(|tally| tally.total_ms)
        .map(|(_, ms)| u64::from(ms))
        .max();
    let slowest = slowest
        .map(|ms| format!(", after up to {} ms with its retries", thousands(ms)))
        .unwrap_or_default();
    let names = servers.join(", ");
    let text = format!("{n} requests got no connection to {names} within `timeout connect` (`sC`)");
    Some(Verdict::Found(Finding {
        share,
        signs: vec![Sign::new(
            Weight::Strong,
            text,
            case.examples(Step::ConnectTimeout, 2),
        )],
        servers,
        explanation: format!(
            "{n} requests of {} were sent to {names}, and no attempt to connect was answered within `timeout connect` (`sC`){slowest}. \
             HAProxy then answered 503 itself. The time in `Tw` is that of the earlier attempts, not of a queue.",
            case.incident.backend
        ),
    }))
}

fn advise(case: &Case<'_>, advice: &mut Advice) {
    advice.step("see whether the servers' hosts are up and hold the addresses that HAProxy uses");
    advice.step("compare from the proxy's host and from another one: only from here means firewall, security group or routing between the two");
    advice.step("on the servers: look for a full accept queue (`ss -ltn`: Recv-Q at Send-Q) and for packet filters that drop the proxy's address");
    for loss in case
        .losses
        .iter()
        .filter(|loss| blames(case, loss))
        .take(SERVERS_MAX)
    {
        let Some(at) = Target::of(case, loss.server) else {
            continue;
        };
        let (host, port) = (target::word(&at.host), at.port_word());
        advice.verify(format!(
            "ip route get {host}; ip neigh show {host}; ping -c 3 {host}"
        ));
        advice.verify(format!("sudo tcpdump -ni any host {host} and tcp port {port}    # SYN without answer: dropped on the way or by the host"));
    }
}

#[cfg(test)]
mod tests {
    use crate::testing;
    use crate::testing::lost_to;

    #[test]
    fn a_connection_that_nothing_answers_is_found() {
        let log = lost_to("Layer4 timeout, check duration: 2001ms");
        let incident = testing::concludes(&[("haproxy.log", &log)], "connect-timeout");
        assert!(incident.cause.confidence > 0.9);
        assert!(incident.cause.explanation.contains("2,001 ms"));
        let step = lost_to(
            r#"Layer4 timeout, info: " at initial connection step of tcp-check", check duration: 2000ms"#,
        );
        testing::concludes(&[("haproxy.log", &step)], "connect-timeout");
    }

    #[test]
    fn an_accepted_connection_without_answer_is_another_cause() {
        let log = lost_to("Layer7 timeout, check duration: 2001ms");
        testing::rules_out(&[("haproxy.log", &log)], "connect-timeout");
    }

    #[test]
    fn requests_that_time_out_while_connecting_are_found_unless_the_server_is_unchecked() {
        let line = r#"Jun 05 21:53:47 proxy01 haproxy[3028]: 192.0.2.50:53260 [05/Jun/2026:21:53:07.000] fe_app be_app/app1 0/30005/-1/-1/40005 503 212 - - sC-- 1/1/1/1/+3 0/0 "GET / HTTP/1.1""#;
        let incident = testing::concludes(&[("haproxy.log", line)], "connect-timeout");
        assert!(incident.cause.confidence < 0.9);
        let config = "backend be_app\n server app1 192.0.2.11:8080\n";
        testing::rules_out(
            &[("haproxy.log", line), ("haproxy.cfg", config)],
            "connect-timeout",
        );
    }

    #[test]
    fn a_cut_reason_cannot_tell() {
        let log = testing::lost("Server be_app/app1 is DOWN");
        testing::concludes(&[("haproxy.log", &log)], "insufficient-evidence");
    }
}
