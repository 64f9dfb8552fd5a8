//! What a line says, by slot; numbers stay digits until a question needs them.

use super::date::Date;
use super::variable::N_DATES;
use super::variable::N_NUMBERS;
use super::variable::N_SLOTS;
use super::variable::N_WITHOUT_BYTES;
use super::variable::Slot;
use crate::event::traffic::timers::Number;

/// What a line says, by slot.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fields<'a> {
    /// The line.
    pub(super) body: &'a [u8],
    values: [Option<&'a [u8]>; N_SLOTS - N_WITHOUT_BYTES],
    pub(super) numbers: Numbers,
    dates: [Option<Date>; N_DATES],
    /// The line ends within its last text: it was cut at the log length.
    pub(super) is_cut: bool,
}

/// The numbers among them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Numbers([Number; N_NUMBERS]);

impl Numbers {
    #[inline]
    pub(super) fn set(&mut self, slot: Option<Slot>, value: Number) {
        if let Some(slot) = slot
            && let Some(number) = self.0.get_mut(slot as usize)
        {
            *number = value;
        }
    }
}

impl<'a> Fields<'a> {
    /// Of a line that was not read yet.
    #[inline]
    pub(super) fn new(body: &'a [u8]) -> Fields<'a> {
        Fields {
            body,
            values: [None; N_SLOTS - N_WITHOUT_BYTES],
            numbers: Numbers([Number::NONE; N_NUMBERS]),
            dates: [None; N_DATES],
            is_cut: false,
        }
    }

    /// The value; `None`: the format lacks it, or `-`, or nothing was printed; or nobody asks for the bytes of such a number.
    #[inline]
    pub(super) fn get(&self, slot: Slot) -> Option<&'a [u8]> {
        let value = (*self.values.get(index(slot))?)?;
        (!matches!(value, b"" | b"-")).then_some(value)
    }

    /// The status, or that of `-1`; `None`: the format lacks it, or `-`, or `0`, which is none.
    #[inline]
    pub(super) fn status(&self) -> Option<Number> {
        let number = self.number(Slot::Status);
        if number.is_some() {
            return (!number.is_zero()).then_some(number);
        }
        self.get(Slot::Status).map(|_| number)
    }

    /// The number; none where [`Fields::get`] has none, or where it is negative.
    #[inline]
    pub(super) fn number(&self, slot: Slot) -> Number {
        let number = self.numbers.0.get(slot as usize).copied();
        number.unwrap_or(Number::NONE)
    }

    /// The date.
    #[inline]
    pub(super) fn date(&self, slot: Slot) -> Option<Date> {
        let index = (slot as usize).checked_sub(N_NUMBERS)?;
        self.dates.get(index).copied().flatten()
    }

    #[inline]
    pub(super) fn set(&mut self, slot: Option<Slot>, bytes: Option<&'a [u8]>) {
        if let Some(slot) = slot
            && let Some(value) = self.values.get_mut(index(slot))
        {
            *value = bytes;
        }
    }

    #[inline]
    pub(super) fn set_number(&mut self, slot: Option<Slot>, value: Number) {
        self.numbers.set(slot, value);
    }

    #[inline]
    pub(super) fn set_date(&mut self, slot: Option<Slot>, value: Option<Date>) {
        let index = slot.and_then(|slot| (slot as usize).checked_sub(N_NUMBERS));
        if let Some(date) = index.and_then(|index| self.dates.get_mut(index)) {
            *date = value;
        }
    }

    /// The line from one of its values to the end of another.
    #[inline]
    pub(super) fn between(&self, first: &'a [u8], last: &'a [u8]) -> &'a [u8] {
        let start = self.body.as_ptr().addr();
        let from = first.as_ptr().addr().wrapping_sub(start);
        let to = last
            .as_ptr()
            .addr()
            .wrapping_sub(start)
            .wrapping_add(last.len());
        self.body.get(from..to).unwrap_or_default()
    }

    /// The same with the rest of the line as the last value.
    pub(super) fn cut(&self, slot: Option<Slot>, rest: &'a [u8]) -> Fields<'a> {
        let mut cut = Fields {
            is_cut: true,
            ..*self
        };
        if let Some(value) = slot.and_then(|slot| cut.values.get_mut(index(slot))) {
            *value = Some(rest);
        }
        cut
    }
}

/// Where the bytes of a slot are; nowhere for the first numbers.
#[inline]
fn index(slot: Slot) -> usize {
    (slot as usize).wrapping_sub(N_WITHOUT_BYTES)
}
