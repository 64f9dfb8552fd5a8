//! The server itself answered 503; HAProxy only passed it on.
//!
//! Looks alike: `http-response set-status 503` leaves the same line; an answer that a rule replaced has flags `PH` or `LH`.
//! Known gap: the server may be a proxy itself, whose own 503 this is: its log tells.

use crate::base::thousands;
use crate::capture::Author;
use crate::capture::Capture;
use crate::config::Proxy;
use crate::config::Rule;
use crate::diagnosis::Advice;
use crate::diagnosis::Case;
use crate::diagnosis::Cause;
use crate::diagnosis::Finding;
use crate::diagnosis::Sign;
use crate::diagnosis::Verdict;
use crate::diagnosis::Weight;
use crate::evidence::Step;
use crate::incident::State;

pub(super) const CAUSE: Cause = Cause {
    id: "application-503",
    title: "the servers themselves answered 503",
    why: "The request reached a server, and the server's answer was 503: an application in maintenance, overloaded, or without \
          its own backends. HAProxy relays it unchanged; its checks may still pass, since they ask another page.",
    fix: "look at the application's log at that time: maintenance mode, worker pool, database or upstream",
    evidence: "flags `----`, a server's name, all timers present (`Tr` 0 or more)",
    source: "configuration manual 3.2, \"Stream state at disconnection\"; HAProxy src/http_ana.c",
    blames: None,
    examine,
    advise,
};

/// Servers named in the text.
const NAMED_MAX: usize = 4;

fn examine(case: &Case<'_>) -> Verdict {
    let tally = case.step(Step::Application);
    if tally.n == 0 {
        let cites = case.dominant().map(|step| case.examples(step, 1));
        return Verdict::against(
            "no failed request shows an answer of a server (`----` with all timers)",
            cites.unwrap_or_default(),
        );
    }
    let servers: Vec<String> = case.step_by_server(Step::Application).into_keys().collect();
    let n = thousands(tally.n);
    let names = match servers.len() {
        0..=NAMED_MAX => servers.join(", "),
        more => format!("{more} servers"),
    };
    let text =
        format!("{n} requests show {names}, all timers and `----`: the 503 came from the server");
    let mut signs = vec![Sign::new(
        Weight::Decisive,
        text,
        case.examples(Step::Application, 3),
    )];
    signs.extend(by_curl(case));
    signs.extend(were_up(case, &servers));
    if let Some(rule) = set_status(case) {
        let cites = case.bundle.config_cite(rule.at).into_iter().collect();
        let text = "a rule sets the status of answers to 503: the line looks the same when HAProxy changed it";
        signs.push(Sign::new(Weight::Contradicting, text, cites));
    }
    let again = if tally.retries_max > 0 {
        " Some were tried again (`retry-on`) and answered 503 again."
    } else {
        ""
    };
    let explanation = format!(
        "{names} of {} answered {n} requests with 503; HAProxy passed these answers on (`----`, response time present).{again} \
         The proxy, its checks and its routing are not at fault.",
        case.incident.backend
    );
    Verdict::Found(Finding {
        share: case.share(&[Step::Application]),
        signs,
        servers,
        explanation,
    })
}

/// A saved 503 with a page or headers that are not HAProxy's.
fn by_curl(case: &Case<'_>) -> Option<Sign> {
    case.bundle
        .documents
        .captures
        .iter()
        .find_map(|doc| match &doc.capture {
            Capture::Curl(curl) if curl.status == Some(503) && curl.author == Author::Server => {
                let cite = case.bundle.documents.cite(doc.source, curl.at);
                let text = "a saved 503 has headers or a page that are not HAProxy's";
                Some(Sign::new(Weight::Strong, text, vec![cite]))
            }
            _ => None,
        })
}

/// Dumps that show the servers UP.
fn were_up(case: &Case<'_>, servers: &[String]) -> Option<Sign> {
    let stories = servers.iter().filter_map(|name| case.story(name));
    let rows = stories.filter_map(|story| {
        story
            .snapshots
            .iter()
            .find(|row| row.state == Some(State::Up))
    });
    let cites: Vec<_> = rows.map(|row| row.cite.clone()).take(NAMED_MAX).collect();
    (!cites.is_empty()).then(|| Sign::new(Weight::Weak, "a dump shows the servers UP", cites))
}

/// A rule of the frontend or the backend that turns answers into 503.
fn set_status<'a>(case: &Case<'a>) -> Option<&'a Rule> {
    let config = case.bundle.config()?;
    let front = config.frontend(&case.incident.frontend);
    let proxies = front.into_iter().chain(case.proxy);
    proxies.flat_map(|proxy: &Proxy| &proxy.rules).find(|rule| {
        rule.words.get(1).is_some_and(|word| word == "set-status")
            && rule.words.get(2).is_some_and(|word| word == "503")
    })
}

fn advise(case: &Case<'_>, advice: &mut Advice) {
    for server in case
        .step_by_server(Step::Application)
        .into_keys()
        .take(NAMED_MAX)
    {
        advice.step(format!("on the host of {server}: read the application's log at that time (maintenance mode, worker pool, database, an upstream of its own)"));
        if let (Some(address), Some((route, _))) =
            (case.address(&server), case.incident.routes.first())
        {
            let host = crate::diagnosis::host_of(case, route);
            let host = host
                .map(|host| format!(" -H 'Host: {host}'"))
                .unwrap_or_default();
            advice.verify(format!("curl -i -sS --max-time 5{host} http://{address}{}    # {server} directly, past HAProxy", route.path));
        }
    }
    advice.caution("if only some servers do it, drain those; taking all of them out turns a server's 503 into HAProxy's");
}

#[cfg(test)]
mod tests {
    use crate::testing;

    const LINE: &str = "Jun 05 21:53:47 proxy01 haproxy[3028]: 192.0.2.50:53260 [05/Jun/2026:21:53:47.987] fe_app be_app/app1 0/0/1/12/13 503 352 - - ---- 1/1/0/0/0 0/0 \"GET /cart HTTP/1.1\"\n";

    #[test]
    fn an_answer_of_the_server_is_found() {
        let incident = testing::concludes(&[("haproxy.log", LINE)], "application-503");
        assert!(incident.cause.confidence > 0.9);
        assert_eq!(
            incident.servers[0].cause.as_deref(),
            Some("application-503")
        );
    }

    #[test]
    fn a_rule_that_sets_the_status_makes_it_undecided() {
        let config = "frontend fe_app\n bind :80\n default_backend be_app\nbackend be_app\n http-response set-status 503 if { status 500 }\n server app1 10.0.10.11:8080 check\n";
        let files = [("haproxy.log", LINE), ("haproxy.cfg", config)];
        let incident = testing::concludes(&files, "insufficient-evidence");
        assert!(incident.possible.iter().any(|p| p.id == "application-503"));
    }

    #[test]
    fn an_answer_that_a_rule_replaced_is_not_the_applications() {
        let line = LINE.replace("----", "LH--");
        let incident = testing::rules_out(&[("haproxy.log", &line)], "application-503");
        assert_eq!(incident.cause.id, "denied-by-rule");
    }

    #[test]
    fn a_refused_connection_is_no_answer() {
        let line = LINE
            .replace("0/0/1/12/13", "0/0/-1/-1/3003")
            .replace("----", "SC--");
        testing::rules_out(&[("haproxy.log", &line)], "application-503");
    }
}
