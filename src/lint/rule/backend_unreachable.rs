//! A backend with servers that no rule names.

use crate::config::Mode;
use crate::config::Proxy;
use crate::config::ProxyKind;
use crate::lint::Hit;
use crate::lint::Rule;
use crate::lint::Severity;
use crate::lint::reach::is_mentioned;
use crate::lint::reach::named;
use crate::lint::sheet::Sheet;

/// Pools without a rule that are searched for in every other line: the search takes as long as the file, for each of them.
const LOOKED_AT_MAX: usize = 300;

pub(super) const RULE: Rule = Rule {
    id: "backend-unreachable",
    severity: Severity::Note,
    title: "no rule sends requests to this backend",
    why: "A pool that is never chosen looks healthy in every dump while its requests go elsewhere, or get 503.",
    fix: "add the rule that is missing, or remove the backend",
    find,
};

fn find(sheet: &Sheet<'_>) -> Vec<Hit> {
    let all = named(sheet.config);
    // Without any frontend the file is a piece of a configuration.
    if sheet.frontends().next().is_none() {
        return Vec::new();
    }
    let has_filter = |proxy: &Proxy| proxy.others.iter().any(|other| other.value == "filter");
    let agents = sheet.config.proxies.iter().any(has_filter);
    sheet
        .pools()
        .filter(|proxy| proxy.kind == ProxyKind::Backend)
        .filter(|proxy| !all.iter().any(|named| named.may_be(&proxy.name)))
        .take(LOOKED_AT_MAX)
        .filter(|proxy| !is_mentioned(sheet.config, &proxy.name))
        // The backend of a stream processing agent is named in a file of its own.
        .filter(|proxy| !(agents && proxy.mode.value != Mode::Http))
        .map(|proxy| {
            let text = format!("no `use_backend` or `default_backend` names {}", proxy.name);
            Hit::new(proxy.at, &proxy.name, text)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::fixture::finds;

    #[test]
    fn a_pool_that_nothing_names_is_found() {
        let text = "frontend fe\n default_backend be_a\nbackend be_a\n server a 192.0.2.1:80\nbackend be_b\n server b 192.0.2.2:80\n";
        assert_eq!(finds(&RULE, text), [5]);
    }

    #[test]
    fn one_that_a_name_may_mean_or_that_is_tracked_is_not() {
        let text = "frontend fe\n use_backend be_%[path,field(2,/)]\nbackend be_a\n server a 192.0.2.1:80\nbackend x\n server s 192.0.2.2:80 check\nbackend be_c\n server c 192.0.2.3:80 track x/s\n";
        assert!(finds(&RULE, text).is_empty());
    }
}
