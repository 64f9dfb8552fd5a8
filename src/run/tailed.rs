//! Files that sos cut at the front: what is left of the first line is no line.
//!
//! sos keeps the last megabytes of a file that is over its limit as `….tailed`, cut at any byte, and puts a link in the file's
//! own place. Source: sos, `sos/report/plugins/__init__.py`, `sos_strings`.

use crate::carrier;
use crate::intake::Content;
use std::io::Cursor;
use std::io::Read;

/// What the report says about such a file.
pub(super) const NOTE: &str =
    "cut at the front by sos (.tailed): what came before is not in this bundle";
/// Bytes in which the first line must end; where it does not, it is left as it is.
const FIRST_LINE_MAX: u64 = 64 << 10;

/// A content, and what was done to it.
pub(super) enum Lines<'a> {
    /// It was not cut.
    All(Content<'a>),
    /// Blanks stand in place of what was left of its first line, so that lines and offsets are those of the file.
    FrontCut(Content<'a>),
}

/// Blanks the first line of a `.tailed` file, unless it is whole.
pub(super) fn whole_lines<'a>(path: &str, content: Content<'a>) -> Lines<'a> {
    if !path.ends_with(".tailed") {
        return Lines::All(content);
    }
    Lines::FrontCut(match content {
        Content::Whole(mut bytes) => {
            blank(&mut bytes);
            Content::Whole(bytes)
        }
        Content::File(file, _) => stream(file),
        Content::Stream(inner) => stream(inner),
    })
}

fn stream<'a>(mut inner: impl Read + 'a) -> Content<'a> {
    let mut head = Vec::new();
    // An error comes again when the rest is read.
    let _ = (&mut inner).take(FIRST_LINE_MAX).read_to_end(&mut head);
    blank(&mut head);
    Content::Stream(Box::new(Cursor::new(head).chain(inner)))
}

fn blank(bytes: &mut [u8]) {
    let max = usize::try_from(FIRST_LINE_MAX)
        .unwrap_or(0)
        .min(bytes.len());
    let Some(end) = memchr::memchr(b'\n', bytes.get(..max).unwrap_or(&[])) else {
        return;
    };
    let line = bytes.get_mut(..end).unwrap_or_default();
    if !carrier::starts_record(line) {
        line.fill(b' ');
    }
}
