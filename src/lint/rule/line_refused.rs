//! Lines that HAProxy does not understand: quotes, sections, names, `.if` blocks.

use crate::lint::Hit;
use crate::lint::Rule;
use crate::lint::Severity;
use crate::lint::sheet::Sheet;

pub(super) const RULE: Rule = Rule {
    id: "line-refused",
    severity: Severity::Error,
    title: "HAProxy refuses this line",
    why: "HAProxy does not start with such a line, and a reload keeps the old worker.",
    fix: "correct the line, and try it with `haproxy -c -f`",
    find,
};

fn find(sheet: &Sheet<'_>) -> Vec<Hit> {
    let problems = sheet.config.problems.iter();
    problems
        .map(|problem| Hit::new(problem.at, "", problem.why.clone()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::fixture::finds;

    #[test]
    fn a_line_that_cannot_be_read_is_found() {
        let text = "global\n log \"x\nfrontend fe\n";
        assert_eq!(finds(&RULE, text), [2]);
    }

    #[test]
    fn a_plain_file_is_not() {
        let text = "global\n log x local0\nfrontend fe\n";
        assert!(finds(&RULE, text).is_empty());
    }
}
