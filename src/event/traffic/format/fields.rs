//! What a line says, by slot; numbers stay digits until a question needs them.

use super::date::Date;
use super::variable::N_DATES;
use super::variable::N_NUMBERS;
use super::variable::N_NUMBERS_ASKED;
use super::variable::N_TEXTS;
use super::variable::N_TEXTS_ASKED;
use super::variable::Slot;
use crate::event::traffic::timers::Number;

/// What a line's values say, by slot.
pub(super) trait Values<'a> {
    /// The line.
    fn body(&self) -> &'a [u8];

    /// The value; `None`: the format lacks it, or `-`, or nothing was printed.
    fn get(&self, slot: Slot) -> Option<&'a [u8]>;

    /// The number; none where there is none, or where it is negative.
    fn number(&self, slot: Slot) -> Number;

    /// The status, or that of `-1`; `None`: the format lacks it, or `-`, or `0`, which is none.
    fn status(&self) -> Option<Number>;

    /// The date.
    fn date(&self, slot: Slot) -> Option<Date>;

    /// The line from one value to the end of another; empty where one of them is not there.
    fn between(&self, first: Slot, last: Slot) -> &'a [u8];
}

/// All that a line says, or all of it that every line is asked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fields<'a> {
    /// The line.
    pub(super) body: &'a [u8],
    texts: [Option<&'a [u8]>; N_TEXTS_ASKED],
    numbers: [Number; N_NUMBERS_ASKED],
    dates: [Option<Date>; N_DATES],
    /// What few lines are asked for; `None`: it is not wanted.
    others: Option<Others<'a>>,
    /// The line ends within its last text: it was cut at the log length.
    pub(super) is_cut: bool,
}

/// What only some questions need: counts, captures, the request.
#[derive(Clone, Copy, Debug)]
struct Others<'a> {
    texts: [Option<&'a [u8]>; N_TEXTS - N_TEXTS_ASKED],
    numbers: [Number; N_NUMBERS - N_NUMBERS_ASKED],
}

/// Where the value of a slot is kept: its number, its bytes, its date, counted over what all lines are asked for and then the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    number: u8,
    text: u8,
    date: u8,
}

impl Place {
    /// Of a field that tells this; `None`: its value is kept nowhere.
    pub(super) fn of(slot: Option<Slot>) -> Place {
        let place = |index: Option<usize>| {
            index
                .and_then(|at| u8::try_from(at).ok())
                .unwrap_or(u8::MAX)
        };
        Place {
            number: place(slot.map(|slot| slot as usize).filter(|&at| at < N_NUMBERS)),
            text: place(slot.and_then(text)),
            date: place(slot.and_then(|slot| (slot as usize).checked_sub(N_NUMBERS))),
        }
    }
}

impl Place {
    /// Every line is asked for what is kept here.
    pub(super) fn is_asked(self) -> bool {
        usize::from(self.number) < N_NUMBERS_ASKED
            || usize::from(self.text) < N_TEXTS_ASKED
            || usize::from(self.date) < N_DATES
    }
}

impl<'a> Fields<'a> {
    /// Of a line that was not read yet, with what every line is asked for.
    #[inline]
    pub(super) fn new(body: &'a [u8]) -> Fields<'a> {
        Fields {
            body,
            texts: [None; N_TEXTS_ASKED],
            numbers: [Number::NONE; N_NUMBERS_ASKED],
            dates: [None; N_DATES],
            others: None,
            is_cut: false,
        }
    }

    /// The same with all that a line may say.
    pub(super) fn all(body: &'a [u8]) -> Fields<'a> {
        Fields {
            others: Some(Others {
                texts: [None; N_TEXTS - N_TEXTS_ASKED],
                numbers: [Number::NONE; N_NUMBERS - N_NUMBERS_ASKED],
            }),
            ..Fields::new(body)
        }
    }

    /// What few lines are asked for is wanted, too.
    #[inline]
    pub(super) fn has_others(&self) -> bool {
        self.others.is_some()
    }

    /// Nothing read yet, and the same wanted.
    pub(super) fn again(&self) -> Fields<'a> {
        match self.others {
            Some(_) => Fields::all(self.body),
            None => Fields::new(self.body),
        }
    }

    #[inline]
    pub(super) fn set(&mut self, place: Place, bytes: Option<&'a [u8]>) {
        let at = usize::from(place.text);
        if let Some(text) = self.texts.get_mut(at) {
            *text = bytes;
        } else if let Some(others) = &mut self.others
            && let Some(text) = others.texts.get_mut(at - N_TEXTS_ASKED)
        {
            *text = bytes;
        }
    }

    #[inline]
    pub(super) fn set_number(&mut self, place: Place, value: Number) {
        let at = usize::from(place.number);
        if let Some(number) = self.numbers.get_mut(at) {
            *number = value;
        } else if let Some(others) = &mut self.others
            && let Some(number) = others.numbers.get_mut(at - N_NUMBERS_ASKED)
        {
            *number = value;
        }
    }

    #[inline]
    pub(super) fn set_date(&mut self, place: Place, value: Option<Date>) {
        if let Some(date) = self.dates.get_mut(usize::from(place.date)) {
            *date = value;
        }
    }

    /// The field says nothing again.
    pub(super) fn forget(&mut self, place: Place) {
        self.set(place, None);
        self.set_number(place, Number::NONE);
        self.set_date(place, None);
    }

    /// The same with the rest of the line as the last value.
    pub(super) fn cut(&self, place: Place, rest: &'a [u8]) -> Fields<'a> {
        let mut cut = Fields {
            is_cut: true,
            ..*self
        };
        cut.set(place, Some(rest));
        cut
    }
}

impl<'a> Values<'a> for Fields<'a> {
    fn body(&self) -> &'a [u8] {
        self.body
    }

    /// Of a number, `None`, too, where nobody asks for its bytes.
    #[inline]
    fn get(&self, slot: Slot) -> Option<&'a [u8]> {
        let at = text(slot)?;
        let value = match at.checked_sub(N_TEXTS_ASKED) {
            None => *self.texts.get(at)?,
            Some(at) => *self.others.as_ref()?.texts.get(at)?,
        };
        value.filter(|value| !matches!(*value, b"" | b"-"))
    }

    #[inline]
    fn status(&self) -> Option<Number> {
        let number = self.number(Slot::Status);
        if number.is_some() {
            return (!number.is_zero()).then_some(number);
        }
        self.get(Slot::Status).map(|_| number)
    }

    #[inline]
    fn number(&self, slot: Slot) -> Number {
        let at = slot as usize;
        let number = match at.checked_sub(N_NUMBERS_ASKED) {
            None => self.numbers.get(at),
            Some(at) => self
                .others
                .as_ref()
                .and_then(|others| others.numbers.get(at)),
        };
        number.copied().unwrap_or(Number::NONE)
    }

    #[inline]
    fn date(&self, slot: Slot) -> Option<Date> {
        let index = (slot as usize).checked_sub(N_NUMBERS)?;
        self.dates.get(index).copied().flatten()
    }

    #[inline]
    fn between(&self, first: Slot, last: Slot) -> &'a [u8] {
        let (Some(first), Some(last)) = (self.get(first), self.get(last)) else {
            return b"";
        };
        let start = self.body.as_ptr().addr();
        let from = first.as_ptr().addr().wrapping_sub(start);
        let to = last
            .as_ptr()
            .addr()
            .wrapping_sub(start)
            .wrapping_add(last.len());
        self.body.get(from..to).unwrap_or_default()
    }
}

/// Where the bytes of a slot are; `None`: nobody asks for them.
#[inline]
fn text(slot: Slot) -> Option<usize> {
    match slot {
        Slot::Status => Some(0),
        Slot::Retries => Some(N_TEXTS - 1),
        _ => Some(1 + (slot as usize).checked_sub(Slot::Client as usize)?),
    }
}
