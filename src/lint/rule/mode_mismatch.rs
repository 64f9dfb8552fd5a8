//! An HTTP frontend and a TCP backend, or the reverse.

use crate::config::Mode;
use crate::lint::Hit;
use crate::lint::Rule;
use crate::lint::Severity;
use crate::lint::reach::named;
use crate::lint::sheet::Sheet;

pub(super) const RULE: Rule = Rule {
    id: "mode-mismatch",
    severity: Severity::Error,
    title: "frontend and backend have different modes",
    why: "HAProxy does not start with an HTTP frontend and a TCP backend; the reverse turns each connection into HTTP at the backend and refuses the rules of one of them.",
    fix: "give both the same `mode`, best in `defaults`",
    find,
};

fn find(sheet: &Sheet<'_>) -> Vec<Hit> {
    named(sheet.config)
        .into_iter()
        .filter(|named| !named.is_open() && named.proxy.disabled.is_none())
        .filter_map(|named| {
            let backend = sheet.config.backend(named.name)?;
            let is_wrong = named.proxy.mode.value == Mode::Http && backend.mode.value == Mode::Tcp;
            let text = format!(
                "{} is in HTTP mode, {} in TCP mode",
                named.proxy.name, backend.name
            );
            is_wrong.then(|| Hit::new(named.at, named.name, text))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::fixture::finds;

    #[test]
    fn an_http_frontend_with_a_tcp_backend_is_found() {
        let text = "frontend fe\n mode http\n default_backend be\nbackend be\n";
        assert_eq!(finds(&RULE, text), [3]);
    }

    #[test]
    fn equal_modes_are_not() {
        let text = "defaults\n mode http\nfrontend fe\n default_backend be\nbackend be\n";
        assert!(finds(&RULE, text).is_empty());
    }
}
