//! Where something stands: lines of an artifact, and citations of them.

use crate::base::printable;

/// Longest quote that a report carries, in bytes. Beyond it the line is cut, and says so with `…`.
/// HAProxy's own default line limit is 1024 (configuration manual 3.2, "log", `len`); state dumps are longer.
const QUOTE_BYTES_MAX: usize = 2048;

/// A position in one artifact's uncompressed bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// 1-based line, or the record's 1-based number in carriers without lines.
    pub line: u64,
    /// Byte offset of the line's or record's first byte.
    pub offset: u64,
}

/// Bytes of a whole artifact, or of a part of it (one output in a pasted session), that still know where they stand.
#[derive(Clone, Copy, Debug)]
pub struct Text<'a> {
    /// The bytes themselves; any bytes, from a stranger.
    pub bytes: &'a [u8],
    /// Place of the first byte in the artifact.
    pub first: Place,
}

impl<'a> Text<'a> {
    /// A whole artifact.
    pub fn new(bytes: &'a [u8]) -> Self {
        Text {
            bytes,
            first: Place { line: 1, offset: 0 },
        }
    }

    /// A part that starts at `first`.
    pub fn at(bytes: &'a [u8], first: Place) -> Self {
        Text { bytes, first }
    }

    /// The lines, each with its place.
    pub fn lines(&self) -> Lines<'a> {
        Lines {
            rest: self.bytes,
            next: self.first,
        }
    }
}

/// One line without its line feed and carriage return.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line<'a> {
    /// Where it stands.
    pub place: Place,
    /// Its bytes, without LF or CRLF.
    pub bytes: &'a [u8],
}

/// Iterator over the lines of a [`Text`].
#[derive(Clone, Debug)]
pub struct Lines<'a> {
    rest: &'a [u8],
    next: Place,
}

impl<'a> Iterator for Lines<'a> {
    type Item = Line<'a>;

    fn next(&mut self) -> Option<Line<'a>> {
        if self.rest.is_empty() {
            return None;
        }
        let place = self.next;
        let end = memchr::memchr(b'\n', self.rest);
        let (line, rest) = match end {
            Some(at) => (self.rest.get(..at)?, self.rest.get(at + 1..)?),
            None => (self.rest, &[][..]),
        };
        let taken = self.rest.len() - rest.len();
        self.rest = rest;
        self.next = Place {
            line: place.line + 1,
            offset: place.offset + taken as u64,
        };
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        Some(Line { place, bytes: line })
    }
}

/// Where a log line stands, as known while its block is read on some thread: the line number counts within the block.
///
/// Blocks are cut at fixed offsets, so a span is the same whatever the number of threads.
/// `run` knows how many lines each block has, and turns a span into a [`Place`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// Number of the artifact, in the order in which the report lists them.
    pub source: u32,
    /// Byte offset of the line in the artifact.
    pub offset: u64,
    /// Number of the block that holds the line.
    pub block: u32,
    /// 1-based line within the block.
    pub line: u32,
}

/// A line that a conclusion may quote.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cite {
    /// Where it stands.
    pub span: Span,
    /// The line as printable text.
    pub text: Box<str>,
}

impl Cite {
    /// A citation of a line seen while streaming.
    pub fn new(span: Span, line: &[u8]) -> Self {
        Cite {
            span,
            text: quote(line),
        }
    }

    /// A citation of a line of a small artifact, whose place is known at once.
    pub fn document(source: u32, place: Place, line: &[u8]) -> Self {
        let line_number = u32::try_from(place.line).unwrap_or(u32::MAX);
        Cite {
            span: Span {
                source,
                offset: place.offset,
                block: 0,
                line: line_number,
            },
            text: quote(line),
        }
    }
}

fn quote(line: &[u8]) -> Box<str> {
    match line.get(..QUOTE_BYTES_MAX) {
        Some(head) if line.len() > QUOTE_BYTES_MAX => {
            format!("{}…", printable(head)).into_boxed_str()
        }
        _ => printable(line).into_boxed_str(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_keep_their_places_with_lf_crlf_and_no_end() {
        let text = Text::at(
            b"a\r\nbc\n\nd",
            Place {
                line: 10,
                offset: 100,
            },
        );
        let got: Vec<(u64, u64, &[u8])> = text
            .lines()
            .map(|l| (l.place.line, l.place.offset, l.bytes))
            .collect();
        assert_eq!(
            got,
            vec![
                (10, 100, &b"a"[..]),
                (11, 103, &b"bc"[..]),
                (12, 106, &b""[..]),
                (13, 107, &b"d"[..])
            ]
        );
    }

    #[test]
    fn a_long_line_is_cut_and_says_so() {
        let cite = Cite::new(Span::default(), &[b'x'; QUOTE_BYTES_MAX + 1]);
        assert!(cite.text.ends_with('…'));
    }
}
