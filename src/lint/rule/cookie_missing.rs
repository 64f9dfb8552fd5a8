//! A pool with cookie persistence, and a server without its value.

use crate::lint::Hit;
use crate::lint::Rule;
use crate::lint::Severity;
use crate::lint::sheet::Sheet;
use crate::lint::sheet::enabled;

pub(super) const RULE: Rule = Rule {
    id: "cookie-missing",
    severity: Severity::Note,
    title: "the server has no cookie value",
    why: "Clients are not bound to a server without `cookie <value>`: their sessions are lost when the next request goes elsewhere.",
    fix: "add `cookie <value>` to the server",
    find,
};

fn find(sheet: &Sheet<'_>) -> Vec<Hit> {
    let mut hits = Vec::new();
    for proxy in sheet.pools() {
        let Some(at) = proxy.persistence.first() else {
            continue;
        };
        let line = String::from_utf8_lossy(sheet.configuration.line(*at)).into_owned();
        let is_cookie = line.trim_start().starts_with("cookie ");
        // With `dynamic` HAProxy makes the values itself, with `prefix` and `rewrite` the application may have its own.
        if !is_cookie
            || line.contains("dynamic")
            || !line.contains("insert")
            || enabled(proxy).nth(1).is_none()
        {
            continue;
        }
        let mut bare =
            enabled(proxy).filter(|server| server.cookie.is_none() && server.backup.is_none());
        if let Some(server) = bare.next() {
            let text = format!("clients are not bound to {}", server.name);
            hits.push(Hit::new(server.at, &server.name, text));
        }
    }
    hits
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::fixture::finds;

    #[test]
    fn a_server_without_value_is_found() {
        let text = "backend be\n cookie A insert\n server a 192.0.2.1:80 cookie a\n server b 192.0.2.2:80\n";
        assert_eq!(finds(&RULE, text), [4]);
    }

    #[test]
    fn values_and_dynamic_cookies_are_not() {
        let text = "backend be\n cookie A insert\n server a 192.0.2.1:80 cookie a\n server b 192.0.2.2:80 cookie b\nbackend dyn\n cookie A insert dynamic\n server a 192.0.2.1:80\n server b 192.0.2.2:80\n";
        assert!(finds(&RULE, text).is_empty());
    }
}
