//! Docker's `json-file` log driver.
//!
//! Shape: `{"log":"MSG\n","stream":"stdout","time":"2026-05-30T20:15:00.098644854Z"}`.
//! A message over 16 KiB is cut in several records; only the last of them ends with `\n`. Absent: host, program, pid. Source: moby `daemon/logger/jsonfilelog`.

use super::Body;
use super::Head;
use super::json;
use crate::carrier::instant;

/// Docker cuts messages at this many bytes; a shorter one without line feed is the last of a program that was killed.
const PART_MIN: usize = 16 << 10;

pub(super) fn read(line: &[u8]) -> Option<Head<'_>> {
    if line.first() != Some(&b'{') {
        return None;
    }
    let log = json::string(line, b"\"log\":")?;
    let stamp = json::string(line, b"\"time\":")
        .and_then(instant::iso)
        .map(|(stamp, _)| stamp);
    Some(Head {
        stamp,
        host: b"",
        ident: b"",
        pid: None,
        body: Body::Json(log),
        wraps: true,
        more: stamp.is_some() && log.len() >= PART_MIN && !log.ends_with(b"\\n"),
    })
}
