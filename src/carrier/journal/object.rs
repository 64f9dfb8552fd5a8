//! Objects of a journal file: the head they share, and the layout of entries, entry arrays and data.
//!
//! Source: systemd.io, "Journal File Format", sections "Objects" to "Entry Array Objects"; systemd `journal-def.h`.

use super::bytes::u64_at;

/// Bytes of the head that every object has: type, flags, padding, size.
pub(super) const HEAD: u64 = 16;
/// An object that holds one field of an entry, `NAME=value`.
pub(super) const DATA: u8 = 1;
/// An object that is one entry: a stamp, and the offsets of its data.
pub(super) const ENTRY: u8 = 3;
/// An object that lists offsets of entries.
pub(super) const ENTRY_ARRAY: u8 = 6;
/// The highest type of object that is known.
pub(super) const TYPE_MAX: u8 = 7;
/// Bytes of an entry before its items.
pub(super) const ENTRY_HEAD: u64 = 64;
/// Bytes of an entry array before its items.
pub(super) const ARRAY_HEAD: u64 = 24;

/// The head of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) kind: u8,
    pub(super) flags: u8,
    /// Bytes of the whole object, this head included.
    pub(super) size: u64,
}

/// The head at the start of `bytes`; `None` when they are too few.
#[inline]
pub(super) fn head(bytes: &[u8]) -> Option<Head> {
    match bytes {
        [kind, flags, ..] => Some(Head {
            kind: *kind,
            flags: *flags,
            size: u64_at(bytes, 8)?,
        }),
        _ => None,
    }
}

/// Sizes that depend on the compact mode.
#[derive(Clone, Copy, Debug)]
pub(super) struct Layout {
    /// Bytes of an item of an entry array: an offset.
    pub(super) array_item: usize,
    /// Bytes of an item of an entry: an offset, and its hash unless compact.
    pub(super) entry_item: usize,
    /// Bytes of a data object before its payload.
    pub(super) data_head: usize,
}

impl Layout {
    pub(super) fn new(compact: bool) -> Layout {
        if compact {
            Layout {
                array_item: 4,
                entry_item: 4,
                data_head: 72,
            }
        } else {
            Layout {
                array_item: 8,
                entry_item: 16,
                data_head: 64,
            }
        }
    }
}

/// The offset at the start of an item, of an entry or an entry array.
#[inline]
pub(super) fn offset(item: &[u8]) -> u64 {
    match item {
        [a, b, c, d] => u64::from(u32::from_le_bytes([*a, *b, *c, *d])),
        _ => u64_at(item, 0).unwrap_or(0),
    }
}

/// How a payload is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Packing {
    Plain,
    Xz,
    Lz4,
    Zstd,
}

/// The payload of a data object, as much of it as `bytes` holds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Data<'a> {
    pub(super) packing: Packing,
    pub(super) payload: &'a [u8],
    /// The payload goes on beyond the bytes given.
    pub(super) cut: bool,
}

/// The data object at the start of `bytes`; `None`: it is none, or damaged.
#[inline]
pub(super) fn data<'a>(bytes: &'a [u8], layout: &Layout) -> Option<Data<'a>> {
    let head = head(bytes)?;
    let packing = match head.flags {
        0 => Packing::Plain,
        1 => Packing::Xz,
        2 => Packing::Lz4,
        4 => Packing::Zstd,
        _ => return None,
    };
    if head.kind != DATA || head.size <= layout.data_head as u64 {
        return None;
    }
    let size = usize::try_from(head.size).unwrap_or(usize::MAX);
    let payload = bytes.get(layout.data_head..size.min(bytes.len()))?;
    Some(Data {
        packing,
        payload,
        cut: size > bytes.len(),
    })
}
