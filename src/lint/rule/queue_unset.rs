//! Servers with a limit, and a queue whose time nobody set.

use crate::lint::Hit;
use crate::lint::Rule;
use crate::lint::Severity;
use crate::lint::sheet::Sheet;

pub(super) const RULE: Rule = Rule {
    id: "queue-unset",
    severity: Severity::Note,
    title: "`maxconn` without `timeout queue`",
    why: "Requests beyond `maxconn` wait for `timeout queue`, which is `timeout connect` when it is not set: short by nature, so a moment of load ends in 503.",
    fix: "set `timeout queue` to what a client is willing to wait",
    find,
};

fn find(sheet: &Sheet<'_>) -> Vec<Hit> {
    sheet
        .pools()
        .filter(|proxy| proxy.timeout_ms("queue").is_none())
        .filter_map(|proxy| {
            let limited = proxy
                .servers
                .iter()
                .find_map(|server| server.maxconn.as_ref())?;
            let connect = proxy.timeout_ms("connect")?;
            // From five seconds on the two meanings of the timeout do not differ much.
            let text = format!(
                "{} queues for {} ms alone, its `timeout connect`",
                proxy.name, connect.value
            );
            (connect.value < 5000)
                .then(|| Hit::new(limited.at.unwrap_or(proxy.at), "maxconn", text))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::fixture::finds;

    #[test]
    fn a_limit_with_a_short_connect_timeout_is_found() {
        let text = "backend be\n timeout connect 1s\n server a 192.0.2.1:80 maxconn 10\n";
        assert_eq!(finds(&RULE, text), [3]);
    }

    #[test]
    fn one_with_its_own_time_is_not() {
        let text = "backend be\n timeout connect 1s\n timeout queue 30s\n server a 192.0.2.1:80 maxconn 10\n";
        assert!(finds(&RULE, text).is_empty());
    }
}
