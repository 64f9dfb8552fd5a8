//! Rows that a terminal or a document wrapped onto several lines.

use crate::dump::prompt;
use crate::dump::servers_state::layout;
use crate::dump::servers_state::layout::Layout;
use crate::dump::servers_state::words;

/// Most lines that a row may go on for: 25 columns with long names on a terminal of 40.
pub(super) const LINES_MAX: usize = 4;

/// The row that `first` starts, joined with the lines it was wrapped to, and their number.
///
/// A wrap falls between words or inside one, and the text does not tell which. Both are tried; only a row of the right
/// width whose every column fits is taken, and only when there is one such reading.
pub(super) fn join(layout: &Layout, first: &str, tail: &[&str]) -> Option<(String, usize)> {
    let starts_with_number = first
        .split_whitespace()
        .next()
        .is_some_and(|w| w.bytes().all(|b| b.is_ascii_digit()));
    if !starts_with_number {
        return None;
    }
    let mut n_words = first.split_whitespace().count();
    for (index, next) in tail.iter().enumerate() {
        if !may_continue(layout, next) {
            return None;
        }
        n_words += next.split_whitespace().count();
        let n_lines = index + 1;
        // Each wrap may have split one word in two.
        if !(n_words.saturating_sub(n_lines)..=n_words).any(|n| layout.is_width(n)) {
            continue;
        }
        let readings = readings(first, tail.get(..n_lines)?);
        let mut whole = readings.iter().filter(|r| is_whole(layout, r));
        match (whole.next(), whole.next()) {
            (Some(row), None) => return Some((row.clone(), n_lines)),
            (Some(_), Some(_)) => return None,
            (None, _) => {}
        }
    }
    None
}

/// Every way to join the lines, with and without a blank at each wrap.
fn readings(first: &str, tail: &[&str]) -> Vec<String> {
    let mut readings = vec![first.to_owned()];
    for next in tail {
        readings = readings
            .iter()
            .flat_map(|head| [format!("{head} {next}"), format!("{head}{next}")])
            .collect();
    }
    readings
}

fn may_continue(layout: &Layout, line: &str) -> bool {
    let words = words::split(line);
    let is_other = words.is_empty()
        || prompt::is_elision(line)
        || prompt::is_command(line)
        || layout::is_header(&words)
        || layout::starts_like_row(&words);
    let values: Vec<&str> = words.iter().map_while(|w| w.value()).collect();
    !is_other && !layout.is_whole_row(&values)
}

fn is_whole(layout: &Layout, line: &str) -> bool {
    let words = words::split(line);
    let values: Vec<&str> = words.iter().filter_map(|w| w.value()).collect();
    values.len() == words.len() && layout.is_whole_row(&values)
}
