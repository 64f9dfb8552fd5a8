//! `http-check` or `tcp-check` rules without the option that uses them.

use crate::config::CheckKind;
use crate::lint::Hit;
use crate::lint::Rule;
use crate::lint::Severity;
use crate::lint::sheet::Sheet;

pub(super) const RULE: Rule = Rule {
    id: "check-rules-ignored",
    severity: Severity::Warning,
    title: "check rules without their `option`",
    why: "`http-check` rules count only with `option httpchk`, `tcp-check` rules only with `option tcp-check`: without it the check opens a connection and looks at nothing.",
    fix: "add the option to the section",
    find,
};

fn find(sheet: &Sheet<'_>) -> Vec<Hit> {
    let mut hits = Vec::new();
    for proxy in sheet.pools() {
        let wanted = |keyword: &str| match keyword {
            "http-check" => proxy.check.kind == CheckKind::Http,
            "tcp-check" => proxy.check.kind == CheckKind::Tcp,
            _ => true,
        };
        let stray = proxy.check.expects.iter().find(|rule| {
            let keyword = rule.words.first().map_or("", String::as_str);
            !wanted(keyword)
        });
        if let Some(rule) = stray.filter(|_| proxy.servers.iter().any(|s| s.check.is_some())) {
            let keyword = rule.words.first().map_or("", String::as_str);
            let option = if keyword == "http-check" {
                "option httpchk"
            } else {
                "option tcp-check"
            };
            let text = format!("{} has no `{option}`: this rule is not used", proxy.name);
            hits.push(
                Hit::new(rule.at, keyword, text).fix(format!("add `{option}`, or remove the rule")),
            );
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
    fn a_rule_without_its_option_is_found() {
        let text = "backend be\n http-check expect status 200\n server a 192.0.2.1:80 check\n";
        assert_eq!(finds(&RULE, text), [2]);
    }

    #[test]
    fn one_with_it_is_not() {
        let text = "backend be\n option httpchk\n http-check expect status 200\n server a 192.0.2.1:80 check\n";
        assert!(finds(&RULE, text).is_empty());
    }
}
