//! Traffic lines in HAProxy's built-in formats: `option httplog`, `httpslog`, `tcplog`, and lines cut or stripped by hand.
//!
//! Shape: `192.0.2.7:33956 [22/Nov/2026:07:46:17.271] fe_main be_app/app1 0/0/-1/-1/0 503 217 - - SC-- 1/1/0/0/0 0/0 "GET /obs HTTP/1.1"`
//! Source: configuration manual 3.2, "HTTP log format", "TCP log format", "HTTPS log format".

mod accept;
mod anchor;
mod tail;

use crate::base::decimal;
use crate::base::signed;

pub use accept::Memory;
pub use tail::Tail;

/// One stream as its log line tells it. Everything borrows from the line; nothing is allocated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Traffic<'a> {
    /// Client address without port; empty when the line has none.
    pub client: &'a [u8],
    /// Accept date, microseconds on HAProxy's local axis; `None` when the line has none.
    pub accept: Option<i64>,
    /// The bytes `frontend backend/server` as they stand, a key for tallies: `fe_app~ be_app/app1`.
    pub path: &'a [u8],
    /// Frontend name without the `~` of TLS.
    pub frontend: &'a [u8],
    /// The connection came in over TLS.
    pub tls: bool,
    /// Backend name; equals the frontend's when none was selected, or for a `listen` section.
    pub backend: &'a [u8],
    /// Server name; `<NOSRV>` when no server was selected, `<STATS>` and so on for services of HAProxy itself.
    pub server: &'a [u8],
    /// Timers, milliseconds.
    pub timers: Timers,
    /// Status sent to the client. `None`: none was sent (`-1`), or a TCP line.
    pub status_code: Option<u16>,
    /// `option httplog` and its kin; a tcplog line otherwise.
    pub http: bool,
    /// Bytes sent to the client as logged.
    pub bytes_read: u64,
    /// Termination state; the last two are `-` on TCP lines.
    pub termination_state: [u8; 4],
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
    /// `%Ta` or `%Tt`: the whole time, also when the others are `-1`.
    pub total_ms: u32,
}

/// What a body turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decoded<'a> {
    /// A traffic line.
    Traffic(Traffic<'a>),
    /// A traffic line that cannot be read, and why.
    Broken(&'static str),
    /// Something else.
    NotTraffic,
}

/// The server name of a stream that never got a server.
pub const NOSRV: &[u8] = b"<NOSRV>";

impl Traffic<'_> {
    /// The server field says that no server was selected.
    pub fn is_nosrv(&self) -> bool {
        self.server == NOSRV
    }

    /// Accept date plus total time: when the line was written, on HAProxy's local axis.
    pub fn end(&self) -> Option<i64> {
        Some(self.accept? + i64::from(self.timers.total_ms) * 1000)
    }
}

/// Decodes one body: the text after the carrier's prefix, or a line with an unknown prefix.
pub fn decode<'a>(body: &'a [u8], memory: &mut Memory) -> Decoded<'a> {
    match anchor::dated(body, memory) {
        Some(start) => fields(start.client, Some(start.accept), start.rest),
        None => match anchor::undated(body) {
            Some(rest) => fields(b"", None, rest),
            None => Decoded::NotTraffic,
        },
    }
}

/// From the frontend on: `fe be/srv timers …`.
fn fields<'a>(client: &'a [u8], accept: Option<i64>, rest: &'a [u8]) -> Decoded<'a> {
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
    let Some((timers, after)) = word(after) else {
        return Decoded::Broken("cut before the timers");
    };
    let Some((http, timers)) = read_timers(timers) else {
        return Decoded::Broken("timers are not 5 or 3 numbers");
    };
    let path_len = frontend.len() + 1 + target.len();
    let (tls, frontend) = match frontend.strip_suffix(b"~") {
        Some(name) => (true, name),
        None => (false, frontend),
    };
    let (Some(path), Some(backend), Some(server)) = (
        rest.get(..path_len),
        target.get(..slash),
        target.get(slash + 1..),
    ) else {
        return Decoded::NotTraffic;
    };
    let client = without_port(client);
    let line = Traffic {
        client,
        accept,
        path,
        frontend,
        tls,
        backend,
        server,
        timers,
        status_code: None,
        http,
        bytes_read: 0,
        termination_state: *b"----",
        tail: Tail::default(),
    };
    match if http {
        http_fields(line, after)
    } else {
        tcp_fields(line, after)
    } {
        Some(traffic) => Decoded::Traffic(traffic),
        None => Decoded::Broken("cut or damaged before the termination state"),
    }
}

fn http_fields<'a>(mut line: Traffic<'a>, after: &'a [u8]) -> Option<Traffic<'a>> {
    let (status, after) = word(after)?;
    line.status_code = match signed(status)? {
        -1 => None,
        n => Some(u16::try_from(n).ok()?),
    };
    let (bytes, after) = word(after)?;
    line.bytes_read = decimal(bytes.strip_prefix(b"+").unwrap_or(bytes))?;
    // Captured cookies stand between; a cookie's value may hold blanks, so look for the state's own shape.
    let mut rest = after;
    for _ in 0..COOKIE_WORDS_MAX {
        let (candidate, after) = last_word(rest)?;
        if let [a, b, c, d] = *candidate
            && [a, b, c, d]
                .iter()
                .all(|&c| c == b'-' || c.is_ascii_alphabetic())
            && (after.is_empty()
                || after
                    .first()
                    .is_some_and(|&c| c.is_ascii_digit() || c == b'.' || c == b'"'))
        {
            line.termination_state = [a, b, c, d];
            line.tail = Tail::new(after);
            return Some(line);
        }
        rest = after;
    }
    None
}

/// Blanks that two captured cookies may hold in all; beyond it the line counts as damaged.
const COOKIE_WORDS_MAX: usize = 24;

fn tcp_fields<'a>(mut line: Traffic<'a>, after: &'a [u8]) -> Option<Traffic<'a>> {
    let (bytes, after) = word(after)?;
    line.bytes_read = decimal(bytes.strip_prefix(b"+").unwrap_or(bytes))?;
    let (state, after) = last_word(after)?;
    let [a, b] = *state else { return None };
    line.termination_state = [a, b, b'-', b'-'];
    line.tail = Tail::new(after);
    Some(line)
}

/// Five numbers for HTTP, three for TCP, separated by `/`; the last may carry the `+` of `option logasap`.
fn read_timers(field: &[u8]) -> Option<(bool, Timers)> {
    let mut values = [None::<u32>; 5];
    let mut n = 0;
    let mut rest = field;
    loop {
        let (value, after) = timer(rest)?;
        *values.get_mut(n)? = value;
        n += 1;
        match after {
            [b'/', tail @ ..] => rest = tail,
            [] => break,
            _ => return None,
        }
    }
    let [a, b, c, d, e] = values;
    match n {
        5 => Some((true, timers([a, b, c, d], e))),
        3 => Some((false, timers([None, a, b, None], c))),
        _ => None,
    }
}

fn timers([hdr, queue, connect, response]: [Option<u32>; 4], total: Option<u32>) -> Timers {
    Timers {
        req_timer_hdr_ms: hdr,
        req_timer_queue_ms: queue,
        bc_timer_connect_ms: connect,
        res_timer_hdr_ms: response,
        total_ms: total.unwrap_or(0),
    }
}

/// One timer: digits with an optional `+`, or `-1`. The outer `None` means that it is no timer.
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

/// `192.0.2.7:33340` and `2001:db8::7:33340` without the port: the last colon splits.
fn without_port(client: &[u8]) -> &[u8] {
    memchr::memrchr(b':', client)
        .and_then(|at| client.get(..at))
        .unwrap_or(client)
}

#[cfg(test)]
mod tests;
