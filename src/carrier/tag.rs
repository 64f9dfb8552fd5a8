//! `host ident[pid]: body`, the part that all syslog-like carriers share.

use crate::base::decimal;

/// The fields between a stamp and the message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Tag<'a> {
    pub(super) host: &'a [u8],
    pub(super) ident: &'a [u8],
    pub(super) pid: Option<u32>,
    pub(super) body: &'a [u8],
}

/// Splits what follows a stamp. Without a word that ends in `:` there is no tag, and all but the host is body.
pub(super) fn split(rest: &[u8]) -> Tag<'_> {
    let rest = rest.strip_prefix(b" ").unwrap_or(rest);
    let Some((first, after)) = word(rest) else {
        return Tag {
            body: rest,
            ..Tag::default()
        };
    };
    if let Some(tag) = first.strip_suffix(b":") {
        let (ident, pid) = ident(tag);
        return Tag {
            host: b"",
            ident,
            pid,
            body: after,
        };
    }
    match word(after) {
        Some((second, body)) if second.ends_with(b":") => {
            let (ident, pid) = ident(second.strip_suffix(b":").unwrap_or(second));
            Tag {
                host: first,
                ident,
                pid,
                body,
            }
        }
        _ => Tag {
            host: first,
            ident: b"",
            pid: None,
            body: after,
        },
    }
}

/// `haproxy[3028]` -> `haproxy`, 3028; `[HAPROXY][3241]` -> `HAPROXY`, 3241.
pub(super) fn ident(tag: &[u8]) -> (&[u8], Option<u32>) {
    let inner = || {
        let tag = tag.strip_suffix(b"]")?;
        let open = memchr::memrchr(b'[', tag)?;
        let pid = u32::try_from(decimal(tag.get(open + 1..)?)?).ok()?;
        Some((tag.get(..open)?, pid))
    };
    match inner() {
        Some((name, pid)) => (unbracketed(name), Some(pid)),
        None => (unbracketed(tag), None),
    }
}

fn unbracketed(name: &[u8]) -> &[u8] {
    name.strip_prefix(b"[")
        .and_then(|n| n.strip_suffix(b"]"))
        .unwrap_or(name)
}

fn word(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = memchr::memchr(b' ', bytes)?;
    Some((bytes.get(..end)?, bytes.get(end + 1..)?))
}
