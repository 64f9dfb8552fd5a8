//! A tag without stamp and host, as manuals and tickets quote log lines.
//!
//! Shape: `haproxy[14389]: MSG`. Absent: stamp and host; without a pid a word and a colon are no tag.
//! Source: configuration manual 3.2, "Log formats".

use super::Body;
use super::Head;
use crate::carrier::tag;

/// Program names are shorter.
const TAG_MAX: usize = 64;

pub(super) fn read(line: &[u8]) -> Option<Head<'_>> {
    if !line.first()?.is_ascii_alphabetic() {
        return None;
    }
    let end = memchr::memchr(b' ', line.get(..TAG_MAX.min(line.len()))?)?;
    let (ident, pid) = tag::ident(line.get(..end)?.strip_suffix(b":")?);
    let plain = ident
        .iter()
        .all(|c| c.is_ascii_alphanumeric() || b"-_./@".contains(c));
    (plain && pid.is_some()).then_some(Head {
        stamp: None,
        host: b"",
        ident,
        pid,
        body: Body::Plain(line.get(end + 1..)?),
        wraps: false,
        more: false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_with_its_pid_is_a_tag() {
        let head = read(b"haproxy[14389]: 192.0.2.50:40000 x").unwrap();
        assert_eq!((head.ident, head.pid), (&b"haproxy"[..], Some(14389)));
        assert!(read(b"haproxy: x").is_none());
        assert!(read(b"a|b[1]: x").is_none());
        assert!(read(b"[1]: x").is_none());
    }
}
