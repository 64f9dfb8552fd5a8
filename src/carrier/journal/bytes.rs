//! Where a journal's bytes come from: memory here, positioned reads of a file in the run room.

/// Bytes that can be read at any offset.
pub trait Bytes: Sync {
    /// How many there are.
    fn n_bytes(&self) -> u64;

    /// Fills `buffer` from `offset` on; returns how much was there, which is less only at the end.
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> usize;
}

impl Bytes for [u8] {
    fn n_bytes(&self) -> u64 {
        self.len() as u64
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> usize {
        let from = usize::try_from(offset).unwrap_or(usize::MAX);
        let there = self.get(from..).unwrap_or(&[]);
        let n = there.len().min(buffer.len());
        if let (Some(into), Some(bytes)) = (buffer.get_mut(..n), there.get(..n)) {
            into.copy_from_slice(bytes);
        }
        n
    }
}

/// The 64-bit little-endian number at `at`; `None` beyond the end.
pub(super) fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    let (number, _) = bytes.get(at..)?.split_first_chunk::<8>()?;
    Some(u64::from_le_bytes(*number))
}

/// The 32-bit little-endian number at `at`; `None` beyond the end.
pub(super) fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    let (number, _) = bytes.get(at..)?.split_first_chunk::<4>()?;
    Some(u32::from_le_bytes(*number))
}

/// A window that slides over the bytes, so that objects which lie side by side cost one read.
#[derive(Debug, Default)]
pub(super) struct Window {
    start: u64,
    /// Grows once; only the first `n` bytes are of the file.
    bytes: Vec<u8>,
    n: usize,
}

impl Window {
    /// Bytes of a window: a few hundred entries, and still within a core's own cache.
    pub(super) const BYTES: usize = 512 << 10;

    /// The bytes from `offset` on that are in the window, if it holds at least `n` of them.
    #[inline]
    pub(super) fn get(&self, offset: u64, n: usize) -> Option<&[u8]> {
        let from = usize::try_from(offset.checked_sub(self.start)?).ok()?;
        self.bytes
            .get(from..self.n)
            .filter(|bytes| bytes.len() >= n)
    }

    /// Forgets what is in the window.
    pub(super) fn clear(&mut self) {
        self.n = 0;
    }

    /// Moves the window so that it begins at `start`.
    pub(super) fn load<B: Bytes + ?Sized>(&mut self, from: &B, start: u64) {
        let there = from.n_bytes().saturating_sub(start);
        let n = usize::try_from(there)
            .unwrap_or(Self::BYTES)
            .min(Self::BYTES);
        if self.bytes.len() < n {
            self.bytes.resize(n, 0);
        }
        let room = self.bytes.get_mut(..n).unwrap_or_default();
        self.n = from.read_at(start, room);
        self.start = start;
    }
}
