//! RFC 3164 as syslog daemons and `journalctl -o short|short-precise` write it.
//!
//! Shape: `Jun  5 21:53:47 proxy01 haproxy[3028]: MSG`, `Jun 05 21:53:47.123456 …`; also without host or pid; OpenWrt's
//! `logread` leads it with the weekday and adds the year, `Fri Jun  5 21:53:47 2026 local0.info haproxy[3028]: MSG`.
//! Absent: year and zone. Source: RFC 3164 section 4; systemd `src/shared/logs-show.c`.

use super::Body;
use super::Head;
use crate::base::Stamp;
use crate::carrier::instant;
use crate::carrier::tag;

pub(super) fn read(line: &[u8]) -> Option<Head<'_>> {
    if !line.first()?.is_ascii_uppercase() {
        return None;
    }
    let (stamp, rest) = instant::month_day_time(line).or_else(|| {
        let (&[_, b, c, b' '], rest) = line.split_first_chunk::<4>()? else {
            return None;
        };
        let weekday = b.is_ascii_lowercase() && c.is_ascii_lowercase();
        weekday.then(|| instant::month_day_time(rest)).flatten()
    })?;
    let tag = tag::split(rest.strip_prefix(b" ")?);
    Some(head(stamp, &tag))
}

/// The same with the month in the host's language; then only a tag shows that the words before it are a date.
pub(super) fn read_translated(line: &[u8]) -> Option<Head<'_>> {
    if line.first()?.is_ascii_digit() {
        return None;
    }
    let (stamp, rest) = instant::translated_month_day_time(line)?;
    let tag = tag::split(rest.strip_prefix(b" ")?);
    (!tag.ident.is_empty()).then(|| head(stamp, &tag))
}

fn head<'a>(stamp: Stamp, tag: &tag::Tag<'a>) -> Head<'a> {
    Head {
        stamp: Some(stamp),
        host: tag.host,
        ident: tag.ident,
        pid: tag.pid,
        body: Body::Plain(tag.body),
        wraps: false,
        more: false,
    }
}
