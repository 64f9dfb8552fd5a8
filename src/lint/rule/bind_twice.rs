//! Two frontends at one address and port.

use crate::config::Proxy;
use crate::lint::Hit;
use crate::lint::Rule;
use crate::lint::Severity;
use crate::lint::sheet::Sheet;
use std::collections::BTreeMap;

pub(super) const RULE: Rule = Rule {
    id: "bind-twice",
    severity: Severity::Warning,
    title: "two frontends share an address",
    why: "HAProxy lets the kernel spread connections over both sockets: the same request takes one way now and the other way then.",
    fix: "bind one of them elsewhere, or join the two sections",
    find,
};

fn find(sheet: &Sheet<'_>) -> Vec<Hit> {
    let mut seen: BTreeMap<String, &Proxy> = BTreeMap::new();
    let mut hits = Vec::new();
    for proxy in sheet.frontends() {
        for bind in &proxy.binds {
            let addresses = bind.value.split(' ').next().unwrap_or_default();
            let has_family = bind.value.contains("quic")
                || bind.value.contains("interface ")
                || bind.value.contains("namespace ");
            for address in addresses
                .split(',')
                .filter(|a| !a.contains('$') && !a.is_empty() && !has_family)
            {
                let plain = address
                    .trim_start_matches("ipv4@")
                    .replacen("0.0.0.0:", "*:", 1);
                let plain = if plain.starts_with(':') {
                    format!("*{plain}")
                } else {
                    plain
                };
                let other = seen.get(&plain).filter(|other| other.at != proxy.at);
                if let (Some(other), Some(at)) = (other, bind.at) {
                    let text = format!("{} listens there too", other.name);
                    hits.push(Hit::new(at, address, text));
                }
                seen.entry(plain).or_insert(proxy);
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
    fn one_address_in_two_sections_is_found() {
        let text = "frontend a\n bind *:80\nfrontend b\n bind :80\n";
        assert_eq!(finds(&RULE, text), [4]);
    }

    #[test]
    fn other_ports_and_the_same_section_are_not() {
        let text =
            "frontend a\n bind *:80\n bind *:443 ssl crt x\nfrontend b\n bind 192.0.2.1:80\n";
        assert!(finds(&RULE, text).is_empty());
    }
}
