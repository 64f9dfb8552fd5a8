//! A file whose last line has no line feed.

use crate::lint::Hit;
use crate::lint::Rule;
use crate::lint::Severity;
use crate::lint::sheet::Sheet;

pub(super) const RULE: Rule = Rule {
    id: "newline-missing",
    severity: Severity::Error,
    title: "the last line has no line feed",
    why: "Since 2.3 HAProxy takes such a file for a truncated one and refuses it.",
    fix: "end the file with a line feed",
    find,
};

fn find(sheet: &Sheet<'_>) -> Vec<Hit> {
    let last = sheet.config.no_final_newline.into_iter();
    last.map(|at| {
        Hit::new(
            at,
            "",
            "the line has no line feed: the file may be truncated",
        )
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::fixture::finds;

    #[test]
    fn a_last_line_without_line_feed_is_found() {
        let text = "global\nfrontend fe";
        assert_eq!(finds(&RULE, text), [2]);
    }

    #[test]
    fn a_whole_file_is_not() {
        let text = "global\nfrontend fe\n";
        assert!(finds(&RULE, text).is_empty());
    }
}
