//! The block of one incident.

use crate::base::thousands;
use crate::report::answer;
use crate::report::format::text::page::{Ink, Page};
use crate::report::words;
use crate::report::{
    EvidenceLine, FixLine, Impact, IncidentLine, Report, RuledOutLine, ServerLine,
};

/// Column where the sentences of the numbers begin.
const NUMBERS_COLUMN: usize = 13;

/// Prints one incident; ids of evidence that was quoted are added to `quoted`, each line is quoted once per report.
pub(super) fn print(
    page: &mut Page,
    report: &Report,
    incident: &IncidentLine,
    quoted: &mut Vec<String>,
) {
    page.rule(&title(incident));
    page.blank();
    page.wrapped("", 0, answer::answered_by(incident), Ink::Strong);
    page.blank();
    for (label, text) in answer::numbers(incident) {
        numbers_row(page, label, &text);
    }
    routes(page, &incident.impact);
    cause(page, incident);
    against(
        page,
        "What speaks against this conclusion",
        &incident.contradictions,
    );
    servers(page, &incident.servers);
    trigger(page, incident);
    evidence(page, report, incident, quoted);
    against(page, "Ruled out", &incident.ruled_out);
    factors(page, incident);
    fix(page, &incident.fix);
    page.heading("Recovery");
    page.wrapped("  ", 2, &answer::recovery(incident), Ink::Plain);
    if !incident.similar.is_empty() {
        page.heading("Archived incidents that look like this one");
        for similar in &incident.similar {
            item(page, &words::archived(similar), &words::likeness(similar));
        }
    }
}

fn title(incident: &IncidentLine) -> String {
    let mut parts = vec![format!("{}: {}", incident.id, answer::subject(incident))];
    parts.extend(incident.frontend.iter().map(|f| format!("frontend {f}")));
    parts.extend(incident.host.iter().map(|h| format!("host {h}")));
    parts.extend(incident.fault.iter().map(|f| format!("fault {f}")));
    parts.join(", ")
}

fn numbers_row(page: &mut Page, label: &str, text: &str) {
    let prefix = format!("  {label:<width$}", width = NUMBERS_COLUMN - 2);
    page.wrapped(&prefix, NUMBERS_COLUMN, text, Ink::Plain);
}

fn routes(page: &mut Page, impact: &Impact) {
    let width = impact
        .routes
        .iter()
        .map(|r| thousands(r.http_503).len())
        .max()
        .unwrap_or(0);
    for (index, route) in impact.routes.iter().enumerate() {
        let label = if index == 0 { "routes" } else { "" };
        let prefix = format!(
            "  {label:<column$}{:>width$}  ",
            thousands(route.http_503),
            column = NUMBERS_COLUMN - 2
        );
        let url = format!("{}{}", route.host.as_deref().unwrap_or(""), route.path);
        page.whole(&prefix, &url, Ink::Plain);
    }
    if impact.routes_cut {
        numbers_row(page, "", "More routes failed than are listed here.");
    }
}

fn cause(page: &mut Page, incident: &IncidentLine) {
    let cause = &incident.cause;
    page.heading(&format!(
        "Cause: {}, confidence {:.2}",
        cause.id, cause.confidence
    ));
    let text = format!("{}{}", cause.explanation, words::cited(&cause.evidence));
    page.wrapped("  ", 2, &text, Ink::Plain);
    if let Some(replay) = &incident.replay {
        page.wrapped("  ", 2, &replay.sentence(), Ink::Plain);
    }
    if !incident.also.is_empty() {
        page.heading(
            "Hit too, as far as can be told by the same fault; no failed request was seen",
        );
        for also in &incident.also {
            item(page, &also.backend, &words::also(also));
        }
    }
    if !incident.possible.is_empty() {
        page.heading("Possible causes, which the evidence does not separate");
        for possible in &incident.possible {
            item(page, &possible.id, &possible.why);
        }
    }
}

fn servers(page: &mut Page, servers: &[ServerLine]) {
    if servers.is_empty() {
        return;
    }
    page.heading("Servers");
    for server in servers {
        let cause = server
            .cause
            .as_deref()
            .unwrap_or("no cause: it did not fail, or nothing says why");
        let address = server.address.as_deref().unwrap_or("address unknown");
        let text = format!("{} ({address}): {cause}", server.name);
        page.wrapped("  ", 4, &text, Ink::Strong);
        for change in &server.transitions {
            let at = change.at.as_deref().unwrap_or("time unknown");
            let cited = words::cited(std::slice::from_ref(&change.evidence));
            let text = format!("{}: {}{cited}", answer::change(change), change.reason);
            page.wrapped(&format!("    {at}  "), 6, &text, Ink::Plain);
        }
    }
}

fn trigger(page: &mut Page, incident: &IncidentLine) {
    let Some(trigger) = &incident.trigger else {
        page.heading("Trigger: none seen in these artifacts");
        return;
    };
    let at = trigger
        .at
        .as_ref()
        .map_or(String::new(), |at| format!(", {at}"));
    page.heading(&format!(
        "Trigger: {}, confidence {:.2}{at}",
        trigger.id, trigger.confidence
    ));
    let text = format!("{}{}", trigger.explanation, words::cited(&trigger.evidence));
    page.wrapped("  ", 2, &text, Ink::Plain);
}

fn evidence(page: &mut Page, report: &Report, incident: &IncidentLine, quoted: &mut Vec<String>) {
    let cited = answer::cited(report, incident);
    if cited.is_empty() {
        return;
    }
    page.heading("Evidence");
    let (before, new): (Vec<_>, Vec<_>) = cited.into_iter().partition(|e| quoted.contains(&e.id));
    for line in new {
        quote(page, report, line);
        quoted.push(line.id.clone());
    }
    if !before.is_empty() {
        let ids: Vec<String> = before.iter().map(|e| e.id.clone()).collect();
        let text = format!("{}: quoted above.", words::list(&ids));
        page.wrapped("  ", 2, &text, Ink::Plain);
    }
}

/// One cited line: where it stands, then the line itself, whole.
pub(super) fn quote(page: &mut Page, report: &Report, line: &EvidenceLine) {
    let at = line
        .at
        .as_ref()
        .map_or(String::new(), |at| format!("  {at}"));
    let prefix = format!("  {:<4}", line.id);
    page.whole(
        &prefix,
        &format!("{}{at}", answer::place(report, line)),
        Ink::Plain,
    );
    page.whole("      | ", &line.text, Ink::Quote);
}

fn against(page: &mut Page, title: &str, lines: &[RuledOutLine]) {
    if lines.is_empty() {
        return;
    }
    page.heading(title);
    for line in lines {
        item(
            page,
            &line.id,
            &format!("{}{}", line.why, words::cited(&line.evidence)),
        );
    }
}

fn factors(page: &mut Page, incident: &IncidentLine) {
    if incident.factors.is_empty() {
        return;
    }
    page.heading("What made it worse, longer or likelier");
    for factor in &incident.factors {
        let cited = words::cited(&factor.evidence);
        item(
            page,
            &factor.id,
            &format!("{}{cited}", words::factor(factor)),
        );
    }
}

fn item(page: &mut Page, id: &str, text: &str) {
    page.wrapped("  - ", 4, &format!("{id}: {text}"), Ink::Plain);
}

fn fix(page: &mut Page, fix: &FixLine) {
    if !fix.steps.is_empty() {
        page.heading(if fix.reload_needed {
            "Fix to test (changes HAProxy's configuration: needs a reload)"
        } else {
            "Fix to test (no reload of HAProxy needed)"
        });
        for (index, step) in fix.steps.iter().enumerate() {
            let number = format!("  {}. ", index + 1);
            page.wrapped(&number, number.len(), step, Ink::Plain);
        }
    }
    if !fix.verify.is_empty() {
        page.heading("Verify");
        for command in &fix.verify {
            page.whole("    ", command, Ink::Command);
        }
    }
    if !fix.cautions.is_empty() {
        page.heading("Take care");
        for caution in &fix.cautions {
            page.wrapped("  - ", 4, caution, Ink::Plain);
        }
    }
}
