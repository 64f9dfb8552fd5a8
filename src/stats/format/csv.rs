//! Tables for a spreadsheet: a block per table, each with its head, an empty line between them.

use crate::report::chronicle::format::sheet;
use crate::report::format::Style;
use crate::stats::Stats;

/// RFC 4180 with line feeds; the first column is the table's name. The style changes nothing.
pub(super) fn render(stats: &Stats, _style: &Style) -> String {
    let blocks: Vec<String> = stats
        .tables
        .iter()
        .map(|table| {
            let mut head = vec!["table"];
            head.extend(table.columns.iter().map(|column| column.key));
            let rows = table.rows.iter().map(|row| {
                let mut cells = vec![table.name.to_owned()];
                cells.extend(row.cells.iter().map(|cell| cell.text()));
                cells
            });
            sheet(&head, rows)
        })
        .collect();
    blocks.join("\n")
}
