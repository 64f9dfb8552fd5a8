//! External checks that the process does not permit.

use crate::config::CheckKind;
use crate::lint::Hit;
use crate::lint::Rule;
use crate::lint::Severity;
use crate::lint::sheet::Sheet;

pub(super) const RULE: Rule = Rule {
    id: "external-check-off",
    severity: Severity::Error,
    title: "external checks are not permitted",
    why: "Without `external-check` in `global` HAProxy refuses to run the program; with `chroot` it does not find it.",
    fix: "add `external-check` (since 2.2 with `insecure-fork-wanted`) to `global`",
    find,
};

fn find(sheet: &Sheet<'_>) -> Vec<Hit> {
    if sheet.config.global.external_check.is_some() {
        return Vec::new();
    }
    // A piece of a configuration without `global` says nothing about it.
    sheet
        .pools()
        .filter(|proxy| proxy.check.kind == CheckKind::External)
        .filter_map(|proxy| {
            let at = proxy.check.at?;
            let text = format!("`global` has no `external-check`: {} runs none", proxy.name);
            Some(Hit::new(at, "external-check", text))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::fixture::finds;

    #[test]
    fn a_check_that_is_not_permitted_is_found() {
        let text = "backend be\n option external-check\n server a 192.0.2.1:80 check\n";
        assert_eq!(finds(&RULE, text), [2]);
    }

    #[test]
    fn a_permitted_one_is_not() {
        let text = "global\n external-check\nbackend be\n option external-check\n server a 192.0.2.1:80 check\n";
        assert!(finds(&RULE, text).is_empty());
    }
}
