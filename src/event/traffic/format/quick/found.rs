//! What the quick way finds of a line: numbers as their digits, texts as the places where they stand.

use crate::base::left_digits;
use crate::event::traffic::accept;
use crate::event::traffic::format::date::Date;
use crate::event::traffic::format::fields::Values;
use crate::event::traffic::format::glue::Joint;
use crate::event::traffic::format::variable::N_DATES;
use crate::event::traffic::format::variable::N_NUMBERS;
use crate::event::traffic::format::variable::N_NUMBERS_ASKED;
use crate::event::traffic::format::variable::N_TEXTS_ASKED;
use crate::event::traffic::format::variable::Slot;
use crate::event::traffic::numbers::Numbers;
use crate::event::traffic::timers::Number;

/// The place of all numbers that few lines are asked for, behind those of the others.
pub(super) const NO_NUMBER: usize = N_NUMBERS_ASKED;
/// The same for texts; one of those that are asked for is a number here, the status.
pub(super) const NO_TEXT: usize = N_TEXTS_ASKED - 1;

/// What a line says.
#[derive(Clone, Copy, Debug)]
pub(in crate::event::traffic::format) struct Found<'a> {
    pub(super) body: &'a [u8],
    /// [`Number::NONE`]: the format lacks it.
    numbers: [Number; NO_NUMBER + 1],
    /// Where each text begins, and its length; 0: the format lacks it.
    texts: [(u32, u32); NO_TEXT + 1],
    /// `i64::MIN`: the format lacks it.
    dates: [i64; N_DATES],
}

impl<'a> Found<'a> {
    /// Of a line that was not read yet.
    #[inline(always)]
    pub(in crate::event::traffic::format) fn new(body: &'a [u8]) -> Found<'a> {
        Found {
            body,
            numbers: [Number::NONE; NO_NUMBER + 1],
            texts: [(0, 0); NO_TEXT + 1],
            dates: [i64::MIN; N_DATES],
        }
    }

    /// Keeps `n` digits at `at`.
    #[inline(always)]
    pub(super) fn number_at(&mut self, place: usize, at: u32, n: u32) -> Option<()> {
        let eight = self.body.get(at as usize..)?.first_chunk()?;
        *self.numbers.get_mut(place)? = Number::of_digits(left_digits(*eight, n as usize));
        Some(())
    }

    /// Keeps `n` bytes at `at`.
    #[inline(always)]
    pub(super) fn text_at(&mut self, place: usize, at: u32, n: u32) -> Option<()> {
        *self.texts.get_mut(place)? = (at, n);
        Some(())
    }

    /// The same of a name; `None`: it is empty, or the `-` of none.
    #[inline(always)]
    pub(super) fn name_at(&mut self, place: usize, at: u32, n: u32) -> Option<()> {
        if n == 0 || n == 1 && self.body.get(at as usize) == Some(&b'-') {
            return None;
        }
        self.text_at(place, at, n)
    }

    #[inline(always)]
    pub(super) fn date_at(
        &mut self,
        place: usize,
        date: &[u8; accept::DATE_LEN],
        dates: &mut accept::Memory,
    ) -> Option<()> {
        *self.dates.get_mut(place)? = accept::read(date, dates)?;
        Some(())
    }

    /// Keeps what `0/0/0/1/1 200 62` says; the places are those of the first and the last timer.
    #[inline(always)]
    pub(super) fn timers_at(&mut self, [first, last]: [usize; 2], read: &Numbers) -> Option<()> {
        let [header, queue, connect, response, total] = read.timers;
        let status = Number::of(u64::from(read.status));
        for (place, number) in [
            (Slot::Queue as usize, queue),
            (Slot::Connect as usize, connect),
            (Slot::Response as usize, response),
            (Slot::Status as usize, status),
            (Slot::Bytes as usize, read.sent),
            (first, header),
            (last, total),
        ] {
            *self.numbers.get_mut(place)? = number;
        }
        Some(())
    }

    /// The frontend has this name, without the `~` of TLS.
    #[inline(always)]
    pub(super) fn is_frontend(&self, name: &Joint) -> bool {
        let Some(&(from, n)) = text_place(Slot::Frontend).and_then(|place| self.texts.get(place))
        else {
            return false;
        };
        let is_at = |end: u32, byte| self.body.get(end as usize) == Some(&byte);
        let end = name.end(self.body, from);
        end.is_some_and(|end| end == from + n || end + 1 == from + n && is_at(end, b'~'))
    }

    #[inline(always)]
    fn text(&self, slot: Slot) -> Option<(usize, usize)> {
        let (from, n) = *self.texts.get(text_place(slot)?)?;
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
        let (from, n) = self.text(slot)?;
        self.body.get(from..from + n)
    }

    #[inline(always)]
    fn number(&self, slot: Slot) -> Number {
        let kept = number_place(slot).and_then(|place| self.numbers.get(place));
        kept.copied().unwrap_or(Number::NONE)
    }

    #[inline(always)]
    fn status(&self) -> Option<Number> {
        Some(self.number(Slot::Status)).filter(|number| number.is_some())
    }

    #[inline(always)]
    fn date(&self, slot: Slot) -> Option<Date> {
        let micros = *self.dates.get(date_place(slot)?)?;
        (micros != i64::MIN).then_some(Date {
            micros,
            offset: None,
        })
    }

    #[inline(always)]
    fn between(&self, first: Slot, last: Slot) -> &'a [u8] {
        let (Some((from, _)), Some((to, n))) = (self.text(first), self.text(last)) else {
            return b"";
        };
        self.body.get(from..to + n).unwrap_or_default()
    }
}

/// Where a number is kept; `None`: few lines are asked for it, or it is none.
#[inline(always)]
pub(super) fn number_place(slot: Slot) -> Option<usize> {
    Some(slot as usize).filter(|&place| place < NO_NUMBER)
}

/// Where a text is kept; `None`: few lines are asked for it, or it is none.
#[inline(always)]
pub(super) fn text_place(slot: Slot) -> Option<usize> {
    let place = (slot as usize).wrapping_sub(Slot::Client as usize);
    (place < NO_TEXT).then_some(place)
}

/// Where a date is kept; `None`: it is none.
#[inline(always)]
pub(super) fn date_place(slot: Slot) -> Option<usize> {
    let place = (slot as usize).checked_sub(N_NUMBERS)?;
    (place < N_DATES).then_some(place)
}
