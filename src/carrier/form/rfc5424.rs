//! RFC 5424: syslog with a version, an ISO date and structured data.
//!
//! Shape: `<134>1 2026-11-22T08:06:55.313843+00:00 proxy01 haproxy 9448 - - MSG`; structured data in place of the last `-`.
//! Absent: `-` in any field. Source: RFC 5424 section 6.

use super::Body;
use super::Head;
use crate::base::decimal;
use crate::carrier::instant;

pub(super) fn read(line: &[u8]) -> Option<Head<'_>> {
    let rest = line.strip_prefix(b"<")?;
    let close = memchr::memchr(b'>', rest.get(..4.min(rest.len()))?)?;
    let rest = rest.get(close + 1..)?.strip_prefix(b"1 ")?;
    let (stamp, rest) = match rest.strip_prefix(b"-") {
        Some(rest) => (None, rest),
        None => instant::iso(rest).map(|(stamp, rest)| (Some(stamp), rest))?,
    };
    let (host, rest) = field(rest.strip_prefix(b" ")?)?;
    let (ident, rest) = field(rest)?;
    let (pid, rest) = field(rest)?;
    let (_message_id, rest) = field(rest)?;
    let body = without_structured_data(rest);
    let pid = decimal(pid).and_then(|pid| u32::try_from(pid).ok());
    Some(Head {
        stamp,
        host,
        ident,
        pid,
        body: Body::Plain(body),
        wraps: false,
        more: false,
    })
}

fn field(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = memchr::memchr(b' ', bytes)?;
    let value = bytes.get(..end)?;
    Some((
        if value == b"-" { b"" } else { value },
        bytes.get(end + 1..)?,
    ))
}

/// Skips `-` or `[id name="value"][…]`; a quote inside a value is written `\"`.
fn without_structured_data(bytes: &[u8]) -> &[u8] {
    if let Some(rest) = bytes.strip_prefix(b"-") {
        return rest.strip_prefix(b" ").unwrap_or(rest);
    }
    let (mut quoted, mut escaped, mut depth) = (false, false, 0_u32);
    for (at, &c) in bytes.iter().enumerate() {
        match c {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'[' if !quoted => depth += 1,
            b']' if !quoted => depth = depth.saturating_sub(1),
            b' ' if depth == 0 => return bytes.get(at + 1..).unwrap_or(b""),
            _ => {}
        }
    }
    bytes
}
