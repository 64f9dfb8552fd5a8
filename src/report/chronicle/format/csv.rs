//! One row per event, for a spreadsheet.

use crate::base::printable;
use crate::report::chronicle::Chronicle;
use crate::report::chronicle::Entry;
use crate::report::format::Style;

/// The columns.
const HEAD: [&str; 13] = [
    "time", "time_is", "order", "kind", "host", "frontend", "backend", "server", "text", "count",
    "artifact", "line", "copies",
];

/// RFC 4180 with line feeds and a head; the style changes nothing.
pub(super) fn render(chronicle: &Chronicle, _style: &Style) -> String {
    table(&HEAD, chronicle.entries.iter().map(row))
}

fn row(entry: &Entry) -> Vec<String> {
    let number = |n: Option<u64>| n.map_or(String::new(), |n| n.to_string());
    let name = |name: &Option<String>| name.clone().unwrap_or_default();
    vec![
        name(&entry.at),
        entry.time.to_owned(),
        entry.order.to_owned(),
        entry.kind.to_owned(),
        name(&entry.host),
        name(&entry.frontend),
        name(&entry.backend),
        name(&entry.server),
        entry.text.clone(),
        number(entry.count),
        name(&entry.artifact),
        number(entry.line),
        entry.copies.to_string(),
    ]
}

/// A head and rows, quoted where they must be, each cell safe.
pub(crate) fn table(head: &[&str], rows: impl Iterator<Item = Vec<String>>) -> String {
    let mut out = ::csv::Writer::from_writer(Vec::new());
    // Writing to memory does not fail, and every row has as many cells as the head.
    let _infallible = out.write_record(head);
    for row in rows {
        let _infallible = out.write_record(row.iter().map(|cell| safe(cell)));
    }
    let bytes = out.into_inner().unwrap_or_default();
    String::from_utf8(bytes).unwrap_or_default()
}

/// A cell that a spreadsheet shows as text: what would begin a formula gets an apostrophe before it.
///
/// Source: OWASP, "CSV Injection". Tabs and carriage returns, which also begin one, are no longer there after `printable`.
fn safe(cell: &str) -> String {
    let text = printable(cell.as_bytes());
    let first = text.trim_start().chars().next();
    let begins_formula = matches!(
        first,
        Some('=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠')
    );
    if begins_formula {
        format!("'{text}")
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula() {
        let cells = ["=1+1", "+1", "-1", "@a", " =1", "\t=1", "a=1", ""];
        let safe: Vec<String> = cells.iter().map(|cell| safe(cell)).collect();
        assert_eq!(
            safe,
            ["'=1+1", "'+1", "'-1", "'@a", "' =1", "' =1", "a=1", ""]
        );
    }

    #[test]
    fn quotes_and_commas_stay_in_their_cell() {
        let rows = vec![vec!["a,\"b\"".to_owned(), "c\nd".to_owned()]];
        assert_eq!(
            table(&["x", "y"], rows.into_iter()),
            "x,y\n\"a,\"\"b\"\"\",c\\x0Ad\n"
        );
    }
}
