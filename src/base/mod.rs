//! Words shared by every room: places in artifacts, stamps, numbers, printable text, lines of a given width.

mod bits;
mod civil;
mod eight;
mod number;
mod parts;
mod place;
mod printable;
mod stamp;
mod wrap;

pub use bits::{
    bits_of, bits_of_no_dotted, bits_of_no_name, bits_of_no_string, bits_of_others, find_far,
};
pub use civil::{
    DAY, HOUR, MINUTE, SECOND, days_from_civil, from_rfc3339, month_from_name, rfc3339, year_of,
};
pub use eight::{
    Digits, HIGH, LOW, digits, find, first_marked, last_three_digits, left_digits, marks_of,
    right_digits, thousandths, time_of_day, value_of,
};
pub use number::{counted, decimal, leading_decimal, signed, thousands};
pub use parts::Parts;
pub use place::{Cite, Line, Lines, Place, Span, Text};
pub use printable::printable;
pub use stamp::{Precision, Stamp, Zone};
pub use wrap::{columns, wrap};
