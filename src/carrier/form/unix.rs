//! `journalctl -o short-unix`.
//!
//! Shape: `1769402304.594739 proxy01 systemd[1]: MSG`. Unit: seconds since 1970, UTC.
//! Source: systemd `src/shared/logs-show.c`.

use super::Body;
use super::Head;
use crate::base::Precision;
use crate::base::SECOND;
use crate::base::Stamp;
use crate::base::leading_decimal;
use crate::carrier::instant;
use crate::carrier::tag;

pub(super) fn read(line: &[u8]) -> Option<Head<'_>> {
    if !line.first()?.is_ascii_digit()
        || !matches!(line.get(9..11)?, [b'0'..=b'9', b'.'] | [b'.', _])
    {
        return None;
    }
    // Nine digits reach back to 1973; fewer are an address or a version.
    let (seconds, rest) = leading_decimal(line).filter(|&(seconds, _)| seconds >= 100_000_000)?;
    let (micros, _, rest) = instant::fraction(rest.strip_prefix(b".")?);
    let stamp = Stamp::utc(
        i64::try_from(seconds).ok()? * SECOND + micros,
        Precision::Micro,
    );
    let tag = tag::split(rest.strip_prefix(b" ")?);
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
