//! Text against a pattern: `str`, `beg`, `end`, `sub`, `dir`, `dom`.
//!
//! Source: configuration manual 3.2, "Matching strings"; HAProxy `src/pattern.c`.

use crate::route::Doubt;
use crate::route::Truth;

/// A way to match text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum How {
    /// The whole text.
    Str,
    /// Its beginning.
    Beg,
    /// Its end.
    End,
    /// Anywhere.
    Sub,
    /// Whole words between `/` and `?`.
    Dir,
    /// Whole words between `/`, `?`, `.` and `:`.
    Dom,
}

/// Matches known text; `whole`: nothing of it is missing.
pub(super) fn matches(how: How, text: &str, whole: bool, pattern: &str, any_case: bool) -> Truth {
    if any_case {
        let (text, pattern) = (text.to_ascii_lowercase(), pattern.to_ascii_lowercase());
        return compare(how, &text, whole, &pattern);
    }
    compare(how, text, whole, pattern)
}

fn compare(how: How, text: &str, whole: bool, pattern: &str) -> Truth {
    let cut_short = || Truth::Undecidable(Doubt::CutShort("its value".to_owned()));
    match how {
        How::Str if whole => Truth::of(text == pattern),
        How::Str if pattern.starts_with(text) => cut_short(),
        How::Str => Truth::False,
        How::Beg if text.starts_with(pattern) => Truth::True,
        How::Beg if !whole && pattern.starts_with(text) => cut_short(),
        How::Beg => Truth::False,
        How::End if whole => Truth::of(text.ends_with(pattern)),
        How::End => cut_short(),
        How::Sub if text.contains(pattern) => Truth::True,
        How::Sub if whole => Truth::False,
        How::Sub => cut_short(),
        How::Dir => words(text, whole, pattern, &['/', '?']),
        How::Dom => words(text, whole, pattern, &['/', '?', '.', ':']),
    }
}

/// Whether the pattern, without delimiters at its ends, stands between delimiters.
fn words(text: &str, whole: bool, pattern: &str, delimiters: &[char]) -> Truth {
    let pattern = pattern.trim_matches(delimiters);
    let is_start = |at: usize| {
        text.get(..at)
            .is_some_and(|before| before.is_empty() || before.ends_with(delimiters))
    };
    let ends = |at: usize| {
        let after = text.get(at + pattern.len()..).unwrap_or_default();
        (after.is_empty() && whole) || after.starts_with(delimiters)
    };
    // HAProxy does not find an empty pattern where a delimiter stands.
    let found = if pattern.is_empty() {
        false
    } else {
        text.match_indices(pattern)
            .any(|(at, _)| is_start(at) && ends(at))
    };
    if found || whole {
        return Truth::of(found);
    }
    Truth::Undecidable(Doubt::CutShort("its value".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(how: How, text: &str, pattern: &str, expected: bool) {
        assert_eq!(
            matches(how, text, true, pattern, false),
            Truth::of(expected)
        );
    }

    #[test]
    fn exact_text_counts_case_and_port() {
        check(How::Str, "www.example.com", "www.example.com", true);
        check(How::Str, "WWW.example.com", "www.example.com", false);
        check(How::Str, "www.example.com:8080", "www.example.com", false);
        let any = matches(How::Str, "WWW.example.com", true, "www.Example.com", true);
        assert_eq!(any, Truth::True);
    }

    #[test]
    fn beginning_end_and_middle() {
        check(How::Beg, "/app/x", "/app", true);
        check(How::Beg, "/application", "/app", true);
        check(How::Beg, "/App", "/app", false);
        check(How::End, "/a/b.png", ".png", true);
        check(How::End, "/a/b.png.bak", ".png", false);
        check(How::Sub, "/a/static/b", "static", true);
        check(How::Sub, "/a/b", "static", false);
    }

    #[test]
    fn directories_and_domains_are_whole_words() {
        check(How::Dir, "/a/static/b", "static", true);
        check(How::Dir, "/a/statics/b", "static", false);
        check(How::Dir, "/a/static", "/static/", true);
        check(How::Dir, "/a/b/c/d", "b/c", true);
        check(How::Dom, "www.example.com:8080", "example.com", true);
        check(How::Dom, "www.anexample.com", "example.com", false);
        check(How::Dom, "www.example.com", ".com", true);
    }

    #[test]
    fn text_that_was_cut_decides_only_what_its_beginning_decides() {
        let cut = |how, pattern| matches(how, "/app/x", false, pattern, false);
        assert_eq!(cut(How::Beg, "/app"), Truth::True);
        assert_eq!(cut(How::Beg, "/shop"), Truth::False);
        assert_eq!(cut(How::Str, "/shop"), Truth::False);
        assert_eq!(cut(How::Sub, "pp"), Truth::True);
        for (how, pattern) in [
            (How::Beg, "/app/xyz"),
            (How::Str, "/app/x"),
            (How::End, "x"),
            (How::Sub, "y"),
            (How::Dir, "x"),
        ] {
            assert!(
                matches!(cut(how, pattern), Truth::Undecidable(_)),
                "{how:?}"
            );
        }
    }
}
