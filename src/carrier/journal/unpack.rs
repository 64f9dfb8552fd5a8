//! Compressed payloads: XZ, LZ4 and ZSTD, each up to a limit of uncompressed bytes.
//!
//! Source: systemd.io, "Journal File Format", section "Data Objects"; the LZ4 payload begins with its uncompressed size in
//! 64 bits (systemd `compress.c`).

use super::bytes::u64_at;
use super::object::Data;
use super::object::Packing;
use liblzma::stream::Action;
use liblzma::stream::Status;
use liblzma::stream::Stream;
use zstd::stream::raw::DParameter;
use zstd::stream::raw::Decoder;
use zstd::stream::raw::InBuffer;
use zstd::stream::raw::Operation as _;
use zstd::stream::raw::OutBuffer;

/// Memory of the XZ decoder, bytes; systemd writes with a dictionary of 1 MiB.
const XZ_MEMORY: u64 = 16 << 20;
/// Logarithm of the largest ZSTD window; the default level, which systemd writes with, uses 21.
const ZSTD_WINDOW_LOG: u32 = 23;
/// First size of the output when the payload does not name it, bytes.
const GUESS: usize = 16 << 10;

/// Decompresses payloads, one after the other.
#[derive(Default)]
pub(super) struct Unpacker {
    zstd: Option<Decoder<'static>>,
    /// The uncompressed bytes of the last payload.
    pub(super) bytes: Vec<u8>,
}

/// How far a payload could be decompressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unpacked {
    /// All of it.
    Whole,
    /// Its start: it is longer than the limit, or its end is missing.
    Start,
    /// It is damaged.
    Damaged,
}

impl Unpacker {
    /// Fills `self.bytes` with at most `limit` bytes of the payload.
    pub(super) fn unpack(&mut self, data: &Data<'_>, limit: usize) -> Unpacked {
        match data.packing {
            Packing::Plain => {
                self.bytes.clear();
                let n = data.payload.len().min(limit);
                self.bytes
                    .extend_from_slice(data.payload.get(..n).unwrap_or(&[]));
                if data.cut || n < data.payload.len() {
                    Unpacked::Start
                } else {
                    Unpacked::Whole
                }
            }
            Packing::Xz => self.xz(data, limit),
            Packing::Lz4 => self.lz4(data, limit),
            Packing::Zstd => self.zstd(data, limit),
        }
    }

    fn xz(&mut self, data: &Data<'_>, limit: usize) -> Unpacked {
        let Ok(mut stream) = Stream::new_stream_decoder(XZ_MEMORY, 0) else {
            return Unpacked::Damaged;
        };
        let mut done = 0;
        self.bytes.resize(GUESS.min(limit), 0);
        loop {
            let read = usize::try_from(stream.total_in()).unwrap_or(usize::MAX);
            let input = data.payload.get(read..).unwrap_or(&[]);
            let output = self.bytes.get_mut(done..).unwrap_or_default();
            let status = stream.process(input, output, Action::Run);
            let before = done;
            done = usize::try_from(stream.total_out()).unwrap_or(usize::MAX);
            match status {
                Ok(Status::StreamEnd) => return self.end(done, Unpacked::Whole),
                Ok(_) if done == self.bytes.len() => {
                    if done >= limit {
                        return self.end(done, Unpacked::Start);
                    }
                    self.bytes.resize((4 * done).min(limit), 0);
                }
                Ok(_) if done > before || read < data.payload.len() => {}
                Ok(_) | Err(_) => return self.early_end(done, data),
            }
        }
    }

    fn zstd(&mut self, data: &Data<'_>, limit: usize) -> Unpacked {
        let Some(zstd) = self.zstd.take().or_else(new_zstd) else {
            return Unpacked::Damaged;
        };
        let zstd = self.zstd.insert(zstd);
        if zstd.reinit().is_err() {
            return Unpacked::Damaged;
        }
        let named = zstd::zstd_safe::get_frame_content_size(data.payload);
        let named = named.ok().flatten().and_then(|n| usize::try_from(n).ok());
        let mut done = 0;
        self.bytes.resize(named.unwrap_or(GUESS).clamp(1, limit), 0);
        let mut input = InBuffer::around(data.payload);
        loop {
            let room = self.bytes.get_mut(done..).unwrap_or_default();
            let mut output = OutBuffer::around(room);
            let (before, read) = (done, input.pos());
            let left = zstd.run(&mut input, &mut output);
            done += output.pos();
            match left {
                Ok(0) => return self.end(done, Unpacked::Whole),
                Ok(_) if done == self.bytes.len() => {
                    if done >= limit {
                        return self.end(done, Unpacked::Start);
                    }
                    self.bytes.resize((4 * done).min(limit), 0);
                }
                Ok(_) if done > before || input.pos() > read => {}
                Ok(_) | Err(_) => return self.early_end(done, data),
            }
        }
    }

    /// LZ4 cannot stop early: of a payload beyond the limit or without its end, only the first literals are taken.
    fn lz4(&mut self, data: &Data<'_>, limit: usize) -> Unpacked {
        let Some(block) = data.payload.get(8..) else {
            return Unpacked::Damaged;
        };
        let named = u64_at(data.payload, 0).and_then(|n| usize::try_from(n).ok());
        let Some(size) = named.filter(|&n| n <= limit && !data.cut) else {
            self.bytes.clear();
            self.bytes.extend_from_slice(first_literals(block));
            return Unpacked::Start;
        };
        self.bytes.resize(size, 0);
        match lz4_flex::block::decompress_into(block, &mut self.bytes) {
            Ok(n) if n == size => Unpacked::Whole,
            Ok(_) | Err(_) => Unpacked::Damaged,
        }
    }

    fn end(&mut self, done: usize, how: Unpacked) -> Unpacked {
        self.bytes.truncate(done);
        how
    }

    /// The input ended, or is damaged, before the output did.
    fn early_end(&mut self, done: usize, data: &Data<'_>) -> Unpacked {
        self.bytes.truncate(done);
        if data.cut && done > 0 {
            Unpacked::Start
        } else {
            Unpacked::Damaged
        }
    }
}

fn new_zstd() -> Option<Decoder<'static>> {
    let mut zstd = Decoder::new().ok()?;
    zstd.set_parameter(DParameter::WindowLogMax(ZSTD_WINDOW_LOG))
        .ok()?;
    Some(zstd)
}

/// The uncompressed bytes at the start of an LZ4 block: enough to tell the field's name, which repeats nothing.
fn first_literals(block: &[u8]) -> &[u8] {
    match block {
        [token, rest @ ..] if token >> 4 < 15 => {
            rest.get(..usize::from(token >> 4)).unwrap_or(rest)
        }
        // 15 and more literals: the bytes after the token add to their number.
        [_, rest @ ..] => {
            let more = rest.iter().take_while(|&&b| b == 255).count();
            let rest = rest.get(more + 1..).unwrap_or(&[]);
            rest.get(..15).unwrap_or(rest)
        }
        [] => &[],
    }
}

impl std::fmt::Debug for Unpacker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Unpacker").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(n: usize) -> Vec<u8> {
        let words = b"Server be_app/app1 is DOWN, reason: Layer4 connection problem. ";
        let mut bytes = b"MESSAGE=".to_vec();
        bytes.extend(words.iter().cycle().take(n));
        bytes
    }

    fn packed(packing: Packing, plain: &[u8]) -> Vec<u8> {
        match packing {
            Packing::Plain => plain.to_vec(),
            Packing::Zstd => zstd::bulk::compress(plain, 3).unwrap(),
            Packing::Lz4 => {
                let mut out = (plain.len() as u64).to_le_bytes().to_vec();
                out.extend(lz4_flex::block::compress(plain));
                out
            }
            Packing::Xz => {
                use std::io::Write as _;
                let mut xz = liblzma::write::XzEncoder::new(Vec::new(), 1);
                xz.write_all(plain).unwrap();
                xz.finish().unwrap()
            }
        }
    }

    const ALL: [Packing; 4] = [Packing::Plain, Packing::Xz, Packing::Lz4, Packing::Zstd];

    #[test]
    fn every_packing_gives_the_payload_back() {
        let mut unpacker = Unpacker::default();
        for n in [1, 600, 100_000] {
            let plain = message(n);
            for packing in ALL {
                let payload = packed(packing, &plain);
                let data = Data {
                    packing,
                    payload: &payload,
                    cut: false,
                };
                assert_eq!(unpacker.unpack(&data, 1 << 20), Unpacked::Whole);
                assert!(unpacker.bytes == plain, "{packing:?} {n}");
            }
        }
    }

    #[test]
    fn beyond_the_limit_the_start_is_given() {
        let mut unpacker = Unpacker::default();
        let plain = message(100_000);
        for packing in ALL {
            let payload = packed(packing, &plain);
            let data = Data {
                packing,
                payload: &payload,
                cut: false,
            };
            assert_eq!(unpacker.unpack(&data, 20_000), Unpacked::Start);
            assert!(unpacker.bytes.len() <= 20_000);
            assert!(unpacker.bytes.starts_with(b"MESSAGE="), "{packing:?}");
        }
    }

    #[test]
    fn cut_and_damaged_payloads_end() {
        let mut unpacker = Unpacker::default();
        let plain = message(3000);
        for packing in ALL {
            let payload = packed(packing, &plain);
            for n in 0..payload.len() {
                for cut in [false, true] {
                    let data = Data {
                        packing,
                        payload: &payload[..n],
                        cut,
                    };
                    unpacker.unpack(&data, 1 << 20);
                    assert!(unpacker.bytes.len() <= 1 << 20);
                }
                let mut wrong = payload.clone();
                wrong[n] ^= 0x55;
                let data = Data {
                    packing,
                    payload: &wrong,
                    cut: false,
                };
                unpacker.unpack(&data, 1 << 20);
            }
        }
    }
}
