//! `journalctl -o short-monotonic`: time since boot, so no stamp.
//!
//! Shape: `[ 2771272.020292] proxy01 systemd[1]: MSG`. Source: systemd `src/shared/logs-show.c`.

use super::Body;
use super::Head;
use crate::base::leading_decimal;
use crate::carrier::tag;

pub(super) fn read(line: &[u8]) -> Option<Head<'_>> {
    let inside = line.strip_prefix(b"[")?.trim_ascii_start();
    let (_, rest) = leading_decimal(inside)?;
    let (_, rest) = leading_decimal(rest.strip_prefix(b".")?)?;
    let tag = tag::split(rest.strip_prefix(b"] ")?);
    Some(Head {
        stamp: None,
        host: tag.host,
        ident: tag.ident,
        pid: tag.pid,
        body: Body::Plain(tag.body),
        wraps: false,
    })
}
