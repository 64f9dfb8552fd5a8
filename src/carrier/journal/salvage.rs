//! Entries of a file whose list of entries is damaged: found by walking over all objects.

use super::bytes::Bytes;
use super::bytes::Window;
use super::bytes::u64_at;
use super::header::Header;
use super::object;
use super::object::ENTRY_HEAD;
use super::object::Head;
use super::object::Layout;

/// Entries found at most: 32 MiB of offsets.
const FOUND_MAX: usize = 4 << 20;

/// Offsets of all entries, in the order of the file. After bytes that are no object the walk goes on at the next entry.
pub(super) fn entries<B: Bytes + ?Sized>(from: &B, header: &Header) -> Vec<u64> {
    let layout = Layout::new(header.compact);
    let mut walk = Walk {
        from,
        n_bytes: header.n_bytes,
        item: layout.entry_item as u64,
        window: Window::default(),
    };
    let mut found = Vec::new();
    let (mut at, mut lost) = (header.objects_at, false);
    while at < header.n_bytes && found.len() < FOUND_MAX {
        let object = walk.object(at);
        let next = object.map_or(u64::MAX, |head| at.saturating_add(head.size));
        let next = next.checked_next_multiple_of(8).unwrap_or(u64::MAX);
        let fits = next != u64::MAX && walk.is_boundary(next);
        let Some(head) = object.filter(|head| (fits && !lost) || walk.is_sure(at, head)) else {
            // Objects begin at multiples of 8.
            lost = true;
            at += 8;
            continue;
        };
        if head.kind == object::ENTRY {
            found.push(at);
        }
        lost = !fits;
        at = if fits { next } else { at + 8 };
    }
    found
}

struct Walk<'b, B: ?Sized> {
    from: &'b B,
    n_bytes: u64,
    /// Bytes of an item of an entry.
    item: u64,
    window: Window,
}

impl<B: Bytes + ?Sized> Walk<'_, B> {
    fn bytes(&mut self, at: u64, n: usize) -> Option<&[u8]> {
        if self.window.get(at, n).is_none() {
            self.window.load(self.from, at);
        }
        self.window.get(at, n)
    }

    /// The head of the object at `at`, if there can be one.
    fn object(&mut self, at: u64) -> Option<Head> {
        let bytes = self.bytes(at, 16)?;
        let (head, reserved) = (object::head(bytes)?, bytes.get(2..8)?);
        let sound = (1..=object::TYPE_MAX).contains(&head.kind)
            && head.flags <= 4
            && reserved == [0; 6]
            && head.size >= object::HEAD
            && head.size <= self.n_bytes - at;
        sound.then_some(head)
    }

    /// An object may end at `at`: another one follows, or nothing. A wrong size would hide what lies within it.
    fn is_boundary(&mut self, at: u64) -> bool {
        at >= self.n_bytes
            || self.object(at).is_some()
            || self
                .bytes(at, 16)
                .is_none_or(|head| head.starts_with(&[0; 16]))
    }

    /// Text of a stranger may look like an object's head: after damage only an entry counts whose items lie in front of it.
    fn is_sure(&mut self, at: u64, head: &Head) -> bool {
        if head.kind != object::ENTRY || head.flags != 0 {
            return false;
        }
        let item = self.item;
        let wanted = usize::try_from(ENTRY_HEAD + item).unwrap_or(usize::MAX);
        let items = head.size.checked_sub(ENTRY_HEAD).filter(|&n| n > 0);
        let Some(entry) = self.bytes(at, wanted) else {
            return false;
        };
        let (seqnum, realtime) = (u64_at(entry, 16), u64_at(entry, 24));
        let first = entry
            .get(64..)
            .and_then(|items| items.get(..usize::try_from(item).unwrap_or(0)))
            .map_or(0, object::offset);
        items.is_some_and(|n| n.is_multiple_of(item))
            && seqnum.is_some_and(|n| n != 0)
            && realtime.is_some_and(|n| n != 0)
            && first < at
            && self.is_data(first)
    }

    fn is_data(&self, at: u64) -> bool {
        let mut head = [0; 16];
        let n = self.from.read_at(at, &mut head);
        at != 0
            && at.is_multiple_of(8)
            && n == head.len()
            && object::head(&head).is_some_and(|head| head.kind == object::DATA)
    }
}
