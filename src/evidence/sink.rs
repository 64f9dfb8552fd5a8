//! What one pass over the logs makes of their records: evidence for `analyze`, figures for `stats`.

use crate::event::Event;
use crate::event::traffic::Traffic;
use crate::evidence::Evidence;
use crate::evidence::Seen;
use crate::evidence::SourceEvidence;
use crate::evidence::Spot;

/// What a pass collects. Several are filled side by side, each with any of the blocks, and then merged.
pub trait Sink: Default + Send {
    /// What is asked of the pass, the same for all of it.
    type Ask: Sync;
    /// What the records of one log go into.
    type Log: LogSink<Self::Ask>;

    /// The part of one log.
    fn log(&mut self, source: u32) -> &mut Self::Log;

    /// Counts what still waits to be counted; nothing is asked of a sink before.
    fn finish(&mut self);

    /// Takes in what the other collected; associative and commutative. `both` is for parts that take long.
    fn merge(&mut self, other: Self, both: Both);
}

/// Does two things, side by side where there are threads for it.
pub type Both = fn(&mut (dyn FnMut() + Send), &mut (dyn FnMut() + Send));

/// What the records of one log go into, block by block.
pub trait LogSink<Ask> {
    /// A new block begins: nothing may be remembered from the one read before it.
    fn start_block(&mut self);

    /// Takes a traffic line in; `seen` tells what few of them are asked for.
    fn traffic<'a>(
        &mut self,
        ask: &Ask,
        spot: Spot,
        seen: impl Fn() -> Seen<'a>,
        line: Traffic<'a>,
    );

    /// Takes any other record in.
    fn other(&mut self, ask: &Ask, seen: &Seen<'_>, event: &Event<'_>);

    /// The log's first two lines, when it is one of lines.
    fn begins(&mut self, first: &[u8], second: &[u8]);

    /// The log's last line, when no line feed ends it, and whether it is a damaged one.
    fn ends(&mut self, raw: &[u8], broken: bool);

    /// The block held so many lines or records.
    fn end_block(&mut self, block: u32, n_lines: u32);
}

impl Sink for Evidence {
    type Ask = ();
    type Log = SourceEvidence;

    fn log(&mut self, source: u32) -> &mut SourceEvidence {
        self.source(source)
    }

    fn finish(&mut self) {
        for log in self.sources.values_mut() {
            log.traffic.settle();
        }
    }

    fn merge(&mut self, other: Self, _quick_enough: Both) {
        Evidence::merge(self, other);
    }
}

impl LogSink<()> for SourceEvidence {
    fn start_block(&mut self) {
        SourceEvidence::start_block(self);
    }

    #[inline(always)]
    fn traffic<'a>(
        &mut self,
        _everything: &(),
        spot: Spot,
        seen: impl Fn() -> Seen<'a>,
        line: Traffic<'a>,
    ) {
        self.fold_traffic(spot, seen, line);
    }

    fn other(&mut self, _everything: &(), seen: &Seen<'_>, event: &Event<'_>) {
        self.fold_other(seen, event);
    }

    fn begins(&mut self, first: &[u8], second: &[u8]) {
        self.coverage.begins(first, second);
    }

    fn ends(&mut self, raw: &[u8], broken: bool) {
        self.coverage.ends(raw, broken);
    }

    fn end_block(&mut self, block: u32, n_lines: u32) {
        SourceEvidence::end_block(self, block, n_lines);
    }
}
