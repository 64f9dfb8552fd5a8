//! Native journal files -> evidence: blocks of entries side by side.

use crate::base::Span;
use crate::carrier::journal::Bytes;
use crate::carrier::journal::Journal;
use crate::carrier::journal::Losses;
use crate::carrier::journal::Scratch;
use crate::event;
use crate::event::traffic::Memory;
use crate::event::traffic::format::Formats;
use crate::evidence::Evidence;
use crate::evidence::Seen;
use crate::intake;
use crate::intake::Content;
use crate::run::pass;
use crate::run::scan;
use rayon::prelude::*;
use std::fs::File;
use std::io;
use std::sync::Mutex;
use std::sync::PoisonError;

/// Reads a journal file; beside the evidence stands what is missing, if anything.
pub(super) fn content(
    source: u32,
    content: Content<'_>,
    formats: &Formats,
) -> (Evidence, Option<String>) {
    match content {
        Content::Whole(bytes) => read(source, bytes.as_slice(), formats),
        Content::File(file, n_bytes) => {
            let file = Positioned {
                file,
                n_bytes,
                failed: Mutex::new(None),
            };
            let (evidence, problem) = read(source, &file, formats);
            let failed = file
                .failed
                .into_inner()
                .unwrap_or_else(PoisonError::into_inner);
            (
                evidence,
                failed.map(|(_, error)| error.to_string()).or(problem),
            )
        }
        Content::Stream(inner) => pass::stream(source, inner, formats),
    }
}

fn read<B: Bytes + ?Sized>(source: u32, from: &B, formats: &Formats) -> (Evidence, Option<String>) {
    let journal = Journal::open(from);
    let scratches = Mutex::new(Vec::<Scratch>::new());
    let (evidence, losses) = (0..journal.n_blocks())
        .into_par_iter()
        .fold(
            || (Evidence::default(), Losses::default()),
            |(mut evidence, mut losses), number| {
                let mut scratch = lock(&scratches).pop().unwrap_or_default();
                let block = Block {
                    source,
                    number: u32::try_from(number).unwrap_or(u32::MAX),
                    formats,
                };
                block.fold(&journal, from, &mut scratch, &mut evidence, &mut losses);
                lock(&scratches).push(scratch);
                (evidence, losses)
            },
        )
        .reduce(
            || (Evidence::default(), Losses::default()),
            |(a, mut losses), (b, more)| {
                losses.merge(more);
                (scan::joined(a, b), losses)
            },
        );
    (evidence, journal.problem(&losses))
}

struct Block<'f> {
    source: u32,
    number: u32,
    formats: &'f Formats,
}

impl Block<'_> {
    fn fold<B: Bytes + ?Sized>(
        &self,
        journal: &Journal,
        from: &B,
        scratch: &mut Scratch,
        evidence: &mut Evidence,
        losses: &mut Losses,
    ) {
        let sink = evidence.source(self.source);
        sink.start_block();
        let mut memory = Memory::with(self.formats);
        let number = u64::from(self.number);
        let n = journal.block(from, number, scratch, losses, |line, offset, record| {
            let span = Span {
                source: self.source,
                offset,
                block: self.number,
                line,
            };
            let event = event::decode(record, &mut memory);
            let seen = Seen {
                span,
                quote: record.body,
                record,
            };
            sink.fold(&seen, &event);
        });
        sink.end_block(self.number, n);
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
        let (mut first, problem) = content(0, Content::Whole(bytes.clone()), &Formats::default());
        assert_eq!(problem, None);
        assert_eq!(counts(&mut first), all);
        let want = format!("{first:?}");
        for from in [Content::File(&file, n_bytes), stream(&bytes)] {
            let (evidence, problem) = content(0, from, &Formats::default());
            assert_eq!(problem, None);
            assert_eq!(format!("{evidence:?}"), want);
        }
    }

    #[test]
    fn half_of_a_real_file_says_what_is_missing() {
        let bytes = sample();
        let half = bytes.get(..3_800_000).unwrap();
        for from in [Content::Whole(half.to_vec()), stream(half)] {
            let (_, problem) = content(0, from, &Formats::default());
            let problem = problem.unwrap();
            assert!(
                problem.starts_with("the file is cut: 3,800,000 of 8,388,608 bytes are there"),
                "{problem}"
            );
        }
    }
}
