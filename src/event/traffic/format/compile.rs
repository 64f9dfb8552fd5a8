//! Format strings -> steps: the language of `log-format` as HAProxy reads it.
//!
//! Shape: `%ci [%tr] %{+Q}r %(st:int)ST %[src,lower]`; blanks in a row print one; `%{+json}o` turns all that follows into an object.
//! Source: configuration manual 3.2, "Custom log format"; HAProxy `src/log.c`, `lf_parse_format`.

use super::program::Field;
use super::program::Program;
use super::program::Step;
use super::variable;
use super::variable::Quotes;
use super::variable::Shape;
use super::variable::Slot;

/// Longest format that is read, bytes; HAProxy's own line cannot be longer.
const BYTES_MAX: usize = 16 << 10;
/// Most steps of a format.
const STEPS_MAX: usize = 512;

/// What compiling found out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Compiled {
    pub(super) program: Program,
    /// Variables that no version has, `%xyz` without the `%`.
    pub(super) unknown: Vec<String>,
    /// `%{+cbor}o` and the like: bytes that no line of text shows.
    pub(super) is_binary: bool,
}

/// Flags that hold for the items behind them.
#[derive(Clone, Copy, Debug, Default)]
struct Flags {
    quote: bool,
    escape: bool,
    hex: bool,
    no_dash: bool,
    json: bool,
    binary: bool,
}

impl Flags {
    /// `+Q,+E,-M`; what is not known changes nothing that is read.
    fn apply(mut self, list: &str) -> Flags {
        for flag in list.split(',') {
            let flag = flag.trim();
            let on = !flag.starts_with('-');
            match flag.trim_start_matches(['+', '-']) {
                "Q" => self.quote = on,
                "E" => self.escape = on,
                "X" => self.hex = on,
                "M" => self.no_dash = !on,
                "json" => self.json = on,
                "cbor" | "bin" => self.binary |= on && flag.ends_with("cbor"),
                _ => {}
            }
        }
        self
    }
}

/// Compiles a format; what cannot be understood becomes opaque text.
pub(super) fn compile(text: &str) -> Compiled {
    let mut parser = Parser {
        rest: text.get(..BYTES_MAX.min(text.len())).unwrap_or_default(),
        flags: Flags::default(),
        steps: Vec::new(),
        unknown: Vec::new(),
        is_binary: false,
        n_named: 0,
    };
    while !parser.rest.is_empty() && parser.steps.len() < STEPS_MAX {
        parser.piece();
    }
    if parser.flags.json {
        parser.literal(if parser.n_named == 0 { "{}" } else { "}" });
    }
    Compiled {
        program: Program::new(parser.steps),
        unknown: parser.unknown,
        is_binary: parser.is_binary,
    }
}

struct Parser<'t> {
    rest: &'t str,
    flags: Flags,
    steps: Vec<Step>,
    unknown: Vec<String>,
    is_binary: bool,
    /// Members of the JSON object so far.
    n_named: usize,
}

impl<'t> Parser<'t> {
    fn piece(&mut self) {
        let end = self.rest.find(['%', ' ', '\t']).unwrap_or(self.rest.len());
        let literal = self.take(end);
        if !self.flags.json {
            self.literal(literal);
        }
        if self.rest.starts_with([' ', '\t']) {
            self.take(1);
            if !self.flags.json {
                self.blank();
            }
        } else if self.rest.starts_with("%%") {
            self.take(2);
            if !self.flags.json {
                self.literal("%");
            }
        } else if self.rest.starts_with('%') {
            self.take(1);
            self.item();
        }
    }

    fn take(&mut self, n: usize) -> &'t str {
        let (taken, rest) = self.rest.split_at_checked(n).unwrap_or((self.rest, ""));
        self.rest = rest;
        taken
    }

    /// What stands between the brackets that open here; nested ones belong to it.
    fn enclosed(&mut self, open: char, close: char) -> Option<&'t str> {
        let inside = self.rest.strip_prefix(open)?;
        let mut depth = 1_u32;
        for (at, c) in inside.char_indices() {
            if c == close {
                depth -= 1;
            } else if c == open {
                depth += 1;
            }
            if depth == 0 {
                self.rest = inside.get(at + close.len_utf8()..)?;
                return inside.get(..at);
            }
        }
        None
    }

    fn item(&mut self) {
        let name = self.enclosed('(', ')');
        let arguments = self.enclosed('{', '}');
        let flags = self.flags.apply(arguments.unwrap_or_default());
        let (slot, shape, quotes) = if self.rest.starts_with('[') {
            // Without its end the expression reaches to the end of the text.
            let all = self.rest;
            let expression = self.enclosed('[', ']').unwrap_or_else(|| {
                self.rest = "";
                all
            });
            let (slot, shape) = variable::sample(expression);
            (slot, shape, Quotes::Yes)
        } else {
            let end = self
                .rest
                .find(|c: char| !c.is_ascii_alphanumeric())
                .unwrap_or(self.rest.len());
            let alias = self.take(end);
            if alias == "o" {
                self.flags = flags;
                self.is_binary |= flags.binary;
                return;
            }
            match variable::variable(alias) {
                Some(v) => (v.slot, v.shape.clone(), v.quotes),
                None => {
                    self.unknown.push(alias.to_owned());
                    (None, Shape::Text, Quotes::Yes)
                }
            }
        };
        // Timers and counts are decimal whatever the flag.
        let shape = match (&shape, slot) {
            (Shape::Number, Some(_)) => shape,
            _ if flags.hex => hexadecimal(shape),
            _ => shape,
        };
        let field = Field {
            slot,
            shape,
            quoted: flags.quote && quotes == Quotes::Yes,
            escaped: flags.escape,
            may_be_empty: flags.no_dash,
            json: false,
        };
        if self.flags.json {
            self.member(name, field);
        } else if !self.joined(&field) {
            self.steps.push(Step::Field(field));
        }
    }

    /// A member of the object; what has no name is left out by HAProxy.
    fn member(&mut self, name: Option<&str>, field: Field) {
        let name = name.and_then(|n| n.split(':').next()).unwrap_or_default();
        if name.is_empty() {
            return;
        }
        let before = if self.n_named == 0 { "{" } else { ", " };
        self.n_named += 1;
        self.literal(&format!("{before}\"{name}\": "));
        self.steps.push(Step::Field(Field {
            json: true,
            quoted: false,
            ..field
        }));
    }

    fn literal(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        if let Some(Step::Literal(before)) = self.steps.last_mut() {
            before.extend_from_slice(text.as_bytes());
        } else {
            self.steps.push(Step::Literal(text.as_bytes().to_vec()));
        }
    }

    /// A blank; none at the beginning, one for many.
    fn blank(&mut self) {
        if !matches!(self.steps.last(), None | Some(Step::Blank)) {
            self.steps.push(Step::Blank);
        }
    }

    /// Nothing tells where a text ends that another field follows directly: the two are read as one.
    fn joined(&mut self, field: &Field) -> bool {
        let Some(Step::Field(before)) = self.steps.last_mut() else {
            // `%hrl %hsl`: any number of words, so only all of them have an end.
            let n = self.steps.len();
            let Some([Step::Field(before), Step::Blank]) =
                n.checked_sub(2).and_then(|from| self.steps.get(from..))
            else {
                return false;
            };
            if before.shape == Shape::List && field.shape == Shape::List {
                self.steps.pop();
                return true;
            }
            return false;
        };
        let is_open = !before.quoted
            && matches!(
                before.shape,
                Shape::Text | Shape::Name | Shape::Request | Shape::Address | Shape::List
            );
        if !is_open {
            return false;
        }
        let slot = match (before.slot, field.slot) {
            // `%HP%HQ`
            (Some(Slot::Path | Slot::Uri), None) => Some(Slot::Uri),
            // `%[txn.redispatched,iif(+,)]%[txn.conn_retries]`, which is `%rc`
            (None, Some(Slot::Retries)) => Some(Slot::Retries),
            _ => None,
        };
        *before = Field {
            slot,
            shape: if slot == Some(Slot::Retries) {
                Shape::Number
            } else {
                Shape::Text
            },
            ..before.clone()
        };
        true
    }
}

/// With `+X`: addresses, ports, `%Ts`, `%rt`, `%pid` in hexadecimal digits.
fn hexadecimal(shape: Shape) -> Shape {
    use super::date::DateShape;
    match shape {
        Shape::Date(DateShape::Seconds) => Shape::Date(DateShape::HexSeconds),
        Shape::Number => Shape::Hex,
        other => other,
    }
}
