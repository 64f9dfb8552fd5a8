//! Bytes of a log -> records: who wrote a line, where and when, and what is left of it as the body.
//!
//! One file per carrier under [`form`]. Nothing here fails: a line in no known carrier is a record without stamp.

mod alike;
pub mod form;
mod framing;
mod instant;
pub mod journal;
mod reader;
mod tag;

use crate::base::Stamp;

pub use framing::{Frame, Framing, frames};
pub use reader::Reader;

/// One record: a line of a text carrier, or one entry of a structured one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Record<'a> {
    /// When it was written, as the carrier says; `None`: the carrier has no time.
    pub stamp: Option<Stamp>,
    /// Host; empty when the carrier has none.
    pub host: &'a [u8],
    /// Syslog identifier or program name; empty when the carrier has none.
    pub ident: &'a [u8],
    /// Pid of the writer; `None` when the carrier has none.
    pub pid: Option<u32>,
    /// The message.
    pub body: &'a [u8],
    /// The body is only a part of what the artifact holds for this record (JSON, export, verbose): quote the body, not the bytes.
    pub structured: bool,
    /// Number of what stands before the message: records of one [`Reader`] with the same number have the same stamp, host,
    /// identifier and pid. 0: nothing is known of it.
    pub head: u32,
    /// Number of its writer: records of one [`Reader`] with the same number have the same host, identifier and pid. 0: nothing
    /// is known of it.
    pub writer: u32,
}

/// Body of a record whose message journalctl did not print: over 4096 bytes in JSON without `--all`.
pub const LEFT_OUT: &[u8] = b"null";

/// Which carriers a log's first bytes show, for the report: the name of the first form that fits a line.
pub fn name(head: &[u8]) -> &'static str {
    match Framing::of(head) {
        Framing::Export => "journal export",
        Framing::Verbose => "journalctl verbose",
        Framing::PrettyJson => "journalctl json-pretty",
        Framing::Lines => form::name(head),
    }
}

/// The moment that `Fri 2026-06-05 22:00:00 UTC` says, as systemd's tools write it.
pub fn dated(text: &[u8]) -> Option<Stamp> {
    instant::weekday_date_time_zone(text).map(|(stamp, _)| stamp)
}

/// A line begins with a carrier's own header: it is not the rest of the line before it.
pub fn starts_record(line: &[u8]) -> bool {
    form::read_line(line).is_some_and(|head| {
        let named = !head.host.is_empty() && !head.ident.is_empty();
        head.stamp.is_some() || head.pid.is_some() || named
    })
}
