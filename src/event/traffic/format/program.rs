//! Steps against a line: literals must be there, fields end where what follows them begins.
//!
//! A field without an end of its own (a text) is tried up to the first place where the next literal stands, then up to the
//! second, and so on, with a fixed number of tries per line. Nothing is allocated.

use super::variable::N_SLOTS;
use super::variable::Shape;
use super::variable::Slot;
use memchr::memmem;

/// Tries per line beyond the first; a text that holds the delimiter so often is not read.
const RETRIES_MAX: usize = 96;
/// Texts of one format that may be tried again.
const CHOICES_MAX: usize = 32;

/// A compiled format.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Program {
    steps: Vec<Step>,
}

/// One step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// These bytes.
    Literal(Vec<u8>),
    /// One blank; none where nothing was printed since the last one.
    Blank,
    /// A value.
    Field(Field),
}

/// One value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Field {
    /// What it tells; of several that tell the same only the first is kept.
    pub(super) slot: Option<Slot>,
    pub(super) shape: Shape,
    /// `+Q`: in quotes.
    pub(super) quoted: bool,
    /// `+E`: quotes inside have a backslash.
    pub(super) escaped: bool,
    /// `-M`: nothing instead of `-`.
    pub(super) may_be_empty: bool,
    /// A value of a JSON object, in quotes or not.
    pub(super) json: bool,
}

/// What a line says, by slot.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fields<'a> {
    values: [Option<&'a [u8]>; N_SLOTS],
    /// The line ends within its last text: it was cut at the log length.
    pub(super) is_cut: bool,
}

impl<'a> Fields<'a> {
    /// The value; `None`: the format lacks it, or `-`, or nothing was printed.
    pub(super) fn get(&self, slot: Slot) -> Option<&'a [u8]> {
        let value = self.values.get(slot as usize).copied().flatten()?;
        (!matches!(value, b"" | b"-")).then_some(value)
    }
}

/// A text that may reach further.
#[derive(Clone, Copy, Default)]
struct Choice {
    step: usize,
    at: usize,
    from: usize,
}

/// Where a field ends.
struct End {
    /// Its value.
    from: usize,
    to: usize,
    /// What follows it.
    after: usize,
    /// It could reach further.
    is_choice: bool,
}

impl Program {
    pub(super) fn new(steps: Vec<Step>) -> Program {
        let mut seen = Vec::new();
        let mut steps = steps;
        for step in &mut steps {
            if let Step::Field(field) = step
                && let Some(slot) = field.slot
            {
                if seen.contains(&slot) {
                    field.slot = None;
                }
                seen.push(slot);
            }
        }
        Program { steps }
    }

    /// The fields of this format.
    pub(super) fn fields(&self) -> impl Iterator<Item = &Field> {
        self.steps.iter().filter_map(|step| match step {
            Step::Field(field) => Some(field),
            Step::Literal(_) | Step::Blank => None,
        })
    }

    /// The shape of the field that fills a slot.
    pub(super) fn shape(&self, slot: Slot) -> Option<&Shape> {
        self.fields()
            .find(|field| field.slot == Some(slot))
            .map(|field| &field.shape)
    }

    /// Bytes that every line of this format has.
    pub(super) fn n_literal(&self) -> usize {
        let lengths = self.steps.iter().map(|step| match step {
            Step::Literal(bytes) => bytes.len(),
            Step::Blank | Step::Field(_) => 0,
        });
        lengths.sum()
    }

    /// Reads a line; `None`: it is in another format.
    pub(super) fn run<'a>(&self, body: &'a [u8]) -> Option<Fields<'a>> {
        let mut values = [None; N_SLOTS];
        let mut choices = [Choice::default(); CHOICES_MAX];
        let mut n_choices = 0_usize;
        let mut n_retries = 0;
        let (mut index, mut at, mut from) = (0, 0, 0);
        let mut cut = None;
        loop {
            let next = match self.steps.get(index) {
                None if body.get(at..)?.trim_ascii().is_empty() => {
                    return Some(Fields {
                        values,
                        is_cut: false,
                    });
                }
                None => None,
                Some(Step::Literal(bytes)) => {
                    let is_there = body.get(at..)?.starts_with(bytes);
                    is_there.then_some(at + bytes.len())
                }
                Some(Step::Blank) => blank(body, at),
                Some(Step::Field(field)) => match self.end(index, field, body, at, from) {
                    Some(end) => {
                        if let Some(slot) = field.slot.and_then(|s| values.get_mut(s as usize)) {
                            *slot = body.get(end.from..end.to);
                        }
                        if end.is_choice
                            && let Some(choice) = choices.get_mut(n_choices)
                        {
                            *choice = Choice {
                                step: index,
                                at,
                                from: end.to + 1,
                            };
                            n_choices += 1;
                        }
                        Some(end.after)
                    }
                    None => {
                        if cut.is_none() && from == 0 {
                            cut =
                                cut_within(field, body, at).map(|rest| (field.slot, rest, values));
                        }
                        None
                    }
                },
            };
            from = 0;
            if let Some(next) = next {
                at = next;
                index += 1;
                continue;
            }
            n_retries += 1;
            let last = n_choices
                .checked_sub(1)
                .filter(|_| n_retries <= RETRIES_MAX);
            let Some(choice) = last.and_then(|last| choices.get(last)) else {
                let (slot, rest, mut values) = cut?;
                if let Some(value) = slot.and_then(|s| values.get_mut(s as usize)) {
                    *value = Some(rest);
                }
                return Some(Fields {
                    values,
                    is_cut: true,
                });
            };
            n_choices -= 1;
            (index, at, from) = (choice.step, choice.at, choice.from);
        }
    }

    /// Where the field at `at` ends; `from`: not before, when it is tried again.
    fn end(&self, index: usize, field: &Field, body: &[u8], at: usize, from: usize) -> Option<End> {
        if field.json {
            return json(field, body, at);
        }
        let is_open = body.get(at) == Some(&b'"');
        if field.quoted && field.shape == Shape::Braces {
            return braces(body, at, is_open);
        }
        let start = if field.quoted {
            is_open.then_some(at + 1)?
        } else {
            at
        };
        let rest = body.get(start..)?;
        match &field.shape {
            Shape::Text | Shape::Request | Shape::Name | Shape::Address | Shape::List => {
                let to = self.delimited(index, field, body, start, from.max(start))?;
                Some(End {
                    from: start,
                    to,
                    after: to + usize::from(field.quoted),
                    is_choice: true,
                })
            }
            Shape::Braces => braces(body, at, false),
            shape => {
                let n = match fixed(shape, rest) {
                    Some(n) => n,
                    None if rest.first() == Some(&b'-') => 1,
                    None if field.quoted || field.may_be_empty => 0,
                    None => return None,
                };
                let to = start + n;
                if field.quoted && body.get(to) != Some(&b'"') {
                    return None;
                }
                Some(End {
                    from: start,
                    to,
                    after: to + usize::from(field.quoted),
                    is_choice: false,
                })
            }
        }
    }

    /// The next place, not before `from`, where a text may end.
    fn delimited(
        &self,
        index: usize,
        field: &Field,
        body: &[u8],
        start: usize,
        from: usize,
    ) -> Option<usize> {
        let mut from = from;
        let next = self.steps.get(index + 1);
        loop {
            let rest = body.get(from..)?;
            let to = if field.quoted {
                from + memchr::memchr(b'"', rest)?
            } else {
                match next {
                    Some(Step::Literal(bytes)) => from + memmem::find(rest, bytes)?,
                    Some(Step::Blank) => {
                        // A list may be empty, right behind the blank before it.
                        from + memchr::memchr2(b' ', b'\t', rest).unwrap_or(rest.len())
                    }
                    Some(Step::Field(_)) => return None,
                    None => body.trim_ascii_end().len().max(from),
                }
            };
            let value = body.get(start..to)?;
            let follows = |at: usize| match next {
                Some(Step::Literal(bytes)) => body.get(at..).is_some_and(|b| b.starts_with(bytes)),
                Some(Step::Blank) => blank(body, at).is_some(),
                Some(Step::Field(_)) => true,
                None => body.get(at..).is_some_and(|b| b.trim_ascii().is_empty()),
            };
            let closed = !field.quoted
                || (follows(to + 1) && !(field.escaped && n_backslashes(value) % 2 == 1));
            if closed && fits(field, value) {
                return Some(to);
            }
            let no_more = matches!(field.shape, Shape::Name | Shape::Address)
                && memchr::memchr2(b' ', b'"', value).is_some();
            if no_more || to >= body.len() {
                return None;
            }
            from = to + 1;
        }
    }
}

fn n_backslashes(value: &[u8]) -> usize {
    value.iter().rev().take_while(|&&c| c == b'\\').count()
}

/// One blank; or none, where the output before it ends with one or nothing follows.
fn blank(body: &[u8], at: usize) -> Option<usize> {
    let is_blank = |at: usize| matches!(body.get(at), Some(b' ' | b'\t'));
    if is_blank(at) {
        return Some(at + 1);
    }
    let is_merged = at.checked_sub(1).is_none_or(is_blank);
    (is_merged || at >= body.len()).then_some(at)
}

/// Bytes of a field that knows its own end.
fn fixed(shape: &Shape, rest: &[u8]) -> Option<usize> {
    match shape {
        Shape::Number => {
            let sign = usize::from(matches!(rest, [b'+' | b'-', b'0'..=b'9', ..]));
            let n = rest
                .get(sign..)?
                .iter()
                .take_while(|c| c.is_ascii_digit())
                .count();
            (n > 0 && n < 20).then_some(sign + n)
        }
        Shape::Hex => {
            let n = rest.iter().take_while(|c| c.is_ascii_hexdigit()).count();
            if n == 0 {
                return fixed(&Shape::Number, rest);
            }
            Some(n)
        }
        Shape::Status => match rest {
            [b'-', b'1', ..] => Some(2),
            [b'1'..=b'9', b'0'..=b'9', b'0'..=b'9', ..] => Some(3),
            [b'0', ..] => Some(1),
            _ => None,
        },
        Shape::State(n) => {
            let is_letter = |c: &u8| *c == b'-' || c.is_ascii_alphabetic();
            rest.get(..*n)?.iter().all(is_letter).then_some(*n)
        }
        Shape::Date(date) => date.read(rest).map(|(_, n)| n),
        _ => None,
    }
}

/// Whether a text can be what its shape says.
fn fits(field: &Field, value: &[u8]) -> bool {
    match &field.shape {
        Shape::Name => {
            let is_name =
                |c: &u8| c.is_ascii_graphic() && !matches!(c, b'"' | b'{' | b'}' | b'[' | b']');
            (field.quoted || field.may_be_empty || !value.is_empty()) && value.iter().all(is_name)
        }
        Shape::Address => {
            let is_ip = |c: &u8| c.is_ascii_hexdigit() || matches!(c, b'.' | b':' | b'%');
            (field.quoted || field.may_be_empty || !value.is_empty())
                && (value.iter().all(is_ip)
                    || matches!(value, b"-" | b"unix")
                    || value.starts_with(b"unix:")
                    || value.starts_with(b"abns"))
        }
        Shape::Request if !field.quoted => {
            let method = value.split(|&c| c == b' ').next().unwrap_or_default();
            matches!(value, b"" | b"-" | b"<BADREQ>")
                || (method.len() < value.len()
                    && method
                        .iter()
                        .all(|c| c.is_ascii_alphabetic() || matches!(c, b'-' | b'_')))
        }
        _ => true,
    }
}

/// `{a|b}`, or nothing when the frontend captures nothing.
fn braces(body: &[u8], at: usize, quoted: bool) -> Option<End> {
    let from = at + usize::from(quoted);
    let Some(b'{') = body.get(from) else {
        return Some(End {
            from: at,
            to: at,
            after: at,
            is_choice: false,
        });
    };
    let to = from + memchr::memchr(b'}', body.get(from..)?)? + 1;
    if quoted && body.get(to) != Some(&b'"') {
        return None;
    }
    Some(End {
        from,
        to,
        after: to + usize::from(quoted),
        is_choice: false,
    })
}

/// A string in quotes, a number or a word.
fn json(field: &Field, body: &[u8], at: usize) -> Option<End> {
    let rest = body.get(at..)?;
    let (from, to, after) = if let Some(inside) = rest.strip_prefix(b"\"") {
        let mut end = 0;
        loop {
            end += memchr::memchr2(b'"', b'\\', inside.get(end..)?)?;
            if inside.get(end) == Some(&b'"') {
                break;
            }
            end += 2;
        }
        (at + 1, at + 1 + end, at + end + 2)
    } else {
        let is_scalar = |c: &&u8| c.is_ascii_alphanumeric() || matches!(**c, b'-' | b'+' | b'.');
        let n = rest.iter().take_while(is_scalar).count();
        (n > 0).then_some((at, at + n, at + n))?
    };
    let value = body.get(from..to)?;
    let is_right = match &field.shape {
        Shape::Number | Shape::Status | Shape::State(_) | Shape::Date(_) => {
            matches!(value, b"" | b"-") || fixed(&field.shape, value) == Some(value.len())
        }
        Shape::Name | Shape::Address => value.is_empty() || fits(field, value),
        _ => true,
    };
    is_right.then_some(End {
        from,
        to,
        after,
        is_choice: false,
    })
}

/// The rest of a line that ends within a request or another text.
fn cut_within<'a>(field: &Field, body: &'a [u8], at: usize) -> Option<&'a [u8]> {
    let is_text = matches!(field.shape, Shape::Text | Shape::Request);
    let start = if field.quoted {
        (body.get(at) == Some(&b'"')).then_some(at + 1)?
    } else {
        at
    };
    is_text.then(|| body.get(start..)).flatten()
}
