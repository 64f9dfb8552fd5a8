//! Text of strangers as Markdown that shows it, and does nothing else: no markup, no link, nobody mentioned.

use crate::base::printable;

/// Where a text stands; a table's cells need their bars escaped even within code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Prose,
    Cell,
}

/// A sentence. What it has between two backticks stays code; words that a ticket system would turn into
/// a mention, a link, a reference or a formula become code, which all of them leave alone.
pub(super) fn prose(text: &str, place: Place) -> String {
    let text = one_line(text);
    let mut out = String::new();
    let mut rest = text.as_str();
    while let Some((before, after)) = rest.split_once('`') {
        push_plain(&mut out, before, place);
        match after.split_once('`') {
            Some((inside, behind)) if !inside.trim().is_empty() => {
                out.push_str(&code(inside, place));
                rest = behind;
            }
            _ => {
                out.push_str("\\`");
                rest = after;
            }
        }
    }
    push_plain(&mut out, rest, place);
    out
}

/// A word or a line as code, whatever it holds.
pub(super) fn code(text: &str, place: Place) -> String {
    let text = one_line(text);
    let fence = "`".repeat(longest_ticks(&text) + 1);
    let pad = if text.starts_with('`') || text.ends_with('`') || text.trim().is_empty() {
        " "
    } else {
        ""
    };
    let text = match place {
        Place::Prose => text,
        Place::Cell => text.replace('|', "\\|"),
    };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// Lines as a block of code, indented by `indent` blanks, ending with a line feed.
pub(super) fn block(lines: &str, language: &str, indent: usize) -> String {
    let pad = " ".repeat(indent);
    let fence = "`".repeat(longest_ticks(lines).max(2) + 1);
    let mut out = format!("{pad}{fence}{language}\n");
    for line in lines.split('\n') {
        out.push_str(format!("{pad}{}", printable(line.as_bytes())).trim_end());
        out.push('\n');
    }
    out.push_str(&format!("{pad}{fence}\n"));
    out
}

fn one_line(text: &str) -> String {
    printable(text.replace(['\n', '\r'], " ").as_bytes())
}

/// Escapes a piece without backticks, word by word.
fn push_plain(out: &mut String, piece: &str, place: Place) {
    for (index, word) in piece.split(' ').enumerate() {
        if index > 0 {
            out.push(' ');
        }
        if acts(word) {
            out.push_str(&code(word, place));
        } else {
            push_word(out, word);
        }
    }
}

fn push_word(out: &mut String, word: &str) {
    let starts = out.is_empty();
    let mut before = ' ';
    let mut rest = word.chars();
    let mut index = 0;
    while let Some(c) = rest.next() {
        let marks_a_list = starts
            && (index == 0 && matches!(c, '-' | '+' | '=')
                || index > 0
                    && matches!(c, '.' | ')')
                    && word.chars().take(index).all(|d| d.is_ascii_digit()));
        let within =
            before.is_alphanumeric() && rest.clone().next().is_some_and(char::is_alphanumeric);
        match c {
            // Within a word it marks nothing, and names of proxies are full of it.
            '_' if within => out.push(c),
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\\' | '|' | '*' | '_' | '[' | ']' | '#' | '~' => {
                out.push('\\');
                out.push(c);
            }
            _ if marks_a_list => {
                out.push('\\');
                out.push(c);
            }
            _ => out.push(c),
        }
        before = c;
        index += 1;
    }
}

/// The word would mention somebody, become a link, point at an issue, or begin a formula.
fn acts(word: &str) -> bool {
    let lower = word.to_ascii_lowercase();
    let numbered = |mark: char| {
        word.split(mark)
            .skip(1)
            .any(|after| after.starts_with(|c: char| c.is_ascii_digit()))
    };
    word.contains(['@', '$'])
        || lower.contains("://")
        || lower.contains("www.")
        || lower.contains("mailto:")
        || numbered('#')
        || numbered('!')
}

fn longest_ticks(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(prose(text, Place::Prose), expected);
    }

    #[test]
    fn markup_is_shown_as_text() {
        check(
            "<script>a & b</script>",
            "&lt;script&gt;a &amp; b&lt;/script&gt;",
        );
        check(
            "a|b *c* _d_ [e](f) ~g~",
            "a\\|b \\*c\\* \\_d\\_ \\[e\\](f) \\~g\\~",
        );
        check("# no heading", "\\# no heading");
        check("- no list", "\\- no list");
        check("1. no list", "1\\. no list");
        check("12) no list", "12\\) no list");
        check("be_app", "be_app");
        check("C:\\dir", "C:\\\\dir");
    }

    #[test]
    fn nobody_is_mentioned_and_nothing_linked() {
        check("ask @channel now", "ask `@channel` now");
        check("see https://bad.example/x.", "see `https://bad.example/x.`");
        check("fixes #12 and !7", "fixes `#12` and `!7`");
        check("costs $a$", "costs `$a$`");
    }

    #[test]
    fn backticks_are_code_in_pairs_and_escaped_alone() {
        check("set `timeout queue` up", "set `timeout queue` up");
        check("a ` b", "a \\` b");
        check("a `` b", "a \\`\\` b");
        check("x `<b>|` y", "x `<b>|` y");
        assert_eq!(code("a`b", Place::Prose), "``a`b``");
        assert_eq!(code("`", Place::Prose), "`` ` ``");
        assert_eq!(code("a|b", Place::Cell), "`a\\|b`");
        assert_eq!(prose("`a|b` c|d", Place::Cell), "`a\\|b` c\\|d");
    }

    #[test]
    fn a_block_cannot_be_closed_from_inside() {
        assert_eq!(
            block("a\n```\nb", "", 2),
            "  ````\n  a\n  ```\n  b\n  ````\n"
        );
    }

    proptest::proptest! {
        #[test]
        fn code_has_no_run_of_backticks_as_long_as_its_fence(text in "[a`| \n]{0,40}") {
            let code = code(&text, Place::Prose);
            let fence = code.split(|c| c != '`').next().unwrap().len();
            let ticks = "`".repeat(fence);
            let inside = code.strip_prefix(&ticks).and_then(|c| c.strip_suffix(&ticks)).unwrap();
            proptest::prop_assert!(longest_ticks(inside) < fence, "{}", code);
            proptest::prop_assert!(!inside.starts_with('`') && !inside.ends_with('`'));
        }

        #[test]
        fn prose_is_one_line_without_tags_or_mentions(text in "[a<@`|_#1. \n\u{1b}]{0,60}") {
            let prose = prose(&text, Place::Cell);
            proptest::prop_assert!(!prose.contains(char::is_control));
            let code_free = !prose.contains('`');
            proptest::prop_assert!(!code_free || !prose.contains(['<', '@']), "{}", prose);
        }
    }

    #[test]
    fn control_codes_are_shown() {
        check("a\u{1b}[2Jb\nc", "a\\\\x1B\\[2Jb c");
    }
}
