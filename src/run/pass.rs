//! A journal that comes as a stream -> evidence: this thread reads its entries, the others decode blocks of them.

use crate::base::Span;
use crate::base::Stamp;
use crate::carrier::Record;
use crate::carrier::journal::Forward;
use crate::event::traffic::Memory;
use crate::evidence::LogSink as _;
use crate::evidence::Seen;
use crate::evidence::Sink;
use crate::run::reading::Reading;
use crate::run::scan;
use std::io::Read;
use std::ops::Range;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;

/// Bytes of a block that wait for another thread; of a larger one this thread decodes the start itself.
const WAITING_BYTES: usize = 4 << 20;
/// Entries of a block, as when the file is read from disk.
const BLOCK: u64 = Forward::<&[u8]>::BLOCK;

/// Reads a journal file; says what is missing, if anything.
pub(super) fn stream<S: Sink>(
    source: u32,
    inner: impl Read,
    with: &Reading<'_, S>,
) -> Option<String> {
    let mut journal = Forward::new(inner);
    let n_waiting = AtomicUsize::new(0);
    let limit = 2 * rayon::current_num_threads();
    let give_back = |begun: Begun<'_, S>| with.pool.give(begun.sink);
    let begin = || Begun::new(source, with);
    rayon::in_place_scope(|scope| {
        let mut entries = Entries::default();
        let mut begun = None::<Begun<'_, S>>;
        loop {
            let number = journal.next(|offset, record| entries.push(offset, record));
            // Damaged entries have numbers too.
            let within = number.map(|n| n % BLOCK + 1);
            entries.n = within.map_or(entries.n, |n| u32::try_from(n).unwrap_or(u32::MAX));
            let block_is_full = within == Some(BLOCK);
            if number.is_some() && !block_is_full {
                if entries.bytes.len() >= WAITING_BYTES {
                    let begun = begun.get_or_insert_with(begin);
                    begun.fold(&entries);
                    entries.clear();
                }
                continue;
            }
            let mut rest = begun.take();
            let next = Entries::after(&entries);
            let full = std::mem::replace(&mut entries, next);
            let give_back = &give_back;
            let begin = &begin;
            let decode = move || {
                let mut begun = rest.take().unwrap_or_else(begin);
                begun.fold(&full);
                begun.end(&full);
                give_back(begun);
            };
            if n_waiting.load(Ordering::Relaxed) >= limit {
                let mut decode = decode;
                decode();
            } else {
                n_waiting.fetch_add(1, Ordering::Relaxed);
                let n_waiting = &n_waiting;
                let mut decode = decode;
                scope.spawn(move |_| {
                    decode();
                    n_waiting.fetch_sub(1, Ordering::Relaxed);
                });
            }
            if number.is_none() {
                break;
            }
        }
    });
    journal.problem()
}

/// A block that is being decoded.
struct Begun<'a, S: Sink> {
    source: u32,
    ask: &'a S::Ask,
    sink: S,
    memory: Memory<'a>,
}

impl<'a, S: Sink> Begun<'a, S> {
    fn new(source: u32, with: &Reading<'a, S>) -> Self {
        let mut sink = with.pool.take();
        sink.log(source).start_block();
        Begun {
            source,
            ask: with.ask,
            sink,
            memory: Memory::with(with.formats),
        }
    }

    fn fold(&mut self, entries: &Entries) {
        let log = self.sink.log(self.source);
        for entry in &entries.entries {
            let part = |range: &Range<usize>| entries.bytes.get(range.clone()).unwrap_or(&[]);
            let record = Record {
                stamp: entry.stamp,
                host: part(&entry.host),
                ident: part(&entry.ident),
                pid: entry.pid,
                body: part(&entry.body),
                structured: true,
                head: 0,
                writer: 0,
            };
            let span = Span {
                source: self.source,
                offset: entry.offset,
                block: entries.block,
                line: entry.line,
            };
            let seen = Seen {
                span,
                quote: record.body,
                record,
            };
            scan::take::<S>(log, self.ask, &seen, &mut self.memory);
        }
    }

    fn end(&mut self, entries: &Entries) {
        if entries.n > 0 {
            self.sink
                .log(self.source)
                .end_block(entries.block, entries.n);
        }
    }
}

/// Entries of one block, with their bytes.
#[derive(Default)]
struct Entries {
    block: u32,
    /// Numbers given in this block, those of damaged entries included.
    n: u32,
    entries: Vec<Owned>,
    bytes: Vec<u8>,
}

struct Owned {
    line: u32,
    offset: u64,
    stamp: Option<Stamp>,
    pid: Option<u32>,
    host: Range<usize>,
    ident: Range<usize>,
    body: Range<usize>,
}

impl Entries {
    /// The block that follows.
    fn after(last: &Entries) -> Entries {
        Entries {
            block: last.block.saturating_add(1),
            ..Entries::default()
        }
    }

    fn push(&mut self, offset: u64, record: &Record<'_>) {
        let [host, ident, body] = [record.host, record.ident, record.body].map(|part| {
            let from = self.bytes.len();
            self.bytes.extend_from_slice(part);
            from..self.bytes.len()
        });
        self.entries.push(Owned {
            line: self.n.saturating_add(1),
            offset,
            stamp: record.stamp,
            pid: record.pid,
            host,
            ident,
            body,
        });
    }

    fn clear(&mut self) {
        self.entries.clear();
        self.bytes.clear();
    }
}
