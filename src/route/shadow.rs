//! Conditions of rules as alternatives of terms, and when one follows from another.

use crate::config::Proxy;
use crate::config::Rule;
use std::collections::BTreeSet;

/// The alternatives of a condition, each a set of terms (`shop`, `!shop`, `{ path_beg /x }`); `None`: it cannot be put so.
fn alternatives(rule: &Rule) -> Option<Vec<BTreeSet<String>>> {
    let Some(word) = rule.condition.first() else {
        return Some(vec![BTreeSet::new()]);
    };
    let all: Vec<Vec<String>> = rule.alternatives().into_iter().map(terms).collect();
    if word == "if" {
        return Some(
            all.into_iter()
                .map(|terms| terms.into_iter().collect())
                .collect(),
        );
    }
    match all.as_slice() {
        [one] if one.len() == 1 => Some(vec![one.iter().map(|term| negated(term)).collect()]),
        _ => None,
    }
}

/// The terms of one alternative.
fn terms(words: &[String]) -> Vec<String> {
    let mut out = Vec::new();
    let mut rest = words.iter();
    while let Some(word) = rest.next() {
        let mut bare = word.trim_start_matches('!');
        let mut odd = word.matches('!').count() % 2 == 1;
        while bare.is_empty() {
            let Some(next) = rest.next() else { break };
            bare = next.trim_start_matches('!');
            odd ^= next.matches('!').count() % 2 == 1;
        }
        let mut term = bare.to_owned();
        if term == "{" {
            for inside in rest.by_ref().take_while(|word| *word != "}") {
                term.push(' ');
                term.push_str(inside);
            }
            term.push_str(" }");
        }
        out.push(if odd { format!("!{term}") } else { term });
    }
    out
}

fn negated(term: &str) -> String {
    match term.strip_prefix('!') {
        Some(bare) => bare.to_owned(),
        None => format!("!{term}"),
    }
}

/// Names of the ACLs that a condition uses.
pub fn acl_names(rule: &Rule) -> Vec<String> {
    let all = rule.alternatives().into_iter().flat_map(terms);
    all.map(|term| term.trim_start_matches('!').to_owned())
        .filter(|term| !term.starts_with('{') && !term.is_empty())
        .collect()
}

/// Whether a request that meets `later` also meets `earlier`, whatever the request.
pub fn follows(proxy: &Proxy, later: &Rule, earlier: &Rule) -> bool {
    let (Some(later), Some(earlier)) = (alternatives(later), alternatives(earlier)) else {
        return false;
    };
    later.iter().all(|later| {
        earlier.iter().any(|earlier| {
            earlier
                .iter()
                .all(|wanted| later.iter().any(|given| implies(proxy, given, wanted)))
        })
    })
}

fn implies(proxy: &Proxy, given: &str, wanted: &str) -> bool {
    if given == wanted {
        return true;
    }
    let (Some(given), Some(wanted)) = (spelt_out(proxy, given), spelt_out(proxy, wanted)) else {
        return false;
    };
    let (Some(given), Some(wanted)) = (Test::of(&given), Test::of(&wanted)) else {
        return false;
    };
    given.head == wanted.head
        && !given.patterns.is_empty()
        && given.patterns.iter().all(|one| {
            wanted
                .patterns
                .iter()
                .any(|other| wanted.covers(other, one))
        })
}

/// Criterion, flags and patterns of a term that is one ACL line.
fn spelt_out(proxy: &Proxy, term: &str) -> Option<Vec<String>> {
    if let Some(inside) = term.strip_prefix("{ ") {
        let inside = inside.strip_suffix(" }")?;
        return Some(inside.split(' ').map(str::to_owned).collect());
    }
    let mut lines = proxy.acls.iter().filter(|acl| acl.name == term);
    match (lines.next(), lines.next()) {
        (Some(one), None) => Some(one.words.clone()),
        _ => None,
    }
}

/// An ACL line without files.
struct Test {
    /// Criterion and flags.
    head: Vec<String>,
    patterns: Vec<String>,
}

impl Test {
    fn of(words: &[String]) -> Option<Test> {
        let mut head = Vec::new();
        let mut rest = words;
        if let [criterion, tail @ ..] = rest {
            head.push(criterion.clone());
            rest = tail;
        }
        loop {
            match rest {
                [flag, ..] if flag == "-f" || flag == "-M" || flag == "-u" => return None,
                [flag, value, tail @ ..] if flag == "-m" => {
                    head.push(format!("-m {value}"));
                    rest = tail;
                }
                [flag, tail @ ..] if flag == "--" => {
                    rest = tail;
                    break;
                }
                [flag, tail @ ..] if flag.starts_with('-') => {
                    head.push(flag.clone());
                    rest = tail;
                }
                _ => break,
            }
        }
        let patterns = rest.to_vec();
        let is_plain = |p: &String| !p.contains('…') && !p.contains("${");
        patterns
            .iter()
            .all(is_plain)
            .then_some(Test { head, patterns })
    }

    /// Whether what matches `narrow` matches `wide` too.
    fn covers(&self, wide: &str, narrow: &str) -> bool {
        let criterion = self.head.first().map_or("", String::as_str);
        let name = criterion.split(['(', ',']).next().unwrap_or_default();
        let is = |method: &str| {
            name.ends_with(&format!("_{method}"))
                || self
                    .head
                    .iter()
                    .any(|flag| flag.strip_prefix("-m ") == Some(method))
        };
        wide == narrow
            || is("beg") && narrow.starts_with(wide)
            || is("end") && narrow.ends_with(wide)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Text;
    use crate::config::parse;

    #[track_caller]
    fn check(earlier: &str, later: &str, expected: bool) {
        let text = format!(
            "frontend fe\n acl api path_beg /api\n acl v1 path_beg /api/v1\n acl two path /a\n acl two path /b\n \
             use_backend a {earlier}\n use_backend b {later}\n"
        );
        let config = parse(Text::new(text.as_bytes()));
        let proxy = &config.proxies[0];
        let got = follows(proxy, &proxy.use_backend[1], &proxy.use_backend[0]);
        assert_eq!(got, expected, "{earlier} | {later}");
    }

    #[test]
    fn a_narrower_condition_follows_from_a_wider_one() {
        check("", "if v1", true);
        check("if api", "if v1", true);
        check("if v1", "if api", false);
        check("if api", "if api two", true);
        check("if api two", "if api", false);
        check("if api or two", "if two", true);
        check("if api", "if two or v1", false);
        check("if !two", "unless two", true);
        check("unless api two", "if two", false);
        check("if { path_beg /api }", "if v1 !two", true);
        check("if { path_beg -i /api }", "if v1", false);
        check("if { path /a }", "if two", false);
        check("if { hdr(host) a b }", "if { hdr(host) b }", true);
    }
}
