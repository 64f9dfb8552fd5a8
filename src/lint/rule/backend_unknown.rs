//! A rule names a backend that is not there.

use crate::lint::Hit;
use crate::lint::Rule;
use crate::lint::Severity;
use crate::lint::reach::named;
use crate::lint::sheet::Sheet;

pub(super) const RULE: Rule = Rule {
    id: "backend-unknown",
    severity: Severity::Error,
    title: "no backend has this name",
    why: "HAProxy does not start when a rule or `default_backend` names a backend that the configuration does not have.",
    fix: "correct the name, or add the backend",
    find,
};

fn find(sheet: &Sheet<'_>) -> Vec<Hit> {
    named(sheet.config)
        .into_iter()
        .filter(|named| !named.is_open() && sheet.config.backend(named.name).is_none())
        .map(|named| {
            let text = format!("the configuration has no backend `{}`", named.name);
            Hit::new(named.at, named.name, text)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::fixture::finds;

    #[test]
    fn a_name_that_no_backend_has_is_found() {
        let text = "frontend fe\n use_backend be_a if TRUE\n default_backend be_b\nbackend be_b\n";
        assert_eq!(finds(&RULE, text), [2]);
    }

    #[test]
    fn names_built_from_the_request_are_not() {
        let text = "frontend fe\n use_backend be_%[path] if TRUE\n";
        assert!(finds(&RULE, text).is_empty());
    }
}
