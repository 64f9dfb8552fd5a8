//! LZ4 frames in a row, and where they end: the decoder alone takes a cut frame for a whole one.

use lz4_flex::frame::FrameDecoder;
use std::io;
use std::io::Read;

/// First bytes of the format of `lz4 -l`, which has no mark of its end.
const LEGACY: [u8; 4] = [0x02, 0x21, 0x4c, 0x18];

/// Decodes frame after frame.
pub(super) struct Frames<R: Read> {
    /// `None`: the end.
    decoder: Option<FrameDecoder<Watched<R>>>,
    /// Some of the current frame was given.
    within: bool,
}

impl<R: Read> Frames<R> {
    pub(super) fn new(inner: R) -> Self {
        let watched = Watched {
            inner,
            n_bytes: 0,
            ended: false,
            first: [0; 4],
        };
        Frames {
            decoder: Some(FrameDecoder::new(watched)),
            within: false,
        }
    }
}

impl<R: Read> Read for Frames<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        loop {
            let Some(decoder) = &mut self.decoder else {
                return Ok(0);
            };
            let before = decoder.get_ref().n_bytes;
            let n = decoder.read(buffer)?;
            if n > 0 {
                self.within = true;
                return Ok(n);
            }
            let Some(decoder) = self.decoder.take() else {
                return Ok(0);
            };
            let mut watched = decoder.into_inner();
            if watched.ended {
                let cut = self.within || watched.n_bytes > before;
                return if cut && watched.first != LEGACY {
                    Err(io::ErrorKind::UnexpectedEof.into())
                } else {
                    Ok(0)
                };
            }
            // A frame ended. Each gets a decoder of its own: their block sizes differ.
            self.within = false;
            watched.n_bytes = 0;
            self.decoder = Some(FrameDecoder::new(watched));
        }
    }
}

/// A reader that remembers what it gave.
struct Watched<R> {
    inner: R,
    /// Bytes given of the current frame.
    n_bytes: u64,
    /// Its end was reached.
    ended: bool,
    /// The frame's first bytes.
    first: [u8; 4],
}

impl<R: Read> Read for Watched<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buffer)?;
        self.ended |= n == 0 && !buffer.is_empty();
        if let Some(room) = usize::try_from(self.n_bytes)
            .ok()
            .and_then(|at| self.first.get_mut(at..))
        {
            for (into, byte) in room.iter_mut().zip(buffer.iter().take(n)) {
                *into = *byte;
            }
        }
        self.n_bytes += n as u64;
        Ok(n)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;

    fn frame(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = lz4_flex::frame::FrameEncoder::new(Vec::new());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn frames_in_a_row_are_one_and_a_cut_anywhere_is_seen() {
        let mut two = frame(b"first line\n");
        let whole_one = two.len();
        two.extend(frame(b""));
        let whole_two = two.len();
        two.extend(frame(&b"second line\n".repeat(9000)));
        let mut all = Vec::new();
        Frames::new(&two[..]).read_to_end(&mut all).unwrap();
        assert_eq!(all.len(), 11 + 12 * 9000);
        for n in 1..two.len() {
            let read = Frames::new(&two[..n]).read_to_end(&mut Vec::new());
            let whole = n == whole_one || n == whole_two;
            assert_eq!(read.is_ok(), whole, "{n} of {}: {read:?}", two.len());
        }
    }
}
