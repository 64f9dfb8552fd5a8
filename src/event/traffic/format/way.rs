//! The quick way through a field and what stands behind it, for values that look like most; any other is left to [`super::part`].

use super::date::Date;
use super::date::DateShape;
use super::fields::Fields;
use super::glue::Glue;
use super::glue::Mark;
use super::part::Part;
use super::part::fits;
use super::program::Field;
use super::scan;
use super::variable::Shape;
use crate::base::digits;
use crate::event::traffic::accept;
use crate::event::traffic::timers::Number;

/// How most values of a field are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// Digits.
    Number,
    /// Digits with a long glue behind them.
    LongNumber,
    /// Three digits.
    Status,
    /// So many letters.
    State(usize),
    /// `22/Nov/2026:07:46:17.271`.
    LocalDate,
    /// Another date, which says itself where it ends.
    Date,
    /// A name that something ends which no name has.
    Word,
    /// A name that this byte ends, which others may have.
    Name(u8),
    /// An address that this byte ends, which none has.
    Address(u8),
    /// An address, a colon and a port that is followed by what no address has: the colon is the last one.
    BeforePort,
    /// A text up to the next quote.
    Quoted,
    /// A text in quotes, the last of which ends the line.
    QuotedLast,
    /// A text that this byte ends.
    Text(u8),
    /// No way that is quicker.
    Slow,
}

impl Way {
    /// `next` is the field behind `after`.
    pub(super) fn of(field: &Field, after: &Glue, next: Option<&Part>) -> Way {
        let is_text = matches!(field.shape, Shape::Text | Shape::Request);
        if field.json {
            return Way::Slow;
        }
        if field.quoted {
            let is_last = next.is_none() && after.first().is_none() && !field.escaped;
            return match (is_text, is_last) {
                (true, true) => Way::QuotedLast,
                (true, false) => Way::Quoted,
                (false, _) => Way::Slow,
            };
        }
        let stop = after.first_byte();
        let is_literal = matches!(after.first(), Some(Mark::Literal(_)));
        match (&field.shape, stop) {
            (Shape::Number, _) if after.text().len() > 8 => Way::LongNumber,
            (Shape::Number, _) => Way::Number,
            (Shape::Status, _) => Way::Status,
            (Shape::State(n), _) => Way::State(*n),
            (Shape::Date(DateShape::Local), _) => Way::LocalDate,
            (Shape::Date(_), _) => Way::Date,
            (Shape::Name, Some(stop)) if scan::is_name(stop) => Way::Name(stop),
            (Shape::Name, Some(_)) => Way::Word,
            (Shape::Address, Some(b':')) if after.is(b":") && ends_a_port(next) => Way::BeforePort,
            (Shape::Address, Some(stop)) if !scan::is_address(stop) => Way::Address(stop),
            (Shape::Text | Shape::Request, Some(stop)) if is_literal => Way::Text(stop),
            _ => Way::Slow,
        }
    }

    /// What it finds could reach further.
    pub(super) fn is_choice(self) -> bool {
        matches!(
            self,
            Way::Name(_) | Way::Quoted | Way::QuotedLast | Way::Text(_)
        )
    }
}

/// A number behind which something stands that no address has: then the last colon of an address and a port parts them, since
/// behind any other one no such number follows.
fn ends_a_port(next: Option<&Part>) -> bool {
    next.is_some_and(|next| {
        let behind = next.after.first_byte();
        matches!(next.way, Way::Number | Way::LongNumber)
            && behind.is_some_and(|c| !scan::is_address(c))
    })
}

/// Reads parts whose values look like most, up to the first that does not: which parts are left, and what of the line.
///
/// Nothing is called here, so that all that is needed stays in registers.
#[inline(never)]
pub(super) fn quickly<'p, 'a>(
    parts: &'p [Part],
    fields: &mut Fields<'a>,
    rest: &'a [u8],
    dates: &mut accept::Memory,
) -> (&'p [Part], &'a [u8]) {
    let mut rest = rest;
    let mut left = parts.iter();
    loop {
        let parts = left.as_slice();
        let Some(part) = left.next() else {
            return (parts, rest);
        };
        let next = match part.way {
            Way::Number => part.number(fields, rest),
            Way::BeforePort => match left.next() {
                Some(port) => part.address_and_port(port, fields, rest),
                None => None,
            },
            _ => part.quickly(fields, rest, dates),
        };
        let Some(next) = next else {
            return (parts, rest);
        };
        rest = next;
    }
}

impl Part {
    /// What follows digits at the start of `rest` and the glue behind them, which is short.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "from one place")]
    fn number<'a>(&self, fields: &mut Fields<'a>, rest: &'a [u8]) -> Option<&'a [u8]> {
        let window = rest.first_chunk::<16>()?;
        let found = digits(*window.first_chunk()?).filter(|found| found.n > 0)?;
        let behind = window.get(found.n..)?.first_chunk()?;
        let next = self.after.strip_short(*behind, rest, found.n)?;
        fields.set_number(self.place, Number::of_digits(found.word));
        Some(next)
    }

    /// What follows the field at the start of `rest` and the glue behind it; `None`: this is no value like most, or the glue is
    /// not there with each blank as one.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "from one place")]
    fn quickly<'a>(
        &self,
        fields: &mut Fields<'a>,
        rest: &'a [u8],
        dates: &mut accept::Memory,
    ) -> Option<&'a [u8]> {
        let n = match self.way {
            Way::LongNumber => {
                let found = digits(*rest.first_chunk()?).filter(|found| found.n > 0)?;
                fields.set_number(self.place, Number::of_digits(found.word));
                found.n
            }
            Way::Word => {
                let n = scan::word(rest).filter(|&n| n > 0)?;
                fields.set(self.place, rest.get(..n));
                n
            }
            Way::Status => {
                let found = digits(*rest.first_chunk()?).filter(|found| found.n == 3)?;
                if rest.first() == Some(&b'0') {
                    return None;
                }
                fields.set_number(self.place, Number::of_digits(found.word));
                3
            }
            Way::State(n) => {
                if !scan::state(rest, n) {
                    return None;
                }
                fields.set(self.place, rest.get(..n));
                n
            }
            Way::LocalDate => {
                let micros = accept::read(rest.first_chunk()?, dates)?;
                let offset = None;
                fields.set_date(self.place, Some(Date { micros, offset }));
                accept::DATE_LEN
            }
            Way::QuotedLast => {
                let inside = rest.strip_prefix(b"\"")?.strip_suffix(b"\"")?;
                fields.set(self.place, Some(inside));
                return Some(b"");
            }
            _ => return None,
        };
        let behind = rest.get(n..)?;
        self.after.strip_near(*behind.first_chunk()?, rest, n)
    }

    /// What follows the field and the glue behind it, for a value that takes more than a few instructions or is near the end of
    /// the line.
    #[inline(never)]
    pub(super) fn less_quickly<'a>(
        &self,
        fields: &mut Fields<'a>,
        rest: &'a [u8],
        dates: &mut accept::Memory,
    ) -> Option<&'a [u8]> {
        let (n, value) = match self.way {
            Way::Number | Way::LongNumber => {
                let found = digits(*rest.first_chunk()?).filter(|found| found.n > 0)?;
                fields.set_number(self.place, Number::of_digits(found.word));
                (found.n, None)
            }
            Way::Date => {
                let Shape::Date(shape) = &self.field.shape else {
                    return None;
                };
                let (date, n) = shape.read(rest, dates)?;
                fields.set_date(self.place, Some(date));
                (n, None)
            }
            Way::BeforePort => {
                let n = scan::address(rest)?;
                let n = scan::last_colon(rest.get(..n)?).filter(|&n| n > 0)?;
                (n, rest.get(..n))
            }
            Way::Name(stop) => {
                let n = scan::name(rest, stop).filter(|&n| n > 0)?;
                (n, rest.get(..n))
            }
            Way::Address(stop) => {
                let n = scan::address(rest).filter(|&n| n > 0 && rest.get(n) == Some(&stop))?;
                (n, rest.get(..n))
            }
            Way::Quoted => {
                let inside = rest.strip_prefix(b"\"")?;
                let value = inside.get(..memchr::memchr(b'"', inside)?)?;
                if self.field.escaped && value.ends_with(b"\\") {
                    return None;
                }
                (value.len() + 2, Some(value))
            }
            Way::Text(stop) => {
                let n = memchr::memchr(stop, rest)?;
                let value = rest.get(..n).filter(|value| fits(&self.field, value))?;
                (n, Some(value))
            }
            _ => return None,
        };
        if value.is_some() {
            fields.set(self.place, value);
        }
        self.after.strip(rest.get(n..)?)
    }

    /// An address of IPv4, the colon, a port and the glue behind it, which begins with what no address has.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "from one place")]
    fn address_and_port<'a>(
        &self,
        port: &Part,
        fields: &mut Fields<'a>,
        rest: &'a [u8],
    ) -> Option<&'a [u8]> {
        let n = scan::dotted(rest.first_chunk()?).filter(|&n| n > 0)?;
        let behind = rest.get(n..)?.strip_prefix(b":")?;
        let found = digits(*behind.first_chunk()?).filter(|found| found.n > 0)?;
        let next = behind.get(found.n..)?.first_chunk()?;
        let next = port.after.strip_near(*next, behind, found.n)?;
        fields.set_number(port.place, Number::of_digits(found.word));
        fields.set(self.place, rest.get(..n));
        Some(next)
    }
}
