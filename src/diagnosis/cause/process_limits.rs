//! The HAProxy process, or its host, ran out of file descriptors, connections or memory.
//!
//! Checks need descriptors as requests do, and fail first: nearly all 503s are then plain `<NOSRV>`, and HAProxy's own
//! "reached process FD limit" is the tell (seen on 2.6). On the client side alone the limit costs time, not a 503.
//! Looks alike: source ports and policies fail as fast, with other messages.
//! Known gap: `strict-maxconn` (3.2 on) and failed allocations leave no message at all.

use crate::base::Cite;
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
use crate::event::message::LimitKind;
use crate::evidence::Step;
use crate::incident::Reason;

pub(super) const CAUSE: Cause = Cause {
    id: "process-limits",
    title: "the HAProxy process ran out of file descriptors, connections or memory",
    why: "Each connection, each check and each listener takes a file descriptor and memory of the process. At the limit HAProxy \
          can open none: health checks fail on healthy servers, which then count as DOWN, and requests are answered 503.",
    fix: "raise the limit that was hit (`ulimit-n`, `LimitNOFILE` of the unit, global `maxconn`, memory), or lower the number of connections",
    evidence: "\"reached process FD limit\", \"reached system FD limit\", \"reached system memory limit\"; check info \"Too many sockets on the process\"; flags `R…`",
    source: "HAProxy src/sock.c, src/listener.c, src/proto_tcp.c; seen on 2.6",
    blames: Some(blames),
    examine,
    advise,
};

const INFOS: [&str; 4] = [
    "Too many sockets on the",
    "Too many open files",
    "Reached configured maxconn value",
    "Out of system buffers",
];
const KINDS: [LimitKind; 4] = [
    LimitKind::ProcessFd,
    LimitKind::SystemFd,
    LimitKind::Memory,
    LimitKind::Maxconn,
];

fn blames(_case: &Case<'_>, loss: &Loss<'_>) -> bool {
    attempt::reported(loss, &INFOS)
}

fn examine(case: &Case<'_>) -> Verdict {
    let how = "its checks could not open a socket, the process had none left";
    attempt::examine(case, (blames, how), said, by_traffic)
}

/// HAProxy's own messages about the limit.
fn said(case: &Case<'_>) -> Option<Sign> {
    let messages = attempt::limits(case, &KINDS, false);
    let (kind, _) = messages.first()?;
    let what = match kind {
        LimitKind::SystemFd => "the system's limit of file descriptors",
        LimitKind::Memory => "the system's limit of socket memory",
        LimitKind::Maxconn => "the process' limit of connections (global `maxconn`)",
        _ => "the process' limit of file descriptors",
    };
    let cites: Vec<Cite> = messages
        .iter()
        .map(|(_, event)| event.cite.clone())
        .take(4)
        .collect();
    Some(Sign::new(
        Weight::Decisive,
        format!("HAProxy says that it reached {what}"),
        cites,
    ))
}

fn by_traffic(case: &Case<'_>) -> Option<Verdict> {
    let tried = attempt::tried(case);
    let n_flagged = case.incident.n_step(Step::Resource);
    let said = said(case);
    // Requests without a server are the limit's only when nothing else says why the servers were out.
    let unexplained = case
        .losses
        .iter()
        .all(|loss| *loss.reason == Reason::Unsaid);
    let n_empty = if unexplained {
        case.incident.n_step(Step::NoServer)
    } else {
        0
    };
    let n_local = attempt::n_local(&tried);
    let Some(said) = said else {
        let instant = attempt::n_instant(case, &tried);
        let denied = !attempt::denials(case).is_empty();
        return if n_flagged > 0 {
            Some(found(
                case,
                n_flagged,
                flagged(case, n_flagged).into_iter().collect(),
            ))
        } else {
            (instant > 0 && !denied).then(|| Verdict::CannotTell(attempt::local_lack(instant)))
        };
    };
    let n = n_flagged + n_local + n_empty;
    if n == 0 {
        return None;
    }
    let mut signs: Vec<Sign> = flagged(case, n_flagged).into_iter().collect();
    // With nothing but an empty pool the message is close to it in time, no more.
    let weight = if n_flagged + n_local > 0 {
        Weight::Decisive
    } else {
        Weight::Strong
    };
    signs.push(Sign { weight, ..said });
    Some(found(case, n, signs))
}

fn flagged(case: &Case<'_>, n: u64) -> Option<Sign> {
    let text = format!(
        "{} requests ended with flags `R…`: a resource of HAProxy ran out",
        thousands(n)
    );
    (n > 0).then(|| Sign::new(Weight::Decisive, text, case.examples(Step::Resource, 3)))
}

fn found(case: &Case<'_>, n: u64, signs: Vec<Sign>) -> Verdict {
    let explanation = format!(
        "The HAProxy process had no file descriptor, connection or memory left: checks and requests of {} could open no \
         connection, and {} requests were answered 503. The servers are not at fault.",
        case.incident.backend,
        thousands(n)
    );
    Verdict::Found(Finding {
        share: attempt::share(case, n),
        signs,
        servers: Vec::new(),
        explanation,
    })
}

fn advise(_case: &Case<'_>, advice: &mut Advice) {
    advice.reload_needed();
    advice.step("compare what the process uses with what it may use (`show info`: CurrConns, Maxconn, Ulimit-n, Maxsock)");
    advice.step("raise the limit that was hit: `LimitNOFILE` of the unit and global `maxconn` together, or the system's `fs.file-max` and memory");
    advice.step("find who takes the connections: long keep-alive timeouts, tunnels, a surge, old workers that linger after reloads");
    advice.verify("printf 'show info\\n' | sudo socat - UNIX-CONNECT:/run/haproxy/admin.sock | grep -E 'Maxconn|Maxsock|Ulimit-n|CurrConns|PoolFailed'");
    advice.verify("for p in $(pidof haproxy); do echo $p $(sudo ls /proc/$p/fd | wc -l); grep 'open files' /proc/$p/limits; done");
    advice.caution("`maxconn` counts client connections; each needs up to two descriptors, and checks and listeners need more");
}

#[cfg(test)]
mod tests {
    use crate::testing;

    const FD: &str = "Jun 05 21:53:40 proxy01 haproxy[3028]: Proxy fe_app reached process FD limit (maxsock=100). Please check 'ulimit-n' and restart.\n";
    const EMPTY: &str = "Jun 05 21:53:47 proxy01 haproxy[3028]: 192.0.2.50:53260 [05/Jun/2026:21:53:47.987] fe_app be_app/<NOSRV> 0/-1/-1/-1/0 503 217 - - SC-- 1/1/0/0/0 0/0 \"GET / HTTP/1.1\"\n";

    fn down(info: &str) -> String {
        format!(
            "Jun 05 21:53:41 proxy01 haproxy[3028]: Server be_app/app1 is DOWN, reason: Layer4 connection problem, info: \"{info}\", check duration: 0ms. 0 active and 0 backup servers left. 0 sessions active, 0 requeued, 0 remaining in queue.\n"
        )
    }

    #[test]
    fn checks_without_a_descriptor_are_found() {
        let down = down("Too many sockets on the process (Too many open files)");
        let log = format!("{FD}{down}{EMPTY}");
        let incident = testing::concludes(&[("haproxy.log", &log)], "process-limits");
        assert!(incident.cause.confidence > 0.9);
    }

    #[test]
    fn an_empty_pool_after_the_message_is_found_with_less_certainty() {
        let log = format!("{FD}{EMPTY}");
        let incident = testing::concludes(&[("haproxy.log", &log)], "process-limits");
        assert!(incident.cause.confidence < 0.9);
    }

    #[test]
    fn servers_that_refused_are_another_cause() {
        let log = format!("{FD}{}{EMPTY}", down("Connection refused"));
        let incident = testing::rules_out(&[("haproxy.log", &log)], "process-limits");
        assert_eq!(incident.cause.id, "listener-refused");
    }

    #[test]
    fn a_resource_flag_is_found() {
        let line = EMPTY
            .replace("<NOSRV> 0/-1/-1/-1/0", "app1 0/0/-1/-1/0")
            .replace("SC--", "RC--");
        testing::concludes(&[("haproxy.log", &line)], "process-limits");
    }

    #[test]
    fn without_any_message_it_cannot_tell() {
        let line = EMPTY
            .replace("<NOSRV> 0/-1/-1/-1/0", "app1 0/0/-1/-1/0")
            .replace("1/1/0/0/0", "1/1/0/0/3");
        let incident = testing::concludes(&[("haproxy.log", &line)], "insufficient-evidence");
        assert!(incident.possible.iter().any(|p| p.id == "process-limits"));
    }
}
