//! Times so short that a unit seems to be missing.

use crate::config::Setting;
use crate::lint::Hit;
use crate::lint::Rule;
use crate::lint::Severity;
use crate::lint::sheet::Sheet;

pub(super) const RULE: Rule = Rule {
    id: "timer-tiny",
    severity: Severity::Warning,
    title: "the time is very short: a unit may be missing",
    why: "Times without a unit are milliseconds. `timeout server 30` gives the application 30 ms: slow answers become 504, slow connections 503.",
    fix: "write the unit: `30s`",
    find,
};

fn find(sheet: &Sheet<'_>) -> Vec<Hit> {
    let limits = [
        ("connect", 40),
        ("client", 500),
        ("server", 500),
        ("queue", 100),
        ("check", 40),
        ("http-request", 500),
        ("tunnel", 500),
    ];
    let mut hits = Vec::new();
    for proxy in sheet.frontends().chain(sheet.backends()) {
        for (name, least) in limits {
            if let Some(Setting {
                value,
                at: Some(at),
            }) = proxy.timeout_ms(name)
                && *value < least
                && *value > 0
            {
                let text = format!("`timeout {name}` is {value} ms");
                hits.push(Hit::new(*at, name, text));
            }
        }
        for server in &proxy.servers {
            if let Setting {
                value,
                at: Some(at),
            } = server.inter_ms
                && value < 100
                && server.check.is_some()
            {
                let text = format!("{} is checked every {value} ms", server.name);
                hits.push(Hit::new(at, "inter", text));
                break;
            }
        }
    }
    hits.sort_by(|a, b| (a.at, &a.text).cmp(&(b.at, &b.text)));
    hits.dedup_by(|a, b| a.at == b.at);
    hits
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::fixture::finds;

    #[test]
    fn times_without_their_unit_are_found() {
        let text = "defaults\n timeout connect 5\n timeout server 30\nbackend be\n server a 192.0.2.1:80 check inter 5\n";
        assert_eq!(finds(&RULE, text), [2, 3, 5]);
    }

    #[test]
    fn usual_times_are_not() {
        let text = "defaults\n timeout connect 5000\n timeout server 30s\n timeout queue 0\nbackend be\n server a 192.0.2.1:80 check inter 500\n";
        assert!(finds(&RULE, text).is_empty());
    }
}
