//! A server names a `resolvers` section that is not there.

use crate::lint::Hit;
use crate::lint::Rule;
use crate::lint::Severity;
use crate::lint::sheet::Sheet;

pub(super) const RULE: Rule = Rule {
    id: "resolvers-unknown",
    severity: Severity::Error,
    title: "no `resolvers` section has this name",
    why: "HAProxy does not start when a server names a `resolvers` section that the configuration does not have.",
    fix: "correct the name, or add the section",
    find,
};

fn find(sheet: &Sheet<'_>) -> Vec<Hit> {
    let mut hits = Vec::new();
    for server in sheet.config.proxies.iter().flat_map(|proxy| &proxy.servers) {
        let Some(wanted) = &server.resolvers else {
            continue;
        };
        // Since 2.6 a section `default` is made from the host's resolv.conf.
        let known = wanted.value == "default" || sheet.config.resolvers.contains(&wanted.value);
        if !known && !wanted.value.contains('$') {
            let text = format!("the configuration has no `resolvers {}`", wanted.value);
            hits.push(Hit::new(
                wanted.at.unwrap_or(server.at),
                &wanted.value,
                text,
            ));
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
    fn a_section_that_is_not_there_is_found() {
        let text = "backend be\n server a app.example.com:80 resolvers dns\n";
        assert_eq!(finds(&RULE, text), [2]);
    }

    #[test]
    fn one_that_is_there_and_the_default_are_not() {
        let text = "resolvers dns\n nameserver a 192.0.2.53:53\nbackend be\n server a app.example.com:80 resolvers dns\n server b app.example.com:80 resolvers default\n";
        assert!(finds(&RULE, text).is_empty());
    }
}
