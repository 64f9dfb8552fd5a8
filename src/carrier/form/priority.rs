//! A line that still carries its syslog priority: HAProxy's own datagrams, or a daemon that writes `%PRI%`.
//!
//! Shape: `<134>Nov 22 08:06:55 haproxy[9448]: MSG`, `<134>MSG`, `<6>2026-11-22T08:06:55.313843+00:00 MSG`.
//! Source: configuration manual 3.2, "log", `format`.

use super::Body;
use super::Head;
use super::iso;
use super::syslog;
use crate::base::decimal;

pub(super) fn read(line: &[u8]) -> Option<Head<'_>> {
    let rest = line.strip_prefix(b"<")?;
    let close = memchr::memchr(b'>', rest.get(..4.min(rest.len()))?)?;
    decimal(rest.get(..close)?).filter(|&pri| pri < 192)?;
    let rest = rest.get(close + 1..)?;
    if rest.starts_with(b"1 ") {
        return None;
    }
    let bare = Head {
        stamp: None,
        host: b"",
        ident: b"",
        pid: None,
        body: Body::Plain(rest),
        wraps: false,
        more: false,
    };
    Some(
        syslog::read(rest)
            .or_else(|| iso::read(rest))
            .unwrap_or(bare),
    )
}
