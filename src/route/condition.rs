//! Conditions: named and anonymous ACLs, `!`, `or`, `if` and `unless`.

use crate::base::Place;
use crate::config::Proxy;
use crate::config::Rule;
use crate::config::names_secret;
use crate::route::Clause;
use crate::route::Doubt;
use crate::route::Term;
use crate::route::Truth;
use crate::route::acl;
use crate::route::scene::Scene;

/// ACLs that HAProxy knows without a line, unless a line has their name.
///
/// Source: configuration manual 3.2, "Pre-defined ACLs".
const PREDEFINED: [(&str, &[&str]); 22] = [
    ("TRUE", &["always_true"]),
    ("FALSE", &["always_false"]),
    ("HTTP", &["req.proto_http"]),
    ("HTTP_1.0", &["req.ver", "1.0"]),
    ("HTTP_1.1", &["req.ver", "1.1"]),
    ("HTTP_2.0", &["req.ver", "2.0"]),
    ("HTTP_3.0", &["req.ver", "3.0"]),
    ("HTTP_CONTENT", &["req.hdr_val(content-length)", "gt", "0"]),
    ("HTTP_URL_ABS", &["url_reg", "^[^/:]*://"]),
    ("HTTP_URL_SLASH", &["url_beg", "/"]),
    ("HTTP_URL_STAR", &["url", "*"]),
    ("LOCALHOST", &["src", "127.0.0.1/8", "::1"]),
    ("METH_CONNECT", &["method", "CONNECT"]),
    ("METH_DELETE", &["method", "DELETE"]),
    ("METH_GET", &["method", "GET", "HEAD"]),
    ("METH_HEAD", &["method", "HEAD"]),
    ("METH_OPTIONS", &["method", "OPTIONS"]),
    ("METH_POST", &["method", "POST"]),
    ("METH_PUT", &["method", "PUT"]),
    ("METH_TRACE", &["method", "TRACE"]),
    ("RDP_COOKIE", &["req.rdp_cookie_cnt", "gt", "0"]),
    ("WAIT_END", &["wait_end"]),
];

/// Whether HAProxy knows an ACL of that name without a line.
pub fn is_predefined(name: &str) -> bool {
    name == "REQ_CONTENT" || PREDEFINED.iter().any(|(other, _)| *other == name)
}

/// The value of a rule's condition and the terms behind it.
pub(super) fn evaluate(scene: Scene<'_>, proxy: &Proxy, rule: &Rule) -> (Truth, Vec<Vec<Term>>) {
    let Some(word) = rule.condition.first() else {
        return (Truth::True, Vec::new());
    };
    let alternatives: Vec<Vec<Term>> = rule
        .alternatives()
        .into_iter()
        .map(|words| terms(scene, proxy, rule.at, words))
        .collect();
    let value = Truth::any(alternatives.iter().map(|terms| {
        let values = terms.iter().map(|term| term.value.clone());
        values.fold(Truth::True, Truth::and)
    }));
    (value.negated(word == "unless"), alternatives)
}

fn terms(scene: Scene<'_>, proxy: &Proxy, at: Place, words: &[String]) -> Vec<Term> {
    let mut terms = Vec::new();
    let mut rest = words.iter();
    while let Some(word) = rest.next() {
        let mut name = word.as_str();
        let mut negated = false;
        while let Some(tail) = name.strip_prefix('!') {
            negated = !negated;
            name = tail;
            if name.is_empty() {
                name = rest.next().map_or("", String::as_str);
            }
        }
        let mut clauses = Vec::new();
        let shown;
        let value = if name == "{" {
            let inside: Vec<String> = rest.by_ref().take_while(|w| *w != "}").cloned().collect();
            shown = format!("{{ {} }}", inside.join(" "));
            let clause = clause(scene, at, &inside);
            let value = clause.value.clone();
            clauses.push(clause);
            value
        } else {
            shown = name.to_owned();
            named(scene, proxy, name, &mut clauses)
        };
        terms.push(Term {
            text: format!("{}{shown}", if negated { "!" } else { "" }),
            value: value.negated(negated),
            clauses,
        });
    }
    terms
}

/// All lines of one name count: any of them that matches.
fn named(scene: Scene<'_>, proxy: &Proxy, name: &str, clauses: &mut Vec<Clause>) -> Truth {
    let lines = proxy.acls.iter().filter(|acl| acl.name == name);
    clauses.extend(lines.map(|acl| clause(scene, acl.at, &acl.words)));
    if !clauses.is_empty() {
        return Truth::any(clauses.iter().map(|clause| clause.value.clone()));
    }
    match PREDEFINED.iter().find(|(other, _)| *other == name) {
        Some((_, words)) => {
            let words: Vec<String> = words.iter().map(|&w| w.to_owned()).collect();
            acl::evaluate(scene, &words).0
        }
        None => Truth::Undecidable(Doubt::NotEvaluated(format!("the ACL `{name}`"))),
    }
}

fn clause(scene: Scene<'_>, at: Place, words: &[String]) -> Clause {
    let (value, seen) = acl::evaluate(scene, words);
    let is_secret = words.first().is_some_and(|word| names_secret(word));
    let seen = seen.map(|seen| if is_secret { "…".to_owned() } else { seen });
    Clause {
        at,
        text: words.join(" "),
        seen,
        value,
    }
}

#[cfg(test)]
mod tests {
    use crate::base::Text;
    use crate::config::parse;
    use crate::route::Field;
    use crate::route::Request;
    use crate::route::Truth;
    use crate::route::trace;

    const ACLS: &str = " acl app path_beg /app\n acl app path_beg /shop\n acl get method GET\n acl far hdr(x-far) 1\n";

    #[track_caller]
    fn check(condition: &str, expected: Option<bool>) {
        let config = format!(
            "frontend fe_app\n mode http\n{ACLS} use_backend be_app {condition}\nbackend be_app\n"
        );
        let config = parse(Text::new(config.as_bytes()));
        let request = Request {
            method: Field::is("GET"),
            path: Field::is("/shop/x"),
            ..Request::default()
        };
        let trace = trace(&config, "fe_app", &request);
        let value = &trace.steps[0].value;
        match expected {
            Some(expected) => assert_eq!(*value, Truth::of(expected), "{condition}"),
            None => assert!(matches!(value, Truth::Undecidable(_)), "{condition}"),
        }
    }

    #[test]
    fn lines_of_one_name_are_alternatives_and_terms_in_a_row_must_all_hold() {
        check("if app", Some(true));
        check("if app get", Some(true));
        check("if app !get", Some(false));
        check("if app ! get", Some(false));
        check("unless app", Some(false));
        check("unless app !get", Some(true));
    }

    #[test]
    fn or_binds_weaker_than_and() {
        check("if !app get || app get", Some(true));
        check("if !app or !get", Some(false));
        check("if FALSE or METH_GET", Some(true));
        check(
            "if { path_beg /x } || { path_beg /shop } !{ method POST }",
            Some(true),
        );
        check("if ! { path_beg /shop }", Some(false));
        check("if { path_beg /x || /shop }", Some(true));
    }

    #[test]
    fn the_unknown_counts_only_where_it_decides() {
        check("if far", None);
        check("if !far", None);
        check("if app far", None);
        check("if app || far", Some(true));
        check("if !app far", Some(false));
        check("if undefined", None);
    }
}
