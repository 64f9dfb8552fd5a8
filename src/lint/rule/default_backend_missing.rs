//! A frontend whose rules may all miss.

use crate::config::Proxy;
use crate::config::ProxyKind;
use crate::lint::Hit;
use crate::lint::Rule;
use crate::lint::Severity;
use crate::lint::sheet::Sheet;

pub(super) const RULE: Rule = Rule {
    id: "default-backend-missing",
    severity: Severity::Warning,
    title: "requests that no rule recognizes have no backend",
    why: "A request that no `use_backend` rule recognizes gets 503 from the frontend itself, with `<NOSRV>` in its own name and nothing in the pools' statistics.",
    fix: "add `default_backend`, or a last `http-request deny` or `redirect` that says what is meant",
    find,
};

fn find(sheet: &Sheet<'_>) -> Vec<Hit> {
    let always_ends = |proxy: &Proxy| {
        proxy
            .use_backend
            .iter()
            .any(|rule| rule.condition.is_empty())
            || proxy.rules.iter().any(|rule| {
                let word = |index: usize| rule.words.get(index).map_or("", String::as_str);
                let ends = matches!(
                    word(1),
                    "deny" | "return" | "redirect" | "use-service" | "tarpit" | "silent-drop"
                );
                rule.condition.is_empty()
                    && (word(0) == "redirect" || word(0) == "http-request" && ends)
            })
    };
    sheet
        .frontends()
        .filter(|proxy| proxy.kind == ProxyKind::Frontend && proxy.default_backend.is_none())
        .filter(|proxy| !proxy.use_backend.is_empty() && !always_ends(proxy))
        .map(|proxy| {
            let rules = if proxy.use_backend.len() == 1 {
                "rule does"
            } else {
                "rules do"
            };
            let text = format!(
                "{} has no `default_backend`: what its {rules} not recognize gets 503",
                proxy.name
            );
            Hit::new(proxy.at, &proxy.name, text)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::fixture::finds;

    #[test]
    fn a_frontend_whose_rules_may_all_miss_is_found() {
        let text = "frontend fe\n use_backend be if { path_beg /a }\nbackend be\n";
        assert_eq!(finds(&RULE, text), [1]);
    }

    #[test]
    fn one_with_a_last_word_is_not() {
        let text = "frontend fe\n use_backend be if { path_beg /a }\n default_backend be\nfrontend fe_b\n http-request redirect scheme https\n use_backend be if TRUE\nfrontend fe_c\n use_backend be\nbackend be\n";
        assert!(finds(&RULE, text).is_empty());
    }
}
