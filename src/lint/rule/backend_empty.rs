//! A backend that rules name, without a server.

use crate::config::Mode;
use crate::config::Proxy;
use crate::config::ProxyKind;
use crate::lint::Hit;
use crate::lint::Rule;
use crate::lint::Severity;
use crate::lint::reach::named;
use crate::lint::sheet::Sheet;

pub(super) const RULE: Rule = Rule {
    id: "backend-empty",
    severity: Severity::Warning,
    title: "the backend has no server",
    why: "Every request that is sent to a backend without a server gets 503, unless a rule of the backend answers it.",
    fix: "add its servers, or let the rules send those requests elsewhere",
    find,
};

fn find(sheet: &Sheet<'_>) -> Vec<Hit> {
    let answers = |proxy: &Proxy| {
        let ends = [
            "deny",
            "return",
            "redirect",
            "use-service",
            "auth",
            "reject",
            "tarpit",
        ];
        let mut rules = proxy.rules.iter();
        rules.any(|rule| {
            let first = rule.words.first().map_or("", String::as_str);
            first == "redirect"
                || rule
                    .words
                    .iter()
                    .take(3)
                    .any(|w| ends.contains(&w.as_str()))
        })
    };
    let all = named(sheet.config);
    sheet
        .backends()
        .filter(|proxy| proxy.servers.is_empty() && proxy.dispatch.is_none())
        .filter(|proxy| proxy.stats.is_none() && !answers(proxy))
        .filter(|proxy| match proxy.kind {
            ProxyKind::Listen => proxy.default_backend.is_none() && proxy.use_backend.is_empty(),
            ProxyKind::Backend | ProxyKind::Frontend => {
                all.iter().any(|named| named.may_be(&proxy.name))
            }
        })
        .filter(|proxy| proxy.mode.value != Mode::Other && proxy.monitor_uri.is_none())
        // A page of its own: the 503 is meant.
        .filter(|proxy| proxy.error_503.is_none_or(|at| at < proxy.at))
        .map(|proxy| {
            let text = format!("{} has no server: its requests get 503", proxy.name);
            Hit::new(proxy.at, &proxy.name, text)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::fixture::finds;

    #[test]
    fn a_pool_without_servers_is_found() {
        let text = "frontend fe\n default_backend be\nbackend be\n";
        assert_eq!(finds(&RULE, text), [3]);
    }

    #[test]
    fn one_that_answers_itself_or_is_never_named_is_not() {
        let text = "frontend fe\n default_backend be\nbackend be\n http-request return status 200\nbackend table\n stick-table type ip size 1k\n";
        assert!(finds(&RULE, text).is_empty());
    }
}
