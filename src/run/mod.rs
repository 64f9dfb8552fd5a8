//! Threads: leaves side by side, blocks of large logs side by side, decompression beside decoding.
//!
//! The only room with rayon. Blocks are cut at fixed offsets of the uncompressed bytes and hold the records that start in them,
//! so the evidence, the line numbers and the citations are the same whatever the number of threads.

mod blocks;
mod formats;
mod gather;
mod journal;
mod pass;
mod reading;
mod scan;
mod shelf;
mod tailed;
mod threads;

use crate::artifact::Kind;
use crate::evidence::Evidence;
use crate::intake::Trouble;

pub use gather::gather;
pub use shelf::documents;
pub use threads::{discard, each, with_threads};

/// Everything read from a bundle.
#[derive(Debug, Default)]
pub struct Gathered<S = Evidence> {
    /// The artifacts, in the order of the report.
    pub artifacts: Vec<Found>,
    /// What the logs say.
    pub evidence: S,
    /// What could not be read.
    pub troubles: Vec<Trouble>,
}

/// One artifact.
#[derive(Debug)]
pub struct Found {
    /// Number that spans and citations name it by.
    pub source: u32,
    /// Path as the report shows it.
    pub path: String,
    /// What it is.
    pub kind: Kind,
    /// Carrier of a log; empty otherwise.
    pub carrier: &'static str,
    /// Size as given.
    pub n_bytes: u64,
    /// SHA-256 as given; `None`: too large.
    pub sha256: Option<String>,
    /// Modification time of an archive's member, seconds since 1970.
    pub modified: Option<i64>,
    /// The uncompressed bytes, unless it is a log: those are gone.
    pub document: Vec<u8>,
    /// What was done to its bytes before they were read, and what is known to be missing.
    pub notes: Vec<String>,
    /// Reading ended early, and why.
    pub cut: Option<String>,
}
