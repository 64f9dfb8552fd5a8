//! A rule of the section throws away the check request of its `defaults`.

use crate::lint::Hit;
use crate::lint::Rule;
use crate::lint::Severity;
use crate::lint::sheet::Sheet;

pub(super) const RULE: Rule = Rule {
    id: "check-request-dropped",
    severity: Severity::Error,
    title: "the inherited check request is dropped",
    why: "The first `http-check` or `tcp-check` rule of a section replaces the inherited ones, the request among them: since 2.2 nothing is sent, and every check ends in a timeout.",
    fix: "repeat `option httpchk …` in this section",
    find,
};

fn find(sheet: &Sheet<'_>) -> Vec<Hit> {
    sheet
        .pools()
        .filter(|proxy| proxy.servers.iter().any(|server| server.check.is_some()))
        .filter_map(|proxy| {
            let at = proxy.check.request_dropped?;
            let text = format!(
                "{} inherits `option httpchk`, and this rule drops its request",
                proxy.name
            );
            Some(Hit::new(at, "", text))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::fixture::finds;

    #[test]
    fn a_rule_without_the_option_beside_it_is_found() {
        let text = "defaults\n option httpchk GET /up\nbackend be\n http-check expect status 200\n server a 192.0.2.1:80 check\n";
        assert_eq!(finds(&RULE, text), [4]);
    }

    #[test]
    fn one_beside_its_option_is_not() {
        let text = "defaults\n option httpchk GET /up\nbackend be\n option httpchk GET /up\n http-check expect status 200\n server a 192.0.2.1:80 check\n";
        assert!(finds(&RULE, text).is_empty());
    }
}
