//! The connection-tracking table of a host was full, so that it dropped packets.
//!
//! Looks alike: a firewall that drops by rule (`network-change`); a full table on a host that has no part in it.

use crate::diagnosis::Case;
use crate::diagnosis::Tie;
use crate::diagnosis::Trigger;
use crate::diagnosis::TriggerFinding;
use crate::diagnosis::before;
use crate::diagnosis::before::Role;
use crate::event::host::HostKind;

pub(super) const TRIGGER: Trigger = Trigger {
    id: "conntrack-full",
    title: "the connection-tracking table was full",
    why: "A full table drops the first packet of every new connection: checks and requests run into their connect time-out, while \
          open connections go on. Raise `nf_conntrack_max`, shorten its time-outs, or exempt the traffic from tracking. Evidence: \
          `nf_conntrack: table full` of the kernel on the proxy's or the server's host.",
    find,
};

const FITS: [&str; 4] = [
    "connect-timeout",
    "check-timeout",
    "unchecked-server-failed",
    "network-unreachable",
];

fn find(case: &Case<'_>, cause: &str) -> Option<TriggerFinding> {
    if !FITS.contains(&cause) {
        return None;
    }
    let signs = before::signs(case);
    let (from, to) = before::span(&signs)?;
    let events: Vec<_> = before::host_events(
        case,
        &[HostKind::ConntrackFull],
        (from, to + before::CLOCKS),
    )
    .filter(|(_, event, _)| before::role(case, &signs, &event.host) != Role::Stranger)
    .map(|(_, event, _)| event)
    .collect();
    let event = *events.first()?;
    let tie = match before::role(case, &signs, &event.host) {
        Role::Server(_) => Tie::Named,
        Role::Other | Role::Proxy | Role::Unknown | Role::Stranger => Tie::Kind,
    };
    Some(TriggerFinding {
        at: event.at,
        precision: event.precision,
        tie,
        explanation: "a full connection-tracking table dropped packets just before".to_owned(),
        cites: before::cites(events),
    })
}

#[cfg(test)]
mod tests {
    use crate::testing;
    use crate::testing::{REFUSED, down, host_line, nosrv};

    const FULL: &str = "kernel: nf_conntrack: nf_conntrack: table full, dropping packet";

    fn trigger(reason: &str, cause: &str) -> Option<String> {
        let log = [
            host_line(38, "proxy01", FULL),
            down(41, "app1", reason),
            nosrv(47),
        ];
        testing::concludes(&[("journal.txt", &log.concat())], cause)
            .trigger
            .map(|t| t.id.to_string())
    }

    #[test]
    fn a_full_table_before_timeouts_is_found() {
        assert_eq!(
            trigger("Layer4 timeout", "connect-timeout").as_deref(),
            Some("conntrack-full")
        );
    }

    #[test]
    fn a_refusal_needs_an_answer_and_so_no_full_table() {
        assert_eq!(trigger(REFUSED, "listener-refused"), None);
    }
}
