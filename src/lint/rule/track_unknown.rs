//! A server tracks one that is not there.

use crate::lint::Hit;
use crate::lint::Rule;
use crate::lint::Severity;
use crate::lint::sheet::Sheet;

pub(super) const RULE: Rule = Rule {
    id: "track-unknown",
    severity: Severity::Error,
    title: "the tracked server is not there",
    why: "HAProxy does not start when a server tracks one that the configuration does not have.",
    fix: "correct the name after `track`",
    find,
};

fn find(sheet: &Sheet<'_>) -> Vec<Hit> {
    let mut hits = Vec::new();
    for proxy in &sheet.config.proxies {
        for server in &proxy.servers {
            let Some(track) = &server.track else {
                continue;
            };
            let known = match track.value.split_once('/') {
                Some((backend, name)) => sheet
                    .config
                    .backend(backend)
                    .and_then(|other| other.server(name)),
                None => proxy.server(&track.value),
            };
            if known.is_none() && !track.value.contains('$') {
                let text = format!("the configuration has no server {}", track.value);
                hits.push(Hit::new(track.at.unwrap_or(server.at), &track.value, text));
            }
        }
    }
    hits
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::fixture::finds;

    #[test]
    fn a_name_that_no_server_has_is_found() {
        let text = "backend be\n server a 192.0.2.1:80 track b\n server b2 192.0.2.2:80\n";
        assert_eq!(finds(&RULE, text), [2]);
    }

    #[test]
    fn known_ones_are_not() {
        let text = "backend be\n server a 192.0.2.1:80 track be_x/b\nbackend be_x\n server b 192.0.2.2:80 check\n";
        assert!(finds(&RULE, text).is_empty());
    }
}
