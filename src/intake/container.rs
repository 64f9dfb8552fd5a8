//! Magic numbers of compression and archives, and the decoders behind them.

use std::io;
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
    Tar,
    /// Known and not read by this version.
    Unread(&'static str),
}

/// Bytes that [`Container::of`] wants to see: a tar header.
pub(super) const HEAD: usize = 512;

impl Container {
    pub(super) fn of(head: &[u8]) -> Container {
        match head {
            [0x1f, 0x8b, 8, ..] => Container::Gzip,
            [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Container::Zstd,
            [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Container::Xz,
            [
                b'B',
                b'Z',
                b'h',
                b'1'..=b'9',
                b'1',
                b'A',
                b'Y',
                b'&',
                b'S',
                b'Y',
                ..,
            ] => Container::Unread("bzip2"),
            [0x04, 0x22, 0x4d, 0x18, ..] => Container::Unread("lz4"),
            [b'P', b'K', 3, 4, ..] => Container::Unread("zip"),
            [b'7', b'z', 0xbc, 0xaf, ..] => Container::Unread("7z"),
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
            Container::Tar => "tar",
            Container::Unread(name) => name,
        }
    }
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
pub(super) fn decoder<'a>(
    container: Container,
    inner: Box<dyn Read + 'a>,
) -> io::Result<Box<dyn Read + 'a>> {
    let buffered = BufReader::with_capacity(256 << 10, inner);
    Ok(match container {
        Container::Gzip => Box::new(flate2::bufread::MultiGzDecoder::new(buffered)),
        Container::Zstd => Box::new(zstd::Decoder::with_buffer(buffered)?),
        Container::Xz => Box::new(liblzma::bufread::XzDecoder::new_multi_decoder(buffered)),
        Container::Plain | Container::Tar | Container::Unread(_) => Box::new(buffered),
    })
}
