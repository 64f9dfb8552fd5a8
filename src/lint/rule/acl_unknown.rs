//! A condition names an ACL that is not there.

use crate::lint::Hit;
use crate::lint::Rule;
use crate::lint::Severity;
use crate::lint::sheet::Sheet;
use crate::route::acl_names;
use crate::route::is_predefined;

pub(super) const RULE: Rule = Rule {
    id: "acl-unknown",
    severity: Severity::Error,
    title: "no ACL has this name",
    why: "HAProxy does not start when a condition names an ACL that its section does not have.",
    fix: "correct the name, or add the `acl` line to this section",
    find,
};

fn find(sheet: &Sheet<'_>) -> Vec<Hit> {
    let mut hits = Vec::new();
    for proxy in &sheet.config.proxies {
        for rule in proxy.every_rule() {
            // Rules of a named `defaults` use the ACLs that stand there, and came with them.
            for name in acl_names(rule) {
                let known = proxy.acls.iter().any(|acl| acl.name == name) || is_predefined(&name);
                if !known && !name.contains('$') && name != "}" {
                    let text = format!("{} has no ACL `{name}`", proxy.name);
                    hits.push(Hit::new(rule.at, &name, text));
                }
            }
        }
    }
    hits.dedup();
    hits
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::fixture::finds;

    #[test]
    fn a_name_that_no_line_has_is_found() {
        let text = "frontend fe\n acl a path /\n use_backend be if a b\n http-request deny if !c\nbackend be\n";
        assert_eq!(finds(&RULE, text), [3, 4]);
    }

    #[test]
    fn known_and_predefined_ones_are_not() {
        let text = "frontend fe\n acl a path /\n use_backend be if a METH_GET or { path /b } !{ src 192.0.2.1 }\nbackend be\n";
        assert!(finds(&RULE, text).is_empty());
    }
}
