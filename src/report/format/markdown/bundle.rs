//! The sections that concern the whole bundle: timeline, evidence, and what cannot be shown.

use crate::base::thousands;
use crate::report::answer;
use crate::report::format::markdown::escape::{Place, block, code, prose};
use crate::report::format::markdown::paper::Paper;
use crate::report::scope;
use crate::report::words;
use crate::report::{ArtifactLine, Report};

/// Evidence and everything after it.
pub(super) fn write(paper: &mut Paper, report: &Report) {
    evidence(paper, report);
    paper.block("## What this bundle cannot show\n".to_owned());
    missing(paper, report);
    let warnings = report
        .warnings
        .iter()
        .map(|w| format!("- {}\n", prose(w, Place::Prose)));
    paper.table("Warnings:\n\n", warnings.collect(), "warnings");
    paper.block(format!(
        "Clock: {}\n",
        prose(&answer::clock(report), Place::Prose)
    ));
    coverage(paper, &report.artifacts);
    looked_at(paper, report);
    paper.block(format!(
        "_{} {}, {}_\n",
        report.tool.name,
        report.tool.version,
        prose(report.schema, Place::Prose)
    ));
}

/// The timeline of all incidents.
pub(super) fn timeline(paper: &mut Paper, report: &Report) {
    if report.timeline.is_empty() {
        return;
    }
    paper.block("## Timeline\n".to_owned());
    let rows = report.timeline.iter().map(|line| {
        let whom = answer::proxy_server(line.backend.as_deref(), line.server.as_deref());
        let whom = if whom.is_empty() {
            String::new()
        } else {
            code(&whom, Place::Cell)
        };
        format!(
            "| {} | {} | {whom} | {}{} |\n",
            line.at.as_deref().unwrap_or("unknown"),
            prose(&line.kind, Place::Cell),
            prose(&line.text, Place::Cell),
            words::cited(line.evidence.as_slice())
        )
    });
    let head = "| time (UTC) | event | where | what |\n|---|---|---|---|\n";
    paper.table(head, rows.collect(), "events");
}

fn evidence(paper: &mut Paper, report: &Report) {
    if report.evidence.is_empty() {
        return;
    }
    paper.block("## Evidence\n".to_owned());
    let rows = report.evidence.iter().map(|line| {
        let at = line
            .at
            .as_ref()
            .map_or(String::new(), |at| format!(", {at}"));
        let place = code(&answer::place(report, line), Place::Prose);
        let quote = block(&paper.quote(&line.text), "text", 2);
        format!("- **{}** {place}{at}\n\n{quote}", line.id)
    });
    let rows: Vec<String> = rows.collect();
    paper.list(rows, "cited lines");
}

fn missing(paper: &mut Paper, report: &Report) {
    let rows = report.missing.iter().map(|line| {
        let capture = block(&line.capture, "sh", 2);
        format!(
            "- {}: would decide {}\n\n{capture}",
            prose(&line.artifact, Place::Prose),
            prose(&line.would_decide, Place::Prose)
        )
    });
    paper.table(
        "What would decide the rest, and how to capture it:\n\n",
        rows.collect(),
        "captures",
    );
}

fn looked_at(paper: &mut Paper, report: &Report) {
    if report.artifacts.is_empty() {
        return;
    }
    let all = prose(&scope::looked_at(report), Place::Prose);
    paper.block(format!("In all: {all}\n"));
    let hidden = scope::could_hide(report).iter();
    let hidden = hidden.map(|line| format!("- {}\n", prose(line, Place::Prose)));
    paper.table(
        "What could hide an incident:\n\n",
        hidden.collect(),
        "reasons",
    );
}

fn coverage(paper: &mut Paper, artifacts: &[ArtifactLine]) {
    let rows = artifacts.iter().map(|a| {
        format!(
            "| {} | {} | {} | {} | {} | {} | {} | {} |\n",
            a.id,
            code(&a.path, Place::Cell),
            prose(&answer::kind(a), Place::Cell),
            prose(a.host.as_deref().unwrap_or(""), Place::Cell),
            a.coverage.as_ref().map_or(String::new(), scope::reach),
            thousands(a.records),
            thousands(a.foreign),
            thousands(a.broken)
        )
    });
    let head = "What was read:\n\n| id | path | kind | host | reaches over | records | foreign | broken |\n|---|---|---|---|---|---:|---:|---:|\n";
    paper.table(head, rows.collect(), "artifacts");
    let problems = artifacts.iter().flat_map(|a| {
        let said = a
            .problems
            .iter()
            .map(|p| format!("- {}: {}\n", a.id, prose(p, Place::Prose)));
        let broken = a.broken_examples.iter().map(|b| {
            format!(
                "- {} line {}: {}: {}\n",
                a.id,
                thousands(b.line),
                prose(&b.why, Place::Prose),
                code(&paper.quote(&b.text), Place::Prose)
            )
        });
        let more = answer::broken_not_shown(a).map(|text| format!("- {}: {text}\n", a.id));
        let gaps = scope::gaps(a).into_iter();
        let gaps = gaps.map(|gap| format!("- {}: {}\n", a.id, prose(&gap, Place::Prose)));
        said.chain(gaps)
            .chain(broken)
            .chain(more)
            .collect::<Vec<_>>()
    });
    let problems: Vec<String> = problems.collect();
    paper.table("What is wrong with them:\n\n", problems, "problems");
}
