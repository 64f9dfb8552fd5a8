//! HAProxy was reloaded or restarted just before, with the same configuration as far as seen.
//!
//! Looks alike: the first start of a process, which replaced nothing; a proxy that is reloaded all day by a controller, where
//! a reload is always near; a reload that undid the incident.
//! Known gap: without a second copy of the configuration a change cannot be told from a plain reload.

use crate::base::MINUTE;
use crate::diagnosis::Case;
use crate::diagnosis::Tie;
use crate::diagnosis::Trigger;
use crate::diagnosis::TriggerFinding;
use crate::diagnosis::before;
use crate::diagnosis::reload;
use crate::diagnosis::trigger::config_changed;
use crate::event::message::ProcessChange;
use crate::incident::Reason;

pub(super) const TRIGGER: Trigger = Trigger {
    id: "config-reload",
    title: "HAProxy was reloaded or restarted",
    why: "A new worker starts with every server UP for one check, or as the state file says, and with the rules as they are on \
          disk: what was edited since the last reload takes effect now. Validate before a reload, and keep the file that ran. \
          Evidence: `Reloading`, a worker that took over, systemd's lines or the operator's command, within one round of checks \
          before the loss or a minute before the first request that a rule failed.",
    find,
};

/// What a reload brings about by itself, or by a configuration that was not captured.
const FITS: [&str; 11] = [
    "check-http-status",
    "check-response-invalid",
    "check-tls-failure",
    "check-socket-error",
    "no-route",
    "no-servers-configured",
    "misrouted",
    "denied-by-rule",
    "startup-window",
    "stale-process",
    "haproxy-down",
];
/// Reloads within ten minutes: with more, one is always near.
const ALL_DAY: usize = 3;

fn find(case: &Case<'_>, cause: &str) -> Option<TriggerFinding> {
    // What a server-state file brings back, it brings back at a reload.
    let by_file = cause == "admin-maintenance"
        && case
            .losses
            .iter()
            .any(|loss| *loss.reason == Reason::StateFile);
    if !(by_file || FITS.contains(&cause)) || config_changed::is_known(case, cause) {
        return None;
    }
    let reload = reload::find(case, cause)?;
    let last = reload.events.last().and_then(|event| event.at);
    let span = (reload.at - 10 * MINUTE, last.unwrap_or(reload.at));
    let n_reloads = before::process_changes(case, span)
        .filter(|(_, _, change)| **change == ProcessChange::Reloading)
        .count();
    if n_reloads > ALL_DAY {
        return None;
    }
    let verb = reload.verb();
    let text = format!(
        "HAProxy was {verb} just before; no other configuration was captured that would show a change"
    );
    Some(reload.finding(Tie::Kind, text))
}

#[cfg(test)]
mod tests {
    use crate::testing;
    use crate::testing::{down, host_line, nosrv};

    const REASON: &str = "Layer7 wrong status, code: 404, info: \"Not Found\"";
    const RELOADING: &str = "haproxy[3000]: [NOTICE]   (3000) : Reloading HAProxy";

    fn trigger(lines: &[String]) -> Option<String> {
        testing::trigger(&lines.concat(), "check-http-status")
    }

    #[test]
    fn a_reload_just_before_the_first_failed_checks_is_found() {
        let lines = [
            host_line(40, "proxy01", RELOADING),
            down(41, "app1", REASON),
            nosrv(47),
        ];
        assert_eq!(trigger(&lines).as_deref(), Some("config-reload"));
    }

    #[test]
    fn a_first_start_or_a_later_reload_is_none() {
        let start = host_line(
            40,
            "proxy01",
            "haproxy[3000]: [NOTICE]   (3000) : New worker (3028) forked",
        );
        let lines = [
            start,
            down(41, "app1", REASON),
            nosrv(47),
            host_line(48, "proxy01", RELOADING),
        ];
        assert_eq!(trigger(&lines), None);
    }

    #[test]
    fn a_proxy_that_reloads_all_day_tells_nothing() {
        let reloads = [10, 18, 25, 33, 40]
            .map(|second| host_line(second, "proxy01", RELOADING))
            .concat();
        let lines = [reloads, down(41, "app1", REASON), nosrv(47)];
        assert_eq!(trigger(&lines), None);
    }
}
