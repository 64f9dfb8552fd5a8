//! A check without TLS on a port that speaks TLS.

use crate::config::CheckKind;
use crate::lint::Hit;
use crate::lint::Rule;
use crate::lint::Severity;
use crate::lint::sheet::Sheet;

pub(super) const RULE: Rule = Rule {
    id: "check-plain-on-tls",
    severity: Severity::Warning,
    title: "the check speaks plain text to a TLS port",
    why: "A TLS port answers a plain request with an error or closes: the server is DOWN although it works. The other way round, a check elsewhere proves nothing about TLS.",
    fix: "add `check-ssl verify none` (or `ssl`) to the server, or check another port with `port`",
    find,
};

fn find(sheet: &Sheet<'_>) -> Vec<Hit> {
    let mut hits = Vec::new();
    for proxy in sheet
        .pools()
        .filter(|proxy| proxy.check.kind != CheckKind::SslHello)
    {
        let connects_tls = proxy
            .check
            .connects
            .iter()
            .any(|connect| connect.ssl || connect.port.is_some());
        for server in proxy.servers.iter().filter(|server| server.check.is_some()) {
            let elsewhere = server.check_port.is_some() || server.check_addr.is_some();
            let port = server
                .check_port
                .as_ref()
                .map(|port| port.value)
                .or(server.port);
            let is_tls = server.check_ssl.is_some() || server.ssl.is_some() && !elsewhere;
            if is_tls || connects_tls || !matches!(port, Some(443 | 8443 | 6443)) {
                continue;
            }
            let speaks = matches!(proxy.check.kind, CheckKind::Http);
            if !speaks {
                continue;
            }
            let port = port.unwrap_or_default();
            let at = server
                .check_port
                .as_ref()
                .and_then(|port| port.at)
                .unwrap_or(server.at);
            let text = format!(
                "`option httpchk` asks {} in plain text on port {port}",
                server.name
            );
            hits.push(Hit::new(at, port.to_string(), text));
            break;
        }
    }
    hits
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::fixture::finds;

    #[test]
    fn plain_http_to_443_is_found() {
        let text = "backend be\n option httpchk GET /\n server a 192.0.2.1:443 check\n";
        assert_eq!(finds(&RULE, text), [3]);
    }

    #[test]
    fn a_check_port_loses_the_tls_of_the_server() {
        let text = "backend be\n option httpchk GET /\n server a 192.0.2.1:8080 ssl verify none check port 8443\n";
        assert_eq!(finds(&RULE, text), [3]);
    }

    #[test]
    fn tls_checks_and_connections_alone_are_not() {
        let text = "backend be\n option httpchk GET /\n server a 192.0.2.1:443 check check-ssl verify none\n server b 192.0.2.1:443 ssl verify none check\nbackend tcp\n server a 192.0.2.1:443 check\n";
        assert!(finds(&RULE, text).is_empty());
    }
}
