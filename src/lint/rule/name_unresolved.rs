//! A server by name that is looked up once, at start.

use crate::config::Server;
use crate::lint::Hit;
use crate::lint::Rule;
use crate::lint::Severity;
use crate::lint::sheet::Sheet;
use crate::lint::sheet::enabled;
use crate::lint::sheet::is_name;

pub(super) const RULE: Rule = Rule {
    id: "name-unresolved",
    severity: Severity::Warning,
    title: "the server's name is looked up at start alone",
    why: "Without `resolvers` HAProxy keeps the address of its start. When the name moves to another address, requests go to the old one until the next reload.",
    fix: "add `resolvers <section>` to the server (and `init-addr last,libc,none`, so that HAProxy starts without the answer)",
    find,
};

fn find(sheet: &Sheet<'_>) -> Vec<Hit> {
    let mut hits = Vec::new();
    for proxy in sheet.pools() {
        let fixed: Vec<&Server> = enabled(proxy)
            .filter(|server| server.resolvers.is_none() && is_name(&server.address))
            .collect();
        if let Some(first) = fixed.first() {
            let text = match fixed.len() {
                1 => format!("{} is looked up at start alone", first.address),
                n => format!(
                    "{} and the names of {} more are looked up at start alone",
                    first.address,
                    n - 1
                ),
            };
            hits.push(Hit::new(first.at, &first.address, text));
        }
    }
    hits
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::fixture::finds;

    #[test]
    fn a_name_without_resolvers_is_found() {
        let text =
            "backend be\n server a app.example.com:80 check\n server b b.example.com:80 check\n";
        assert_eq!(finds(&RULE, text), [2]);
    }

    #[test]
    fn addresses_sockets_and_resolved_names_are_not() {
        let text = "backend be\n server a 192.0.2.1:80\n server b [2001:db8::1]:80\n server c unix@/run/c.sock\n server d app.example.com:80 resolvers dns\n server e \"${HOST}:80\"\n server f localhost:80\n";
        assert!(finds(&RULE, text).is_empty());
    }
}
