//! A `resolvers` section that asks nobody.

use crate::lint::Hit;
use crate::lint::Rule;
use crate::lint::Severity;
use crate::lint::sheet::Sheet;

pub(super) const RULE: Rule = Rule {
    id: "resolvers-empty",
    severity: Severity::Warning,
    title: "the `resolvers` section has no name server",
    why: "Without a name server no answer ever comes: servers that are resolved at run time stay at their first address, or go into maintenance.",
    fix: "add `nameserver <name> <address>:53`, or `parse-resolv-conf`",
    find,
};

fn find(sheet: &Sheet<'_>) -> Vec<Hit> {
    let silent = sheet.config.resolver_sections.iter();
    silent
        .filter(|section| section.nameservers.is_empty() && section.parse_resolv_conf.is_none())
        .map(|section| {
            let text = format!("`resolvers {}` has no name server", section.name);
            Hit::new(section.at, &section.name, text)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::fixture::finds;

    #[test]
    fn a_section_without_name_server_is_found() {
        let text = "resolvers dns\n hold valid 10s\n";
        assert_eq!(finds(&RULE, text), [1]);
    }

    #[test]
    fn one_that_asks_somebody_is_not() {
        let text = "resolvers dns\n parse-resolv-conf\nresolvers b\n nameserver a 192.0.2.53:53\n";
        assert!(finds(&RULE, text).is_empty());
    }
}
