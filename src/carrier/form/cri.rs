//! Kubernetes CRI log files.
//!
//! Shape: `2026-06-05T21:53:47.123456789Z stdout F MSG`; `P` marks a part of a message (of 16 KiB by default) that the next
//! lines go on with, up to the next `F`.
//! Absent: host, program, pid. Source: Kubernetes `kuberuntime/logs`.

use super::Body;
use super::Head;
use crate::carrier::instant;

pub(super) fn read(line: &[u8]) -> Option<Head<'_>> {
    if !line.first()?.is_ascii_digit() || line.get(4) != Some(&b'-') {
        return None;
    }
    let (stamp, rest) = instant::iso(line)?;
    let rest = rest
        .strip_prefix(b" stdout ")
        .or_else(|| rest.strip_prefix(b" stderr "))?;
    let (whole, body) = match rest {
        [b'F', b' ', body @ ..] => (true, body),
        [b'P', b' ', body @ ..] => (false, body),
        // Nothing but a line feed was written.
        b"F" => (true, &b""[..]),
        _ => return None,
    };
    Some(Head {
        stamp: Some(stamp),
        host: b"",
        ident: b"",
        pid: None,
        body: Body::Plain(body),
        wraps: true,
        more: !whole,
    })
}
