//! `.if`, `.elif`, `.else`, `.endif`: which lines HAProxy would not look at.

/// Deepest nesting that HAProxy allows (`MAXNESTEDCONDS`, 2.4 to 3.4).
const DEPTH_MAX: usize = 32;

/// The open blocks, outermost first.
#[derive(Clone, Debug, Default)]
pub(super) struct Branches {
    open: Vec<Branch>,
    /// Blocks opened beyond [`DEPTH_MAX`]; they are skipped.
    n_too_deep: u64,
}

#[derive(Clone, Copy, Debug)]
struct Branch {
    /// This branch's lines count.
    taken: bool,
    /// No later branch counts: one was taken, or the whole block is skipped.
    done: bool,
    /// `.else` was seen.
    last: bool,
    /// A condition of this block depends on the process.
    undecided: bool,
}

impl Branches {
    /// Whether lines are skipped here.
    pub(super) fn skips(&self) -> bool {
        self.n_too_deep > 0 || self.open.last().is_some_and(|b| !b.taken)
    }

    /// Applies a word that starts with a dot. `Ok(false)`: the condition depends on the process and was taken for true.
    /// `Err`: why HAProxy refuses the line.
    pub(super) fn apply(
        &mut self,
        keyword: &[u8],
        truth: impl FnOnce() -> Option<bool>,
    ) -> Result<bool, &'static str> {
        match keyword {
            b".if" => self.start(truth),
            b".elif" => self.next(".elif", truth),
            b".else" => {
                let decided = self.next(".else", || Some(true))?;
                if let Some(branch) = self.open.last_mut() {
                    branch.last = true;
                }
                Ok(decided)
            }
            b".endif" => {
                if self.n_too_deep > 0 {
                    self.n_too_deep -= 1;
                    return Ok(true);
                }
                match self.open.pop() {
                    Some(_) => Ok(true),
                    None => Err("`.endif` without `.if`"),
                }
            }
            b".alert" if !self.skips() && !self.open.iter().any(|b| b.undecided) => {
                Err("`.alert` stops HAProxy here")
            }
            b".alert" | b".warning" | b".notice" | b".diag" => Ok(true),
            _ if self.skips() => Ok(true),
            _ => Err("unknown word with a dot in front"),
        }
    }

    /// Ends a file; true when a block was open.
    pub(super) fn end_of_file(&mut self) -> bool {
        let was_open = !self.open.is_empty();
        *self = Branches::default();
        was_open
    }

    fn start(&mut self, truth: impl FnOnce() -> Option<bool>) -> Result<bool, &'static str> {
        if self.open.len() >= DEPTH_MAX {
            self.n_too_deep += 1;
            return Err("`.if` blocks nested too deeply");
        }
        let is_skipped = self.skips();
        let truth = if is_skipped { Some(false) } else { truth() };
        let taken = truth.unwrap_or(true);
        self.open.push(Branch {
            taken,
            done: taken || is_skipped,
            last: false,
            undecided: truth.is_none(),
        });
        Ok(truth.is_some())
    }

    fn next(
        &mut self,
        keyword: &str,
        truth: impl FnOnce() -> Option<bool>,
    ) -> Result<bool, &'static str> {
        if self.n_too_deep > 0 {
            return Ok(true);
        }
        let is_else = keyword == ".else";
        match self.open.last_mut() {
            None if is_else => Err("`.else` without `.if`"),
            None => Err("`.elif` without `.if`"),
            Some(branch) if branch.last && is_else => Err("`.else` after `.else`"),
            Some(branch) if branch.last => Err("`.elif` after `.else`"),
            Some(branch) => {
                let truth = if branch.done { Some(false) } else { truth() };
                branch.taken = truth.unwrap_or(true);
                branch.done |= branch.taken;
                branch.undecided |= truth.is_none();
                Ok(truth.is_some())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Branches;

    #[test]
    fn only_one_branch_of_a_block_counts() {
        let mut b = Branches::default();
        b.apply(b".if", || Some(true)).unwrap();
        assert!(!b.skips());
        b.apply(b".elif", || Some(true)).unwrap();
        assert!(b.skips());
        b.apply(b".if", || Some(true)).unwrap();
        assert!(b.skips());
        b.apply(b".else", || None).unwrap();
        assert!(b.skips());
        b.apply(b".endif", || None).unwrap();
        b.apply(b".endif", || None).unwrap();
        assert!(!b.skips() && !b.end_of_file());
    }

    #[test]
    fn an_alert_counts_only_where_it_is_certain() {
        let mut b = Branches::default();
        assert!(b.apply(b".alert", || None).is_err());
        assert_eq!(b.apply(b".if", || None), Ok(false));
        assert!(b.apply(b".alert", || None).is_ok());
    }

    #[test]
    fn deep_nesting_ends_in_a_complaint() {
        let mut b = Branches::default();
        for _ in 0..32 {
            b.apply(b".if", || Some(true)).unwrap();
        }
        assert!(b.apply(b".if", || Some(true)).is_err());
        assert!(b.skips());
        b.apply(b".endif", || None).unwrap();
        assert!(!b.skips());
        assert!(b.end_of_file());
    }
}
