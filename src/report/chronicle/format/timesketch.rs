//! CSV that Timesketch imports.
//!
//! Required are `message`, `datetime` (ISO 8601 with an offset) and `timestamp_desc`; `timestamp` is in microseconds.
//! Source: Timesketch documentation, "Import data from JSON or CSV".

use crate::base::Precision;
use crate::base::rfc3339;
use crate::report::chronicle::Chronicle;
use crate::report::chronicle::Entry;
use crate::report::chronicle::format::csv::table;
use crate::report::format::Style;

/// The columns.
const HEAD: [&str; 15] = [
    "message",
    "datetime",
    "timestamp_desc",
    "timestamp",
    "data_type",
    "tag",
    "hostname",
    "frontend_name",
    "backend_name",
    "server_name",
    "count",
    "source_file",
    "source_line",
    "time_is",
    "order",
];

/// The entries that have a time; the style changes nothing.
pub(super) fn render(chronicle: &Chronicle, _style: &Style) -> String {
    table(&HEAD, chronicle.entries.iter().filter_map(row))
}

fn row(entry: &Entry) -> Option<Vec<String>> {
    let micros = entry.micros?;
    let stamp = rfc3339(micros, Precision::Micro);
    let number = |n: Option<u64>| n.map_or(String::new(), |n| n.to_string());
    let name = |name: &Option<String>| name.clone().unwrap_or_default();
    Some(vec![
        entry.text.clone(),
        stamp.replace('Z', "+00:00"),
        "Event Logged".to_owned(),
        micros.to_string(),
        "haproxy:availability".to_owned(),
        entry.kind.to_owned(),
        name(&entry.host),
        name(&entry.frontend),
        name(&entry.backend),
        name(&entry.server),
        number(entry.count),
        name(&entry.artifact),
        number(entry.line),
        entry.time.to_owned(),
        entry.order.to_owned(),
    ])
}
