//! Frontend, backend and server of one stream, as its line has them.

use crate::base::bits_of;
use crate::base::find;

/// The three names. They are told apart only when asked for: nearly always the whole of them is enough, as a key.
#[derive(Clone, Copy, Debug)]
pub enum Names<'a> {
    /// `frontend backend/server`, as in all built-in formats but CLF.
    Together {
        /// All of it.
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
        /// With the `~` of TLS.
        frontend: &'a [u8],
        /// Backend.
        backend: &'a [u8],
        /// Server.
        server: &'a [u8],
    },
}

impl<'a> Names<'a> {
    /// `frontend backend/server` as it stands; empty when the three stand apart.
    #[inline(always)]
    pub fn path(&self) -> &'a [u8] {
        match *self {
            Names::Together { path, .. } => path,
            Names::Apart { .. } => b"",
        }
    }

    /// Bytes that the names follow from, see [`super::Traffic::key`].
    #[inline(always)]
    pub fn key(&self) -> &'a [u8] {
        match *self {
            Names::Together { path, .. } => path,
            Names::Apart { key, .. } => key,
        }
    }

    /// Frontend, without the `~` of TLS.
    pub fn frontend(&self) -> &'a [u8] {
        let name = self.frontend_of_tls();
        name.strip_suffix(b"~").unwrap_or(name)
    }

    /// The frontend's name has the `~` of TLS.
    pub(super) fn is_tls(&self) -> bool {
        self.frontend_of_tls().ends_with(b"~")
    }

    fn frontend_of_tls(&self) -> &'a [u8] {
        match *self {
            Names::Together { path, blank, .. } => path.get(..blank).unwrap_or(b""),
            Names::Apart { frontend, .. } => frontend,
        }
    }

    /// Backend.
    pub fn backend(&self) -> &'a [u8] {
        match *self {
            Names::Together { path, blank, slash } => path.get(blank + 1..slash).unwrap_or(b""),
            Names::Apart { backend, .. } => backend,
        }
    }

    /// Server.
    pub fn server(&self) -> &'a [u8] {
        match *self {
            Names::Together { path, slash, .. } => path.get(slash + 1..).unwrap_or(b""),
            Names::Apart { server, .. } => server,
        }
    }

    /// The server's name is one of a configuration, not empty and not of a service of HAProxy itself.
    pub fn has_server(&self) -> bool {
        !matches!(self.server().first(), None | Some(b'<'))
    }

    /// Puts together what [`Names::path`] would be if the three stood side by side.
    pub fn join(&self, into: &mut Vec<u8>) {
        into.clear();
        for part in [self.frontend(), b" ", self.backend(), b"/", self.server()] {
            into.extend_from_slice(part);
        }
    }
}

/// `fe be/srv ` and what follows.
pub(super) fn read(bytes: &[u8]) -> Option<(Names<'_>, &[u8])> {
    read_near(bytes).or_else(|| ending_at(bytes, far_ends(bytes)?))
}

/// The same of three names that fit 64 bytes.
#[inline(always)]
pub(super) fn read_near(bytes: &[u8]) -> Option<(Names<'_>, &[u8])> {
    ending_at(bytes, near_ends(bytes.first_chunk()?)?)
}

#[inline(always)]
fn ending_at(
    bytes: &[u8],
    (blank, slash, end): (usize, usize, usize),
) -> Option<(Names<'_>, &[u8])> {
    let names = Names::Together {
        path: bytes.get(..end)?,
        blank,
        slash,
    };
    Some((names, bytes.get(end + 1..)?))
}

/// Where `fe`, `be` and `srv` end, of three names that fit 64 bytes.
#[inline(always)]
fn near_ends(near: &[u8; 64]) -> Option<(usize, usize, usize)> {
    // Nearly always half of them are enough.
    let half = near.first_chunk::<32>()?;
    let ends = ends_of(bits_of(b' ', half), bits_of(b'/', half));
    ends.or_else(|| ends_of(bits_of(b' ', near), bits_of(b'/', near)))
}

/// The first blank, the first slash behind it, and the second blank behind that.
#[inline(always)]
fn ends_of(blanks: u64, slashes: u64) -> Option<(usize, usize, usize)> {
    let up_to_first = |bits: u64| bits ^ bits.wrapping_sub(1);
    let frontend = up_to_first(blanks);
    let second = blanks & !frontend;
    let slash = slashes & up_to_first(second) & !frontend;
    if second == 0 || slash == 0 {
        return None;
    }
    let [blank, slash, end] = [blanks, slash, second].map(|bits| bits.trailing_zeros() as usize);
    Some((blank, slash, end))
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
