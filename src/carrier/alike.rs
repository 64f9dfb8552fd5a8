//! Records of a journal that differ from the last one of their writer in a few values.
//!
//! journalctl writes some twenty fields with each message. All but the cursor, the times and the message are the same as long as
//! the same process writes: what is the same is compared in whole pieces, and only the other values are looked at. Any record that
//! looks like none before is read field by field, and says the same.

use crate::base::Precision;
use crate::base::Stamp;
use crate::base::bits_of;
use crate::base::bits_of_no_string;
use crate::base::decimal;
use crate::base::find_far;
use crate::carrier::form::Head;

/// Looks that are remembered at a time: each process that writes by turns has its own.
const LOOKS: usize = 4;
/// Values that may differ; journalctl writes five times and a cursor.
const VALUES_MAX: usize = 16;
/// Longest record whose look is remembered, bytes.
const RECORD_MAX: usize = 8 << 10;
/// Records of a block that may be compared in vain, beside those that were found alike.
const TRIES: usize = 64;

/// How the records of a block look.
#[derive(Debug, Default)]
pub(super) struct Alike {
    looks: Vec<Look>,
    /// Number of the look of the last record.
    last: usize,
    /// Number of the look that goes when there are too many.
    oldest: usize,
    /// The last records that were read field by field, each in its place.
    before: [Before; LOOKS],
    n_learned: u32,
    n_tried: usize,
    n_found: usize,
}

/// A record that was read field by field.
#[derive(Debug, Default)]
struct Before {
    raw: Vec<u8>,
    ident: Vec<u8>,
    pid: Option<u32>,
}

impl Before {
    fn take(&mut self, raw: &[u8], head: &Head<'_>) {
        self.raw.clear();
        self.raw.extend_from_slice(raw);
        self.ident.clear();
        self.ident.extend_from_slice(head.ident);
        self.pid = head.pid;
    }
}

/// What is the same in consecutive records of one writer.
#[derive(Debug)]
pub(super) struct Look {
    style: Style,
    /// All that stays, up to where the next record begins.
    fixed: Vec<u8>,
    /// What does not.
    values: Vec<Value>,
    pub(super) host: Box<[u8]>,
    pub(super) ident: Box<[u8]>,
    pub(super) pid: Option<u32>,
    /// Its number, from 1 on.
    pub(super) writer: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Style {
    /// `NAME=value`, a line each.
    Export,
    /// `"NAME":"value"`, all on one line.
    Json,
}

/// A value that is another one in each record.
#[derive(Clone, Copy, Debug)]
struct Value {
    /// Where the bytes before it end in `fixed`.
    to: usize,
    role: Role,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    Stamp,
    Message,
    Other,
}

/// A record that looks like one before.
pub(super) struct Found<'l, 'a> {
    pub(super) look: &'l Look,
    pub(super) stamp: Stamp,
    /// As it stands: the inside of a string in JSON.
    pub(super) message: &'a [u8],
    /// Bytes up to the next record.
    pub(super) n_bytes: usize,
}

impl Found<'_, '_> {
    /// The message is the inside of a JSON string.
    pub(super) fn is_escaped(&self) -> bool {
        self.look.style == Style::Json
    }
}

impl Alike {
    /// The record at the start of `bytes`, when it looks like one before.
    #[inline(always)]
    pub(super) fn find<'l, 'a>(&'l mut self, bytes: &'a [u8]) -> Option<Found<'l, 'a>> {
        let n = self.looks.len();
        for turn in 0..n {
            let number = (self.last + turn) % n;
            let found = self.looks.get(number).and_then(|look| look.find(bytes));
            if let Some((stamp, message, n_bytes)) = found {
                self.last = number;
                self.n_found += 1;
                return Some(Found {
                    look: self.looks.get(number)?,
                    stamp,
                    message,
                    n_bytes,
                });
            }
        }
        None
    }

    /// Compares a record that was read field by field with those before it.
    pub(super) fn learn(&mut self, raw: &[u8], head: &Head<'_>) {
        if raw.len() > RECORD_MAX || self.n_tried > TRIES + self.n_found {
            return;
        }
        let mut before = self.before.iter();
        let same = before.position(|it| it.pid == head.pid && it.ident == head.ident);
        let place = same.unwrap_or(self.n_tried % LOOKS);
        let Some(before) = self.before.get_mut(place) else {
            return;
        };
        let look = match raw {
            _ if same.is_none() => None,
            [b'{', ..] => Look::of_json(&before.raw, raw),
            _ => Look::of_export(&before.raw, raw),
        };
        let look = look.filter(Look::is_whole);
        before.take(raw, head);
        self.n_tried += 1;
        let Some(look) = look else { return };
        self.n_learned += 1;
        let look = Look {
            host: head.host.into(),
            ident: head.ident.into(),
            pid: head.pid,
            writer: self.n_learned,
            ..look
        };
        if self.looks.len() < LOOKS {
            self.looks.push(look);
        } else if let Some(there) = self.looks.get_mut(self.oldest) {
            *there = look;
            self.oldest = (self.oldest + 1) % LOOKS;
        }
    }
}

impl Look {
    fn new(style: Style) -> Look {
        Look {
            style,
            fixed: Vec::new(),
            values: Vec::new(),
            host: Box::default(),
            ident: Box::default(),
            pid: None,
            writer: 0,
        }
    }

    /// A stamp and a message are among its values, once each.
    fn is_whole(&self) -> bool {
        let n = |role| {
            self.values
                .iter()
                .filter(|value| value.role == role)
                .count()
        };
        n(Role::Stamp) == 1 && n(Role::Message) == 1 && self.values.len() <= VALUES_MAX
    }

    /// The stamp and the message of a record that looks so, and how long it is.
    #[inline(always)]
    fn find<'a>(&self, bytes: &'a [u8]) -> Option<(Stamp, &'a [u8], usize)> {
        let (mut stamp, mut message) = (None, None);
        let (mut from, mut rest) = (0, bytes);
        for value in &self.values {
            rest = rest.strip_prefix(self.fixed.get(from..value.to)?)?;
            from = value.to;
            let n = match self.style {
                Style::Export => end_of_line(rest)?,
                Style::Json => end_of_string(rest)?,
            };
            let (text, after) = rest.split_at_checked(n)?;
            rest = after;
            match value.role {
                Role::Stamp => stamp = decimal(text).and_then(|micros| i64::try_from(micros).ok()),
                Role::Message => message = Some(text),
                Role::Other => {}
            }
        }
        let rest = rest.strip_prefix(self.fixed.get(from..)?)?;
        let message = message?;
        // Blanks at the end of a record, and before the end of a line, are left to the long way.
        if self.style == Style::Export && ends_blank(message) {
            return None;
        }
        let n_bytes = bytes.len() - rest.len();
        let n_bytes = match self.style {
            Style::Export => n_bytes - NEXT.len(),
            Style::Json => n_bytes,
        };
        Some((Stamp::utc(stamp?, Precision::Micro), message, n_bytes))
    }

    /// What two records of the export format have in common; `None`: they do not look alike.
    fn of_export(before: &[u8], raw: &[u8]) -> Option<Look> {
        let mut look = Look::new(Style::Export);
        let (mut old, mut new) = (before.split(is_feed), raw.split(is_feed));
        loop {
            let (old, new) = match (old.next(), new.next()) {
                (None, None) => break,
                (old, new) => (old?, new?),
            };
            // A field of its own form, or one that a tool rewrote.
            if new.contains(&b'\r') {
                return None;
            }
            let (name, value) = new.split_at_checked(memchr::memchr(b'=', new)? + 1)?;
            let old_value = old.strip_prefix(name)?;
            let name = name.strip_suffix(b"=")?;
            look.fixed.extend_from_slice(name);
            look.fixed.push(b'=');
            look.value(name, value, old_value == value)?;
            look.fixed.push(b'\n');
        }
        look.fixed.push(b'\n');
        look.fixed.extend_from_slice(NEXT);
        Some(look)
    }

    /// The same of two objects on a line each.
    fn of_json(before: &[u8], raw: &[u8]) -> Option<Look> {
        let mut look = Look::new(Style::Json);
        let (mut old, mut new) = (before, raw);
        let mut name: &[u8] = b"";
        // What stands between two strings, and is neither of them.
        while let (Some(n), Some(m)) = (memchr::memchr(b'"', old), memchr::memchr(b'"', new)) {
            let (between, rest) = new.split_at_checked(m + 1)?;
            if old.get(..n + 1)? != between {
                return None;
            }
            look.fixed.extend_from_slice(between);
            let old_rest = old.get(n + 1..)?;
            let (old_text, old_after) = old_rest.split_at_checked(end_of_string(old_rest)?)?;
            let (text, after) = rest.split_at_checked(end_of_string(rest)?)?;
            let is_value = between.ends_with(b":\"");
            let is_same = old_text == text;
            if is_value {
                look.value(name, text, is_same)?;
            } else if is_same {
                look.fixed.extend_from_slice(text);
            } else {
                return None;
            }
            name = text;
            look.fixed.push(b'"');
            (old, new) = (old_after.get(1..)?, after.get(1..)?);
        }
        if old != new {
            return None;
        }
        look.fixed.extend_from_slice(new);
        look.fixed.push(b'\n');
        Some(look)
    }

    /// A value of both records; `None`: it tells who writes, and differs, or was told before.
    fn value(&mut self, name: &[u8], value: &[u8], is_same: bool) -> Option<()> {
        let role = match name {
            b"__REALTIME_TIMESTAMP" => Role::Stamp,
            b"MESSAGE" => Role::Message,
            b"_HOSTNAME" | b"SYSLOG_IDENTIFIER" | b"_COMM" | b"SYSLOG_PID" | b"_PID"
                if !is_same =>
            {
                return None;
            }
            _ => Role::Other,
        };
        if is_same && role == Role::Other {
            self.fixed.extend_from_slice(value);
        } else {
            let to = self.fixed.len();
            self.values.push(Value { to, role });
        }
        Some(())
    }
}

/// How the next record of the export format begins.
const NEXT: &[u8] = b"__CURSOR=";

fn is_feed(byte: &u8) -> bool {
    *byte == b'\n'
}

fn ends_blank(text: &[u8]) -> bool {
    text.last().is_none_or(u8::is_ascii_whitespace)
}

/// Where the line ends; the values but for the message are short.
#[inline(always)]
fn end_of_line(bytes: &[u8]) -> Option<usize> {
    if let Some(near) = bytes.first_chunk::<32>() {
        let bits = bits_of(b'\n', near);
        if bits != 0 {
            return Some(bits.trailing_zeros() as usize);
        }
    }
    find_far(b'\n', bytes)
}

/// Where the string ends, of which the quote before it was read; `None`: it does not, or it holds what no string does.
#[inline(always)]
fn end_of_string(bytes: &[u8]) -> Option<usize> {
    let mut from = 0;
    loop {
        let at = from + end_of_piece(bytes.get(from..)?)?;
        match bytes.get(at)? {
            b'"' => return Some(at),
            b'\\' => from = at + 2,
            _ => return None,
        }
    }
}

/// The first byte that is not one of the string as it is.
#[inline(always)]
fn end_of_piece(bytes: &[u8]) -> Option<usize> {
    let mut from = 0;
    while let Some(row) = bytes.get(from..).and_then(|rest| rest.first_chunk::<32>()) {
        let bits = bits_of_no_string(row);
        if bits != 0 {
            return Some(from + bits.trailing_zeros() as usize);
        }
        from += 32;
    }
    let rest = bytes.get(from..)?;
    let ends = |&c: &u8| c == b'"' || c == b'\\' || c < b' ';
    Some(from + rest.iter().position(ends)?)
}

#[cfg(test)]
mod tests {
    use crate::carrier::Framing;
    use crate::carrier::Reader;
    use crate::carrier::frames;

    /// Offset, stamp, writer and message of each record.
    type Said = Vec<(usize, String)>;

    fn said(offset: usize, record: &crate::carrier::Record<'_>) -> (usize, String) {
        let text = format!(
            "{:?} {} {} {:?} {} {}",
            record.stamp,
            record.host.escape_ascii(),
            record.ident.escape_ascii(),
            record.pid,
            record.body.escape_ascii(),
            record.structured,
        );
        (offset, text)
    }

    /// Field by field, as if each record were the first one.
    fn one_by_one(framing: Framing, block: &[u8]) -> Said {
        let each = frames(framing, block);
        each.map(|frame| said(frame.offset, &Reader::new(framing).read(frame.raw)))
            .collect()
    }

    /// As they look, and how many looked like one before.
    fn as_they_look(framing: Framing, block: &[u8]) -> (Said, usize) {
        let (mut all, mut n_alike) = (Said::new(), 0);
        let mut reader = Reader::new(framing);
        let mut frames = frames(framing, block);
        loop {
            if let Some((record, n)) = reader.alike(frames.rest()) {
                all.push(said(frames.offset(), &record));
                n_alike += 1;
                frames.skip_bytes(n);
            } else {
                let Some(frame) = frames.next() else { break };
                all.push(said(frame.offset, &reader.read(frame.raw)));
            }
        }
        (all, n_alike)
    }

    #[track_caller]
    fn check(framing: Framing, block: &[u8]) -> usize {
        let (got, n_alike) = as_they_look(framing, block);
        let want = one_by_one(framing, block);
        for (got, want) in got.iter().zip(&want) {
            assert_eq!(got, want, "{}", block.escape_ascii());
        }
        assert_eq!(got.len(), want.len(), "{}", block.escape_ascii());
        n_alike
    }

    fn export(n: u64, program: &str, pid: u32, message: &str) -> String {
        format!(
            "__CURSOR=s=1;i={n:x}\n__REALTIME_TIMESTAMP={}\n_TRANSPORT=syslog\nSYSLOG_IDENTIFIER={program}\n_HOSTNAME=proxy01\n_PID={pid}\n_COMM={program}\nSYSLOG_TIMESTAMP=Jun  5 00:00:0{}\nMESSAGE={message}\n\n",
            1_780_617_600_000_872 + n * 1000,
            n % 3,
        )
    }

    fn json(n: u64, program: &str, pid: u32, message: &str) -> String {
        format!(
            "{{\"__CURSOR\":\"s=1;i={n:x}\",\"__REALTIME_TIMESTAMP\":\"{}\",\"_TRANSPORT\":\"syslog\",\"MESSAGE\":\"{message}\",\"SYSLOG_IDENTIFIER\":\"{program}\",\"_HOSTNAME\":\"proxy01\",\"SYSLOG_PID\":\"{pid}\"}}\n",
            1_780_617_600_000_872 + n * 1000,
        )
    }

    /// Number, program, pid and message -> a record.
    type Write = fn(u64, &str, u32, &str) -> String;

    const STYLES: [(Framing, Write); 2] = [(Framing::Export, export), (Framing::Lines, json)];

    #[test]
    fn records_of_one_writer_look_alike_from_the_third_on() {
        for (framing, write) in STYLES {
            let all: String = (0..20).map(|n| write(n, "haproxy", 7, "a b c")).collect();
            // The last record of the export format is not followed by another one.
            let n = if framing == Framing::Export { 17 } else { 18 };
            assert_eq!(check(framing, all.as_bytes()), n);
            let by_turns: String = (0..40)
                .map(|n| match n % 7 {
                    3 => write(n, "sshd", if n % 2 == 0 { 9000 } else { 9001 }, "no"),
                    _ => write(n, "haproxy", u32::from(n % 2 == 0), r#"\"GET /\u00fc\\\""#),
                })
                .collect();
            assert!(check(framing, by_turns.as_bytes()) > 20);
        }
    }

    #[test]
    fn whatever_is_changed_a_record_says_what_it_says_field_by_field() {
        let mut state = 5_u32;
        let mut next = |n: usize| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as usize % n
        };
        let mut n_alike = 0;
        for _ in 0..3000 {
            let (framing, write) = STYLES[next(2)];
            let mut all = String::new();
            for n in 0..12 {
                let message = ["x", "a \\\\ b", "", " y ", "__CURSOR=", "a=b"][next(6)];
                let program = ["haproxy", "haproxy", "haproxy", "sshd"][next(4)];
                all += &write(n, program, 7 + u32::from(next(8) == 0), message);
            }
            let mut all = all.into_bytes();
            for _ in 0..next(4) {
                let bytes = b"\n\r \"\\={}:,_1x\0\xff";
                let byte = bytes[next(bytes.len())];
                let at = next(all.len());
                match next(3) {
                    0 => all[at] = byte,
                    1 => all.insert(at, byte),
                    _ => drop(all.remove(at)),
                }
            }
            n_alike += check(framing, &all);
        }
        assert!(n_alike > 10_000, "{n_alike}");
    }
}
