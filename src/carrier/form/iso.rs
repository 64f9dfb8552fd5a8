//! ISO 8601 stamps: rsyslog's own template, `journalctl -o short-iso|short-iso-precise`, HAProxy's `format iso`.
//!
//! Shape: `2026-06-05T21:53:47.123456+00:00 proxy01 haproxy[3028]: MSG`; a blank instead of `T`; no zone.
//! Absent: zone, in some daemons' files. Source: RFC 3339; systemd `src/shared/logs-show.c`.

use super::Body;
use super::Head;
use crate::carrier::instant;
use crate::carrier::tag;

pub(super) fn read(line: &[u8]) -> Option<Head<'_>> {
    if !line.first()?.is_ascii_digit() || line.get(4) != Some(&b'-') {
        return None;
    }
    let (stamp, rest) = instant::iso(line)?;
    let rest = rest.strip_prefix(b" ")?;
    if rest.starts_with(b"stdout ") || rest.starts_with(b"stderr ") {
        return None;
    }
    let tag = tag::split(rest);
    Some(Head {
        stamp: Some(stamp),
        host: tag.host,
        ident: tag.ident,
        pid: tag.pid,
        body: Body::Plain(tag.body),
        wraps: false,
    })
}
