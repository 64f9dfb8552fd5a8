//! No second attempt to connect.

use crate::lint::Hit;
use crate::lint::Rule;
use crate::lint::Severity;
use crate::lint::sheet::Sheet;

pub(super) const RULE: Rule = Rule {
    id: "retries-off",
    severity: Severity::Note,
    title: "connections are not tried again",
    why: "With `retries 0` a single refused connection, as of a server that restarts, is a 503 at once; `option redispatch` has nothing to act on.",
    fix: "remove the line (3 is built in)",
    find,
};

fn find(sheet: &Sheet<'_>) -> Vec<Hit> {
    let mut hits: Vec<Hit> = sheet
        .pools()
        .filter(|proxy| proxy.retries.value == 0)
        .filter_map(|proxy| {
            let at = proxy.retries.at?;
            Some(Hit::new(
                at,
                "retries",
                "a connection that fails is not tried again",
            ))
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
    fn no_retries_are_found() {
        let text = "backend be\n retries 0\n server a 192.0.2.1:80\n";
        assert_eq!(finds(&RULE, text), [2]);
    }

    #[test]
    fn some_are_not() {
        let text = "backend be\n retries 1\n server a 192.0.2.1:80\n";
        assert!(finds(&RULE, text).is_empty());
    }
}
