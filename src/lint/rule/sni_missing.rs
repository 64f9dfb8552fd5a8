//! TLS to a server by name, without telling it the name.

use crate::config::Mode;
use crate::lint::Hit;
use crate::lint::Rule;
use crate::lint::Severity;
use crate::lint::sheet::Sheet;
use crate::lint::sheet::enabled;
use crate::lint::sheet::is_name;

pub(super) const RULE: Rule = Rule {
    id: "sni-missing",
    severity: Severity::Note,
    title: "TLS to a named server without SNI",
    why: "A server that hosts several names answers without SNI with the wrong certificate or a handshake failure: requests and checks fail with 503 and L6RSP.",
    fix: "add `sni str(<name>)` and `check-sni <name>` to the server (3.3 and later do so by themselves)",
    find,
};

fn find(sheet: &Sheet<'_>) -> Vec<Hit> {
    let mut hits = Vec::new();
    for proxy in sheet.pools().filter(|proxy| proxy.mode.value == Mode::Http) {
        let mut bare = enabled(proxy).filter(|server| {
            let nameless_check = server.check.is_some() && server.check_sni.is_none();
            server.ssl.is_some()
                && is_name(&server.address)
                && (server.sni.is_none() || nameless_check)
        });
        if let Some(server) = bare.next() {
            let what = if server.sni.is_none() {
                "requests to"
            } else {
                "checks of"
            };
            let text = format!("{what} {} carry no server name", server.name);
            hits.push(Hit::new(server.at, &server.address, text));
        }
    }
    hits
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::fixture::finds;

    #[test]
    fn a_named_server_without_sni_is_found() {
        let text = "backend be\n mode http\n server a app.example.com:443 ssl verify none\n";
        assert_eq!(finds(&RULE, text), [3]);
    }

    #[test]
    fn one_with_it_is_not() {
        let text = "backend be\n mode http\n server a app.example.com:443 ssl verify none sni str(app.example.com) check check-sni app.example.com\n server b 192.0.2.1:443 ssl verify none\n";
        assert!(finds(&RULE, text).is_empty());
    }
}
