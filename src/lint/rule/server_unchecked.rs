//! A server that nothing watches, beside others that could take over.

use crate::config::Mode;
use crate::config::Server;
use crate::lint::Hit;
use crate::lint::Rule;
use crate::lint::Severity;
use crate::lint::sheet::Sheet;
use crate::lint::sheet::enabled;
use crate::lint::sheet::is_watched;

pub(super) const RULE: Rule = Rule {
    id: "server-unchecked",
    severity: Severity::Warning,
    title: "the server has no health check",
    why: "HAProxy never takes an unchecked server out: when it fails, its share of the requests fails with it, although others could serve them.",
    fix: "add `check` to the server, or to `default-server`",
    find,
};

fn find(sheet: &Sheet<'_>) -> Vec<Hit> {
    let mut hits = Vec::new();
    for proxy in sheet
        .pools()
        .filter(|proxy| proxy.mode.value != Mode::Other)
    {
        let blind: Vec<&Server> = enabled(proxy)
            .filter(|server| !is_watched(server))
            .collect();
        let Some(first) = blind.first() else {
            continue;
        };
        let n = enabled(proxy).count();
        let is_alone = n == 1;
        let text = match blind.len() {
            1 if is_alone => format!("{} has no health check; it is the only server", first.name),
            1 => format!("{} has no health check", first.name),
            m if m == n => format!(
                "none of the {n} servers of {} has a health check",
                proxy.name
            ),
            m => format!("{} and {} more have no health check", first.name, m - 1),
        };
        let hit = Hit::new(first.at, &first.name, text);
        hits.push(if is_alone {
            hit.severity(Severity::Note)
        } else {
            hit
        });
    }
    hits
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::fixture::finds;

    #[test]
    fn a_server_without_check_is_found_once_for_each_pool() {
        let text = "backend be\n server a 192.0.2.1:80\n server b 192.0.2.2:80\n server c 192.0.2.3:80 check\n";
        assert_eq!(finds(&RULE, text), [2]);
    }

    #[test]
    fn checks_agents_and_tracks_watch() {
        let text = "backend be\n default-server check\n server a 192.0.2.1:80\n server b 192.0.2.2:80 no-check track a\n server c 192.0.2.3:80 no-check agent-check agent-port 9\n server d 192.0.2.4:80 no-check disabled\n";
        assert!(finds(&RULE, text).is_empty());
    }
}
