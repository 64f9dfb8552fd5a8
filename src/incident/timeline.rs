//! Notices of all logs on one axis, copies of one event joined.
//!
//! HAProxy writes a state change once per `log` line and once to stderr, and a journal keeps them all: same text, other pid
//! or level, within the same instant. A real repetition has another change of the same server in between.

use crate::base::Cite;
use crate::base::Precision;
use crate::base::SECOND;
use crate::base::Zone;
use crate::clock::Clock;
use crate::event::message::Message;
use crate::event::message::ServerName;
use crate::evidence::Notice;
use crate::evidence::What;
use std::collections::BTreeMap;

/// Copies of one event are written within this time; the carriers' clocks differ by up to a second, which is also the
/// precision of most of them.
const COPY_WITHIN: i64 = 2 * SECOND;

/// One event.
#[derive(Clone, Debug)]
pub struct Happening {
    /// When it was written, UTC; `None`: its carrier has no time and nothing near it has.
    pub at: Option<i64>,
    /// Digits of the source.
    pub precision: Precision,
    /// The time is that of the request logged before it, for a carrier without time.
    pub placed: bool,
    /// The source left out its zone or its year, and nothing in the bundle tells it.
    pub assumed: bool,
    /// Host of the record; empty when the carrier has none.
    pub host: Box<str>,
    /// Pid of the writer.
    pub pid: Option<u32>,
    /// What it says.
    pub what: What,
    /// The line, of the copy with the most precise time.
    pub cite: Cite,
    /// Copies, this one included.
    pub n_copies: u32,
}

/// Every event, in order of time; those without time stand where their log has them.
#[derive(Clone, Debug, Default)]
pub struct Timeline {
    /// In order.
    pub events: Vec<Happening>,
}

/// Puts the notices of all logs on one axis.
pub(super) fn timeline(logs: Vec<(u32, Vec<Notice>)>, clock: &Clock) -> Timeline {
    let mut events = Vec::new();
    for (source, notices) in logs {
        let mut log: Vec<_> = notices
            .into_iter()
            .map(|notice| place(source, notice, clock))
            .collect();
        hold_order(&mut log);
        events.extend(log);
    }
    // A stable sort by second keeps each log's own order within it; precise times then refine it.
    events.sort_by_key(|event| (event.at, event.cite.span));
    Timeline {
        events: join_copies(events),
    }
}

fn place(source: u32, notice: Notice, clock: &Clock) -> Happening {
    let Notice {
        cite,
        stamp,
        after,
        host,
        ident: _,
        pid,
        what,
    } = notice;
    let assumed = match stamp.map_or(Zone::Local, |stamp| stamp.zone) {
        Zone::Utc => false,
        Zone::Local => !clock.knows_stamps(source),
        Zone::NoYear => !clock.knows_stamps(source) || !clock.knows_year(),
    };
    let (at, precision, placed) = match (stamp, after) {
        (Some(stamp), _) => (Some(clock.stamp(source, stamp)), stamp.precision, false),
        (None, Some((after, axis))) => {
            let at = clock.accept(source, &host, axis).utc(after);
            (Some(at), Precision::Milli, true)
        }
        (None, None) => (None, Precision::Second, false),
    };
    Happening {
        at,
        precision,
        placed,
        assumed,
        host,
        pid,
        what,
        cite,
        n_copies: 1,
    }
}

/// An event without any time takes the next one's that has one: it was written before it.
fn hold_order(log: &mut [Happening]) {
    let mut next = None;
    for event in log.iter_mut().rev() {
        if event.at.is_none() {
            event.at = next;
            event.placed = true;
            event.assumed = true;
        }
        next = event.at;
    }
}

fn join_copies(events: Vec<Happening>) -> Vec<Happening> {
    let mut kept: Vec<Happening> = Vec::with_capacity(events.len());
    // Index of the last kept event about each subject: the only ones that a new event can be a copy of.
    let mut latest = BTreeMap::<Subject, Vec<usize>>::new();
    for event in events {
        let subject = subject(&event);
        let candidates = latest.entry(subject).or_default();
        let copy = candidates
            .iter()
            .rev()
            .take(4)
            .copied()
            .find(|&index| kept.get(index).is_some_and(|k| is_copy(k, &event)));
        // Only what was said about the subject since its last change can be repeated by a copy.
        match copy.and_then(|index| kept.get_mut(index)) {
            Some(original) => join(original, event),
            None => {
                candidates.push(kept.len());
                kept.push(event);
            }
        }
    }
    kept
}

/// What an event is about: copies agree on it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Subject {
    Server(ServerName),
    Backend(String),
    Other,
}

fn subject(event: &Happening) -> Subject {
    match &event.what {
        What::Message(Message::State(change)) => Subject::Server(change.name.clone()),
        What::Message(Message::Admin(change)) => Subject::Server(change.name.clone()),
        What::Message(Message::Check(line)) => Subject::Server(line.name.clone()),
        What::Message(Message::Address(change)) => Subject::Server(change.name.clone()),
        What::Message(Message::NoServer { backend }) => Subject::Backend(backend.clone()),
        What::Message(_) | What::Host(_) => Subject::Other,
    }
}

fn is_copy(original: &Happening, event: &Happening) -> bool {
    let same_host =
        original.host == event.host || original.host.is_empty() || event.host.is_empty();
    let near = match (original.at, event.at) {
        (Some(a), Some(b)) => (b - a).abs() <= COPY_WITHIN,
        // Without times, copies follow each other in the same log.
        _ => original.cite.span.source == event.cite.span.source,
    };
    same_host
        && near
        && original.what == event.what
        && (is_message(event) || original.cite.span == event.cite.span || original.at == event.at)
}

fn is_message(event: &Happening) -> bool {
    matches!(event.what, What::Message(_))
}

fn join(original: &mut Happening, copy: Happening) {
    original.n_copies += 1;
    let better = !copy.placed
        && copy.at.is_some()
        && (original.placed || copy.precision > original.precision);
    if better {
        original.at = copy.at;
        original.precision = copy.precision;
        original.placed = copy.placed;
        original.assumed = copy.assumed;
        original.cite = copy.cite;
    }
    if original.host.is_empty() {
        original.host = copy.host;
    }
    original.pid = original.pid.or(copy.pid);
}
