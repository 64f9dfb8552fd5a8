//! The data of one member: which methods are read, and whether what comes out is what went in.

use super::record::Entry;
use crate::intake::container;
use std::io;
use std::io::BufRead;
use std::io::Read;

const STORED: u16 = 0;
const DEFLATED: u16 = 8;
const BZIP2: u16 = 12;
const ZSTD: u16 = 93;
const XZ: u16 = 95;

/// Whether the member can be read, where its bytes come in order.
pub(super) fn is_readable(entry: &Entry) -> bool {
    let known = matches!(entry.method, DEFLATED | BZIP2 | ZSTD | XZ);
    let ends = known || entry.method == STORED && !entry.sizes_follow;
    ends && !entry.encrypted
}

/// Why a member cannot be read.
pub(super) fn unreadable(entry: &Entry) -> String {
    let method = match entry.method {
        _ if entry.encrypted => return "encrypted: unpack it with its password first".to_owned(),
        STORED => return "stored without its size: unpack the archive first".to_owned(),
        9 => "deflate64",
        14 => "lzma",
        1..=7 | 10 | 18 | 19 | 97 | 98 => "of old or special programs",
        _ => "unknown",
    };
    format!(
        "compressed with a method that is not read ({}, {method}): unpack it first",
        entry.method
    )
}

/// The member's content, whose compressed bytes are all of `packed`; the error says why it cannot be read.
pub(super) fn unpacked<'a>(
    entry: &Entry,
    packed: impl BufRead + 'a,
) -> Result<Box<dyn Read + 'a>, String> {
    let inner: Box<dyn Read + 'a> = if entry.method == STORED && !entry.encrypted {
        Box::new(packed)
    } else {
        self_ending(entry, packed)?
    };
    let expected = Expected {
        crc: entry.crc,
        n_bytes: entry.n_bytes,
    };
    Ok(Box::new(Checked::new(inner, Some(expected))))
}

/// The member's content, whose compressed bytes show where they end; the error says why it cannot be read.
pub(super) fn self_ending<'a>(
    entry: &Entry,
    packed: impl BufRead + 'a,
) -> Result<Box<dyn Read + 'a>, String> {
    if entry.encrypted {
        return Err(unreadable(entry));
    }
    let no_memory = |error: io::Error| error.to_string();
    Ok(match entry.method {
        DEFLATED => Box::new(flate2::bufread::DeflateDecoder::new(packed)),
        BZIP2 => Box::new(bzip2::bufread::BzDecoder::new(packed)),
        ZSTD => Box::new(container::zstd(packed).map_err(no_memory)?.single_frame()),
        XZ => Box::new(container::xz(packed, 0).map_err(no_memory)?),
        _ => return Err(unreadable(entry)),
    })
}

/// What the archive says of a member's content.
#[derive(Clone, Copy, Debug)]
pub(super) struct Expected {
    crc: u32,
    n_bytes: u64,
}

/// Content with a checksum: at its end both are compared.
pub(super) struct Checked<R> {
    inner: R,
    crc: flate2::Crc,
    n_bytes: u64,
    /// `None`: known only later.
    expected: Option<Expected>,
}

impl<R: Read> Checked<R> {
    pub(super) fn new(inner: R, expected: Option<Expected>) -> Self {
        Checked {
            inner,
            crc: flate2::Crc::new(),
            n_bytes: 0,
            expected,
        }
    }

    /// The checksum of what was read.
    pub(super) fn sum(&self) -> u32 {
        self.crc.sum()
    }
}

impl<R: Read> Read for Checked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buffer)?;
        self.crc.update(buffer.get(..n).unwrap_or(&[]));
        self.n_bytes += n as u64;
        if let Some(expected) = self.expected.filter(|_| n == 0 && !buffer.is_empty()) {
            if self.n_bytes < expected.n_bytes {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            if self.crc.sum() != expected.crc || self.n_bytes != expected.n_bytes {
                return Err(io::Error::other("its checksum differs"));
            }
        }
        Ok(n)
    }
}
