//! A link, route, firewall, address or neighbour changed just before connections failed.
//!
//! Looks alike: a link that comes up or rules that are flushed, which end such incidents; a change on a host that is neither the
//! proxy's nor a failed server's; a refused connection, which the server's own kernel answered.
//! Known gap: a change on a device in between leaves no line in these logs.

use crate::diagnosis::Case;
use crate::diagnosis::Tie;
use crate::diagnosis::Trigger;
use crate::diagnosis::TriggerFinding;
use crate::diagnosis::before;
use crate::diagnosis::before::Role;
use crate::event::host::HostEvent;
use crate::event::host::HostKind;
use crate::incident::Happening;

pub(super) const TRIGGER: Trigger = Trigger {
    id: "network-change",
    title: "the network changed",
    why: "Rules that drop, a lost link or route let connections run into their time limit or fail at once with a routing error, for \
          checks and traffic alike. Undo the change, then test from the proxy's host. Evidence: kernel, network manager, firewall \
          or sudo lines on the proxy's or a failed server's host, within the detection time before the loss.",
    find,
};

const FITS: [&str; 5] = [
    "connect-timeout",
    "network-unreachable",
    "check-socket-error",
    "unchecked-server-failed",
    "connect-not-permitted",
];
/// Words of lines by which a network comes back, or a lease is renewed as it is all day.
const BACK: [&str; 11] = [
    "dhcpv4 address",
    "dhcpv6 address",
    "bound to ",
    "renew",
    "gained carrier",
    "link is up",
    "link up",
    "becomes ready",
    "flush ruleset",
    "carrier acquired",
    "connected_global",
];

fn find(case: &Case<'_>, cause: &str) -> Option<TriggerFinding> {
    if !FITS.contains(&cause) {
        return None;
    }
    let signs = before::signs(case);
    let (from, to) = before::span(&signs)?;
    let mut events: Vec<(Tie, i64, &Happening, &HostEvent)> = Vec::new();
    for (at, event, host) in
        before::host_events(case, &[HostKind::Network], (from, to + before::CLOCKS))
    {
        let text = event.cite.text.to_ascii_lowercase();
        if BACK.iter().any(|word| text.contains(word)) {
            continue;
        }
        let role = before::role(case, &signs, &event.host);
        let sign = signs
            .iter()
            .filter(|sign| !matches!(role, Role::Server(name) if name != sign.server))
            .find(|sign| sign.from <= at && at <= sign.at + before::CLOCKS);
        let tie = match role {
            Role::Server(_) => Tie::Named,
            Role::Proxy | Role::Other | Role::Unknown => Tie::Kind,
            Role::Stranger => continue,
        };
        if sign.is_some() {
            events.push((tie, at, event, host));
        }
    }
    let first = signs.iter().map(|sign| sign.at).min()?;
    let (tie, _, event, host) = *events
        .iter()
        .min_by_key(|(tie, at, ..)| (*tie, (first - at).abs()))?;
    let place = if event.host.is_empty() {
        String::new()
    } else {
        format!(" on {}", event.host)
    };
    let same = events
        .iter()
        .filter(|(t, ..)| *t == tie)
        .map(|(_, _, event, _)| *event);
    Some(TriggerFinding {
        at: event.at,
        precision: event.precision,
        tie,
        explanation: format!(
            "the network changed{place} ({}) just before connections failed",
            host.subject
        ),
        cites: before::cites(same),
    })
}

#[cfg(test)]
mod tests {
    use crate::testing;
    use crate::testing::{REFUSED, down, host_line, nosrv};

    const RULES: &str = "sudo[40]:      ops : TTY=pts/1 ; PWD=/home/ops ; USER=root ; COMMAND=/usr/sbin/nft -f /etc/nftables.conf";

    fn trigger(lines: &[String], cause: &str) -> Option<String> {
        testing::trigger(&lines.concat(), cause)
    }

    #[test]
    fn new_rules_on_the_servers_host_before_timeouts_are_found() {
        let lines = [
            host_line(38, "app1", RULES),
            down(41, "app1", "Layer4 timeout"),
            nosrv(47),
        ];
        assert_eq!(
            trigger(&lines, "connect-timeout").as_deref(),
            Some("network-change")
        );
    }

    #[test]
    fn what_brings_the_network_back_is_none() {
        let up = host_line(
            38,
            "app1",
            "kernel: igb 0000:01:00.0 eth0: igb: eth0 NIC Link is Up 1000 Mbps",
        );
        let lines = [up, down(41, "app1", "Layer4 timeout"), nosrv(47)];
        assert_eq!(trigger(&lines, "connect-timeout"), None);
    }

    #[test]
    fn a_refusal_is_no_networks_work() {
        let lines = [
            host_line(38, "app1", RULES),
            down(41, "app1", REFUSED),
            nosrv(47),
        ];
        assert_eq!(trigger(&lines, "listener-refused"), None);
    }
}
