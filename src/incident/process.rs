//! Times in which HAProxy itself was not there: stopped, crashed, or its configuration refused when it was restarted.
//!
//! No failed request shows them. A reload is none: the old worker serves until the new one does.

use crate::base::Precision;
use crate::base::SECOND;
use crate::event::host::HostKind;
use crate::event::message::Message;
use crate::event::message::ProcessChange;
use crate::evidence::What;
use crate::incident::outage::bare;
use crate::incident::{Basis, Happening, Incident, Load, Timeline, Window};
use std::collections::BTreeMap;
use std::collections::BTreeSet;

/// An absence up to this long is a normal restart.
const RESTART_MAX: i64 = SECOND;
/// A unit that fails this soon after a reload was asked for: the reload failed, the service runs on.
const RELOAD_FAILS_WITHIN: i64 = 10 * SECOND;
/// A worker that leaves again this soon after its start never served (3.1 on parses the configuration after the fork).
const NEVER_SERVED: i64 = 2 * SECOND;

/// A unit or process name of HAProxy itself, not of an exporter or an API beside it.
pub fn is_haproxy(subject: &str) -> bool {
    let name = subject.to_ascii_lowercase();
    let beside = ["export", "dataplane", "log", "wi"];
    (name.contains("haproxy") || name.contains("hapee"))
        && !beside
            .iter()
            .any(|word| name.contains(&format!("-{word}")) || name.contains(&format!("_{word}")))
}

/// Absences of HAProxy as incidents; `loads` tell whether requests were served meanwhile, `until` is the last stamp of any log.
///
/// An absence whose end is not seen counts only when the logs go on for longer than a restart takes: a log that ends with
/// HAProxy's own end may just have been cut there.
pub(super) fn absences(
    timeline: &Timeline,
    loads: &BTreeMap<Box<str>, Load>,
    until: Option<i64>,
) -> Vec<Incident> {
    let hosts: BTreeSet<&str> = timeline.events.iter().map(|event| &*event.host).collect();
    let served = Served::new(loads);
    let mut found = Vec::new();
    for host in hosts {
        let marks = marks(timeline, host);
        for gap in gaps(&marks) {
            let seen = until.is_some_and(|until| until - gap.last > RESTART_MAX);
            if gap.back.is_some() || seen {
                found.extend(incident(host, &gap, &served));
            }
        }
    }
    found
}

/// What an event says about HAProxy's presence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Presence {
    /// It left.
    Left,
    /// Something of it failed; no absence while a reload is under way.
    Failed,
    /// A reload was asked for.
    Reload,
    /// It serves.
    Serves,
}

#[derive(Clone, Copy, Debug)]
struct Mark {
    at: i64,
    precision: Precision,
    source: u32,
    presence: Presence,
}

fn marks(timeline: &Timeline, host: &str) -> Vec<Mark> {
    // A carrier without time cannot tell how long an absence was.
    let timed = timeline.events.iter().filter(|event| !event.placed);
    let mine = timed.filter(|event| *event.host == *host);
    mine.filter_map(|event| {
        Some(Mark {
            at: event.at?,
            precision: event.precision,
            source: event.cite.span.source,
            presence: presence(event)?,
        })
    })
    .collect()
}

fn presence(event: &Happening) -> Option<Presence> {
    match &event.what {
        What::Message(Message::Process(change)) => match change {
            ProcessChange::MasterLeaving => Some(Presence::Left),
            ProcessChange::CurrentWorkerLeft { code, .. } if *code != 0 => Some(Presence::Left),
            ProcessChange::Reloading => Some(Presence::Reload),
            ProcessChange::WorkerForked { .. }
            | ProcessChange::LoadingSuccess
            | ProcessChange::ProxyStarted { .. } => Some(Presence::Serves),
            _ => None,
        },
        What::Message(_) => None,
        What::Host(host) if is_haproxy(&host.subject) => match host.kind {
            HostKind::UnitStopped => Some(Presence::Left),
            HostKind::UnitFailed | HostKind::OomKill => Some(Presence::Failed),
            HostKind::UnitReloaded => Some(Presence::Reload),
            HostKind::UnitStarted => Some(Presence::Serves),
            _ => None,
        },
        What::Host(_) => None,
    }
}

/// From the first sign of absence to the next sign of service.
#[derive(Clone, Copy, Debug)]
struct Gap {
    start: i64,
    precision: Precision,
    /// Last sign of absence.
    last: i64,
    back: Option<(i64, Precision)>,
}

fn gaps(marks: &[Mark]) -> Vec<Gap> {
    let mut all: Vec<Gap> = Vec::new();
    let mut reload: Option<i64> = None;
    for mark in marks {
        match mark.presence {
            Presence::Reload => reload = Some(mark.at),
            Presence::Serves => {
                if let Some(gap) = all.last_mut() {
                    gap.back = gap.back.or(Some((mark.at, mark.precision)));
                }
            }
            Presence::Failed if reload.is_some_and(|at| mark.at - at <= RELOAD_FAILS_WITHIN) => {}
            Presence::Left | Presence::Failed => match all.last_mut() {
                Some(gap) if gap.back.is_none() => gap.last = mark.at,
                Some(gap)
                    if gap
                        .back
                        .is_some_and(|(back, _)| mark.at - back <= NEVER_SERVED) =>
                {
                    // Two files of one second may stand in either order: a restart within it.
                    if !served_in_that_second(marks, mark) {
                        gap.last = mark.at;
                        gap.back = None;
                    }
                }
                _ if served_in_that_second(marks, mark) => {}
                _ => all.push(Gap {
                    start: mark.at,
                    precision: mark.precision,
                    last: mark.at,
                    back: None,
                }),
            },
        }
    }
    all
}

/// Another file says in the same whole second that HAProxy serves: the order within it is not known.
fn served_in_that_second(marks: &[Mark], left: &Mark) -> bool {
    left.precision == Precision::Second
        && marks.iter().any(|mark| {
            mark.presence == Presence::Serves
                && mark.source != left.source
                && mark.at / SECOND == left.at / SECOND
        })
}

/// When requests were answered, UTC.
struct Served<'a> {
    loads: &'a BTreeMap<Box<str>, Load>,
    /// Hosts with traffic lines.
    hosts: BTreeSet<&'a str>,
}

impl<'a> Served<'a> {
    fn new(loads: &'a BTreeMap<Box<str>, Load>) -> Self {
        let workers = loads.values().flat_map(|load| load.workers.keys());
        Served {
            loads,
            hosts: workers.map(|(host, _)| &**host).collect(),
        }
    }

    /// The traffic lines are of this host, as far as they say.
    fn tells(&self, host: &str) -> bool {
        self.hosts.len() == 1
            && self
                .hosts
                .iter()
                .all(|h| *h == host || h.is_empty() || host.is_empty())
    }

    /// First request accepted after a time, in any worker; needs pids.
    fn first_after(&self, host: &str, at: i64) -> Option<i64> {
        let workers = self.loads.values().flat_map(|load| &load.workers);
        let mine = workers.filter(|((h, pid), _)| *pid != 0 && **h == *host);
        let firsts = mine.filter_map(|(_, tally)| Some(tally.times?.0));
        let by_worker = firsts.filter(|&first| first > at).min();
        let by_load = || {
            let goods = self
                .loads
                .values()
                .filter_map(|load| load.first_good_after(at));
            goods.min()
        };
        by_worker.or_else(|| if self.tells(host) { by_load() } else { None })
    }

    /// One worker answered before and after: it never left.
    fn survived(&self, host: &str, gap: &Gap) -> bool {
        let workers = self.loads.values().flat_map(|load| &load.workers);
        let mine = workers.filter(|((h, pid), _)| *pid != 0 && **h == *host);
        mine.filter_map(|(_, tally)| tally.times)
            .any(|(first, last)| first < gap.start && last > gap.last + SECOND)
    }

    fn last_good_before(&self, host: &str, at: i64) -> Option<i64> {
        let goods = self
            .loads
            .values()
            .filter_map(|load| load.last_good_before(at));
        let last = goods.max();
        last.filter(|_| self.tells(host))
    }

    /// The backend with most requests before a time, and its busiest frontend.
    fn busiest(&self, at: i64) -> (Box<str>, Box<str>) {
        let before = |load: &Load| load.between(i64::MIN / 2, at).n;
        let best = self
            .loads
            .iter()
            .max_by_key(|(name, load)| (before(load), std::cmp::Reverse((*name).clone())));
        let Some((backend, load)) = best.filter(|(_, load)| before(load) > 0) else {
            return Default::default();
        };
        let frontend = load
            .frontends
            .iter()
            .max_by_key(|(name, n)| (**n, std::cmp::Reverse((*name).clone())));
        (
            backend.clone(),
            frontend.map(|(name, _)| name.clone()).unwrap_or_default(),
        )
    }
}

fn incident(host: &str, gap: &Gap, served: &Served<'_>) -> Option<Incident> {
    if served.survived(host, gap) {
        return None;
    }
    let blur = if gap.precision == Precision::Second {
        SECOND
    } else {
        0
    };
    let first = served.first_after(host, gap.start + blur);
    let back = gap.back.map(|(at, _)| at);
    // Requests were answered well before the start that the messages tell: some process was there.
    if matches!((first, back), (Some(first), Some(back)) if first + SECOND + blur < back) {
        return None;
    }
    let returned = back.or(first);
    if returned.is_some_and(|at| at - gap.start <= RESTART_MAX + blur) {
        return None;
    }
    let (backend, frontend) = served.busiest(gap.start + blur);
    let returned = first.map(|at| (at, Precision::Milli)).or(gap.back);
    Some(Incident {
        host: host.into(),
        frontend,
        window: Window {
            start: Some(gap.start),
            end: Some(returned.map_or(gap.last, |(at, _)| at)),
            precision: gap.precision,
            last_good: served.last_good_before(host, gap.start),
            ongoing: returned.is_none(),
        },
        recovered: Some(returned.is_some()),
        recovered_at: returned,
        next: None,
        ..bare(Basis::Process, &backend)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(at: i64, presence: Presence) -> Mark {
        Mark {
            at: at * SECOND,
            precision: Precision::Micro,
            source: 0,
            presence,
        }
    }

    fn spans(marks: &[Mark]) -> Vec<(i64, Option<i64>)> {
        let all = gaps(marks).into_iter();
        all.map(|gap| (gap.start / SECOND, gap.back.map(|(at, _)| at / SECOND)))
            .collect()
    }

    #[test]
    fn a_restart_loop_is_one_gap() {
        use Presence as P;
        let marks = [
            (0, P::Serves),
            (10, P::Left),
            (11, P::Serves),
            (12, P::Failed),
            (13, P::Failed),
            (20, P::Serves),
            (60, P::Left),
        ];
        let marks: Vec<Mark> = marks.map(|(at, presence)| mark(at, presence)).to_vec();
        assert_eq!(spans(&marks), vec![(10, Some(20)), (60, None)]);
    }

    #[test]
    fn a_reload_that_fails_is_none() {
        use Presence as P;
        let marks = [(0, P::Serves), (10, P::Reload), (11, P::Failed)];
        let marks: Vec<Mark> = marks.map(|(at, presence)| mark(at, presence)).to_vec();
        assert!(spans(&marks).is_empty());
    }

    #[test]
    fn names_of_haproxy_and_of_what_stands_beside_it() {
        for name in [
            "haproxy.service",
            "haproxy@edge.service",
            "HAProxy Load Balancer",
            "haproxy",
            "hapee-2.8-lb.service",
        ] {
            assert!(is_haproxy(name), "{name}");
        }
        for name in [
            "prometheus-haproxy-exporter.service",
            "haproxy_exporter",
            "nginx.service",
            "",
        ] {
            assert!(!is_haproxy(name), "{name}");
        }
    }
}
