//! The sections that tell of the incidents, from impact to what was ruled out.

use crate::base::thousands;
use crate::report::answer;
use crate::report::format::markdown::bundle;
use crate::report::format::markdown::escape::{Place, block, code, prose};
use crate::report::format::markdown::paper::Paper;
use crate::report::words;
use crate::report::{IncidentLine, Report};

/// Writes every section; with several incidents each section has a part for each.
pub(super) fn write(paper: &mut Paper, report: &Report) {
    section(paper, report, "Impact", impact);
    section(paper, report, "Root cause", cause);
    section(paper, report, "Trigger", trigger);
    section(paper, report, "Detection", detection);
    bundle::timeline(paper, report);
    section(paper, report, "Resolution", resolution);
    section(paper, report, "Contributing factors", factors);
    section(paper, report, "What was ruled out", ruled_out);
}

fn section(paper: &mut Paper, report: &Report, title: &str, part: fn(&mut Paper, &IncidentLine)) {
    if report.incidents.is_empty() {
        return;
    }
    paper.block(format!("## {title}\n"));
    for incident in &report.incidents {
        if report.incidents.len() > 1 {
            let name = prose(&answer::subject(incident), Place::Prose);
            paper.block(format!("### {}: {name}\n", incident.id));
        }
        part(paper, incident);
    }
}

fn impact(paper: &mut Paper, incident: &IncidentLine) {
    let named = [
        ("host", &incident.host),
        ("frontend", &incident.frontend),
        ("backend", &incident.backend),
        ("fault", &incident.fault),
    ];
    let places = named.into_iter().filter_map(|(label, name)| {
        let name = name.as_deref()?;
        Some(format!("- {label}: {}\n", code(name, Place::Prose)))
    });
    let numbers = answer::numbers(incident)
        .into_iter()
        .map(|(label, text)| format!("- {label}: {}\n", prose(&text, Place::Prose)));
    paper.block(places.chain(numbers).collect());
    let rows = incident.impact.routes.iter().map(|route| {
        let url = format!("{}{}", route.host.as_deref().unwrap_or(""), route.path);
        let url = code(&paper.quote(&url), Place::Cell);
        format!("| {} | {url} |\n", thousands(route.http_503))
    });
    let rows: Vec<String> = rows.collect();
    paper.table("| failures | route |\n|---:|---|\n", rows, "routes");
    if incident.impact.routes_cut {
        paper.block("More routes failed than were kept.\n".to_owned());
    }
}

fn cause(paper: &mut Paper, incident: &IncidentLine) {
    let cause = &incident.cause;
    paper.block(format!(
        "{}, confidence {:.2}. {}{}\n",
        code(&cause.id, Place::Prose),
        cause.confidence,
        prose(&cause.explanation, Place::Prose),
        words::cited(&cause.evidence)
    ));
    if let Some(replay) = &incident.replay {
        paper.block(format!("{}\n", prose(&replay.sentence(), Place::Prose)));
    }
    let also = incident.also.iter();
    let also = also.map(|a| item(&a.backend, &words::also(a), &[]));
    paper.table(
        "Hit too, as far as can be told by the same fault; no failed request was seen:\n\n",
        also.collect(),
        "backends",
    );
    let possible = incident.possible.iter().map(|p| item(&p.id, &p.why, &[]));
    paper.table(
        "Possible, and not separated by the evidence:\n\n",
        possible.collect(),
        "causes",
    );
    let against = incident
        .contradictions
        .iter()
        .map(|c| item(&c.id, &c.why, &c.evidence));
    paper.table(
        "What speaks against this conclusion:\n\n",
        against.collect(),
        "contradictions",
    );
}

fn trigger(paper: &mut Paper, incident: &IncidentLine) {
    let Some(trigger) = &incident.trigger else {
        return paper.block("None seen in these artifacts.\n".to_owned());
    };
    let at = trigger
        .at
        .as_ref()
        .map_or(String::new(), |at| format!(", {at}"));
    paper.block(format!(
        "{}, confidence {:.2}{at}. {}{}\n",
        code(&trigger.id, Place::Prose),
        trigger.confidence,
        prose(&trigger.explanation, Place::Prose),
        words::cited(&trigger.evidence)
    ));
}

/// What HAProxy noticed, server by server.
fn detection(paper: &mut Paper, incident: &IncidentLine) {
    if incident.servers.is_empty() {
        return paper.block("No change of a server's state is in these artifacts.\n".to_owned());
    }
    let servers = incident.servers.iter().map(|server| {
        let cause = match &server.cause {
            Some(id) => code(id, Place::Prose),
            None => "no cause: it did not fail, or nothing says why".to_owned(),
        };
        let address = match &server.address {
            Some(address) => code(address, Place::Prose),
            None => "address unknown".to_owned(),
        };
        format!(
            "- {} ({address}): {cause}\n",
            code(&server.name, Place::Prose)
        )
    });
    paper.list(servers.collect(), "servers");
    let changes = incident.servers.iter().flat_map(|server| {
        server.transitions.iter().map(|change| {
            format!(
                "| {} | {} | {} | {}{} |\n",
                change.at.as_deref().unwrap_or("unknown"),
                code(&server.name, Place::Cell),
                prose(&answer::change(change), Place::Cell),
                prose(&change.reason, Place::Cell),
                words::cited(std::slice::from_ref(&change.evidence))
            )
        })
    });
    let head = "| time (UTC) | server | change | reason |\n|---|---|---|---|\n";
    paper.table(head, changes.collect(), "changes of state");
}

fn resolution(paper: &mut Paper, incident: &IncidentLine) {
    paper.block(format!(
        "{}\n",
        prose(&answer::recovery(incident), Place::Prose)
    ));
    let fix = &incident.fix;
    let steps = fix
        .steps
        .iter()
        .enumerate()
        .map(|(index, step)| format!("{}. {}\n", index + 1, prose(step, Place::Prose)));
    let head = if fix.reload_needed {
        "Fix to test; it changes HAProxy's configuration and needs a reload:\n\n"
    } else {
        "Fix to test; HAProxy needs no reload:\n\n"
    };
    paper.table(head, steps.collect(), "steps");
    if !fix.verify.is_empty() {
        let commands = block(&fix.verify.join("\n"), "sh", 0);
        paper.block(format!("To verify:\n\n{commands}"));
    }
    let cautions = fix
        .cautions
        .iter()
        .map(|c| format!("- {}\n", prose(c, Place::Prose)));
    paper.table("Take care:\n\n", cautions.collect(), "cautions");
}

fn factors(paper: &mut Paper, incident: &IncidentLine) {
    let factors = incident.factors.iter();
    let rows: Vec<String> = factors
        .map(|f| item(&f.id, &words::factor(f), &f.evidence))
        .collect();
    if rows.is_empty() {
        return paper.block("None seen in these artifacts.\n".to_owned());
    }
    paper.list(rows, "factors");
}

fn ruled_out(paper: &mut Paper, incident: &IncidentLine) {
    let causes = incident.ruled_out.iter();
    let rows: Vec<String> = causes.map(|r| item(&r.id, &r.why, &r.evidence)).collect();
    if rows.is_empty() {
        paper.block("Nothing was ruled out.\n".to_owned());
    } else {
        paper.list(rows, "causes");
    }
    let similar = incident.similar.iter();
    let rows = similar.map(|s| item(&words::archived(s), &words::likeness(s), &[]));
    paper.table(
        "Archived incidents that look like this one:\n\n",
        rows.collect(),
        "archived incidents",
    );
}

fn item(id: &str, text: &str, evidence: &[String]) -> String {
    format!(
        "- {}: {}{}\n",
        code(id, Place::Prose),
        prose(text, Place::Prose),
        words::cited(evidence)
    )
}
