//! Traffic lines: in HAProxy's built-in formats, cut or stripped by hand, and in the formats that a configuration declares.
//!
//! Shape: `192.0.2.7:33956 [22/Nov/2026:07:46:17.271] fe_main be_app/app1 0/0/-1/-1/0 503 217 - - SC-- 1/1/0/0/0 0/0 "GET /obs HTTP/1.1"`
//! Source: configuration manual 3.2, "HTTP log format", "TCP log format", "HTTPS log format".

mod accept;
mod anchor;
pub mod format;
mod names;
mod numbers;
mod quick;
mod tail;
mod timers;

use crate::base::find;
use crate::carrier::Record;
use anchor::Brackets;
use format::BUILT_IN;
use format::Formats;
use format::Known;
use timers::Number;
use timers::number;

pub use names::Names;
pub use quick::{BuiltIn, Declared, Quick};
pub use tail::{Counts, Request, Tail};
pub use timers::Timers;

/// What decoding the lines of one block needs: the formats beside the built-in ones, and the last date.
#[derive(Clone, Debug, Default)]
pub struct Memory<'f> {
    dates: accept::Memory,
    formats: Option<&'f Formats>,
    names: Known,
    /// The last head and the last writer, see [`Record`], that were not another program's.
    ours: (u32, u32),
    /// The configurations declare formats of their own.
    declares: bool,
}

impl<'f> Memory<'f> {
    /// With the formats that the configurations of the bundle declare.
    pub fn with(formats: &'f Formats) -> Memory<'f> {
        Memory {
            dates: accept::Memory::default(),
            formats: Some(formats),
            names: Known::default(),
            ours: (0, 0),
            declares: !formats.is_built_in(),
        }
    }

    /// Records with this head are not another program's, as far as is known.
    #[inline(always)]
    pub fn is_ours(&self, head: u32) -> bool {
        head != 0 && head == self.ours.0
    }

    /// The record's identifier is `another` program's; asked once per head and writer.
    #[inline]
    pub(super) fn is_foreign(&mut self, record: &Record<'_>, another: fn(&[u8]) -> bool) -> bool {
        let is_known_writer = record.writer != 0 && record.writer == self.ours.1;
        if is_known_writer || self.is_ours(record.head) {
            return false;
        }
        let is_foreign = another(record.ident);
        self.ours = if is_foreign {
            (0, 0)
        } else {
            (record.head, record.writer)
        };
        is_foreign
    }
}

/// Which formats a line was read by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    /// One of HAProxy's own.
    #[default]
    BuiltIn,
    /// A `log-format` of a configuration.
    Declared,
    /// One that was inferred from the lines.
    Inferred,
}

/// One stream as its log line tells it. Everything borrows from the line; nothing is allocated.
#[derive(Clone, Copy, Debug)]
pub struct Traffic<'a> {
    /// What stands before the accept date, with the client's address and port as its last word; or the address alone.
    before: &'a [u8],
    /// `before` is the address alone.
    is_bare: bool,
    /// When the request began, microseconds on HAProxy's local axis; `None` when the line has no date.
    pub accept: Option<i64>,
    /// How far that axis is ahead of UTC, minutes, when the date says so; `None` for all built-in formats but CLF.
    pub offset_minutes: Option<i16>,
    names: Names<'a>,
    /// Timers, milliseconds.
    pub timers: Timers,
    /// Status sent to the client. `None`: none was sent (`-1`), or a TCP line.
    pub status_code: Option<u16>,
    /// The line has a status, as `option httplog` and its kin have; a tcplog line otherwise.
    pub http: bool,
    bytes_read: Number,
    /// Termination state; the last two are `-` on TCP lines. `None`: the format lacks it.
    pub termination_state: Option<[u8; 4]>,
    /// Which formats it was read by.
    pub source: Source,
    /// The configurations declare another format for its frontend.
    pub undeclared: bool,
    /// What follows the termination state: connection counts, queues, captures, request line.
    pub tail: Tail<'a>,
}

/// What a body turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decoded {
    /// A traffic line, which was written where the caller said.
    Traffic,
    /// A traffic line that cannot be read, and why.
    Broken(&'static str),
    /// A line in a known format that names no backend, or tells no outcome.
    Unjudged,
    /// Something else.
    NotTraffic,
}

/// The server name of a stream that never got a server.
pub const NOSRV: &[u8] = b"<NOSRV>";

impl<'a> Traffic<'a> {
    /// Client address without port; empty when the line has none.
    #[inline]
    pub fn client(&self) -> &'a [u8] {
        if self.is_bare {
            return self.before;
        }
        // Nearly always `before` is `192.0.2.7:33340 ` and nothing else.
        let word = match find(b' ', self.before) {
            Some(at) if at + 1 == self.before.len() => self.before.get(..at).unwrap_or(b""),
            _ => self.last_word_before(),
        };
        // The last colon splits, for IPv6 too: `2001:db8::7:33340`.
        let colon = format::last_colon(word);
        colon.and_then(|at| word.get(..at)).unwrap_or(word)
    }

    #[cold]
    fn last_word_before(&self) -> &'a [u8] {
        let before = self.before.trim_ascii_end();
        memchr::memrchr(b' ', before)
            .and_then(|at| before.get(at + 1..))
            .unwrap_or(before)
    }

    /// The bytes `frontend backend/server` as they stand, a key for tallies: `fe_app~ be_app/app1`. Empty when the three stand
    /// apart in the line's format.
    #[inline]
    pub fn path(&self) -> &'a [u8] {
        self.names.path()
    }

    /// Bytes of the line that the three names follow from, a key for tallies: the path, or what stands for it in a format of a
    /// configuration. Empty when there is nothing of the kind.
    #[inline]
    pub fn key(&self) -> &'a [u8] {
        self.names.key()
    }

    /// An HTTP request that was answered without a fault, as far as the line says how it ended.
    #[inline(always)]
    fn is_fine(&self) -> bool {
        let is_whole = matches!(self.termination_state, None | Some([b'-', b'-', ..]));
        self.http && self.status_code.is_some_and(|status| status < 500) && is_whole
    }

    /// The three names.
    #[inline(always)]
    pub fn names(&self) -> Names<'a> {
        self.names
    }

    /// Frontend name without the `~` of TLS.
    pub fn frontend(&self) -> &'a [u8] {
        self.names.frontend()
    }

    /// The connection came in over TLS.
    pub fn tls(&self) -> bool {
        self.names.is_tls()
    }

    /// Backend name; equals the frontend's when none was selected, or for a `listen` section.
    pub fn backend(&self) -> &'a [u8] {
        self.names.backend()
    }

    /// Server name; empty when the format has none; `<NOSRV>` when no server was selected, `<STATS>` and so on for services of
    /// HAProxy itself.
    #[inline]
    pub fn server(&self) -> &'a [u8] {
        self.names.server()
    }

    /// Bytes sent to the client as logged; `None`: the format lacks them.
    #[inline]
    pub fn bytes_read(&self) -> Option<u64> {
        self.bytes_read.get()
    }

    /// The server field says that no server was selected.
    pub fn is_nosrv(&self) -> bool {
        self.server() == NOSRV
    }

    /// Accept date plus total time: when the line was written, on HAProxy's local axis; without a total time, the accept date.
    #[inline]
    pub fn end(&self) -> Option<i64> {
        Some(self.accept? + i64::from(self.timers.total_ms().unwrap_or(0)) * 1000)
    }
}

/// Decodes one body: the text after the carrier's prefix, or a line with an unknown prefix. A traffic line is written to
/// `line`, which says nothing otherwise.
///
/// A configuration's format wins for the frontends that declare it. Otherwise built-in formats first: they are by far the most
/// frequent.
pub fn decode<'a, 'f: 'a>(
    body: &'a [u8],
    memory: &mut Memory<'f>,
    line: &mut Option<Traffic<'a>>,
) -> Decoded {
    if let Some(formats) = memory.formats
        && formats.read_own(body, &mut memory.dates, &mut memory.names, line)
    {
        return Decoded::Traffic;
    }
    match built_in(body, &mut memory.dates, line) {
        Decoded::Traffic => match memory.formats {
            Some(formats) => formats.confirm(body, &mut memory.dates, line),
            None => Decoded::Traffic,
        },
        other => {
            let formats: &'f Formats = memory.formats.unwrap_or_else(|| &*BUILT_IN);
            formats
                .read(body, &mut memory.dates, &mut memory.names, line)
                .unwrap_or(other)
        }
    }
}

fn built_in<'a>(
    body: &'a [u8],
    memory: &mut accept::Memory,
    line: &mut Option<Traffic<'a>>,
) -> Decoded {
    match anchor::brackets(body, memory) {
        Brackets::Dated(start) => fields(start.before, Some(start.accept), start.rest, line),
        Brackets::FirstVersions => {
            Decoded::Broken("a format of HAProxy before 1.3.1, which names no backend")
        }
        Brackets::Silent => match anchor::undated(body) {
            Some(rest) => fields(b"", None, rest, line),
            None => Decoded::NotTraffic,
        },
    }
}

/// From the frontend on: `fe be/srv timers …`. Every number is read where it stands; only names are searched for.
fn fields<'a>(
    before: &'a [u8],
    accept: Option<i64>,
    rest: &'a [u8],
    line: &mut Option<Traffic<'a>>,
) -> Decoded {
    // `fe/1: SSL handshake failure` of an embryonic session ends here: no `backend/server` follows the date.
    let Some((names, after)) = names::read(rest) else {
        return Decoded::NotTraffic;
    };
    let behind = match swiftly(rest, after) {
        Some((timers, end)) => (true, timers, end),
        None => match one_by_one(after) {
            Ok(all) => all,
            Err(why) => return Decoded::Broken(why),
        },
    };
    *line = Some(built_in_line(before, accept, names, behind));
    Decoded::Traffic
}

#[inline(always)]
fn built_in_line<'a>(
    before: &'a [u8],
    accept: Option<i64>,
    names: Names<'a>,
    (http, timers, end): (bool, Timers, End<'a>),
) -> Traffic<'a> {
    Traffic {
        before,
        is_bare: false,
        accept,
        offset_minutes: None,
        names,
        timers,
        status_code: end.status_code,
        http,
        bytes_read: end.bytes_read,
        termination_state: Some(end.termination_state),
        source: Source::BuiltIn,
        undeclared: false,
        tail: Tail::new(end.tail),
    }
}

/// A line like most: five timers, a status, no captured cookies. `after` is the end of `bytes`, from the timers on.
#[inline(always)]
fn swiftly<'a>(bytes: &'a [u8], after: &'a [u8]) -> Option<(Timers, End<'a>)> {
    let start = bytes.len().checked_sub(after.len() + numbers::BEFORE)?;
    let found = numbers::read(bytes.get(start..)?)?;
    let after = after.get(found.end..)?;
    let (termination_state, tail) = without_cookies(after)?;
    let end = End {
        status_code: Some(found.status),
        bytes_read: found.sent,
        termination_state,
        tail,
    };
    Some((Timers::http(found.timers), end))
}

/// Any other line.
#[inline(never)]
fn one_by_one(bytes: &[u8]) -> Result<(bool, Timers, End<'_>), &'static str> {
    let (http, timers, after) =
        read_timers(bytes).ok_or("timers are not 5 or 3 numbers, or cut")?;
    let end = if http {
        http_end(after)
    } else {
        tcp_end(after)
    };
    let end = end.ok_or("cut or damaged before the termination state")?;
    Ok((http, timers, end))
}

/// What follows the timers.
struct End<'a> {
    status_code: Option<u16>,
    bytes_read: Number,
    termination_state: [u8; 4],
    tail: &'a [u8],
}

/// `503 217 - - SC-- …`
#[inline]
fn http_end(bytes: &[u8]) -> Option<End<'_>> {
    let (status_code, after) = match bytes {
        [b'-', b'1', b' ', rest @ ..] => (None, rest),
        [a, b, c, b' ', rest @ ..] => {
            let [a, b, c] = [a, b, c].map(|digit| digit.wrapping_sub(b'0'));
            if a.max(b).max(c) > 9 {
                return None;
            }
            let status = u16::from(a) * 100 + u16::from(b) * 10 + u16::from(c);
            (Some(status), rest)
        }
        _ => return None,
    };
    let (bytes_read, after) = sent(after)?;
    let (termination_state, tail) = without_cookies(after).or_else(|| behind_cookies(after))?;
    Some(End {
        status_code,
        bytes_read,
        termination_state,
        tail,
    })
}

/// The termination state where no cookies are captured: `- - ---- `.
#[inline(always)]
fn without_cookies(bytes: &[u8]) -> Option<([u8; 4], &[u8])> {
    let (state, [b' ', next, ..]) = bytes.strip_prefix(b"- - ")?.split_first_chunk()? else {
        return None;
    };
    is_state(*state, Some(*next)).then_some((*state, bytes.get(9..)?))
}

/// The bytes sent, and what follows the blank behind them.
#[inline]
fn sent(bytes: &[u8]) -> Option<(Number, &[u8])> {
    let (sent, b' ', rest) = number(bytes)? else {
        return None;
    };
    sent.is_some().then_some((sent, rest))
}

/// Blanks that two captured cookies may hold in all; beyond it the line counts as damaged.
const COOKIE_WORDS_MAX: usize = 24;

/// Captured cookies may hold blanks, so the termination state is known by its own shape.
#[cold]
fn behind_cookies(bytes: &[u8]) -> Option<([u8; 4], &[u8])> {
    let mut rest = bytes;
    for _ in 0..COOKIE_WORDS_MAX {
        let (candidate, after) = last_word(rest)?;
        if let [a, b, c, d] = *candidate
            && is_state([a, b, c, d], after.first().copied())
        {
            return Some(([a, b, c, d], after));
        }
        rest = after;
    }
    None
}

/// Four letters or dashes, followed by numbers, a request, or the end of a cut line.
#[inline(always)]
fn is_state(state: [u8; 4], next: Option<u8>) -> bool {
    (state == *b"----" || format::is_state(&state, state.len()))
        && next.is_none_or(|c| c.is_ascii_digit() || c == b'.' || c == b'"')
}

/// `212 -- …`
fn tcp_end(bytes: &[u8]) -> Option<End<'_>> {
    let (bytes_read, after) = sent(bytes)?;
    let (state, tail) = last_word(after)?;
    let [a, b] = *state else { return None };
    Some(End {
        status_code: None,
        bytes_read,
        termination_state: [a, b, b'-', b'-'],
        tail,
    })
}

/// Five numbers for HTTP, three for TCP, separated by `/` and ended by a blank; the last may carry the `+` of `option logasap`.
#[inline]
fn read_timers(bytes: &[u8]) -> Option<(bool, Timers, &[u8])> {
    let (a, b'/', rest) = number(bytes)? else {
        return None;
    };
    let (b, b'/', rest) = number(rest)? else {
        return None;
    };
    let (c, d, rest) = match number(rest)? {
        (total, b' ', rest) => {
            return Some((false, Timers::tcp([a, b, total.or_zero()]), rest));
        }
        (c, b'/', rest) => match number(rest)? {
            (d, b'/', rest) => (c, d, rest),
            _ => return None,
        },
        _ => return None,
    };
    let (e, b' ', rest) = number(rest)? else {
        return None;
    };
    Some((true, Timers::http([a, b, c, d, e.or_zero()]), rest))
}

/// The bytes before the next blank, or all that is left, and what follows; `None` at the end.
fn last_word(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    match find(b' ', bytes) {
        None if bytes.is_empty() => None,
        None => Some((bytes, b"")),
        Some(end) => Some((bytes.get(..end)?, bytes.get(end + 1..)?)),
    }
}

#[cfg(test)]
mod tests;
