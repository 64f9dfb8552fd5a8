//! Events -> counts that merge: the report cannot depend on threads, blocks or the order of files.
//!
//! One file per question. Every part has a zero (`Default`) and an associative, commutative `merge`, and is bounded:
//! by numbers of proxies, servers and time cells, never by the length of the input.

mod bottom;
mod cells;
mod coverage;
mod extent;
mod failure;
pub mod figures;
mod holes;
mod names;
mod notices;
mod offsets;
mod open;
mod overlap;
mod pair;
mod second;
mod sink;
mod sorted;
mod traffic;
mod worker;

use crate::base::MINUTE;
use crate::base::Precision;
use crate::base::Span;
use crate::base::Stamp;
use crate::carrier::Record;
use crate::event::Event;
use crate::event::traffic::Traffic as Line;
use std::collections::BTreeMap;

pub use bottom::Bottom;
pub use cells::{Cells, Tally};
pub use coverage::{Broken, Coverage};
pub use extent::Extent;
pub use failure::{FailCell, FailKey, FailTally, Identity, Step};
pub use holes::{Slots, holes};
pub use notices::{Notice, Notices, What};
pub use offsets::{Axis, Offsets, STEP, Tied, Ties};
pub use pair::{Pair, PairKey};
pub use second::{Second, ServerCell};
pub use sink::{Both, LogSink, Sink};
pub use sorted::Sorted;
pub use traffic::Traffic;
pub use worker::WorkerTally;

/// Everything that the logs of a bundle say, per artifact.
#[derive(Clone, Debug, Default)]
pub struct Evidence {
    /// By the artifact's number.
    pub sources: BTreeMap<u32, SourceEvidence>,
}

/// Everything that one log says.
#[derive(Clone, Debug, Default)]
pub struct SourceEvidence {
    /// Requests and their failures.
    pub traffic: Traffic,
    /// Messages of HAProxy and of the host.
    pub notices: Notices,
    /// The carrier's clock against HAProxy's.
    pub offsets: Offsets,
    /// What was read and what was not understood.
    pub coverage: Coverage,
    /// Lines in each block; blocks are cut at fixed offsets.
    pub lines: BTreeMap<u32, u32>,
    /// Head of the block's last traffic line, see [`Record::head`].
    head: u32,
    /// And its writer.
    writer: u32,
}

/// What is asked of the record of each line.
#[derive(Clone, Copy, Debug)]
pub struct Spot {
    /// Where it stands.
    pub span: Span,
    /// [`Record::head`].
    pub head: u32,
    /// [`Record::writer`].
    pub writer: u32,
    /// [`Record::stamp`], where the writer is known.
    pub stamp: Option<Stamp>,
}

/// One record as it goes into the evidence. Where a line is like most, nothing but its [`Spot`] is asked for: then this is handed
/// on as a function that tells it.
#[derive(Clone, Copy, Debug)]
pub struct Seen<'a> {
    /// Where it stands.
    pub span: Span,
    /// The bytes to quote: the line, or the message of a structured record.
    pub quote: &'a [u8],
    /// What the carrier says about it.
    pub record: Record<'a>,
}

impl Evidence {
    /// The evidence of one artifact.
    pub fn source(&mut self, source: u32) -> &mut SourceEvidence {
        self.sources.entry(source).or_default()
    }

    /// Lines of every block of every log: by artifact, then block.
    pub fn lines(&self) -> BTreeMap<u32, BTreeMap<u32, u32>> {
        self.sources
            .iter()
            .map(|(&source, log)| (source, log.lines.clone()))
            .collect()
    }

    /// Takes the other's evidence in.
    pub fn merge(&mut self, other: Evidence) {
        let Evidence { sources } = other;
        for (source, evidence) in sources {
            self.source(source).merge(evidence);
        }
    }
}

impl SourceEvidence {
    /// A new block begins: nothing may be remembered from the one read before it on this thread.
    pub fn start_block(&mut self) {
        self.notices.start_block();
        self.offsets.pause();
        self.head = 0;
        self.writer = 0;
    }

    /// The block held so many lines or records.
    pub fn end_block(&mut self, block: u32, n_lines: u32) {
        self.lines.insert(block, n_lines);
    }

    #[inline(always)]
    fn fold_traffic<'a>(&mut self, spot: Spot, seen: impl Fn() -> Seen<'a>, line: Line<'a>) {
        // Nearly always: what a stamp and a host mean has been found out for the line before.
        let same_head = spot.head != 0 && spot.head == self.head;
        let end = line.end();
        let goes_on = if same_head {
            line.offset_minutes.is_none() && self.offsets.goes_on(end)
        } else {
            spot.writer != 0
                && spot.writer == self.writer
                && line.offset_minutes.is_none()
                && self.restamp(spot.stamp, end)
        };
        if !goes_on {
            self.turn(&seen().record, same_head, end, line.offset_minutes);
        }
        self.coverage.traffic(&seen, line);
        self.traffic.fold(&seen, line);
    }

    /// A line of the writer of the one before it, with a stamp of its own; `false`: it is not known what that means.
    #[inline(always)]
    fn restamp(&mut self, stamp: Option<Stamp>, end: Option<i64>) -> bool {
        let (Some(stamp), Some(end)) = (stamp, end) else {
            return false;
        };
        let Some(axis) = self.offsets.restamp(stamp, end) else {
            return false;
        };
        self.coverage.restamp(stamp);
        self.notices.passed(Some((end, axis)));
        true
    }

    /// A line whose head, or what its stamp means, is another one than that of the line before.
    #[inline(never)]
    fn turn(&mut self, record: &Record<'_>, same_head: bool, end: Option<i64>, zone: Option<i16>) {
        if !same_head {
            self.coverage.head(record);
        }
        // A line without a date has an axis of its own, too.
        (self.head, self.writer) = end.map_or((0, 0), |_| (record.head, record.writer));
        self.notices.passed(self.offsets.latest());
        let mut axis = self.offsets.turn(record, end);
        if let (Some(end), Some(minutes)) = (end, zone) {
            // The date carries its zone: it is a carrier's stamp of its own.
            let utc = Stamp::utc(end - i64::from(minutes) * MINUTE, Precision::Second);
            axis = self.offsets.dated(record.host, utc, end);
        }
        self.notices.passed(end.map(|end| (end, axis)));
        self.traffic
            .turn(record.host, axis, record.pid.unwrap_or(0));
    }

    fn fold_other(&mut self, seen: &Seen<'_>, event: &Event<'_>) {
        self.coverage.other(seen, event);
        self.notices.passed(self.offsets.latest());
        match event {
            Event::Message(pid, message) => self.notices.message(seen, *pid, message),
            Event::Host(event) => self.notices.host(seen, event),
            Event::Traffic(_)
            | Event::Note(_)
            | Event::Foreign
            | Event::Broken(_)
            | Event::Unjudged => {}
        }
    }

    /// Takes the other's evidence in.
    pub fn merge(&mut self, other: SourceEvidence) {
        let SourceEvidence {
            traffic,
            notices,
            offsets,
            coverage,
            lines,
            head: _,
            writer: _only_saves_work,
        } = other;
        self.traffic.merge(traffic);
        self.notices.merge(notices);
        self.offsets.merge(offsets);
        self.coverage.merge(coverage);
        self.lines.extend(lines);
    }
}
