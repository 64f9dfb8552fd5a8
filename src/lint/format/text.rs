//! Findings for people: the line, the word in question, why it matters, the smallest change.

use crate::base::columns;
use crate::base::wrap;
use crate::lint::Finding;
use crate::lint::Rule;
use crate::lint::Severity;
use crate::lint::rule::RULES;

/// Findings of one kind that are shown in full; the others stand in the other forms.
const EACH_MAX: usize = 5;

pub(super) fn render(findings: &[Finding], columns: usize) -> String {
    let mut out = String::new();
    let mut seen: Vec<(&str, usize)> = Vec::new();
    for finding in findings {
        let n = match seen.iter_mut().find(|(id, _)| *id == finding.id) {
            Some((_, n)) => {
                *n += 1;
                *n
            }
            None => {
                seen.push((finding.id, 1));
                1
            }
        };
        if n <= EACH_MAX {
            one(&mut out, finding, n == 1, columns);
        }
    }
    for (id, n) in seen {
        if n > EACH_MAX {
            let more = n - EACH_MAX;
            put(
                &mut out,
                "",
                &format!("{id}: {more} more (`--format json` has all)"),
                columns,
            );
        }
    }
    put(&mut out, "", &summary(findings), columns);
    out
}

/// One kind of finding in full, as `nosrv explain` prints it.
pub fn entry(rule: &Rule, columns: usize) -> String {
    let mut out = String::new();
    let level = rule.severity.name();
    put(
        &mut out,
        "",
        &format!("{} ({level} of `nosrv check`): {}", rule.id, rule.title),
        columns,
    );
    for (title, text) in [("Why it matters", rule.why), ("Smallest change", rule.fix)] {
        out.push_str(&format!("\n{title}\n"));
        put(&mut out, "  ", text, columns);
    }
    out
}

/// All kinds with their titles.
pub fn list(columns: usize) -> String {
    let mut out = "\nFindings of `nosrv check`\n".to_owned();
    for rule in &RULES {
        put(&mut out, &format!("  {:<26}", rule.id), rule.title, columns);
    }
    out
}

fn one(out: &mut String, finding: &Finding, with_why: bool, columns: usize) {
    let Finding {
        id,
        severity,
        file,
        line,
        message,
        why,
        fix,
        ..
    } = finding;
    put(
        out,
        "",
        &format!("{}[{id}]: {message}", severity.name()),
        columns,
    );
    let margin = " ".repeat(line.to_string().len());
    out.push_str(&format!("{margin}--> {file}:{line}:{}\n", finding.column));
    let (text, column) = window(finding, columns.saturating_sub(margin.len() + 3));
    let carets = "^".repeat(finding.width.min(columns));
    out.push_str(&format!("{line} | {text}\n"));
    let pointed = format!("{margin} | {}{carets}", " ".repeat(column - 1));
    out.push_str(pointed.get(..columns).unwrap_or(&pointed));
    out.push('\n');
    if with_why {
        put(out, &format!("{margin} = why: "), why, columns);
    }
    put(out, &format!("{margin} = fix: "), fix, columns);
    out.push('\n');
}

/// The part of a long line around the word, and the word's column in it.
fn window(finding: &Finding, room: usize) -> (String, usize) {
    let n = columns(&finding.text);
    if n <= room {
        return (finding.text.clone(), finding.column);
    }
    let end = finding.column - 1 + finding.width;
    // Some context before the word, as much as fits behind it.
    let from = if end + 2 <= room {
        0
    } else {
        (finding.column - 1).saturating_sub(room / 3)
    };
    let lead = if from > 0 { "…" } else { "" };
    let length = room.saturating_sub(2);
    let inside: String = finding.text.chars().skip(from).take(length).collect();
    let tail = if from + length < n { "…" } else { "" };
    let column = finding.column - from + usize::from(from > 0);
    (format!("{lead}{inside}{tail}"), column)
}

fn put(out: &mut String, lead: &str, text: &str, columns_max: usize) {
    let room = columns_max.saturating_sub(columns(lead));
    for (index, line) in wrap(text, room, room).iter().enumerate() {
        if index == 0 {
            out.push_str(lead);
        } else {
            out.push_str(&" ".repeat(columns(lead)));
        }
        out.push_str(line);
        out.push('\n');
    }
}

fn summary(findings: &[Finding]) -> String {
    let count = |severity: Severity, one: &str, many: &str| {
        let n = findings.iter().filter(|f| f.severity == severity).count();
        (n > 0).then(|| format!("{n} {}", if n == 1 { one } else { many }))
    };
    let counts: Vec<String> = [
        count(Severity::Error, "error", "errors"),
        count(Severity::Warning, "warning", "warnings"),
        count(Severity::Note, "note", "notes"),
    ]
    .into_iter()
    .flatten()
    .collect();
    if counts.is_empty() {
        "nothing found".to_owned()
    } else {
        counts.join(", ")
    }
}
