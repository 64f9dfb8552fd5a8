//! Native journal files of systemd: entries -> records.
//!
//! Regular and compact files, keyed hash or not, XZ, LZ4 and ZSTD payloads, sealed or not, online, offline and archived.
//! Every offset and size in the file is a stranger's: objects are read only where they fit, entries only in the order in
//! which they lie in the file, and each block of entries has a fixed budget. A damaged object is counted, and reading goes on.
//!
//! Not here: hashes and seals are not verified, and entries of several files are not interleaved.
//! Source: systemd.io, "Journal File Format".

mod bytes;
mod chain;
mod entry;
mod field;
mod forward;
mod header;
mod keep;
mod object;
mod salvage;
mod tape;
mod unpack;

use self::chain::Chain;
use self::header::Header;
use self::object::Layout;
use crate::base::thousands;
use crate::carrier::Record;

pub use bytes::Bytes;
pub use entry::{Losses, Scratch};
pub use forward::Forward;

/// The carrier's name in reports.
pub const NAME: &str = "systemd journal";

/// A journal file, cut into blocks of entries that can be read in any order.
#[derive(Clone, Debug, Default)]
pub struct Journal {
    header: Header,
    chain: Chain,
    /// Entries found beside a broken chain; read instead of it.
    salvaged: Option<Vec<u64>>,
    /// Why nothing of it can be read.
    unread: Option<String>,
}

impl Journal {
    /// Looks at the header and at the list of entries. Never fails: a file that cannot be read has no blocks.
    pub fn open<B: Bytes + ?Sized>(from: &B) -> Journal {
        let header = match header::read(from) {
            Ok(header) => header,
            Err(why) => {
                return Journal {
                    unread: Some(why),
                    ..Journal::default()
                };
            }
        };
        let chain = Chain::read(from, &header);
        let mut journal = Journal {
            header,
            chain,
            ..Journal::default()
        };
        if journal.chain.broken.is_some() || journal.chain.n_entries < header.n_entries {
            let found = salvage::entries(from, &header);
            let (n_found, n_listed) = (found.len() as u64, journal.chain.n_entries);
            let is_cut = header.n_used > header.n_bytes;
            // A list that was cut with its file is as good as what the search finds in the rest.
            if n_found > n_listed || (n_found == n_listed && !is_cut) {
                journal.salvaged = Some(found);
            }
        }
        journal
    }

    /// Number of blocks.
    pub fn n_blocks(&self) -> u64 {
        match &self.salvaged {
            Some(found) => (found.len() as u64).div_ceil(chain::SLOTS),
            None => self.chain.n_blocks(),
        }
    }

    /// Reads one block. `each` gets an entry's 1-based number within the block, its offset in the file and its record;
    /// damaged entries have numbers too. Returns how many numbers the block has.
    pub fn block<B: Bytes + ?Sized>(
        &self,
        from: &B,
        number: u64,
        scratch: &mut Scratch,
        losses: &mut Losses,
        each: impl FnMut(u32, u64, &Record<'_>),
    ) -> u32 {
        let floor = match &self.salvaged {
            Some(found) => {
                let per_block = usize::try_from(chain::SLOTS).unwrap_or(usize::MAX);
                let index = usize::try_from(number).unwrap_or(usize::MAX);
                let part = found.chunks(per_block).nth(index).unwrap_or(&[]);
                scratch.entries.clear();
                scratch.entries.extend_from_slice(part);
                0
            }
            None => {
                self.chain.slots(from, number, &mut scratch.entries);
                self.chain.floor(number)
            }
        };
        let layout = Layout::new(self.header.compact);
        let floor = floor.max(self.header.objects_at - 1);
        losses.merge(scratch.read(from, layout, floor, each));
        u32::try_from(scratch.entries.len()).unwrap_or(u32::MAX)
    }

    /// What is missing, for the report; `None`: nothing.
    pub fn problem(&self, losses: &Losses) -> Option<String> {
        if self.unread.is_some() {
            return self.unread.clone();
        }
        let header = &self.header;
        let mut problems = Vec::new();
        if header.damaged {
            problems.push("the file header is damaged".to_owned());
        }
        if header.n_used > header.n_bytes {
            problems.push(format!(
                "the file is cut: {} of {} bytes are there",
                thousands(header.n_bytes),
                thousands(header.n_used)
            ));
        }
        if let Some(at) = self.chain.broken {
            problems.push(format!("the list of entries is broken at byte {at}"));
        }
        let listed = match &self.salvaged {
            Some(found) => {
                problems.push("entries were searched in the whole file".to_owned());
                found.len() as u64
            }
            None => self.chain.n_entries,
        };
        if listed < header.n_entries {
            problems.push(format!(
                "{} of {} entries are missing",
                thousands(header.n_entries - listed),
                thousands(header.n_entries)
            ));
        }
        let counts = [
            (losses.n_entries, "entries damaged or cut off"),
            (losses.n_fields, "damaged fields"),
            (losses.n_cut, "messages too long, cut"),
        ];
        for (n, what) in counts.into_iter().filter(|(n, _)| *n > 0) {
            problems.push(format!("{what}: {}", thousands(n)));
        }
        (!problems.is_empty()).then(|| problems.join("; "))
    }
}

#[cfg(test)]
mod tests;
