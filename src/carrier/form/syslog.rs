//! RFC 3164 as syslog daemons and `journalctl -o short|short-precise` write it.
//!
//! Shape: `Jun  5 21:53:47 proxy01 haproxy[3028]: MSG`, `Jun 05 21:53:47.123456 …`; also without host or pid.
//! Absent: year and zone. Source: RFC 3164 section 4; systemd `src/shared/logs-show.c`.

use super::Body;
use super::Head;
use crate::carrier::instant;
use crate::carrier::tag;

pub(super) fn read(line: &[u8]) -> Option<Head<'_>> {
    if !line.first()?.is_ascii_uppercase() {
        return None;
    }
    let (stamp, rest) = instant::month_day_time(line)?;
    let tag = tag::split(rest.strip_prefix(b" ")?);
    Some(Head {
        stamp: Some(stamp),
        host: tag.host,
        ident: tag.ident,
        pid: tag.pid,
        body: Body::Plain(tag.body),
        wraps: false,
    })
}
