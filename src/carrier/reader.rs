//! Raw frames -> records, with one memory: lines of the same second and process share their prefix byte for byte.

use crate::base::Parts;
use crate::carrier::Framing;
use crate::carrier::Record;
use crate::carrier::alike::Alike;
use crate::carrier::form;
use crate::carrier::form::Body;
use crate::carrier::form::Head;

/// Reads the records of one block. What it remembers only saves work: it never changes what a record says.
#[derive(Debug)]
pub struct Reader {
    framing: Framing,
    /// Bytes of the last plain prefix, up to the body; empty when there is none.
    prefix: Vec<u8>,
    /// The same, when it has the length of most.
    prefix_parts: Parts,
    /// What that prefix said, with ranges in place of slices.
    said: Said,
    /// Prefixes remembered so far: the number of the last one.
    n_prefixes: u32,
    /// Unescaped message of the last structured record.
    message: Vec<u8>,
    /// How the records of a structured carrier look.
    alike: Alike,
    /// A message that its carrier cut in parts, as far as it was read.
    parts: Vec<u8>,
    /// The next record goes on with `parts`.
    goes_on: bool,
}

/// Longest message put together of parts, bytes; what is beyond is left out.
const PARTS_MAX: usize = 1 << 20;

#[derive(Clone, Copy, Debug, Default)]
struct Said {
    stamp: Option<crate::base::Stamp>,
    host: (usize, usize),
    ident: (usize, usize),
    pid: Option<u32>,
}

impl Reader {
    /// A reader for one block of a log that is framed so.
    pub fn new(framing: Framing) -> Self {
        Reader {
            framing,
            prefix: Vec::with_capacity(128),
            prefix_parts: Parts::default(),
            said: Said::default(),
            n_prefixes: 0,
            message: Vec::new(),
            alike: Alike::default(),
            parts: Vec::new(),
            goes_on: false,
        }
    }

    /// Reads one frame.
    pub fn read<'a>(&'a mut self, raw: &'a [u8]) -> Record<'a> {
        match self.body(raw) {
            Some(body) => self.record(raw, body),
            None => self.read_afresh(raw),
        }
    }

    /// The message in a line that begins as the last one did; `None`: it has to be read.
    #[inline(always)]
    pub fn body<'a>(&self, raw: &'a [u8]) -> Option<&'a [u8]> {
        match self.prefix_parts.n_bytes() {
            0 => self.behind_another_length(raw),
            n => {
                let (prefix, body) = raw.split_at_checked(n)?;
                (Parts::of(prefix)? == self.prefix_parts).then_some(body)
            }
        }
    }

    #[inline(never)]
    fn behind_another_length<'a>(&self, raw: &'a [u8]) -> Option<&'a [u8]> {
        raw.strip_prefix(self.prefix.as_slice())
            .filter(|_| !self.prefix.is_empty())
    }

    /// What [`Record::head`] says of such a line.
    #[inline(always)]
    pub fn head(&self) -> u32 {
        self.n_prefixes
    }

    /// The record of such a line.
    #[inline(always)]
    pub fn record<'a>(&self, raw: &'a [u8], body: &'a [u8]) -> Record<'a> {
        let part = |(from, to): (usize, usize)| raw.get(from..to).unwrap_or(b"");
        Record {
            stamp: self.said.stamp,
            host: part(self.said.host),
            ident: part(self.said.ident),
            pid: self.said.pid,
            body,
            structured: false,
            head: self.n_prefixes,
            writer: 0,
        }
    }

    /// The record at the start of `bytes`, of a structured carrier, when it looks like one before, and how many bytes it takes.
    #[inline(always)]
    pub fn alike<'a>(&'a mut self, bytes: &'a [u8]) -> Option<(Record<'a>, usize)> {
        if self.goes_on {
            return None;
        }
        let found = self.alike.find(bytes)?;
        let body = if found.is_escaped() {
            self.message.clear();
            form::unescape(found.message, &mut self.message);
            self.message.trim_ascii_end()
        } else {
            found.message
        };
        let record = Record {
            stamp: Some(found.stamp),
            host: &found.look.host,
            ident: &found.look.ident,
            pid: found.look.pid,
            body,
            structured: true,
            head: 0,
            writer: found.look.writer,
        };
        Some((record, found.n_bytes))
    }

    #[inline(never)]
    fn read_afresh<'a>(&'a mut self, raw: &'a [u8]) -> Record<'a> {
        self.prefix.clear();
        self.prefix_parts = Parts::default();
        let Some(head) = form::read(self.framing, raw) else {
            self.goes_on = false;
            return Record {
                body: raw.trim_ascii(),
                ..Record::default()
            };
        };
        if self.framing == Framing::Export || raw.starts_with(b"{\"") {
            self.alike.learn(raw, &head);
        }
        let structured = self.framing != Framing::Lines || !matches!(head.body, Body::Plain(_));
        let plain = match head.body {
            Body::Plain(body) => Some(body),
            Body::Json(escaped) => {
                self.message.clear();
                form::unescape(escaped, &mut self.message);
                None
            }
            Body::Bytes(list) => {
                self.message.clear();
                form::gather(list, &mut self.message);
                None
            }
        };
        if head.more || self.goes_on {
            return self.part(&head, plain, structured);
        }
        if let (Some(body), false, false) = (plain, head.wraps, structured) {
            self.remember(raw, &head, body);
            let number = if self.prefix.is_empty() {
                0
            } else {
                self.n_prefixes
            };
            return Record {
                head: number,
                ..record(&head, body, structured)
            };
        }
        let body = plain.unwrap_or_else(|| self.message.trim_ascii_end());
        if head.wraps {
            unwrap(&head, body, structured)
        } else {
            record(&head, body, structured)
        }
    }

    /// A part of a message: an empty record until its last part is there, which is the record of the whole.
    ///
    /// `None`: the part stands in `message`.
    fn part<'a>(
        &'a mut self,
        head: &Head<'a>,
        body: Option<&'a [u8]>,
        structured: bool,
    ) -> Record<'a> {
        if !self.goes_on {
            self.parts.clear();
        }
        let part = body.unwrap_or(&self.message);
        let room = PARTS_MAX.saturating_sub(self.parts.len());
        self.parts
            .extend_from_slice(part.get(..room).unwrap_or(part));
        self.goes_on = head.more;
        if head.more {
            return record(head, b"", structured);
        }
        let whole = self.parts.trim_ascii_end();
        if head.wraps {
            unwrap(head, whole, structured)
        } else {
            record(head, whole, structured)
        }
    }

    fn remember(&mut self, raw: &[u8], head: &Head<'_>, body: &[u8]) {
        // A prefix is remembered only when it ends where a tag ends: the same bytes then always mean the same.
        let length = raw.len() - body.len();
        let Some(prefix) = raw.get(..length) else {
            return;
        };
        if head.ident.is_empty() || !prefix.ends_with(b": ") {
            return;
        }
        let range = |part: &[u8]| {
            let at = memchr::memmem::find(prefix, part)
                .filter(|_| !part.is_empty())
                .unwrap_or(0);
            (at, at + part.len())
        };
        // The identifier stands last, the host before it: search each from its own side.
        let ident_at = memchr::memmem::rfind(prefix, head.ident).unwrap_or(0);
        self.said = Said {
            stamp: head.stamp,
            host: range(head.host),
            ident: (ident_at, ident_at + head.ident.len()),
            pid: head.pid,
        };
        self.prefix.extend_from_slice(prefix);
        self.prefix_parts = Parts::of(prefix).unwrap_or_default();
        self.n_prefixes = self.n_prefixes.wrapping_add(1).max(1);
    }
}

fn record<'a>(head: &Head<'a>, body: &'a [u8], structured: bool) -> Record<'a> {
    Record {
        stamp: head.stamp,
        host: head.host,
        ident: head.ident,
        pid: head.pid,
        body,
        structured,
        head: 0,
        writer: 0,
    }
}

/// A carrier around a carrier (docker or compose around syslog): the inner one knows program and pid, the outer one the zone.
fn unwrap<'a>(outer: &Head<'a>, body: &'a [u8], structured: bool) -> Record<'a> {
    let plain = record(outer, body, structured);
    let Some(inner) = form::read_line(body) else {
        return plain;
    };
    let Body::Plain(inner_body) = inner.body else {
        return plain;
    };
    if inner.ident.is_empty() {
        return plain;
    }
    Record {
        stamp: outer.stamp.or(inner.stamp),
        host: if inner.host.is_empty() {
            outer.host
        } else {
            inner.host
        },
        ident: inner.ident,
        pid: inner.pid.or(outer.pid),
        body: inner_body,
        structured,
        head: 0,
        writer: 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(lines: &[&str], want: &[&str]) {
        let mut reader = Reader::new(Framing::Lines);
        let got: Vec<_> = lines
            .iter()
            .map(|line| String::from_utf8_lossy(reader.read(line.as_bytes()).body).into_owned())
            .collect();
        assert_eq!(got, want);
    }

    #[test]
    fn parts_of_a_message_are_read_as_one() {
        check(
            &[
                "2026-06-05T21:53:47.123456789Z stdout P Server be_app/app1 ",
                "2026-06-05T21:53:47.123456790Z stdout F is DOWN",
                "2026-06-05T21:53:47.123456791Z stdout F x",
            ],
            &["", "Server be_app/app1 is DOWN", "x"],
        );
        let long = "x".repeat(16 << 10);
        check(
            &[
                &format!(
                    "{{\"log\":\"{long}\",\"stream\":\"stdout\",\"time\":\"2026-06-05T21:53:47.1Z\"}}"
                ),
                "{\"log\":\"end\\n\",\"stream\":\"stdout\",\"time\":\"2026-06-05T21:53:47.1Z\"}",
            ],
            &["", &format!("{long}end")],
        );
    }

    #[test]
    fn a_part_without_its_rest_does_not_reach_into_another_carriers_line() {
        check(
            &[
                "2026-06-05T21:53:47.123456789Z stdout P begun ",
                "no carrier",
                "2026-06-05T21:53:47.123456790Z stdout F x",
            ],
            &["", "no carrier", "x"],
        );
    }
}
