//! Small steps on bytes that every source of this folder takes.

use crate::base::printable;
use crate::event::host::HostEvent;
use crate::event::host::HostKind;

/// Longest subject, in bytes of the line: what fits a report's column with room to spare.
const SUBJECT_BYTES_MAX: usize = 200;

/// The one place where an event is made.
pub(super) fn event(kind: HostKind, subject: &[u8]) -> Option<HostEvent> {
    let cut = subject.get(..SUBJECT_BYTES_MAX).unwrap_or(subject);
    Some(HostEvent {
        kind,
        subject: printable(cut),
        count: None,
    })
}

/// Whether `needle` occurs anywhere.
pub(super) fn has(haystack: &[u8], needle: &[u8]) -> bool {
    memchr::memmem::find(haystack, needle).is_some()
}

/// Whether one of `needles` occurs anywhere.
pub(super) fn has_any(haystack: &[u8], needles: &[&[u8]]) -> bool {
    needles.iter().any(|needle| has(haystack, needle))
}

/// Whether it begins with one of `heads`.
pub(super) fn starts_with_any(text: &[u8], heads: &[&[u8]]) -> bool {
    heads.iter().any(|head| text.starts_with(head))
}

/// What stands before and after the first `needle`.
pub(super) fn split<'a>(text: &'a [u8], needle: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let at = memchr::memmem::find(text, needle)?;
    Some((text.get(..at)?, text.get(at + needle.len()..)?))
}

/// What stands before the first `needle`.
pub(super) fn before<'a>(text: &'a [u8], needle: &[u8]) -> Option<&'a [u8]> {
    split(text, needle).map(|(head, _)| head)
}

/// What stands after the first `needle`.
pub(super) fn after<'a>(text: &'a [u8], needle: &[u8]) -> Option<&'a [u8]> {
    split(text, needle).map(|(_, tail)| tail)
}

/// What stands between `open` and the next `close`.
pub(super) fn between<'a>(text: &'a [u8], open: &[u8], close: &[u8]) -> Option<&'a [u8]> {
    before(after(text, open)?, close)
}

/// The bytes up to the first blank.
pub(super) fn first_word(text: &[u8]) -> &[u8] {
    let mut words = words(text);
    words.next().unwrap_or(text)
}

/// The bytes after the last blank.
pub(super) fn last_word(text: &[u8]) -> &[u8] {
    match text.iter().rposition(|b| *b == b' ') {
        Some(blank) => text.get(blank + 1..).unwrap_or(text),
        None => text,
    }
}

/// Words between blanks, without empty ones.
pub(super) fn words(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(|b| *b == b' ').filter(|word| !word.is_empty())
}

/// The value of `key` in `key=value` or `key="value"`; `key` includes its `=`.
pub(super) fn value<'a>(text: &'a [u8], key: &[u8]) -> Option<&'a [u8]> {
    let rest = after(text, key)?;
    match rest.strip_prefix(b"\"") {
        Some(quoted) => before(quoted, b"\""),
        None => rest
            .split(|b| matches!(b, b' ' | b',' | b')' | b';'))
            .next(),
    }
}

/// The last part of a path.
pub(super) fn base_name(path: &[u8]) -> &[u8] {
    match memchr::memrchr(b'/', path) {
        Some(slash) => path.get(slash + 1..).unwrap_or(path),
        None => path,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_quoted_and_bare() {
        assert_eq!(
            value(b"pid=12 comm=\"java x\" a", b"comm="),
            Some(&b"java x"[..])
        );
        assert_eq!(value(b"task=node,pid=1", b"task="), Some(&b"node"[..]));
        assert_eq!(value(b"comm=\"open", b"comm="), None);
        assert_eq!(last_word(b"a b"), b"b");
        assert_eq!(first_word(b""), b"");
        assert_eq!(base_name(b"/system.slice/app.service"), b"app.service");
    }

    #[test]
    fn a_subject_is_cut_and_printable() {
        let long = [b'x'; 500];
        assert_eq!(event(HostKind::Network, &long).unwrap().subject.len(), 200);
        assert_eq!(
            event(HostKind::Network, b"\x1b[2J").unwrap().subject,
            "\\x1B[2J"
        );
    }
}
