//! One block -> evidence: the line path. Nothing is allocated per line here.

use crate::base::Place;
use crate::base::Span;
use crate::base::Text;
use crate::carrier;
use crate::carrier::Framing;
use crate::carrier::Reader;
use crate::carrier::frames;
use crate::event;
use crate::event::Event;
use crate::event::traffic::BuiltIn;
use crate::event::traffic::Declared;
use crate::event::traffic::Memory;
use crate::event::traffic::Quick;
use crate::evidence::LogSink as _;
use crate::evidence::Seen;
use crate::evidence::Sink;
use crate::evidence::Spot;
use crate::run::blocks;
use crate::run::blocks::Block;
use crate::run::blocks::Stream;
use crate::run::reading::Reading;
use rayon::prelude::*;
use std::fs::File;
use std::io;
use std::io::Read;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;

/// A log that is all in memory.
pub(super) fn whole<S: Sink>(source: u32, framing: Framing, bytes: &[u8], with: &Reading<'_, S>) {
    if framing == Framing::Lines && is_wrapped(bytes) {
        part(source, Text::new(bytes), with);
        return;
    }
    (0..blocks::count(bytes.len() as u64))
        .into_par_iter()
        .for_each(|number| {
            if let Some(block) = blocks::of_bytes(framing, bytes, number) {
                one(source, framing, &block, with);
            }
        });
}

/// A large plain file. The error of the earliest block that could not be read is returned.
pub(super) fn file<S: Sink>(
    source: u32,
    framing: Framing,
    file: &File,
    n_bytes: u64,
    with: &Reading<'_, S>,
) -> Option<io::Error> {
    let failed = Mutex::new(None::<(u64, io::Error)>);
    (0..blocks::count(n_bytes))
        .into_par_iter()
        .for_each_init(Vec::new, |buffer, number| {
            match blocks::of_file(framing, file, number, buffer) {
                Ok(Some(block)) => one(source, framing, &block, with),
                Ok(None) => {}
                Err(error) => {
                    let mut failed = failed.lock().unwrap_or_else(PoisonError::into_inner);
                    if failed
                        .as_ref()
                        .is_none_or(|(earliest, _)| number < *earliest)
                    {
                        *failed = Some((number, error));
                    }
                }
            }
        });
    let failed = failed.into_inner().unwrap_or_else(PoisonError::into_inner);
    failed.map(|(_, error)| error)
}

/// A stream: this thread reads and decompresses, the others decode; when they fall behind, this one helps.
pub(super) fn stream<S: Sink>(
    source: u32,
    framing: Framing,
    inner: impl Read,
    with: &Reading<'_, S>,
) -> Option<io::Error> {
    let n_waiting = AtomicUsize::new(0);
    let limit = 2 * rayon::current_num_threads();
    let mut stream = Stream::new(framing, inner);
    let decode = |block: blocks::OwnedBlock| {
        let block = Block {
            number: block.number,
            offset: block.offset,
            bytes: &block.bytes,
        };
        one(source, framing, &block, with);
    };
    rayon::in_place_scope(|scope| {
        while let Some(block) = stream.next() {
            if n_waiting.load(Ordering::Relaxed) >= limit {
                decode(block);
                continue;
            }
            n_waiting.fetch_add(1, Ordering::Relaxed);
            let (decode, n_waiting) = (&decode, &n_waiting);
            scope.spawn(move |_| {
                decode(block);
                n_waiting.fetch_sub(1, Ordering::Relaxed);
            });
        }
    });
    stream.error
}

/// A log that is a part of a document; its line numbers are the document's. Lines that a terminal wrapped are joined.
pub(super) fn part<S: Sink>(source: u32, text: Text<'_>, with: &Reading<'_, S>) {
    let framing = Framing::of(text.bytes);
    let columns = wrapped_at(text).filter(|_| framing == Framing::Lines);
    with.pool.fill(|sink| {
        let log = sink.log(source);
        if let Some(columns) = columns {
            wrapped(log, source, text, columns, with);
            return;
        }
        let block = Block {
            number: 0,
            offset: text.first.offset,
            bytes: text.bytes,
        };
        fold(log, source, framing, &block, text.first, with);
    });
}

/// Lines that were wrapped at so many columns.
fn wrapped<S: Sink>(
    log: &mut S::Log,
    source: u32,
    text: Text<'_>,
    columns: usize,
    with: &Reading<'_, S>,
) {
    log.start_block();
    let mut reader = Reader::new(Framing::Lines);
    let mut memory = Memory::with(with.formats);
    let mut lines = text.lines().peekable();
    while let Some(first) = lines.next() {
        let mut joined = first.bytes.to_vec();
        let mut length = first.bytes.len();
        while let Some(more) =
            lines.next_if(|next| length == columns && !carrier::starts_record(next.bytes))
        {
            joined.extend_from_slice(more.bytes);
            length = more.bytes.len();
        }
        let line = u32::try_from(first.place.line).unwrap_or(u32::MAX);
        let span = Span {
            source,
            offset: first.place.offset,
            block: 0,
            line,
        };
        let record = reader.read(&joined);
        // What is quoted is what stands there: the first of the wrapped lines.
        let seen = Seen {
            span,
            quote: first.bytes,
            record,
        };
        take::<S>(log, with.ask, &seen, &mut memory);
    }
}

/// Narrowest terminal that lines are taken to be wrapped by.
const COLUMNS_MIN: usize = 72;

/// Widest terminal; longer lines of one length were cut by a daemon.
const COLUMNS_MAX: usize = 480;
/// So much of a log shows whether it was copied out of a terminal.
const WRAPPED_HEAD: usize = 64 << 10;

/// A log that was copied out of a terminal or a pager: apart from the lines that go on with a full one, nearly all start records.
fn is_wrapped(bytes: &[u8]) -> bool {
    let head = bytes.get(..WRAPPED_HEAD).unwrap_or(bytes);
    let head = head
        .get(..memchr::memrchr(b'\n', head).map_or(0, |at| at + 1))
        .unwrap_or(head);
    let text = Text::new(head);
    let Some(columns) = wrapped_at(text).filter(|&columns| columns <= COLUMNS_MAX) else {
        return false;
    };
    let (mut n_first, mut n_records, mut before) = (0_usize, 0_usize, 0);
    for line in text.lines().filter(|line| !line.bytes.is_empty()) {
        if before != columns {
            n_first += 1;
            n_records += usize::from(carrier::starts_record(line.bytes));
        }
        before = line.bytes.len();
    }
    n_records * 10 >= n_first * 9
}

/// The width at which lines were wrapped: at least two lines are exactly that long, none is longer, and what follows one of
/// them starts no record.
fn wrapped_at(text: Text<'_>) -> Option<usize> {
    let columns = text
        .lines()
        .map(|line| line.bytes.len())
        .max()
        .filter(|&columns| columns >= COLUMNS_MIN)?;
    let n_full = text
        .lines()
        .filter(|line| line.bytes.len() == columns)
        .count();
    let goes_on = text
        .lines()
        .zip(text.lines().skip(1))
        .any(|(line, next)| line.bytes.len() == columns && !carrier::starts_record(next.bytes));
    (n_full >= 2 && goes_on).then_some(columns)
}

/// What few lines are asked for.
#[inline(never)]
fn seen<'a>(reader: &Reader, span: Span, raw: &'a [u8], body: &'a [u8]) -> Seen<'a> {
    Seen {
        span,
        quote: raw,
        record: reader.record(raw, body),
    }
}

/// A line or record of any kind.
#[inline(never)]
fn any<S: Sink>(
    log: &mut S::Log,
    ask: &S::Ask,
    span: Span,
    raw: &[u8],
    reader: &mut Reader,
    memory: &mut Memory<'_>,
) -> bool {
    let record = reader.read(raw);
    let quote = if record.structured { record.body } else { raw };
    let seen = Seen {
        span,
        quote,
        record,
    };
    take::<S>(log, ask, &seen, memory)
}

#[inline(always)]
fn spot(seen: &Seen<'_>) -> Spot {
    Spot {
        span: seen.span,
        head: seen.record.head,
        writer: seen.record.writer,
        stamp: seen.record.stamp,
    }
}

/// Decodes a record and takes it in; says whether it is a damaged line.
pub(super) fn take<S: Sink>(
    log: &mut S::Log,
    ask: &S::Ask,
    seen: &Seen<'_>,
    memory: &mut Memory<'_>,
) -> bool {
    match event::decode(&seen.record, memory) {
        Event::Traffic(line) => {
            log.traffic(ask, spot(seen), || *seen, line);
            false
        }
        other => {
            log.other(ask, seen, &other);
            matches!(other, Event::Broken(_))
        }
    }
}

fn one<S: Sink>(source: u32, framing: Framing, block: &Block<'_>, with: &Reading<'_, S>) {
    let first = Place {
        line: 1,
        offset: block.offset,
    };
    with.pool.fill(|sink| {
        let log = sink.log(source);
        let n = fold(log, source, framing, block, first, with);
        if framing == Framing::Lines && block.number == 0 {
            let mut lines = block
                .bytes
                .split(|&c| c == b'\n')
                .map(<[u8]>::trim_ascii_end);
            let mut next = || lines.next().unwrap_or_default();
            log.begins(next(), next());
        }
        log.end_block(block.number, n);
    });
}

/// Folds the block's records; returns how many lines or records it has.
fn fold<S: Sink>(
    log: &mut S::Log,
    source: u32,
    framing: Framing,
    block: &Block<'_>,
    first: Place,
    with: &Reading<'_, S>,
) -> u32 {
    log.start_block();
    let memory = Memory::with(with.formats);
    let folding = Folding {
        source,
        framing,
        block,
        first,
        memory,
    };
    // A loop of its own for each, so that what is read quickly is read within it.
    if with.formats.is_quick() {
        folding.all::<S, Declared>(log, with.ask)
    } else {
        folding.all::<S, BuiltIn>(log, with.ask)
    }
}

/// A block that is folded.
struct Folding<'a, 'f> {
    source: u32,
    framing: Framing,
    block: &'a Block<'a>,
    /// Place of its first byte.
    first: Place,
    memory: Memory<'f>,
}

impl Folding<'_, '_> {
    /// Folds the records; returns how many there are.
    fn all<S: Sink, Q: Quick>(mut self, log: &mut S::Log, ask: &S::Ask) -> u32 {
        let bytes = self.block.bytes;
        let is_structured = self.framing != Framing::Lines || bytes.starts_with(b"{");
        let first = u32::try_from(self.first.line).unwrap_or(u32::MAX);
        let (n, last_damaged) = if is_structured {
            self.records::<S, Q>(log, ask, first)
        } else {
            self.lines::<S, Q>(log, ask, first)
        };
        if self.framing == Framing::Lines
            && let Some(raw) = open_end(bytes)
        {
            log.ends(raw, last_damaged == n.checked_sub(1));
        }
        n
    }

    /// Lines, nearly all of which begin as the one before; how many, and which is the last damaged one.
    fn lines<S: Sink, Q: Quick>(
        &mut self,
        log: &mut S::Log,
        ask: &S::Ask,
        first: u32,
    ) -> (u32, Option<u32>) {
        let mut reader = Reader::new(self.framing);
        let (mut n, mut damaged) = (0_u32, None);
        for frame in frames(self.framing, self.block.bytes) {
            let span = self.span(frame.offset, first.saturating_add(n));
            let body = reader.body(frame.raw);
            let quick = body.and_then(|body| {
                if !self.memory.is_ours(reader.head()) {
                    return None;
                }
                Some((body, Q::read(body, &mut self.memory)?))
            });
            if let Some((body, line)) = quick {
                let spot = Spot {
                    span,
                    head: reader.head(),
                    writer: 0,
                    stamp: None,
                };
                let seen = || seen(&reader, span, frame.raw, body);
                log.traffic(ask, spot, seen, line);
            } else if any::<S>(log, ask, span, frame.raw, &mut reader, &mut self.memory) {
                damaged = Some(n);
            }
            n = n.saturating_add(1);
        }
        (n, damaged)
    }

    /// The same of records of a structured carrier, nearly all of which look like one before.
    fn records<S: Sink, Q: Quick>(
        &mut self,
        log: &mut S::Log,
        ask: &S::Ask,
        first: u32,
    ) -> (u32, Option<u32>) {
        let mut reader = Reader::new(self.framing);
        let (mut n, mut damaged) = (0_u32, None);
        let mut frames = frames(self.framing, self.block.bytes);
        loop {
            let line = first.saturating_add(n);
            if let Some((record, n_bytes)) = reader.alike(frames.rest()) {
                let span = self.span(frames.offset(), line);
                let seen = Seen {
                    span,
                    quote: record.body,
                    record,
                };
                if let Some(traffic) = event::quickly::<Q>(&record, &mut self.memory) {
                    log.traffic(ask, spot(&seen), || seen, traffic);
                } else if take::<S>(log, ask, &seen, &mut self.memory) {
                    damaged = Some(n);
                }
                frames.skip_bytes(n_bytes);
            } else {
                let Some(frame) = frames.next() else { break };
                let span = self.span(frame.offset, line);
                if any::<S>(log, ask, span, frame.raw, &mut reader, &mut self.memory) {
                    damaged = Some(n);
                }
            }
            n = n.saturating_add(1);
        }
        (n, damaged)
    }

    #[inline(always)]
    fn span(&self, offset: usize, line: u32) -> Span {
        Span {
            source: self.source,
            offset: self.first.offset + offset as u64,
            block: self.block.number,
            line,
        }
    }
}

/// The last line, when no line feed ends it: blocks are cut after line feeds, so that it is the last one of its log.
fn open_end(block: &[u8]) -> Option<&[u8]> {
    let from = memchr::memrchr(b'\n', block).map_or(0, |at| at + 1);
    let rest = block.get(from..)?;
    let last = frames(Framing::Lines, rest).last()?;
    (last.offset + last.raw.len() >= rest.len()).then_some(last.raw)
}
