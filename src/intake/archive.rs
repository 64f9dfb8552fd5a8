//! Tar archives: member after member, in order; names are only shown, links and devices only counted.

use crate::intake::expand::Given;
use crate::intake::expand::Walk;
use crate::intake::meter::Bounded;
use crate::intake::meter::named;
use std::cell::Cell;
use std::collections::BTreeMap;
use std::io;
use std::io::Read;
use tar::EntryType;

/// Bytes of one member's headers at most, long names and attributes included: the reader keeps them in memory.
const HEADERS_MAX: u64 = 1 << 20;

impl Walk<'_> {
    /// Reads the members of a tar archive.
    pub(super) fn tar(
        &mut self,
        given: &Given,
        inner: Box<dyn Read + '_>,
        depth: u32,
    ) -> io::Result<()> {
        let allowance = Cell::new(HEADERS_MAX);
        let mut archive = tar::Archive::new(Headers {
            inner,
            left: &allowance,
        });
        let mut others = BTreeMap::new();
        let mut entries = archive.entries()?;
        loop {
            allowance.set(HEADERS_MAX);
            let Some(entry) = entries.next() else {
                break;
            };
            allowance.set(u64::MAX);
            let read = entry.and_then(|mut entry| {
                let kind = entry.header().entry_type();
                if let Some(what) = no_file(kind) {
                    *others.entry(what).or_insert(0_u64) += 1;
                } else if kind.is_file() || kind.is_contiguous() || kind.is_gnu_sparse() {
                    if !self.may_enter(&given.name) {
                        return Ok(false);
                    }
                    self.entry(&given.name, &mut entry, depth)?;
                }
                // What is left is read here, where its length does not count as a header's.
                let mut rest = Bounded {
                    inner: &mut entry,
                    meter: self.meter,
                    name: "tar",
                };
                if kind.is_gnu_sparse() {
                    io::copy(&mut rest, &mut io::sink())?;
                } else {
                    io::copy(&mut entry, &mut io::sink())?;
                }
                Ok(true)
            });
            match read {
                Ok(true) => {}
                Ok(false) => break,
                Err(error) => {
                    let error = named("tar", error);
                    let why = format!("the archive is cut or damaged: {error}");
                    self.trouble(&given.name, why);
                    break;
                }
            }
        }
        if !others.is_empty() {
            let counts: Vec<String> = others
                .iter()
                .map(|(what, &n)| crate::base::counted(n, what))
                .collect();
            let why = format!("not followed or opened: {}", counts.join(", "));
            self.left_out(&given.name, why);
        }
        Ok(())
    }

    fn entry<R: Read>(
        &mut self,
        archive: &str,
        entry: &mut tar::Entry<'_, R>,
        depth: u32,
    ) -> io::Result<()> {
        let modified = entry.header().mtime().ok();
        let given = Given {
            name: member_name(archive, &entry.path_bytes()),
            n_bytes: entry.size(),
            sha256: None,
            modified: modified.and_then(|seconds| i64::try_from(seconds).ok()),
        };
        let sparse = entry.header().entry_type().is_gnu_sparse();
        let mut tar = Member {
            left: entry.size(),
            inner: &mut *entry,
        };
        if sparse {
            // Holes cost nothing in the archive.
            let meter = self.meter;
            let mut inner = Bounded {
                inner: tar,
                meter,
                name: "tar",
            };
            return self.member(given, &mut inner, depth + 1);
        }
        self.member(given, &mut tar, depth + 1)
    }
}

/// What a member is called in the report. Nothing is ever opened by this name.
pub(super) fn member_name(archive: &str, path: &[u8]) -> String {
    let path = crate::base::printable(path);
    format!("{archive}/{}", path.trim_start_matches("./"))
}

/// What a member is that is no file and no folder.
fn no_file(kind: EntryType) -> Option<&'static str> {
    match kind {
        EntryType::Symlink => Some("symbolic link"),
        EntryType::Link => Some("hard link"),
        EntryType::Char | EntryType::Block => Some("device"),
        EntryType::Fifo => Some("pipe"),
        _ => None,
    }
}

/// Bytes of the archive; an error when a header takes more than is left.
struct Headers<'c, R> {
    inner: R,
    left: &'c Cell<u64>,
}

impl<R: Read> Read for Headers<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buffer)?;
        match self.left.get().checked_sub(n as u64) {
            Some(left) => self.left.set(left),
            None => return Err(io::Error::other("a header of more than 1 MiB")),
        }
        Ok(n)
    }
}

/// A member's bytes: errors name the archive's kind, and an end before its size is one.
struct Member<R> {
    inner: R,
    left: u64,
}

impl<R: Read> Read for Member<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self
            .inner
            .read(buffer)
            .map_err(|error| named("tar", error))?;
        self.left = self.left.saturating_sub(n as u64);
        if n == 0 && self.left > 0 && !buffer.is_empty() {
            return Err(named("tar", io::ErrorKind::UnexpectedEof.into()));
        }
        Ok(n)
    }
}
