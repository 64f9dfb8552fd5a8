//! Numbers against patterns: `N`, `A:B`, `A:`, `:B`, and the operators `eq`, `ge`, `gt`, `le`, `lt`.

use crate::route::Doubt;
use crate::route::Truth;
use crate::route::sample::leading_number;

/// A comparison that holds for all patterns after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    /// `eq`, also without any.
    Equal,
    /// `ge`.
    AtLeast,
    /// `gt`.
    Above,
    /// `le`.
    AtMost,
    /// `lt`.
    Below,
}

/// The operator of that name.
pub(super) fn operator(word: &str) -> Option<Operator> {
    match word {
        "eq" => Some(Operator::Equal),
        "ge" => Some(Operator::AtLeast),
        "gt" => Some(Operator::Above),
        "le" => Some(Operator::AtMost),
        "lt" => Some(Operator::Below),
        _ => None,
    }
}

/// Whether any of the patterns fits the number.
pub(super) fn matches_any(number: i64, patterns: &[String]) -> Truth {
    let mut by = Operator::Equal;
    let mut sum = Truth::False;
    for pattern in patterns {
        match operator(pattern) {
            Some(operator) => by = operator,
            None => sum = sum.or(matches(number, by, pattern)),
        }
    }
    sum
}

fn matches(number: i64, by: Operator, pattern: &str) -> Truth {
    let is_number = |text: &str| {
        let digits = text.strip_prefix('-').unwrap_or(text);
        !digits.is_empty() && digits.bytes().all(|c| c.is_ascii_digit())
    };
    if let Some((low, high)) = pattern.split_once(':') {
        let low = Some(low).filter(|low| !low.is_empty());
        let high = Some(high).filter(|high| !high.is_empty());
        if by != Operator::Equal || !low.into_iter().chain(high).all(is_number) {
            return not_evaluated(pattern);
        }
        let above = low.is_none_or(|low| leading_number(low) <= number);
        let below = high.is_none_or(|high| number <= leading_number(high));
        return Truth::of(above && below);
    }
    if !is_number(pattern) {
        return not_evaluated(pattern);
    }
    let value = leading_number(pattern);
    Truth::of(match by {
        Operator::Equal => number == value,
        Operator::AtLeast => number >= value,
        Operator::Above => number > value,
        Operator::AtMost => number <= value,
        Operator::Below => number < value,
    })
}

fn not_evaluated(pattern: &str) -> Truth {
    Truth::Undecidable(Doubt::NotEvaluated(format!("the number `{pattern}`")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(number: i64, patterns: &[&str], expected: bool) {
        let patterns: Vec<String> = patterns.iter().map(|&p| p.to_owned()).collect();
        assert_eq!(matches_any(number, &patterns), Truth::of(expected));
    }

    #[test]
    fn ranges_lists_and_operators() {
        check(443, &["80", "443"], true);
        check(444, &["80", "443"], false);
        check(443, &["400:500"], true);
        check(443, &["444:"], false);
        check(443, &[":443"], true);
        check(0, &["lt", "1"], true);
        check(1, &["lt", "1"], false);
        check(5, &["ge", "5"], true);
        check(5, &["gt", "5"], false);
        check(5, &["le", "4", "eq", "5"], true);
    }

    #[test]
    fn a_pattern_that_is_no_number_decides_nothing() {
        let value = matches_any(5, &["${N}".to_owned()]);
        assert!(matches!(value, Truth::Undecidable(_)));
    }
}
