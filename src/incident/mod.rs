//! Evidence and documents -> incidents: which backend failed when, what its servers did, what else happened.
//!
//! Decides when something was wrong and how much, never why: that is `diagnosis`.

mod assemble;
mod background;
mod failures;
mod outage;
mod phases;
mod process;
mod snapshot;
mod state;
mod story;
mod timeline;

use crate::base::Cite;
use crate::base::Precision;
use crate::base::SECOND;
use crate::clock::Clock;
use crate::config::Config;
use crate::config::Proxy;
use crate::document::Documents;
use crate::evidence::FailKey;
use crate::evidence::FailTally;
use std::collections::BTreeMap;

pub use assemble::assemble;
pub use failures::{Load, Reach, ServerLoad};
pub use process::is_haproxy;
pub use snapshot::{BackendRow, Snapshot};
pub use state::{Change, Reason, State};
pub use story::{Pool, Story};
pub use timeline::{Happening, Timeline};

/// Everything that the diagnosis looks at.
#[derive(Debug)]
pub struct Bundle {
    /// One axis.
    pub clock: Clock,
    /// Configs, dumps, captures.
    pub documents: Documents,
    /// The configuration that ran, as far as can be told: index into `documents.configs`.
    pub running: Option<usize>,
    /// Messages and host events, copies joined, in order.
    pub timeline: Timeline,
    /// Backends and their servers over time.
    pub pools: BTreeMap<Box<str>, Pool>,
    /// Requests per backend, good and failed.
    pub loads: BTreeMap<Box<str>, Load>,
    /// What the traffic lines reach over.
    pub reach: Reach,
    /// Pools that lost all servers while the traffic log shows that no request needed them.
    pub unneeded: Vec<Box<str>>,
    /// Failures that are always there, by backend: noise beside a real incident.
    pub background: BTreeMap<Box<str>, u64>,
    /// Traffic lines in another log format than the configurations declare for their frontend: how many of how many, and the
    /// first of them.
    pub undeclared: Option<(u64, u64, Cite)>,
    /// There were more messages than are kept.
    pub notices_full: bool,
}

impl Bundle {
    /// The configuration that ran.
    pub fn config(&self) -> Option<&Config> {
        self.documents
            .configs
            .get(self.running?)
            .map(|doc| &doc.config)
    }

    /// The backend's section in the configuration that ran.
    pub fn backend(&self, name: &str) -> Option<&Proxy> {
        self.config()?.backend(name)
    }

    /// The artifact of the configuration that ran.
    pub fn config_source(&self) -> Option<u32> {
        self.documents
            .configs
            .get(self.running?)
            .map(|doc| doc.source)
    }

    /// A server's state at the end of what was captured. A request that it answered well after its last change or dump says
    /// more than they do: the message of its return may be filtered out of a log (`notice`), or not be written yet.
    pub fn last_state(&self, backend: &str, server: &str) -> Option<State> {
        let story = self
            .pools
            .get(backend)
            .and_then(|pool| pool.servers.get(server));
        let told = story.and_then(Story::last_state);
        let loads = self
            .loads
            .get(backend)
            .and_then(|load| load.servers.get(server));
        let served = loads
            .into_iter()
            .flatten()
            .filter_map(|load| load.last_good)
            .max();
        let last_word = story.and_then(|story| {
            let change = story.changes.iter().filter_map(|change| change.at);
            let snapshot = story.snapshots.iter().filter_map(|snapshot| snapshot.at);
            change.chain(snapshot).max()
        });
        let outdated = match told {
            Some(State::Down | State::Maint) => true,
            // A drained server goes on serving those whom a cookie or a stick table ties to it.
            Some(State::Drain) => self
                .backend(backend)
                .is_some_and(|proxy| proxy.persistence.is_empty()),
            Some(State::Up | State::Stopping) | None => false,
        };
        let is_back = match (served, last_word) {
            (Some(served), Some(word)) => served > word + SECOND,
            // A dump without a time: requests that found no server before that tell when it was taken.
            (Some(served), None) => self.was_empty_before(backend, served),
            (None, _) => false,
        };
        if is_back && outdated {
            Some(State::Up)
        } else {
            told
        }
    }

    /// A server's state when the incident had ended: at the end of what was captured, or before the backend's next incident.
    pub fn state_after(&self, incident: &Incident, server: &str) -> Option<State> {
        let story = self
            .pools
            .get(&incident.backend)
            .and_then(|pool| pool.servers.get(server));
        // What emptied the pool the next time came a moment before requests failed, within the blur of whole seconds.
        let before = incident.next.map(|next| next - 2 * SECOND);
        match (story, before) {
            (Some(story), Some(before)) => {
                story.change_before(Some(before)).map(|change| change.to)
            }
            _ => self.last_state(&incident.backend, server),
        }
    }

    /// Requests of the backend found no server at some time before, to the precision of the slots.
    fn was_empty_before(&self, backend: &str, at: i64) -> bool {
        let none = self
            .loads
            .get(backend)
            .and_then(|load| load.servers.get("<NOSRV>"));
        none.into_iter()
            .flatten()
            .any(|slot| slot.n_failed > 0 && slot.at <= at)
    }

    /// Quotes a line of the configuration that ran.
    pub fn config_cite(&self, at: crate::base::Place) -> Option<Cite> {
        Some(self.documents.cite(self.config_source()?, at))
    }
}

/// What shows that something was wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Basis {
    /// Failed requests in a log.
    Requests,
    /// Messages of HAProxy, without failed requests.
    Messages,
    /// A dump.
    Dumps,
    /// A curl capture.
    Captures,
    /// HAProxy itself was not there.
    Process,
}

/// One incident of one backend.
#[derive(Clone, Debug)]
pub struct Incident {
    /// What shows it.
    pub basis: Basis,
    /// Host of HAProxy; empty when unknown.
    pub host: Box<str>,
    /// Frontend with most failures; empty when unknown.
    pub frontend: Box<str>,
    /// Backend; empty when unknown.
    pub backend: Box<str>,
    /// When, UTC.
    pub window: Window,
    /// Requests of the backend in the window.
    pub n_requests: u64,
    /// Of those, answered well.
    pub n_good: u64,
    /// 503 lines.
    pub n_503: u64,
    /// Of those, with `<NOSRV>`.
    pub n_nosrv: u64,
    /// TCP streams that failed.
    pub n_sessions: u64,
    /// Failures by step, server and worker.
    pub failures: BTreeMap<FailKey, FailTally>,
    /// The dated ones of them by slots of time, in order of their first accept date.
    pub spells: Vec<Spell>,
    /// Distinct clients that failed, and whether that is an estimate.
    pub clients: (u64, bool),
    /// Failing routes (captures, authority, path) with counts, most first.
    pub routes: Vec<(RouteKey, u64)>,
    /// There were more routes than were kept.
    pub routes_cut: bool,
    /// Service returned within what was captured; `None`: cannot be told.
    pub recovered: Option<bool>,
    /// When it returned, UTC.
    pub recovered_at: Option<(i64, Precision)>,
    /// When requests of the same backend began to fail in another incident after it, UTC; `None`: never.
    pub next: Option<i64>,
}

/// Failures of one kind within one slot of time (16 s, wider in very long logs), UTC.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Spell {
    /// First accept date.
    pub first: i64,
    /// Last accept date.
    pub last: i64,
    /// Step, server and worker.
    pub key: FailKey,
    /// Failed requests or streams.
    pub n: u64,
}

/// What a failing route is known by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RouteKey {
    /// Captured headers with braces, printable; empty when none.
    pub captures: String,
    /// Authority of an absolute request URI; empty when relative.
    pub authority: String,
    /// Path without query.
    pub path: String,
}

/// When an incident was, UTC in microseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// First failing request accepted, or first sign.
    pub start: Option<i64>,
    /// Last failing request ended, or last sign.
    pub end: Option<i64>,
    /// Digits of the source.
    pub precision: Precision,
    /// Last request answered well before `start`.
    pub last_good: Option<i64>,
    /// Failures go on to the end of what was captured.
    pub ongoing: bool,
}

impl Window {
    /// A window without times.
    pub const UNKNOWN: Window = Window {
        start: None,
        end: None,
        precision: Precision::Second,
        last_good: None,
        ongoing: false,
    };
}

impl Incident {
    /// Failures of the given step, over all servers and workers.
    pub fn n_step(&self, step: crate::evidence::Step) -> u64 {
        self.failures
            .iter()
            .filter(|(key, _)| key.step == step)
            .map(|(_, tally)| tally.n)
            .sum()
    }

    /// Failures of all steps.
    pub fn n_failed(&self) -> u64 {
        self.failures.values().map(|tally| tally.n).sum()
    }
}

#[cfg(test)]
mod tests {
    use crate::testing;

    /// Drained, then serving: the return wrote no line (`set weight`).
    fn still_down(config: &str) -> Vec<String> {
        let drained = testing::host_line(
            45,
            "proxy01",
            "haproxy[3028]: Server be_app/app1 enters drain state.",
        );
        let served = testing::nosrv(55).replace(
            "be_app/<NOSRV> 0/-1/-1/-1/0 503 217 - - SC--",
            "be_app/app1 0/0/0/3/3 200 217 - - ----",
        );
        let log = drained + &testing::nosrv(47) + &served;
        let incident = testing::incident(&[("a.log", &log), ("haproxy.cfg", config)]);
        incident.recovery.expect("an end").still_down
    }

    #[test]
    fn a_dump_without_a_time_is_older_than_the_request_that_its_server_answered_after_the_failures()
    {
        let dump = "# pxname,svname,qcur,qmax,scur,smax,slim,stot,bin,bout,dreq,dresp,ereq,econ,eresp,wretr,wredis,status,weight,act,bck\n\
                    be_app,app1,0,0,0,0,,0,0,0,,0,,0,0,0,0,UP,0,1,0\nbe_app,BACKEND,0,0,0,0,200,0,0,0,0,0,,0,0,0,0,UP,0,1,0\n";
        let served = testing::nosrv(55).replace(
            "be_app/<NOSRV> 0/-1/-1/-1/0 503 217 - - SC--",
            "be_app/app1 0/0/0/3/3 200 217 - - ----",
        );
        let config = "defaults\n mode http\nfrontend fe_app\n default_backend be_app\nbackend be_app\n server app1 192.0.2.9:80 check\n";
        let down = |log: &str| {
            let files = [
                ("a.log", log),
                ("show-stat.csv", dump),
                ("haproxy.cfg", config),
            ];
            let incident = testing::concludes(&files, "admin-drain");
            incident.recovery.map(|recovery| recovery.still_down)
        };
        let back = testing::nosrv(47) + &served;
        assert_eq!(down(&back), Some(Vec::new()));
        assert_eq!(down(&testing::nosrv(47)), Some(vec!["app1".to_owned()]));
    }

    #[test]
    fn a_drained_server_that_serves_again_is_back_unless_something_ties_clients_to_it() {
        let config =
            "defaults\n mode http\nfrontend fe_app\n default_backend be_app\nbackend be_app\n";
        let server = " server app1 192.0.2.9:80 check cookie a\n";
        assert_eq!(
            still_down(&format!("{config}{server}")),
            Vec::<String>::new()
        );
        let tied = format!("{config} cookie S insert\n{server}");
        assert_eq!(still_down(&tied), ["app1"]);
    }
}
