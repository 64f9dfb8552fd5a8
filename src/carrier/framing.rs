//! Where records begin and end in the bytes of a log, and where a log may be cut into blocks.

use crate::base::find_far;
use memchr::memmem;
use std::sync::LazyLock;

/// How records are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Framing {
    /// One record per line.
    Lines,
    /// `journalctl -o export`: fields one per line, an empty line ends the record.
    Export,
    /// `journalctl -o verbose`: a dated line, then fields indented by blanks.
    Verbose,
    /// `journalctl -o json-pretty`: `{` alone, fields, `}` alone.
    PrettyJson,
}

/// One record as it stands in a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame<'a> {
    /// Offset of its first byte in the block.
    pub offset: usize,
    /// Its bytes, without the final line feed.
    pub raw: &'a [u8],
}

/// What every record of the export format starts with; a binary field can hold an empty line, but hardly one before this.
const EXPORT_START: &[u8] = b"__CURSOR=";

/// Searches for it; made once, since records are short.
static START_OF_EXPORT: LazyLock<memmem::Finder<'static>> =
    LazyLock::new(|| memmem::Finder::new(EXPORT_START));

impl Framing {
    /// Decides by the first bytes of a log.
    pub fn of(head: &[u8]) -> Framing {
        let head = without_notes(head.trim_ascii_start());
        let line = head.split(|&c| c == b'\n').next().unwrap_or(b"");
        let line = line.trim_ascii_end();
        if head.starts_with(EXPORT_START) || head.starts_with(b"__REALTIME_TIMESTAMP=") {
            Framing::Export
        } else if line.ends_with(b"]") && memmem::find(line, b" [s=").is_some() {
            Framing::Verbose
        } else if line.trim_ascii() == b"{" {
            Framing::PrettyJson
        } else {
            Framing::Lines
        }
    }

    /// First record start at or after `from`; `None`: none in these bytes. Offset 0 is a start only if `from` is 0.
    pub fn start_after(self, bytes: &[u8], from: usize) -> Option<usize> {
        if from == 0 {
            return Some(0);
        }
        // A start at `from` itself shows in the bytes just before it.
        let reach = match self {
            Framing::Lines | Framing::Verbose => 1,
            Framing::Export => 0,
            Framing::PrettyJson => 4,
        };
        let base = from.checked_sub(reach).unwrap_or(from);
        let tail = bytes.get(base..)?;
        match self {
            Framing::Lines => Some(base + memchr::memchr(b'\n', tail)? + 1),
            Framing::Export => START_OF_EXPORT
                .find_iter(tail)
                .map(|at| base + at)
                .find(|&at| is_behind_an_empty_line(bytes, at)),
            Framing::Verbose => memchr::memchr_iter(b'\n', tail)
                .map(|at| base + at + 1)
                .find(|&at| bytes.get(at).is_some_and(|&c| c != b' ' && c != b'\t')),
            Framing::PrettyJson => memmem::find_iter(tail, b"\n}").find_map(|at| {
                let end = base + at + 2;
                let start = match bytes.get(end..)? {
                    [b'\n', ..] => end + 1,
                    [b'\r', b'\n', ..] => end + 2,
                    _ => return None,
                };
                (start >= from).then_some(start)
            }),
        }
    }
}

/// `\n\n` before it, or `\r\n\r\n` where a tool rewrote the line ends.
fn is_behind_an_empty_line(bytes: &[u8], at: usize) -> bool {
    let before = bytes.get(..at).unwrap_or(b"");
    before.ends_with(b"\n\n") || before.ends_with(b"\n\r\n")
}

/// journalctl writes its notes (`-- Logs begin at … --`, `-- Boot … --`) before the first record of every form.
fn without_notes(mut head: &[u8]) -> &[u8] {
    while head.starts_with(b"-- ")
        && let Some(end) = memchr::memchr(b'\n', head)
        && head
            .get(..end)
            .is_some_and(|line| line.trim_ascii_end().ends_with(b" --"))
    {
        head = head.get(end + 1..).unwrap_or(b"").trim_ascii_start();
    }
    head
}

/// The records of a block that starts at a record start. Every line of [`Framing::Lines`] counts, empty ones too.
pub fn frames(framing: Framing, block: &[u8]) -> Frames<'_> {
    Frames {
        framing,
        block,
        at: 0,
    }
}

/// Iterator of [`frames`].
#[derive(Clone, Debug)]
pub struct Frames<'a> {
    framing: Framing,
    block: &'a [u8],
    at: usize,
}

impl<'a> Frames<'a> {
    /// What is left of the block.
    pub fn rest(&self) -> &'a [u8] {
        self.block.get(self.at..).unwrap_or_default()
    }

    /// Where that begins in the block.
    pub fn offset(&self) -> usize {
        self.at
    }

    /// Goes on so many bytes further, to where a record starts.
    pub fn skip_bytes(&mut self, n: usize) {
        self.at += n;
    }
}

impl<'a> Iterator for Frames<'a> {
    type Item = Frame<'a>;

    #[inline(always)]
    fn next(&mut self) -> Option<Frame<'a>> {
        let rest = self.block.get(self.at..)?;
        if rest.is_empty() {
            return None;
        }
        let mut offset = self.at;
        let raw = if self.framing == Framing::Lines {
            let end = find_far(b'\n', rest).unwrap_or(rest.len());
            self.at += end + 1;
            let line = rest.get(..end)?;
            if line.first() == Some(&0) {
                // A hole that a crash or a truncated file left: the record begins behind it.
                let hole = line.iter().take_while(|&&byte| byte == 0).count();
                offset += hole;
                line.get(hole..)?
            } else {
                line
            }
        } else {
            // At least one byte further, so that the iterator always ends.
            let next = self
                .framing
                .start_after(self.block, self.at + 1)
                .unwrap_or(self.block.len());
            self.at = next.max(self.at + 1);
            self.block.get(offset..self.at)?.trim_ascii_end()
        };
        Some(Frame {
            offset,
            raw: raw.strip_suffix(b"\r").unwrap_or(raw),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(framing: Framing, block: &str, want: &[&str]) {
        assert_eq!(Framing::of(block.as_bytes()), framing);
        let got: Vec<_> = frames(framing, block.as_bytes())
            .map(|f| String::from_utf8_lossy(f.raw).into_owned())
            .collect();
        assert_eq!(got, want);
        // Cutting at any record start and reading the two halves gives the same records.
        for cut in 1..block.len() {
            if let Some(at) = framing.start_after(block.as_bytes(), cut) {
                let (a, b) = block.split_at(at);
                let halves: Vec<_> = frames(framing, a.as_bytes())
                    .chain(frames(framing, b.as_bytes()))
                    .map(|f| String::from_utf8_lossy(f.raw).into_owned())
                    .collect();
                assert_eq!(halves, want, "cut at {cut} -> {at}");
            }
        }
    }

    #[test]
    fn lines() {
        check(Framing::Lines, "a\r\n\nbc\nd", &["a", "", "bc", "d"]);
    }

    #[test]
    fn a_record_begins_behind_a_hole_of_zeros() {
        let block = b"a\n\0\0\0b\n\0\0";
        let got: Vec<_> = frames(Framing::Lines, block)
            .map(|f| (f.offset, f.raw))
            .collect();
        assert_eq!(got, [(0, &b"a"[..]), (5, b"b"), (9, b"")]);
    }

    #[test]
    fn export_records_with_an_empty_line_inside() {
        check(
            Framing::Export,
            "__CURSOR=a\nM=1\n\n__CURSOR=b\nX\n\u{2}\n\nM=2\n\n__CURSOR=c\n",
            &[
                "__CURSOR=a\nM=1",
                "__CURSOR=b\nX\n\u{2}\n\nM=2",
                "__CURSOR=c",
            ],
        );
    }

    #[test]
    fn records_whose_line_ends_were_rewritten() {
        check(
            Framing::Export,
            "__CURSOR=a\r\nM=1\r\n\r\n__CURSOR=b\r\nM=2\r\n",
            &["__CURSOR=a\r\nM=1", "__CURSOR=b\r\nM=2"],
        );
        check(
            Framing::PrettyJson,
            "{\r\n\t\"A\" : 1\r\n}\r\n{\r\n\t\"B\" : 2\r\n}\r\n",
            &["{\r\n\t\"A\" : 1\r\n}", "{\r\n\t\"B\" : 2\r\n}"],
        );
    }

    #[test]
    fn notes_of_journalctl_stand_before_any_form() {
        let notes = "-- Logs begin at Mon 2026-01-05 00:00:00 UTC. --\n-- Reboot --\n";
        let framing = |rest: &str| Framing::of(format!("{notes}{rest}").as_bytes());
        assert_eq!(framing("Mon 2026-01-05 UTC [s=1;i=1]\n"), Framing::Verbose);
        assert_eq!(framing("{\n"), Framing::PrettyJson);
        assert_eq!(framing("Jan 05 00:00:00 h p: x\n"), Framing::Lines);
        assert_eq!(framing(""), Framing::Lines);
    }

    #[test]
    fn verbose_and_pretty_records() {
        check(
            Framing::Verbose,
            "Mon 2026-01-05 UTC [s=1;i=1]\n    A=1\nTue [s=1;i=2]\n    B=2\n",
            &[
                "Mon 2026-01-05 UTC [s=1;i=1]\n    A=1",
                "Tue [s=1;i=2]\n    B=2",
            ],
        );
        check(
            Framing::PrettyJson,
            "{\n\t\"A\" : 1\n}\n{\n\t\"B\" : 2\n}\n",
            &["{\n\t\"A\" : 1\n}", "{\n\t\"B\" : 2\n}"],
        );
    }
}
