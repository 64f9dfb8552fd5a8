//! What an expression is evaluated against: the request as rewritten so far, variables, and the place.

use crate::config::Proxy;
use crate::route::Request;
use crate::route::convert;
use crate::route::expression::expression;
use crate::route::fetch::fetch;
use crate::route::regex::Regexes;
use crate::route::sample::Samples;
use std::collections::BTreeMap;

/// The moment of an evaluation.
#[derive(Clone, Copy)]
pub(super) struct Scene<'a> {
    /// The request as it is now.
    pub(super) request: &'a Request,
    /// Variables set so far.
    pub(super) vars: &'a BTreeMap<String, Samples>,
    /// Compiled expressions.
    pub(super) regexes: &'a Regexes,
    /// The frontend (or `listen`) that the request came to.
    pub(super) frontend: &'a Proxy,
}

impl Scene<'_> {
    /// Values of an expression; `all`: every value of a header or parameter counts (an ACL), else one.
    pub(super) fn values(self, text: &str, all: bool) -> Samples {
        let expression = expression(text);
        let mut samples = fetch(self, &expression.fetch, all)?;
        for converter in &expression.converters {
            let mut out = Vec::new();
            for value in &samples {
                out.extend(convert::convert(self, converter, value)?);
            }
            samples = out;
        }
        Ok(samples)
    }
}
