//! What a file costs while it is expanded: bytes that went into the decoders against bytes that came out.

use crate::intake::Limits;
use std::cell::Cell;
use std::io;
use std::io::Read;

/// The account of one file, with everything inside it.
#[derive(Debug)]
pub(super) struct Meter {
    ratio: u64,
    /// Bytes read of the file itself.
    n_read: Cell<u64>,
    /// Bytes that decoders made of it, on every level.
    n_made: Cell<u64>,
}

impl Meter {
    pub(super) fn new(limits: &Limits) -> Meter {
        Meter {
            ratio: limits.ratio,
            n_read: Cell::new(0),
            n_made: Cell::new(0),
        }
    }

    /// So many bytes of the file were read.
    pub(super) fn read(&self, n: u64) {
        self.n_read.set(self.n_read.get().saturating_add(n));
    }

    /// So many bytes were made of them; false: more than is allowed.
    fn made(&self, n: u64) -> bool {
        let made = self.n_made.get().saturating_add(n);
        self.n_made.set(made);
        let paid = self.n_read.get().saturating_mul(self.ratio);
        made <= Limits::FREE_BYTES.saturating_add(paid)
    }
}

/// Counts what is read of the file itself.
pub(super) struct Source<'m, R> {
    pub(super) inner: R,
    pub(super) meter: &'m Meter,
}

impl<R: Read> Read for Source<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buffer)?;
        self.meter.read(n as u64);
        Ok(n)
    }
}

/// A decoder that ends with an error when the file expands beyond what is allowed, and that names itself in every error.
pub(super) struct Bounded<'m, R> {
    pub(super) inner: R,
    pub(super) meter: &'m Meter,
    /// What is decoded, for messages.
    pub(super) name: &'static str,
}

impl<R: Read> Read for Bounded<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = match self.inner.read(buffer) {
            Ok(n) => n,
            Err(error) => return Err(named(self.name, error)),
        };
        if self.meter.made(n as u64) {
            Ok(n)
        } else {
            let why = format!("{} expands beyond the limit (--max-ratio)", self.name);
            Err(io::Error::other(why))
        }
    }
}

/// What a decoder says, in words that name it.
pub(super) fn named(name: &str, error: io::Error) -> io::Error {
    let text = error.to_string();
    match error.kind() {
        io::ErrorKind::Interrupted => error,
        // An error of the system, of a limit, or of a decoder below this one says enough.
        _ if error.raw_os_error().is_some() || text.contains("(--max-") || is_named(&text) => error,
        kind @ io::ErrorKind::UnexpectedEof => {
            io::Error::new(kind, format!("the {name} data ends too early"))
        }
        kind => io::Error::new(kind, format!("the {name} data is damaged: {text}")),
    }
}

fn is_named(text: &str) -> bool {
    text.starts_with("the ") && text.contains(" data ")
}
