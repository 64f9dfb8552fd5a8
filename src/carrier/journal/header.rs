//! The header of a journal file: which features it uses and where its entries are listed.
//!
//! Source: systemd.io, "Journal File Format", section "Header".

use super::bytes::Bytes;
use super::bytes::u32_at;
use super::bytes::u64_at;

/// First bytes of every journal file.
pub(super) const SIGNATURE: &[u8; 8] = b"LPKSHHRH";
/// Bytes of the header that every version of the format has.
const HEADER_MIN: u64 = 208;
/// Incompatible features that are read: XZ, LZ4, keyed hash (concerns writers and look-ups only), ZSTD, compact.
const KNOWN: u32 = 0b1_1111;
/// Offsets in entries and entry arrays have 32 bits, entries hold no hashes.
const COMPACT: u32 = 1 << 4;

/// What the reader needs of the header.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Header {
    /// Bytes of the file that are there.
    pub(super) n_bytes: u64,
    /// Bytes that the header says are in use; more than `n_bytes`: the file was cut.
    pub(super) n_used: u64,
    /// 32-bit offsets.
    pub(super) compact: bool,
    /// Offset of the first object.
    pub(super) objects_at: u64,
    /// Offset of the first entry array; 0: no entries.
    pub(super) array_at: u64,
    /// Entries as counted by the writer.
    pub(super) n_entries: u64,
}

/// Reads the header; the error says why the file cannot be read at all.
pub(super) fn read<B: Bytes + ?Sized>(from: &B) -> Result<Header, String> {
    let mut bytes = [0; 208];
    let n = from.read_at(0, &mut bytes);
    let head = bytes.get(..n).unwrap_or(&[]);
    if !head.starts_with(SIGNATURE) {
        return Err("no signature of a journal file".to_owned());
    }
    let number = |at| u64_at(head, at).ok_or_else(|| "cut within the file header".to_owned());
    let flags = u32_at(head, 12).unwrap_or(0);
    if flags & !KNOWN != 0 {
        return Err(format!(
            "uses features of a newer systemd (incompatible flags {:#x}): export it with `journalctl --file FILE -o export`",
            flags & !KNOWN
        ));
    }
    let header = Header {
        n_bytes: from.n_bytes(),
        n_used: number(88)?.saturating_add(number(96)?),
        compact: flags & COMPACT != 0,
        objects_at: number(88)?,
        array_at: number(176)?,
        n_entries: number(152)?,
    };
    number(200)?;
    if header.objects_at < HEADER_MIN || !header.objects_at.is_multiple_of(8) {
        return Err("the file header is damaged".to_owned());
    }
    Ok(header)
}
