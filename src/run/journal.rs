//! Native journal files -> evidence: blocks of entries side by side.

use crate::base::Span;
use crate::carrier::journal::Bytes;
use crate::carrier::journal::Journal;
use crate::carrier::journal::Losses;
use crate::carrier::journal::Scratch;
use crate::event::traffic::Memory;
use crate::evidence::LogSink as _;
use crate::evidence::Seen;
use crate::evidence::Sink;
use crate::intake;
use crate::intake::Content;
use crate::run::pass;
use crate::run::reading::Reading;
use crate::run::scan;
use rayon::prelude::*;
use std::fs::File;
use std::io;
use std::sync::Mutex;
use std::sync::PoisonError;

/// Reads a journal file; says what is missing, if anything.
pub(super) fn content<S: Sink>(
    source: u32,
    content: Content<'_>,
    with: &Reading<'_, S>,
) -> Option<String> {
    match content {
        Content::Whole(bytes) => read(source, bytes.as_slice(), with),
        Content::File(file, n_bytes) => {
            let file = Positioned {
                file,
                n_bytes,
                failed: Mutex::new(None),
            };
            let problem = read(source, &file, with);
            let failed = file
                .failed
                .into_inner()
                .unwrap_or_else(PoisonError::into_inner);
            failed.map(|(_, error)| error.to_string()).or(problem)
        }
        Content::Stream(inner) => pass::stream(source, inner, with),
    }
}

fn read<S: Sink, B: Bytes + ?Sized>(
    source: u32,
    from: &B,
    with: &Reading<'_, S>,
) -> Option<String> {
    let journal = Journal::open(from);
    let scratches = Mutex::new(Vec::<Scratch>::new());
    let losses = (0..journal.n_blocks())
        .into_par_iter()
        .fold(Losses::default, |mut losses, number| {
            let mut scratch = lock(&scratches).pop().unwrap_or_default();
            let block = Block {
                source,
                number: u32::try_from(number).unwrap_or(u32::MAX),
            };
            block.fold(&journal, from, &mut scratch, with, &mut losses);
            lock(&scratches).push(scratch);
            losses
        })
        .reduce(Losses::default, |mut losses, more| {
            losses.merge(more);
            losses
        });
    journal.problem(&losses)
}

struct Block {
    source: u32,
    number: u32,
}

impl Block {
    fn fold<S: Sink, B: Bytes + ?Sized>(
        &self,
        journal: &Journal,
        from: &B,
        scratch: &mut Scratch,
        with: &Reading<'_, S>,
        losses: &mut Losses,
    ) {
        with.pool.fill(|sink| {
            let log = sink.log(self.source);
            log.start_block();
            let mut memory = Memory::with(with.formats);
            let number = u64::from(self.number);
            let n = journal.block(from, number, scratch, losses, |line, offset, record| {
                let span = Span {
                    source: self.source,
                    offset,
                    block: self.number,
                    line,
                };
                let seen = Seen {
                    span,
                    quote: record.body,
                    record: *record,
                };
                scan::take::<S>(log, with.ask, &seen, &mut memory);
            });
            log.end_block(self.number, n);
        });
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A large file, and the first offset that could not be read.
struct Positioned<'a> {
    file: &'a File,
    n_bytes: u64,
    failed: Mutex<Option<(u64, io::Error)>>,
}

impl Bytes for Positioned<'_> {
    fn n_bytes(&self) -> u64 {
        self.n_bytes
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> usize {
        match intake::read_at(self.file, buffer, offset) {
            Ok(n) => n,
            Err(error) => {
                let mut failed = lock(&self.failed);
                if failed.as_ref().is_none_or(|(first, _)| offset < *first) {
                    *failed = Some((offset, error));
                }
                0
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::traffic::format::Formats;
    use crate::evidence::Evidence;
    use crate::run::reading::Pool;
    use std::io::Read as _;
    use std::io::Write as _;

    /// Written by `systemd-journal-remote` 252: compact, keyed hash, one ZSTD payload; 8 MiB, mostly zeros.
    const SAMPLE: &[u8] = include_bytes!("../../samples/formats/carrier-journal.journal.gz");

    fn sample() -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut inner = flate2::read::GzDecoder::new(SAMPLE);
        inner.read_to_end(&mut bytes).unwrap();
        bytes
    }

    fn counts(evidence: &mut Evidence) -> (u64, u64, u64, u32) {
        let log = evidence.source(0);
        let coverage = &log.coverage;
        let n = log.lines.values().sum();
        (
            coverage.n_records,
            coverage.n_traffic,
            coverage.n_messages,
            n,
        )
    }

    fn all_of(from: Content<'_>) -> (Evidence, Option<String>) {
        let (pool, formats) = (Pool::new(), Formats::default());
        let with = Reading {
            formats: &formats,
            ask: &(),
            pool: &pool,
        };
        let problem = content(0, from, &with);
        (pool.joined(), problem)
    }

    /// A stream of these bytes that gives a few at a time.
    fn stream(bytes: &[u8]) -> Content<'_> {
        Content::Stream(Box::new(io::BufReader::with_capacity(4093, bytes)))
    }

    #[test]
    fn a_real_file_from_memory_from_disk_and_from_a_stream() {
        let bytes = sample();
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(&bytes).unwrap();
        let n_bytes = bytes.len() as u64;
        // 36 entries, one of them without a message
        let all = (35, 28, 3, 36);
        let (mut first, problem) = all_of(Content::Whole(bytes.clone()));
        assert_eq!(problem, None);
        assert_eq!(counts(&mut first), all);
        let want = format!("{first:?}");
        for from in [Content::File(&file, n_bytes), stream(&bytes)] {
            let (evidence, problem) = all_of(from);
            assert_eq!(problem, None);
            assert_eq!(format!("{evidence:?}"), want);
        }
    }

    #[test]
    fn half_of_a_real_file_says_what_is_missing() {
        let bytes = sample();
        let half = bytes.get(..3_800_000).unwrap();
        for from in [Content::Whole(half.to_vec()), stream(half)] {
            let (_, problem) = all_of(from);
            let problem = problem.unwrap();
            assert!(
                problem.starts_with("the file is cut: 3,800,000 of 8,388,608 bytes are there"),
                "{problem}"
            );
        }
    }
}
