//! One field of a format and what stands behind it: where the field ends in a line.

use super::fields::Fields;
use super::fields::Place;
use super::glue::Glue;
use super::glue::Mark;
use super::glue::blank;
use super::program::Field;
use super::scan;
use super::variable::N_DATES;
use super::variable::N_NUMBERS;
use super::variable::Shape;
use super::variable::Slot;
use super::way::Way;
use crate::base::decimal;
use crate::event::traffic::accept;
use crate::event::traffic::timers::Number;
use memchr::memmem;

/// A field, and the literals and blanks behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) field: Field,
    pub(super) after: Glue,
    /// The quickest way to its end.
    pub(super) way: Way,
    /// Where its value is kept.
    pub(super) place: Place,
    /// It is the last one.
    is_last: bool,
}

/// Where a field ends.
pub(super) struct End {
    /// Where its value does.
    pub(super) to: usize,
    /// What follows it.
    pub(super) after: usize,
    /// It could reach further.
    pub(super) is_choice: bool,
}

impl Part {
    /// `next` is the field behind `after`.
    pub(super) fn new(field: Field, after: Glue, next: Option<&Part>) -> Part {
        let way = Way::of(&field, &after, next);
        Part {
            place: Place::of(field.slot),
            field,
            after,
            way,
            is_last: next.is_none(),
        }
    }

    /// The field may begin with this byte.
    pub(super) fn may_begin_with(&self, c: u8) -> bool {
        let is_address = matches!(self.way, Way::Address(_) | Way::BeforePort);
        // `unix`, `abns`, `-`.
        !is_address || self.field.may_be_empty || scan::is_address(c) || matches!(c, b'u' | b'-')
    }

    /// Where a text ends that is tried again, not before `from`.
    #[inline(never)]
    pub(super) fn further(&self, fields: &mut Fields<'_>, at: usize, from: usize) -> Option<End> {
        self.text(fields, at, Some(from))
    }

    /// Where the field at `at` ends when it ends as early as it can.
    #[inline(never)]
    pub(super) fn slowly(
        &self,
        fields: &mut Fields<'_>,
        at: usize,
        dates: &mut accept::Memory,
    ) -> Option<End> {
        let (field, body) = (&self.field, fields.body);
        let is_open = body.get(at) == Some(&b'"');
        let found = if field.json {
            json(field, body, at, dates)
        } else if field.quoted && field.shape == Shape::Braces {
            braces(body, at, is_open)
        } else {
            match &field.shape {
                Shape::Text | Shape::Request | Shape::Name | Shape::Address | Shape::List => {
                    return self.text(fields, at, None);
                }
                Shape::Braces => braces(body, at, false),
                shape => {
                    let from = at + usize::from(field.quoted);
                    let n = match scan::fixed(shape, body.get(from..)?, dates) {
                        Some(n) => n,
                        None if body.get(from) == Some(&b'-') => 1,
                        None if field.quoted || field.may_be_empty => 0,
                        None => return None,
                    };
                    let to = from + n;
                    let is_closed = is_open && body.get(to) == Some(&b'"');
                    if field.quoted && !is_closed {
                        return None;
                    }
                    Some((from, to, to + usize::from(field.quoted)))
                }
            }
        };
        let (from, to, after) = found?;
        if let Some(slot) = field.slot {
            self.keep(fields, slot, from, to, dates);
        }
        Some(End {
            to,
            after,
            is_choice: false,
        })
    }

    fn keep(
        &self,
        fields: &mut Fields<'_>,
        slot: Slot,
        from: usize,
        to: usize,
        dates: &mut accept::Memory,
    ) {
        let value = fields.body.get(from..to).unwrap_or_default();
        fields.set(self.place, Some(value));
        if (slot as usize) < N_NUMBERS {
            let digits = value.strip_prefix(b"+").unwrap_or(value);
            fields.set_number(self.place, Number::of_some(decimal(digits)));
        } else if (slot as usize) < N_NUMBERS + N_DATES
            && let Shape::Date(shape) = &self.field.shape
        {
            fields.set_date(self.place, shape.read(value, dates).map(|(date, _)| date));
        }
    }

    /// A text; `from`: it is tried again, and ends not before.
    #[inline(never)]
    fn text(&self, fields: &mut Fields<'_>, at: usize, from: Option<usize>) -> Option<End> {
        let quotes = usize::from(self.field.quoted);
        if self.field.quoted && fields.body.get(at) != Some(&b'"') {
            return None;
        }
        let start = at + quotes;
        let to = self.delimited(fields.body, start, from.map_or(start, |f| f.max(start)))?;
        fields.set(self.place, fields.body.get(start..to));
        Some(End {
            to,
            after: to + quotes,
            is_choice: true,
        })
    }

    /// The next place, not before `from`, where a text may end.
    fn delimited(&self, body: &[u8], start: usize, from: usize) -> Option<usize> {
        let field = &self.field;
        let mut from = from;
        loop {
            let rest = body.get(from..)?;
            let to = if field.quoted {
                from + memchr::memchr(b'"', rest)?
            } else {
                match self.after.first() {
                    Some(Mark::Literal(bytes)) => from + memmem::find(rest, bytes)?,
                    Some(Mark::Blank) => {
                        // A list may be empty, right behind the blank before it.
                        from + memchr::memchr2(b' ', b'\t', rest).unwrap_or(rest.len())
                    }
                    None if self.is_last => body.trim_ascii_end().len().max(from),
                    None => return None,
                }
            };
            let value = body.get(start..to)?;
            let closed = !field.quoted
                || (self.is_followed(body, to + 1)
                    && !(field.escaped && n_backslashes(value) % 2 == 1));
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

    /// What follows a quote can be what follows this field.
    fn is_followed(&self, body: &[u8], at: usize) -> bool {
        match self.after.first() {
            Some(Mark::Literal(bytes)) => body.get(at..).is_some_and(|b| b.starts_with(bytes)),
            Some(Mark::Blank) => blank(body, at).is_some(),
            None if self.is_last => body.get(at..).is_some_and(|b| b.trim_ascii().is_empty()),
            None => true,
        }
    }

    /// The rest of a line that ends within a request or another text.
    pub(super) fn cut_within<'a>(&self, body: &'a [u8], at: usize) -> Option<&'a [u8]> {
        if !matches!(self.field.shape, Shape::Text | Shape::Request) {
            return None;
        }
        if !self.field.quoted {
            return body.get(at..);
        }
        (body.get(at) == Some(&b'"')).then(|| body.get(at + 1..))?
    }
}

fn n_backslashes(value: &[u8]) -> usize {
    value.iter().rev().take_while(|&&c| c == b'\\').count()
}

/// Whether a text can be what its shape says.
pub(super) fn fits(field: &Field, value: &[u8]) -> bool {
    let is_enough = || field.quoted || field.may_be_empty || !value.is_empty();
    match &field.shape {
        Shape::Name => is_enough() && value.iter().all(|&c| scan::is_name(c)),
        Shape::Address => {
            is_enough()
                && (value.iter().all(|&c| scan::is_address(c))
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

/// `{a|b}`, or nothing when the frontend captures nothing: where its value begins and ends, and what follows.
fn braces(body: &[u8], at: usize, quoted: bool) -> Option<(usize, usize, usize)> {
    let from = at + usize::from(quoted);
    let Some(b'{') = body.get(from) else {
        return Some((at, at, at));
    };
    let to = from + memchr::memchr(b'}', body.get(from..)?)? + 1;
    if quoted && body.get(to) != Some(&b'"') {
        return None;
    }
    Some((from, to, to + usize::from(quoted)))
}

/// A string in quotes, a number or a word: where it begins and ends, and what follows.
fn json(
    field: &Field,
    body: &[u8],
    at: usize,
    dates: &mut accept::Memory,
) -> Option<(usize, usize, usize)> {
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
            matches!(value, b"" | b"-")
                || scan::fixed(&field.shape, value, dates) == Some(value.len())
        }
        Shape::Name | Shape::Address => value.is_empty() || fits(field, value),
        _ => true,
    };
    is_right.then_some((from, to, after))
}
