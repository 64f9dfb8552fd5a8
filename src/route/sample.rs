//! Values that fetches and converters hand on, and how HAProxy casts one type to another.

use crate::base::leading_decimal;
use crate::route::Doubt;
use std::net::IpAddr;

/// One value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value {
    /// Text; `whole` is false when only its beginning is known.
    Text { text: String, whole: bool },
    /// A number.
    Number(i64),
    /// An address.
    Address(IpAddr),
    /// A boolean.
    Flag(bool),
}

/// The values of a fetch, none when the request has no such thing; or why they are not known.
pub(super) type Samples = Result<Vec<Value>, Doubt>;

impl Value {
    /// Whole text.
    pub(super) fn text(text: impl Into<String>) -> Value {
        Value::Text {
            text: text.into(),
            whole: true,
        }
    }

    /// As text: `(text, whole)`.
    pub(super) fn as_text(&self) -> (String, bool) {
        match self {
            Value::Text { text, whole } => (text.clone(), *whole),
            Value::Number(number) => (number.to_string(), true),
            Value::Address(address) => (address.to_string(), true),
            Value::Flag(flag) => (u8::from(*flag).to_string(), true),
        }
    }

    /// As a number: of text the leading digits, 0 without any; empty text and addresses of IPv6 have none.
    pub(super) fn as_number(&self) -> Option<i64> {
        match self {
            Value::Text { text, .. } if text.is_empty() => None,
            Value::Text { text, .. } => Some(leading_number(text)),
            Value::Number(number) => Some(*number),
            Value::Flag(flag) => Some(i64::from(*flag)),
            Value::Address(IpAddr::V4(address)) => Some(i64::from(u32::from(*address))),
            Value::Address(IpAddr::V6(_)) => None,
        }
    }

    /// As an address.
    pub(super) fn as_address(&self) -> Option<IpAddr> {
        match self {
            Value::Address(address) => Some(*address),
            Value::Text { text, .. } => text.parse().ok(),
            Value::Number(_) | Value::Flag(_) => None,
        }
    }

    /// As the reader sees it.
    pub(super) fn shown(&self) -> String {
        match self {
            Value::Flag(flag) => flag.to_string(),
            Value::Text { text, whole: false } => format!("{text}…"),
            other => other.as_text().0,
        }
    }
}

/// The number that text begins with; 0 without digits, the largest beyond the range.
pub(super) fn leading_number(text: &str) -> i64 {
    let (digits, negative) = match text.strip_prefix('-') {
        Some(rest) => (rest, true),
        None => (text.strip_prefix('+').unwrap_or(text), false),
    };
    let value = leading_decimal(digits.as_bytes()).map_or(0, |(value, _)| value);
    let value = i64::try_from(value).unwrap_or(i64::MAX);
    if negative { -value } else { value }
}
