//! Two servers of a pool that are the same machine and port, or have the same name.

use crate::config::Server;
use crate::lint::Hit;
use crate::lint::Rule;
use crate::lint::Severity;
use crate::lint::sheet::Sheet;
use crate::lint::sheet::enabled;

pub(super) const RULE: Rule = Rule {
    id: "server-twice",
    severity: Severity::Warning,
    title: "two servers are one",
    why: "Two lines with one address look like redundancy and are none: both fail together. Of two lines with one name HAProxy refuses the second.",
    fix: "correct the address or the name of one of them",
    find,
};

fn find(sheet: &Sheet<'_>) -> Vec<Hit> {
    let mut hits = Vec::new();
    for proxy in sheet.pools() {
        let mut seen: Vec<&Server> = Vec::new();
        for server in enabled(proxy).filter(|server| server.template.is_none()) {
            let named = seen.iter().find(|other| other.name == server.name);
            let same = seen.iter().find(|other| {
                other.address == server.address
                    && other.port == server.port
                    && other.port_offset == server.port_offset
                    && other.source == server.source
                    && other.send_proxy == server.send_proxy
                    && other.ssl.is_some() == server.ssl.is_some()
            });
            if named.is_some() {
                let text = format!("{} has two servers of the name {}", proxy.name, server.name);
                hits.push(Hit::new(server.at, &server.name, text).severity(Severity::Error));
            } else if let Some(other) = same.filter(|_| server.port.is_some()) {
                let text = format!("{} and {} have the same address", other.name, server.name);
                hits.push(Hit::new(server.at, &server.address, text));
            }
            seen.push(server);
        }
    }
    hits
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::fixture::finds;

    #[test]
    fn one_address_or_one_name_twice_is_found() {
        let text =
            "backend be\n server a 192.0.2.1:80\n server b 192.0.2.1:80\n server a 192.0.2.3:80\n";
        assert_eq!(finds(&RULE, text), [3, 4]);
    }

    #[test]
    fn other_ports_are_not() {
        let text = "backend be\n server a 192.0.2.1:80\n server b 192.0.2.1:81\n server-template t 3 app.example.com:80\n";
        assert!(finds(&RULE, text).is_empty());
    }
}
