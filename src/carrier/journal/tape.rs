//! Bytes that come in order, with a look ahead.

use std::io;
use std::io::Read;

/// Bytes read ahead at once.
const READ: usize = 256 << 10;

/// A reader that shows some bytes before they are passed.
pub(super) struct Tape<R> {
    inner: R,
    /// Bytes from `start` on; the first `n` were read.
    bytes: Vec<u8>,
    n: usize,
    /// Offset of the first byte held.
    start: u64,
    ended: bool,
    /// What ended it early.
    pub(super) error: Option<io::Error>,
}

impl<R: Read> Tape<R> {
    pub(super) fn new(inner: R) -> Self {
        Tape {
            inner,
            bytes: Vec::new(),
            n: 0,
            start: 0,
            ended: false,
            error: None,
        }
    }

    /// Up to `n` bytes from `at` on, fewer at the end. What lies before `at` may be forgotten.
    pub(super) fn peek(&mut self, at: u64, n: usize) -> &[u8] {
        let there = self.start + self.n as u64;
        let wanted = at.saturating_add(n as u64);
        if wanted > there && !self.ended {
            self.fill(at, n);
        }
        let from = at
            .checked_sub(self.start)
            .and_then(|from| usize::try_from(from).ok())
            .unwrap_or(usize::MAX);
        let held = self.bytes.get(..self.n).and_then(|held| held.get(from..));
        let held = held.unwrap_or(&[]);
        held.get(..n).unwrap_or(held)
    }

    /// Bytes that were there so far; all of them when the end was reached.
    pub(super) fn n_read(&self) -> u64 {
        self.start + self.n as u64
    }

    fn fill(&mut self, at: u64, n: usize) {
        // Beyond what is held: read over it, READ bytes at a time.
        let passed = at.saturating_sub(self.start);
        let held = usize::try_from(passed).map_or(self.n, |passed| passed.min(self.n));
        let room = n + READ;
        if self.bytes.len() < room {
            let mut larger = vec![0; room];
            if let (Some(into), Some(from)) = (larger.get_mut(..self.n), self.bytes.get(..self.n)) {
                into.copy_from_slice(from);
            }
            self.bytes = larger;
        }
        self.bytes.copy_within(held..self.n, 0);
        self.n -= held;
        self.start += held as u64;
        while self.start < at && !self.ended {
            let over = usize::try_from(at - self.start).map_or(READ, |n| n.min(READ));
            self.start += self.read(0, over) as u64;
        }
        while self.n < n && !self.ended {
            self.n += self.read(self.n, room);
        }
    }

    fn read(&mut self, from: usize, to: usize) -> usize {
        let Some(room) = self.bytes.get_mut(from..to) else {
            self.ended = true;
            return 0;
        };
        match self.inner.read(room) {
            Ok(n) => {
                self.ended = n == 0;
                n
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => 0,
            Err(error) => {
                self.ended = true;
                self.error = Some(error);
                0
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_shown_in_order_near_and_far() {
        let all: Vec<u8> = (0..3_u32 << 20)
            .map(|n| (n >> 3).to_le_bytes()[1])
            .collect();
        let mut tape = Tape::new(&all[..]);
        for at in [0, 0, 100, 600_000, 600_001, 2_500_000, 3 << 20, 4 << 20] {
            let want = all.get(at..).unwrap_or(&[]);
            let want = &want[..want.len().min(70_000)];
            assert!(tape.peek(at as u64, 70_000) == want, "{at}");
        }
        assert_eq!(tape.n_read(), all.len() as u64);
    }
}
