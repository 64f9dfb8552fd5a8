//! The way of a request through a frontend's rules, its `use_backend` rules, and the rules of the backend.
//!
//! Order: `tcp-request`, the monitor, `http-request` (always before `use_backend`, wherever it stands), statistics,
//! `redirect`, `use_backend`, `default_backend`; then the same of the backend.
//! Source: HAProxy `src/http_ana.c` (http_process_req_common), `src/stream.c` (process_switching_rules).

use crate::base::Place;
use crate::config::Config;
use crate::config::Mode;
use crate::config::Proxy;
use crate::config::ProxyKind;
use crate::config::Rule;
use crate::config::names_secret;
use crate::route::Doubt;
use crate::route::Outcome;
use crate::route::Request;
use crate::route::Step;
use crate::route::Trace;
use crate::route::Truth;
use crate::route::access;
use crate::route::access::End;
use crate::route::condition;
use crate::route::name::filled;
use crate::route::name::is_dynamic;
use crate::route::regex::Regexes;
use crate::route::rewrite;
use crate::route::sample::Samples;
use crate::route::scene::Scene;
use std::collections::BTreeMap;

/// Traces one request.
pub(super) fn walk(config: &Config, regexes: &Regexes, frontend: &str, request: &Request) -> Trace {
    let Some(proxy) = config.frontend(frontend) else {
        return Trace {
            steps: Vec::new(),
            outcome: Outcome::NoFrontend,
        };
    };
    let mut walk = Walk {
        config,
        regexes,
        frontend: proxy,
        request: request.clone(),
        vars: BTreeMap::new(),
        steps: Vec::new(),
        maybe: Vec::new(),
    };
    let end = walk.run();
    walk.maybe.push(end);
    let mut seen = Vec::new();
    walk.maybe.retain(|end| {
        let is_new = !seen.contains(end);
        seen.push(end.clone());
        is_new
    });
    let outcome = match walk.maybe.as_slice() {
        [one] => one.clone(),
        _ => Outcome::Undecidable(walk.maybe),
    };
    Trace {
        steps: walk.steps,
        outcome,
    }
}

struct Walk<'a> {
    config: &'a Config,
    regexes: &'a Regexes,
    frontend: &'a Proxy,
    request: Request,
    vars: BTreeMap<String, Samples>,
    steps: Vec<Step>,
    /// Ends of rules whose condition is undecidable.
    maybe: Vec<Outcome>,
}

impl<'a> Walk<'a> {
    fn run(&mut self) -> Outcome {
        let frontend = self.frontend;
        if let Some(end) = self.rules(frontend) {
            return end;
        }
        let chosen = self.switch();
        let Outcome::Backend { name, .. } = &chosen else {
            return chosen;
        };
        match self.config.backend(name) {
            Some(backend) if backend.kind != ProxyKind::Listen || backend.at != frontend.at => {
                self.rules(backend).unwrap_or(chosen)
            }
            _ => chosen,
        }
    }

    /// The rules of one proxy up to the one that ends the request.
    fn rules(&mut self, proxy: &'a Proxy) -> Option<Outcome> {
        let is_http = proxy.mode.value == Mode::Http;
        let of = |keyword: &'static str| {
            move |rule: &&Rule| rule.words.first().is_some_and(|w| w == keyword)
        };
        let tcp = proxy.rules.iter().filter(of("tcp-request"));
        let mut end = self.pass(proxy, tcp.clone().filter(|r| !is_content(r)));
        end = end.or_else(|| self.pass(proxy, tcp.filter(is_content)));
        if end.is_some() || !is_http {
            return end;
        }
        let monitored = access::is_monitored(proxy, &self.request);
        if let Some(uri) = proxy.monitor_uri.as_ref().and_then(|uri| uri.at) {
            end = self.built_in(proxy, uri, "monitor-uri", monitored);
        }
        let old = |rule: &&Rule| {
            let keyword = rule.words.first().map_or("", String::as_str);
            keyword == "block" || keyword.starts_with("req")
        };
        end = end
            .or_else(|| self.pass(proxy, proxy.rules.iter().filter(old)))
            .or_else(|| self.pass(proxy, proxy.rules.iter().filter(of("http-request"))));
        if let Some(at) = proxy.stats {
            let stats = access::is_stats(proxy, &self.request);
            end = end.or_else(|| self.built_in(proxy, at, "stats", stats));
        }
        end.or_else(|| self.pass(proxy, proxy.rules.iter().filter(of("redirect"))))
    }

    /// Rules of one kind in order.
    fn pass(&mut self, proxy: &Proxy, rules: impl Iterator<Item = &'a Rule>) -> Option<Outcome> {
        // Whether an `allow` before ended the search.
        let mut unsure = None;
        for rule in rules {
            let (mut value, effect) = self.meet(proxy, rule);
            if value == Truth::False {
                continue;
            }
            if let (Truth::True, Some(doubt)) = (&value, &unsure) {
                value = Truth::Undecidable(Doubt::clone(doubt));
            }
            let answered = || Outcome::AnsweredByRule {
                at: rule.at,
                proxy: proxy.name.clone(),
                what: rule.words.join(" "),
            };
            match (access::end(&rule.words), &value) {
                (End::Answers, Truth::True) => return Some(answered()),
                (End::Answers, _) => self.maybe.push(answered()),
                (End::StopsHere, Truth::True) => return None,
                (End::StopsHere, Truth::Undecidable(doubt)) => unsure = Some(doubt.clone()),
                (End::StopsHere, Truth::False) => {}
                (End::GoesOn, _) => {
                    let effect = effect.map(|change| {
                        rewrite::apply(&mut self.request, &mut self.vars, change, &value)
                    });
                    if let (Some(step), Some(effect)) = (self.steps.last_mut(), effect) {
                        let is_secret = rule.words.iter().any(|word| names_secret(word));
                        step.effect = if is_secret { String::new() } else { effect };
                    }
                }
            }
        }
        None
    }

    /// Evaluates a rule, notes the step, and tells what it would change.
    fn meet(&mut self, proxy: &Proxy, rule: &Rule) -> (Truth, Option<rewrite::Change>) {
        let scene = self.scene();
        let (value, alternatives) = condition::evaluate(scene, proxy, rule);
        let keyword = rule.words.first().map_or("", String::as_str);
        let change = match keyword {
            _ if value == Truth::False => None,
            "http-request" => rewrite::change(scene, rule.words.get(1..).unwrap_or_default()),
            "tcp-request" => rewrite::change(scene, rule.words.get(2..).unwrap_or_default()),
            _ if rewrite::is_old_rewrite(keyword) => Some(rewrite::Change::Everything),
            _ => None,
        };
        self.steps.push(Step {
            at: rule.at,
            proxy: proxy.name.clone(),
            rule: rule.words.join(" "),
            condition: rule.condition.join(" "),
            alternatives,
            value: value.clone(),
            effect: String::new(),
        });
        (value, change)
    }

    fn built_in(&mut self, proxy: &Proxy, at: Place, what: &str, value: Truth) -> Option<Outcome> {
        if value == Truth::False {
            return None;
        }
        let end = Outcome::AnsweredByRule {
            at,
            proxy: proxy.name.clone(),
            what: what.to_owned(),
        };
        self.steps.push(Step {
            at,
            proxy: proxy.name.clone(),
            rule: what.to_owned(),
            condition: String::new(),
            alternatives: Vec::new(),
            value: value.clone(),
            effect: String::new(),
        });
        if value == Truth::True {
            return Some(end);
        }
        self.maybe.push(end);
        None
    }

    fn scene(&self) -> Scene<'_> {
        Scene {
            request: &self.request,
            vars: &self.vars,
            regexes: self.regexes,
            frontend: self.frontend,
        }
    }

    /// `use_backend` rules, then `default_backend`, then the section's own servers.
    fn switch(&mut self) -> Outcome {
        let frontend = self.frontend;
        for rule in &frontend.use_backend {
            let (value, _) = self.meet(frontend, rule);
            if value == Truth::False {
                continue;
            }
            let name = rule.words.get(1).map_or("", String::as_str);
            let chosen = self.named(rule.at, name);
            let effect = match &chosen {
                Some(Outcome::Backend { name, .. }) => format!("chooses {name}"),
                Some(_) => self.unknown_name(name),
                None => "names no backend: the rules after it are not looked at".to_owned(),
            };
            if let Some(step) = self.steps.last_mut() {
                step.effect = effect;
            }
            match (chosen, value) {
                // A name that no backend has ends the search: `default_backend` follows.
                (None, Truth::True) => break,
                (None, _) => self.maybe.push(self.default()),
                (Some(end @ Outcome::SomeBackend { .. }), Truth::True) => {
                    self.maybe.push(end);
                    break;
                }
                (Some(end), Truth::True) => return end,
                (Some(end), _) => self.maybe.push(end),
            }
        }
        self.default()
    }

    fn unknown_name(&self, name: &str) -> String {
        let why = match filled(self.scene(), name) {
            Err(doubt) => doubt.words(),
            Ok(_) => "only its beginning is known".to_owned(),
        };
        format!("chooses a backend whose name is not known: {why}")
    }

    /// The backend that a rule names; `None`: there is none of that name.
    fn named(&self, at: Place, name: &str) -> Option<Outcome> {
        let some = || Outcome::SomeBackend {
            by: at,
            name: name.to_owned(),
        };
        let found = |name: String| Outcome::Backend { name, by: Some(at) };
        if !is_dynamic(name) {
            return Some(found(name.to_owned()));
        }
        match filled(self.scene(), name) {
            Ok((name, true)) => self.config.backend(&name).map(|_| found(name)),
            Ok((_, false)) | Err(_) => Some(some()),
        }
    }

    fn default(&self) -> Outcome {
        let frontend = self.frontend;
        match &frontend.default_backend {
            Some(default) => Outcome::Backend {
                name: default.value.clone(),
                by: default.at,
            },
            None if frontend.kind == ProxyKind::Listen => Outcome::Backend {
                name: frontend.name.clone(),
                by: None,
            },
            None => Outcome::NoRoute,
        }
    }
}

fn is_content(rule: &&Rule) -> bool {
    rule.words.get(1).is_some_and(|word| word == "content")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Text;
    use crate::config::parse;
    use crate::route::Field;
    use crate::route::trace;

    fn request() -> Request {
        let mut request = Request {
            method: Field::is("GET"),
            path: Field::is("/app/x"),
            query: Field::Absent,
            origin: Field::Absent,
            ..Request::default()
        };
        request.set_header("host", Field::is("www.example.com"));
        request
    }

    fn traced(frontend: &str) -> Trace {
        let text = format!(
            "frontend fe_app\n mode http\n{frontend}\nbackend be_app\n mode http\n http-request deny if {{ path_beg /app/secret }}\n\
             backend be_old\n mode http\n"
        );
        trace(&parse(Text::new(text.as_bytes())), "fe_app", &request())
    }

    #[track_caller]
    fn check(frontend: &str, expected: &str) {
        let trace = traced(frontend);
        let ends: Vec<String> = trace
            .outcome
            .ends()
            .iter()
            .map(|end| match end {
                Outcome::Backend { name, by } => format!("{name}:{}", by.map_or(0, |at| at.line)),
                Outcome::AnsweredByRule { at, .. } => format!("answer:{}", at.line),
                Outcome::SomeBackend { by, .. } => format!("some:{}", by.line),
                Outcome::NoRoute => "none".to_owned(),
                other => format!("{other:?}"),
            })
            .collect();
        assert_eq!(ends.join(" "), expected, "{:#?}", trace.steps);
    }

    #[test]
    fn the_first_rule_that_applies_chooses_then_the_default() {
        check(
            " use_backend be_app if { path_beg /app }\n default_backend be_old",
            "be_app:3",
        );
        check(
            " use_backend be_app if { path_beg /App }\n default_backend be_old",
            "be_old:4",
        );
        check(
            " use_backend be_old\n use_backend be_app if { path_beg /app }",
            "be_old:3",
        );
        check(" use_backend be_app if FALSE", "none");
    }

    #[test]
    fn a_listen_section_without_rules_serves_itself() {
        let config = parse(Text::new(
            b"listen app\n mode http\n server s1 192.0.2.1:80\n",
        ));
        let outcome = trace(&config, "app", &request()).outcome;
        assert_eq!(outcome.backend(), Some("app"));
        assert_eq!(
            trace(&config, "none", &request()).outcome,
            Outcome::NoFrontend
        );
    }

    #[test]
    fn http_request_rules_come_first_wherever_they_stand() {
        check(
            " use_backend be_app if { path_beg /app }\n http-request deny if { path_beg /app }",
            "answer:4",
        );
        check(
            " use_backend be_app\n redirect prefix /x if { path /y }\n http-request redirect location / if { path / }",
            "be_app:3",
        );
        check(
            " http-request allow if { path_beg /app }\n http-request deny\n default_backend be_app",
            "be_app:5",
        );
        check(" monitor-uri /app/x\n default_backend be_app", "answer:3");
        check(" stats uri /app\n default_backend be_app", "answer:3");
        check(
            " tcp-request content reject if { path_beg /app }\n default_backend be_app",
            "answer:3",
        );
    }

    #[test]
    fn rules_of_the_backend_are_met_too() {
        check(
            " http-request set-path /app/secret\n default_backend be_app",
            "answer:7",
        );
    }

    #[test]
    fn rewrites_change_what_later_rules_see() {
        let rule = " use_backend be_app if { path /new }\n default_backend be_old";
        for rewrite in [
            "http-request set-path /new",
            "http-request set-uri /new?a=1",
            "http-request replace-path ^/app/x$ /new",
            "http-request replace-uri ^.*$ /new",
            "http-request set-path /n%[str(ew)]",
            "http-request set-path /new if { hdr(host) www.example.com }",
        ] {
            check(&format!(" {rewrite}\n{rule}"), "be_app:4");
        }
        check(
            &format!(" http-request replace-path ^/y$ /new\n{rule}"),
            "be_old:5",
        );
        check(
            &format!(" http-request set-path /new if {{ src 192.0.2.1 }}\n{rule}"),
            "be_app:4 be_old:5",
        );
        check(
            &format!(" http-request lua.rewrite\n{rule}"),
            "be_app:4 be_old:5",
        );
        check(
            " http-request set-header Host x.example\n use_backend be_app if { hdr(host) x.example }",
            "be_app:4",
        );
        check(
            " http-request del-header host\n use_backend be_app if ! { hdr(host) -m found }",
            "be_app:4",
        );
        check(
            " http-request set-var(txn.h) req.hdr(host),upper\n use_backend be_app if { var(txn.h) WWW.EXAMPLE.COM }",
            "be_app:4",
        );
    }

    #[test]
    fn names_may_be_built_from_the_request() {
        check(
            " use_backend be_%[path,field(2,/)]\n default_backend be_old",
            "be_app:3",
        );
        check(
            " use_backend be_%[path,field(3,/)]\n use_backend be_app\n default_backend be_old",
            "be_old:5",
        );
        check(
            " use_backend be_%[req.hdr(x-pool)]\n default_backend be_old",
            "some:3 be_old:4",
        );
        check(
            " use_backend %[req.hdr(host),map(/etc/haproxy/h.map)]\n default_backend be_old",
            "some:3 be_old:4",
        );
    }

    #[test]
    fn rules_that_double_a_text_cost_no_more_than_a_buffer() {
        let rules = " http-request set-path %[path]%[path]\n".repeat(200);
        check(
            &format!("{rules} default_backend be_app"),
            "answer:206 be_app:203",
        );
    }

    #[test]
    fn undecidable_conditions_leave_every_end_open() {
        check(
            " http-request deny if { src 192.0.2.1 }\n use_backend be_app if { hdr(x-a) 1 }\n default_backend be_old",
            "answer:3 be_app:4 be_old:5",
        );
        check(
            " http-request allow if { src 192.0.2.1 }\n http-request deny\n default_backend be_old",
            "answer:4 be_old:5",
        );
        let trace = traced(" use_backend be_app if { hdr(x-a) 1 }\n default_backend be_old");
        assert!(trace.outcome.may_be("be_app") && trace.outcome.may_be("be_old"));
        assert_eq!(trace.outcome.backend(), None);
    }
}
