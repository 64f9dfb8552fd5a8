//! An HTTP pool whose checks only open a connection.

use crate::config::CheckKind;
use crate::config::Mode;
use crate::config::Proxy;
use crate::lint::Hit;
use crate::lint::Rule;
use crate::lint::Severity;
use crate::lint::sheet::Sheet;
use crate::lint::sheet::grouped;
use crate::lint::sheet::listed;

pub(super) const RULE: Rule = Rule {
    id: "check-connect-only",
    severity: Severity::Note,
    title: "the check only opens a connection",
    why: "An application that accepts connections and answers 500, or nothing, stays UP: its errors reach the clients.",
    fix: "add `option httpchk GET /<readiness path>`",
    find,
};

fn find(sheet: &Sheet<'_>) -> Vec<Hit> {
    let blind = |proxy: &&Proxy| {
        proxy.mode.value == Mode::Http
            && proxy.check.kind == CheckKind::Connect
            && proxy
                .servers
                .iter()
                .any(|s| s.check.is_some() && s.agent_check.is_none() && s.healthcheck.is_none())
    };
    grouped(sheet.pools().filter(blind))
        .into_iter()
        .filter_map(|(_, proxies)| {
            let at = proxies.first()?.at;
            let checks = if proxies.len() == 1 {
                "checks open"
            } else {
                "checks of all of them open"
            };
            let text = format!(
                "{}: {checks} a connection and ask nothing",
                listed(&proxies)
            );
            Some(Hit::new(at, &proxies.first()?.name, text))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::fixture::finds;

    #[test]
    fn checks_that_ask_nothing_are_found_once() {
        let text = "defaults\n mode http\nbackend be_a\n server a 192.0.2.1:80 check\nbackend be_b\n server a 192.0.2.1:80 check\n";
        assert_eq!(finds(&RULE, text), [3]);
    }

    #[test]
    fn checks_that_ask_are_not() {
        let text = "backend be\n mode http\n option httpchk\n server a 192.0.2.1:80 check\nbackend tcp\n server a 192.0.2.1:80 check\n";
        assert!(finds(&RULE, text).is_empty());
    }
}
