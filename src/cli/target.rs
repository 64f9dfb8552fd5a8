//! Where output goes, in which format. Asked before the work, so that a mistake costs no time.

use crate::cli::BundleFlags;
use crate::cli::output;
use crate::cli::output::Failure;
use nosrv::report::format::Style;
use std::path::Path;
use std::path::PathBuf;

/// Name and endings of a format; the first of a list is the default.
pub(super) type Row = (&'static str, &'static [&'static str]);

/// A place for the output.
pub(super) struct Target<'a> {
    /// `None`: standard output.
    path: Option<&'a Path>,
    /// Row of the table of formats.
    pub(super) format: usize,
}

impl Target<'_> {
    /// Prints or writes what `render` makes.
    pub(super) fn write(
        &self,
        flags: &BundleFlags,
        render: impl FnOnce(&Style) -> String,
    ) -> Result<(), Failure> {
        let Some(path) = self.path else {
            return output::print(&render(&output::style(flags.color)));
        };
        std::fs::write(path, render(&Style::default())).map_err(|source| Failure::Write {
            path: path.to_owned(),
            source,
        })
    }
}

/// The places that were asked for; `named` is the value of `--format`.
pub(super) fn targets<'a>(
    flags: &'a BundleFlags,
    named: Option<&str>,
    table: &[Row],
) -> Result<Vec<Target<'a>>, Failure> {
    let named = named.and_then(|named| table.iter().position(|(name, _)| *name == named));
    let screen = || Target {
        path: None,
        format: named.unwrap_or(0),
    };
    if flags.output.is_empty() {
        return Ok(vec![screen()]);
    }
    let mut targets = Vec::new();
    for path in &flags.output {
        targets.push(if path.as_os_str() == "-" {
            screen()
        } else {
            file(path, named, table, &flags.paths)?
        });
    }
    Ok(targets)
}

fn file<'a>(
    path: &'a Path,
    named: Option<usize>,
    table: &[Row],
    inputs: &[PathBuf],
) -> Result<Target<'a>, Failure> {
    let Some(format) = by_ending(path, named, table).or(named) else {
        let mut endings: Vec<String> = table
            .iter()
            .flat_map(|(_, endings)| endings.iter())
            .map(|ending| format!(".{ending}"))
            .collect();
        let mut seen = std::collections::BTreeSet::new();
        endings.retain(|ending| seen.insert(ending.clone()));
        return Err(Failure::Ending {
            path: path.to_owned(),
            endings: endings.join(", "),
        });
    };
    let real = std::fs::canonicalize(path).ok();
    let is_input = |input: &PathBuf| std::fs::canonicalize(input).ok() == real;
    if real.is_some() && inputs.iter().any(is_input) {
        return Err(Failure::Input {
            path: path.to_owned(),
        });
    }
    Ok(Target {
        path: Some(path),
        format,
    })
}

/// The format whose ending is the longest that fits; of several with the same one that which was named, else the first.
fn by_ending(path: &Path, named: Option<usize>, table: &[Row]) -> Option<usize> {
    let file = path.file_name()?.to_str()?;
    let fits = |ending: &&&str| {
        file.strip_suffix(**ending)
            .is_some_and(|stem| stem.len() > 1 && stem.ends_with('.'))
    };
    let rows = table.iter().enumerate();
    rows.filter_map(|(row, (_, endings))| {
        let longest = endings
            .iter()
            .filter(fits)
            .map(|ending| ending.len())
            .max()?;
        Some((row, longest))
    })
    .max_by_key(|&(row, longest)| (longest, Some(row) == named, std::cmp::Reverse(row)))
    .map(|(row, _)| row)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: [Row; 3] = [
        ("text", &["txt"]),
        ("csv", &["csv"]),
        ("special", &["special.csv", "csv"]),
    ];

    #[test]
    fn the_longest_ending_wins_and_then_what_was_named() {
        let row = |path: &str, named| by_ending(Path::new(path), named, &TABLE);
        assert_eq!(row("a/x.csv", None), Some(1));
        assert_eq!(row("a/x.csv", Some(0)), Some(1));
        assert_eq!(row("a/x.csv", Some(2)), Some(2));
        assert_eq!(row("a/x.special.csv", None), Some(2));
        assert_eq!(row("a/x.txt", Some(1)), Some(0));
        assert_eq!(row("a/csv", None), None);
        assert_eq!(row("a/.csv", None), None);
    }
}
