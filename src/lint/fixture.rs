//! One rule on one text.

use crate::document::Configuration;
use crate::document::Source;
use crate::lint::Rule;
use crate::lint::sheet::Sheet;
use std::collections::BTreeMap;

/// Lines that the rule finds, in order.
pub(super) fn finds(rule: &Rule, text: &str) -> Vec<u64> {
    finds_with(rule, text, &BTreeMap::new())
}

/// The same with usual response times.
pub(super) fn finds_with(rule: &Rule, text: &str, usual_ms: &BTreeMap<String, u64>) -> Vec<u64> {
    let source = Source {
        name: "haproxy.cfg".to_owned(),
        bytes: text.as_bytes().to_vec(),
        line: 1,
    };
    let configuration = Configuration::new(vec![source], Vec::new());
    let sheet = Sheet::new(&configuration, usual_ms);
    let mut lines: Vec<u64> = (rule.find)(&sheet).iter().map(|hit| hit.at.line).collect();
    lines.sort_unstable();
    lines
}
