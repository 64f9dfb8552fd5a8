//! Lines of a declared format whose values are all like most.
//!
//! Where digits end, and where a name ends, is known for several values from one search of 64 bytes, and the steps are the same in
//! all lines. Only places are kept: what a value is, is read when it is asked for. A line that is not like most is left to
//! [`super::program`]: a `-1`, a `+`, a name of nothing, two blanks, an address that is none of IPv4.

use super::date::Date;
use super::fields::Values;
use super::glue::Glue;
use super::glue::Joint;
use super::part::Part;
use super::scan;
use super::variable::N_DATES;
use super::variable::N_NUMBERS;
use super::variable::N_NUMBERS_ASKED;
use super::variable::N_TEXTS_ASKED;
use super::variable::Slot;
use super::way::Way;
use crate::base::bits_of_no_dotted;
use crate::base::bits_of_no_name;
use crate::base::bits_of_others;
use crate::base::left_digits;
use crate::event::traffic::accept;
use crate::event::traffic::timers::Number;

/// Room for the places of what every line is asked for, and for one of what nobody asks for.
const N_PLACES: usize = N_NUMBERS_ASKED + N_TEXTS_ASKED;
const NOWHERE: usize = N_PLACES - 1;
/// [`accept::DATE_LEN`].
const DATE_LEN: u32 = 24;
const _: () = assert!(accept::DATE_LEN == DATE_LEN as usize);

/// The steps through a line, up to the last value that every line is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Quick {
    /// What stands before the first value.
    before: Joint,
    steps: Vec<Step>,
}

/// A value and what stands behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Step {
    kind: Kind,
    /// Where its place is kept.
    index: usize,
    after: Joint,
}

/// How a value looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// One to eight digits.
    Number,
    /// Three digits.
    Status,
    /// So many letters.
    State(u32),
    /// A name that something ends which none has.
    Name,
    /// Digits and dots.
    Address,
    /// `22/Nov/2026:07:46:17.271`, kept among the dates.
    Date,
}

/// What a line says: the place of each value.
#[derive(Clone, Copy, Debug)]
pub(super) struct Found<'a> {
    body: &'a [u8],
    /// Where each value begins, and its length; 0: the format lacks it.
    places: [(u32, u32); N_PLACES],
    /// `i64::MIN`: the format lacks it.
    dates: [i64; N_DATES],
}

impl Quick {
    /// For values with these before and behind them; `None`: one of them has no end that is found in this way.
    pub(super) fn of(before: &Glue, parts: &[Part]) -> Option<Quick> {
        let step = |part: &Part| {
            Some(Step {
                kind: Kind::of(part.way)?,
                index: index(part)?,
                after: part.after.joint()?,
            })
        };
        Some(Quick {
            before: before.joint()?,
            steps: parts.iter().map(step).collect::<Option<_>>()?,
        })
    }

    /// Finds the values of the line of `found`; `false`: they are not all like most, or not all there.
    #[inline(never)]
    pub(super) fn read(&self, found: &mut Found<'_>, dates: &mut accept::Memory) -> bool {
        self.each(found, dates).is_some()
    }

    #[inline(always)]
    fn each(&self, found: &mut Found<'_>, dates: &mut accept::Memory) -> Option<()> {
        let body = found.body;
        let (mut digits, mut names) = (Ends::default(), Ends::default());
        let mut at = self.before.end(body, 0)?;
        for step in &self.steps {
            let n = if step.kind == Kind::Number {
                let n = digits.length(body, at, bits_of_others)?;
                if n.wrapping_sub(1) >= 8 {
                    return None;
                }
                n
            } else if step.kind == Kind::Name {
                let n = names.length(body, at, bits_of_no_name)?;
                // `-` is none.
                if n == 0 || n == 1 && body.get(at as usize) == Some(&b'-') {
                    return None;
                }
                n
            } else {
                let rest = body.get(at as usize..)?;
                let (n, date) = step.less_frequent(rest, dates)?;
                if let Some(micros) = date {
                    *found.dates.get_mut(step.index)? = micros;
                    at = step.after.end(body, at + n)?;
                    continue;
                }
                n
            };
            if let Some(place) = found.places.get_mut(step.index) {
                *place = (at, n);
            }
            at = step.after.end(body, at + n)?;
        }
        Some(())
    }
}

impl Step {
    /// Length of a value at the start of `rest`, and the date that it is.
    #[inline(always)]
    fn less_frequent(&self, rest: &[u8], dates: &mut accept::Memory) -> Option<(u32, Option<i64>)> {
        match self.kind {
            Kind::Date => {
                let micros = accept::read(rest.first_chunk()?, dates)?;
                Some((DATE_LEN, Some(micros)))
            }
            Kind::Address => {
                let others = bits_of_no_dotted(rest.first_chunk()?);
                (others > 1).then_some((others.trailing_zeros(), None))
            }
            Kind::Status => {
                let is_status = matches!(rest, [b'1'..=b'9', b'0'..=b'9', b'0'..=b'9', ..]);
                is_status.then_some((3, None))
            }
            Kind::State(n) => scan::state(rest, n as usize).then_some((n, None)),
            Kind::Number | Kind::Name => None,
        }
    }
}

impl Kind {
    fn of(way: Way) -> Option<Kind> {
        Some(match way {
            Way::Number | Way::LongNumber => Kind::Number,
            Way::Status => Kind::Status,
            Way::State(n) => Kind::State(u32::try_from(n).ok()?),
            Way::Word => Kind::Name,
            Way::Address(_) | Way::BeforePort => Kind::Address,
            Way::LocalDate => Kind::Date,
            Way::Date | Way::Name(_) | Way::Quoted | Way::QuotedLast | Way::Text(_) | Way::Slow => {
                return None;
            }
        })
    }
}

/// Where the place of a part's value is kept, or its date; `None`: there is no room for it.
fn index(part: &Part) -> Option<usize> {
    let Some(slot) = part.field.slot else {
        return (part.way != Way::LocalDate).then_some(NOWHERE);
    };
    let is_date = (N_NUMBERS..N_NUMBERS + N_DATES).contains(&(slot as usize));
    match (part.way == Way::LocalDate, is_date) {
        (true, true) => Some(slot as usize - N_NUMBERS),
        (false, false) => Some(place(slot).unwrap_or(NOWHERE)),
        _ => None,
    }
}

/// Where the place of a number or a text is kept; `None`: few lines are asked for it.
#[inline(always)]
fn place(slot: Slot) -> Option<usize> {
    let number = slot as usize;
    let text = number.wrapping_sub(Slot::Client as usize);
    if number < N_NUMBERS_ASKED {
        Some(number)
    } else if text < N_TEXTS_ASKED - 1 {
        Some(N_NUMBERS_ASKED + text)
    } else {
        None
    }
}

/// Which of 64 bytes end a value of some kind.
#[derive(Clone, Copy, Debug, Default)]
struct Ends {
    bits: u64,
    /// Where the bytes begin in the line.
    at: u32,
}

impl Ends {
    /// Bytes of the value that begins at `at`, behind where the last search began; `None`: more than 63, or too near the end of
    /// the line.
    #[inline(always)]
    fn length(&mut self, body: &[u8], at: u32, search: impl Fn(&[u8; 64]) -> u64) -> Option<u32> {
        let mut bits = self.bits.checked_shr(at - self.at).unwrap_or(0);
        if bits == 0 {
            bits = search(body.get(at as usize..)?.first_chunk()?);
            if bits == 0 {
                return None;
            }
            *self = Ends { bits, at };
        }
        Some(bits.trailing_zeros())
    }
}

impl<'a> Found<'a> {
    /// Of a line that was not read yet.
    #[inline(always)]
    pub(super) fn new(body: &'a [u8]) -> Found<'a> {
        Found {
            body,
            places: [(0, 0); N_PLACES],
            dates: [i64::MIN; N_DATES],
        }
    }

    #[inline(always)]
    fn place(&self, slot: Slot) -> Option<(usize, usize)> {
        let (from, n) = *self.places.get(place(slot)?)?;
        (n > 0).then_some((from as usize, n as usize))
    }
}

impl<'a> Values<'a> for Found<'a> {
    #[inline(always)]
    fn body(&self) -> &'a [u8] {
        self.body
    }

    #[inline(always)]
    fn get(&self, slot: Slot) -> Option<&'a [u8]> {
        let (from, n) = self.place(slot)?;
        self.body.get(from..from + n)
    }

    #[inline(always)]
    fn number(&self, slot: Slot) -> Number {
        let digits = || {
            let (from, n) = self.place(slot)?;
            let eight = self.body.get(from..)?.first_chunk()?;
            Some(Number::of_digits(left_digits(*eight, n)))
        };
        digits().unwrap_or(Number::NONE)
    }

    #[inline(always)]
    fn status(&self) -> Option<Number> {
        Some(self.number(Slot::Status)).filter(|number| number.is_some())
    }

    #[inline(always)]
    fn date(&self, slot: Slot) -> Option<Date> {
        let index = (slot as usize).checked_sub(N_NUMBERS)?;
        let micros = *self.dates.get(index)?;
        (micros != i64::MIN).then_some(Date {
            micros,
            offset: None,
        })
    }

    #[inline(always)]
    fn between(&self, first: Slot, last: Slot) -> &'a [u8] {
        let (Some((from, _)), Some((to, n))) = (self.place(first), self.place(last)) else {
            return b"";
        };
        self.body.get(from..to + n).unwrap_or_default()
    }
}
