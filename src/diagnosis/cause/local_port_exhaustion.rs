//! No source port was left towards a server: HAProxy could not open another connection to it.
//!
//! Looks alike: a `source` address that the host does not have fails with the same message for good (nothing else works towards
//! that server); policy and file descriptors fail as fast; a refusal waits before each retry.
//! Known gap: a range of its own on the `source` line is only reported as "Cannot bind to source address".

use crate::base::Cite;
use crate::base::MINUTE;
use crate::base::thousands;
use crate::config::Setting;
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
use crate::event::message::LimitKind;
use crate::evidence::Step;

pub(super) const CAUSE: Cause = Cause {
    id: "local-port-exhaustion",
    title: "no source port was left towards the servers",
    why: "Every connection to a server takes a source port of the proxy's host, or one of the range on the `source` line. When all \
          are in use or in TIME_WAIT, `bind()` or `connect()` fails at once, all retries with it, and HAProxy answers 503. Checks \
          need ports too, and may then mark healthy servers DOWN.",
    fix: "widen the `source` range or `net.ipv4.ip_local_port_range`, add source addresses, and let `http-reuse` and keep-alive open fewer connections",
    evidence: "\"Connect() failed for backend …: no free ports.\", \"Cannot bind to source address\" with a port range; check info \"Source port range exhausted\" or \"Out of local source ports on the system\"",
    source: "HAProxy src/proto_tcp.c (tcp_connect_server), src/port_range.c; seen on 2.6",
    blames: Some(blames),
    examine,
    advise,
};

const INFOS: [&str; 3] = [
    "Source port range exhausted",
    "Out of local source ports on the system",
    "Local source address already in use",
];

fn blames(_case: &Case<'_>, loss: &Loss<'_>) -> bool {
    attempt::reported(loss, &INFOS)
}

fn examine(case: &Case<'_>) -> Verdict {
    let how = "its checks found no free source port on the proxy's host";
    attempt::examine(case, (blames, how), said, by_traffic)
}

/// HAProxy's own messages about ports, for this backend.
fn said(case: &Case<'_>) -> Option<Sign> {
    let messages = attempt::limits(
        case,
        &[LimitKind::NoFreePorts, LimitKind::AddressInUse],
        true,
    );
    let cites: Vec<Cite> = messages
        .iter()
        .map(|(_, event)| event.cite.clone())
        .take(4)
        .collect();
    let text = "HAProxy says that it had no free port for a connection";
    (!cites.is_empty()).then(|| Sign::new(Weight::Decisive, text, cites))
}

fn by_traffic(case: &Case<'_>) -> Option<Verdict> {
    let tried = attempt::tried(case);
    let n = attempt::n_local(&tried);
    if n == 0 {
        return None;
    }
    let mine = tried
        .iter()
        .filter(|t| t.pace != Pace::Waited && t.refused.n > 0);
    let servers: Vec<String> = mine
        .map(|t| t.server.clone())
        .filter(|s| !s.is_empty())
        .collect();
    let mut signs: Vec<Sign> = said(case).into_iter().collect();
    let bind = attempt::limits(case, &[LimitKind::SourceBind], true);
    if let Some((_, first)) = bind.first() {
        match bind_failed(case, &servers, first.cite.clone()) {
            Ok(more) => signs.extend(more),
            Err(verdict) if signs.is_empty() => return Some(verdict),
            Err(_) => {}
        }
    }
    if signs.is_empty() {
        let instant = attempt::n_instant(case, &tried);
        let denied = !attempt::denials(case).is_empty();
        return (instant > 0 && !denied).then(|| Verdict::CannotTell(attempt::local_lack(instant)));
    }
    let text = format!(
        "{} requests failed at once with a server's name and flags `SC`",
        thousands(n)
    );
    signs.push(Sign::new(
        Weight::Strong,
        text,
        case.examples(Step::Refused, 3),
    ));
    let explanation = format!(
        "HAProxy had no source port left for another connection to {}: {} requests failed inside the proxy's host, all their \
         retries at once. The servers refused nothing.",
        servers.join(", "),
        thousands(n)
    );
    Some(Verdict::Found(Finding {
        share: attempt::share(case, n),
        signs,
        servers,
        explanation,
    }))
}

/// "Cannot bind to source address" is about ports when the line has a range of them, or when the address worked meanwhile.
fn bind_failed(case: &Case<'_>, servers: &[String], cite: Cite) -> Result<Vec<Sign>, Verdict> {
    let bound = Sign::new(
        Weight::Strong,
        "HAProxy could not bind to its source address and port",
        vec![cite.clone()],
    );
    let range = sources(case, servers)
        .into_iter()
        .find(|source| has_range(&source.value));
    if let Some(source) = range {
        let cites = source.at.and_then(|at| case.bundle.config_cite(at));
        let text = format!("`source {}` has a fixed range of ports", source.value);
        return Ok(vec![
            Sign::new(Weight::Decisive, text, cites.into_iter().collect()),
            bound,
        ]);
    }
    if works_meanwhile(case, servers) {
        let text = "other requests to the same server were answered meanwhile: the source address is there, ports were short";
        return Ok(vec![bound, Sign::new(Weight::Strong, text, Vec::new())]);
    }
    Err(Verdict::against(
        "HAProxy could not bind to its source address, and nothing worked from there: the address, not a port, is missing",
        vec![cite],
    ))
}

fn sources<'a>(case: &Case<'a>, servers: &[String]) -> Vec<&'a Setting<String>> {
    let lines = servers.iter().filter_map(|name| case.server(name));
    let own = lines.filter_map(|server| server.source.as_ref());
    own.chain(case.proxy.and_then(|proxy| proxy.source.as_ref()))
        .collect()
}

/// `192.0.2.2:40000-40003`: the text after the last colon is two numbers.
fn has_range(source: &str) -> bool {
    let address = source.split_whitespace().next().unwrap_or("");
    let ports = address.rsplit_once(':').map_or("", |(_, ports)| ports);
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|c| c.is_ascii_digit());
    ports
        .split_once('-')
        .is_some_and(|(from, to)| is_number(from) && is_number(to))
}

fn works_meanwhile(case: &Case<'_>, servers: &[String]) -> bool {
    let window = &case.incident.window;
    let (Some(start), Some(end)) = (window.start, window.end) else {
        return false;
    };
    let Some(load) = case.bundle.loads.get(&case.incident.backend) else {
        return false;
    };
    servers
        .iter()
        .filter_map(|name| load.servers.get(name.as_str()))
        .flatten()
        .any(|load| {
            load.n_good > 0 && load.at + load.width >= start - MINUTE && load.at <= end + MINUTE
        })
}

fn advise(case: &Case<'_>, advice: &mut Advice) {
    let servers: Vec<String> = attempt::tried(case).into_iter().map(|t| t.server).collect();
    for source in sources(case, &servers)
        .into_iter()
        .filter(|source| has_range(&source.value))
        .take(2)
    {
        advice.reload_needed();
        advice.step(format!(
            "widen the range in `source {}`, or drop the ports and let the kernel choose",
            source.value
        ));
    }
    advice.step("see how many ports are in use towards the servers, and in which state (TIME_WAIT: connections are opened and closed too often, use keep-alive and `http-reuse safe`)");
    advice
        .step("widen `net.ipv4.ip_local_port_range`, or give the servers several source addresses");
    for server in servers.iter().take(3) {
        if let Some(address) = case.address(server) {
            advice.verify(format!("ss -tan dst {address} | awk '{{print $1}}' | sort | uniq -c    # on the proxy's host"));
        }
    }
    advice.verify("cat /proc/sys/net/ipv4/ip_local_port_range; ss -s");
    advice.caution("more retries only make it worse: each one asks for another port");
}

#[cfg(test)]
mod tests {
    use crate::testing;

    const FAILED: &str = "Jun 05 21:53:47 proxy01 haproxy[3028]: 192.0.2.50:53260 [05/Jun/2026:21:53:47.987] fe_app be_app/app1 0/0/-1/-1/0 503 217 - - SC-- 1/1/0/0/3 0/0 \"GET / HTTP/1.1\"\n";
    const GOOD: &str = "Jun 05 21:53:47 proxy01 haproxy[3028]: 192.0.2.50:53261 [05/Jun/2026:21:53:47.912] fe_app be_app/app1 0/0/0/5/5 200 217 - - ---- 1/1/0/0/0 0/0 \"GET / HTTP/1.1\"\n";
    const PORTS: &str = "Jun 05 21:53:47 proxy01 haproxy[3028]: Connect() failed for backend be_app: no free ports.\n";
    const BIND: &str = "Jun 05 21:53:47 proxy01 haproxy[3028]: Cannot bind to source address before connect() for backend be_app.\n";
    const CONFIG: &str = "frontend fe_app\n bind :80\n default_backend be_app\nbackend be_app\n server app1 10.0.10.11:8080 source 10.0.10.2:40000-40003\n";

    #[test]
    fn the_message_of_free_ports_is_found() {
        let log = format!("{PORTS}{FAILED}");
        let incident = testing::concludes(&[("haproxy.log", &log)], "local-port-exhaustion");
        assert!(incident.cause.confidence > 0.9);
    }

    #[test]
    fn a_range_of_its_own_is_found() {
        let log = format!("{BIND}{FAILED}");
        let files = [("haproxy.log", &*log), ("haproxy.cfg", CONFIG)];
        testing::concludes(&files, "local-port-exhaustion");
    }

    #[test]
    fn a_bind_that_works_for_others_lacked_a_port() {
        let log = format!("{GOOD}{BIND}{FAILED}");
        testing::concludes(&[("haproxy.log", &log)], "local-port-exhaustion");
    }

    #[test]
    fn an_address_that_never_works_is_missing_itself() {
        let log = format!("{BIND}{FAILED}");
        testing::rules_out(&[("haproxy.log", &log)], "local-port-exhaustion");
    }

    #[test]
    fn a_check_without_a_port_is_found() {
        let log = r#"Jun 05 21:53:41 proxy01 haproxy[3028]: Server be_app/app1 is DOWN, reason: Layer4 connection problem, info: "Out of local source ports on the system (Cannot assign requested address)", check duration: 0ms. 0 active and 0 backup servers left. 0 sessions active, 0 requeued, 0 remaining in queue.
Jun 05 21:53:47 proxy01 haproxy[3028]: 192.0.2.50:53260 [05/Jun/2026:21:53:47.987] fe_app be_app/<NOSRV> 0/-1/-1/-1/0 503 217 - - SC-- 1/1/0/0/0 0/0 "GET / HTTP/1.1"
"#;
        testing::concludes(&[("haproxy.log", log)], "local-port-exhaustion");
        let address = log.replace(
            "Out of local source ports on the system",
            "Can't bind to source address",
        );
        testing::rules_out(&[("haproxy.log", &address)], "local-port-exhaustion");
    }

    #[test]
    fn without_a_message_it_cannot_tell() {
        let incident = testing::concludes(&[("haproxy.log", FAILED)], "insufficient-evidence");
        assert!(
            incident
                .possible
                .iter()
                .any(|p| p.id == "local-port-exhaustion")
        );
    }
}
