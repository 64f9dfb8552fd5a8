//! What stands in front of or between the lines of a pasted dump: prompts, quote marks, elisions.

/// The line without its blanks and what a prompt or a quotation put before it.
///
/// Shape: `> 3 be_app 1 app1 …`, `master> `, `12534> `, `... ` (pasted from a doctest), `// `, `[12:00:01] `.
pub(super) fn strip_prompt(line: &str) -> &str {
    let mut rest = line.trim();
    loop {
        let Some(shorter) = strip_one(rest) else {
            return rest;
        };
        rest = shorter.trim_start();
    }
}

/// The line says that something was left out: `##### snipped`, `...`, `(...)`, `[snip]`, `.....`.
pub(super) fn is_elision(line: &str) -> bool {
    let word = line.trim_matches(is_elision_mark);
    let n_marks = line.chars().count().saturating_sub(word.chars().count());
    match word {
        "" => line.contains('…') || n_marks >= 3,
        _ => n_marks >= 2 && is_elision_word(word),
    }
}

/// `snipped` and its relatives.
pub(super) fn is_elision_word(word: &str) -> bool {
    ["snip", "snipped", "omitted", "truncated", "elided", "cut"]
        .iter()
        .any(|w| word.eq_ignore_ascii_case(w))
}

/// The line is a command, not its output.
pub(super) fn is_command(line: &str) -> bool {
    let shell = line.starts_with("$ ") || line.contains("$ ") || line.contains("]# ");
    shell || line.contains("socat ") || line.contains("show stat") || line.contains("show servers")
}

fn strip_one(line: &str) -> Option<&str> {
    for mark in ["> ", ">>> ", "... ", "// ", "master> "] {
        if let Some(rest) = line.strip_prefix(mark) {
            return Some(rest);
        }
    }
    if line == ">" {
        return Some("");
    }
    if let Some((pid, rest)) = line.split_once("> ")
        && !pid.is_empty()
        && pid.bytes().all(|b| b.is_ascii_digit())
    {
        return Some(rest);
    }
    let (clock, rest) = line.strip_prefix('[')?.split_once("] ")?;
    let is_clock = clock.len() == 8 && clock.bytes().all(|b| b.is_ascii_digit() || b == b':');
    is_clock.then_some(rest)
}

fn is_elision_mark(c: char) -> bool {
    matches!(
        c,
        '#' | '.' | '…' | '(' | ')' | '[' | ']' | '<' | '>' | '-' | '=' | ' '
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prompts_are_taken_off() {
        assert_eq!(strip_prompt("> 3 be_app"), "3 be_app");
        assert_eq!(strip_prompt("12534> > x"), "x");
        assert_eq!(strip_prompt("    ... # pxname"), "# pxname");
        assert_eq!(strip_prompt("[19:02:09] 1"), "1");
        assert_eq!(strip_prompt("3 be_app > x"), "3 be_app > x");
    }

    #[test]
    fn elisions_are_no_rows() {
        for line in ["##### snipped", "...", "(...)", "…", ".....", "[snip]"] {
            assert!(is_elision(line), "{line}");
        }
        for line in ["3 be_app", "-", "1", "cut", "# name"] {
            assert!(!is_elision(line), "{line}");
        }
    }
}
