//! What happened on the hosts around the beginning of an incident, and whose hosts they are.
//!
//! A check notices a failure late (`inter`, `fall`, time-outs), so what set it off lies up to that detection time before the
//! loss; another minute is allowed for services that take long to stop. Clocks of different hosts are not the same either.

use crate::base::Cite;
use crate::base::MINUTE;
use crate::base::SECOND;
use crate::base::printable;
use crate::diagnosis::Case;
use crate::event::host::HostEvent;
use crate::event::host::HostKind;
use crate::event::message::Message;
use crate::event::message::ProcessChange;
use crate::evidence::What;
use crate::incident::{Happening, Reason};
use std::collections::BTreeSet;

/// Between the event and its first detectable effect, besides the checks' own detection time.
const EARLIER: i64 = MINUTE;
/// Hosts' clocks and whole-second stamps are off by this much.
pub(super) const CLOCKS: i64 = 2 * SECOND;
/// Detection time with HAProxy's defaults, `inter 2s fall 3`, when every check runs into its time limit.
const DETECTION: i64 = 12 * SECOND;
/// Longest detection time that is believed.
const DETECTION_MAX: i64 = 10 * MINUTE;

/// When the first effects of an incident showed, and for which server.
#[derive(Clone, Debug)]
pub(super) struct Sign<'a> {
    /// The server; empty: the pool as a whole, or HAProxy itself.
    pub server: &'a str,
    /// Name of the server that it tracks, else empty.
    pub tracked: &'a str,
    /// First failed request on it, or its loss when that came first, UTC.
    pub at: i64,
    /// Earliest time of an event that led to it, UTC.
    pub from: i64,
}

/// Whose host it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role<'a> {
    /// Of this failed server, by name or address.
    Server(&'a str),
    /// Not the proxy's, and nothing in the bundle names hosts after servers.
    Other,
    /// The proxy's own.
    Proxy,
    /// The carrier names no host.
    Unknown,
    /// It belongs to somebody else.
    Stranger,
}

/// Worst time from the failure to the DOWN message: `inter` + `fall` checks that run into their time limit.
pub(super) fn detection(case: &Case<'_>, server: &str) -> i64 {
    let Some(line) = case.server(server) else {
        return DETECTION;
    };
    let inter = line.inter_ms.value;
    let fast = line.fastinter_ms.as_ref().map_or(inter, |s| s.value);
    let limit = case
        .proxy
        .and_then(|p| p.timeout_ms("check"))
        .map_or(inter, |s| s.value.max(inter));
    let fall = line.fall.value;
    let ms = inter
        .saturating_add(fall.saturating_sub(1).saturating_mul(fast))
        .saturating_add(fall.saturating_mul(limit));
    i64::try_from(ms)
        .unwrap_or(i64::MAX)
        .saturating_mul(1000)
        .clamp(SECOND, DETECTION_MAX)
}

/// The first effects, server by server; one for the pool when no server is known to have failed.
pub(super) fn signs<'a>(case: &'a Case<'_>) -> Vec<Sign<'a>> {
    let mut signs: Vec<Sign<'a>> = Vec::new();
    for loss in &case.losses {
        let failed = first_failure(case, loss.server);
        let at = [loss.at, failed]
            .into_iter()
            .flatten()
            .min()
            .or(case.start());
        let Some(at) = at else { continue };
        let tracked = loss.reasons.iter().find_map(|reason| match reason {
            Reason::Tracked(Some(name)) => Some(name.server.as_str()),
            _ => None,
        });
        signs.push(Sign {
            server: loss.server,
            tracked: tracked.unwrap_or_default(),
            at,
            from: loss.at.map_or(at, |loss| loss.min(at)) - detection(case, loss.server) - EARLIER,
        });
    }
    if signs.is_empty() {
        for name in case.server_names() {
            if let Some(at) = first_failure(case, name) {
                signs.push(Sign {
                    server: name,
                    tracked: "",
                    at,
                    from: at - DETECTION - EARLIER,
                });
            }
        }
    }
    if signs.is_empty()
        && let Some(at) = case.start()
    {
        signs.push(Sign {
            server: "",
            tracked: "",
            at,
            from: at - DETECTION - EARLIER,
        });
    }
    signs
}

/// Accept date of the first failed request that was sent to a server, UTC.
pub(super) fn first_failure(case: &Case<'_>, server: &str) -> Option<i64> {
    let mine = case
        .incident
        .failures
        .iter()
        .filter(|(key, _)| printable(&key.server) == server);
    let first = mine.filter_map(|(_, tally)| tally.times.map(|(first, ..)| first));
    first.min()
}

/// From the earliest possible cause to the last first effect, UTC.
pub(super) fn span(signs: &[Sign<'_>]) -> Option<(i64, i64)> {
    let from = signs.iter().map(|sign| sign.from).min()?;
    let to = signs.iter().map(|sign| sign.at).max()?;
    Some((from, to))
}

/// Host events of some kinds with a time in `[from, to]`, in order.
pub(super) fn host_events<'a>(
    case: &Case<'a>,
    kinds: &'a [HostKind],
    (from, to): (i64, i64),
) -> impl Iterator<Item = (i64, &'a Happening, &'a HostEvent)> {
    let events = case.bundle.timeline.events.iter();
    events.filter_map(move |event| match (&event.what, event.at) {
        (What::Host(host), Some(at)) if kinds.contains(&host.kind) && from <= at && at <= to => {
            Some((at, event, host))
        }
        _ => None,
    })
}

/// Messages about HAProxy's own processes with a time in `[from, to]`, in order.
pub(super) fn process_changes<'a>(
    case: &Case<'a>,
    (from, to): (i64, i64),
) -> impl Iterator<Item = (i64, &'a Happening, &'a ProcessChange)> {
    let events = case.bundle.timeline.events.iter();
    events.filter_map(move |event| match (&event.what, event.at) {
        (What::Message(Message::Process(change)), Some(at)) if from <= at && at <= to => {
            Some((at, event, change))
        }
        _ => None,
    })
}

/// Whose host a record's host is, for the servers that failed.
pub(super) fn role<'a>(case: &Case<'_>, signs: &[Sign<'a>], host: &str) -> Role<'a> {
    if host.is_empty() {
        return Role::Unknown;
    }
    let mine = signs.iter().find(|sign| {
        names_server(host, sign.server)
            || names_server(host, sign.tracked)
            || at_address(case, host, sign.server)
    });
    if let Some(sign) = mine {
        return Role::Server(sign.server);
    }
    let hosts = proxy_hosts(case);
    if hosts.contains(host) {
        return Role::Proxy;
    }
    let servers = |host: &str| {
        let pools = case.bundle.pools.values().flat_map(|p| p.servers.keys());
        let proxies = case.bundle.config().into_iter().flat_map(|c| &c.proxies);
        let lines = proxies.flat_map(|p| &p.servers).map(|s| &*s.name);
        pools
            .map(|n| &**n)
            .chain(lines)
            .any(|name| names_server(host, name))
    };
    // Where some host is named after a server, one that is not belongs to something else.
    let named = case
        .bundle
        .timeline
        .events
        .iter()
        .any(|event| !event.host.is_empty() && servers(&event.host));
    if named { Role::Stranger } else { Role::Other }
}

/// A failed server listens on the proxy's own host.
pub(super) fn is_local(case: &Case<'_>, server: &str) -> bool {
    let address = case.address(server).unwrap_or_default();
    let bare = address.trim_start_matches('[');
    bare.starts_with("127.")
        || bare.starts_with("::1")
        || bare.starts_with("localhost")
        || bare.starts_with('/')
        || bare.starts_with("unix@")
}

/// Hosts that HAProxy's own messages and requests come from.
fn proxy_hosts<'a>(case: &'a Case<'_>) -> BTreeSet<&'a str> {
    let events = case.bundle.timeline.events.iter();
    let said = events.filter(|event| matches!(event.what, What::Message(_)));
    let mut hosts: BTreeSet<&str> = said.map(|event| &*event.host).collect();
    hosts.insert(&case.incident.host);
    hosts.remove("");
    hosts
}

/// `app1`, `app1.example.com`, `prod-app1` name the server `app1`; `app10` does not.
fn names_server(host: &str, server: &str) -> bool {
    if server.len() < 2 {
        return false;
    }
    let short = host.split('.').next().unwrap_or(host);
    holds_word(host, server) || holds_word(server, short)
}

fn holds_word(text: &str, word: &str) -> bool {
    let (text, word) = (text.to_ascii_lowercase(), word.to_ascii_lowercase());
    if word.len() < 2 {
        return false;
    }
    let is_edge = |c: Option<char>| c.is_none_or(|c| !c.is_ascii_alphanumeric());
    text.match_indices(&word).any(|(at, found)| {
        let before = text.get(..at).and_then(|head| head.chars().next_back());
        let after = text
            .get(at + found.len()..)
            .and_then(|tail| tail.chars().next());
        is_edge(before) && is_edge(after)
    })
}

/// The server's address is a name, and that name is the host's.
fn at_address(case: &Case<'_>, host: &str, server: &str) -> bool {
    let line = case.server(server).map(|line| line.address.as_str());
    let fqdn = case
        .story(server)
        .and_then(|story| story.snapshots.last())
        .map(|row| row.fqdn.as_str());
    let short = host.split('.').next().unwrap_or(host);
    [line, fqdn].into_iter().flatten().any(|address| {
        let is_name = address.bytes().any(|b| b.is_ascii_alphabetic()) && !address.contains(':');
        address == host || (is_name && address.split('.').next() == Some(short))
    })
}

/// Programs that run on every host and serve no client of HAProxy's.
const CHORES: [&str; 40] = [
    "ssh",
    "cron",
    "anacron",
    "chrony",
    "ntp",
    "rsyslog",
    "syslog",
    "journald",
    "auditd",
    "dbus",
    "node_exporter",
    "node-exporter",
    "prometheus",
    "telegraf",
    "zabbix",
    "nrpe",
    "collectd",
    "filebeat",
    "metricbeat",
    "fluent",
    "vector",
    "promtail",
    "datadog",
    "newrelic",
    "netdata",
    "postfix",
    "exim",
    "fail2ban",
    "irqbalance",
    "multipath",
    "lvm2",
    "smartd",
    "tuned",
    "acpid",
    "snmpd",
    "puppet",
    "salt-minion",
    "chef",
    "qemu-guest",
    "vmtoolsd",
];

/// A unit or process that may be an application behind HAProxy.
pub(super) fn is_application(subject: &str) -> bool {
    let name = subject.to_ascii_lowercase();
    let chore = CHORES.iter().any(|chore| name.starts_with(chore))
        || name.starts_with("systemd")
        || name.starts_with("user")
        || name.contains("openssh")
        || name.contains("time synchron")
        || name.contains("ntp ");
    !chore && !is_haproxy(subject)
}

/// HAProxy's own unit or process.
pub(super) fn is_haproxy(subject: &str) -> bool {
    holds_word(&subject.replace('_', "-"), "haproxy")
}

/// The first few lines.
pub(super) fn cites<'a>(events: impl IntoIterator<Item = &'a Happening>) -> Vec<Cite> {
    const CITES_MAX: usize = 6;
    let mut cites: Vec<Cite> = events.into_iter().map(|event| event.cite.clone()).collect();
    cites.dedup();
    cites.truncate(CITES_MAX);
    cites
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_told_by_whole_words() {
        assert!(names_server("app1", "app1") && names_server("app1.example.com", "app1"));
        assert!(names_server("prod-app1", "APP1") && names_server("web1", "web1-blue"));
        assert!(!names_server("app10", "app1") && !names_server("db1", "app1"));
        assert!(!names_server("s", "s"));
    }

    #[test]
    fn chores_are_no_applications() {
        assert!(is_application("app.service") && is_application("The Apache HTTP Server"));
        assert!(!is_application("chronyd.service") && !is_application("haproxy.service"));
        assert!(is_haproxy("HAProxy Load Balancer") && !is_haproxy("app.service"));
    }
}
