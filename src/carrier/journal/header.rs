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
/// A larger header is damage; systemd 257 writes 272 bytes.
const HEADER_MAX: u64 = 4096;
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
    /// Some of the numbers cannot be true, and were replaced.
    pub(super) damaged: bool,
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
    let n_bytes = from.n_bytes();
    let (size, arena) = (number(88)?, number(96)?);
    let (n_entries, array_at) = (number(152)?, number(176)?);
    number(200)?;
    let n_used = size.saturating_add(arena);
    let mut header = Header {
        n_bytes,
        n_used,
        compact: flags & COMPACT != 0,
        objects_at: size,
        array_at,
        n_entries,
        damaged: false,
    };
    if !(HEADER_MIN..=HEADER_MAX).contains(&size) || !size.is_multiple_of(8) {
        header.damaged = true;
        header.objects_at = HEADER_MIN;
        header.n_used = n_bytes;
    }
    // An entry has 64 bytes and more.
    if n_entries > header.n_used.max(n_bytes) / 64 {
        header.damaged = true;
        header.n_entries = 0;
    }
    Ok(header)
}
