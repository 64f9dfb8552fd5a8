//! Last resort: finds a message behind a prefix that no carrier knows.
//!
//! A traffic line may hold anything that a client sends, so nothing is taken from behind a quote, a brace or a request.

use std::sync::LazyLock;

use memchr::memmem::Finder;

use crate::event::message::Message;
use crate::event::message::TextPid;
use crate::event::message::backend;
use crate::event::message::check;
use crate::event::message::embryonic;
use crate::event::message::text::contains;
use crate::event::message::text::word;
use crate::event::message::wording;

/// Longest prefix behind which a message is looked for, in bytes: room for a collector's stamp, namespace, pod and
/// container before a whole syslog header. Kept small, because every byte more is one more for strangers to write in.
const PREFIX_BYTES_MAX: usize = 256;

/// How far behind the longest prefix a mark may stand: the kind and the name of a backend come before ` has no server`.
const NAME_BYTES_MAX: usize = 64;

/// Searchers, built once: lines of other programs come here by the million.
struct Marks {
    server: Finder<'static>,
    check: Finder<'static>,
    no_server: Finder<'static>,
    tag: Finder<'static>,
}

static MARKS: LazyLock<Marks> = LazyLock::new(|| Marks {
    server: Finder::new(b"Server "),
    check: Finder::new(b" check for "),
    no_server: Finder::new(b" has no server available"),
    tag: Finder::new(b"haproxy"),
});

/// A message inside `body`, which does not start with one.
pub(super) fn inside(body: &[u8]) -> Option<(TextPid, Message)> {
    let stranger = memchr::memchr3(b'"', b'{', b'`', body).unwrap_or(body.len());
    let window = body.get(..stranger.min(PREFIX_BYTES_MAX + NAME_BYTES_MAX))?;
    let marks: &Marks = &MARKS;
    labelled(body, window)
        .or_else(|| worded(marks, body, window).map(|message| (None, message)))
        .or_else(|| tagged(marks, body, window))
}

/// The text from a stderr label on.
fn labelled(body: &[u8], window: &[u8]) -> Option<(TextPid, Message)> {
    const LABELS: [&[u8]; 3] = [b"[WARNING", b"[ALERT", b"[NOTICE"];
    memchr::memchr_iter(b']', window).find_map(|at| {
        let head = window.get(..at)?;
        let prefix = LABELS.iter().find_map(|label| head.strip_suffix(*label))?;
        let text = body.get(prefix.len()..)?;
        plain(prefix).then(|| wording::at_start(text))?
    })
}

/// The text behind `haproxy[25]: `, `haproxy-1  | ` and the like; a host may be called haproxy too.
fn tagged(marks: &Marks, body: &[u8], window: &[u8]) -> Option<(TextPid, Message)> {
    marks.tag.find_iter(window).find_map(|at| {
        let (prefix, tail) = body.split_at_checked(at)?;
        let (tag, padded) = word(tail);
        let text = match tag.strip_suffix(b":") {
            Some(_) => padded,
            None => padded.trim_ascii_start().strip_prefix(b"|")?,
        };
        plain(prefix).then(|| wording::at_start(text.trim_ascii()))?
    })
}

/// A message about a server or a backend, known by its fixed words.
fn worded(marks: &Marks, body: &[u8], window: &[u8]) -> Option<Message> {
    let server = marks.server.find_iter(window).find_map(|at| {
        let head = body.get(..at)?;
        let start = head.strip_suffix(b"Backup ").map_or(at, <[u8]>::len);
        from(body, start, wording::server)
    });
    server
        .or_else(|| {
            let head = body.get(..marks.check.find(window)?)?;
            let start = head
                .strip_suffix(b"Health")
                .or_else(|| head.strip_suffix(b"Agent"))?
                .len();
            from(body, start, check::line)
        })
        .or_else(|| {
            let head = body.get(..marks.no_server.find(window)?)?;
            let name = last_word(head)?;
            let kind = last_word(head.get(..name)?.strip_suffix(b" ")?)?;
            from(body, kind, backend::decode)
        })
}

/// Decodes what stands from `start`, when the prefix is one that a program writes.
fn from(body: &[u8], start: usize, decode: impl Fn(&[u8]) -> Option<Message>) -> Option<Message> {
    let (prefix, text) = body.split_at_checked(start)?;
    (plain(prefix) && ends_in_seam(prefix)).then(|| decode(text))?
}

/// Where the last word of `text` starts.
fn last_word(text: &[u8]) -> Option<usize> {
    Some(memchr::memrchr(b' ', text).map_or(0, |at| at + 1))
}

/// No quote, brace, request or accept date before the message, and not too far in.
fn plain(prefix: &[u8]) -> bool {
    prefix.len() <= PREFIX_BYTES_MAX
        && memchr::memchr3(b'"', b'{', b'`', prefix).is_none()
        && !contains(prefix, b"HTTP/")
        && !contains(prefix, b"://")
        && !memchr::memchr_iter(b'[', prefix)
            .any(|at| prefix.get(at + 1..).is_some_and(embryonic::accept_date))
}

/// A blank, a bracket, a colon, or a colour code stands before the message.
fn ends_in_seam(prefix: &[u8]) -> bool {
    match prefix {
        [] | [.., b' ' | b'\t' | b':' | b'|' | b']' | b'>' | b'['] => true,
        [head @ .., b'm'] => memchr::memrchr(0x1b, head).is_some_and(|at| {
            let code = head.get(at + 1..).unwrap_or(&[]);
            code.starts_with(b"[") && word(code).1.is_empty() && code.len() < 12
        }),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use crate::event::message::decode;
    use crate::event::message::tests::REFUSED;
    use crate::event::message::tests::refused;

    #[test]
    fn one_event_is_the_same_on_every_carrier() {
        let expected = refused();
        let rows = [
            ("", "", None),
            ("[WARNING] 325/074604 (324) : ", "", Some(324)),
            ("[WARNING]  (324) : ", "", Some(324)),
            ("[WARNING]  (324) : config : ", "", Some(324)),
            ("[WARNING] ", "", None),
            ("  ", "  \r", None),
            ("haproxy-1  | [WARNING]  (8) : ", "", Some(8)),
            ("<129>Feb  6 12:00:00 lb1 haproxy[25]: ", "", None),
            ("2026-01-02T03:04:05+00:00 lb1 haproxy 25 - - ", "", None),
            ("lego | ", "", None),
            ("\u{1b}[36mlb\u{1b}[0m", "", None),
            ("message repeated 3 times: [ ", "]", None),
            ("haproxy[25]: message repeated 3 times: [ ", "]", None),
            ("[HAproxy Alert] ", "", None),
        ];
        for (before, after, pid) in rows {
            let body = format!("{before}{REFUSED}{after}");
            let found = decode(body.as_bytes()).unwrap_or_else(|| panic!("not decoded: {body}"));
            assert_eq!(found, (pid, expected.clone()), "{body}");
        }
    }
}
