//! The same ACL line or the same rule twice.

use crate::lint::Hit;
use crate::lint::Rule;
use crate::lint::Severity;
use crate::lint::sheet::Sheet;
use std::collections::BTreeMap;

pub(super) const RULE: Rule = Rule {
    id: "rule-duplicate",
    severity: Severity::Note,
    title: "the line stands there twice",
    why: "The second copy does nothing; often one of the two was meant to say something else.",
    fix: "remove it, or correct it",
    find,
};

fn find(sheet: &Sheet<'_>) -> Vec<Hit> {
    let mut hits = Vec::new();
    for proxy in &sheet.config.proxies {
        let acls = proxy.acls.iter().map(|acl| {
            let words = [std::slice::from_ref(&acl.name), acl.words.as_slice()].concat();
            (acl.at, ("acl", words, Vec::new()))
        });
        let switches = proxy.use_backend.iter().map(|rule| {
            (
                rule.at,
                ("use_backend", rule.words.clone(), rule.condition.clone()),
            )
        });
        let mut seen = BTreeMap::new();
        for (at, line) in acls.chain(switches) {
            if let Some(first) = seen.get(&line) {
                let (_, number) = sheet.configuration.locate(*first);
                let text = format!("the same as line {number}");
                hits.push(Hit::new(at, "", text));
            } else {
                seen.insert(line, at);
            }
        }
    }
    hits.sort_by_key(|hit| hit.at);
    hits.dedup();
    hits
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::fixture::finds;

    #[test]
    fn a_line_twice_is_found() {
        let text = "frontend fe\n acl a path /\n acl a path /\n use_backend be if a\n use_backend be if a\nbackend be\n";
        assert_eq!(finds(&RULE, text), [3, 5]);
    }

    #[test]
    fn lines_that_differ_are_not() {
        let text = "frontend fe\n acl a path /\n acl a path /b\n use_backend be if a\nbackend be\n";
        assert!(finds(&RULE, text).is_empty());
    }
}
