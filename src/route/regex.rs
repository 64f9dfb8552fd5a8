//! Regular expressions of `-m reg`, `regsub` and `replace-…`: PCRE as far as it means the same here.
//!
//! HAProxy uses PCRE, PCRE2 or POSIX by build. What this engine reads otherwise (or not at all: look-around, back references,
//! possessive repeats) is not evaluated rather than guessed.

use crate::route::Doubt;
use regex_automata::meta::Config;
use regex_automata::meta::Regex;
use regex_automata::util::syntax;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

/// Memory that one compiled expression may take, bytes; a hostile one ends here.
const SIZE_MAX: usize = 1 << 20;
/// Most expressions kept; a configuration with more has them compiled again.
const KEPT_MAX: usize = 4096;
/// Spellings that PCRE and this engine read differently.
const AMBIGUOUS: [&str; 9] = ["&&", "--", "~~", r"\<", r"\>", r"\Z", r"\G", r"\K", r"\b{"];

/// By pattern and whether case counts; `None`: it is not evaluated.
type Known = BTreeMap<(String, bool), Option<Rc<Regex>>>;

/// Compiled expressions.
#[derive(Debug, Default)]
pub(super) struct Regexes {
    known: RefCell<Known>,
}

impl Regexes {
    /// The compiled expression.
    pub(super) fn get(&self, pattern: &str, any_case: bool) -> Result<Rc<Regex>, Doubt> {
        let key = (pattern.to_owned(), any_case);
        let mut known = self.known.borrow_mut();
        if known.len() >= KEPT_MAX {
            known.clear();
        }
        let compiled = known
            .entry(key)
            .or_insert_with(|| compile(pattern, any_case).map(Rc::new));
        compiled
            .clone()
            .ok_or_else(|| Doubt::NotEvaluated(format!("the regular expression `{pattern}`")))
    }
}

fn compile(pattern: &str, any_case: bool) -> Option<Regex> {
    if AMBIGUOUS.iter().any(|odd| pattern.contains(odd)) {
        return None;
    }
    Regex::builder()
        .configure(
            Config::new()
                .utf8_empty(false)
                .nfa_size_limit(Some(SIZE_MAX))
                .hybrid(false)
                .dfa(false)
                .onepass(false),
        )
        .syntax(
            syntax::Config::new()
                .unicode(false)
                .utf8(false)
                .case_insensitive(any_case)
                .nest_limit(100),
        )
        .build(pattern)
        .ok()
}

/// The text with matches replaced; `\0` to `\9` in `by` stand for groups.
pub(super) fn substitute(regex: &Regex, text: &str, by: &str, all: bool) -> String {
    let mut out = Vec::new();
    let mut from = 0;
    for groups in regex.captures_iter(text) {
        let Some(hit) = groups.get_match() else {
            break;
        };
        out.extend_from_slice(text.as_bytes().get(from..hit.start()).unwrap_or_default());
        expand(&mut out, by, |index| {
            let span = groups.get_group(index)?;
            text.as_bytes().get(span.start..span.end)
        });
        from = hit.end();
        if !all {
            break;
        }
    }
    out.extend_from_slice(text.as_bytes().get(from..).unwrap_or_default());
    String::from_utf8_lossy(&out).into_owned()
}

/// What `replace-path` and its kin make of a text that matches: the replacement alone; `None`: no match.
pub(super) fn replacement(regex: &Regex, text: &str, by: &str) -> Option<String> {
    let groups = regex.captures_iter(text).next()?;
    let mut out = Vec::new();
    expand(&mut out, by, |index| {
        let span = groups.get_group(index)?;
        text.as_bytes().get(span.start..span.end)
    });
    Some(String::from_utf8_lossy(&out).into_owned())
}

fn expand<'t>(out: &mut Vec<u8>, by: &str, group: impl Fn(usize) -> Option<&'t [u8]>) {
    let mut bytes = by.bytes();
    while let Some(byte) = bytes.next() {
        match (byte, byte == b'\\') {
            (_, true) => match bytes.next() {
                Some(digit) if digit.is_ascii_digit() => {
                    out.extend_from_slice(group(usize::from(digit - b'0')).unwrap_or_default());
                }
                Some(other) => out.push(other),
                None => out.push(byte),
            },
            (plain, false) => out.push(plain),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(pattern: &str, any_case: bool, text: &str, expected: bool) {
        let regex = Regexes::default().get(pattern, any_case).unwrap();
        assert_eq!(regex.is_match(text), expected, "{pattern} on {text}");
    }

    #[test]
    fn expressions_search_and_are_not_anchored() {
        check("app", false, "/the/app/x", true);
        check("^/app", false, "/the/app/x", false);
        check(r"^/v\d+/", false, "/v12/x", true);
        check(r"\.(png|jpe?g)$", false, "/a.JPG", false);
        check(r"\.(png|jpe?g)$", true, "/a.JPG", true);
        check(r"^\/a\-b", false, "/a-b", true);
    }

    #[test]
    fn what_pcre_alone_understands_is_not_guessed() {
        for pattern in [r"^(?!/api)", r"(a)\1", "a++b(?<=x)", "[a&&b]", "(", r"\<a"] {
            assert!(Regexes::default().get(pattern, false).is_err(), "{pattern}");
        }
    }

    #[test]
    fn groups_are_put_into_replacements() {
        let regex = Regexes::default().get("^/old/(.*)", false).unwrap();
        assert_eq!(
            replacement(&regex, "/old/x", r"/new/\1").as_deref(),
            Some("/new/x")
        );
        assert_eq!(replacement(&regex, "/x", "/y"), None);
        let regex = Regexes::default().get("a", false).unwrap();
        assert_eq!(substitute(&regex, "banana", "o", true), "bonono");
        assert_eq!(substitute(&regex, "banana", "o", false), "bonana");
    }
}
