//! What the causes of failed connections share: which servers were tried, how fast the attempts failed, whether checks watch them.

use crate::base::Cite;
use crate::base::MINUTE;
use crate::base::SECOND;
use crate::diagnosis::case::ratio;
use crate::diagnosis::pool;
use crate::diagnosis::{Case, Lack, Loss, Missing, Sign, Verdict};
use crate::dump::Availability;
use crate::event::host::HostKind;
use crate::event::message::LimitKind;
use crate::event::message::Message;
use crate::evidence::FailTally;
use crate::evidence::Step;
use crate::evidence::Tally as _;
use crate::evidence::What;
use crate::incident::{Happening, Reason, Story};
use std::collections::BTreeMap;

/// A request whose retries all ended within this time, ms, never waited between them. HAProxy waits min(1 s, `timeout connect`)
/// before it tries a server again that refused over the network, and not at all after an error of its own `socket()`,
/// `bind()` or `connect()`: HAProxy `src/backend.c`, `back_handle_st_cer`.
const INSTANT_MS: u32 = 20;
/// With less than this, ms, a wait before a retry is not told from a slow client's request.
const WAITED_MS: u32 = 100;
/// Failures on one server over a longer time than this, without a change of its state in a log that carries such changes:
/// no check watches it. The default check needs at most 12 s (2 s apart, 3 failures, 2 s each).
const DETECTED_WITHIN: i64 = 15 * SECOND;
/// A message of a limit this long before the first failure still belongs to it: the checks fail first.
const LIMIT_BEFORE: i64 = 10 * SECOND;
/// Stamps of whole seconds.
const SLACK: i64 = 2 * SECOND;

/// A server that requests were sent to in vain.
#[derive(Debug)]
pub(super) struct Tried {
    /// Its name; empty for the target of `dispatch` or of a transparent proxy.
    pub(super) server: String,
    /// Requests that were refused, or failed locally.
    pub(super) refused: FailTally,
    /// Requests that nobody answered within `timeout connect`.
    pub(super) n_timed_out: u64,
    /// How fast the refused ones failed.
    pub(super) pace: Pace,
    /// Whether a check watches it.
    pub(super) watch: Watch,
}

/// How fast all attempts of a request failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pace {
    /// Retries without any wait: the local system failed, no packet was answered.
    Instant,
    /// With waits between them: another host answered.
    Waited,
    /// No retries, a redispatch, or times in between.
    Unclear,
}

/// Whether a health check watches a server.
#[derive(Clone, Debug)]
pub(super) enum Watch {
    /// It does; the line that shows it.
    Yes(Vec<Cite>),
    /// It does not; how that is known.
    No(String, Vec<Cite>),
    /// The log has changes of other servers and none of this one, longer than any check needs.
    Silent,
    /// Nothing tells.
    Unknown,
}

impl Tried {
    /// Requests that failed on it.
    pub(super) fn n(&self) -> u64 {
        self.refused.n + self.n_timed_out
    }

    /// Its name for a reader.
    pub(super) fn label(&self) -> &str {
        if self.server.is_empty() {
            "the target of `dispatch`"
        } else {
            &self.server
        }
    }
}

/// Judges a failure of the proxy's own host: by the checks that it hit, with what HAProxy or the host `said` beside it, else by the
/// requests alone.
pub(super) fn examine(
    case: &Case<'_>,
    (blames, how): (fn(&Case<'_>, &Loss<'_>) -> bool, &str),
    said: fn(&Case<'_>) -> Option<Sign>,
    by_traffic: fn(&Case<'_>) -> Option<Verdict>,
) -> Verdict {
    match pool::examine(case, blames, how) {
        Verdict::Found(mut finding) => {
            finding.signs.extend(said(case));
            Verdict::Found(finding)
        }
        other => by_traffic(case).unwrap_or(other),
    }
}

/// A check that took the server out names one of these in its info text.
pub(super) fn reported(loss: &Loss<'_>, infos: &[&str]) -> bool {
    loss.reasons.iter().any(|reason| match reason {
        Reason::Check(report) => infos.iter().any(|info| report.info.contains(info)),
        _ => false,
    })
}

/// Every server that failed requests were sent to, most failures first.
pub(super) fn tried(case: &Case<'_>) -> Vec<Tried> {
    let mut refused = BTreeMap::<String, FailTally>::new();
    for (server, tally) in case.step_by_server(Step::Refused) {
        refused.entry(server).or_default().add(tally);
    }
    // A `+` before the retries means that a server had been chosen, and that none was left when it was let go: `dispatch` and
    // transparent proxies choose none (HAProxy `src/backend.c`, `back_handle_st_cer`, `back_handle_st_req`).
    let by_dispatch = case.step_by_server(Step::Dispatch).into_values();
    for tally in by_dispatch.filter(|tally| tally.n_redispatched == 0) {
        refused.entry(String::new()).or_default().add(tally);
    }
    let mut timed_out = case.step_by_server(Step::ConnectTimeout);
    for server in timed_out.keys() {
        refused.entry(server.clone()).or_default();
    }
    let mut all: Vec<Tried> = refused
        .into_iter()
        .map(|(server, refused)| {
            let late = timed_out.remove(&server).unwrap_or_default();
            let times = [refused.times, late.times].into_iter().flatten();
            let longest = times.map(|(first, last, _)| last - first).max();
            Tried {
                pace: pace(&refused),
                watch: watch(case, &server, longest.unwrap_or(0)),
                n_timed_out: late.n,
                refused,
                server,
            }
        })
        .collect();
    all.sort_by(|a, b| b.n().cmp(&a.n()).then_with(|| a.server.cmp(&b.server)));
    all
}

fn pace(tally: &FailTally) -> Pace {
    match tally.total_ms {
        _ if tally.retries_max == 0 || tally.n_redispatched > 0 => Pace::Unclear,
        Some((_, longest)) if longest <= INSTANT_MS => Pace::Instant,
        Some((shortest, _)) if shortest >= WAITED_MS => Pace::Waited,
        _ => Pace::Unclear,
    }
}

fn watch(case: &Case<'_>, server: &str, failed_for: i64) -> Watch {
    if server.is_empty() {
        let at = case.proxy.and_then(|proxy| proxy.dispatch);
        let cites = at.and_then(|at| case.bundle.config_cite(at));
        let how = "the target of `dispatch` or of a transparent proxy is never checked";
        return Watch::No(how.to_owned(), cites.into_iter().collect());
    }
    let story = case.story(server);
    if let Some(known) = story.and_then(by_story) {
        return known;
    }
    if let Some(line) = case.server(server) {
        let cites = case.bundle.config_cite(line.at).into_iter().collect();
        let checked = line.check.is_some() || line.agent_check.is_some() || line.track.is_some();
        return if checked {
            Watch::Yes(cites)
        } else {
            let how = format!("the `server` line of {server} has no `check`");
            Watch::No(how, cites)
        };
    }
    let silent = failed_for > DETECTED_WITHIN && tells_states(case);
    if silent {
        Watch::Silent
    } else {
        Watch::Unknown
    }
}

fn by_story(story: &Story) -> Option<Watch> {
    let changed = story.changes.iter().find(|change| {
        matches!(
            change.reason,
            Reason::Check(_) | Reason::Agent(_) | Reason::Observe(_) | Reason::Tracked(_)
        )
    });
    let line = changed.map(|change| &change.cite);
    if let Some(cite) = line.or_else(|| story.checks.first().map(|(_, _, cite)| cite)) {
        return Some(Watch::Yes(vec![cite.clone()]));
    }
    story
        .snapshots
        .iter()
        .find_map(|row| match row.availability {
            Availability::Unchecked => {
                let how = "a dump shows that no check watches it".to_owned();
                Some(Watch::No(how, vec![row.cite.clone()]))
            }
            Availability::Usable
            | Availability::DownByCheck
            | Availability::DownByAgent
            | Availability::DownByTracked => Some(Watch::Yes(vec![row.cite.clone()])),
            _ => None,
        })
}

/// Changes of some server's state were logged within the time of the traffic: then the log would show this one's too.
fn tells_states(case: &Case<'_>) -> bool {
    let Some((first, last)) = case.bundle.reach.span else {
        return false;
    };
    let stories = case.bundle.pools.values().flat_map(|p| p.servers.values());
    let mut changes = stories.flat_map(|story| &story.changes);
    changes.any(|change| {
        change
            .at
            .is_some_and(|at| first - MINUTE <= at && at <= last + MINUTE)
    })
}

/// Failures that may be local: refused on a server, and without the waits that a refusal over the network brings.
pub(super) fn n_local(tried: &[Tried]) -> u64 {
    let local = tried.iter().filter(|t| t.pace != Pace::Waited);
    local.map(|t| t.refused.n).sum()
}

/// Requests whose retries were all spent at once, on servers that are no UNIX sockets (those refuse at once by themselves).
pub(super) fn n_instant(case: &Case<'_>, tried: &[Tried]) -> u64 {
    let instant = tried
        .iter()
        .filter(|t| t.pace == Pace::Instant && !is_unix(case, &t.server));
    instant.map(|t| t.refused.n).sum()
}

/// The server's address is a path: `connect()` to a UNIX socket fails at once by itself.
pub(super) fn is_unix(case: &Case<'_>, server: &str) -> bool {
    case.address(server).is_some_and(|address| {
        address.starts_with('/') || address.starts_with("unix") || address.starts_with("abns")
    })
}

/// Share of the incident's failures.
pub(super) fn share(case: &Case<'_>, n: u64) -> f64 {
    ratio(n, case.incident.n_failed())
}

/// Messages of limits around the incident: of the given kinds, and of its backend when `own` says so.
pub(super) fn limits<'a>(
    case: &Case<'a>,
    kinds: &[LimitKind],
    own: bool,
) -> Vec<(LimitKind, &'a Happening)> {
    let backend = &*case.incident.backend;
    let near = case
        .bundle
        .timeline
        .events
        .iter()
        .filter(|event| around(case, event.at, LIMIT_BEFORE));
    near.filter_map(|event| match &event.what {
        What::Message(Message::Limit { kind, proxy }) if kinds.contains(kind) => {
            let mine = !own || proxy.is_empty() || *proxy == *backend;
            mine.then_some((*kind, event))
        }
        _ => None,
    })
    .collect()
}

/// Denials of SELinux, AppArmor or seccomp that name HAProxy, around the incident.
/// Denials of something else than a connection, such as a file that HAProxy may not read, do not count.
pub(super) fn denials(case: &Case<'_>) -> Vec<Cite> {
    let near = case
        .bundle
        .timeline
        .events
        .iter()
        .filter(|event| around(case, event.at, MINUTE));
    near.filter(|event| match &event.what {
        What::Host(host) => {
            host.kind == HostKind::AccessDenied
                && host.subject.contains("haproxy")
                && is_about_network(&event.cite.text)
        }
        What::Message(_) => false,
    })
    .map(|event| event.cite.clone())
    .take(4)
    .collect()
}

/// SELinux names the class of the object (`tclass=tcp_socket`), AppArmor the address family; a line without both may be about
/// anything (seccomp names a system call by its number).
fn is_about_network(line: &str) -> bool {
    if let Some((_, class)) = line.split_once("tclass=") {
        let class = class.split_whitespace().next().unwrap_or_default();
        return class.ends_with("socket");
    }
    match line.split_once("apparmor=") {
        Some((_, rest)) => rest.contains("family=") || rest.contains("class=\"net\""),
        None => true,
    }
}

/// From `before` the incident to its end; without times everything is near.
fn around(case: &Case<'_>, at: Option<i64>, before: i64) -> bool {
    let window = &case.incident.window;
    match (at, window.start, window.end) {
        (Some(at), Some(start), end) => {
            start - before - SLACK <= at && end.is_none_or(|end| at <= end + SLACK)
        }
        _ => true,
    }
}

/// What would tell local failures apart.
pub(super) fn local_lack(n: u64) -> Lack {
    Lack {
        why: format!(
            "{n} requests spent all their retries at once: the local system failed (policy, source ports or descriptors), no \
             host was asked"
        ),
        missing: Missing {
            artifact: "the proxy host's audit log, socket summary and HAProxy's own messages".to_owned(),
            would_decide: "whether a policy, the source ports or the file descriptors stopped the connections".to_owned(),
            capture: "sudo ausearch -m avc,seccomp -ts today; ss -s; cat /proc/sys/net/ipv4/ip_local_port_range; \
                      sudo journalctl -u haproxy --no-pager -o short-iso-precise"
                .to_owned(),
        },
    }
}
