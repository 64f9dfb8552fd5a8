//! `show backend`: the names of the backends.

use crate::base::Text;
use crate::base::printable;
use crate::dump::Tally;
use crate::dump::prompt;

/// Shape: `# name`, then one name on each line.
pub(super) fn parse(text: Text<'_>, tally: &mut Tally) -> Vec<String> {
    let mut names = Vec::new();
    let mut in_list = true;
    for line in text.lines() {
        let line_text = printable(line.bytes);
        let name = prompt::strip_prompt(&line_text);
        if let Some(header) = name.strip_prefix('#') {
            in_list = header.trim() == "name";
        } else if in_list && !name.is_empty() && !prompt::is_elision(name) {
            if name.contains(' ') {
                if !prompt::is_command(name) {
                    tally.broken(line.place);
                }
            } else {
                names.push(name.to_owned());
                tally.good();
            }
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stand_one_on_a_line() {
        let mut tally = Tally::default();
        let names = parse(Text::new(b"# name\nstats\nbe_app\n\n"), &mut tally);
        assert_eq!(names, ["stats", "be_app"]);
        assert_eq!(tally.n_broken, 0);
    }

    #[test]
    fn an_error_answer_is_no_name() {
        let mut tally = Tally::default();
        let names = parse(Text::new(b"Permission denied\n"), &mut tally);
        assert!(names.is_empty());
        assert_eq!(tally.n_broken, 1);
    }
}
