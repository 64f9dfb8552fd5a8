//! Frontend, backend and server of one stream, as its line has them.

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
