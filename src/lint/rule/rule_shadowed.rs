//! A rule that never applies, because one before it takes all its requests.

use crate::lint::Hit;
use crate::lint::Rule;
use crate::lint::Severity;
use crate::lint::sheet::Sheet;
use crate::route::follows;

/// Rules of a frontend that are compared with each other; generated files have thousands.
const RULES_MAX: usize = 400;

pub(super) const RULE: Rule = Rule {
    id: "rule-shadowed",
    severity: Severity::Warning,
    title: "a rule before this one takes its requests",
    why: "The first `use_backend` rule that applies wins: a wider rule above a narrower one sends the narrow one's requests to the wrong pool.",
    fix: "move the narrower rule above the wider one",
    find,
};

fn find(sheet: &Sheet<'_>) -> Vec<Hit> {
    let mut hits = Vec::new();
    for proxy in &sheet.config.proxies {
        for (index, rule) in proxy.use_backend.iter().take(RULES_MAX).enumerate() {
            let before = proxy.use_backend.iter().take(index);
            let mut wider = before.filter(|other| follows(proxy, rule, other));
            let Some(other) = wider.next() else {
                continue;
            };
            let same_target = other.words.get(1) == rule.words.get(1);
            let (_, line) = sheet.configuration.locate(other.at);
            let target = other.words.get(1).map_or("", String::as_str);
            let text = format!("never applies: line {line} sends all its requests to {target}");
            let hit = Hit::new(
                rule.at,
                rule.words.get(1).cloned().unwrap_or_default(),
                text,
            );
            let is_copy = same_target && other.condition == rule.condition;
            match (is_copy, same_target) {
                (true, _) => {}
                (false, true) => hits.push(hit.severity(Severity::Note).fix("remove the rule")),
                (false, false) => hits.push(hit),
            }
        }
    }
    hits
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::fixture::finds;

    #[test]
    fn a_narrow_rule_below_a_wide_one_is_found() {
        let text = "frontend fe\n use_backend be_a if { path_beg /api }\n use_backend be_b if { path_beg /api/v2 }\n use_backend be_c\n use_backend be_d if { path / }\n";
        assert_eq!(finds(&RULE, text), [3, 5]);
    }

    #[test]
    fn the_other_order_is_not() {
        let text = "frontend fe\n use_backend be_b if { path_beg /api/v2 }\n use_backend be_a if { path_beg /api }\n";
        assert!(finds(&RULE, text).is_empty());
    }
}
