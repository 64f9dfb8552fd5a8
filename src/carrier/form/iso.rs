//! ISO 8601 stamps: rsyslog's own template, `journalctl -o short-iso|short-iso-precise`, HAProxy's `format iso`.
//!
//! Shape: `2026-06-05T21:53:47.123456+00:00 proxy01 haproxy[3028]: MSG`; a blank instead of `T`; no zone. More than six digits
//! after the point come from a container engine (`docker logs -t`, `kubectl logs --timestamps`): MSG follows at once, and may be a
//! line of another carrier.
//! Absent: zone, in some daemons' files. Source: RFC 3339; systemd `src/shared/logs-show.c`.

use super::Body;
use super::Head;
use crate::carrier::instant;
use crate::carrier::tag;

/// Where the seventh digit after the point stands; syslog daemons and journalctl write six at most, Go programs nine.
const SEVENTH_DIGIT: usize = "2026-06-05T21:53:47.123456".len();

pub(super) fn read(line: &[u8]) -> Option<Head<'_>> {
    if !line.first()?.is_ascii_digit() || line.get(4) != Some(&b'-') {
        return None;
    }
    let (stamp, rest) = instant::iso(line)?;
    let rest = rest.strip_prefix(b" ")?;
    if rest.starts_with(b"stdout ") || rest.starts_with(b"stderr ") {
        return None;
    }
    if line.get(SEVENTH_DIGIT).is_some_and(u8::is_ascii_digit) {
        return Some(Head {
            stamp: Some(stamp),
            host: b"",
            ident: b"",
            pid: None,
            body: Body::Plain(rest),
            wraps: true,
            more: false,
        });
    }
    let tag = tag::split(rest);
    Some(Head {
        stamp: Some(stamp),
        host: tag.host,
        ident: tag.ident,
        pid: tag.pid,
        body: Body::Plain(tag.body),
        wraps: false,
        more: false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn behind_a_container_engines_stamp_the_message_follows_at_once() {
        let head =
            read(b"2026-06-05T21:53:47.123456789Z Jun  5 23:53:47 proxy01 haproxy[1]: x").unwrap();
        assert!(head.wraps && head.host.is_empty());
        let head = read(b"2026-06-05T21:53:47.123456Z proxy01 haproxy[1]: x").unwrap();
        assert!(!head.wraps && head.host == b"proxy01");
    }
}
