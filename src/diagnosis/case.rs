//! One incident with everything that bears on it.

use crate::base::Cite;
use crate::base::SECOND;
use crate::base::printable;
use crate::config::Proxy;
use crate::config::Server;
use crate::diagnosis::intended::Intended;
use crate::diagnosis::usable::Usable;
use crate::diagnosis::usable::usable;
use crate::evidence::FailTally;
use crate::evidence::Step;
use crate::evidence::Tally as _;
use crate::incident::{Basis, Bundle, Change, Incident, Pool, Reason, Snapshot, State, Story};
use std::cell::OnceCell;
use std::collections::BTreeMap;

/// A stamp of whole seconds may lie this far from the accept date of a request.
const SLACK: i64 = 2 * SECOND;
/// A dump taken this long after the last failure still tells about it, when the log has no later change of the server.
const DUMP_LATER: i64 = 60 * SECOND;

/// What the causes examine.
#[derive(Debug)]
pub struct Case<'a> {
    /// Everything known.
    pub bundle: &'a Bundle,
    /// The incident.
    pub incident: &'a Incident,
    /// The backend's servers over time.
    pub pool: Option<&'a Pool>,
    /// The backend's section in the configuration that ran.
    pub proxy: Option<&'a Proxy>,
    /// Servers that were out during the incident, in the order in which they went.
    pub losses: Vec<Loss<'a>>,
    /// Failed routes that were meant for another backend, once somebody asked.
    pub(super) intended: OnceCell<Vec<Intended>>,
    /// Whether only older workers failed beside a healthy newer one, once somebody asked.
    pub(super) stale: OnceCell<bool>,
    /// The pool's usable servers over time, once somebody asked.
    usable: OnceCell<Option<Usable>>,
}

/// A server that was out during an incident.
#[derive(Clone, Debug)]
pub struct Loss<'a> {
    /// Its name.
    pub server: &'a str,
    /// When it went out, UTC; `None`: only a dump shows it, or the carrier has no time.
    pub at: Option<i64>,
    /// Seconds from then to a dump without a time of its own; `None`: `at` says when, or nothing does.
    pub age_s: Option<u64>,
    /// The state it went into.
    pub state: State,
    /// Why.
    pub reason: &'a Reason,
    /// Every reason of the same absence, the first one included (a DOWN server may enter maintenance).
    pub reasons: Vec<&'a Reason>,
    /// Usable servers after it, where the message says so.
    pub left: Option<u32>,
    /// The line that shows it.
    pub cite: &'a Cite,
    /// A dump shows it, no message.
    pub by_dump: bool,
    /// A backup server.
    pub backup: bool,
}

impl<'a> Case<'a> {
    /// Puts together what bears on an incident.
    pub fn new(bundle: &'a Bundle, incident: &'a Incident) -> Self {
        let pool = bundle.pools.get(&incident.backend);
        let proxy = bundle.backend(&incident.backend);
        // Without HAProxy itself the states of servers explain nothing.
        let watching = pool.filter(|_| incident.basis != Basis::Process);
        let servers = watching.into_iter().flat_map(|pool| &pool.servers);
        let mut losses: Vec<Loss<'a>> = servers
            .filter_map(|(name, story)| loss(name, story, incident))
            .collect();
        let age = |loss: &Loss<'a>| std::cmp::Reverse(loss.age_s);
        losses.sort_by_key(|loss| (loss.at.is_none(), loss.at, age(loss), loss.cite.span));
        Case {
            bundle,
            incident,
            pool,
            proxy,
            losses,
            intended: OnceCell::new(),
            stale: OnceCell::new(),
            usable: OnceCell::new(),
        }
    }

    /// The server whose loss left the pool without a usable one: the message that counts none left, else the last to go.
    pub fn last_straw(&self) -> Option<&Loss<'a>> {
        let none_left = self.losses.iter().rev().find(|loss| loss.left == Some(0));
        none_left.or_else(|| self.losses.last())
    }

    /// The last of the losses is known to be it: by its time, by the count of its message, or as the youngest of one dump.
    pub(super) fn knows_last(&self) -> bool {
        let Some(last) = self.last_straw() else {
            return false;
        };
        let source = last.cite.span.source;
        let mut others = self.losses.iter().filter(|loss| loss.server != last.server);
        let is_youngest = others.all(|loss| {
            let is_older = matches!((loss.age_s, last.age_s), (Some(age), Some(own)) if age > own);
            is_older && loss.cite.span.source == source
        });
        last.left == Some(0) || last.at.is_some() || is_youngest
    }

    /// The pool's usable servers over time; `None`: no message tells.
    pub(super) fn usable(&self) -> Option<&Usable> {
        self.usable.get_or_init(|| usable(self)).as_ref()
    }

    /// The loss of one server.
    pub fn loss(&self, server: &str) -> Option<&Loss<'a>> {
        self.losses.iter().find(|loss| loss.server == server)
    }

    /// The server's line in the configuration that ran.
    pub fn server(&self, name: &str) -> Option<&'a Server> {
        self.proxy?.server(name)
    }

    /// The server's story.
    pub fn story(&self, name: &str) -> Option<&'a Story> {
        self.pool?.servers.get(name)
    }

    /// Failures of one step, over all servers and workers.
    pub fn step(&self, step: Step) -> FailTally {
        let mut sum = FailTally::default();
        for (_, tally) in self
            .incident
            .failures
            .iter()
            .filter(|(key, _)| key.step == step)
        {
            sum.add(tally.clone());
        }
        sum
    }

    /// Failures of one step by server, as logged.
    pub fn step_by_server(&self, step: Step) -> BTreeMap<String, FailTally> {
        let mut by_server = BTreeMap::<String, FailTally>::new();
        for (key, tally) in self
            .incident
            .failures
            .iter()
            .filter(|(key, _)| key.step == step)
        {
            by_server
                .entry(printable(&key.server))
                .or_default()
                .add(tally.clone());
        }
        by_server
    }

    /// Share of the incident's failures that ended at the given steps, 0 to 1; 0 without failed requests.
    pub fn share(&self, steps: &[Step]) -> f64 {
        let n: u64 = steps.iter().map(|&step| self.incident.n_step(step)).sum();
        ratio(n, self.incident.n_failed())
    }

    /// The step at which most requests failed; `None` without failed requests.
    pub fn dominant(&self) -> Option<Step> {
        let steps = self.incident.failures.keys().map(|key| key.step);
        steps.max_by_key(|&step| (self.incident.n_step(step), std::cmp::Reverse(step)))
    }

    /// Names of the pool's servers, from the configuration, messages and dumps.
    pub fn server_names(&self) -> Vec<&'a str> {
        let mut names: Vec<&str> = self
            .pool
            .into_iter()
            .flat_map(|p| p.servers.keys())
            .map(|n| &**n)
            .collect();
        names.extend(
            self.proxy
                .into_iter()
                .flat_map(|p| &p.servers)
                .map(|s| s.name.as_str()),
        );
        names.sort_unstable();
        names.dedup();
        names
    }

    /// `address:port` of a server as dumps or the configuration show it.
    pub fn address(&self, server: &str) -> Option<String> {
        let line = self.server(server);
        let dumped = self.story(server).and_then(Story::address);
        let address = dumped.or_else(|| line.map(|line| line.address.as_str()))?;
        // A dump that was cut, or that is older than 1.8, has no port.
        let has_port = address.starts_with('/') || (dumped.is_some() && address.contains(':'));
        match line.and_then(|line| line.port).filter(|_| !has_port) {
            Some(port) => Some(format!("{address}:{port}")),
            None => Some(address.to_owned()),
        }
    }

    /// The window's start, or the first loss.
    pub fn start(&self) -> Option<i64> {
        self.incident
            .window
            .start
            .or_else(|| self.losses.first()?.at)
    }

    /// First lines of the failures of a step, one per server at most, `n` in all.
    pub fn examples(&self, step: Step, n: usize) -> Vec<Cite> {
        let failures = self.incident.failures.iter();
        let of_step = failures.filter(|(key, _)| key.step == step);
        // Those of one server stand together.
        let mut firsts: Vec<(&[u8], &Cite)> = Vec::new();
        for (key, first) in of_step.filter_map(|(key, tally)| Some((key, tally.first.as_ref()?))) {
            match firsts.last_mut() {
                Some((server, known)) if **server == *key.server => *known = first.min(known),
                _ => firsts.push((&key.server, first)),
            }
        }
        firsts.sort_by_key(|(_, cite)| *cite);
        let firsts = firsts.into_iter().take(n);
        firsts.map(|(_, cite)| cite.clone()).collect()
    }

    /// HAProxy wrote state changes or check lines of some server into the logs: then a change that is not there did not happen.
    pub fn has_messages(&self) -> bool {
        self.bundle.pools.values().any(|p| {
            p.servers
                .values()
                .any(|s| !s.changes.is_empty() || !s.checks.is_empty())
        })
    }
}

/// `n` of `total` as a share; 0 of nothing.
#[expect(
    clippy::cast_precision_loss,
    reason = "shares are shown with two digits"
)]
pub(super) fn ratio(n: u64, total: u64) -> f64 {
    if total == 0 {
        0.0
    } else {
        n as f64 / total as f64
    }
}

fn loss<'a>(name: &'a str, story: &'a Story, incident: &Incident) -> Option<Loss<'a>> {
    let row = by_snapshot(name, story, incident);
    let Some(mut told) = by_change(name, story, incident) else {
        return row;
    };
    // A message that was cut before its reason: a dump of that time may have it.
    if told.reasons.iter().all(|reason| **reason == Reason::Unsaid) {
        told.reasons
            .extend(row.into_iter().flat_map(|row| row.reasons));
    }
    Some(told)
}

/// The absence that overlaps the incident, told by messages. Of several (a flapping server), the first that says why.
fn by_change<'a>(name: &'a str, story: &'a Story, incident: &Incident) -> Option<Loss<'a>> {
    let latest = incident.window.end.map(|end| end + SLACK);
    let earliest = incident.window.start.map(|start| start - SLACK);
    let mut absences: Vec<Vec<&Change>> = Vec::new();
    let mut absence: Vec<&Change> = Vec::new();
    for change in &story.changes {
        if matches!((change.at, latest), (Some(at), Some(latest)) if at > latest) {
            break;
        }
        if change.to != State::Up {
            absence.push(change);
            continue;
        }
        let ended_before =
            matches!((change.at, earliest), (Some(at), Some(earliest)) if at < earliest);
        if !ended_before && !absence.is_empty() {
            absences.push(std::mem::take(&mut absence));
        }
        absence.clear();
    }
    if !absence.is_empty() {
        absences.push(absence);
    }
    let says_why =
        |absence: &&Vec<&Change>| absence.iter().any(|change| change.reason != Reason::Unsaid);
    let absence = absences
        .iter()
        .find(says_why)
        .or_else(|| absences.first())?;
    let first = *absence.first()?;
    Some(Loss {
        server: name,
        at: first.at,
        age_s: None,
        state: first.to,
        reason: &first.reason,
        reasons: absence.iter().map(|change| &change.reason).collect(),
        left: absence.last().and_then(|change| change.left).or(first.left),
        cite: &first.cite,
        by_dump: false,
        backup: story.backup,
    })
}

/// The absence that a dump of the incident's time shows.
fn by_snapshot<'a>(name: &'a str, story: &'a Story, incident: &Incident) -> Option<Loss<'a>> {
    let fits = |s: &&Snapshot| match (s.at, incident.window.start, incident.window.end) {
        (Some(at), Some(start), Some(end)) => start - SLACK <= at && at <= end + DUMP_LATER,
        _ => true,
    };
    let out = |s: &&Snapshot| s.state.is_some_and(|state| state != State::Up);
    // A row that says why is worth more than one that does not.
    let mut rows: Vec<&Snapshot> = story.snapshots.iter().filter(fits).filter(out).collect();
    rows.sort_by_key(|s| (poor(&s.reason), s.at, s.cite.span));
    let row = *rows.first()?;
    Some(Loss {
        server: name,
        at: row
            .at
            .zip(row.since_s)
            .map(|(at, since)| at - i64::try_from(since).unwrap_or(0).saturating_mul(SECOND)),
        age_s: row.since_s.filter(|_| row.at.is_none()),
        state: row.state?,
        reason: &row.reason,
        reasons: rows.iter().map(|row| &row.reason).collect(),
        left: None,
        cite: &row.cite,
        by_dump: true,
        backup: story.backup,
    })
}

fn poor(reason: &Reason) -> u8 {
    match reason {
        Reason::Check(report) if !report.info.is_empty() => 0,
        Reason::Unsaid => 2,
        _ => 1,
    }
}
