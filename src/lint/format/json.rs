//! Findings as one JSON object.

use crate::lint::Finding;
use crate::lint::Severity;
use serde_json::json;

/// The name and version of this form.
const SCHEMA: &str = "nosrv.check/1";

pub(super) fn render(findings: &[Finding], _: usize) -> String {
    let n = |severity: Severity| findings.iter().filter(|f| f.severity == severity).count();
    let rows: Vec<serde_json::Value> = findings.iter().map(row).collect();
    let document = json!({
        "schema": SCHEMA,
        "n_errors": n(Severity::Error),
        "n_warnings": n(Severity::Warning),
        "n_notes": n(Severity::Note),
        "findings": rows,
    });
    format!("{document:#}\n")
}

fn row(finding: &Finding) -> serde_json::Value {
    json!({
        "id": finding.id,
        "severity": finding.severity.name(),
        "file": finding.file,
        "line": finding.line,
        "column": finding.column,
        "width": finding.width,
        "text": finding.text,
        "message": finding.message,
        "why": finding.why,
        "fix": finding.fix,
    })
}
