//! Frontend, backend and server of one stream, as its line has them.

use crate::base::bits_of;
use crate::base::find;

/// The three names. They are told apart only when asked for: nearly always the whole of them is enough, as a key.
#[derive(Clone, Copy, Debug)]
pub(super) enum Names<'a> {
    /// `frontend backend/server`, as in all built-in formats but CLF.
    Together {
        path: &'a [u8],
        /// Where the blank is.
        blank: usize,
        /// Where the first slash behind it is.
        slash: usize,
    },
    /// Each where its format has it; those that it lacks are empty.
    Apart {
        /// All of them as they stand, when that tells them; empty otherwise.
        key: &'a [u8],
        frontend: &'a [u8],
        backend: &'a [u8],
        server: &'a [u8],
    },
}

impl<'a> Names<'a> {
    #[inline]
    pub(super) fn path(&self) -> &'a [u8] {
        match *self {
            Names::Together { path, .. } => path,
            Names::Apart { .. } => b"",
        }
    }

    #[inline]
    pub(super) fn key(&self) -> &'a [u8] {
        match *self {
            Names::Together { path, .. } => path,
            Names::Apart { key, .. } => key,
        }
    }

    /// With the `~` of TLS.
    pub(super) fn frontend(&self) -> &'a [u8] {
        match *self {
            Names::Together { path, blank, .. } => path.get(..blank).unwrap_or(b""),
            Names::Apart { frontend, .. } => frontend,
        }
    }

    pub(super) fn backend(&self) -> &'a [u8] {
        match *self {
            Names::Together { path, blank, slash } => path.get(blank + 1..slash).unwrap_or(b""),
            Names::Apart { backend, .. } => backend,
        }
    }

    /// The first byte of the server's name; `None`: it has none.
    #[inline]
    pub(super) fn server_start(&self) -> Option<u8> {
        match *self {
            Names::Together { path, slash, .. } => path.get(slash + 1).copied(),
            Names::Apart { server, .. } => server.first().copied(),
        }
    }

    #[inline]
    pub(super) fn server(&self) -> &'a [u8] {
        match *self {
            Names::Together { path, slash, .. } => path.get(slash + 1..).unwrap_or(b""),
            Names::Apart { server, .. } => server,
        }
    }
}

/// `fe be/srv ` and what follows.
#[inline]
pub(super) fn read(bytes: &[u8]) -> Option<(Names<'_>, &[u8])> {
    let near = bytes.first_chunk().and_then(near_ends);
    let (blank, slash, end) = near.or_else(|| far_ends(bytes))?;
    let names = Names::Together {
        path: bytes.get(..end)?,
        blank,
        slash,
    };
    Some((names, bytes.get(end + 1..)?))
}

/// Where `fe`, `be` and `srv` end, of three names that fit 64 bytes.
#[inline]
fn near_ends(near: &[u8; 64]) -> Option<(usize, usize, usize)> {
    let blanks = bits_of(b' ', near);
    let blank = blanks.trailing_zeros();
    let end = (blanks & blanks.wrapping_sub(1)).trailing_zeros();
    let slashes = bits_of(b'/', near) & u64::MAX.checked_shl(blank)?;
    let slash = slashes.trailing_zeros();
    (slash < end && end < u64::BITS).then_some((blank as usize, slash as usize, end as usize))
}

/// The same of longer names, and near the end of a line.
#[inline(never)]
fn far_ends(bytes: &[u8]) -> Option<(usize, usize, usize)> {
    let blank = find(b' ', bytes)?;
    let target = bytes.get(blank + 1..)?;
    let slash = memchr::memchr2(b'/', b' ', target)?;
    let behind = target.get(slash..)?;
    if behind.first() != Some(&b'/') {
        return None;
    }
    let slash = blank + 1 + slash;
    Some((blank, slash, slash + find(b' ', behind)?))
}
