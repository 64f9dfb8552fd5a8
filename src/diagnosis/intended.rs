//! The backend that failed requests were meant for, when a rule sent them elsewhere because of how they are written.
//!
//! A request is traced as it was logged, and again with one thing written as rules mostly expect it: the host in lower case,
//! without its port, with or without `www.`; the path in lower case, with or without a slash at its end. When the second trace
//! leads to another backend, the rule that chose it is the one that should have matched. Undecidable conditions on what was not
//! logged are taken to be as in the logged request, whose way the log shows.

use crate::base::Place;
use crate::config::Config;
use crate::config::Proxy;
use crate::config::Rule;
use crate::diagnosis::Case;
use crate::incident::RouteKey;
use crate::route::Clause;
use crate::route::Doubt;
use crate::route::Field;
use crate::route::Outcome;
use crate::route::Request;
use crate::route::Router;
use crate::route::Trace;
use crate::route::Truth;
use crate::route::follows;
use crate::route::reason;
use std::sync::Arc;

/// Routes of an incident that are traced: those with most failures.
pub(super) const ROUTES_MAX: usize = 12;
/// Longest path that the evidence keeps, bytes: one of this length may go on.
const PATH_BYTES_MAX: usize = 200;

/// How a request is written otherwise than the rules expect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Spelling {
    /// It is written as its rule expects, and a wider rule above takes it.
    Shadowed,
    /// Host names know no case (RFC 9110, "Normalization"), ACLs do.
    HostCase,
    /// A client names the port whenever it is not the scheme's own.
    HostPort,
    /// Both at once.
    HostCaseAndPort,
    /// A full stop at the end of the host.
    HostDot,
    /// The path differs in case.
    PathCase,
    /// Slashes in a row.
    PathSlashes,
    /// The host with `www.`, the rule without.
    WithWww,
    /// The host without `www.`, the rule with it.
    WithoutWww,
    /// A slash at the end is missing, or one too many.
    PathEnd,
}

impl Spelling {
    /// The same resource by the rules of HTTP, or hardly anything else; the others may well be another site on purpose.
    pub(super) fn is_same(self) -> bool {
        self < Spelling::WithWww
    }

    /// A clause that says what is different.
    pub(super) fn words(self) -> &'static str {
        match self {
            Spelling::Shadowed => "the rule that chose stands above it and takes all its requests",
            Spelling::HostCase => "the Host is written in another case",
            Spelling::HostPort => "the Host carries a port",
            Spelling::HostCaseAndPort => "the Host is written in another case and carries a port",
            Spelling::HostDot => "the Host ends with a full stop",
            Spelling::PathCase => "the path is written in another case",
            Spelling::PathSlashes => "the path has slashes in a row",
            Spelling::WithWww => "the Host has `www.` in front",
            Spelling::WithoutWww => "the Host lacks `www.`",
            Spelling::PathEnd => "the path differs by a slash at its end",
        }
    }

    /// What to change in the rule.
    pub(super) fn cure(self) -> &'static str {
        match self {
            Spelling::Shadowed => "move it above the wider rule, which takes all its requests",
            Spelling::HostCase => "let it ignore case: `hdr(host) -i …`",
            Spelling::HostPort => {
                "let it ignore the port: `hdr(host),field(1,:) -i …` (or `hdr_dom(host) -i …`)"
            }
            Spelling::HostCaseAndPort => {
                "let it ignore case and port: `hdr(host),field(1,:) -i …` (or `hdr_dom(host) -i …`)"
            }
            Spelling::HostDot => "accept the name with a full stop: `hdr(host),rtrim(.) -i …`",
            Spelling::PathCase => {
                "let it ignore case (`path_beg -i …`), or correct the links that use another case"
            }
            Spelling::PathSlashes => {
                "normalize the path first (`http-request normalize-uri path-merge-slashes`)"
            }
            Spelling::WithWww | Spelling::WithoutWww => {
                "add the other name to it, or redirect one name to the other"
            }
            Spelling::PathEnd => "match both forms, or redirect one to the other",
        }
    }
}

/// A failed route that was meant for another backend.
#[derive(Clone, Debug)]
pub(super) struct Intended {
    /// Failed requests of the route.
    pub(super) n: u64,
    /// The backend that it was meant for.
    pub(super) backend: String,
    /// How it is written.
    pub(super) spelling: Spelling,
    /// The rule that should have matched.
    pub(super) rule: Place,
    /// The rule as written.
    pub(super) text: String,
    /// The ACL line that did not match, and what it saw.
    pub(super) clause: Option<Clause>,
    /// What chose the backend that failed; `None`: nothing did.
    pub(super) taken: Option<Place>,
    /// It was `default_backend`.
    pub(super) by_default: bool,
}

/// Failed routes that were meant for another backend, by number of failures. Empty without a configuration.
pub(super) fn intended<'a>(case: &'a Case<'_>) -> &'a [Intended] {
    case.intended.get_or_init(|| search(case))
}

fn search(case: &Case<'_>) -> Vec<Intended> {
    let Some(config) = case.bundle.config() else {
        return Vec::new();
    };
    let Some(frontend) = config.frontend(&case.incident.frontend) else {
        return Vec::new();
    };
    let router = Router::new(config);
    let mut found = Vec::new();
    let files = Arc::new(case.bundle.documents.files_of(config));
    for (n, mut request) in requests(case, frontend) {
        request.files = Arc::clone(&files);
        let logged = router.trace(&frontend.name, &request);
        let Some(taken) = taken(&logged, &case.incident.backend, frontend) else {
            continue;
        };
        for (spelling, other) in spellings(&request) {
            let trace = router.trace(&frontend.name, &other);
            let Some((backend, rule)) = chosen(&frontend.name, &logged, &trace) else {
                continue;
            };
            if *backend == *case.incident.backend {
                continue;
            }
            let step = logged.step(rule);
            let is_default = |at: Place| {
                frontend
                    .default_backend
                    .as_ref()
                    .is_some_and(|d| d.at == Some(at))
            };
            found.push(Intended {
                n,
                backend,
                spelling,
                rule,
                text: step.map_or_else(String::new, |step| {
                    format!("{} {}", step.rule, step.condition)
                }),
                clause: step.and_then(reason).cloned(),
                taken,
                by_default: taken.is_some_and(is_default),
            });
            break;
        }
        let is_told = found.iter().any(|one: &Intended| one.taken == taken);
        if !is_told && let Some(shadowed) = shadowed(config, frontend, &request, taken) {
            found.push(Intended { n, ..shadowed });
        }
    }
    found
}

/// The rule that would choose another backend when the one that did were not there: it stands below and can never apply.
fn shadowed(
    config: &Config,
    frontend: &Proxy,
    request: &Request,
    taken: Option<Place>,
) -> Option<Intended> {
    let mut rules = frontend.use_backend.iter();
    let wide = rules.find(|rule| Some(rule.at) == taken)?;
    let narrow: Vec<&Rule> = rules.filter(|rule| follows(frontend, rule, wide)).collect();
    if narrow.is_empty() {
        return None;
    }
    let mut without = config.clone();
    for proxy in &mut without.proxies {
        proxy.use_backend.retain(|rule| rule.at != wide.at);
    }
    let trace = Router::new(&without).trace(&frontend.name, request);
    let Outcome::Backend { name, by: Some(by) } = &trace.outcome else {
        return None;
    };
    let rule = narrow.into_iter().find(|rule| rule.at == *by)?;
    (rule.words.get(1) != wide.words.get(1)).then(|| Intended {
        n: 0,
        backend: name.clone(),
        spelling: Spelling::Shadowed,
        rule: rule.at,
        text: format!("{} {}", rule.words.join(" "), rule.condition.join(" ")),
        clause: None,
        taken,
        by_default: false,
    })
}

/// Whether the trace may lead to the logged backend, and what chose it; `None`: it does not, the configuration is another one.
fn taken(trace: &Trace, backend: &str, frontend: &Proxy) -> Option<Option<Place>> {
    trace.outcome.ends().iter().find_map(|end| match end {
        Outcome::Backend { name, by } if name == backend => Some(*by),
        Outcome::SomeBackend { by, .. } => Some(Some(*by)),
        Outcome::NoRoute if frontend.name == backend => Some(None),
        _ => None,
    })
}

/// The one backend that the other spelling leads to, and the rule that chooses it.
fn chosen(frontend: &str, logged: &Trace, other: &Trace) -> Option<(String, Place)> {
    // What was not logged is the same in both requests, and the log shows that it did not decide.
    let did_not_apply = |at: Place| {
        let unseen = |trace: &Trace| {
            trace.step(at).is_some_and(|step| {
                matches!(
                    step.value,
                    Truth::Undecidable(Doubt::NotLogged(_) | Doubt::RunTime(_))
                )
            })
        };
        unseen(logged) && unseen(other)
    };
    let mut found: Option<(String, Place)> = None;
    for end in other.outcome.ends() {
        match end {
            Outcome::Backend { name, by: Some(by) } => {
                if did_not_apply(*by) {
                    continue;
                }
                match &found {
                    Some((other, _)) if other != name => return None,
                    Some(_) => {}
                    None => found = Some((name.clone(), *by)),
                }
            }
            // A rule of the backend itself: the request had reached it.
            Outcome::AnsweredByRule { at, proxy, .. } => {
                if proxy == frontend && !did_not_apply(*at) {
                    return None;
                }
            }
            Outcome::Backend { by: None, .. }
            | Outcome::SomeBackend { .. }
            | Outcome::NoRoute
            | Outcome::Undecidable(_)
            | Outcome::NoFrontend => return None,
        }
    }
    found
}

/// Requests of the incident's routes as far as the log has them.
fn requests(case: &Case<'_>, frontend: &Proxy) -> Vec<(u64, Request)> {
    let routes = case.incident.routes.iter().take(ROUTES_MAX);
    routes
        .map(|(key, n)| (*n, request(key, frontend)))
        .collect()
}

/// A route of the log as a request.
pub(super) fn request(key: &RouteKey, frontend: &Proxy) -> Request {
    let path = if key.path.is_empty() {
        Field::Unknown
    } else if key.path.len() >= PATH_BYTES_MAX {
        Field::Begins(key.path.clone())
    } else {
        Field::is(&key.path)
    };
    let with_tls =
        |bind: &&crate::config::Setting<String>| bind.value.split(' ').any(|w| w == "ssl");
    let n_tls = frontend.binds.iter().filter(with_tls).count();
    let tls = match n_tls {
        0 => Some(false),
        n if n == frontend.binds.len() => Some(true),
        _ => None,
    };
    let mut request = Request {
        path,
        origin: if key.authority.is_empty() {
            Field::Absent
        } else {
            Field::Is(format!("http://{}", key.authority))
        },
        tls,
        ..Request::default()
    };
    for (name, value) in captured(key, frontend) {
        request.set_header(&name, value);
    }
    request
}

/// Captured request headers by the frontend's `capture` lines, in the order of their slots.
fn captured(key: &RouteKey, frontend: &Proxy) -> Vec<(String, Field)> {
    let takes_slot = |rule: &&Rule| {
        let word = |index: usize| rule.words.get(index).map_or("", String::as_str);
        matches!(
            (word(0), word(1), word(2)),
            ("capture", "request", "header")
                | ("declare", "capture", "request")
                | ("http-request", "capture", _)
        )
    };
    let mut slots: Vec<&Rule> = frontend
        .captures
        .iter()
        .chain(&frontend.rules)
        .filter(takes_slot)
        .collect();
    slots.sort_by_key(|rule| rule.at);
    let inside = key
        .captures
        .strip_prefix('{')
        .and_then(|c| c.split('}').next());
    let values: Vec<&str> = inside
        .map(|inside| inside.split('|').collect())
        .unwrap_or_default();
    // A value with a bar in it, or captures of the response alone: which is which cannot be told.
    if values.len() != slots.len() {
        return Vec::new();
    }
    let pairs = slots.into_iter().zip(values);
    pairs
        .filter_map(|(rule, value)| {
            let [capture, _, _, name, rest @ ..] = rule.words.as_slice() else {
                return None;
            };
            if capture != "capture" {
                return None;
            }
            let limit = rest.iter().skip_while(|w| *w != "len").nth(1);
            let limit: usize = limit.and_then(|w| w.parse().ok()).unwrap_or(usize::MAX);
            let field = if value.is_empty() {
                Field::Unknown
            } else if value.len() >= limit {
                Field::Begins(value.to_owned())
            } else {
                Field::is(value)
            };
            Some((name.to_ascii_lowercase(), field))
        })
        .collect()
}

/// The request in other spellings, those of the same resource first.
fn spellings(request: &Request) -> Vec<(Spelling, Request)> {
    let mut all = Vec::new();
    if let Some(host) = request.host() {
        let lower = host.to_ascii_lowercase();
        let bare = |host: &str| match host.rsplit_once(':') {
            Some((name, port)) if !port.is_empty() && port.bytes().all(|c| c.is_ascii_digit()) => {
                name.to_owned()
            }
            _ => host.to_owned(),
        };
        let plain = bare(&lower);
        let (www, spelling) = match plain.strip_prefix("www.") {
            Some(rest) => (rest.to_owned(), Spelling::WithWww),
            None => (format!("www.{plain}"), Spelling::WithoutWww),
        };
        let hosts = [
            (Spelling::HostCase, lower.clone()),
            (Spelling::HostPort, bare(host)),
            (Spelling::HostCaseAndPort, plain.clone()),
            (Spelling::HostDot, plain.trim_end_matches('.').to_owned()),
            (spelling, www),
        ];
        for (spelling, other) in hosts {
            let known = |(_, earlier): &(Spelling, Request)| earlier.host() == Some(other.as_str());
            if other != host && !other.is_empty() && !all.iter().any(known) {
                let mut changed = request.clone();
                changed.set_host(&other);
                all.push((spelling, changed));
            }
        }
    }
    if let Some(path) = request.path.whole() {
        let mut merged = path.to_owned();
        while merged.contains("//") {
            merged = merged.replace("//", "/");
        }
        let end = match path.strip_suffix('/') {
            Some("") => path.to_owned(),
            Some(short) => short.to_owned(),
            None => format!("{path}/"),
        };
        let paths = [
            (Spelling::PathCase, path.to_ascii_lowercase()),
            (Spelling::PathSlashes, merged),
            (Spelling::PathEnd, end),
        ];
        for (spelling, other) in paths {
            if other != path {
                let mut changed = request.clone();
                changed.path = Field::Is(other);
                all.push((spelling, changed));
            }
        }
    }
    all.sort_by_key(|(spelling, _)| *spelling);
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Text;
    use crate::config::parse;

    fn key(captures: &str, path: &str) -> RouteKey {
        RouteKey {
            captures: captures.to_owned(),
            authority: String::new(),
            path: path.to_owned(),
        }
    }

    #[test]
    fn captures_are_told_apart_by_their_slots() {
        let config = parse(Text::new(
            b"frontend fe_app\n mode http\n bind :80\n capture request header User-Agent len 20\n capture request header Host len 10\n \
              capture response header Server len 20\n",
        ));
        let proxy = &config.proxies[0];
        let one = request(&key("{curl|a.example} {nginx}", "/x"), proxy);
        assert_eq!((one.host(), one.tls), (Some("a.example"), Some(false)));
        let long = request(&key("{curl|www.exampl} {nginx}", "/x"), proxy);
        assert_eq!(long.host(), None, "the capture may be cut");
        assert_eq!(request(&key("{c|u|r|l}", "/x"), proxy).host(), None);
    }

    #[test]
    fn spellings_differ_in_one_thing() {
        let mut request = Request {
            path: Field::is("/App"),
            ..Request::default()
        };
        request.set_header("host", Field::is("WWW.example.com:8080"));
        let all: Vec<(Spelling, String)> = spellings(&request)
            .into_iter()
            .map(|(s, r)| {
                (
                    s,
                    format!("{}{}", r.host().unwrap_or(""), r.path.whole().unwrap_or("")),
                )
            })
            .collect();
        let expected = [
            (Spelling::HostCase, "www.example.com:8080/App"),
            (Spelling::HostPort, "WWW.example.com/App"),
            (Spelling::HostCaseAndPort, "www.example.com/App"),
            (Spelling::PathCase, "WWW.example.com:8080/app"),
            (Spelling::WithWww, "example.com/App"),
            (Spelling::PathEnd, "WWW.example.com:8080/App/"),
        ];
        let all: Vec<(Spelling, &str)> = all.iter().map(|(s, t)| (*s, t.as_str())).collect();
        assert_eq!(all, expected);
    }
}
