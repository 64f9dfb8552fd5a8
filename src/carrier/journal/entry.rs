//! Entries -> records: of each entry's data only what a record needs is looked at, and what entries share only once.

use super::bytes::Bytes;
use super::bytes::Window;
use super::bytes::u64_at;
use super::chain::SLOTS;
use super::field;
use super::field::Fact;
use super::field::Facts;
use super::field::Id;
use super::object;
use super::object::Data;
use super::object::ENTRY_HEAD;
use super::object::Layout;
use super::object::Packing;
use super::unpack::Unpacked;
use super::unpack::Unpacker;
use crate::base::Precision;
use crate::base::Stamp;
use crate::carrier::Record;

/// Fields of an entry at most; journald itself takes no more than 1024.
pub(super) const ITEMS_MAX: usize = 4096;
/// Longest message, uncompressed bytes; the rest is cut. As long as a line of a text log.
pub(super) const MESSAGE_MAX: usize = 1 << 20;
/// Stamps beyond this are damage, microseconds: the year 3111, where systemd stops too.
pub(super) const REALTIME_END: u64 = 1 << 55;
/// Bytes read at once of an object that lies outside the window.
const FAR: usize = 512;
/// As [`FAR`] for a compressed object, whose field name needs decompression.
const FAR_PACKED: usize = 64 << 10;
/// Bytes of messages and decompressed fields in one block: 32 KiB per entry, on average. Without this limit,
/// a small file of many entries that share one long message would take hours.
pub(super) const BLOCK_BYTES: usize = 32 << 10 << 13;
/// Objects outside the window that are read in one block: 64 per entry, on average.
const BLOCK_READS: u64 = 64 * SLOTS;

/// What could not be read. Sums: the same in whatever order blocks are read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Losses {
    /// Entries that are damaged, or beyond the end of a cut file.
    pub n_entries: u64,
    /// Fields that are damaged, or beyond the end of a cut file; their entries were read.
    pub n_fields: u64,
    /// Messages of which only the start was read.
    pub n_cut: u64,
}

impl Losses {
    /// Adds the other's losses.
    pub fn merge(&mut self, other: Losses) {
        let Losses {
            n_entries,
            n_fields,
            n_cut,
        } = other;
        self.n_entries += n_entries;
        self.n_fields += n_fields;
        self.n_cut += n_cut;
    }
}

/// Memory of one thread, allocated once. Nothing in it outlives a block.
#[derive(Debug, Default)]
pub struct Scratch {
    /// Offsets of the block's entries.
    pub(super) entries: Vec<u64>,
    window: Window,
    facts: Facts,
    unpacker: Unpacker,
    /// An object outside the window.
    far: Vec<u8>,
}

/// What is known of an entry when its items were looked at.
#[derive(Clone, Copy, Debug, Default)]
struct Draft {
    host: Option<Id>,
    ident: Option<Id>,
    comm: Option<Id>,
    syslog_pid: Option<u32>,
    pid: Option<u32>,
    /// Offset of the message's object.
    message: Option<u64>,
}

/// Where an entry stands between its neighbours.
#[derive(Clone, Copy, Debug)]
struct Room {
    /// Where the entry before ends.
    behind: u64,
    /// Where this one starts.
    offset: u64,
    /// Where the next one starts.
    limit: u64,
}

/// Reads the entries of one block.
pub(super) struct Entries<'s, 'b, B: ?Sized> {
    from: &'b B,
    layout: Layout,
    window: &'s mut Window,
    facts: &'s mut Facts,
    unpacker: &'s mut Unpacker,
    far: &'s mut Vec<u8>,
    /// Object whose payload is in `unpacker`; 0: none.
    unpacked: u64,
    left_bytes: usize,
    left_reads: u64,
    losses: Losses,
}

impl Scratch {
    /// Reads the entries whose offsets are in `self.entries`; `each` gets the 1-based number within the block, the offset and
    /// the record. Entries must lie behind `floor` and one after the other.
    pub(super) fn read<B: Bytes + ?Sized>(
        &mut self,
        from: &B,
        layout: Layout,
        floor: u64,
        mut each: impl FnMut(u32, u64, &Record<'_>),
    ) -> Losses {
        // What a block costs, and what its limits leave out, shall not depend on the blocks that this thread read before.
        self.window.clear();
        self.facts.clear();
        let mut entries = Entries {
            from,
            layout,
            window: &mut self.window,
            facts: &mut self.facts,
            unpacker: &mut self.unpacker,
            far: &mut self.far,
            unpacked: 0,
            left_bytes: BLOCK_BYTES,
            left_reads: BLOCK_READS,
            losses: Losses::default(),
        };
        let (mut end, mut line) = (floor, 0_u32);
        for (index, &offset) in self.entries.iter().enumerate() {
            line = line.saturating_add(1);
            // A size that runs into the entry listed next is wrong: this entry is damaged, not the next.
            let next = self.entries.get(index + 1).filter(|&&next| next > offset);
            let room = Room {
                behind: end,
                offset,
                limit: next.copied().unwrap_or(u64::MAX),
            };
            let read = if offset >= end && offset > floor && offset.is_multiple_of(8) {
                entries.entry(&room, |record| each(line, offset, record))
            } else {
                None
            };
            match read {
                Some(next) => end = next,
                None => entries.losses.n_entries += 1,
            }
        }
        entries.losses
    }
}

impl<B: Bytes + ?Sized> Entries<'_, '_, B> {
    /// Reads one entry; returns where it ends, `None` when it is damaged.
    fn entry(&mut self, room: &Room, each: impl FnOnce(&Record<'_>)) -> Option<u64> {
        let offset = room.offset;
        let head = object::head(self.window_at(room, ENTRY_HEAD)?)?;
        let items = head.size.checked_sub(ENTRY_HEAD)?;
        let item = self.layout.entry_item as u64;
        let sound =
            head.kind == object::ENTRY && head.flags == 0 && head.size <= room.limit - offset;
        if !sound || items == 0 || !items.is_multiple_of(item) || items > ITEMS_MAX as u64 * item {
            return None;
        }
        let n = usize::try_from(head.size).ok()?;
        let bytes = self.window_at(room, head.size)?;
        let (seqnum, realtime) = (u64_at(bytes, 16)?, u64_at(bytes, 24)?);
        if seqnum == 0 || realtime == 0 || realtime >= REALTIME_END {
            return None;
        }
        self.facts.make_room(ITEMS_MAX);
        let mut draft = Draft::default();
        // The window does not move while the items are looked at.
        let window = std::mem::take(self.window);
        let entry = window.get(offset, n).and_then(|bytes| bytes.get(64..n));
        for (index, item) in entry
            .unwrap_or(&[])
            .chunks_exact(self.layout.entry_item)
            .enumerate()
        {
            self.item(&window, index, object::offset(item), &mut draft);
        }
        let body = draft.message.and_then(|at| self.message(&window, at));
        let text = |id: Option<Id>| match id.map(|id| self.facts.get(id)) {
            Some(Fact::Host(text) | Fact::Ident(text) | Fact::Comm(text)) => &**text,
            _ => b"",
        };
        let ident = text(draft.ident);
        let body = match body {
            Some(Body::Window(body)) => body,
            Some(Body::Far(from)) => self.far.get(from..).unwrap_or(b""),
            Some(Body::Unpacked) => field::message(&self.unpacker.bytes).unwrap_or(b""),
            None => b"",
        };
        each(&Record {
            stamp: i64::try_from(realtime)
                .ok()
                .map(|micros| Stamp::utc(micros, Precision::Micro)),
            host: text(draft.host),
            ident: if ident.is_empty() {
                text(draft.comm)
            } else {
                ident
            },
            pid: draft.syslog_pid.or(draft.pid),
            body,
            structured: true,
            head: 0,
            writer: 0,
        });
        *self.window = window;
        Some(offset + head.size)
    }

    /// At least `n` bytes of an entry, the window moved there if need be; `None` beyond the end.
    fn window_at(&mut self, room: &Room, n: u64) -> Option<&[u8]> {
        let (n, offset) = (usize::try_from(n).ok()?, room.offset);
        if self.window.get(offset, n).is_none() {
            // The data of an entry stands between it and the entry before.
            let back = offset.saturating_sub(Window::BYTES as u64 / 2);
            self.window.load(self.from, room.behind.clamp(back, offset));
        }
        self.window.get(offset, n)
    }

    #[inline]
    fn item(&mut self, window: &Window, index: usize, at: u64, draft: &mut Draft) {
        let id = match self.facts.at_item(index, at) {
            Some(id) => id,
            None => match self.look(window, index, at, draft) {
                Some(id) => id,
                None => return,
            },
        };
        match self.facts.get(id) {
            Fact::Message => draft.message = Some(at),
            Fact::Host(_) => draft.host = Some(id),
            Fact::Ident(_) => draft.ident = Some(id),
            Fact::Comm(_) => draft.comm = Some(id),
            Fact::SyslogPid(pid) => draft.syslog_pid = *pid,
            Fact::Pid(pid) => draft.pid = *pid,
            Fact::Other => {}
            Fact::Damaged => self.losses.n_fields += 1,
        }
    }

    /// What an object says that the entry before did not have in this place; `None`: it needs no remembering.
    fn look(&mut self, window: &Window, index: usize, at: u64, draft: &mut Draft) -> Option<Id> {
        let near = window
            .get(at, self.layout.data_head)
            .and_then(|bytes| object::data(bytes, &self.layout))
            .filter(|data| !data.cut && at.is_multiple_of(8));
        if let Some(data) = near {
            if data.packing == Packing::Plain {
                match Fact::of(data.payload) {
                    Fact::Other => return None,
                    Fact::Message => {
                        draft.message = Some(at);
                        return None;
                    }
                    fact => {
                        let known = self.facts.find(index, at);
                        return Some(known.unwrap_or_else(|| self.facts.keep(index, at, fact)));
                    }
                }
            }
            if let Some(id) = self.facts.find(index, at) {
                return Some(id);
            }
            let fact = self.packed(at, &data);
            return Some(self.facts.keep(index, at, fact));
        }
        if let Some(id) = self.facts.find(index, at) {
            return Some(id);
        }
        let fact = self.distant(at);
        Some(self.facts.keep(index, at, fact))
    }

    /// What an object outside the window says.
    fn distant(&mut self, at: u64) -> Fact {
        if !self.read_far(at, FAR) {
            return Fact::Damaged;
        }
        match object::data(self.far, &self.layout) {
            Some(data) if data.packing == Packing::Plain => return Fact::of(data.payload),
            Some(_) => {}
            None => return Fact::Damaged,
        }
        if !self.read_far(at, FAR_PACKED) {
            return Fact::Damaged;
        }
        let far = std::mem::take(self.far);
        let fact = object::data(&far, &self.layout);
        let fact = fact.map_or(Fact::Damaged, |data| self.packed(at, &data));
        *self.far = far;
        fact
    }

    /// What a compressed payload says. The whole of it stays in `unpacker`.
    fn packed(&mut self, at: u64, data: &Data<'_>) -> Fact {
        self.unpacked = 0;
        let unpacked = self.unpack(data);
        if unpacked == Unpacked::Damaged {
            return Fact::Damaged;
        }
        let fact = Fact::of(&self.unpacker.bytes);
        if fact == Fact::Message && unpacked == Unpacked::Whole {
            self.unpacked = at;
        }
        fact
    }

    fn unpack(&mut self, data: &Data<'_>) -> Unpacked {
        let limit = MESSAGE_MAX.min(self.left_bytes);
        if limit == 0 {
            return Unpacked::Damaged;
        }
        let unpacked = self.unpacker.unpack(data, limit);
        self.left_bytes = self.left_bytes.saturating_sub(self.unpacker.bytes.len());
        unpacked
    }

    /// The message of the object at `at`.
    fn message<'w>(&mut self, window: &'w Window, at: u64) -> Option<Body<'w>> {
        if self.unpacked == at {
            return Some(Body::Unpacked);
        }
        let near = window
            .get(at, self.layout.data_head)
            .and_then(|bytes| object::data(bytes, &self.layout))
            .filter(|data| !data.cut);
        let body = match near {
            Some(data) if data.packing == Packing::Plain => {
                let text = field::message(data.payload)?;
                let n = text.len().min(MESSAGE_MAX).min(self.left_bytes);
                self.left_bytes -= n;
                self.losses.n_cut += u64::from(n < text.len());
                text.get(..n).map(Body::Window)
            }
            Some(data) => self.packed_message(&data),
            None => self.far_message(at),
        };
        self.losses.n_fields += u64::from(body.is_none());
        body
    }

    fn packed_message<'w>(&mut self, data: &Data<'_>) -> Option<Body<'w>> {
        self.unpacked = 0;
        match self.unpack(data) {
            Unpacked::Damaged => return None,
            Unpacked::Start => self.losses.n_cut += 1,
            Unpacked::Whole => {}
        }
        Some(Body::Unpacked)
    }

    fn far_message<'w>(&mut self, at: u64) -> Option<Body<'w>> {
        if !self.read_far(at, FAR) {
            return None;
        }
        let size = usize::try_from(object::head(self.far)?.size).unwrap_or(usize::MAX);
        let limit = MESSAGE_MAX.min(self.left_bytes) + self.layout.data_head;
        if size > FAR && !self.read_far(at, size.min(limit)) {
            return None;
        }
        let far = std::mem::take(self.far);
        let body = object::data(&far, &self.layout).and_then(|data| {
            if data.packing != Packing::Plain {
                return self.packed_message(&data);
            }
            self.losses.n_cut += u64::from(data.cut);
            self.left_bytes = self.left_bytes.saturating_sub(data.payload.len());
            let text = field::message(data.payload)?;
            Some(Body::Far(
                self.layout.data_head + data.payload.len() - text.len(),
            ))
        });
        *self.far = far;
        body
    }

    /// Reads up to `n` bytes of the object at `at` into `far`, none of what follows it.
    fn read_far(&mut self, at: u64, n: usize) -> bool {
        let Some(left) = self.left_reads.checked_sub(1) else {
            return false;
        };
        if !at.is_multiple_of(8) {
            return false;
        }
        self.left_reads = left;
        self.far.resize(n, 0);
        let n = self.from.read_at(at, self.far);
        self.far.truncate(n);
        let Some(head) = object::head(self.far) else {
            return false;
        };
        self.far
            .truncate(usize::try_from(head.size).unwrap_or(usize::MAX));
        true
    }
}

/// Where a message is.
#[derive(Clone, Copy, Debug)]
enum Body<'w> {
    /// In the window.
    Window(&'w [u8]),
    /// In the far object, from this byte to its end.
    Far(usize),
    /// In the unpacker.
    Unpacked,
}
