//! One directive with its words, and how HAProxy reads numbers and times from them.

use crate::base::Place;
use crate::base::leading_decimal;
use crate::base::printable;
use crate::config::Rule;
use crate::config::Setting;
use crate::config::word::Word;

/// A directive: words without `no`, secrets already hidden.
#[derive(Clone, Debug)]
pub(super) struct Directive {
    /// Its line.
    pub(super) at: Place,
    /// Its words, keyword first; never empty.
    pub(super) words: Vec<Word>,
    /// Written with `no` (or `default`) in front.
    pub(super) negated: bool,
}

impl Directive {
    /// The word at that index as HAProxy compares it; empty when there is none.
    pub(super) fn word(&self, index: usize) -> &[u8] {
        self.words.get(index).map_or(&[], Word::value)
    }

    /// The words from that index on.
    pub(super) fn from(&self, index: usize) -> &[Word] {
        self.words.get(index..).unwrap_or_default()
    }

    /// The word at that index as printable text; empty when there is none.
    pub(super) fn text(&self, index: usize) -> String {
        self.words.get(index).map(text).unwrap_or_default()
    }

    /// A value that this line sets.
    pub(super) fn setting<T>(&self, value: T) -> Setting<T> {
        setting(value, self.at)
    }

    /// The word at that index, when there is one.
    pub(super) fn text_setting(&self, index: usize) -> Option<Setting<String>> {
        self.words
            .get(index)
            .map(|word| setting(text(word), self.at))
    }

    /// All words from that index on, joined by single spaces.
    pub(super) fn joined(&self, index: usize) -> Setting<String> {
        self.setting(texts(self.from(index)).join(" "))
    }

    /// The word at that index as a whole number.
    pub(super) fn number(&self, index: usize) -> Option<u64> {
        self.words.get(index).and_then(number)
    }

    /// The word at that index as a time in milliseconds.
    pub(super) fn time_ms(&self, index: usize) -> Option<u64> {
        self.words.get(index).and_then(time_ms)
    }

    /// The whole directive, cut before its `if` or `unless`.
    pub(super) fn rule(&self) -> Rule {
        let is_condition = |w: &Word| w.bytes == b"if" || w.bytes == b"unless";
        let cut = self
            .from(1)
            .iter()
            .position(is_condition)
            .map_or(self.words.len(), |index| index + 1);
        Rule {
            at: self.at,
            words: texts(self.words.get(..cut).unwrap_or_default()),
            condition: texts(self.from(cut)),
        }
    }
}

/// A value set at a place.
pub(super) fn setting<T>(value: T, at: Place) -> Setting<T> {
    Setting {
        value,
        at: Some(at),
    }
}

/// A word as printable text.
pub(super) fn text(word: &Word) -> String {
    printable(&word.bytes)
}

/// Words as printable text.
pub(super) fn texts(words: &[Word]) -> Vec<String> {
    words.iter().map(text).collect()
}

/// A whole number as `atol` reads it: what follows the digits does not count.
pub(super) fn number(word: &Word) -> Option<u64> {
    leading_decimal(word.value()).map(|(value, _)| value)
}

/// A time with its unit (`us ms s m h d`), milliseconds without one; microseconds are rounded up.
///
/// Source: configuration manual 3.2, "Time format".
pub(super) fn time_ms(word: &Word) -> Option<u64> {
    let (value, unit) = leading_decimal(word.value())?;
    let ms = match unit {
        b"us" => return Some(value.div_ceil(1000)),
        b"" | b"ms" => 1,
        b"s" => 1000,
        b"m" => 60_000,
        b"h" => 3_600_000,
        b"d" => 86_400_000,
        _ => return None,
    };
    value.checked_mul(ms)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::environment::Environment;
    use crate::config::word::split;

    #[test]
    fn times_take_their_unit_and_defaults_of_variables() {
        let line = split(
            b"10 10us 2s 3m 1h 1d 5x s \"${T-4s}\" \"${T}\" 99999999999999999999",
            &Environment::default(),
        );
        let got: Vec<_> = line.words.iter().map(time_ms).collect();
        let expected = [
            Some(10),
            Some(1),
            Some(2000),
            Some(180_000),
            Some(3_600_000),
            Some(86_400_000),
            None,
            None,
            Some(4000),
            None,
            None,
        ];
        assert_eq!(got, expected);
    }

    #[test]
    fn a_rule_is_cut_before_its_condition() {
        let words = split(b"use_backend be_app if a !b", &Environment::default()).words;
        let rule = Directive {
            at: Place::default(),
            words,
            negated: false,
        }
        .rule();
        assert_eq!(rule.words, ["use_backend", "be_app"]);
        assert_eq!(rule.condition, ["if", "a", "!b"]);
    }
}
