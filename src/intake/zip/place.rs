//! Bytes that can be read at any place: a file, or a small archive in memory.

use crate::intake::meter::Meter;
use crate::intake::meter::Source;
use std::fs::File;
use std::io;
use std::io::Read;

/// Where the archive lies.
#[derive(Clone, Copy)]
pub(in crate::intake) struct Place<'a> {
    bytes: Bytes<'a>,
    pub(super) n_bytes: u64,
}

#[derive(Clone, Copy)]
enum Bytes<'a> {
    File(&'a File),
    Memory(&'a [u8]),
}

impl<'a> Place<'a> {
    /// A file of so many bytes.
    pub(in crate::intake) fn new(file: &'a File, n_bytes: u64) -> Self {
        Place {
            bytes: Bytes::File(file),
            n_bytes,
        }
    }

    pub(in crate::intake) fn of_bytes(bytes: &'a [u8]) -> Self {
        Place {
            bytes: Bytes::Memory(bytes),
            n_bytes: bytes.len() as u64,
        }
    }

    /// Up to `n` bytes from `at` on.
    pub(super) fn some(&self, at: u64, n: usize) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; n];
        let mut done = 0;
        let mut reader = self.from(at);
        while let Some(room) = bytes.get_mut(done..).filter(|room| !room.is_empty()) {
            match reader.read(room)? {
                0 => break,
                n => done += n,
            }
        }
        bytes.truncate(done);
        Ok(bytes)
    }

    /// The same as [`Place::from`], for the data of members: what is read of a file counts as read.
    pub(super) fn source(&self, at: u64, meter: &'a Meter) -> Box<dyn Read + 'a> {
        let inner = self.from(at);
        match self.bytes {
            Bytes::File(_) => Box::new(Source { inner, meter }),
            Bytes::Memory(_) => Box::new(inner),
        }
    }

    /// What lies from `at` on, in order.
    pub(super) fn from(&self, at: u64) -> From<'a> {
        From {
            bytes: self.bytes,
            at,
        }
    }
}

/// Reader of [`Place::from`].
pub(super) struct From<'a> {
    bytes: Bytes<'a>,
    at: u64,
}

impl Read for From<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = match self.bytes {
            Bytes::File(file) => crate::intake::read_at(file, buffer, self.at)?,
            Bytes::Memory(bytes) => {
                let at = usize::try_from(self.at).unwrap_or(usize::MAX);
                bytes.get(at..).unwrap_or(&[]).read(buffer)?
            }
        };
        self.at = self.at.saturating_add(n as u64);
        Ok(n)
    }
}
