//! A journal whose bytes come once and in order: from an archive, a compressed file, standard input.
//!
//! Objects are only ever appended, and an entry stands behind its data. So one pass over all objects gives the same entries,
//! in the same order, as the list of entries does, if what later entries share is kept meanwhile (`keep`).

use super::bytes::u64_at;
use super::entry::BLOCK_BYTES;
use super::entry::ITEMS_MAX;
use super::entry::MESSAGE_MAX;
use super::entry::REALTIME_END;
use super::field;
use super::field::Fact;
use super::header;
use super::header::Header;
use super::keep::Keep;
use super::keep::Payload;
use super::object;
use super::object::ENTRY_HEAD;
use super::object::Head;
use super::object::Layout;
use super::object::Packing;
use super::tape::Tape;
use super::unpack::Unpacked;
use super::unpack::Unpacker;
use crate::base::Precision;
use crate::base::Stamp;
use crate::base::thousands;
use crate::carrier::Record;
use std::io::Read;

/// Bytes of an object that are looked at; of a longer one the start.
const OBJECT_MAX: usize = MESSAGE_MAX + 128;

/// Reads the entries of a journal in order.
pub struct Forward<R> {
    tape: Tape<R>,
    header: Header,
    layout: Layout,
    /// Offset of the next object.
    at: u64,
    /// Where the journal ends, as its header says.
    end: u64,
    keep: Keep,
    unpacker: Unpacker,
    /// The last message.
    body: Vec<u8>,
    left_bytes: usize,
    /// The bytes before `at` were no object.
    lost: bool,
    n_entries: u64,
    n_lost: u64,
    n_damaged: u64,
    n_cut: u64,
    n_forgotten: u64,
    unread: Option<String>,
}

/// What an entry says of itself; its data are looked up.
#[derive(Clone, Debug, Default)]
struct Draft {
    host: Option<u64>,
    ident: Option<u64>,
    comm: Option<u64>,
    syslog_pid: Option<u32>,
    pid: Option<u32>,
    has_message: bool,
}

impl<R: Read> Forward<R> {
    /// Entries of a block, as when the file is read from disk.
    pub const BLOCK: u64 = super::chain::SLOTS;

    /// Looks at the header.
    pub fn new(inner: R) -> Self {
        let mut tape = Tape::new(inner);
        let head = tape.peek(0, 4096).to_vec();
        let (header, unread) = match header::read(head.as_slice()) {
            Ok(header) => (header, None),
            Err(why) => (Header::default(), Some(why)),
        };
        let end = if header.damaged {
            u64::MAX
        } else {
            header.n_used
        };
        Forward {
            tape,
            header,
            layout: Layout::new(header.compact),
            at: header.objects_at,
            end,
            keep: Keep::new(),
            unpacker: Unpacker::default(),
            body: Vec::new(),
            left_bytes: BLOCK_BYTES,
            lost: false,
            n_entries: 0,
            n_lost: 0,
            n_damaged: 0,
            n_cut: 0,
            n_forgotten: 0,
            unread,
        }
    }

    /// Reads on to the next entry; `each` gets its offset and its record. Returns its number, from 0; `None`: the end.
    pub fn next(&mut self, each: impl FnOnce(u64, &Record<'_>)) -> Option<u64> {
        if self.unread.is_some() {
            return None;
        }
        loop {
            let (head, fits) = self.object()?;
            let at = self.at;
            let next = at.saturating_add(head.size).checked_next_multiple_of(8)?;
            let n = usize::try_from(head.size).map_or(OBJECT_MAX, |n| n.min(OBJECT_MAX));
            let mut draft = None;
            match head.kind {
                object::DATA => self.data(at, n),
                object::ENTRY => draft = self.entry(at, n),
                _ => {}
            }
            self.lost = !fits;
            self.at = if fits { next } else { at + 8 };
            if head.kind != object::ENTRY {
                continue;
            }
            let number = self.n_entries;
            self.n_entries += 1;
            if self.n_entries.is_multiple_of(Self::BLOCK) {
                self.left_bytes = BLOCK_BYTES;
            }
            match draft {
                Some((realtime, draft)) => self.give(at, realtime, &draft, each),
                None => self.n_damaged += 1,
            }
            return Some(number);
        }
    }

    /// What is missing, for the report; `None`: nothing.
    pub fn problem(&self) -> Option<String> {
        if let Some(error) = &self.tape.error {
            return Some(error.to_string());
        }
        if self.unread.is_some() {
            return self.unread.clone();
        }
        let mut problems = Vec::new();
        if self.header.damaged {
            problems.push("the file header is damaged".to_owned());
        }
        let (there, used) = (self.tape.n_read(), self.header.n_used);
        if there < used && !self.header.damaged {
            problems.push(format!(
                "the file is cut: {} of {} bytes are there",
                thousands(there),
                thousands(used)
            ));
        }
        if let Some(n) = self.header.n_entries.checked_sub(self.n_entries)
            && n > 0
        {
            let all = thousands(self.header.n_entries);
            problems.push(format!("{} of {all} entries are missing", thousands(n)));
        }
        let counts = [
            (self.n_lost, "bytes that are no object, left out"),
            (self.n_damaged, "entries damaged or cut off"),
            (self.n_cut, "messages too long, cut"),
            (
                self.n_forgotten,
                "entries without message, which may repeat one that stands too far before it (unpack the file to read them)",
            ),
        ];
        for (n, what) in counts.into_iter().filter(|(n, _)| *n > 0) {
            problems.push(format!("{what}: {}", thousands(n)));
        }
        (!problems.is_empty()).then(|| problems.join("; "))
    }

    /// The object at `self.at`, or the next one behind what is none; and whether something sound follows it.
    fn object(&mut self) -> Option<(Head, bool)> {
        loop {
            let head = self.tape.peek(self.at, 16);
            if head.len() < 16 {
                return None;
            }
            if head.starts_with(&[0; 16]) {
                // Room that the writer took in advance.
                self.at += 8;
                continue;
            }
            if let Some(head) = sound(head, self.at, self.end) {
                let next = self.at.saturating_add(head.size);
                let next = next.checked_next_multiple_of(8).unwrap_or(u64::MAX);
                let fits = self.is_boundary(next);
                let found = if self.lost {
                    self.is_entry(&head) || head.kind != object::ENTRY && self.is_followed(next)
                } else {
                    fits || self.is_entry(&head)
                };
                if found {
                    return Some((head, fits));
                }
            }
            self.lost = true;
            self.n_lost += 8;
            self.at += 8;
        }
    }

    /// An object may end at `next`: another one follows, or nothing. What lies too far ahead is believed.
    fn is_boundary(&mut self, next: u64) -> bool {
        if next - self.at > OBJECT_MAX as u64 {
            return next <= self.end;
        }
        let n = usize::try_from(next - self.at).unwrap_or(0);
        let ahead = self.tape.peek(self.at, n + 16).get(n..).unwrap_or(&[]);
        ahead.len() < 16 || ahead.starts_with(&[0; 16]) || sound(ahead, next, self.end).is_some()
    }

    /// Another object stands at `next`: what lies before it is most likely one too.
    fn is_followed(&mut self, next: u64) -> bool {
        let n = usize::try_from(next - self.at).unwrap_or(usize::MAX);
        let ahead = self
            .tape
            .peek(self.at, n.min(OBJECT_MAX).saturating_add(16));
        let ahead = ahead.get(n..).filter(|ahead| ahead.len() == 16);
        ahead.is_some_and(|ahead| sound(ahead, next, self.end).is_some())
    }

    /// Text of a stranger may look like an object's head: after damage only an entry counts, whose data lie before it.
    fn is_entry(&mut self, head: &Head) -> bool {
        if head.kind != object::ENTRY || head.flags != 0 {
            return false;
        }
        let n = 64 + self.layout.entry_item;
        let at = self.at;
        let entry = self.tape.peek(at, n);
        let first = entry.get(64..).map_or(0, object::offset);
        let (seqnum, realtime) = (u64_at(entry, 16), u64_at(entry, 24));
        entry.len() == n
            && seqnum.is_some_and(|n| n != 0)
            && realtime.is_some_and(|n| n != 0 && n < REALTIME_END)
            && first != 0
            && first.is_multiple_of(8)
            && first < at
    }

    fn data(&mut self, at: u64, n: usize) {
        let bytes = self.tape.peek(at, n);
        let Some(data) = object::data(bytes, &self.layout) else {
            return;
        };
        let payload = |bytes: &[u8]| Payload {
            packing: data.packing,
            bytes: bytes.into(),
            cut: data.cut,
        };
        if data.packing != Packing::Plain {
            self.keep.keep_payload(at, payload(data.payload));
            return;
        }
        match (field::message(data.payload), Fact::of(data.payload)) {
            (Some(text), _) => self.keep.keep_payload(at, payload(text)),
            (None, Fact::Other) => {}
            (None, fact) => self.keep.keep_fact(at, fact),
        }
    }

    /// Reads an entry: its time, and what its items say. `None`: it is damaged.
    fn entry(&mut self, at: u64, n: usize) -> Option<(u64, Draft)> {
        let entry = self.tape.peek(at, n);
        let items = entry.get(usize::try_from(ENTRY_HEAD).ok()?..)?;
        let item = self.layout.entry_item;
        let (seqnum, realtime) = (u64_at(entry, 16)?, u64_at(entry, 24)?);
        let whole = !items.is_empty() && items.len().is_multiple_of(item);
        if !whole || items.len() > ITEMS_MAX * item || seqnum == 0 {
            return None;
        }
        if realtime == 0 || realtime >= REALTIME_END {
            return None;
        }
        let mut draft = Draft::default();
        for item in items.chunks_exact(item) {
            let at = object::offset(item);
            if let Some(fact) = self.keep.fact(at) {
                draft.note(at, fact);
            } else if let Some(payload) = self.keep.payload(at) {
                let limit = MESSAGE_MAX.min(self.left_bytes);
                if payload.packing == Packing::Plain {
                    let text = payload.bytes.get(..limit).unwrap_or(&payload.bytes);
                    self.body.clear();
                    self.body.extend_from_slice(text);
                    let cut = payload.cut || text.len() < payload.bytes.len();
                    self.n_cut += u64::from(cut);
                    self.left_bytes -= text.len();
                    draft.has_message = true;
                    continue;
                }
                let data = object::Data {
                    packing: payload.packing,
                    payload: &payload.bytes,
                    cut: payload.cut,
                };
                let unpacked = self.unpacker.unpack(&data, limit.max(1));
                let bytes = &self.unpacker.bytes;
                self.left_bytes = self.left_bytes.saturating_sub(bytes.len());
                if unpacked == Unpacked::Damaged {
                    continue;
                }
                if let Some(text) = field::message(bytes) {
                    self.body.clear();
                    self.body.extend_from_slice(text);
                    self.n_cut += u64::from(unpacked == Unpacked::Start);
                    draft.has_message = true;
                } else {
                    let fact = Fact::of(bytes);
                    draft.note(at, &fact);
                    self.keep.keep_fact(at, fact);
                }
            }
        }
        Some((realtime, draft))
    }

    fn give(&mut self, at: u64, realtime: u64, draft: &Draft, each: impl FnOnce(u64, &Record<'_>)) {
        if !draft.has_message {
            self.body.clear();
            self.n_forgotten += u64::from(self.keep.has_forgotten());
        }
        let mut text = |at: Option<u64>| -> Box<[u8]> {
            match at.and_then(|at| self.keep.fact(at)) {
                Some(Fact::Host(text) | Fact::Ident(text) | Fact::Comm(text)) => text.clone(),
                _ => Box::default(),
            }
        };
        let (host, mut ident) = (text(draft.host), text(draft.ident));
        if ident.is_empty() {
            ident = text(draft.comm);
        }
        let micros = i64::try_from(realtime).ok();
        let record = Record {
            stamp: micros.map(|micros| Stamp::utc(micros, Precision::Micro)),
            host: &host,
            ident: &ident,
            pid: draft.syslog_pid.or(draft.pid),
            body: &self.body,
            structured: true,
            head: 0,
            writer: 0,
        };
        each(at, &record);
    }
}

impl Draft {
    fn note(&mut self, at: u64, fact: &Fact) {
        match fact {
            Fact::Host(_) => self.host = Some(at),
            Fact::Ident(_) => self.ident = Some(at),
            Fact::Comm(_) => self.comm = Some(at),
            Fact::SyslogPid(pid) => self.syslog_pid = *pid,
            Fact::Pid(pid) => self.pid = *pid,
            Fact::Message | Fact::Other | Fact::Damaged => {}
        }
    }
}

/// The head of an object that may stand at `at`.
fn sound(bytes: &[u8], at: u64, end: u64) -> Option<Head> {
    let (head, reserved) = (object::head(bytes)?, bytes.get(2..8)?);
    let sound = (1..=object::TYPE_MAX).contains(&head.kind)
        && head.flags <= 4
        && reserved == [0; 6]
        && head.size >= object::HEAD
        && head.size <= end.saturating_sub(at);
    sound.then_some(head)
}
