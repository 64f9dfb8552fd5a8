//! HAProxy was reloaded or restarted just before with a configuration that differs.
//!
//! Looks alike: a plain reload (`config-reload`); a captured configuration of another host, which shares few sections; an
//! edited file that was never loaded.

use crate::base::MINUTE;
use crate::diagnosis::Case;
use crate::diagnosis::Tie;
use crate::diagnosis::Trigger;
use crate::diagnosis::TriggerFinding;
use crate::diagnosis::before;
use crate::diagnosis::difference;
use crate::diagnosis::reload;
use crate::diagnosis::reload::Reload;
use crate::event::host::HostKind;

pub(super) const TRIGGER: Trigger = Trigger {
    id: "config-changed",
    title: "HAProxy was reloaded or restarted with another configuration",
    why: "The new rules, servers and checks take effect at once, and each server has one check to prove itself. Put the old file \
          back, reload, then look at the difference. Evidence: a reload or restart just before, and a second configuration that \
          differs in what failed, or lines of an editor or a deployment on HAProxy's files.",
    find,
};

/// An edit or a deployment this long before a reload belongs to it.
const EDITED_WITHIN: i64 = 10 * MINUTE;
/// A server that listens nowhere or needs longer does so whatever the file says, unless its own lines were changed.
const ONLY_IF_TOUCHED: [&str; 8] = [
    "listener-refused",
    "connect-timeout",
    "check-timeout",
    "external-check-failed",
    "dns-resolution-failed",
    "admin-maintenance",
    "agent-down",
    "queue-timeout",
];

fn find(case: &Case<'_>, cause: &str) -> Option<TriggerFinding> {
    let reload = reload::find(case, cause)?;
    by_difference(case, cause, &reload).or_else(|| by_edit(case, cause, &reload))
}

/// The change is known, so that a plain reload is not claimed.
pub(super) fn is_known(case: &Case<'_>, cause: &str) -> bool {
    find(case, cause).is_some()
}

fn by_difference(case: &Case<'_>, cause: &str, reload: &Reload<'_>) -> Option<TriggerFinding> {
    let differences = difference::differences(case);
    let difference = differences
        .iter()
        .find(|difference| difference.touches || !ONLY_IF_TOUCHED.contains(&cause))?;
    let shown: Vec<&str> = difference.what.iter().take(3).map(String::as_str).collect();
    let text = format!(
        "HAProxy was {} just before; {} differs from the configuration that ran in {}{}",
        reload.verb(),
        difference.other.path,
        shown.join(", "),
        if difference.what.len() > shown.len() {
            " and more"
        } else {
            ""
        },
    );
    let tie = if difference.touches {
        Tie::Named
    } else {
        Tie::Kind
    };
    Some(reload.finding(tie, text))
}

fn by_edit(case: &Case<'_>, cause: &str, reload: &Reload<'_>) -> Option<TriggerFinding> {
    if ONLY_IF_TOUCHED.contains(&cause) {
        return None;
    }
    const KINDS: &[HostKind] = &[HostKind::Deploy, HostKind::OperatorCommand];
    let span = (reload.at - EDITED_WITHIN, reload.at + before::CLOCKS);
    let (_, event, host) = before::host_events(case, KINDS, span).find(|(_, _, host)| {
        let text = host.subject.to_ascii_lowercase();
        let service = ["systemctl", "service "]
            .iter()
            .any(|word| text.contains(word));
        text.contains("haproxy.cfg")
            || (text.contains("haproxy")
                && (host.kind == HostKind::Deploy || !service && text.contains("/etc/haproxy")))
    })?;
    let text = format!(
        "HAProxy's files were changed ({}) and HAProxy was {} just before",
        host.subject,
        reload.verb()
    );
    let mut finding = reload.finding(Tie::Kind, text);
    finding.cites.insert(0, event.cite.clone());
    Some(finding)
}

#[cfg(test)]
mod tests {
    use crate::testing;
    use crate::testing::{down, host_line, nosrv};

    const REASON: &str = "Layer7 wrong status, code: 421, info: \"Misdirected Request\"";
    const RELOADING: &str = "haproxy[3000]: [NOTICE]   (3000) : Reloading HAProxy";
    const CONFIG: &str = "frontend fe_app\n    bind :80\n    default_backend be_app\nbackend be_app\n    mode http\n    \
         option httpchk\n    http-check send meth GET uri /ready ver HTTP/1.1 hdr Host localhost\n    server app1 192.0.2.11:80 check\n";

    fn trigger(before: &str, lines: &[String]) -> Option<String> {
        let files = [
            ("journal.txt", &*lines.concat()),
            ("haproxy.cfg", CONFIG),
            ("haproxy.cfg.before", before),
        ];
        let incident = testing::concludes(&files, "check-http-status");
        incident.trigger.map(|trigger| trigger.id.to_string())
    }

    #[test]
    fn a_reload_with_another_check_is_found() {
        let before = CONFIG.replace("localhost", "app.example.com");
        let lines = [
            host_line(40, "proxy01", RELOADING),
            down(41, "app1", REASON),
            nosrv(47),
        ];
        assert_eq!(trigger(&before, &lines).as_deref(), Some("config-changed"));
    }

    #[test]
    fn the_same_configuration_twice_is_a_plain_reload() {
        let lines = [
            host_line(40, "proxy01", RELOADING),
            down(41, "app1", REASON),
            nosrv(47),
        ];
        let same = CONFIG.replace("    bind", "  bind");
        assert_eq!(trigger(&same, &lines).as_deref(), Some("config-reload"));
    }

    #[test]
    fn a_changed_file_without_a_reload_did_nothing() {
        let before = CONFIG.replace("localhost", "app.example.com");
        assert_eq!(
            trigger(&before, &[down(41, "app1", REASON), nosrv(47)]),
            None
        );
    }
}
