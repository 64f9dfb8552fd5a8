//! The tables as one JSON object: rows are objects, keys are the columns.

use crate::evidence::figures::Read;
use crate::report::format::Style;
use crate::report::format::harmless;
use crate::stats::Cell;
use crate::stats::SCHEMA;
use crate::stats::Stats;
use crate::stats::Table;
use serde_json::Map;
use serde_json::Number;
use serde_json::Value;
use serde_json::json;

/// One object, two blanks per level, a final line feed; the style changes nothing.
pub(super) fn render(stats: &Stats, _style: &Style) -> String {
    let tables: Map<String, Value> = stats
        .tables
        .iter()
        .map(|table| (table.name.to_owned(), object(table)))
        .collect();
    let Read {
        n_records,
        n_traffic,
        n_left_out,
        n_undated,
        n_tcp,
        n_damaged,
        n_unjudged,
        n_err,
        n_without_url,
        n_without_client,
    } = stats.read;
    let (first, last) = stats.span.clone().unzip();
    let all = json!({
        "schema": SCHEMA,
        "tool": {"name": "nosrv", "version": env!("CARGO_PKG_VERSION")},
        "filter": stats.filter,
        "read": {
            "records": n_records,
            "traffic": n_traffic,
            "counted": stats.read.n_counted(),
            "left_out": n_left_out,
            "undated": n_undated,
            "tcp": n_tcp,
            "damaged": n_damaged,
            "unjudged": n_unjudged,
            "errors": n_err,
            "without_url": n_without_url,
            "without_client": n_without_client,
        },
        "first": first,
        "last": last,
        "tables": tables,
        "warnings": stats.warnings,
    });
    let mut text = match serde_json::to_string_pretty(&all) {
        Ok(text) => harmless(&text),
        // Text keys always serialize; should that change, the reader is told.
        Err(error) => json!({ "error": error.to_string() }).to_string(),
    };
    text.push('\n');
    text
}

fn object(table: &Table) -> Value {
    let rows: Vec<Value> = table
        .rows
        .iter()
        .map(|row| {
            let cells = table.columns.iter().zip(&row.cells);
            Value::Object(
                cells
                    .map(|(column, cell)| (column.key.to_owned(), value(cell)))
                    .collect(),
            )
        })
        .collect();
    json!({
        "rows": rows,
        "n_rows": table.n_rows,
        "estimated": table.is_estimated,
        "notes": table.notes,
    })
}

fn value(cell: &Cell) -> Value {
    match cell {
        Cell::Count(n) => Value::from(*n),
        // The digits that are shown, so that all formats say the same.
        Cell::Percent(_) => {
            let shown = cell.text().parse().ok().and_then(Number::from_f64);
            shown.map_or(Value::Null, Value::Number)
        }
        Cell::Text(text) => Value::from(text.as_str()),
        Cell::None => Value::Null,
    }
}
