//! From lines to CSV records: prompts off, quoted line breaks joined, cells apart.

use crate::base::Place;
use crate::base::Text;
use crate::base::printable;
use crate::dump::prompt;

/// Most lines that one quoted cell may span. HAProxy writes none; texts of agents and relays have had two.
const QUOTED_LINES_MAX: usize = 8;

/// A line of the dump.
#[derive(Clone, Debug)]
pub(super) struct Source {
    /// Where it stands.
    pub(super) at: Place,
    /// Without prompt and outer blanks.
    pub(super) text: String,
}

/// The lines of a dump, empty ones included.
pub(super) fn sources(text: Text<'_>) -> Vec<Source> {
    text.lines()
        .map(|line| Source {
            at: line.place,
            text: prompt::strip_prompt(&printable(line.bytes)).to_owned(),
        })
        .collect()
}

/// The record that starts on `first`, and how many of the lines after it belong to it because a quote is open.
///
/// A quote that never closes is taken as it is: the record then ends with its line.
pub(super) fn quoted(first: &Source, tail: &[Source]) -> (String, usize) {
    let mut record = first.text.clone();
    if is_balanced(&record) {
        return (record, 0);
    }
    for (index, next) in tail.iter().take(QUOTED_LINES_MAX).enumerate() {
        record.push(' ');
        record.push_str(&next.text);
        if is_balanced(&record) {
            return (record, index + 1);
        }
    }
    (first.text.clone(), 0)
}

/// The cells of one record, trimmed; the empty cell after a trailing comma is not among them.
pub(super) fn cells(record: &str) -> Vec<String> {
    let mut cells: Vec<String> = if record.contains('"') {
        quoted_cells(record)
    } else {
        record
            .split(',')
            .map(|cell| cell.trim().to_owned())
            .collect()
    };
    if record.ends_with(',') {
        cells.pop();
    }
    cells
}

fn quoted_cells(record: &str) -> Vec<String> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .from_reader(record.as_bytes());
    match reader.records().next() {
        Some(Ok(fields)) => fields.iter().map(|cell| cell.trim().to_owned()).collect(),
        Some(Err(_)) | None => Vec::new(),
    }
}

/// Number of cells that [`cells`] would give, without taking them apart.
pub(super) fn n_cells(record: &str) -> usize {
    let mut in_quotes = false;
    let mut n_commas = 0;
    for byte in record.bytes() {
        match byte {
            b'"' => in_quotes = !in_quotes,
            b',' if !in_quotes => n_commas += 1,
            _ => {}
        }
    }
    n_commas + usize::from(!record.ends_with(','))
}

fn is_balanced(record: &str) -> bool {
    record.bytes().filter(|b| *b == b'"').count() % 2 == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoted_cells_may_hold_commas_quotes_and_breaks() {
        let lines = sources(Text::new(b"a,\"x, \"\"y\"\"\nz\",1,\nb,c,\n"));
        let (record, n_more) = quoted(&lines[0], &lines[1..]);
        assert_eq!(n_more, 1);
        assert_eq!(cells(&record), ["a", "x, \"y\" z", "1"]);
        assert_eq!(n_cells(&record), 3);
    }

    #[test]
    fn a_quote_that_never_closes_spoils_one_line_only() {
        let lines = sources(Text::new(b"a,\"x,1,\nb,c,\n"));
        assert_eq!(quoted(&lines[0], &lines[1..]).1, 0);
    }
}
