//! One JSON object per line, for programs.

use crate::report::chronicle::Chronicle;
use crate::report::format::Style;
use crate::report::format::json::harmless;

/// The entries; the style changes nothing.
pub(super) fn render(chronicle: &Chronicle, _style: &Style) -> String {
    let mut out = String::new();
    for entry in &chronicle.entries {
        // A plain struct with text keys always serializes.
        let line = serde_json::to_string(entry).unwrap_or_default();
        out.push_str(&harmless(&line));
        out.push('\n');
    }
    out
}
