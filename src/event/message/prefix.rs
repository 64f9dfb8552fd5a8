//! What HAProxy puts before a message on standard error: label, date, pid, and the context of later versions.
//!
//! Source: HAProxy `src/errors.c` (`src/log.c` before 2.4).

use crate::event::message::TextPid;
use crate::event::message::text::number;
use crate::event::message::text::quoted;
use crate::event::message::text::split_once;

/// Most context elements before one message: `config : `, `parsing […] : `, `'server b/s' : ` and one to spare.
const CONTEXTS_MAX: usize = 4;

/// The word in the brackets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Level {
    Alert,
    Warning,
    Notice,
    Diag,
}

/// A label and what follows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Label<'a> {
    pub(super) level: Level,
    pub(super) pid: TextPid,
    /// The label has a date or a pid, as only HAProxy writes it; other programs write `[WARNING]` too.
    pub(super) sure: bool,
    pub(super) text: &'a [u8],
}

/// `[WARNING] 325/074604 (324) : ` (up to 2.3), `[WARNING]  (324) : ` (since 2.4), or the bare `[WARNING] ` of a paste.
pub(super) fn label(body: &[u8]) -> Option<Label<'_>> {
    const LEVELS: [(&[u8], Level); 4] = [
        (b"ALERT]", Level::Alert),
        (b"WARNING]", Level::Warning),
        (b"NOTICE]", Level::Notice),
        (b"DIAG]", Level::Diag),
    ];
    let inner = body.strip_prefix(b"[")?;
    let (level, rest) = LEVELS
        .iter()
        .find_map(|(word, level)| Some((*level, inner.strip_prefix(*word)?)))?;
    let rest = rest.trim_ascii_start();
    let (dated, rest) = match day_and_time(rest) {
        Some(after) => (true, after.trim_ascii_start()),
        None => (false, rest),
    };
    let (pid, rest) = match pid_in_parentheses(rest) {
        Some((pid, after)) => (Some(pid), after.trim_ascii_start()),
        None => (None, rest),
    };
    let sure = dated || pid.is_some();
    let text = match rest.strip_prefix(b":") {
        Some(after) if sure => after.trim_ascii_start(),
        _ => rest,
    };
    Some(Label {
        level,
        pid,
        sure,
        text,
    })
}

/// What a message says about where in the configuration it belongs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Context<'a> {
    /// `config : ` or `config: ` stood there.
    pub(super) config: bool,
    /// `parsing [file:line]` stood there.
    pub(super) parsing: bool,
    /// `'server b/s'`, or `'server s'` up to 2.4.
    pub(super) server: &'a [u8],
    /// The text after `config : `, with the other elements.
    pub(super) whole: &'a [u8],
    /// The text after all elements.
    pub(super) text: &'a [u8],
}

/// Takes the context elements off the start of a message.
pub(super) fn context(text: &[u8]) -> Context<'_> {
    let mut found = Context {
        whole: text,
        text,
        ..Context::default()
    };
    for _ in 0..CONTEXTS_MAX {
        let at = found.text;
        let config = at
            .strip_prefix(b"config : ")
            .or_else(|| at.strip_prefix(b"config: "));
        if let Some(rest) = config {
            found.config = true;
            found.whole = rest;
            found.text = rest;
        } else if let Some(rest) = at.strip_prefix(b"parsing ").and_then(place) {
            found.parsing = true;
            found.text = rest;
        } else if let Some(rest) = place(at) {
            found.text = rest;
        } else if let Some((inner, rest)) = section(at) {
            found.server = inner.strip_prefix(b"server ").unwrap_or(found.server);
            found.text = rest;
        } else {
            break;
        }
    }
    found
}

/// `[file:line] : ` or `[file:line]: `.
fn place(text: &[u8]) -> Option<&[u8]> {
    let (inner, rest) = split_once(text.strip_prefix(b"[")?, b"]")?;
    let colon = memchr::memrchr(b':', inner)?;
    let (_, after_digits) = number(inner.get(colon + 1..)?)?;
    let rest = rest.strip_prefix(b" ").unwrap_or(rest).strip_prefix(b":")?;
    after_digits.is_empty().then(|| rest.trim_ascii_start())
}

/// `'server b/s' : `, `'backend b' : ` and so on.
fn section(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let (inner, rest) = quoted(text)?;
    Some((inner, rest.strip_prefix(b" : ")?))
}

/// `DDD/HHMMSS`: day of the year from 000, local time.
fn day_and_time(text: &[u8]) -> Option<&[u8]> {
    let (stamp, rest) = text.split_at_checked(10)?;
    let good = stamp.iter().enumerate().all(|(index, b)| match index {
        3 => *b == b'/',
        _ => b.is_ascii_digit(),
    });
    good.then_some(rest)
}

fn pid_in_parentheses(text: &[u8]) -> Option<(u32, &[u8])> {
    let (pid, rest) = number(text.strip_prefix(b"(")?)?;
    Some((pid, rest.strip_prefix(b")")?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(body: &str, level: Level, pid: TextPid, sure: bool, text: &str) {
        let found = label(body.as_bytes()).unwrap();
        assert_eq!((found.level, found.pid, found.sure), (level, pid, sure));
        assert_eq!(found.text, text.as_bytes(), "{body}");
    }

    #[test]
    fn labels_of_every_version_and_paste() {
        check(
            "[WARNING] 325/074604 (324) : text",
            Level::Warning,
            Some(324),
            true,
            "text",
        );
        check("[ALERT]    (7) : text", Level::Alert, Some(7), true, "text");
        check("[NOTICE] (7): text", Level::Notice, Some(7), true, "text");
        check("[DIAG]     (7) :", Level::Diag, Some(7), true, "");
        check(
            "[NOTICE] 325/074604 : text",
            Level::Notice,
            None,
            true,
            "text",
        );
        check("[ALERT]   text", Level::Alert, None, false, "text");
        check("[WARNING]: text", Level::Warning, None, false, ": text");
        assert_eq!(label(b"[Warning] text"), None);
        assert_eq!(label(b"[ALERT"), None);
    }

    #[test]
    fn context_elements_come_off() {
        let found =
            context(b"config : [/etc/haproxy/haproxy.cfg:14] : 'server be/s1' : could not resolve");
        assert!(found.config && !found.parsing);
        assert_eq!(found.server, b"be/s1");
        assert_eq!(found.text, b"could not resolve");
        assert!(found.whole.starts_with(b"[/etc"));
        let found = context(b"parsing [h.cfg:3]: 'option x' not usable");
        assert!(found.parsing);
        assert_eq!(found.text, b"'option x' not usable");
        let found = context(b"[haproxy.main()] Cannot raise");
        assert_eq!(found.text, b"[haproxy.main()] Cannot raise");
    }
}
