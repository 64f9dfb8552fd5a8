//! Magic numbers of compression and archives, and the decoders behind them.

use crate::intake::lz4;
use liblzma::bufread::XzDecoder;
use liblzma::stream::CONCATENATED;
use std::io;
use std::io::BufRead;
use std::io::BufReader;
use std::io::Read;

/// What a stream's first bytes announce.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Container {
    /// Neither compressed nor an archive.
    Plain,
    Gzip,
    Zstd,
    Xz,
    Bzip2,
    Lz4,
    Tar,
    Zip,
    /// Known and not read by this version.
    Unread(&'static str),
}

/// Bytes that [`Container::of`] wants to see: a tar header.
pub(super) const HEAD: usize = 512;
/// Memory that an xz stream may ask for, bytes: `xz -9` needs 65 MiB, a hostile header could ask for 4 GiB.
const XZ_MEMORY: u64 = 96 << 20;
/// Logarithm of the largest zstd window: `zstd --ultra -22` uses 27, more needs `--long`.
const ZSTD_WINDOW_LOG: u32 = 27;
/// Compressed bytes read at once.
const READ: usize = 256 << 10;

impl Container {
    pub(super) fn of(head: &[u8]) -> Container {
        match head {
            [0x1f, 0x8b, 8, ..] => Container::Gzip,
            [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Container::Zstd,
            [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Container::Xz,
            [b'B', b'Z', b'h', b'1'..=b'9', rest @ ..] if is_bzip2(rest) => Container::Bzip2,
            // the frame format, and the one of `lz4 -l`
            [0x04, 0x22, 0x4d, 0x18, ..] | [0x02, 0x21, 0x4c, 0x18, ..] => Container::Lz4,
            // with a member, without, and as the first of several parts
            [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => Container::Zip,
            [b'P', b'K', 7, 8, b'P', b'K', 3, 4, ..] => Container::Zip,
            [b'7', b'z', 0xbc, 0xaf, 0x27, 0x1c, ..] => Container::Unread("7z"),
            [b'R', b'a', b'r', b'!', 0x1a, 7, ..] => Container::Unread("rar"),
            [b'L', b'Z', b'I', b'P', 1, ..] => Container::Unread("lzip"),
            [0x1f, 0x9d, 0x80..=0x9f, ..] => Container::Unread("compress (.Z)"),
            head if is_tar(head) => Container::Tar,
            _ => Container::Plain,
        }
    }

    /// The name for messages.
    pub(super) fn name(self) -> &'static str {
        match self {
            Container::Plain => "plain",
            Container::Gzip => "gzip",
            Container::Zstd => "zstd",
            Container::Xz => "xz",
            Container::Bzip2 => "bzip2",
            Container::Lz4 => "lz4",
            Container::Tar => "tar",
            Container::Zip => "zip",
            Container::Unread(name) => name,
        }
    }
}

/// What follows `BZh9`: the number of a block, or that of the end (of an empty file).
fn is_bzip2(rest: &[u8]) -> bool {
    rest.starts_with(b"1AY&SY") || rest.starts_with(&[0x17, 0x72, 0x45, 0x38, 0x50, 0x90])
}

/// A tar header: its checksum is the sum of its bytes, with the checksum's own field as blanks (POSIX pax, "ustar").
fn is_tar(head: &[u8]) -> bool {
    let Some(header) = head.get(..512) else {
        return false;
    };
    let Some(field) = header.get(148..156) else {
        return false;
    };
    let digits = field
        .iter()
        .skip_while(|&&c| c == b' ')
        .take_while(|c| (b'0'..=b'7').contains(c));
    let (n, stored) = digits.fold((0, 0_u32), |(n, sum), c| {
        (n + 1, sum * 8 + u32::from(c - b'0'))
    });
    let others = header.iter().map(|&c| u32::from(c)).sum::<u32>()
        - field.iter().map(|&c| u32::from(c)).sum::<u32>();
    n > 0 && stored == others + 8 * 32
}

/// A decoder around a compressed stream; several members, frames or streams in a row are one.
///
/// # Errors
/// No memory for the decoder.
pub(super) fn decoder<'a>(
    container: Container,
    inner: Box<dyn Read + 'a>,
) -> io::Result<Box<dyn Read + 'a>> {
    let buffered = BufReader::with_capacity(READ, inner);
    Ok(match container {
        Container::Gzip => Box::new(flate2::bufread::MultiGzDecoder::new(buffered)),
        Container::Zstd => Box::new(zstd(buffered)?),
        Container::Xz => Box::new(xz(buffered, CONCATENATED)?),
        Container::Bzip2 => Box::new(bzip2::bufread::MultiBzDecoder::new(buffered)),
        Container::Lz4 => Box::new(lz4::Frames::new(buffered)),
        Container::Plain | Container::Tar | Container::Zip | Container::Unread(_) => {
            Box::new(buffered)
        }
    })
}

/// A zstd decoder that takes the windows of every common level.
pub(super) fn zstd<'a, R: BufRead + 'a>(inner: R) -> io::Result<zstd::Decoder<'a, R>> {
    let mut decoder = zstd::Decoder::with_buffer(inner)?;
    decoder.window_log_max(ZSTD_WINDOW_LOG)?;
    Ok(decoder)
}

/// An xz decoder within its bound of memory; `flags` may be [`CONCATENATED`].
pub(super) fn xz<R: BufRead>(inner: R, flags: u32) -> io::Result<XzDecoder<R>> {
    let stream = liblzma::stream::Stream::new_stream_decoder(XZ_MEMORY, flags)?;
    Ok(XzDecoder::new_stream(inner, stream))
}
