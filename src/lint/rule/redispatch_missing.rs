//! Pools whose connection retries stay with the server that refused.

use crate::config::Mode;
use crate::config::Proxy;
use crate::lint::Hit;
use crate::lint::Rule;
use crate::lint::Severity;
use crate::lint::sheet::Sheet;
use crate::lint::sheet::enabled;
use crate::lint::sheet::grouped;
use crate::lint::sheet::listed;

pub(super) const RULE: Rule = Rule {
    id: "redispatch-missing",
    severity: Severity::Note,
    title: "`option redispatch` is missing",
    why: "Without it a request that is bound to a server by cookie, hash or stick table is tried again on that server alone, and ends in 503 while others could serve it.",
    fix: "add `option redispatch` to `defaults`",
    find,
};

fn find(sheet: &Sheet<'_>) -> Vec<Hit> {
    let lacks = |proxy: &&Proxy| {
        let several = enabled(proxy).nth(1).is_some();
        several && !proxy.redispatch.value && proxy.mode.value != Mode::Other && is_bound(proxy)
    };
    grouped(sheet.pools().filter(lacks))
        .into_iter()
        .filter_map(|(_, proxies)| {
            let first = proxies.first()?;
            let verb = if proxies.len() == 1 { "has" } else { "have" };
            let text = format!("{} {verb} no `option redispatch`", listed(&proxies));
            Some(Hit::new(first.at, &first.name, text).severity(Severity::Warning))
        })
        .collect()
}

/// Requests are bound to one server, by persistence or by a hash.
fn is_bound(proxy: &Proxy) -> bool {
    let algorithm = proxy
        .balance
        .value
        .split([' ', '('])
        .next()
        .unwrap_or_default();
    let hashed = matches!(
        algorithm,
        "source" | "uri" | "url_param" | "hdr" | "rdp-cookie" | "hash"
    );
    hashed || !proxy.persistence.is_empty()
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::fixture::finds;

    #[test]
    fn a_pool_with_persistence_is_found() {
        let text =
            "backend be\n cookie SRV insert\n server a 192.0.2.1:80\n server b 192.0.2.2:80\n";
        assert_eq!(finds(&RULE, text), [1]);
    }

    #[test]
    fn other_pools_are_not() {
        let text = "backend be\n option redispatch\n balance source\n server a 192.0.2.1:80\n server b 192.0.2.2:80\nbackend rr\n server a 192.0.2.1:80\n server b 192.0.2.2:80\n";
        assert!(finds(&RULE, text).is_empty());
    }
}
