//! No `use_backend` rule matched and there is no `default_backend`: HAProxy has nowhere to send the request.
//!
//! Looks alike: `be/<NOSRV>` of a pool without usable server has `TR` ≥ 0; a rule's own answer has flags `PR` or `LR`; a
//! `listen` section logs its own name as backend too, but chooses among its own servers.
//! Known gap: a disabled backend that was chosen also logs `TR` −1 (up to 3.3), under its own name.

use crate::base::counted;
use crate::config::ProxyKind;
use crate::diagnosis::Advice;
use crate::diagnosis::Case;
use crate::diagnosis::Cause;
use crate::diagnosis::Finding;
use crate::diagnosis::Sign;
use crate::diagnosis::Verdict;
use crate::diagnosis::Weight;
use crate::diagnosis::cause::misrouted::correct;
use crate::diagnosis::cause::misrouted::missed;
use crate::diagnosis::host_of;
use crate::diagnosis::intended::intended;
use crate::evidence::Step;

pub(super) const CAUSE: Cause = Cause {
    id: "no-route",
    title: "no rule chose a backend",
    why: "`use_backend` rules are tried in order, then `default_backend`. When neither chooses, HAProxy answers 503 in the \
          frontend's own name; the log shows `frontend/<NOSRV>`, flags `SC`, and `TR` -1 although the request was complete.",
    fix: "add the missing `use_backend` rule, or a `default_backend`",
    evidence: "flags `SC`, `TR` -1, backend field equal to the frontend's name, and no `listen` section of that name",
    source: "HAProxy src/stream.c (process_switching_rules), src/http_ana.c; seen on 1.8 to 3.4",
    blames: None,
    examine,
    advise,
};

fn examine(case: &Case<'_>) -> Verdict {
    let share = case.share(&[Step::NoRoute]);
    let tally = case.step(Step::NoRoute);
    let Some(first) = tally.first.clone() else {
        let cites = case
            .dominant()
            .map(|step| case.examples(step, 1))
            .unwrap_or_default();
        return Verdict::against(
            "the failed requests were given a backend, or were answered by a rule",
            cites,
        );
    };
    let name = &case.incident.backend;
    let n = counted(tally.n, "request");
    let mut signs = vec![Sign::new(
        Weight::Decisive,
        format!("{n} ended at `{name}/<NOSRV>` with `SC` and `TR` -1: no backend was chosen"),
        vec![first],
    )];
    let section = case
        .bundle
        .config()
        .and_then(|config| config.frontend(name));
    let mut why = String::new();
    match section {
        Some(proxy) if proxy.kind == ProxyKind::Listen => {
            let cites = case.bundle.config_cite(proxy.at).into_iter().collect();
            let text = format!("{name} is a `listen` section: it has servers of its own");
            signs.push(Sign::new(Weight::Contradicting, text, cites));
        }
        Some(proxy) if proxy.default_backend.is_none() => {
            let cites = case.bundle.config_cite(proxy.at).into_iter().collect();
            let n_rules = proxy.use_backend.len();
            why = format!(
                " The configuration has {n_rules} `use_backend` rules for {name} and no `default_backend`."
            );
            signs.push(Sign::new(
                Weight::Strong,
                format!("{name} has no `default_backend`"),
                cites,
            ));
        }
        _ => {}
    }
    if let Some((text, sign)) = nearest(case) {
        why.push_str(&text);
        signs.push(sign);
    }
    let explanation = format!(
        "{n} matched no `use_backend` rule of {name}, which has no default: HAProxy had no backend to send them to \
         and answered 503 itself. No server was asked, so none is at fault.{why}"
    );
    Verdict::Found(Finding {
        share,
        signs,
        servers: Vec::new(),
        explanation,
    })
}

/// The rule that should have matched, when another spelling of the request leads to one.
fn nearest(case: &Case<'_>) -> Option<(String, Sign)> {
    let best = intended(case).first()?;
    let text = missed(best);
    let at = best.clause.as_ref().map_or(best.rule, |clause| clause.at);
    let places = [Some(best.rule), Some(at).filter(|at| *at != best.rule)];
    let cites = places.into_iter().flatten();
    let cites = cites.filter_map(|at| case.bundle.config_cite(at)).collect();
    let why = format!(" The nearest rule leads to {}: {text}.", best.backend);
    Some((why, Sign::new(Weight::Weak, text, cites)))
}

fn advise(case: &Case<'_>, advice: &mut Advice) {
    advice.reload_needed();
    if let Some(best) = intended(case).first() {
        correct(best, advice);
        return;
    }
    for (route, _) in case.incident.routes.iter().take(3) {
        let host = host_of(case, route).unwrap_or_else(|| route.captures.clone());
        advice.step(format!(
            "decide where `{host}{}` belongs, and add the rule (or a `default_backend`)",
            route.path
        ));
    }
}

#[cfg(test)]
mod tests {
    use crate::testing;

    const LINE: &str = "Jun 05 21:53:47 proxy01 haproxy[3028]: 192.0.2.50:53260 [05/Jun/2026:21:53:47.987] fe_app fe_app/<NOSRV> -1/-1/-1/-1/0 503 217 - - SC-- 1/1/0/0/0 0/0 \"GET /shop HTTP/1.1\"\n";

    #[test]
    fn a_request_that_no_rule_knows_is_found() {
        let config = "frontend fe_app\n bind :80\n use_backend be_app if { hdr(host) www.example.com }\nbackend be_app\n server app1 10.0.10.11:8080 check\n";
        let files = [("haproxy.log", LINE), ("haproxy.cfg", config)];
        let incident = testing::concludes(&files, "no-route");
        assert!(incident.cause.confidence > 0.9);
        assert!(incident.cause.explanation.contains("no `default_backend`"));
    }

    #[test]
    fn an_empty_pool_has_a_route() {
        let line = LINE.replace("fe_app/<NOSRV> -1/", "be_app/<NOSRV> 0/");
        testing::rules_out(&[("haproxy.log", &line)], "no-route");
    }

    #[test]
    fn a_rule_that_answers_is_no_missing_route() {
        let line = LINE
            .replace("SC--", "PR--")
            .replace("-1/-1/-1/-1/0", "0/-1/-1/-1/0");
        testing::rules_out(&[("haproxy.log", &line)], "no-route");
    }

    #[test]
    fn a_listen_section_chooses_among_its_own_servers() {
        let config = "listen fe_app\n bind :80\n mode http\n server app1 10.0.10.11:8080 check\n";
        let files = [("haproxy.log", LINE), ("haproxy.cfg", config)];
        testing::concludes(&files, "insufficient-evidence");
    }

    const CONFIG: &str = "\
frontend fe_app
    mode http
    bind *:80
    capture request header Host len 64
    use_backend be_app if { hdr(host) www.example.com }
backend be_app
    mode http
    server app1 192.0.2.11:80 check
";

    fn line(frontend: &str, host: &str) -> String {
        format!(
            "Jun  5 10:00:00 proxy01 haproxy[12]: 192.0.2.7:40000 [05/Jun/2026:10:00:00.100] {frontend} {frontend}/<NOSRV> \
             -1/-1/-1/-1/0 503 217 - - SC-- 1/1/0/0/0 0/0 {{{host}}} \"GET / HTTP/1.1\"\n"
        )
    }

    #[test]
    fn the_nearest_rule_is_named_with_what_differs() {
        let log = line("fe_app", "example.com");
        let incident = testing::concludes(
            &[("haproxy.cfg", CONFIG), ("haproxy.log", &log)],
            "no-route",
        );
        let text = &incident.cause.explanation;
        assert!(
            text.contains("line 5") && text.contains("lacks `www.`"),
            "{text}"
        );
    }

    #[test]
    fn a_host_that_no_rule_is_near_to_is_told_as_it_is() {
        let log = line("fe_app", "shop.example.com");
        let incident = testing::concludes(
            &[("haproxy.cfg", CONFIG), ("haproxy.log", &log)],
            "no-route",
        );
        assert!(
            !incident.cause.explanation.contains("nearest"),
            "{}",
            incident.cause.explanation
        );
        assert!(
            incident
                .fix
                .steps
                .iter()
                .any(|s| s.contains("shop.example.com")),
            "{:?}",
            incident.fix.steps
        );
    }

    #[test]
    fn a_listen_section_has_servers_of_its_own() {
        let config = "listen app\n mode http\n bind *:80\n server app1 192.0.2.11:80 check\n";
        let log = line("app", "www.example.com");
        testing::concludes(
            &[("haproxy.cfg", config), ("haproxy.log", &log)],
            "insufficient-evidence",
        );
    }

    #[test]
    fn a_pool_without_usable_server_had_a_route() {
        let log = line("fe_app", "www.example.com")
            .replace("fe_app/<", "be_app/<")
            .replace(" -1/-1/-1/-1/0", " 0/-1/-1/-1/0");
        testing::rules_out(
            &[("haproxy.cfg", CONFIG), ("haproxy.log", &log)],
            "no-route",
        );
    }
}
