//! Words into lines of a given width; one character counts as one column.

/// Lines of at most `first` columns (the first) and `rest` columns (all others), broken between words.
///
/// Text between two backticks stays in one line when it fits, because readers copy it.
/// A word that is wider than a line is broken anywhere, and nothing of it is lost.
pub fn wrap(text: &str, first: usize, rest: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    let mut width = first.max(1);
    for word in words(text, rest) {
        let gap = usize::from(!line.is_empty());
        if gap > 0 && columns(&line) + gap + columns(&word) > width {
            lines.push(std::mem::take(&mut line));
            width = rest.max(1);
        }
        if !line.is_empty() {
            line.push(' ');
        }
        // Before a narrow first line a word may still fit into the next one.
        if line.is_empty() && lines.is_empty() && columns(&word) > width && width < rest {
            lines.push(String::new());
            width = rest.max(1);
        }
        let mut room = width.saturating_sub(columns(&line));
        for c in word.chars() {
            if room == 0 {
                lines.push(std::mem::take(&mut line));
                width = rest.max(1);
                room = width;
            }
            line.push(c);
            room -= 1;
        }
    }
    if !line.is_empty() || lines.is_empty() {
        lines.push(line);
    }
    lines
}

/// Columns that a text takes.
pub fn columns(text: &str) -> usize {
    text.chars().count()
}

/// Words, with what stands between two backticks as one, unless that is wider than a line.
fn words(text: &str, width: usize) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut rest = text.split_whitespace();
    while let Some(word) = rest.next() {
        let mut joined = word.to_owned();
        let mut ahead = rest.clone();
        while odd_ticks(&joined) && columns(&joined) <= width {
            let Some(next) = ahead.next() else { break };
            joined = format!("{joined} {next}");
        }
        if !odd_ticks(&joined) && columns(&joined) <= width {
            rest = ahead;
            out.push(joined);
        } else {
            out.push(word.to_owned());
        }
    }
    out
}

fn odd_ticks(text: &str) -> bool {
    !text.matches('`').count().is_multiple_of(2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_between_words() {
        assert_eq!(wrap("one two three four", 7, 10), ["one two", "three four"]);
        assert_eq!(wrap("", 7, 10), [""]);
        assert_eq!(wrap("  a   b ", 9, 9), ["a b"]);
    }

    #[test]
    fn what_stands_in_backticks_stays_together_when_it_fits() {
        assert_eq!(
            wrap("run `set server x` now", 12, 20),
            ["run", "`set server x` now"]
        );
        assert_eq!(wrap("a `b c d e f g` h", 6, 6), ["a `b c", "d e f", "g` h"]);
        assert_eq!(wrap("it's a ` b c", 8, 8), ["it's a `", "b c"]);
    }

    proptest::proptest! {
        #[test]
        fn nothing_is_lost_and_nothing_is_too_wide(text in "[a-c` é]{0,200}", first in 0_usize..30, rest in 1_usize..30) {
            let lines = wrap(&text, first, rest);
            let bare = |s: &str| s.split_whitespace().collect::<String>();
            proptest::prop_assert_eq!(bare(&lines.concat()), bare(&text));
            for (index, line) in lines.iter().enumerate() {
                let width = if index == 0 { first.max(1) } else { rest };
                proptest::prop_assert!(columns(line) <= width, "{:?}", lines);
            }
        }
    }

    #[test]
    fn a_word_wider_than_the_line_is_broken_and_complete() {
        let lines = wrap("ab abcdefghij k", 4, 4);
        assert!(lines.iter().all(|l| columns(l) <= 4), "{lines:?}");
        assert_eq!(lines.concat().replace(' ', ""), "ababcdefghijk");
    }
}
