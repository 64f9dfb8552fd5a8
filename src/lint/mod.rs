//! Configuration -> findings: what may end in 503, before it does. One file per finding in `rule/`, the table in its `mod.rs`.

mod excerpt;
#[cfg(test)]
mod fixture;
pub mod format;
mod reach;
pub mod rule;
mod sheet;

use crate::base::Place;
use crate::document::Configuration;
use crate::lint::rule::RULES;
use crate::lint::sheet::Sheet;
use std::collections::BTreeMap;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// May be on purpose.
    Note,
    /// Ends in 503 sooner or later, or hides why.
    Warning,
    /// HAProxy refuses it, or requests fail already.
    Error,
}

impl Severity {
    /// `error`, `warning`, `note`: SARIF's levels.
    pub fn name(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        }
    }
}

/// One kind of finding.
pub struct Rule {
    /// Its name, for good.
    pub id: &'static str,
    /// Its severity, unless a finding says otherwise.
    pub severity: Severity,
    /// What is wrong, as a clause.
    pub title: &'static str,
    /// Why it matters.
    pub why: &'static str,
    /// The smallest change.
    pub fix: &'static str,
    find: fn(&Sheet<'_>) -> Vec<Hit>,
}

/// What a rule found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Hit {
    /// The line.
    at: Place,
    /// The word of the line that the caret stands under; empty: its first word.
    word: String,
    /// What is wrong there.
    text: String,
    /// The smallest change there; empty: the rule's.
    fix: String,
    /// Another severity than the rule's.
    severity: Option<Severity>,
}

impl Hit {
    fn new(at: Place, word: impl Into<String>, text: impl Into<String>) -> Self {
        Hit {
            at,
            word: word.into(),
            text: text.into(),
            fix: String::new(),
            severity: None,
        }
    }

    fn fix(mut self, fix: impl Into<String>) -> Self {
        self.fix = fix.into();
        self
    }

    fn severity(mut self, severity: Severity) -> Self {
        self.severity = Some(severity);
        self
    }
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The kind.
    pub id: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// The file, as it was named.
    pub file: String,
    /// The line, 1-based.
    pub line: u64,
    /// The line's text, without secrets.
    pub text: String,
    /// First column of the word in question, 1-based, in characters.
    pub column: usize,
    /// Its width in characters.
    pub width: usize,
    /// What is wrong there.
    pub message: String,
    /// Why it matters.
    pub why: &'static str,
    /// The smallest change.
    pub fix: String,
}

/// All findings: the worst first, then by file and line.
///
/// `usual_ms`: usual response time by backend, where logs were given.
pub fn lint(configuration: &Configuration, usual_ms: &BTreeMap<String, u64>) -> Vec<Finding> {
    let sheet = Sheet::new(configuration, usual_ms);
    let mut all: Vec<(Place, Finding)> = Vec::new();
    for rule in &RULES {
        for hit in (rule.find)(&sheet) {
            all.push((hit.at, finding(configuration, rule, hit)));
        }
    }
    all.sort_by(|(a, one), (b, other)| {
        (other.severity, a, one.id, &one.message).cmp(&(one.severity, b, other.id, &other.message))
    });
    all.dedup();
    all.into_iter().map(|(_, finding)| finding).collect()
}

fn finding(configuration: &Configuration, rule: &Rule, hit: Hit) -> Finding {
    let (file, line) = configuration.locate(hit.at);
    let excerpt = excerpt::excerpt(configuration.line(hit.at), &hit.word);
    Finding {
        id: rule.id,
        severity: hit.severity.unwrap_or(rule.severity),
        file: file.to_owned(),
        line,
        text: excerpt.text,
        column: excerpt.column,
        width: excerpt.width,
        message: hit.text,
        why: rule.why,
        fix: if hit.fix.is_empty() {
            rule.fix.to_owned()
        } else {
            hit.fix
        },
    }
}
