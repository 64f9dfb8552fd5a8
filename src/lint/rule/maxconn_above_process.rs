//! A frontend that may take more connections than the process.

use crate::lint::Hit;
use crate::lint::Rule;
use crate::lint::Severity;
use crate::lint::sheet::Sheet;

pub(super) const RULE: Rule = Rule {
    id: "maxconn-above-process",
    severity: Severity::Warning,
    title: "the frontend's `maxconn` is above the process's",
    why: "The process stops accepting at its own `maxconn`, whatever the frontend allows: clients hang in the kernel's queue and no log line says so.",
    fix: "raise `maxconn` in `global`, or lower the frontend's",
    find,
};

fn find(sheet: &Sheet<'_>) -> Vec<Hit> {
    let Some(limit) = sheet.config.global.maxconn.as_ref() else {
        return Vec::new();
    };
    let mut hits: Vec<Hit> = sheet
        .frontends()
        .filter_map(|proxy| {
            let own = proxy.maxconn.as_ref()?;
            let text = format!(
                "{} connections are allowed here, {} in `global`",
                own.value, limit.value
            );
            (own.value > limit.value && limit.value > 0)
                .then(|| Hit::new(own.at.unwrap_or(proxy.at), "maxconn", text))
        })
        .collect();
    hits.dedup();
    hits
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::fixture::finds;

    #[test]
    fn a_limit_that_never_holds_is_found() {
        let text = "global\n maxconn 1000\nfrontend fe\n maxconn 2000\n";
        assert_eq!(finds(&RULE, text), [4]);
    }

    #[test]
    fn one_within_is_not() {
        let text = "global\n maxconn 2000\nfrontend fe\n maxconn 2000\n";
        assert!(finds(&RULE, text).is_empty());
    }
}
