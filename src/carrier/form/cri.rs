//! Kubernetes CRI log files.
//!
//! Shape: `2026-06-05T21:53:47.123456789Z stdout F MSG`; `P` marks a partial line.
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
    let body = rest
        .strip_prefix(b"F ")
        .or_else(|| rest.strip_prefix(b"P "))?;
    Some(Head {
        stamp: Some(stamp),
        host: b"",
        ident: b"",
        pid: None,
        body: Body::Plain(body),
        wraps: true,
    })
}
