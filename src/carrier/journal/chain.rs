//! The chain of entry arrays: where the entries are, cut into blocks of a fixed number of them.

use super::bytes::Bytes;
use super::header::Header;
use super::object;
use super::object::ARRAY_HEAD;
use super::object::Layout;

/// Slots of a block. A slot is a place in an entry array; at the end of the last array some are empty.
pub(super) const SLOTS: u64 = 8192;
/// Entry arrays at most: each is twice as long as the one before, so a real file has about forty.
const ARRAYS_MAX: usize = 65_536;
/// Bytes read at once while the slots are counted.
const READ: usize = 64 << 10;

/// One entry array.
#[derive(Clone, Copy, Debug)]
struct Array {
    /// Number of its first slot, counted over all arrays.
    first: u64,
    /// Offset of its first slot.
    at: u64,
}

/// All entry arrays of a file.
#[derive(Clone, Debug, Default)]
pub(super) struct Chain {
    arrays: Vec<Array>,
    n_slots: u64,
    /// Bytes of a slot.
    item: usize,
    /// Per block, the offset that its entries must lie behind: those of the blocks before lie in front of it.
    floors: Vec<u64>,
    /// Entries that are listed in order, those beyond the end of a cut file included.
    pub(super) n_entries: u64,
    /// Offset of the array that is damaged or missing; `None`: the chain is whole.
    pub(super) broken: Option<u64>,
}

impl Chain {
    /// Follows the arrays and counts their entries.
    pub(super) fn read<B: Bytes + ?Sized>(from: &B, header: &Header) -> Chain {
        let layout = Layout::new(header.compact);
        let mut chain = Chain {
            item: layout.array_item,
            ..Chain::default()
        };
        chain.follow(from, header);
        let mut buffer = Vec::new();
        let (mut floor, mut last) = (0, 0);
        let end = header.n_used.max(header.n_bytes);
        for number in 0..chain.n_blocks() {
            chain.floors.push(floor);
            chain.slots(from, number, &mut buffer);
            for &offset in &buffer {
                let in_order = offset > last && offset < end && offset.is_multiple_of(8);
                if !in_order {
                    continue;
                }
                last = offset;
                chain.n_entries += 1;
                if offset < header.n_bytes {
                    floor = offset;
                }
            }
        }
        chain
    }

    fn follow<B: Bytes + ?Sized>(&mut self, from: &B, header: &Header) {
        let (mut at, mut end) = (header.array_at, header.objects_at);
        while at != 0 {
            // Objects are only ever appended: an array before the last one would be a loop.
            if at < end || !at.is_multiple_of(8) || self.arrays.len() >= ARRAYS_MAX {
                self.broken = Some(at);
                return;
            }
            let mut head = [0; 24];
            let whole = from.read_at(at, &mut head) == head.len();
            let size = object::head(&head).filter(|head| {
                whole
                    && head.kind == object::ENTRY_ARRAY
                    && head.flags == 0
                    && head.size > ARRAY_HEAD
            });
            let Some(size) = size.map(|head| head.size) else {
                self.broken = Some(at);
                return;
            };
            end = at.saturating_add(size);
            let there = end.min(header.n_bytes).saturating_sub(at + ARRAY_HEAD);
            self.arrays.push(Array {
                first: self.n_slots,
                at: at + ARRAY_HEAD,
            });
            self.n_slots += there / self.item as u64;
            if end > header.n_bytes {
                self.broken = Some(at);
                return;
            }
            at = super::bytes::u64_at(&head, 16).unwrap_or(0);
        }
    }

    /// Number of blocks.
    pub(super) fn n_blocks(&self) -> u64 {
        self.n_slots.div_ceil(SLOTS)
    }

    /// The offset that the block's entries must lie behind.
    pub(super) fn floor(&self, number: u64) -> u64 {
        let index = usize::try_from(number).unwrap_or(usize::MAX);
        self.floors.get(index).copied().unwrap_or(u64::MAX)
    }

    /// The offsets in the block's slots; empty slots are left out.
    pub(super) fn slots<B: Bytes + ?Sized>(&self, from: &B, number: u64, into: &mut Vec<u64>) {
        into.clear();
        let mut slot = number.saturating_mul(SLOTS);
        let end = slot.saturating_add(SLOTS).min(self.n_slots);
        let mut index = self.arrays.partition_point(|array| array.first <= slot);
        let mut buffer = [0; READ];
        while slot < end {
            let Some(array) = index.checked_sub(1).and_then(|i| self.arrays.get(i)) else {
                return;
            };
            let next = self
                .arrays
                .get(index)
                .map_or(self.n_slots, |array| array.first);
            let n = usize::try_from(end.min(next) - slot).unwrap_or(0) * self.item;
            let Some(room) = buffer.get_mut(..n) else {
                return;
            };
            let at = array.at + (slot - array.first) * self.item as u64;
            let n = from.read_at(at, room);
            let read = room.get(..n).unwrap_or(&[]);
            into.extend(
                read.chunks_exact(self.item)
                    .map(object::offset)
                    .filter(|&offset| offset != 0),
            );
            slot = end.min(next);
            index += 1;
        }
    }
}
