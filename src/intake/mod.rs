//! Paths -> streams of bytes: folders, files, archives, standard input; decompression and its limits.
//!
//! The only room that opens anything. It knows the magic numbers of containers and compression, and nothing of what is inside.
//! Nothing is unpacked to disk, no link is followed, no device is opened.

mod archive;
mod archived;
mod container;
mod discover;
mod encoding;
mod expand;
mod lz4;
mod meter;
mod zip;

use std::fs::File;
use std::io;
use std::io::Read;

pub use archived::{Archived, archived};
pub use discover::{Leaf, beside, discover};
pub use expand::visit;

/// What a bundle may cost. Each limit that is hit is reported with the place where it was hit.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Containers within containers.
    pub depth: u32,
    /// Members of one archive, those of archives inside it included.
    pub members: u32,
    /// Bytes that decoders make of one byte of a file, on all levels, beyond the first [`Limits::FREE_BYTES`].
    pub ratio: u64,
    /// Files found in folders.
    pub files: usize,
}

impl Limits {
    /// Expansion that is always allowed, bytes: logs of a quiet proxy compress beyond any ratio.
    pub const FREE_BYTES: u64 = 1 << 30;
    /// Bytes of a file or member that is read whole: hashed, and kept in memory while it is looked at.
    pub const WHOLE_BYTES: u64 = 16 << 20;
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            depth: 6,
            members: 60_000,
            ratio: 2000,
            files: 60_000,
        }
    }
}

/// Something that could not be read as asked; the rest of the bundle is read all the same.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Trouble {
    /// Which file or member.
    pub name: String,
    /// What is wrong, lower case, without a full stop.
    pub why: String,
    /// Something that the user named could not be read at all: the exit code says so.
    pub fatal: bool,
}

/// Bytes of one artifact, uncompressed.
pub enum Content<'a> {
    /// Small: all of it.
    Whole(Vec<u8>),
    /// A large plain file, for positioned reads.
    File(&'a File, u64),
    /// A large member of an archive or a compressed file: in order, once. The first bytes were already read and come again.
    Stream(Box<dyn Read + 'a>),
}

/// One artifact.
pub struct Item<'a> {
    /// Path as the report shows it.
    pub name: String,
    /// Number within its file: 0 for the file itself, then members in order.
    pub member: u32,
    /// Size of the file or member as given (compressed).
    pub n_bytes: u64,
    /// SHA-256 of the file or member as given, hexadecimal; `None`: larger than [`Limits::WHOLE_BYTES`].
    pub sha256: Option<String>,
    /// Modification time of an archive's member, seconds since 1970; `None` for files on disk, whose times do not survive copies.
    pub modified: Option<i64>,
    /// What was done to its bytes so that they are lines of UTF-8; `None`: they are as they were.
    pub note: Option<String>,
    /// Its bytes.
    pub content: Content<'a>,
}

/// Reads exactly the bytes from `offset` on that fit in `buffer`, fewer at the end of the file.
///
/// # Errors
/// What the operating system says.
pub fn read_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    use std::os::unix::fs::FileExt as _;
    let mut done = 0;
    while let Some(rest) = buffer.get_mut(done..).filter(|rest| !rest.is_empty()) {
        match file.read_at(rest, offset + done as u64) {
            Ok(0) => break,
            Ok(n) => done += n,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(done)
}

#[cfg(test)]
mod tests;
