//! Text that is not plain UTF-8 or Latin-1 lines: byte order marks, UTF-16, lines that end with a carriage return alone.
//!
//! What other rooms get is UTF-8 with line feeds. Where that moves bytes, offsets refer to the decoded text, and the note
//! of the artifact says so.

use std::io;
use std::io::Read;

/// Bytes that [`of`] wants to see: a log without a line feed in so many bytes has none.
pub(super) const HEAD: usize = 64 << 10;
/// Bytes decoded at once.
const CHUNK: usize = 64 << 10;
/// The mark of UTF-8, which PowerShell and Notepad write.
const UTF8_MARK: &[u8] = &[0xef, 0xbb, 0xbf];

/// How text is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    /// UTF-8 after a byte order mark.
    MarkedUtf8,
    Utf16Le,
    Utf16Be,
    /// Lines end with a carriage return, none with a line feed.
    CarriageReturns,
}

/// The encoding that the first bytes show; `None`: nothing is to be decoded.
pub(super) fn of(bytes: &[u8]) -> Option<Encoding> {
    let head = bytes.get(..HEAD).unwrap_or(bytes);
    match head {
        [0xef, 0xbb, 0xbf, ..] => Some(Encoding::MarkedUtf8),
        // with two zeros more it would be UTF-32
        [0xff, 0xfe, rest @ ..] if !rest.starts_with(&[0, 0]) => Some(Encoding::Utf16Le),
        [0xfe, 0xff, ..] => Some(Encoding::Utf16Be),
        _ => {
            let returns = memchr::memchr(b'\r', head).is_some()
                && memchr::memchr2(b'\n', 0, head).is_none()
                && !head.starts_with(b"\r");
            returns.then_some(Encoding::CarriageReturns)
        }
    }
}

impl Encoding {
    /// What the report says about it.
    pub(super) fn note(self) -> String {
        match self {
            Encoding::MarkedUtf8 => {
                "begins with a byte order mark of UTF-8; offsets are of the text without it"
            }
            Encoding::Utf16Le => {
                "decoded from UTF-16 (little endian); offsets are of the text as UTF-8"
            }
            Encoding::Utf16Be => {
                "decoded from UTF-16 (big endian); offsets are of the text as UTF-8"
            }
            Encoding::CarriageReturns => {
                "its lines end with carriage returns, which are read as line feeds"
            }
        }
        .to_owned()
    }

    /// Text that is all there.
    pub(super) fn decode(self, bytes: &[u8]) -> Vec<u8> {
        let mut text = Vec::with_capacity(bytes.len() + 8);
        // Reading from memory does not fail.
        let _ = self.decoder(bytes).read_to_end(&mut text);
        text
    }

    /// Text that comes in order.
    pub(super) fn decoder<'a>(self, inner: impl Read + 'a) -> Box<dyn Read + 'a> {
        match self {
            Encoding::MarkedUtf8 => Box::new(Unmarked {
                inner,
                mark: UTF8_MARK,
            }),
            Encoding::CarriageReturns => Box::new(LineFeeds { inner }),
            Encoding::Utf16Le => Box::new(Utf16::new(inner, u16::from_le_bytes)),
            Encoding::Utf16Be => Box::new(Utf16::new(inner, u16::from_be_bytes)),
        }
    }
}

/// Leaves the mark out.
struct Unmarked<R> {
    inner: R,
    mark: &'static [u8],
}

impl<R: Read> Read for Unmarked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while !self.mark.is_empty() {
            let mut skipped = [0; 3];
            let room = skipped.get_mut(..self.mark.len()).unwrap_or_default();
            let n = self.inner.read(room)?;
            if n == 0 {
                return Ok(0);
            }
            self.mark = self.mark.get(n..).unwrap_or(&[]);
        }
        self.inner.read(buffer)
    }
}

/// Line feeds in place of carriage returns.
struct LineFeeds<R> {
    inner: R,
}

impl<R: Read> Read for LineFeeds<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buffer)?;
        for byte in buffer.iter_mut().take(n).filter(|byte| **byte == b'\r') {
            *byte = b'\n';
        }
        Ok(n)
    }
}

/// UTF-8 from UTF-16; what is no character becomes U+FFFD.
struct Utf16<R> {
    inner: R,
    number: fn([u8; 2]) -> u16,
    /// The first half of a pair that the bytes read so far end with.
    high: Option<u16>,
    /// Bytes read; the last one may be half a number.
    raw: Vec<u8>,
    /// Text that was not given yet, from `given` on.
    text: Vec<u8>,
    given: usize,
    /// The mark was seen.
    started: bool,
    ended: bool,
}

impl<R: Read> Utf16<R> {
    fn new(inner: R, number: fn([u8; 2]) -> u16) -> Self {
        Utf16 {
            inner,
            number,
            high: None,
            raw: Vec::new(),
            text: Vec::new(),
            given: 0,
            started: false,
            ended: false,
        }
    }

    fn fill(&mut self) -> io::Result<()> {
        self.text.clear();
        self.given = 0;
        let kept = self.raw.len();
        self.raw.resize(CHUNK, 0);
        let read = self
            .inner
            .read(self.raw.get_mut(kept..).unwrap_or_default());
        let n = kept + read.as_ref().copied().unwrap_or(0);
        self.raw.truncate(n);
        self.ended = read? == 0;
        let (pairs, rest) = self.raw.as_chunks::<2>();
        let skipped = usize::from(!self.started).min(pairs.len());
        self.started |= skipped > 0;
        let numbers = pairs.iter().skip(skipped).map(|pair| (self.number)(*pair));
        let mut last = None;
        let mut numbers = self.high.take().into_iter().chain(numbers).peekable();
        let complete = std::iter::from_fn(|| {
            let number = numbers.next()?;
            let is_high = (0xd800..0xdc00).contains(&number);
            if is_high && numbers.peek().is_none() && !self.ended {
                last = Some(number);
                return None;
            }
            Some(number)
        });
        for decoded in char::decode_utf16(complete) {
            let character = decoded.unwrap_or(char::REPLACEMENT_CHARACTER);
            let mut bytes = [0; 4];
            self.text
                .extend_from_slice(character.encode_utf8(&mut bytes).as_bytes());
        }
        let rest = rest.to_vec();
        self.high = last;
        self.raw = rest;
        if self.ended && !self.raw.is_empty() {
            self.raw.clear();
            self.text.extend_from_slice("\u{fffd}".as_bytes());
        }
        Ok(())
    }
}

impl<R: Read> Read for Utf16<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.given >= self.text.len() && !self.ended {
            self.fill()?;
        }
        let there = self.text.get(self.given..).unwrap_or(&[]);
        let n = there.len().min(buffer.len());
        if let (Some(into), Some(from)) = (buffer.get_mut(..n), there.get(..n)) {
            into.copy_from_slice(from);
        }
        self.given += n;
        Ok(n)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A reader that gives a few bytes at a time.
    struct Drops<'a>(&'a [u8], usize);

    impl Read for Drops<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let n = self.1.min(buffer.len()).min(self.0.len());
            buffer[..n].copy_from_slice(&self.0[..n]);
            self.0 = &self.0[n..];
            Ok(n)
        }
    }

    #[track_caller]
    fn check(bytes: &[u8], want: &str) {
        let found = of(bytes).unwrap();
        assert_eq!(String::from_utf8(found.decode(bytes)).unwrap(), want);
        for n in 1..7 {
            let mut text = Vec::new();
            let mut decoder = found.decoder(Drops(bytes, n));
            decoder.read_to_end(&mut text).unwrap();
            assert_eq!(String::from_utf8(text).unwrap(), want, "{n} at a time");
        }
    }

    #[test]
    fn every_encoding_gives_lines_of_utf8() {
        let text = "Jun 05 größe \u{1f600}\r\nnext\r\n";
        let marked = format!("\u{feff}{text}");
        check(marked.as_bytes(), text);
        let le: Vec<u8> = marked.encode_utf16().flat_map(u16::to_le_bytes).collect();
        check(&le, text);
        let be: Vec<u8> = marked.encode_utf16().flat_map(u16::to_be_bytes).collect();
        check(&be, text);
        check(b"a\rb\r", "a\nb\n");
    }

    #[test]
    fn halves_of_characters_become_the_replacement_character() {
        check(&[0xff, 0xfe, 0x3d, 0xd8, b'a', 0], "\u{fffd}a");
        check(&[0xff, 0xfe, 0x3d, 0xd8], "\u{fffd}");
        check(&[0xff, 0xfe, b'a', 0, b'b'], "a\u{fffd}");
    }

    #[test]
    fn plain_text_is_left_alone() {
        for bytes in [
            &b"a\r\nb\r\n"[..],
            b"a\nb\n",
            b"\xff\xfe\0\0",
            b"gr\xfc\xdfe\n",
            b"\r",
            b"",
        ] {
            assert_eq!(of(bytes), None, "{bytes:?}");
        }
    }
}
