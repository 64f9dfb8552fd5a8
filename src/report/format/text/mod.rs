//! The report for a terminal: the answer first, then what it stands on, then what was not seen.

mod bundle;
pub mod catalogue;
mod incident;
pub(in crate::report) mod page;

use crate::report::IncidentLine;
use crate::report::Report;
use crate::report::answer;
use crate::report::format::Style;
use crate::report::format::text::page::{Ink, Page};
use crate::report::scope;

/// Lays the report out for the columns of `style`.
pub(super) fn render(report: &Report, style: &Style) -> String {
    let mut page = Page::new(style);
    head(&mut page, report);
    let mut quoted = Vec::new();
    for incident in &report.incidents {
        incident::print(&mut page, report, incident, &mut quoted);
    }
    bundle::print(&mut page, report, &quoted);
    page.finish()
}

/// The first line, and one line for each further incident.
fn head(page: &mut Page, report: &Report) {
    let ink = report.incidents.first().map_or(Ink::Strong, ink_of);
    page.wrapped("", 0, &answer::first_line(report), ink);
    for incident in report.incidents.iter().skip(1) {
        page.blank();
        let label = format!("Also {}: ", incident.id);
        page.wrapped(&label, 2, &answer::headline(incident), ink_of(incident));
    }
    if report.incidents.is_empty() && report.filter.is_none() {
        page.blank();
        page.wrapped("", 0, &report.summary, Ink::Plain);
    }
    if let Some(filter) = scope::filter(report) {
        page.blank();
        page.wrapped("", 0, &filter, Ink::Plain);
    }
}

fn ink_of(incident: &IncidentLine) -> Ink {
    match answer::is_over(incident) {
        Some(true) => Ink::Good,
        Some(false) => Ink::Bad,
        None => Ink::Strong,
    }
}
