//! One block -> evidence: the line path. Nothing is allocated per line here.

use crate::base::Place;
use crate::base::Span;
use crate::base::Text;
use crate::carrier;
use crate::carrier::Framing;
use crate::carrier::Reader;
use crate::carrier::frames;
use crate::event;
use crate::event::traffic::Memory;
use crate::event::traffic::format::Formats;
use crate::evidence::Evidence;
use crate::evidence::Seen;
use crate::evidence::SourceEvidence;
use crate::run::blocks;
use crate::run::blocks::Block;
use crate::run::blocks::Stream;
use rayon::prelude::*;
use std::fs::File;
use std::io;
use std::io::Read;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;

/// A log that is all in memory.
pub(super) fn whole(source: u32, framing: Framing, bytes: &[u8], formats: &Formats) -> Evidence {
    if framing == Framing::Lines && is_wrapped(bytes) {
        return part(source, Text::new(bytes), formats);
    }
    (0..blocks::count(bytes.len() as u64))
        .into_par_iter()
        .fold(Evidence::default, |mut evidence, number| {
            if let Some(block) = blocks::of_bytes(framing, bytes, number) {
                one(evidence.source(source), source, framing, &block, formats);
            }
            evidence
        })
        .reduce(Evidence::default, joined)
}

/// A large plain file. The error of the earliest block that could not be read is returned beside what was read.
pub(super) fn file(
    source: u32,
    framing: Framing,
    file: &File,
    n_bytes: u64,
    formats: &Formats,
) -> (Evidence, Option<io::Error>) {
    let failed = Mutex::new(None::<(u64, io::Error)>);
    let (evidence, _buffer) = (0..blocks::count(n_bytes))
        .into_par_iter()
        .fold(
            || (Evidence::default(), Vec::new()),
            |(mut evidence, mut buffer), number| {
                match blocks::of_file(framing, file, number, &mut buffer) {
                    Ok(Some(block)) => {
                        one(evidence.source(source), source, framing, &block, formats)
                    }
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
                (evidence, buffer)
            },
        )
        .reduce(
            || (Evidence::default(), Vec::new()),
            |(a, buffer), (b, _)| (joined(a, b), buffer),
        );
    let failed = failed.into_inner().unwrap_or_else(PoisonError::into_inner);
    (evidence, failed.map(|(_, error)| error))
}

/// A stream: this thread reads and decompresses, the others decode; when they fall behind, this one helps.
pub(super) fn stream(
    source: u32,
    framing: Framing,
    inner: impl Read,
    formats: &Formats,
) -> (Evidence, Option<io::Error>) {
    let pool = Mutex::new(Vec::<Evidence>::new());
    let n_waiting = AtomicUsize::new(0);
    let limit = 2 * rayon::current_num_threads();
    let mut stream = Stream::new(framing, inner);
    let decode = |block: blocks::OwnedBlock| {
        let mut evidence = pool
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop()
            .unwrap_or_default();
        let block = Block {
            number: block.number,
            offset: block.offset,
            bytes: &block.bytes,
        };
        one(evidence.source(source), source, framing, &block, formats);
        pool.lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(evidence);
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
    let parts = pool.into_inner().unwrap_or_else(PoisonError::into_inner);
    (
        parts.into_iter().fold(Evidence::default(), joined),
        stream.error,
    )
}

/// A log that is a part of a document; its line numbers are the document's. Lines that a terminal wrapped are joined.
pub(super) fn part(source: u32, text: Text<'_>, formats: &Formats) -> Evidence {
    let mut evidence = Evidence::default();
    let framing = Framing::of(text.bytes);
    let sink = evidence.source(source);
    let Some(columns) = wrapped_at(text).filter(|_| framing == Framing::Lines) else {
        let block = Block {
            number: 0,
            offset: text.first.offset,
            bytes: text.bytes,
        };
        fold(sink, source, framing, &block, text.first, formats);
        return evidence;
    };
    sink.start_block();
    let mut memory = Memory::with(formats);
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
        let mut reader = Reader::new(framing);
        let record = reader.read(&joined);
        let event = event::decode(&record, &mut memory);
        // What is quoted is what stands there: the first of the wrapped lines.
        sink.fold(
            &Seen {
                span,
                quote: first.bytes,
                record: &record,
            },
            &event,
        );
    }
    evidence
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

fn one(
    sink: &mut SourceEvidence,
    source: u32,
    framing: Framing,
    block: &Block<'_>,
    formats: &Formats,
) {
    let n = fold(
        sink,
        source,
        framing,
        block,
        Place {
            line: 1,
            offset: block.offset,
        },
        formats,
    );
    if framing == Framing::Lines && block.number == 0 {
        let mut lines = block
            .bytes
            .split(|&c| c == b'\n')
            .map(<[u8]>::trim_ascii_end);
        let mut next = || lines.next().unwrap_or_default();
        sink.coverage.begins(next(), next());
    }
    sink.end_block(block.number, n);
}

/// Folds the block's records; returns how many lines or records it has.
fn fold(
    sink: &mut SourceEvidence,
    source: u32,
    framing: Framing,
    block: &Block<'_>,
    first: Place,
    formats: &Formats,
) -> u32 {
    sink.start_block();
    let mut reader = Reader::new(framing);
    let mut memory = Memory::with(formats);
    let mut line = u32::try_from(first.line).unwrap_or(u32::MAX);
    let before = line;
    // Blocks are cut after line feeds, so only the last one of a log can end without.
    let open = framing == Framing::Lines && !block.bytes.ends_with(b"\n");
    let n_bytes = block.bytes.len();
    for frame in frames(framing, block.bytes) {
        let span = Span {
            source,
            offset: first.offset + frame.offset as u64,
            block: block.number,
            line,
        };
        let record = reader.read(frame.raw);
        let event = event::decode(&record, &mut memory);
        let quote = if record.structured {
            record.body
        } else {
            frame.raw
        };
        sink.fold(
            &Seen {
                span,
                quote,
                record: &record,
            },
            &event,
        );
        if open && frame.offset + frame.raw.len() >= n_bytes {
            let broken = matches!(event, event::Event::Broken(_));
            sink.coverage.ends(frame.raw, broken);
        }
        line = line.saturating_add(1);
    }
    line.saturating_sub(before)
}

/// Merges the smaller into the larger: the result is the same, and merging costs what the argument holds.
pub(super) fn joined(mut a: Evidence, b: Evidence) -> Evidence {
    a.merge(b);
    a
}
