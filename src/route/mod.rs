//! Config + request -> trace: which rules the request meets, which backend it reaches, and what cannot be decided.
//!
//! Every condition has three values: what was not logged is unknown, never empty. A result is given only when no undecidable
//! condition stands before it. Source: configuration manual 3.2, "Using ACLs and fetching samples"; verdicts compared with 2.6.12.

mod access;
mod acl;
mod address;
mod condition;
mod convert;
mod entry;
mod expression;
mod fetch;
mod header;
mod json;
mod map;
mod name;
mod number;
mod pattern;
mod regex;
mod render;
mod request;
mod rewrite;
mod sample;
mod scene;
mod shadow;
mod target;
mod trace;
mod truth;
mod walk;

use crate::config::Config;

pub use condition::is_predefined;
pub use entry::{Entry, entries};
pub use json::{Document, Way, json};
pub use render::{Layout, reason, render};
pub use request::{Field, Request};
pub use shadow::{acl_names, follows};
pub use target::{Asked, asked};
pub use trace::{Clause, Outcome, Step, Term, Trace};
pub use truth::{Doubt, Truth};

/// Traces one request through a frontend (or `listen`) of the configuration and into the backend it reaches.
pub fn trace(config: &Config, frontend: &str, request: &Request) -> Trace {
    Router::new(config).trace(frontend, request)
}

/// Traces many requests through one configuration; compiles each regular expression once.
#[derive(Debug)]
pub struct Router<'a> {
    config: &'a Config,
    regexes: regex::Regexes,
}

impl<'a> Router<'a> {
    /// For one configuration.
    pub fn new(config: &'a Config) -> Self {
        Router {
            config,
            regexes: regex::Regexes::default(),
        }
    }

    /// Traces one request.
    pub fn trace(&self, frontend: &str, request: &Request) -> Trace {
        walk::walk(self.config, &self.regexes, frontend, request)
    }
}
