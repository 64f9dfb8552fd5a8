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
///
/// A tag with a pid also ends without the colon: rsyslog writes it so when the message came in the form of RFC 5424.
/// busybox, OpenWrt and BSD's `syslogd -v` write facility and level before the tag, which is skipped.
pub(super) fn split(rest: &[u8]) -> Tag<'_> {
    let rest = rest.strip_prefix(b" ").unwrap_or(rest);
    match word(rest) {
        Some((first, after)) if is_facility(first) => split_plain(after),
        _ => split_plain(rest),
    }
}

fn split_plain(rest: &[u8]) -> Tag<'_> {
    let Some((first, after)) = word(rest) else {
        return Tag {
            body: rest,
            ..Tag::default()
        };
    };
    if let Some(tag) = closed(first) {
        return tagged(b"", tag, after);
    }
    match word(after) {
        Some((second, body)) => match closed(second) {
            Some(tag) if !first.starts_with(b"[") => tagged(first, tag, body),
            Some(_) | None => match word(body).filter(|_| is_skipped(second)) {
                Some((third, body)) => match closed(third) {
                    Some(tag) if is_facility(second) || tag.ends_with(b"]") => {
                        tagged(first, tag, body)
                    }
                    Some(_) | None => untagged(rest, first, after),
                },
                None => untagged(rest, first, after),
            },
        },
        None => untagged(rest, first, after),
    }
}

/// Facility and level, or a second host: the one that HAProxy sends (`log-send-hostname`) behind the one that the daemon knows.
fn is_skipped(word: &[u8]) -> bool {
    is_facility(word)
        || word
            .iter()
            .all(|c| c.is_ascii_alphanumeric() || b"-_.".contains(c))
}

/// A word that ends a header: with a colon, or with a pid and no colon.
fn closed(word: &[u8]) -> Option<&[u8]> {
    word.strip_suffix(b":").or_else(|| {
        let has_pid = word.ends_with(b"]")
            && word.first().is_some_and(u8::is_ascii_alphabetic)
            && ident(word).1.is_some();
        has_pid.then_some(word)
    })
}

fn tagged<'a>(host: &'a [u8], tag: &'a [u8], body: &'a [u8]) -> Tag<'a> {
    let (ident, pid) = ident(tag);
    Tag {
        host,
        ident,
        pid,
        body,
    }
}

/// A host and a message, unless the first word can only be the message's own.
fn untagged<'a>(rest: &'a [u8], first: &'a [u8], after: &'a [u8]) -> Tag<'a> {
    let is_host = first.first().is_some_and(u8::is_ascii_alphanumeric)
        && !first.contains(&b'/')
        && !starts_date(after)
        && !MESSAGE_STARTS.contains(&first)
        && !rest.ends_with(b" has no server available!");
    Tag {
        host: if is_host { first } else { b"" },
        body: if is_host { after } else { rest },
        ..Tag::default()
    }
}

/// `[05/Jun/2026:…`: the accept date, so what stands before it is a client's address.
fn starts_date(bytes: &[u8]) -> bool {
    matches!(bytes, [b'[', d1, d2, b'/', ..] if d1.is_ascii_digit() && d2.is_ascii_digit())
}

/// First words of what HAProxy writes without any header (`log stdout format raw`), behind the stamp that its container adds.
const MESSAGE_STARTS: [&[u8]; 14] = [
    b"Server",
    b"Backup",
    b"Proxy",
    b"Health",
    b"Agent",
    b"Connect",
    b"Loading",
    b"New",
    b"Current",
    b"Former",
    b"Exiting",
    b"Stopping",
    b"Paused",
    b"Resumed",
];

/// `local0.info`, `<daemon.err>`.
pub(super) fn is_facility(word: &[u8]) -> bool {
    let word = word
        .strip_prefix(b"<")
        .and_then(|word| word.strip_suffix(b">"))
        .unwrap_or(word);
    let Some(dot) = memchr::memchr(b'.', word.get(..9.min(word.len())).unwrap_or(b"")) else {
        return false;
    };
    let facility = match word.get(..dot) {
        Some([b'l', b'o', b'c', b'a', b'l', b'0'..=b'7']) => true,
        Some(name) => matches!(
            name,
            b"kern"
                | b"user"
                | b"daemon"
                | b"auth"
                | b"syslog"
                | b"authpriv"
                | b"cron"
                | b"security"
        ),
        None => false,
    };
    facility
        && matches!(
            word.get(dot + 1..),
            Some(
                b"emerg"
                    | b"panic"
                    | b"alert"
                    | b"crit"
                    | b"err"
                    | b"error"
                    | b"warn"
                    | b"warning"
                    | b"notice"
                    | b"info"
                    | b"debug"
            )
        )
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

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(rest: &str, host: &str, name: &str, pid: Option<u32>, body: &str) {
        let tag = split(rest.as_bytes());
        let want = Tag {
            host: host.as_bytes(),
            ident: name.as_bytes(),
            pid,
            body: body.as_bytes(),
        };
        assert_eq!(tag, want, "{rest}");
    }

    #[test]
    fn host_program_and_pid_stand_in_their_order_or_are_missing() {
        check(
            "proxy01 haproxy[7]: x y",
            "proxy01",
            "haproxy",
            Some(7),
            "x y",
        );
        check("haproxy[7]: x y", "", "haproxy", Some(7), "x y");
        check("proxy01 haproxy: x y", "proxy01", "haproxy", None, "x y");
        check("proxy01 x y", "proxy01", "", None, "x y");
        check(
            "proxy01 haproxy[7] x y",
            "proxy01",
            "haproxy",
            Some(7),
            "x y",
        );
        check(
            "collector proxy01 haproxy[7]: x",
            "collector",
            "haproxy",
            Some(7),
            "x",
        );
        check("proxy01 Server be: x", "proxy01", "", None, "Server be: x");
        check("proxy01 x[y] z", "proxy01", "", None, "x[y] z");
    }

    #[test]
    fn facility_and_level_are_skipped() {
        check("local0.info haproxy[7]: x", "", "haproxy", Some(7), "x");
        check(
            "<local0.info> proxy01 haproxy[7]: x",
            "proxy01",
            "haproxy",
            Some(7),
            "x",
        );
        check(
            "proxy01 local1.notice haproxy[7]: x",
            "proxy01",
            "haproxy",
            Some(7),
            "x",
        );
        check(
            "lb1.example.info haproxy[7]: x",
            "lb1.example.info",
            "haproxy",
            Some(7),
            "x",
        );
    }

    #[test]
    fn a_message_without_host_and_tag_keeps_its_first_word() {
        for body in [
            "192.0.2.50:40000 [05/Jun/2026:21:53:47.987] fe_app be_app/app1 0/0/0/1/1 200",
            "Server be_app/app1 is DOWN, reason: Layer4 timeout",
            "[WARNING]  (8) : Server be_app/app1 is DOWN",
            "backend be_app has no server available!",
            "be_app/app1 changed its IP from 192.0.2.1 to 192.0.2.2 by DNS cache.",
            "--- last message repeated 2 times ---",
        ] {
            check(body, "", "", None, body);
        }
    }
}
