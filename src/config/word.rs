//! One line to words, as HAProxy's own lexer cuts them: quotes, escapes, comments, environment variables.
//!
//! Variables of the process that ran HAProxy are not known here: they stay in the word as `${NAME}` or `${NAME-default}`.
//! Source: configuration manual 3.2, "Quoting and escaping", "Environment variables"; verdicts compared with 2.6.12.

use crate::config::environment::Environment;
use crate::config::secret::is_secret_name;

/// Most words of a line that HAProxy keeps (`MAX_LINE_ARGS`, 1.4 to 3.4).
const WORDS_MAX: usize = 64;

/// What stands for a secret wherever it stood.
pub(super) const HIDDEN: &str = "…";

/// One word after unquoting.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Word {
    /// Its bytes; a variable that is not known stays as `${NAME}` or `${NAME-default}`.
    pub(super) bytes: Vec<u8>,
    /// The bytes with the default of every unknown variable; `None`: no unknown variable, or one without a default.
    pub(super) assumed: Option<Vec<u8>>,
    /// First byte of the word in its line.
    pub(super) start: usize,
    /// Byte after the word in its line.
    pub(super) end: usize,
}

/// What a line was cut into.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Words {
    /// Words before the comment; after an error those before it, and what was read of the word with the error.
    pub(super) words: Vec<Word>,
    /// Where the comment starts.
    pub(super) comment: Option<usize>,
    /// Names of the variables whose value is not known.
    pub(super) unknown: Vec<Vec<u8>>,
    /// Why HAProxy refuses the line.
    pub(super) problem: Option<String>,
}

impl Word {
    /// The bytes to read a number or a keyword from: with defaults in the place of unknown variables.
    pub(super) fn value(&self) -> &[u8] {
        self.assumed.as_deref().unwrap_or(&self.bytes)
    }
}

/// Cuts a line, given without its line end.
pub(super) fn split(line: &[u8], environment: &Environment) -> Words {
    let mut scan = Scan {
        line,
        rest: line,
        environment,
        quote: None,
        word: None,
        out: Words::default(),
    };
    let end = scan.run();
    match end {
        Ok(()) => {}
        Err(why) => {
            let position = scan.position() + 1;
            scan.out.problem = Some(format!("{why} at position {position}"));
            scan.rest = &[];
        }
    }
    scan.end_word();
    if scan.out.problem.is_none() && scan.out.words.len() > WORDS_MAX {
        scan.out.problem = Some(format!("more than {WORDS_MAX} words"));
        scan.out.words.truncate(WORDS_MAX);
    }
    scan.out
}

struct Scan<'a> {
    line: &'a [u8],
    rest: &'a [u8],
    environment: &'a Environment,
    /// The open quote and where it was opened.
    quote: Option<(u8, &'a [u8])>,
    word: Option<Open>,
    out: Words,
}

/// A word being read.
#[derive(Default)]
struct Open {
    bytes: Vec<u8>,
    assumed: Vec<u8>,
    start: usize,
    has_unknown: bool,
    has_undefined: bool,
}

impl<'a> Scan<'a> {
    fn run(&mut self) -> Result<(), &'static str> {
        loop {
            let quote = self.quote.map(|(q, _)| q);
            match (self.rest, quote) {
                ([] | [b'\r', ..], _) => break,
                ([0, ..], _) => return Err("a NUL byte"),
                ([b'#', ..], None) => {
                    self.out.comment = Some(self.position());
                    break;
                }
                ([q @ (b'"' | b'\''), tail @ ..], None) => {
                    self.open();
                    self.quote = Some((*q, self.rest));
                    self.rest = tail;
                }
                ([q, tail @ ..], Some(open)) if *q == open => {
                    self.quote = None;
                    self.rest = tail;
                }
                ([b'\\', tail @ ..], None | Some(b'"')) => self.escape(tail)?,
                ([b'$', tail @ ..], Some(b'"')) => self.variable(tail)?,
                ([c, tail @ ..], None) if is_space(*c) => {
                    self.end_word();
                    self.rest = tail;
                }
                ([c, tail @ ..], _) => {
                    self.push(*c);
                    self.rest = tail;
                }
            }
        }
        match self.quote {
            Some((_, from)) => {
                self.rest = from;
                Err("unmatched quote")
            }
            None => Ok(()),
        }
    }

    fn position(&self) -> usize {
        self.line.len() - self.rest.len()
    }

    fn open(&mut self) -> &mut Open {
        let start = self.position();
        self.word.get_or_insert_with(|| Open {
            start,
            ..Open::default()
        })
    }

    fn push(&mut self, c: u8) {
        let word = self.open();
        word.bytes.push(c);
        word.assumed.push(c);
    }

    fn end_word(&mut self) {
        let end = self.position();
        if let Some(open) = self.word.take() {
            let assumed = (open.has_unknown && !open.has_undefined).then_some(open.assumed);
            self.out.words.push(Word {
                bytes: open.bytes,
                assumed,
                start: open.start,
                end,
            });
        }
    }

    /// A backslash outside strong quotes; any pair without a meaning keeps both characters.
    fn escape(&mut self, tail: &'a [u8]) -> Result<(), &'static str> {
        let weak = self.quote.is_some();
        let (c, rest) = match tail {
            [c @ (b' ' | b'\\' | b'#' | b'\'' | b'"'), rest @ ..] => (*c, rest),
            [b'$', rest @ ..] if weak => (b'$', rest),
            [b't', rest @ ..] => (b'\t', rest),
            [b'n', rest @ ..] => (b'\n', rest),
            [b'r', rest @ ..] => (b'\r', rest),
            [b'x', high, low, rest @ ..] => match (hex(*high), hex(*low)) {
                (Some(high), Some(low)) => (high * 16 + low, rest),
                _ => return Err("truncated or invalid hexadecimal sequence"),
            },
            [b'x', ..] => return Err("truncated or invalid hexadecimal sequence"),
            rest => (b'\\', rest),
        };
        self.push(c);
        self.rest = rest;
        Ok(())
    }

    /// `$NAME`, `${NAME}`, `${NAME-default}`, `${NAME[*]}` inside weak quotes; `tail` follows the dollar sign.
    fn variable(&mut self, tail: &'a [u8]) -> Result<(), &'static str> {
        let braced = tail.strip_prefix(b"{");
        let from = braced.unwrap_or(tail);
        let dot = usize::from(from.first() == Some(&b'.'));
        let length = dot
            + from
                .iter()
                .skip(dot)
                .take_while(|c| c.is_ascii_alphanumeric() || **c == b'_')
                .count();
        let (name, mut rest) = from.split_at_checked(length).unwrap_or((from, &[]));
        if !is_variable_name(name) {
            self.rest = from;
            return Err("forbidden first character in environment variable name");
        }
        let mut default = None;
        if braced.is_some() {
            if rest.first() == Some(&b'[') {
                let Some(after) = rest.strip_prefix(b"[*]") else {
                    self.rest = rest;
                    return Err("truncated or invalid word expansion sequence");
                };
                rest = after;
            }
            let close = memchr::memchr(b'}', rest).and_then(|at| rest.split_at_checked(at));
            let Some((text, after)) = close.filter(|(t, _)| t.is_empty() || t.starts_with(b"-"))
            else {
                return Err("unmatched brace in environment variable name");
            };
            default = text.strip_prefix(b"-");
            rest = after.strip_prefix(b"}").unwrap_or(after);
        }
        self.expand(name, default);
        self.rest = rest;
        Ok(())
    }

    fn expand(&mut self, name: &[u8], default: Option<&[u8]>) {
        let known = self.environment.get(name);
        let word = self.open();
        match known {
            Some(value) => {
                let value = value.or(default).unwrap_or_default();
                word.bytes.extend_from_slice(value);
                word.assumed.extend_from_slice(value);
            }
            None => {
                word.has_unknown = true;
                word.bytes.extend_from_slice(b"${");
                word.bytes.extend_from_slice(name);
                if let Some(text) = default {
                    let hidden = is_secret_name(name);
                    let text = if hidden { HIDDEN.as_bytes() } else { text };
                    word.bytes.push(b'-');
                    word.bytes.extend_from_slice(text);
                    word.assumed.extend_from_slice(text);
                } else {
                    word.has_undefined = true;
                }
                word.bytes.push(b'}');
                self.out.unknown.push(name.to_vec());
            }
        }
    }
}

/// Names start with a letter or `_`; those with a dot are HAProxy's own and few.
fn is_variable_name(name: &[u8]) -> bool {
    match name {
        b".FILE" | b".LINE" | b".SECTION" => true,
        [first, ..] => first.is_ascii_alphabetic() || *first == b'_',
        [] => false,
    }
}

fn is_space(c: u8) -> bool {
    matches!(c, b' ' | b'\t' | 0x0b | 0x0c)
}

fn hex(c: u8) -> Option<u8> {
    match c {
        b'0'..=b'9' => Some(c - b'0'),
        b'a'..=b'f' => Some(c - b'a' + 10),
        b'A'..=b'F' => Some(c - b'A' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(line: &str, expected: &[&str]) {
        let got = split(line.as_bytes(), &Environment::default());
        let words: Vec<_> = got
            .words
            .iter()
            .map(|w| String::from_utf8_lossy(&w.bytes).into_owned())
            .collect();
        assert_eq!(words, expected, "{:?}", got.problem);
        assert_eq!(got.problem, None);
    }

    #[track_caller]
    fn refused(line: &str, why: &str) {
        let got = split(line.as_bytes(), &Environment::default());
        assert_eq!(got.problem.as_deref(), Some(why));
    }

    #[test]
    fn quotes_join_and_escapes_stand_for_themselves() {
        check("  a\tb # c", &["a", "b"]);
        check("a#b", &["a"]);
        check(r"a\#b \x41\ b", &["a#b", "A b"]);
        check(r#"ab"c d"'e' "" x"#, &["abc de", "", "x"]);
        check(r#"'\d \' "\d\"\'" \"q\'"#, &["\\d \\", "\\d\"'", "\"q'"]);
        check(r#"\$A '$A' $A "\$A""#, &["\\$A", "$A", "$A", "$A"]);
        check("a b\r c", &["a", "b"]);
        check("a 'é#' ü", &["a", "é#", "ü"]);
    }

    #[test]
    fn unknown_variables_stay_with_their_default() {
        check(
            r#""$A:80" "${B}" "${C-10s}x" "${D[*]}""#,
            &["${A}:80", "${B}", "${C-10s}x", "${D}"],
        );
        let got = split(br#""${C-10s}" "$A" "${C-a}$A""#, &Environment::default());
        let values: Vec<_> = got.words.iter().map(Word::value).collect();
        assert_eq!(values, [&b"10s"[..], b"${A}", b"${C-a}${A}"]);
        assert_eq!(got.unknown.len(), 4);
        check(r#""${APP_PASSWORD-hunter2}""#, &["${APP_PASSWORD-…}"]);
    }

    #[test]
    fn lexical_errors_name_their_position() {
        refused("foo \"bar", "unmatched quote at position 5");
        refused("foo 'bar", "unmatched quote at position 5");
        refused(
            r" x 5 \x4",
            "truncated or invalid hexadecimal sequence at position 6",
        );
        refused(
            r#"acl a path_reg "^/a$""#,
            "forbidden first character in environment variable name at position 21",
        );
        refused(
            r#"log "${A-b""#,
            "unmatched brace in environment variable name at position 6",
        );
        refused(
            r#"log "${A[1]}""#,
            "truncated or invalid word expansion sequence at position 9",
        );
        refused("a\0b", "a NUL byte at position 2");
        refused(&"w ".repeat(65), "more than 64 words");
        check(&"w ".repeat(64), &["w"; 64]);
    }
}
