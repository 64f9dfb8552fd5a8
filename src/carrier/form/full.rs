//! `journalctl -o short-full` and `-o with-unit`.
//!
//! Shape: `Tue 2025-12-23 14:26:41 UTC proxy01 haproxy[3734]: MSG`.
//! Absent: nothing; a zone abbreviation that means several zones leaves the stamp local. Source: systemd `src/shared/logs-show.c`.

use super::Body;
use super::Head;
use crate::carrier::instant;
use crate::carrier::tag;

pub(super) fn read(line: &[u8]) -> Option<Head<'_>> {
    if !line.first()?.is_ascii_uppercase() || line.get(3) != Some(&b' ') {
        return None;
    }
    let (stamp, rest) = instant::weekday_date_time_zone(line)?;
    let tag = tag::split(rest);
    // `with-unit` writes the unit in place of the identifier.
    let ident = tag.ident.strip_suffix(b".service").unwrap_or(tag.ident);
    let ident = if ident == b"init.scope" {
        b"systemd"
    } else {
        ident
    };
    Some(Head {
        stamp: Some(stamp),
        host: tag.host,
        ident,
        pid: tag.pid,
        body: Body::Plain(tag.body),
        wraps: false,
        more: false,
    })
}
