//! Logs without the requests that went well.

use crate::lint::Hit;
use crate::lint::Rule;
use crate::lint::Severity;
use crate::lint::sheet::Sheet;

pub(super) const RULE: Rule = Rule {
    id: "log-normal-dropped",
    severity: Severity::Note,
    title: "requests that went well are not logged",
    why: "With `option dontlog-normal` a log has failures alone: their share, the usual times and the last good answer of a server are unknown.",
    fix: "remove the option; `option dontlognull` keeps probes out and is harmless",
    find,
};

fn find(sheet: &Sheet<'_>) -> Vec<Hit> {
    let mut hits: Vec<Hit> = sheet
        .frontends()
        .filter_map(|proxy| proxy.dontlog_normal)
        .map(|at| {
            Hit::new(
                at,
                "dontlog-normal",
                "requests that went well are not logged",
            )
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
    fn the_option_is_found_once() {
        let text = "defaults\n option dontlog-normal\nfrontend a\nfrontend b\n";
        assert_eq!(finds(&RULE, text), [2]);
    }

    #[test]
    fn dontlognull_is_not() {
        let text = "defaults\n option dontlognull\nfrontend a\n";
        assert!(finds(&RULE, text).is_empty());
    }
}
