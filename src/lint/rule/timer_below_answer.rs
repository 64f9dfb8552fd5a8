//! Timers that are shorter than the answers seen in the log.

use crate::config::Setting;
use crate::lint::Hit;
use crate::lint::Rule;
use crate::lint::Severity;
use crate::lint::sheet::Sheet;
use crate::lint::sheet::checks_http;

pub(super) const RULE: Rule = Rule {
    id: "timer-below-answer",
    severity: Severity::Warning,
    title: "a timer is shorter than the usual answer",
    why: "A check that ends before a normal answer comes takes out servers that are well; a `timeout server` below it turns answers into 504.",
    fix: "give it a multiple of the usual answer time",
    find,
};

fn find(sheet: &Sheet<'_>) -> Vec<Hit> {
    let mut hits = Vec::new();
    for proxy in sheet.pools() {
        let Some(usual) = sheet.usual_ms.get(&proxy.name).copied() else {
            continue;
        };
        let server = proxy.servers.iter().find(|server| server.check.is_some());
        let check = server.map(|server| proxy.timeout_ms("check").unwrap_or(&server.inter_ms));
        let timers = [
            ("the checks' limit", check.filter(|_| checks_http(proxy))),
            ("`timeout server`", proxy.timeout_ms("server")),
        ];
        for (name, timer) in timers {
            if let Some(Setting { value, at }) = timer
                && *value <= usual
            {
                let at = at.or(server.map(|server| server.at)).unwrap_or(proxy.at);
                let text = format!(
                    "{name} of {} is {value} ms, its answers usually take {usual} ms",
                    proxy.name
                );
                hits.push(Hit::new(at, "", text));
            }
        }
    }
    hits
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::fixture::finds_with;
    use std::collections::BTreeMap;

    #[test]
    fn a_limit_below_the_usual_answer_is_found_and_one_above_is_not() {
        let text = "backend be\n timeout server 2s\n timeout check 500ms\n option httpchk\n server a 192.0.2.1:80 check\n";
        let usual = |ms| BTreeMap::from([("be".to_owned(), ms)]);
        assert_eq!(finds_with(&RULE, text, &usual(700)), [3]);
        assert_eq!(finds_with(&RULE, text, &usual(2500)), [2, 3]);
        assert!(finds_with(&RULE, text, &usual(100)).is_empty());
    }
}
