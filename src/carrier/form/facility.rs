//! A line that begins with facility and level: socklog, OpenWrt, and daemons told to write them.
//!
//! Shape: `192.0.2.9: local0.info: Feb 28 10:11:40 haproxy[1]: MSG`, `local0.info: Jun 23 …`, `local0.err haproxy[6277]: MSG`,
//! the first two also behind svlogd's own stamp, `2026-06-23_15:31:01.58232 `. Unit: svlogd's stamp is UTC.
//! Source: socklog(8); OpenWrt ubox `log/logread.c`; svlogd(8), `-tt`.

use super::Body;
use super::Head;
use super::syslog;
use crate::carrier::instant;
use crate::carrier::tag;

pub(super) fn read(line: &[u8]) -> Option<Head<'_>> {
    if !matches!(line.first()?, b'a'..=b'z' | b'0'..=b'9') {
        return None;
    }
    let (written, rest) = match instant::svlogd(line) {
        Some((stamp, rest)) => (Some(stamp), rest.strip_prefix(b" ")?),
        None => (None, line),
    };
    let (first, after) = word(rest)?;
    let (host, level, after) = if is_level(first) {
        (&b""[..], first, after)
    } else {
        let (second, after) = word(after)?;
        (first.strip_suffix(b":")?, second, after)
    };
    if !is_level(level) {
        return None;
    }
    let inner = syslog::read(after).unwrap_or_else(|| tagged(after));
    Some(Head {
        stamp: written.or(inner.stamp),
        host: if inner.host.is_empty() {
            host
        } else {
            inner.host
        },
        ..inner
    })
}

fn tagged(bytes: &[u8]) -> Head<'_> {
    let tag = tag::split(bytes);
    Head {
        stamp: None,
        host: tag.host,
        ident: tag.ident,
        pid: tag.pid,
        body: Body::Plain(tag.body),
        wraps: false,
        more: false,
    }
}

fn is_level(word: &[u8]) -> bool {
    tag::is_facility(word.strip_suffix(b":").unwrap_or(word))
}

fn word(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = memchr::memchr(b' ', bytes.get(..WORD_MAX.min(bytes.len()))?)?;
    Some((bytes.get(..end)?, bytes.get(end + 1..)?))
}

/// An address or a level is shorter.
const WORD_MAX: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(line: &str, stamp: &str, host: &str, body: &str) {
        let head = read(line.as_bytes()).expect("a record");
        let shown = head.stamp.map(|stamp| stamp.to_string());
        assert_eq!(shown.unwrap_or_default(), stamp, "{line}");
        assert_eq!(head.host, host.as_bytes());
        assert_eq!((head.ident, head.pid), (&b"haproxy"[..], Some(1)));
        assert!(matches!(head.body, Body::Plain(got) if got == body.as_bytes()));
    }

    #[test]
    fn facility_and_level_lead() {
        check(
            "192.0.2.9: local0.info: Feb 28 10:11:40 haproxy[1]: x",
            "02-28T10:11:40",
            "192.0.2.9",
            "x",
        );
        check(
            "local2.info: Jun 23 15:31:01 haproxy[1]: x",
            "06-23T15:31:01",
            "",
            "x",
        );
        check("local0.err haproxy[1]: x", "", "", "x");
        check(
            "2026-06-23_15:31:01.58232 192.0.2.9: local2.info: Jun 23 17:31:01 haproxy[1]: x",
            "2026-06-23T15:31:01.582320Z",
            "192.0.2.9",
            "x",
        );
        assert!(read(b"192.0.2.9: x y").is_none());
        assert!(read(b"app.info x").is_none());
    }
}
