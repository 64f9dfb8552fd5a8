//! Small steps over the bytes of a message: words, names, numbers, what stands between two marks.

use crate::base::leading_decimal;
use crate::base::printable;
use crate::event::message::Left;
use crate::event::message::ServerName;

/// What stands before and after the first `mark`.
pub(super) fn split_once<'a>(text: &'a [u8], mark: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let at = memchr::memmem::find(text, mark)?;
    Some((text.get(..at)?, text.get(at + mark.len()..)?))
}

/// Whether `part` stands anywhere in `text`.
pub(super) fn contains(text: &[u8], part: &[u8]) -> bool {
    memchr::memmem::find(text, part).is_some()
}

/// Whether `text` starts with one of `heads`.
pub(super) fn starts_with_any(text: &[u8], heads: &[&[u8]]) -> bool {
    // The first byte decides nearly always, and costs no call.
    let first = text.first();
    heads
        .iter()
        .any(|head| head.first() == first && text.starts_with(head))
}

/// The bytes before the first blank, and the rest with that blank.
pub(super) fn word(text: &[u8]) -> (&[u8], &[u8]) {
    let end = memchr::memchr(b' ', text).unwrap_or(text.len());
    text.split_at_checked(end).unwrap_or((text, &[]))
}

/// `'x'` at the start: x and what follows the closing quote.
pub(super) fn quoted(text: &[u8]) -> Option<(&[u8], &[u8])> {
    split_once(text.strip_prefix(b"'")?, b"'")
}

/// Digits at the start as a number, and what follows.
pub(super) fn number(text: &[u8]) -> Option<(u32, &[u8])> {
    let (value, rest) = leading_decimal(text)?;
    Some((u32::try_from(value).ok()?, rest))
}

/// The text without one final dot.
pub(super) fn without_dot(text: &[u8]) -> &[u8] {
    text.strip_suffix(b".").unwrap_or(text)
}

/// A proxy's name: the characters that HAProxy allows, or those in angle brackets (`<HTTPCLIENT>`).
pub(super) fn proxy_name(token: &[u8]) -> Option<String> {
    let inner = token
        .strip_prefix(b"<")
        .and_then(|t| t.strip_suffix(b">"))
        .unwrap_or(token);
    (!inner.is_empty() && inner.iter().all(|b| name_byte(*b))).then(|| printable(token))
}

/// `backend/server`, split at the first `/`; `None` when a half is empty or holds what HAProxy allows in no name.
pub(super) fn server_name(token: &[u8]) -> Option<ServerName> {
    let slash = memchr::memchr(b'/', token)?;
    let (backend, server) = (token.get(..slash)?, token.get(slash + 1..)?);
    let good = |half: &[u8]| !half.is_empty() && half.iter().all(|b| name_byte(*b));
    (good(backend) && good(server)).then(|| ServerName {
        backend: printable(backend),
        server: printable(server),
    })
}

/// ` via b/s` at the start.
pub(super) fn via(text: &[u8]) -> Option<ServerName> {
    let (token, _) = word(text.strip_prefix(b" via ")?);
    server_name(without_dot(token))
}

/// `1 active and 0 backup servers left|online` anywhere in `text`, which must hold no text of a stranger.
pub(super) fn left(text: &[u8]) -> Option<Left> {
    let (before, after) = split_once(text, b" active and ")?;
    let n_digits = before
        .iter()
        .rev()
        .take_while(|b| b.is_ascii_digit())
        .count();
    let (active, _) = number(before.get(before.len() - n_digits..)?)?;
    let (backup, rest) = number(after)?;
    rest.starts_with(b" backup")
        .then_some(Left { active, backup })
}

fn name_byte(b: u8) -> bool {
    b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b':')
}

#[cfg(test)]
mod tests {
    use super::left;
    use super::proxy_name;
    use super::server_name;
    use crate::event::message::Left;

    #[test]
    fn names_hold_what_haproxy_allows() {
        let name = server_name(b"www.example.org:443/app-1.example.org:8080").unwrap();
        assert_eq!(name.backend, "www.example.org:443");
        assert_eq!(name.server, "app-1.example.org:8080");
        assert_eq!(server_name(b"be/"), None);
        assert_eq!(server_name(b"/s1"), None);
        assert_eq!(server_name(b"a/b/c"), None);
        assert_eq!(proxy_name(b"<HTTPCLIENT>").unwrap(), "<HTTPCLIENT>");
        assert_eq!(proxy_name(b"'x'"), None);
    }

    #[test]
    fn counts_that_were_cut_are_absent() {
        assert_eq!(
            left(b". 12 active and 3 backup servers left."),
            Some(Left {
                active: 12,
                backup: 3
            })
        );
        assert_eq!(left(b". 12 active and 3"), None);
        assert_eq!(left(b" active and 3 backup"), None);
        assert_eq!(left(b"99999999999 active and 3 backup"), None);
    }
}
