//! Words shared by every room: places in artifacts, stamps, numbers, printable text, lines of a given width.

mod bits;
mod civil;
mod eight;
mod number;
mod place;
mod printable;
mod stamp;
mod wrap;

pub use bits::{bits_of, bits_of_no_dotted, bits_of_no_name, bits_of_others};
pub use civil::{
    DAY, HOUR, MINUTE, SECOND, days_from_civil, from_rfc3339, month_from_name, rfc3339, year_of,
};
pub use eight::{
    Digits, HIGH, LOW, digits, find, first_marked, left_digits, marks_of, right_digits,
    time_of_day, value_of,
};
pub use number::{counted, decimal, leading_decimal, signed, thousands};
pub use place::{Cite, Line, Lines, Place, Span, Text};
pub use printable::printable;
pub use stamp::{Precision, Stamp, Zone};
pub use wrap::{columns, wrap};
