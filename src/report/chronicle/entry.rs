//! One event before it is on paper: its time as a number, and what decides its order.

use crate::base::Cite;
use crate::base::Precision;
use crate::base::SECOND;
use crate::base::Span;

/// Whose clock and order an event follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Track {
    /// Messages of one log: they stand in the order in which they were written.
    Log(u32),
    /// Requests, by their accept date.
    Requests,
    /// A capture of its own, by artifact and offset.
    Capture(u32, u64),
}

/// One event.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    /// UTC; `None`: nothing tells.
    pub(super) at: Option<i64>,
    pub(super) precision: Precision,
    /// Zone, year or day were not in the source.
    pub(super) assumed: bool,
    /// Its clock is not tied to the others', or its time is a neighbour's: nothing tells its order among theirs.
    pub(super) untied: bool,
    /// How far the time may be off in either direction, microseconds.
    pub(super) slack: i64,
    pub(super) track: Track,
    pub(super) kind: &'static str,
    pub(super) host: Box<str>,
    pub(super) frontend: String,
    /// Backends that it concerns; empty: all.
    pub(super) backends: Vec<String>,
    pub(super) server: String,
    pub(super) text: String,
    pub(super) count: Option<u64>,
    pub(super) cite: Option<Cite>,
    pub(super) copies: u32,
}

impl Draft {
    pub(super) fn new(kind: &'static str, at: Option<i64>, track: Track) -> Draft {
        Draft {
            at,
            precision: Precision::Second,
            assumed: false,
            untied: false,
            slack: 0,
            track,
            kind,
            host: "".into(),
            frontend: String::new(),
            backends: Vec::new(),
            server: String::new(),
            text: String::new(),
            count: None,
            cite: None,
            copies: 1,
        }
    }

    /// What the list is sorted by; the rest only makes it the same every time.
    pub(super) fn key(&self) -> (bool, Option<i64>, Option<Span>, Track, &'static str, &str) {
        let span = self.cite.as_ref().map(|cite| cite.span);
        let undated = self.at.is_none();
        (undated, self.at, span, self.track, self.kind, &self.text)
    }

    /// The first moment at which it can have happened, and the first at which it cannot any more: a stamp is cut, not rounded.
    pub(super) fn span(&self) -> Option<(i64, i64)> {
        let width = match self.precision {
            Precision::Second => SECOND,
            Precision::Milli => SECOND / 1000,
            Precision::Micro => 1,
        };
        let at = self.at?;
        Some((at - self.slack, at + width + self.slack))
    }
}
