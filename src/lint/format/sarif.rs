//! Findings as SARIF 2.1.0, as code scanning shows them.

use crate::lint::Finding;
use crate::lint::Rule;
use crate::lint::rule::RULES;
use serde_json::Value;
use serde_json::json;
use sha2::Digest as _;

/// Results of one run that code scanning takes.
const RESULTS_MAX: usize = 25_000;

pub(super) fn render(findings: &[Finding], _: usize) -> String {
    let rules: Vec<Value> = RULES.iter().map(descriptor).collect();
    let results: Vec<Value> = findings.iter().take(RESULTS_MAX).map(result).collect();
    let document = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "nosrv",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            }},
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    format!("{document:#}\n")
}

fn descriptor(rule: &Rule) -> Value {
    json!({
        "id": rule.id,
        "shortDescription": { "text": rule.title },
        "fullDescription": { "text": rule.why },
        "help": { "text": rule.fix },
        "defaultConfiguration": { "level": rule.severity.name() },
    })
}

fn result(finding: &Finding) -> Value {
    let index = RULES.iter().position(|rule| rule.id == finding.id);
    json!({
        "ruleId": finding.id,
        "ruleIndex": index,
        "level": finding.severity.name(),
        "message": { "text": format!("{}. {} Smallest change: {}.", finding.message, finding.why, finding.fix) },
        "locations": [{ "physicalLocation": {
            "artifactLocation": { "uri": uri(&finding.file) },
            "region": {
                "startLine": finding.line,
                "startColumn": finding.column,
                "endColumn": finding.column + finding.width,
                "snippet": { "text": finding.text },
            },
        }}],
        "partialFingerprints": { "nosrv/v1": fingerprint(finding) },
    })
}

/// A path as a relative reference: what a URI does not allow is percent-encoded.
fn uri(path: &str) -> String {
    let mut out = String::new();
    for c in path.bytes() {
        if c.is_ascii_alphanumeric() || b"-._~/".contains(&c) {
            out.push(char::from(c));
        } else {
            out.push_str(&format!("%{c:02X}"));
        }
    }
    out
}

/// The same for the same finding on the same line of text, wherever the line moves to.
fn fingerprint(finding: &Finding) -> String {
    let parts = [
        finding.id,
        &finding.file,
        finding.text.trim(),
        &finding.message,
    ];
    let digest = sha2::Sha256::digest(parts.join("\0"));
    digest
        .iter()
        .take(16)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
