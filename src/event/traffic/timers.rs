//! Timers of one stream, and numbers that are found in every line but read only where a question needs them.

use crate::base::Digits;
use crate::base::digits;
use crate::base::leading_decimal;
use crate::base::value_of;

/// A number as it was found: digits, read when asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Number(u64);

impl Number {
    /// `-1`, or not in the format.
    pub(super) const NONE: Number = Number(u64::MAX);
    /// Marks a value; eight digits never have this bit.
    const IS_VALUE: u64 = 1 << 63;

    /// So much.
    pub(super) fn of(value: u64) -> Number {
        Number(Number::IS_VALUE | value.min(u64::MAX >> 2))
    }

    /// So much, when the line has it.
    pub(super) fn of_some(value: Option<u64>) -> Number {
        value.map_or(Number::NONE, Number::of)
    }

    /// Eight digits, see [`crate::base::Digits::word`].
    #[inline]
    pub(super) fn of_digits(word: u64) -> Number {
        Number(word)
    }

    #[inline]
    pub(super) fn is_some(self) -> bool {
        self != Number::NONE
    }

    #[inline(always)]
    pub(super) fn get(self) -> Option<u64> {
        if self.0 & Number::IS_VALUE == 0 {
            return Some(u64::from(value_of(self.0)));
        }
        self.is_some().then_some(self.0 ^ Number::IS_VALUE)
    }

    /// The number, as a duration that fits 49 days.
    #[inline(always)]
    pub(super) fn ms(self) -> Option<u32> {
        if self.0 & Number::IS_VALUE == 0 {
            return Some(value_of(self.0));
        }
        self.get().map(|ms| u32::try_from(ms).unwrap_or(u32::MAX))
    }

    #[inline]
    pub(super) fn is_zero(self) -> bool {
        self.0 & !Number::IS_VALUE == 0
    }

    /// 0 for `-1`.
    #[inline]
    pub(super) fn or_zero(self) -> Number {
        if self.is_some() { self } else { Number(0) }
    }
}

/// Timers of one stream. Unit: ms. `None`: the log said `-1`, that phase was never reached; or the format lacks the timer.
///
/// Source: configuration manual 3.2, "Timing events".
#[derive(Clone, Copy, Debug)]
pub struct Timers {
    /// `%TR`, `%Tw`, `%Tc`, `%Tr`, `%Ta`.
    all: [Number; 5],
    /// Which of the first four the format has.
    has: [bool; 4],
}

impl Timers {
    /// `%TR`, `%Tw`, `%Tc`, `%Tr` and `%Ta` as far as they are there, and which of the first four the format has.
    #[inline]
    pub(super) fn of_format(all: [Number; 5], has: [bool; 4]) -> Timers {
        Timers { all, has }
    }

    /// Of `option httplog`.
    #[inline]
    pub(super) fn http(all: [Number; 5]) -> Timers {
        Timers {
            all,
            has: [true; 4],
        }
    }

    /// Of `option tcplog`.
    #[inline]
    pub(super) fn tcp([queue, connect, total]: [Number; 3]) -> Timers {
        Timers {
            all: [Number::NONE, queue, connect, Number::NONE, total],
            has: [false, true, true, false],
        }
    }

    /// `%TR`; absent on TCP lines.
    #[inline]
    pub fn req_timer_hdr_ms(&self) -> Option<u32> {
        self.all[0].ms()
    }

    /// `%Tw`: queues, and time lost in failed attempts when a redispatch happened.
    #[inline]
    pub fn req_timer_queue_ms(&self) -> Option<u32> {
        self.all[1].ms()
    }

    /// `%Tw` may be above 0: it is there and is not the digit 0.
    #[inline]
    pub fn has_queued(&self) -> bool {
        // Digits that are all 0, or `-1`.
        let Number(queue) = self.all[1];
        queue.wrapping_add(1) > 1
    }

    /// `%Tc`.
    #[inline]
    pub fn bc_timer_connect_ms(&self) -> Option<u32> {
        self.all[2].ms()
    }

    /// `%Tr`; absent on TCP lines.
    #[inline]
    pub fn res_timer_hdr_ms(&self) -> Option<u32> {
        self.all[3].ms()
    }

    /// `%Ta` or `%Tt`: the whole time, also when the others are `-1`.
    #[inline]
    pub fn total_ms(&self) -> Option<u32> {
        self.all[4].ms()
    }

    /// The format has `%TR`, so that `None` means `-1`.
    pub fn has_req_timer_hdr(&self) -> bool {
        self.has[0]
    }

    /// The format has `%Tw`, so that `None` means `-1`.
    pub fn has_req_timer_queue(&self) -> bool {
        self.has[1]
    }

    /// None of the timers that the format has is `-1`: the request got to its end.
    #[inline]
    pub fn are_whole(&self) -> bool {
        let [a, b, c, d, _] = self.all.map(Number::is_some);
        let has = self.has;
        (a || !has[0]) & (b || !has[1]) & (c || !has[2]) & (d || !has[3])
    }
}

/// One number, the byte that ends it, and what follows.
#[inline]
pub(super) fn number(bytes: &[u8]) -> Option<(Number, u8, &[u8])> {
    if let Some(&eight) = bytes.first_chunk()
        && let Some(Digits { word, n, end }) = digits(eight)
        && n > 0
    {
        return Some((Number::of_digits(word), end, bytes.get(n + 1..)?));
    }
    rare_number(bytes)
}

/// `-1`, digits behind a `+`, many digits, or the last ones of a line.
#[inline(never)]
fn rare_number(bytes: &[u8]) -> Option<(Number, u8, &[u8])> {
    let (number, rest) = match bytes {
        [b'-', b'1', rest @ ..] => (Number::NONE, rest),
        [b'+', digits @ ..] | digits => {
            let (value, rest) = leading_decimal(digits)?;
            (Number::of(value), rest)
        }
    };
    let (&end, rest) = rest.split_first()?;
    Some((number, end, rest))
}
