//! An ACL that no rule asks.

use crate::lint::Hit;
use crate::lint::Rule;
use crate::lint::Severity;
use crate::lint::sheet::Sheet;
use std::collections::BTreeSet;

pub(super) const RULE: Rule = Rule {
    id: "acl-unused",
    severity: Severity::Note,
    title: "no rule uses this ACL",
    why: "An ACL that nothing asks is often the rest of a rule that was lost, or of a name that was mistyped: its requests take another way.",
    fix: "add the rule, or remove the line",
    find,
};

fn find(sheet: &Sheet<'_>) -> Vec<Hit> {
    let mut used: BTreeSet<Vec<u8>> = BTreeSet::new();
    for source in &sheet.configuration.sources {
        for line in source.bytes.split(|c| *c == b'\n') {
            let mut words = line
                .split(|c| c.is_ascii_whitespace() || *c == b'!')
                .filter(|word| !word.is_empty())
                .take_while(|word| !word.starts_with(b"#"));
            if words.next().is_some_and(|first| first != b"acl") {
                used.extend(words.map(<[u8]>::to_vec));
            }
        }
    }
    let mut hits = Vec::new();
    let mut known = BTreeSet::new();
    for proxy in &sheet.config.proxies {
        for acl in &proxy.acls {
            let is_new = known.insert((proxy.at, acl.name.clone()));
            if is_new && !used.contains(acl.name.as_bytes()) && acl.name != "or" {
                let text = format!("no rule asks `{}`", acl.name);
                hits.push(Hit::new(acl.at, &acl.name, text));
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
    fn an_acl_that_nothing_asks_is_found() {
        let text = "frontend fe\n acl a path /\n acl b path /b\n use_backend be if a\nbackend be\n";
        assert_eq!(finds(&RULE, text), [3]);
    }

    #[test]
    fn used_ones_are_not() {
        let text = "frontend fe\n acl a path /\n acl b path /b\n use_backend be if !a\n stats admin if b\nbackend be\n";
        assert!(finds(&RULE, text).is_empty());
    }
}
