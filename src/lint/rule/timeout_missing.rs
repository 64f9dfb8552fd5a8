//! Proxies without the timeouts that HAProxy itself asks for.

use crate::config::Mode;
use crate::config::Proxy;
use crate::lint::Hit;
use crate::lint::Rule;
use crate::lint::Severity;
use crate::lint::sheet::Sheet;
use crate::lint::sheet::grouped;
use crate::lint::sheet::listed;

pub(super) const RULE: Rule = Rule {
    id: "timeout-missing",
    severity: Severity::Warning,
    title: "a timeout is missing",
    why: "Without `timeout connect`, `client` or `server` a dead peer holds its connection for ever, until the process is full and new clients get nothing.",
    fix: "add it to `defaults`",
    find,
};

fn find(sheet: &Sheet<'_>) -> Vec<Hit> {
    let mut hits = Vec::new();
    for (name, front) in [("client", true), ("connect", false), ("server", false)] {
        let lacks = |proxy: &&Proxy| {
            let concerned = if front {
                !proxy.binds.is_empty()
            } else {
                !proxy.servers.is_empty()
            };
            concerned
                && proxy.mode.value != Mode::Other
                && proxy.timeout_ms(name).is_none_or(|t| t.value == 0)
        };
        let all: Vec<&Proxy> = if front {
            sheet.frontends().filter(lacks).collect()
        } else {
            sheet.pools().filter(lacks).collect()
        };
        for (at, proxies) in grouped(all.into_iter()) {
            let verb = if proxies.len() == 1 { "has" } else { "have" };
            let text = format!("{} {verb} no `timeout {name}`", listed(&proxies));
            hits.push(
                Hit::new(at, "", text).fix(format!("add `timeout {name} <time>` to this section")),
            );
        }
    }
    hits
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::fixture::finds;

    #[test]
    fn each_missing_timeout_is_found_once_for_its_defaults() {
        let text = "defaults\n timeout connect 5s\nbackend a\n server a 192.0.2.1:80\nbackend b\n server a 192.0.2.1:80\nfrontend fe\n bind :80\n";
        assert_eq!(finds(&RULE, text), [1, 1]);
    }

    #[test]
    fn complete_ones_are_not() {
        let text = "defaults\n timeout connect 5s\n timeout client 5s\n timeout server 5s\nlisten a\n bind :80\n server a 192.0.2.1:80\n";
        assert!(finds(&RULE, text).is_empty());
    }
}
