//! Log formats that a configuration declares: compiled once, read beside the built-in ones.
//!
//! A format is a row of literals and fields (`compile`); a line that has all of them in that order is read (`program`),
//! and gives the same event as a built-in line does (`decode`), with fewer fields where the format has fewer.

mod compile;
mod date;
mod declared;
mod decode;
mod fields;
mod glue;
mod guess;
mod infer;
mod known;
mod part;
mod program;
mod quick;
mod scan;
mod set;
mod starts;
mod variable;
mod way;

use crate::event::traffic::Counts;
use crate::event::traffic::Decoded;
use crate::event::traffic::Request;
use crate::event::traffic::Source;
use crate::event::traffic::Traffic;
use crate::event::traffic::accept;
use decode::Clocks;
use fields::Fields;
use fields::Values as _;
use program::Program;
use quick::{Found, Quick};
use std::collections::BTreeSet;
use variable::Shape;
use variable::Slot;

pub use infer::infer;
pub use set::Formats;

pub(super) use known::Known;
pub(super) use scan::last_colon;
pub(super) use scan::state as is_state;
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
    /// The one of them, when there is only one.
    only_frontend: Option<String>,
    /// Backends that all its lines go to, when the configuration says that there is only one.
    backend: Option<String>,
    program: Program,
    /// The steps to what every line is asked for, where that is enough to know a line of this format.
    quick: Option<Quick>,
    clocks: Clocks,
    weight: u32,
    is_binary: bool,
    /// Frontend, backend and server stand side by side in its lines, so that all from the first to the last is a key to them.
    is_keyed: bool,
    /// A configuration declares it, and no line of the fast decoder begins like its lines.
    is_own: bool,
    /// It tells the frontend and more: a line whose frontend declares it is in it, whatever its backend.
    is_believed: bool,
    /// Its place among the formats of the bundle.
    number: usize,
    source: Source,
}

/// Weight of fields that a foreign line has hardly by chance; a format below it is believed only with known names.
const WEIGHT_MIN: u32 = 6;

/// `option httplog` and `option tcplog`, which the fast decoder reads.
///
/// Source: configuration manual 3.2, "HTTP log format", "TCP log format".
const BUILT_IN_TEXTS: [&str; 2] = [
    "%ci:%cp [%tr] %ft %b/%s %TR/%Tw/%Tc/%Tr/%Ta %ST %B %CC %CS %tsc %ac/%fc/%bc/%sc/%rc %sq/%bq %hr %hs %{+Q}r",
    "%ci:%cp [%t] %ft %b/%s %Tw/%Tc/%Tt %B %ts %ac/%fc/%bc/%sc/%rc %sq/%bq",
];

impl Format {
    /// Compiles a format string. Never fails: what is unknown is opaque text.
    pub fn new(text: &str, source: Source) -> Format {
        let compiled = compile::compile(text);
        let weight = weight(&compiled.program);
        Format {
            text: text.to_owned(),
            unknown: compiled.unknown,
            frontends: BTreeSet::new(),
            only_frontend: None,
            backend: None,
            clocks: Clocks::of(&compiled.program),
            is_believed: weight >= WEIGHT_MIN && compiled.program.shape(Slot::Frontend).is_some(),
            weight,
            is_binary: compiled.is_binary,
            is_keyed: false,
            is_own: source == Source::Declared && !compiled.program.begins_as_built_in(),
            number: 0,
            quick: None,
            program: compiled.program,
            source,
        }
    }

    /// Reads a line into `line`; `None`: it is in another format.
    pub fn read<'a>(&'a self, body: &'a [u8], line: &mut Option<Traffic<'a>>) -> Option<Decoded> {
        if self.may_read(body) {
            self.read_with(body, &mut accept::Memory::default(), line)
        } else {
            None
        }
    }

    /// No other declared format is to be told from this one, see [`Program::leave_the_rest`]. `is_alone`: and its frontends declare
    /// no built-in one.
    fn leave_the_rest(&mut self, is_alone: bool) {
        if !self.is_believed {
            return;
        }
        if self.is_own {
            self.program.leave_the_rest();
        }
        if self.is_own || is_alone && self.is_telling() && !self.looks_built_in() {
            self.quick = self.program.quick();
        }
    }

    /// All that tells its lines from built-in ones stands behind what every line is asked for.
    fn looks_built_in(&self) -> bool {
        BUILT_IN_TEXTS.iter().any(|text| {
            let built_in = compile::compile(text).program;
            self.program.is_as_far_as_asked(&built_in)
        })
    }

    /// A line may be in this format, as far as its first byte tells.
    #[inline]
    fn may_read(&self, body: &[u8]) -> bool {
        !self.is_binary && self.program.may_read(body)
    }

    fn read_with<'a>(
        &'a self,
        body: &'a [u8],
        dates: &mut accept::Memory,
        line: &mut Option<Traffic<'a>>,
    ) -> Option<Decoded> {
        let mut fields = Fields::new(body);
        if !self.program.run(&mut fields, dates) || !self.is_enough(&fields) {
            return None;
        }
        match decode::traffic(self, &fields) {
            Some(traffic) => {
                *line = Some(traffic);
                Some(Decoded::Traffic)
            }
            None => Some(Decoded::Unjudged),
        }
    }

    /// Reads a line whose values are all like most, and whether it is of the only frontend that declares the format, as far as that
    /// is known at once; `None`: it has to be read otherwise.
    #[inline(always)]
    fn quickly<'a>(
        &'a self,
        body: &'a [u8],
        dates: &mut accept::Memory,
    ) -> Option<(Traffic<'a>, bool)> {
        let quick = self.quick.as_ref()?;
        let mut found = Found::new(body);
        if !quick.read(&mut found, dates) {
            return None;
        }
        let line = decode::traffic(self, &found)?;
        Some((line, quick.is_of_the_only_one(&found)))
    }

    /// Only this frontend declares it.
    fn set_only_frontend(&mut self, name: &str) {
        self.only_frontend = Some(name.to_owned());
        if let Some(quick) = &mut self.quick {
            quick.set_frontend(name);
        }
    }

    /// It tells a backend and an outcome, so that failures show in it.
    pub fn is_telling(&self) -> bool {
        let has = |slot| self.program.shape(slot).is_some();
        !self.is_binary
            && (has(Slot::Backend) || self.backend.is_some())
            && (has(Slot::Status) || has(Slot::State))
    }

    /// It is the format of one frontend only, and the line is this one's.
    #[inline(always)]
    fn is_of(&self, frontend: &[u8]) -> bool {
        self.is_believed && self.only_frontend() == Some(frontend)
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
        let mut fields = Fields::all(body);
        if self
            .program
            .run(&mut fields, &mut accept::Memory::default())
        {
            read(&fields)
        } else {
            T::default()
        }
    }

    /// A cut line must have told what matters before its end.
    fn is_enough(&self, fields: &Fields<'_>) -> bool {
        !fields.is_cut
            || (fields.get(Slot::Backend).is_some()
                && (fields.status().is_some() || fields.get(Slot::State).is_some())
                && self.weight >= WEIGHT_MIN)
    }

    fn only_frontend(&self) -> Option<&[u8]> {
        self.only_frontend.as_deref().map(str::as_bytes)
    }

    fn only_backend(&self) -> Option<&[u8]> {
        self.backend.as_deref().map(str::as_bytes)
    }
}

/// How unlikely it is that a line of somebody else fits.
fn weight(program: &Program) -> u32 {
    let weights = program.fields().map(|field| match field.shape {
        Shape::Date(_) => 4,
        Shape::State(_) | Shape::Status | Shape::Address => 2,
        Shape::Number if field.slot.is_some() => 1,
        _ => 0,
    });
    let literal = u32::try_from(program.n_literal() / 4).unwrap_or(u32::MAX);
    weights.sum::<u32>().saturating_add(literal)
}
