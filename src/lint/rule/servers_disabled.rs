//! Servers that start in maintenance because a line says so.

use crate::lint::Hit;
use crate::lint::Rule;
use crate::lint::Severity;
use crate::lint::sheet::Sheet;

pub(super) const RULE: Rule = Rule {
    id: "servers-disabled",
    severity: Severity::Note,
    title: "a `disabled` server starts in maintenance",
    why: "A server that is `disabled` in the file is out after every restart, until somebody enables it on the runtime socket.",
    fix: "remove `disabled`, or the server",
    find,
};

fn find(sheet: &Sheet<'_>) -> Vec<Hit> {
    let mut hits = Vec::new();
    for proxy in sheet.pools() {
        let n = proxy
            .servers
            .iter()
            .filter(|server| server.disabled.is_some())
            .count();
        let first = proxy
            .servers
            .iter()
            .find(|server| server.disabled.is_some());
        let Some((first, at)) = first.and_then(|server| Some((server, server.disabled?))) else {
            continue;
        };
        hits.push(if n == proxy.servers.len() {
            let text = format!(
                "every server of {} is disabled: its requests get 503",
                proxy.name
            );
            Hit::new(at, "disabled", text).severity(Severity::Warning)
        } else {
            let text = match n {
                1 => format!("{} starts in maintenance", first.name),
                _ => format!("{} and {} more start in maintenance", first.name, n - 1),
            };
            Hit::new(at, "disabled", text)
        });
    }
    hits
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::fixture::finds;

    #[test]
    fn a_disabled_server_is_found() {
        let text =
            "backend be\n server a 192.0.2.1:80 check disabled\n server b 192.0.2.2:80 check\n";
        assert_eq!(finds(&RULE, text), [2]);
    }

    #[test]
    fn enabled_ones_are_not() {
        let text = "backend be\n server a 192.0.2.1:80 check\n";
        assert!(finds(&RULE, text).is_empty());
    }
}
