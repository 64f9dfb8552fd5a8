//! Logs without timers and termination flags.

use crate::config::LogFormat;
use crate::config::Mode;
use crate::config::Proxy;
use crate::lint::Hit;
use crate::lint::Rule;
use crate::lint::Severity;
use crate::lint::sheet::Sheet;
use crate::lint::sheet::grouped;
use crate::lint::sheet::listed;

pub(super) const RULE: Rule = Rule {
    id: "log-format-poor",
    severity: Severity::Warning,
    title: "the log format hides why requests fail",
    why: "The built-in format says who connected and nothing else: no status, no timers, no flags, no server.",
    fix: "add `option httplog` (`option tcplog` in TCP mode) to `defaults`",
    find,
};

fn find(sheet: &Sheet<'_>) -> Vec<Hit> {
    let poor = |proxy: &&Proxy| {
        proxy.log == LogFormat::Connect
            && !proxy.logs.is_empty()
            && !proxy.binds.is_empty()
            && proxy.mode.value != Mode::Other
            && (!proxy.servers.is_empty()
                || !proxy.use_backend.is_empty()
                || proxy.default_backend.is_some())
    };
    grouped(sheet.frontends().filter(poor))
        .into_iter()
        .map(|(at, proxies)| {
            let verb = if proxies.len() == 1 { "logs" } else { "log" };
            let http = proxies.iter().all(|proxy| proxy.mode.value == Mode::Http);
            let option = if http {
                "option httplog"
            } else {
                "option tcplog"
            };
            Hit::new(
                at,
                "",
                format!(
                    "{} {verb} who connected, and nothing of the request",
                    listed(&proxies)
                ),
            )
            .fix(format!("add `{option}` to this section"))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::fixture::finds;

    #[test]
    fn the_built_in_format_is_found() {
        let text = "frontend fe\n bind :80\n log global\n default_backend be\nbackend be\n";
        assert_eq!(finds(&RULE, text), [1]);
    }

    #[test]
    fn a_chosen_format_is_not() {
        let text = "frontend fe\n bind :80\n log global\n option httplog\n default_backend be\nbackend be\n";
        assert!(finds(&RULE, text).is_empty());
    }
}
