//! The report for a ticket, in the order of a post-mortem, within the size that ticket systems take.

mod bundle;
mod escape;
mod incident;
mod paper;

use crate::report::Report;
use crate::report::answer;
use crate::report::format::Style;
use crate::report::format::markdown::escape::{Place, prose};
use crate::report::format::markdown::paper::{Caps, Paper};
use crate::report::scope;

/// Most characters of a report. GitHub takes 65,536 in a comment; the rest is for what people write around it.
pub(super) const BUDGET: usize = 60_000;

/// Rows of every list and characters of every quote, step by step shorter until the report fits its budget.
/// Quotes are 2,048 bytes at most (`base`), so the first step cuts nothing.
const STEPS: [Caps; 7] = [
    Caps {
        rows: usize::MAX,
        quote: usize::MAX,
    },
    Caps {
        rows: usize::MAX,
        quote: 400,
    },
    Caps {
        rows: 200,
        quote: 400,
    },
    Caps {
        rows: 100,
        quote: 300,
    },
    Caps {
        rows: 40,
        quote: 300,
    },
    Caps {
        rows: 15,
        quote: 200,
    },
    Caps {
        rows: 5,
        quote: 160,
    },
];

/// Post-mortem order: summary, impact, root cause, trigger, detection, resolution, factors, ruled out, evidence, gaps.
pub(super) fn render(report: &Report, _style: &Style) -> String {
    let mut paper = Paper::default();
    for caps in STEPS {
        paper = write(report, caps);
        if paper.fits(BUDGET) {
            break;
        }
    }
    paper.finish(BUDGET)
}

fn write(report: &Report, caps: Caps) -> Paper {
    let mut paper = Paper::new(caps);
    let title = prose(&answer::first_line(report), Place::Prose);
    paper.block(format!("# {title}\n"));
    paper.block("## Summary\n".to_owned());
    paper.block(format!("{}\n", prose(&report.summary, Place::Prose)));
    let lines = report.incidents.iter().map(|i| {
        let headline = prose(&answer::headline(i), Place::Prose);
        let answered = prose(answer::answered_by(i), Place::Prose);
        format!("- **{}**: {headline}. {answered}\n", i.id)
    });
    paper.list(lines.collect(), "incidents");
    if let Some(filter) = scope::filter(report) {
        paper.block(format!("{}\n", prose(&filter, Place::Prose)));
    }
    incident::write(&mut paper, report);
    bundle::write(&mut paper, report);
    paper
}
