//! A line as a finding quotes it: without secrets, and where the word in question stands.

use crate::config::secrets_hidden;

/// A quoted line.
pub(super) struct Excerpt {
    /// Its text, tabs as blanks.
    pub(super) text: String,
    /// First column of the word, 1-based.
    pub(super) column: usize,
    /// Its width, at least 1.
    pub(super) width: usize,
}

/// Quotes a line; an empty word, or one that is not there, means the first word.
pub(super) fn excerpt(line: &[u8], word: &str) -> Excerpt {
    let blanks: Vec<u8> = line
        .iter()
        .map(|c| if *c == b'\t' { b' ' } else { *c })
        .collect();
    let text = secrets_hidden(&blanks).trim_end().to_owned();
    let found = standing(&text, word).unwrap_or_else(|| first_word(&text));
    let (start, length) = found;
    let before = text.get(..start).unwrap_or_default().chars().count();
    let inside = text.get(start..start + length).unwrap_or_default();
    Excerpt {
        column: before + 1,
        width: inside.chars().count().max(1),
        text,
    }
}

/// Start and length in bytes of a word that stands by itself; else of its first occurrence.
fn standing(text: &str, word: &str) -> Option<(usize, usize)> {
    if word.is_empty() {
        return None;
    }
    let is_edge =
        |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric() && !matches!(c, '_' | '-' | '.'));
    let hits = || text.match_indices(word).map(|(at, _)| at);
    let alone = hits().find(|at| {
        let before = text
            .get(..*at)
            .and_then(|before| before.chars().next_back());
        let after = text
            .get(at + word.len()..)
            .and_then(|after| after.chars().next());
        is_edge(before) && is_edge(after)
    });
    alone.or_else(|| hits().next()).map(|at| (at, word.len()))
}

fn first_word(text: &str) -> (usize, usize) {
    let start = text.find(|c: char| !c.is_whitespace()).unwrap_or(0);
    let rest = text.get(start..).unwrap_or_default();
    let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
    (start, end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(line: &str, word: &str, marked: &str) {
        let got = excerpt(line.as_bytes(), word);
        let shown: String = got
            .text
            .chars()
            .skip(got.column - 1)
            .take(got.width)
            .collect();
        assert_eq!(shown, marked);
    }

    #[test]
    fn the_caret_stands_under_the_word() {
        check("\tserver app1 192.0.2.1:80 check", "app1", "app1");
        check("  server app10 app1:80 app1", "app1", "app1");
        check("  timeout client 5", "", "timeout");
        check("  timeout client 5", "queue", "timeout");
        check("server é app", "app", "app");
        assert_eq!(excerpt(b"server app10 app1", "app1").column, 14);
    }

    #[test]
    fn secrets_are_not_quoted() {
        let got = excerpt(b" stats auth admin:hunter2", "auth");
        assert_eq!((got.text.as_str(), got.column), (" stats auth …", 8));
    }
}
