//! Log formats that a configuration declares: compiled once, read beside the built-in ones.
//!
//! A format is a row of literals and fields (`compile`); a line that has all of them in that order is read (`program`),
//! and gives the same event as a built-in line does (`decode`), with fewer fields where the format has fewer.

mod compile;
mod date;
mod declared;
mod decode;
mod guess;
mod infer;
mod program;
mod set;
mod variable;

use crate::event::traffic::Counts;
use crate::event::traffic::Decoded;
use crate::event::traffic::Request;
use crate::event::traffic::Source;
use crate::event::traffic::Traffic;
use program::Fields;
use program::Program;
use std::collections::BTreeSet;
use variable::Shape;
use variable::Slot;

pub use infer::infer;
pub use set::Formats;

pub(super) use set::BUILT_IN;

/// One compiled format and who writes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Format {
    /// As the configuration has it, after unquoting.
    pub text: String,
    /// Variables in it that no version of HAProxy has.
    pub unknown: Vec<String>,
    /// Frontends that declare it; empty: nobody in particular (a built-in format, a log profile).
    pub frontends: BTreeSet<String>,
    /// Backends that all its lines go to, when the configuration says that there is only one.
    backend: Option<String>,
    program: Program,
    is_binary: bool,
    source: Source,
}

/// Weight of fields that a foreign line has hardly by chance; a format below it is believed only with known names.
const WEIGHT_MIN: u32 = 6;

impl Format {
    /// Compiles a format string. Never fails: what is unknown is opaque text.
    pub fn new(text: &str, source: Source) -> Format {
        let compiled = compile::compile(text);
        Format {
            text: text.to_owned(),
            unknown: compiled.unknown,
            frontends: BTreeSet::new(),
            backend: None,
            program: compiled.program,
            is_binary: compiled.is_binary,
            source,
        }
    }

    /// Reads a line into `line`; `None`: it is in another format.
    pub fn read<'a>(&'a self, body: &'a [u8], line: &mut Option<Traffic<'a>>) -> Option<Decoded> {
        if self.is_binary {
            return None;
        }
        let fields = self
            .program
            .run(body)
            .filter(|fields| self.is_enough(fields))?;
        Some(match decode::traffic(self, &fields, body, self.source) {
            None => Decoded::Unjudged,
            some => {
                *line = some;
                Decoded::Traffic
            }
        })
    }

    /// It tells a backend and an outcome, so that failures show in it.
    pub fn is_telling(&self) -> bool {
        let has = |slot| self.program.shape(slot).is_some();
        !self.is_binary
            && (has(Slot::Backend) || self.backend.is_some())
            && (has(Slot::Status) || has(Slot::State))
    }

    pub(super) fn counts(&self, body: &[u8]) -> Counts {
        self.fields(body, decode::counts)
    }

    pub(super) fn request<'a>(&self, body: &'a [u8]) -> Request<'a> {
        self.fields(body, decode::request)
    }

    pub(super) fn request_line<'a>(&self, body: &'a [u8]) -> &'a [u8] {
        let slots = [Slot::Request, Slot::Uri, Slot::Path];
        self.fields(body, |f| slots.into_iter().find_map(|s| f.get(s)))
            .unwrap_or_default()
    }

    pub(super) fn captures<'a>(&self, body: &'a [u8]) -> &'a [u8] {
        let slots = [Slot::RequestCaptures, Slot::ResponseCaptures];
        self.fields(body, |f| slots.into_iter().find_map(|s| f.get(s)))
            .unwrap_or_default()
    }

    fn fields<'a, T: Default>(&self, body: &'a [u8], read: impl Fn(&Fields<'a>) -> T) -> T {
        self.program
            .run(body)
            .map(|fields| read(&fields))
            .unwrap_or_default()
    }

    /// A cut line must have told what matters before its end.
    fn is_enough(&self, fields: &Fields<'_>) -> bool {
        !fields.is_cut
            || (fields.get(Slot::Backend).is_some()
                && fields
                    .get(Slot::Status)
                    .or(fields.get(Slot::State))
                    .is_some()
                && self.weight() >= WEIGHT_MIN)
    }

    /// How unlikely it is that a line of somebody else fits.
    fn weight(&self) -> u32 {
        let weights = self.program.fields().map(|field| match field.shape {
            Shape::Date(_) => 4,
            Shape::State(_) | Shape::Status | Shape::Address => 2,
            Shape::Number if field.slot.is_some() => 1,
            _ => 0,
        });
        let literal = u32::try_from(self.program.n_literal() / 4).unwrap_or(u32::MAX);
        weights.sum::<u32>().saturating_add(literal)
    }

    fn only_frontend(&self) -> Option<&[u8]> {
        match self.frontends.first() {
            Some(name) if self.frontends.len() == 1 => Some(name.as_bytes()),
            _ => None,
        }
    }

    fn only_backend(&self) -> Option<&[u8]> {
        self.backend.as_deref().map(str::as_bytes)
    }
}
