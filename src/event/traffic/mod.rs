//! Traffic lines: in HAProxy's built-in formats, cut or stripped by hand, and in the formats that a configuration declares.
//!
//! Shape: `192.0.2.7:33956 [22/Nov/2026:07:46:17.271] fe_main be_app/app1 0/0/-1/-1/0 503 217 - - SC-- 1/1/0/0/0 0/0 "GET /obs HTTP/1.1"`
//! Source: configuration manual 3.2, "HTTP log format", "TCP log format", "HTTPS log format".

mod accept;
mod anchor;
pub mod format;
mod tail;

use crate::base::leading_decimal;
use anchor::Brackets;
use format::BUILT_IN;
use format::Formats;

pub use tail::{Counts, Request, Tail};

/// What decoding the lines of one block needs: the formats beside the built-in ones, and the last date.
#[derive(Clone, Debug, Default)]
pub struct Memory<'f> {
    dates: accept::Memory,
    formats: Option<&'f Formats>,
}

impl<'f> Memory<'f> {
    /// With the formats that the configurations of the bundle declare.
    pub fn with(formats: &'f Formats) -> Memory<'f> {
        Memory {
            dates: accept::Memory::default(),
            formats: Some(formats),
        }
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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Traffic<'a> {
    /// What stands before the accept date, with the client's address and port as its last word; or the address alone.
    before: &'a [u8],
    /// `before` is the address alone.
    is_bare: bool,
    /// When the request began, microseconds on HAProxy's local axis; `None` when the line has no date.
    pub accept: Option<i64>,
    /// How far that axis is ahead of UTC, minutes, when the date says so; `None` for all built-in formats but CLF.
    pub offset_minutes: Option<i16>,
    /// The bytes `frontend backend/server` as they stand, a key for tallies: `fe_app~ be_app/app1`. Empty when the three stand
    /// apart in the line's format.
    pub path: &'a [u8],
    /// Frontend name without the `~` of TLS.
    pub frontend: &'a [u8],
    /// The connection came in over TLS.
    pub tls: bool,
    /// Backend name; equals the frontend's when none was selected, or for a `listen` section.
    pub backend: &'a [u8],
    /// Server name; empty when the format has none; `<NOSRV>` when no server was selected, `<STATS>` and so on for services of HAProxy itself.
    pub server: &'a [u8],
    /// Timers, milliseconds.
    pub timers: Timers,
    /// Status sent to the client. `None`: none was sent (`-1`), or a TCP line.
    pub status_code: Option<u16>,
    /// The line has a status, as `option httplog` and its kin have; a tcplog line otherwise.
    pub http: bool,
    /// Bytes sent to the client as logged; `None`: the format lacks them.
    pub bytes_read: Option<u64>,
    /// Termination state; the last two are `-` on TCP lines. `None`: the format lacks it.
    pub termination_state: Option<[u8; 4]>,
    /// Which formats it was read by.
    pub source: Source,
    /// The configurations declare another format for its frontend.
    pub undeclared: bool,
    /// What follows the termination state: connection counts, queues, captures, request line.
    pub tail: Tail<'a>,
}

/// Timers of one stream. Unit: ms. `None`: the log said `-1`, that phase was never reached.
///
/// Source: configuration manual 3.2, "Timing events".
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Timers {
    /// `%TR`; absent on TCP lines.
    pub req_timer_hdr_ms: Option<u32>,
    /// `%Tw`: queues, and time lost in failed attempts when a redispatch happened.
    pub req_timer_queue_ms: Option<u32>,
    /// `%Tc`.
    pub bc_timer_connect_ms: Option<u32>,
    /// `%Tr`; absent on TCP lines.
    pub res_timer_hdr_ms: Option<u32>,
    /// `%Ta` or `%Tt`: the whole time, also when the others are `-1`. `None`: the format lacks it.
    pub total_ms: Option<u32>,
    /// The format has `%TR`, so that `None` means `-1`.
    pub has_req_timer_hdr: bool,
    /// The format has `%Tw`, so that `None` means `-1`.
    pub has_req_timer_queue: bool,
    /// The format has `%Tc`, so that `None` means `-1`.
    pub has_bc_timer_connect: bool,
    /// The format has `%Tr`, so that `None` means `-1`.
    pub has_res_timer_hdr: bool,
}

/// What a body turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decoded<'a> {
    /// A traffic line.
    Traffic(Traffic<'a>),
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
    pub fn client(&self) -> &'a [u8] {
        if self.is_bare {
            return self.before;
        }
        let before = self.before.trim_ascii_end();
        let word = memchr::memrchr(b' ', before)
            .and_then(|at| before.get(at + 1..))
            .unwrap_or(before);
        // The last colon splits, for IPv6 too: `2001:db8::7:33340`.
        memchr::memrchr(b':', word)
            .and_then(|at| word.get(..at))
            .unwrap_or(word)
    }

    /// Puts together what `path` would be if the three names stood side by side.
    pub fn join_names(&self, into: &mut Vec<u8>) {
        into.clear();
        for part in [self.frontend, b" ", self.backend, b"/", self.server] {
            into.extend_from_slice(part);
        }
    }

    /// The server field says that no server was selected.
    pub fn is_nosrv(&self) -> bool {
        self.server == NOSRV
    }

    /// Accept date plus total time: when the line was written, on HAProxy's local axis; without a total time, the accept date.
    #[inline]
    pub fn end(&self) -> Option<i64> {
        Some(self.accept? + i64::from(self.timers.total_ms.unwrap_or(0)) * 1000)
    }
}

/// Decodes one body: the text after the carrier's prefix, or a line with an unknown prefix.
///
/// Built-in formats first: they are by far the most frequent. A configuration's format wins for the frontends that declare it.
#[inline]
pub fn decode<'a, 'f: 'a>(body: &'a [u8], memory: &mut Memory<'f>) -> Decoded<'a> {
    match built_in(body, &mut memory.dates) {
        Decoded::Traffic(traffic) => match memory.formats {
            Some(formats) => formats.confirm(body, traffic),
            None => Decoded::Traffic(traffic),
        },
        other => {
            let formats: &'f Formats = memory.formats.unwrap_or_else(|| &*BUILT_IN);
            formats.read(body).unwrap_or(other)
        }
    }
}

#[inline]
fn built_in<'a>(body: &'a [u8], memory: &mut accept::Memory) -> Decoded<'a> {
    match anchor::brackets(body, memory) {
        Brackets::Dated(start) => fields(start.before, Some(start.accept), start.rest),
        Brackets::FirstVersions => {
            Decoded::Broken("a format of HAProxy before 1.3.1, which names no backend")
        }
        Brackets::Silent => match anchor::undated(body) {
            Some(rest) => fields(b"", None, rest),
            None => Decoded::NotTraffic,
        },
    }
}

/// From the frontend on: `fe be/srv timers …`. Every number is read where it stands; only names are searched for.
#[inline]
fn fields<'a>(before: &'a [u8], accept: Option<i64>, rest: &'a [u8]) -> Decoded<'a> {
    let Some((frontend, after)) = word(rest) else {
        return Decoded::NotTraffic;
    };
    // `fe/1: SSL handshake failure` of an embryonic session ends here: no `backend/server` follows the date.
    let Some((target, after)) = word(after) else {
        return Decoded::NotTraffic;
    };
    let Some(slash) = memchr::memchr(b'/', target) else {
        return Decoded::NotTraffic;
    };
    let path = rest.get(..frontend.len() + 1 + target.len()).unwrap_or(b"");
    let (backend, server) = (
        target.get(..slash).unwrap_or(b""),
        target.get(slash + 1..).unwrap_or(b""),
    );
    let (tls, frontend) = match frontend.strip_suffix(b"~") {
        Some(name) => (true, name),
        None => (false, frontend),
    };
    let Some((http, timers, after)) = read_timers(after) else {
        return Decoded::Broken("timers are not 5 or 3 numbers, or cut");
    };
    let end = if http {
        http_end(after)
    } else {
        tcp_end(after)
    };
    match end {
        Some(End {
            status_code,
            bytes_read,
            termination_state,
            tail,
        }) => Decoded::Traffic(Traffic {
            before,
            is_bare: false,
            accept,
            offset_minutes: None,
            path,
            frontend,
            tls,
            backend,
            server,
            timers,
            status_code,
            http,
            bytes_read: Some(bytes_read),
            termination_state: Some(termination_state),
            source: Source::BuiltIn,
            undeclared: false,
            tail: Tail::new(tail),
        }),
        None => Decoded::Broken("cut or damaged before the termination state"),
    }
}

/// What follows the timers.
struct End<'a> {
    status_code: Option<u16>,
    bytes_read: u64,
    termination_state: [u8; 4],
    tail: &'a [u8],
}

/// `503 217 - - SC-- …`
#[inline]
fn http_end(bytes: &[u8]) -> Option<End<'_>> {
    let (status_code, after) = match bytes {
        [b'-', b'1', b' ', rest @ ..] => (None, rest),
        [
            a @ b'0'..=b'9',
            b @ b'0'..=b'9',
            c @ b'0'..=b'9',
            b' ',
            rest @ ..,
        ] => (
            Some(u16::from(a - b'0') * 100 + u16::from(b - b'0') * 10 + u16::from(c - b'0')),
            rest,
        ),
        _ => return None,
    };
    let (bytes_read, after) = leading_decimal(after.strip_prefix(b"+").unwrap_or(after))?;
    let after = after.strip_prefix(b" ")?;
    // No captured cookies: by far the most frequent case.
    if let [b'-', b' ', b'-', b' ', a, b, c, d, b' ', tail @ ..] = after
        && is_state(&[*a, *b, *c, *d], tail)
    {
        return Some(End {
            status_code,
            bytes_read,
            termination_state: [*a, *b, *c, *d],
            tail,
        });
    }
    let (termination_state, tail) = behind_cookies(after)?;
    Some(End {
        status_code,
        bytes_read,
        termination_state,
        tail,
    })
}

/// Blanks that two captured cookies may hold in all; beyond it the line counts as damaged.
const COOKIE_WORDS_MAX: usize = 24;

/// Captured cookies may hold blanks, so the termination state is known by its own shape.
fn behind_cookies(bytes: &[u8]) -> Option<([u8; 4], &[u8])> {
    let mut rest = bytes;
    for _ in 0..COOKIE_WORDS_MAX {
        let (candidate, after) = last_word(rest)?;
        if let [a, b, c, d] = *candidate
            && is_state(&[a, b, c, d], after)
        {
            return Some(([a, b, c, d], after));
        }
        rest = after;
    }
    None
}

/// Four letters or dashes, followed by numbers, a request, or the end of a cut line.
#[inline]
fn is_state(state: &[u8; 4], after: &[u8]) -> bool {
    state.iter().all(|&c| c == b'-' || c.is_ascii_alphabetic())
        && after
            .first()
            .is_none_or(|&c| c.is_ascii_digit() || c == b'.' || c == b'"')
}

/// `212 -- …`
fn tcp_end(bytes: &[u8]) -> Option<End<'_>> {
    let (bytes_read, after) = leading_decimal(bytes.strip_prefix(b"+").unwrap_or(bytes))?;
    let (state, tail) = last_word(after.strip_prefix(b" ")?)?;
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
    let (a, rest) = timer(bytes)?;
    let (b, rest) = timer(rest.strip_prefix(b"/")?)?;
    let (c, rest) = timer(rest.strip_prefix(b"/")?)?;
    if let Some(after) = rest.strip_prefix(b" ") {
        return Some((false, timers([None, a, b, None], c, false), after));
    }
    let (d, rest) = timer(rest.strip_prefix(b"/")?)?;
    let (e, rest) = timer(rest.strip_prefix(b"/")?)?;
    Some((
        true,
        timers([a, b, c, d], e, true),
        rest.strip_prefix(b" ")?,
    ))
}

fn timers(
    [hdr, queue, connect, response]: [Option<u32>; 4],
    total: Option<u32>,
    http: bool,
) -> Timers {
    Timers {
        req_timer_hdr_ms: hdr,
        req_timer_queue_ms: queue,
        bc_timer_connect_ms: connect,
        res_timer_hdr_ms: response,
        total_ms: Some(total.unwrap_or(0)),
        has_req_timer_hdr: http,
        has_req_timer_queue: true,
        has_bc_timer_connect: true,
        has_res_timer_hdr: http,
    }
}

/// One timer: digits with an optional `+`, or `-1`. The outer `None` means that it is no timer.
#[inline]
fn timer(bytes: &[u8]) -> Option<(Option<u32>, &[u8])> {
    if let [b'-', b'1', rest @ ..] = bytes {
        return Some((None, rest));
    }
    let mut rest = bytes.strip_prefix(b"+").unwrap_or(bytes);
    let mut value = 0_u32;
    let mut any = false;
    while let [digit @ b'0'..=b'9', tail @ ..] = rest {
        value = value
            .saturating_mul(10)
            .saturating_add(u32::from(digit - b'0'));
        rest = tail;
        any = true;
    }
    any.then_some((Some(value), rest))
}

/// The bytes before the next blank, and what follows it; `None` when the line ends before a blank.
#[inline]
fn word(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = memchr::memchr(b' ', bytes)?;
    Some((bytes.get(..end)?, bytes.get(end + 1..)?))
}

/// As [`word`], but the line may end with it.
fn last_word(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    match word(bytes) {
        None if bytes.is_empty() => None,
        None => Some((bytes, b"")),
        some => some,
    }
}

#[cfg(test)]
mod tests;
