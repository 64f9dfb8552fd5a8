//! A line as words, with the places where somebody snipped.

use crate::dump::prompt;

/// A word of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Word<'a> {
    /// A name or value.
    Value(&'a str),
    /// `##### snipped`, `...`, `[snip]`: some columns are missing here.
    Snip,
}

impl<'a> Word<'a> {
    /// The word, unless it is a snip.
    pub(super) fn value(self) -> Option<&'a str> {
        match self {
            Word::Value(value) => Some(value),
            Word::Snip => None,
        }
    }
}

/// Splits at blanks. A `>` glued to the end of the last word is a pager's mark that the line goes on: both are taken off.
pub(super) fn split(line: &str) -> Vec<Word<'_>> {
    let mut words = Vec::new();
    for word in line.split_whitespace() {
        let after_snip = words.last() == Some(&Word::Snip);
        if after_snip && (prompt::is_elision_word(word) || prompt::is_elision(word)) {
            continue;
        }
        if prompt::is_elision(word) {
            words.push(Word::Snip);
        } else {
            words.push(Word::Value(word));
        }
    }
    let is_chopped = |word: &Word<'_>| word.value().is_some_and(|v| v.ends_with('>'));
    if words.last().is_some_and(is_chopped) {
        words.pop();
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn snips_are_one_word() {
        assert_eq!(
            split("0 ##### snipped 8080"),
            [Word::Value("0"), Word::Snip, Word::Value("8080")]
        );
        assert_eq!(split("a - b"), ["a", "-", "b"].map(Word::Value));
        assert_eq!(split("a ... b>"), [Word::Value("a"), Word::Snip]);
    }
}
