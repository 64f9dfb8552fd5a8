//! Messages and host events: few, and kept whole up to a cap.

use crate::base::Cite;
use crate::base::Stamp;
use crate::base::printable;
use crate::event::host::HostEvent;
use crate::event::message::Message;
use crate::evidence::Axis;
use crate::evidence::Seen;

/// Notices kept per log. A server that flaps every second for a day writes some 170,000 lines; each takes about 400 bytes.
const NOTICES_MAX: usize = 100_000;

/// A message of HAProxy, or an event of its host or of another one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Notice {
    /// The line. First, so that notices sort by where they stand.
    pub cite: Cite,
    /// When the carrier says that it was written.
    pub stamp: Option<Stamp>,
    /// End of the last request logged before it in the same block, local axis, and how that is tied to UTC: places a notice
    /// in a carrier without time.
    pub after: Option<(i64, Axis)>,
    /// Host of the record; empty when the carrier has none.
    pub host: Box<str>,
    /// Program of the record; empty when the carrier has none.
    pub ident: Box<str>,
    /// Pid: the one in the text of a stderr copy, else the carrier's.
    pub pid: Option<u32>,
    /// What it says.
    pub what: What,
}

/// The two kinds of notices.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum What {
    /// HAProxy's own.
    Message(Message),
    /// Of the rest of the host.
    Host(HostEvent),
}

/// All notices of one log.
#[derive(Clone, Debug, Default)]
pub struct Notices {
    /// In order of arrival; sorted by [`Notices::sorted`].
    kept: Vec<Notice>,
    /// The cap was hit: the latest in the file were dropped.
    pub full: bool,
    /// The latest end of the requests passed in this block and its axis; [`NEVER`] before the first.
    last_end: (i64, Axis),
}

/// No request ended then.
const NEVER: i64 = i64::MIN;

impl Notices {
    pub(super) fn start_block(&mut self) {
        self.last_end = (NEVER, Axis::Free);
    }

    /// Traffic lines of one axis went by, the latest of which ended then; `None`: none with a date.
    pub(super) fn passed(&mut self, latest: Option<(i64, Axis)>) {
        let (last, _) = self.last_end;
        self.last_end = latest
            .filter(|(end, _)| last < *end)
            .unwrap_or(self.last_end);
    }

    pub(super) fn message(&mut self, seen: &Seen<'_>, text_pid: Option<u32>, message: &Message) {
        if *message != Message::Other {
            self.push(
                seen,
                text_pid.or(seen.record.pid),
                What::Message(message.clone()),
            );
        }
    }

    pub(super) fn host(&mut self, seen: &Seen<'_>, event: &HostEvent) {
        self.push(seen, seen.record.pid, What::Host(event.clone()));
    }

    fn push(&mut self, seen: &Seen<'_>, pid: Option<u32>, what: What) {
        self.kept.push(Notice {
            cite: Cite::new(seen.span, seen.quote),
            stamp: seen.record.stamp,
            after: Some(self.last_end).filter(|(last, _)| *last != NEVER),
            host: printable(seen.record.host).into_boxed_str(),
            ident: printable(seen.record.ident).into_boxed_str(),
            pid,
            what,
        });
        if self.kept.len() >= 2 * NOTICES_MAX {
            self.shrink();
        }
    }

    fn shrink(&mut self) {
        if self.kept.len() > NOTICES_MAX {
            self.kept.sort();
            self.kept.truncate(NOTICES_MAX);
            self.full = true;
        }
    }

    pub(super) fn merge(&mut self, other: Notices) {
        let Notices {
            kept,
            full,
            last_end: _,
        } = other;
        self.kept.extend(kept);
        self.full |= full;
        if self.kept.len() >= 2 * NOTICES_MAX {
            self.shrink();
        }
    }

    /// The notices, in no order.
    pub fn iter(&self) -> impl Iterator<Item = &Notice> {
        self.kept.iter()
    }

    /// The notices in the order in which they stand in the log.
    pub fn sorted(mut self) -> Vec<Notice> {
        self.shrink();
        self.kept.sort();
        self.kept
    }
}
