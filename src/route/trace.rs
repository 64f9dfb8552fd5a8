//! What a trace holds: the rules met in order, the terms of their conditions, and where it ends.

use crate::base::Place;
use crate::route::Truth;

/// The way of one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trace {
    /// Rules in the order in which HAProxy evaluates them, up to the one that ended the way.
    pub steps: Vec<Step>,
    /// Where it ended.
    pub outcome: Outcome,
}

/// One rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Its line.
    pub at: Place,
    /// The proxy that evaluates it.
    pub proxy: String,
    /// The rule without its condition: `use_backend be_app`.
    pub rule: String,
    /// The condition as written, from `if` or `unless` on; empty: always.
    pub condition: String,
    /// Alternatives (separated by `or`) of terms that must all hold.
    pub alternatives: Vec<Vec<Term>>,
    /// Whether the rule applied.
    pub value: Truth,
    /// What it did: `the path is now /x`; empty when it did nothing that bears on routing.
    pub effect: String,
}

/// One term of a condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    /// As written: `is_shop`, `!{ path_beg /x }`.
    pub text: String,
    /// Its value, after the negation.
    pub value: Truth,
    /// The ACL lines behind it (one for an anonymous ACL; none for a predefined one).
    pub clauses: Vec<Clause>,
}

/// One ACL line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clause {
    /// Its line.
    pub at: Place,
    /// Criterion, flags and patterns as written.
    pub text: String,
    /// What the request had there; `None`: unknown or nothing.
    pub seen: Option<String>,
    /// Its value.
    pub value: Truth,
}

/// Where a request ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// A backend was chosen.
    Backend {
        /// Its name.
        name: String,
        /// The rule or `default_backend` that chose it; `None`: a `listen` section serves itself.
        by: Option<Place>,
    },
    /// A rule chose a backend whose name depends on something unknown.
    SomeBackend {
        /// The rule.
        by: Place,
        /// The name as written.
        name: String,
    },
    /// A rule of HAProxy ended the request itself.
    AnsweredByRule {
        /// The rule.
        at: Place,
        /// The proxy that it belongs to.
        proxy: String,
        /// What it does: `http-request deny`.
        what: String,
    },
    /// No rule chose a backend and there is no default.
    NoRoute,
    /// Undecidable conditions leave several ends, in the order of the rules; the last one holds when none of them applied.
    Undecidable(Vec<Outcome>),
    /// The configuration has no such frontend.
    NoFrontend,
}

impl Outcome {
    /// All ends that are possible.
    pub fn ends(&self) -> &[Outcome] {
        match self {
            Outcome::Undecidable(ends) => ends,
            Outcome::Backend { .. }
            | Outcome::SomeBackend { .. }
            | Outcome::AnsweredByRule { .. }
            | Outcome::NoRoute
            | Outcome::NoFrontend => std::slice::from_ref(self),
        }
    }

    /// The backend, when the end is one and certain.
    pub fn backend(&self) -> Option<&str> {
        match self {
            Outcome::Backend { name, .. } => Some(name),
            Outcome::SomeBackend { .. }
            | Outcome::AnsweredByRule { .. }
            | Outcome::NoRoute
            | Outcome::Undecidable(_)
            | Outcome::NoFrontend => None,
        }
    }

    /// Whether it may end in that backend.
    pub fn may_be(&self, backend: &str) -> bool {
        self.ends().iter().any(|end| match end {
            Outcome::Backend { name, .. } => name == backend,
            Outcome::SomeBackend { .. } => true,
            Outcome::AnsweredByRule { .. }
            | Outcome::NoRoute
            | Outcome::Undecidable(_)
            | Outcome::NoFrontend => false,
        })
    }
}

impl Trace {
    /// The step of that line in that proxy.
    pub fn step(&self, at: Place) -> Option<&Step> {
        self.steps.iter().find(|step| step.at == at)
    }
}
