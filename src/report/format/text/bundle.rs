//! What concerns the whole bundle: timeline, what is missing, what was read, clock, warnings.

use crate::base::thousands;
use crate::report::answer;
use crate::report::format::text::incident::quote;
use crate::report::format::text::page::{Ink, Page};
use crate::report::scope;
use crate::report::words;
use crate::report::{ArtifactLine, Report};

/// Prints everything after the incidents.
pub(super) fn print(page: &mut Page, report: &Report, quoted: &[String]) {
    page.rule("The whole bundle");
    if !report.incidents.is_empty() && !report.summary.is_empty() {
        page.heading("In one sentence, to pass on");
        page.wrapped("  ", 2, &report.summary, Ink::Plain);
    }
    timeline(page, report);
    others(page, report, quoted);
    missing(page, report);
    coverage(page, &report.artifacts);
    looked_at(page, report);
    clock(page, report);
    warnings(page, report);
    page.blank();
    let tool = format!(
        "{} {}, {}. Byte offsets, file sizes and checksums: --format json.",
        report.tool.name, report.tool.version, report.schema
    );
    page.wrapped("", 0, &tool, Ink::Quote);
}

fn timeline(page: &mut Page, report: &Report) {
    if report.timeline.is_empty() {
        return;
    }
    page.heading("Timeline (UTC)");
    for line in &report.timeline {
        let at = line.at.as_deref().unwrap_or("time unknown");
        let whom = answer::proxy_server(line.backend.as_deref(), line.server.as_deref());
        let gap = if whom.is_empty() { "" } else { " " };
        let cited = words::cited(line.evidence.as_slice());
        let text = format!("{}{gap}{whom}: {}{cited}", line.kind, line.text);
        page.wrapped(&format!("  {at}  "), 6, &text, Ink::Plain);
    }
}

/// Lines that no incident cites: the timeline does, or the verdict.
fn others(page: &mut Page, report: &Report, quoted: &[String]) {
    let mut lines = report
        .evidence
        .iter()
        .filter(|e| !quoted.contains(&e.id))
        .peekable();
    if lines.peek().is_none() {
        return;
    }
    page.heading("Other cited lines");
    for line in lines {
        quote(page, report, line);
    }
}

fn missing(page: &mut Page, report: &Report) {
    if report.missing.is_empty() {
        return;
    }
    page.heading("What is missing, and how to capture it");
    for line in &report.missing {
        let text = format!("{}: would decide {}", line.artifact, line.would_decide);
        page.wrapped("  - ", 4, &text, Ink::Plain);
        page.whole("        ", &line.capture, Ink::Command);
    }
}

fn coverage(page: &mut Page, artifacts: &[ArtifactLine]) {
    if artifacts.is_empty() {
        page.heading("What was read: nothing");
        return;
    }
    page.heading("What was read (foreign: lines of other programs; broken: damaged)");
    let rows: Vec<[String; 6]> =
        std::iter::once(["id", "kind", "records", "foreign", "broken", "path"].map(str::to_owned))
            .chain(artifacts.iter().map(cells))
            .collect();
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|c| c.chars().count()).max().unwrap_or(0)
    };
    let widths = [0, 1, 2, 3, 4].map(width);
    let row = |[id, kind, records, foreign, broken, path]: &[String; 6]| {
        let [w_id, w_kind, w_records, w_foreign, w_broken] = widths;
        let head = format!(
            "  {id:<w_id$}  {kind:<w_kind$}  {records:>w_records$}  {foreign:>w_foreign$}  {broken:>w_broken$}  "
        );
        (head, path.clone())
    };
    let mut lines = rows.iter().map(row);
    if let Some((head, path)) = lines.next() {
        page.whole(&head, &path, Ink::Strong);
    }
    for (artifact, (head, path)) in artifacts.iter().zip(lines) {
        page.whole(&head, &path, Ink::Plain);
        problems(page, artifact);
    }
}

/// One line when all is well.
fn looked_at(page: &mut Page, report: &Report) {
    if report.artifacts.is_empty() {
        return;
    }
    page.wrapped("  In all: ", 4, &scope::looked_at(report), Ink::Plain);
    let hidden = scope::could_hide(report);
    if !hidden.is_empty() {
        page.heading("What could hide an incident");
        for line in hidden {
            page.wrapped("  - ", 4, line, Ink::Plain);
        }
    }
}

fn cells(artifact: &ArtifactLine) -> [String; 6] {
    let host = artifact
        .host
        .as_ref()
        .map_or(String::new(), |h| format!("  (host {h})"));
    [
        artifact.id.clone(),
        answer::kind(artifact),
        thousands(artifact.records),
        thousands(artifact.foreign),
        thousands(artifact.broken),
        format!("{}{host}", artifact.path),
    ]
}

fn problems(page: &mut Page, artifact: &ArtifactLine) {
    if let Some(reach) = artifact.coverage.as_ref().map(scope::reach)
        && !reach.is_empty()
    {
        page.wrapped("      ", 8, &reach, Ink::Plain);
    }
    for problem in &artifact.problems {
        page.wrapped("      ! ", 8, problem, Ink::Bad);
    }
    for gap in scope::gaps(artifact) {
        page.wrapped("      ! ", 8, &gap, Ink::Bad);
    }
    for example in &artifact.broken_examples {
        let text = format!("line {}: {}", thousands(example.line), example.why);
        page.wrapped("      ! ", 8, &text, Ink::Bad);
        page.whole("        | ", &example.text, Ink::Quote);
    }
    if let Some(text) = answer::broken_not_shown(artifact) {
        page.wrapped("        ", 8, &text, Ink::Plain);
    }
}

fn clock(page: &mut Page, report: &Report) {
    page.heading("Clock");
    page.wrapped("  ", 2, &answer::clock(report), Ink::Plain);
}

fn warnings(page: &mut Page, report: &Report) {
    if report.warnings.is_empty() {
        return;
    }
    page.heading("Warnings");
    for warning in &report.warnings {
        page.wrapped("  - ", 4, warning, Ink::Bad);
    }
}
