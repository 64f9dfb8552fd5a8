//! Frontends that log nothing.

use crate::config::Mode;
use crate::config::Proxy;
use crate::lint::Hit;
use crate::lint::Rule;
use crate::lint::Severity;
use crate::lint::sheet::Sheet;
use crate::lint::sheet::grouped;
use crate::lint::sheet::listed;

pub(super) const RULE: Rule = Rule {
    id: "log-missing",
    severity: Severity::Warning,
    title: "the frontend logs nothing",
    why: "Without a log there is no line of a failed request: the reason of a 503 is lost with the moment.",
    fix: "add `log global` (and a `log` line in `global`) to `defaults`",
    find,
};

fn find(sheet: &Sheet<'_>) -> Vec<Hit> {
    let silent = |proxy: &&Proxy| {
        proxy.logs.is_empty() && !proxy.binds.is_empty() && proxy.mode.value != Mode::Other
            // A page of statistics alone needs no log.
            && (!proxy.servers.is_empty() || !proxy.use_backend.is_empty() || proxy.default_backend.is_some())
    };
    grouped(sheet.frontends().filter(silent))
        .into_iter()
        .map(|(at, proxies)| {
            let verb = if proxies.len() == 1 { "has" } else { "have" };
            Hit::new(at, "", format!("{} {verb} no `log` line", listed(&proxies)))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::fixture::finds;

    #[test]
    fn a_frontend_without_log_is_found() {
        let text = "frontend fe\n bind :80\n default_backend be\nbackend be\n";
        assert_eq!(finds(&RULE, text), [1]);
    }

    #[test]
    fn one_that_logs_is_not() {
        let text = "defaults\n log global\nfrontend fe\n bind :80\n default_backend be\nbackend be\nlisten stats\n bind :81\n no log\n stats enable\n";
        assert!(finds(&RULE, text).is_empty());
    }
}
