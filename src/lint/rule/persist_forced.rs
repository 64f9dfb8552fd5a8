//! Requests that are bound to a server even when it is down.

use crate::lint::Hit;
use crate::lint::Rule;
use crate::lint::Severity;
use crate::lint::sheet::Sheet;

pub(super) const RULE: Rule = Rule {
    id: "persist-forced",
    severity: Severity::Warning,
    title: "`option persist` sends requests to servers that are down",
    why: "With it a client whose cookie names a server that is down still goes there, and gets 503 instead of another server.",
    fix: "remove the option, and add `option redispatch`",
    find,
};

fn find(sheet: &Sheet<'_>) -> Vec<Hit> {
    let mut hits = Vec::new();
    for proxy in sheet.pools() {
        for at in &proxy.persistence {
            let line = String::from_utf8_lossy(sheet.configuration.line(*at)).into_owned();
            if line.split_whitespace().eq(["option", "persist"]) {
                hits.push(Hit::new(
                    *at,
                    "persist",
                    "clients stay bound to a server that is down",
                ));
            }
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
    fn the_option_is_found() {
        let text = "backend be\n option persist\n server a 192.0.2.1:80\n";
        assert_eq!(finds(&RULE, text), [2]);
    }

    #[test]
    fn a_cookie_is_not() {
        let text = "backend be\n cookie A insert\n server a 192.0.2.1:80\n";
        assert!(finds(&RULE, text).is_empty());
    }
}
