//! Cutting a log into blocks: block `i` holds the records that start within `[i, i + 1) * BLOCK`.

use crate::carrier::Framing;
use crate::intake::read_at;
use std::fs::File;
use std::io;
use std::io::Read;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;

/// Bytes of a block. Large enough that cutting costs nothing, small enough to stay in the second-level cache while it is read.
pub(super) const BLOCK: u64 = 1 << 19;
/// Longest record of a file, bytes; a longer one is cut, and the rest of it is skipped up to the next record.
const RECORD_MAX: u64 = 1 << 20;
/// As [`RECORD_MAX`] for streams, where nothing can be skipped without reading it.
const STREAM_RECORD_MAX: u64 = 64 << 20;
/// Bytes read beyond a block while looking for its last record's end; twice as many each time that they do not suffice.
const REACH: u64 = 8 << 10;
/// Bytes before a block that decide whether it begins with a record start.
const BEHIND: u64 = 16;

/// A block's bytes and where they start.
pub(super) struct Block<'a> {
    pub(super) number: u32,
    pub(super) offset: u64,
    pub(super) bytes: &'a [u8],
}

/// Number of blocks of so many bytes.
pub(super) fn count(n_bytes: u64) -> u64 {
    n_bytes.div_ceil(BLOCK)
}

/// The records of block `number` within bytes that are all there.
pub(super) fn of_bytes(framing: Framing, bytes: &[u8], number: u64) -> Option<Block<'_>> {
    let first = usize::try_from(number * BLOCK).ok()?;
    let next = usize::try_from((number + 1) * BLOCK).ok()?;
    let from = framing.start_after(bytes, first)?;
    let to = if next >= bytes.len() {
        bytes.len()
    } else {
        framing.start_after(bytes, next).unwrap_or(bytes.len())
    };
    let block = bytes.get(from..to).filter(|block| !block.is_empty())?;
    Some(Block {
        number: u32::try_from(number).ok()?,
        offset: from as u64,
        bytes: block,
    })
}

/// Reads the records of block `number` from a file into `buffer`, which is reused.
pub(super) fn of_file<'b>(
    framing: Framing,
    file: &File,
    number: u64,
    buffer: &'b mut Vec<u8>,
) -> io::Result<Option<Block<'b>>> {
    let first = number * BLOCK;
    let base = first.saturating_sub(BEHIND);
    let inside = usize::try_from(first - base).unwrap_or(0);
    let mut wanted = usize::try_from(BLOCK + REACH).unwrap_or(0) + inside;
    let end = inside + usize::try_from(BLOCK).unwrap_or(0);
    let limit = end + usize::try_from(RECORD_MAX).unwrap_or(0);
    let mut n = 0;
    let to = loop {
        if buffer.len() < wanted {
            buffer.resize(wanted, 0);
        }
        let Some(space) = buffer.get_mut(n..wanted) else {
            break n;
        };
        let asked = space.len();
        let got = read_at(file, space, base + n as u64)?;
        n += got;
        let bytes = buffer.get(..n).unwrap_or(&[]);
        if got < asked && n <= end {
            break n;
        }
        if let Some(to) = framing.start_after(bytes, end) {
            break to;
        }
        if got < asked || wanted >= limit {
            break n;
        }
        wanted = (end + 2 * (wanted - end)).min(limit);
    };
    let bytes = buffer.get(..to).unwrap_or(&[]);
    let Some(from) = framing.start_after(bytes, inside) else {
        return Ok(None);
    };
    let block = buffer.get(from..to).filter(|block| !block.is_empty());
    Ok(block.map(|bytes| Block {
        number: u32::try_from(number).unwrap_or(u32::MAX),
        offset: base + from as u64,
        bytes,
    }))
}

/// Blocks of a stream, in order.
pub(super) struct Stream<R> {
    framing: Framing,
    inner: R,
    /// Room for bytes; the first `n_held` are those from `offset` on that were read and not yet given.
    held: Vec<u8>,
    n_held: usize,
    offset: u64,
    number: u64,
    ended: bool,
    spare: Arc<Spare>,
    /// What ended the stream early.
    pub(super) error: Option<io::Error>,
}

/// A block that owns its bytes, to be handed to another thread.
pub(super) struct OwnedBlock {
    pub(super) number: u32,
    pub(super) offset: u64,
    pub(super) bytes: Vec<u8>,
    spare: Arc<Spare>,
}

/// Memory of blocks that were decoded, for those to come: fresh memory costs more than what is read into it.
#[derive(Default)]
struct Spare(Mutex<Vec<Vec<u8>>>);

impl Spare {
    fn take(&self) -> Vec<u8> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.pop().unwrap_or_default()
    }
}

impl Drop for OwnedBlock {
    fn drop(&mut self) {
        let bytes = std::mem::take(&mut self.bytes);
        // One long record shall not make every later block as large.
        if bytes.capacity() as u64 <= 2 * (BLOCK + REACH) {
            let mut all = self.spare.0.lock().unwrap_or_else(PoisonError::into_inner);
            all.push(bytes);
        }
    }
}

impl<R: Read> Stream<R> {
    pub(super) fn new(framing: Framing, inner: R) -> Self {
        Stream {
            framing,
            inner,
            held: Vec::new(),
            n_held: 0,
            offset: 0,
            number: 0,
            ended: false,
            spare: Arc::default(),
            error: None,
        }
    }

    /// The next block that holds a record; `None` at the end, or at an error after everything before it was given.
    pub(super) fn next(&mut self) -> Option<OwnedBlock> {
        loop {
            let to = self.fill();
            let number = u32::try_from(self.number).unwrap_or(u32::MAX);
            let offset = self.offset;
            self.number += 1;
            if to == 0 {
                if self.ended && self.n_held == 0 {
                    return None;
                }
                continue;
            }
            let mut next = self.spare.take();
            let rest = self.held.get(to..self.n_held).unwrap_or(&[]);
            if next.len() < rest.len() {
                next.resize(rest.len(), 0);
            }
            if let Some(room) = next.get_mut(..rest.len()) {
                room.copy_from_slice(rest);
            }
            self.n_held = rest.len();
            self.offset += to as u64;
            let mut bytes = std::mem::replace(&mut self.held, next);
            bytes.truncate(to);
            return Some(OwnedBlock {
                number,
                offset,
                bytes,
                spare: Arc::clone(&self.spare),
            });
        }
    }

    /// Reads on until the end of the current block's last record is known; returns where that is in `held`.
    fn fill(&mut self) -> usize {
        let boundary = (self.number + 1) * BLOCK;
        // A record of an earlier block may reach beyond this one's end: then no record starts in this block.
        let Some(inside) = boundary
            .checked_sub(self.offset)
            .and_then(|n| usize::try_from(n).ok())
        else {
            return 0;
        };
        let reach = usize::try_from(REACH).unwrap_or(0);
        let mut wanted = inside + reach;
        loop {
            self.read_up_to(wanted);
            let held = self.held.get(..self.n_held).unwrap_or(&[]);
            if held.len() > inside {
                match self.framing.start_after(held, inside) {
                    Some(to) => return to,
                    None if (held.len() - inside) as u64 > STREAM_RECORD_MAX => return held.len(),
                    None => {}
                }
            }
            if self.ended {
                return self.n_held;
            }
            // Twice as far each time: a long record is not searched again and again.
            wanted = inside + 2 * (self.n_held - inside).max(reach);
        }
    }

    fn read_up_to(&mut self, wanted: usize) {
        if self.held.len() < wanted {
            self.held.resize(wanted, 0);
        }
        while !self.ended {
            let Some(room) = self.held.get_mut(self.n_held..wanted) else {
                return;
            };
            if room.is_empty() {
                return;
            }
            match self.inner.read(room) {
                Ok(0) => self.ended = true,
                Ok(n) => self.n_held += n,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    self.ended = true;
                    self.error = Some(error);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;

    /// The records of a log are the same from memory, from a file and from a stream, with the same block numbers and offsets.
    #[test]
    fn memory_file_and_stream_cut_alike() {
        let mut log = Vec::new();
        for i in 0..60_000_u32 {
            writeln!(
                log,
                "{}",
                "x".repeat((i.wrapping_mul(2_654_435_761) >> 24) as usize)
            )
            .unwrap();
        }
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(&log).unwrap();
        let mut whole = Vec::new();
        let mut buffer = Vec::new();
        for number in 0..count(log.len() as u64) {
            let a = of_bytes(Framing::Lines, &log, number).unwrap();
            let b = of_file(Framing::Lines, &file, number, &mut buffer)
                .unwrap()
                .unwrap();
            assert_eq!((a.number, a.offset, a.bytes), (b.number, b.offset, b.bytes));
            whole.extend_from_slice(a.bytes);
        }
        assert!(whole == log);
        let mut stream = Stream::new(Framing::Lines, &log[..]);
        while let Some(c) = stream.next() {
            let a = of_bytes(Framing::Lines, &log, u64::from(c.number)).unwrap();
            assert_eq!(
                (a.number, a.offset, a.bytes),
                (c.number, c.offset, &c.bytes[..])
            );
        }
        assert_eq!(stream.offset, log.len() as u64);
    }
}
