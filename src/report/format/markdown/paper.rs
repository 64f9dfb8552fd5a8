//! Blocks of Markdown that are kept or left out as a whole, so that a cut never leaves a table or a quote open.

/// How much of long lists and quotes is printed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Caps {
    /// Rows of each list or table.
    pub(super) rows: usize,
    /// Characters of each quoted line.
    pub(super) quote: usize,
}

/// The blocks so far.
#[derive(Default)]
pub(super) struct Paper {
    blocks: Vec<String>,
    caps: Option<Caps>,
}

impl Paper {
    pub(super) fn new(caps: Caps) -> Self {
        Paper {
            blocks: Vec::new(),
            caps: Some(caps),
        }
    }

    /// One block, ending with a line feed.
    pub(super) fn block(&mut self, text: String) {
        self.blocks.push(text);
    }

    /// Rows that each end with a line feed, as one block; says how many of `what` are left out.
    pub(super) fn list(&mut self, rows: Vec<String>, what: &str) {
        self.table("", rows, what);
    }

    /// As `list`, below a head. Nothing at all when there are no rows.
    pub(super) fn table(&mut self, head: &str, rows: Vec<String>, what: &str) {
        if rows.is_empty() {
            return;
        }
        let most = self.caps.map_or(usize::MAX, |c| c.rows);
        let kept: String = rows.iter().take(most).map(String::as_str).collect();
        self.block(format!("{head}{kept}"));
        if let Some(left_out @ 1..) = rows.len().checked_sub(most) {
            self.block(format!(
                "_{left_out} more {what} left out to keep this short enough for a ticket; the JSON report has all._\n"
            ));
        }
    }

    /// A quoted line, cut to the cap; the cut says how much is missing.
    pub(super) fn quote(&self, text: &str) -> String {
        let most = self.caps.map_or(usize::MAX, |c| c.quote);
        let n = text.chars().count();
        if n <= most {
            return text.to_owned();
        }
        let head: String = text.chars().take(most).collect();
        format!("{head}… ({} more characters)", n - most)
    }

    /// The blocks with their empty lines take `budget` characters at most.
    pub(super) fn fits(&self, budget: usize) -> bool {
        self.blocks.iter().map(|b| size(b)).sum::<usize>() <= budget
    }

    /// The text. What does not fit even in its shortest form is left out from the first such block on, and that is said.
    pub(super) fn finish(self, budget: usize) -> String {
        if self.fits(budget) {
            return self.blocks.join("\n");
        }
        let note = |n: usize| {
            format!(
                "**Cut here**: {n} more parts do not fit into the {budget} characters of a ticket. The JSON report has all.\n"
            )
        };
        let room = budget.saturating_sub(size(&note(self.blocks.len())));
        let mut used = 0;
        let mut kept: Vec<String> = Vec::new();
        for block in &self.blocks {
            used += size(block);
            if used > room {
                break;
            }
            kept.push(block.clone());
        }
        kept.push(note(self.blocks.len() - kept.len()));
        kept.join("\n")
    }
}

/// Characters of a block and the empty line after it.
fn size(block: &str) -> usize {
    block.chars().count() + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_list_says_what_it_leaves_out() {
        let mut paper = Paper::new(Caps { rows: 2, quote: 3 });
        paper.list(vec!["- a\n".into(), "- b\n".into(), "- c\n".into()], "rows");
        assert_eq!(paper.quote("abcde"), "abc… (2 more characters)");
        let text = paper.finish(1000);
        assert!(
            text.starts_with("- a\n- b\n\n_1 more rows left out"),
            "{text}"
        );
    }

    #[test]
    fn what_never_fits_is_cut_between_blocks_and_said() {
        let mut paper = Paper::new(Caps { rows: 9, quote: 9 });
        paper.block("x\n".into());
        paper.block("y".repeat(5000));
        paper.block("z\n".into());
        let text = paper.finish(300);
        assert!(text.chars().count() <= 300);
        assert!(
            text.starts_with("x\n\n**Cut here**: 2 more parts"),
            "{text}"
        );
    }
}
