//! HTTP checks without a `Host` header.

use crate::config::Proxy;
use crate::lint::Hit;
use crate::lint::Rule;
use crate::lint::Severity;
use crate::lint::reach::named;
use crate::lint::sheet::Sheet;
use crate::lint::sheet::checks_http;
use crate::lint::sheet::is_name;
use crate::route::acl_names;

pub(super) const RULE: Rule = Rule {
    id: "check-without-host",
    severity: Severity::Note,
    title: "the health check sends no Host header",
    why: "A check without Host asks another site than the clients do, or is refused with 400: it may fail while the site works, or pass while it does not.",
    fix: "`option httpchk` and `http-check send meth GET uri / hdr Host www.example.com` (up to 2.1: `option httpchk GET / HTTP/1.1\\r\\nHost:\\ www.example.com`)",
    find,
};

fn find(sheet: &Sheet<'_>) -> Vec<Hit> {
    let all = named(sheet.config);
    let by_host = |proxy: &Proxy| {
        let mut rules = all
            .iter()
            .filter(|named| named.may_be(&proxy.name))
            .filter_map(|named| {
                let rule = named.rule?;
                let names = acl_names(rule);
                let acls = named
                    .proxy
                    .acls
                    .iter()
                    .filter(|acl| names.contains(&acl.name));
                let lines = acls.flat_map(|acl| &acl.words).chain(&rule.condition);
                let mut words = lines.chain(&rule.words);
                Some(words.any(|word| word.contains("(host)") || word.contains("(Host)")))
            });
        let sets_host = proxy.rules.iter().any(|rule| {
            let word = |index: usize| rule.words.get(index).map_or("", String::as_str);
            word(1) == "set-header" && word(2).eq_ignore_ascii_case("host")
        });
        // A single label is the name of a container; it hosts one application.
        let mut servers = proxy.servers.iter();
        let named_server =
            servers.any(|server| is_name(&server.address) && server.address.contains('.'));
        rules.any(|by_host| by_host) || sets_host || named_server
    };
    sheet
        .pools()
        .filter(|proxy| checks_http(proxy) && proxy.check.host.is_none())
        .filter_map(|proxy| {
            let at = proxy.check.at?;
            if proxy.check.version.starts_with("HTTP/1.1") {
                let text = format!(
                    "the check of {} is HTTP/1.1 without Host, which servers answer with 400",
                    proxy.name
                );
                return Some(Hit::new(at, "httpchk", text).severity(Severity::Warning));
            }
            let text = format!("{} serves by name, and its check sends no Host", proxy.name);
            by_host(proxy).then(|| Hit::new(at, "httpchk", text))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::fixture::finds;

    #[test]
    fn http_1_1_without_host_is_found() {
        let text = "backend be\n option httpchk GET /up HTTP/1.1\n server a 192.0.2.1:80 check\n";
        assert_eq!(finds(&RULE, text), [2]);
    }

    #[test]
    fn a_site_that_is_chosen_by_name_is_found() {
        let text = "frontend fe\n acl shop hdr(host) -i shop.example.com\n use_backend be if shop\nbackend be\n option httpchk GET /up\n server a 192.0.2.1:80 check\n";
        assert_eq!(finds(&RULE, text), [5]);
    }

    #[test]
    fn checks_with_host_and_nameless_sites_are_not() {
        let text = "backend be\n option httpchk\n http-check send meth GET uri / ver HTTP/1.1 hdr Host a.example\n server a 192.0.2.1:80 check\nbackend other\n option httpchk GET /up\n server a 192.0.2.1:80 check\n";
        assert!(finds(&RULE, text).is_empty());
    }
}
