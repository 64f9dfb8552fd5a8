//! Checks so rare that a dead server gets requests for long.

use crate::config::Server;
use crate::lint::Hit;
use crate::lint::Rule;
use crate::lint::Severity;
use crate::lint::sheet::Sheet;

/// Longer than this a human would have noticed, milliseconds.
const DETECTION_MS_MAX: u64 = 45_000;

pub(super) const RULE: Rule = Rule {
    id: "detection-slow",
    severity: Severity::Note,
    title: "a dead server is noticed late",
    why: "Until `fall` checks in a row have failed, a dead server gets its share of the requests.",
    fix: "lower `inter` or `fall`, or add `observe layer4` with `on-error mark-down`",
    find,
};

fn find(sheet: &Sheet<'_>) -> Vec<Hit> {
    let mut hits = Vec::new();
    for proxy in sheet.pools() {
        let slow = proxy
            .servers
            .iter()
            .find(|server| server.check.is_some() && detection_ms(server) > DETECTION_MS_MAX);
        if let Some(server) = slow {
            let seconds = detection_ms(server) / 1000;
            let at = server.inter_ms.at.or(server.fall.at).unwrap_or(server.at);
            let word = if server.inter_ms.at.is_some() {
                "inter"
            } else {
                "fall"
            };
            let text = format!(
                "{} of {} may be dead for {seconds} s before it is taken out",
                server.name, proxy.name
            );
            hits.push(Hit::new(at, word, text));
        }
    }
    hits.sort_by_key(|hit| hit.at);
    hits.dedup_by_key(|hit| hit.at);
    hits
}

/// From the last good check to the last failed one, milliseconds.
fn detection_ms(server: &Server) -> u64 {
    let between = server
        .fastinter_ms
        .as_ref()
        .unwrap_or(&server.inter_ms)
        .value;
    let more = server.fall.value.saturating_sub(1);
    server
        .inter_ms
        .value
        .saturating_add(between.saturating_mul(more))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::fixture::finds;

    #[test]
    fn rare_checks_are_found() {
        let text = "backend be\n server a 192.0.2.1:80 check inter 30s fall 3\n";
        assert_eq!(finds(&RULE, text), [2]);
    }

    #[test]
    fn usual_ones_are_not() {
        let text = "backend be\n server a 192.0.2.1:80 check inter 30s fastinter 1s fall 3\n server b 192.0.2.1:81 check inter 5s\n";
        assert!(finds(&RULE, text).is_empty());
    }
}
