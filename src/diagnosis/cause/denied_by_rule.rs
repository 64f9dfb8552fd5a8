//! A rule of HAProxy itself answered 503: `deny`, `return`, `tarpit`, a monitor.
//!
//! Looks alike: no route (`SC`, `TR` -1) and an empty pool (`SC`) show `<NOSRV>` too, with other flags; the page is the same.
//! Known gap: which of several rules matched needs the request's headers; an answer of `monitor-uri` is never logged.

use crate::base::Cite;
use crate::base::printable;
use crate::base::thousands;
use crate::capture::Capture;
use crate::capture::Curl;
use crate::config::Proxy;
use crate::config::Rule;
use crate::diagnosis::Advice;
use crate::diagnosis::Case;
use crate::diagnosis::Cause;
use crate::diagnosis::Finding;
use crate::diagnosis::Sign;
use crate::diagnosis::Verdict;
use crate::diagnosis::Weight;
use crate::diagnosis::counting;
use crate::evidence::Step;
use crate::incident::Basis;
use std::collections::BTreeSet;

pub(super) const CAUSE: Cause = Cause {
    id: "denied-by-rule",
    title: "a rule of HAProxy itself answered 503",
    why: "`http-request deny deny_status 503`, `return status 503` and `tarpit` answer in place of a server; the log shows flags \
          `PR`, `LR` or `PT`. In a frontend this happens before a backend is chosen, so the backend field is the frontend's own \
          name. No server was asked.",
    fix: "change that rule or its condition, if it is not meant",
    evidence: "flags `P…` or `L…` with status 503; a rule with that status in the configuration",
    source: "configuration manual 3.2, \"Stream state at disconnection\"; HAProxy src/http_ana.c, src/http_act.c",
    blames: None,
    examine,
    advise,
};

const STEPS: [Step; 2] = [Step::Denied, Step::Local];

fn examine(case: &Case<'_>) -> Verdict {
    let n: u64 = STEPS.iter().map(|&step| case.incident.n_step(step)).sum();
    if n == 0 {
        return by_monitor(case).unwrap_or_else(|| {
            let cites = case.dominant().map(|step| case.examples(step, 1));
            let why = "no failed request has the flags of a rule's answer (`P…`, `L…`)";
            Verdict::against(why, cites.unwrap_or_default())
        });
    }
    let name = &case.incident.backend;
    let cites = STEPS
        .iter()
        .flat_map(|&step| case.examples(step, 2))
        .collect();
    let text = format!(
        "{} requests of {name} ended with flags of a rule's own answer (`P…` or `L…`)",
        thousands(n)
    );
    let mut signs = vec![Sign::new(Weight::Decisive, text, cites)];
    let rules = rules(case);
    let mut which = String::new();
    if let Some((_, rule)) = rules.first() {
        let cites: Vec<Cite> = rules
            .iter()
            .filter_map(|(_, r)| case.bundle.config_cite(r.at))
            .take(4)
            .collect();
        signs.push(Sign::new(
            Weight::Strong,
            "the configuration has a rule that answers 503",
            cites,
        ));
        which = match rules.len() {
            1 => format!(" The rule is `{}`.", words(rule)),
            more => format!(
                " {more} rules can answer 503, the first is `{}`.",
                words(rule)
            ),
        };
    }
    let asked = servers(case);
    let server = if asked.is_empty() {
        "No server was asked".to_owned()
    } else {
        format!("The answers of {} were replaced", asked.join(", "))
    };
    let whose = match counting::sentence(&counting::lost(case, rules)) {
        none if none.is_empty() => ", so none is at fault.".to_owned(),
        lost => format!(".{lost}"),
    };
    let explanation = format!(
        "A rule of HAProxy itself answered {} requests of {name} with 503, before or in place of a server.{which} {server}{whose}",
        thousands(n)
    );
    Verdict::Found(Finding {
        share: case.share(&STEPS),
        signs,
        servers: Vec::new(),
        explanation,
    })
}

/// Servers whose answers an `http-response` rule replaced (`PH`, `LH`).
fn servers(case: &Case<'_>) -> Vec<String> {
    let keys = case
        .incident
        .failures
        .keys()
        .filter(|key| STEPS.contains(&key.step));
    let named = keys.filter(|key| !key.server.starts_with(b"<"));
    let names: BTreeSet<String> = named.map(|key| printable(&key.server)).collect();
    names.into_iter().take(4).collect()
}

fn proxies<'a>(case: &Case<'a>) -> Vec<&'a Proxy> {
    let Some(config) = case.bundle.config() else {
        return Vec::new();
    };
    let front = config.frontend(&case.incident.frontend);
    let same = |proxy: &&Proxy| front.is_none_or(|front| front.at != proxy.at);
    front.into_iter().chain(case.proxy.filter(same)).collect()
}

/// Rules of the frontend and the backend that answer 503.
fn rules<'a>(case: &Case<'a>) -> Vec<(&'a Proxy, &'a Rule)> {
    let proxies = proxies(case).into_iter();
    proxies
        .flat_map(|proxy| proxy.rules.iter().map(move |rule| (proxy, rule)))
        .filter(|(_, rule)| {
            let answers = matches!(
                rule.words.get(1).map(String::as_str),
                Some("deny" | "return" | "tarpit")
            );
            answers && rule.words.iter().skip(2).any(|word| word == "503")
        })
        .collect()
}

fn words(rule: &Rule) -> String {
    let all: Vec<&str> = rule
        .words
        .iter()
        .chain(&rule.condition)
        .map(String::as_str)
        .collect();
    all.join(" ")
}

/// A saved answer of `monitor-uri`: 503 while a `monitor fail` condition holds.
fn by_monitor(case: &Case<'_>) -> Option<Verdict> {
    let config = case
        .bundle
        .config()
        .filter(|_| case.incident.basis == Basis::Captures)?;
    let mut failing = config
        .proxies
        .iter()
        .filter(|proxy| !proxy.monitor_fail.is_empty());
    let docs = &case.bundle.documents.captures;
    failing.find_map(|proxy| {
        let uri = &proxy.monitor_uri.as_ref()?.value;
        let doc = docs.iter().find(|doc| matches!(&doc.capture, Capture::Curl(curl) if asks(curl, uri)))?;
        let Capture::Curl(curl) = &doc.capture else {
            return None;
        };
        let fail = proxy.monitor_fail.first()?;
        let cites = [Some(case.bundle.documents.cite(doc.source, curl.at)), case.bundle.config_cite(fail.at)];
        let text = format!("{uri} is the monitor of {} and answered 503: its `monitor fail` condition held", proxy.name);
        let explanation = format!(
            "The saved 503 is the answer of `monitor-uri {uri}` of {}: `{}` held. It tells a load balancer in front to look \
             elsewhere; the condition, not a request, failed.",
            proxy.name,
            words(fail)
        );
        Some(Verdict::Found(Finding {
            share: 1.0,
            signs: vec![Sign::new(Weight::Strong, text, cites.into_iter().flatten().collect())],
            servers: Vec::new(),
            explanation,
        }))
    })
}

fn asks(curl: &Curl, uri: &str) -> bool {
    let rest = curl
        .url
        .split_once("://")
        .map_or(&*curl.url, |(_, rest)| rest);
    let path = rest.find('/').and_then(|at| rest.get(at..));
    curl.status == Some(503) && path == Some(uri)
}

fn advise(case: &Case<'_>, advice: &mut Advice) {
    for (proxy, rule) in rules(case).into_iter().take(3) {
        advice.reload_needed();
        advice.step(format!("in {}: decide whether `{}` is meant for these requests, and change it or its condition if not", proxy.name, words(rule)));
    }
    if !advice.reload {
        advice.step("find the rule that answers 503: `grep -nE 'deny_status 503|status 503|tarpit|lua' /etc/haproxy/haproxy.cfg`");
    }
    advice
        .caution("a rule that answers 503 may be a switch for maintenance: ask before removing it");
}

#[cfg(test)]
mod tests {
    use crate::testing;

    const LINE: &str = "Jun 05 21:53:47 proxy01 haproxy[3028]: 192.0.2.50:53260 [05/Jun/2026:21:53:47.987] fe_app fe_app/<NOSRV> 0/-1/-1/-1/0 503 217 - - PR-- 1/1/0/0/0 0/0 \"GET /admin HTTP/1.1\"\n";
    const CONFIG: &str = "frontend fe_app\n bind :80\n http-request deny deny_status 503 if { path_beg /admin }\n default_backend be_app\nbackend be_app\n server app1 10.0.10.11:8080 check\n";

    #[test]
    fn a_denied_request_is_found_with_its_rule() {
        let files = [("haproxy.log", LINE), ("haproxy.cfg", CONFIG)];
        let incident = testing::concludes(&files, "denied-by-rule");
        assert!(incident.cause.confidence > 0.9);
        assert!(
            incident
                .cause
                .explanation
                .contains("deny_status 503 if { path_beg /admin }")
        );
        assert!(incident.servers.iter().all(|server| server.cause.is_none()));
    }

    #[test]
    fn an_answer_of_return_is_found_without_configuration() {
        let line = LINE.replace("PR--", "LR--");
        testing::concludes(&[("haproxy.log", &line)], "denied-by-rule");
    }

    #[test]
    fn no_route_and_an_empty_pool_are_no_rule() {
        let line = LINE
            .replace("0/-1/-1/-1/0", "-1/-1/-1/-1/0")
            .replace("PR--", "SC--");
        testing::rules_out(
            &[("haproxy.log", &line), ("haproxy.cfg", CONFIG)],
            "denied-by-rule",
        );
        let line = LINE
            .replace("fe_app/<NOSRV>", "be_app/<NOSRV>")
            .replace("PR--", "SC--");
        testing::rules_out(
            &[("haproxy.log", &line), ("haproxy.cfg", CONFIG)],
            "denied-by-rule",
        );
    }

    #[test]
    fn a_monitor_that_fails_is_a_rule() {
        let config = CONFIG.replace(
            " default_backend",
            " monitor-uri /alive\n monitor fail if { nbsrv(be_app) lt 1 }\n default_backend",
        );
        let curl = "$ curl -i http://192.0.2.1/alive\nHTTP/1.1 503 Service Unavailable\ncontent-length: 107\ncache-control: no-cache\ncontent-type: text/html\n\n<html><body><h1>503 Service Unavailable</h1>\nNo server is available to handle this request.\n</body></html>\n";
        testing::concludes(
            &[("curl.txt", curl), ("haproxy.cfg", &config)],
            "denied-by-rule",
        );
    }

    #[test]
    fn a_page_alone_cannot_tell() {
        let curl = "$ curl -i http://192.0.2.1/\nHTTP/1.1 503 Service Unavailable\ncontent-length: 107\ncache-control: no-cache\ncontent-type: text/html\n\n<html><body><h1>503 Service Unavailable</h1>\nNo server is available to handle this request.\n</body></html>\n";
        testing::concludes(&[("curl.txt", curl)], "insufficient-evidence");
    }
}
