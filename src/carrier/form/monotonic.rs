//! `journalctl -o short-monotonic` and `-o short-delta`: time since boot, so no stamp.
//!
//! Shape: `[ 2771272.020292] proxy01 systemd[1]: MSG`; `[    9.001000 <    0.001000 >] …` with the time since the line before,
//! `*>` after another boot, and blanks in its place on the first line. Source: systemd `src/shared/logs-show.c`.

use super::Body;
use super::Head;
use crate::base::leading_decimal;
use crate::carrier::tag;

pub(super) fn read(line: &[u8]) -> Option<Head<'_>> {
    let inside = line.strip_prefix(b"[")?.trim_ascii_start();
    let (_, rest) = leading_decimal(inside)?;
    let (_, rest) = leading_decimal(rest.strip_prefix(b".")?)?;
    let tag = tag::split(closed(rest)?);
    Some(Head {
        stamp: None,
        host: tag.host,
        ident: tag.ident,
        pid: tag.pid,
        body: Body::Plain(tag.body),
        wraps: false,
        more: false,
    })
}

/// What follows the bracket.
fn closed(rest: &[u8]) -> Option<&[u8]> {
    if let Some(rest) = rest.strip_prefix(b"] ") {
        return Some(rest);
    }
    let inside = rest.trim_ascii_start();
    let Some(delta) = inside.strip_prefix(b"<") else {
        return inside.strip_prefix(b"] ");
    };
    let (_, delta) = leading_decimal(delta.trim_ascii_start())?;
    let (_, delta) = leading_decimal(delta.strip_prefix(b".")?)?;
    delta
        .strip_prefix(b" ")
        .or_else(|| delta.strip_prefix(b"*"))?
        .strip_prefix(b">] ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(line: &str) {
        let head = read(line.as_bytes()).expect("a record");
        assert_eq!(
            (head.host, head.ident, head.pid),
            (&b"h"[..], &b"p"[..], Some(1)),
            "{line}"
        );
    }

    #[test]
    fn time_since_boot_with_and_without_the_difference() {
        check("[    9.000000] h p[1]: x");
        check("[    9.000000                ] h p[1]: x");
        check("[    9.001000 <    0.001000 >] h p[1]: x");
        check("[    9.001000 <    0.001000*>] h p[1]: x");
        assert!(read(b"[    9.001000 <    0.001000] h p[1]: x").is_none());
        assert!(read(b"[9] x").is_none());
    }
}
