//! A trace as JSON, for programs.

use crate::base::Place;
use crate::route::Clause;
use crate::route::Outcome;
use crate::route::Step;
use crate::route::Term;
use crate::route::Trace;
use crate::route::Truth;
use serde::Serialize;

/// The name and version of this form.
const SCHEMA: &str = "nosrv.route/1";

/// The whole answer of `nosrv route`.
#[derive(Debug, Serialize)]
pub struct Document {
    schema: &'static str,
    /// `GET http://www.example.com/`.
    pub request: String,
    /// One way per frontend that may take the request.
    pub ways: Vec<Way>,
    /// Pattern files and maps that the configuration names and that are not at hand.
    pub files_missing: Vec<String>,
    /// Other configurations that were found and not read.
    pub left_out: Vec<String>,
}

/// The way through one frontend.
#[derive(Debug, Serialize)]
pub struct Way {
    frontend: String,
    at: At,
    steps: Vec<StepLine>,
    decided: bool,
    ends: Vec<End>,
}

#[derive(Debug, Serialize)]
struct At {
    file: String,
    line: u64,
}

#[derive(Debug, Serialize)]
struct StepLine {
    at: At,
    proxy: String,
    rule: String,
    condition: String,
    applies: &'static str,
    #[serde(skip_serializing_if = "String::is_empty")]
    why_unknown: String,
    alternatives: Vec<Vec<TermLine>>,
    #[serde(skip_serializing_if = "String::is_empty")]
    effect: String,
}

#[derive(Debug, Serialize)]
struct TermLine {
    text: String,
    holds: &'static str,
    #[serde(skip_serializing_if = "String::is_empty")]
    why_unknown: String,
    acls: Vec<AclLine>,
}

#[derive(Debug, Serialize)]
struct AclLine {
    at: At,
    text: String,
    matches: &'static str,
    request_has: Option<String>,
}

#[derive(Debug, Serialize)]
struct End {
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    backend: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    by: Option<At>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rule: Option<String>,
}

impl Document {
    /// Without ways yet.
    pub fn new(request: String, files_missing: Vec<String>, left_out: Vec<String>) -> Self {
        Document {
            schema: SCHEMA,
            request,
            ways: Vec::new(),
            files_missing,
            left_out,
        }
    }
}

/// One trace; `place` gives file and line.
pub fn json(
    frontend: &str,
    at: Place,
    trace: &Trace,
    place: &dyn Fn(Place) -> (String, u64),
) -> Way {
    let at_of = |at: Place| {
        let (file, line) = place(at);
        At { file, line }
    };
    let ends = trace.outcome.ends();
    Way {
        frontend: frontend.to_owned(),
        at: at_of(at),
        steps: trace.steps.iter().map(|one| step(one, &at_of)).collect(),
        decided: ends.len() == 1,
        ends: ends.iter().map(|one| end(one, &at_of)).collect(),
    }
}

fn step(step: &Step, at: &dyn Fn(Place) -> At) -> StepLine {
    let terms = |terms: &Vec<Term>| terms.iter().map(|one| term(one, at)).collect();
    StepLine {
        at: at(step.at),
        proxy: step.proxy.clone(),
        rule: step.rule.clone(),
        condition: step.condition.clone(),
        applies: word(&step.value),
        why_unknown: doubt(&step.value),
        alternatives: step.alternatives.iter().map(terms).collect(),
        effect: step.effect.clone(),
    }
}

fn term(term: &Term, at: &dyn Fn(Place) -> At) -> TermLine {
    let acl = |clause: &Clause| AclLine {
        at: at(clause.at),
        text: clause.text.clone(),
        matches: word(&clause.value),
        request_has: clause.seen.clone(),
    };
    TermLine {
        text: term.text.clone(),
        holds: word(&term.value),
        why_unknown: doubt(&term.value),
        acls: term.clauses.iter().map(acl).collect(),
    }
}

fn end(end: &Outcome, at: &dyn Fn(Place) -> At) -> End {
    let of = |kind, backend: Option<&String>, by: Option<Place>, rule: Option<&String>| End {
        kind,
        backend: backend.cloned(),
        by: by.map(at),
        rule: rule.cloned(),
    };
    match end {
        Outcome::Backend { name, by } => of("backend", Some(name), *by, None),
        Outcome::SomeBackend { by, name } => of("some-backend", None, Some(*by), Some(name)),
        Outcome::AnsweredByRule { at, what, .. } => of("answered", None, Some(*at), Some(what)),
        Outcome::NoRoute => of("no-route", None, None, None),
        Outcome::Undecidable(_) => of("undecided", None, None, None),
        Outcome::NoFrontend => of("no-frontend", None, None, None),
    }
}

fn word(value: &Truth) -> &'static str {
    match value {
        Truth::True => "yes",
        Truth::False => "no",
        Truth::Undecidable(_) => "unknown",
    }
}

fn doubt(value: &Truth) -> String {
    match value {
        Truth::Undecidable(doubt) => doubt.words(),
        Truth::True | Truth::False => String::new(),
    }
}
