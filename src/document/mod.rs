//! Documents -> configs, dumps and captures, each with where it stands and when it was taken.
//!
//! Joins what `artifact` splits with what `config`, `dump` and `capture` parse. Keeps the bytes, so that any line can be cited.

mod configuration;
mod read;

use crate::artifact::Kind;
use crate::base::Cite;
use crate::base::Place;
use crate::base::Stamp;
use crate::base::Text;
use crate::capture::Capture;
use crate::config::Config;
use crate::dump::Dump;
use std::collections::BTreeMap;

pub use configuration::{Configuration, Source, by_suffix, pattern_lines};
pub use read::{Raw, read};

/// Every document of a bundle.
#[derive(Clone, Debug, Default)]
pub struct Documents {
    /// Configurations, in order of path.
    pub configs: Vec<ConfigDoc>,
    /// Dumps, in order of path and place.
    pub dumps: Vec<DumpDoc>,
    /// Captures, in order of path and place.
    pub captures: Vec<CaptureDoc>,
    /// What each document holds: its parts, with counts for the report.
    pub parts: BTreeMap<u32, Vec<PartNote>>,
    /// Map and ACL files, in order of path.
    pub patterns: Vec<PatternDoc>,
    texts: BTreeMap<u32, Vec<u8>>,
}

/// One part of a document, for the report's list of artifacts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PartNote {
    /// What it is.
    pub kind: Kind,
    /// Where it starts.
    pub at: Place,
    /// Rows, directives or captures understood.
    pub n_records: u64,
    /// Rows that were damaged.
    pub n_broken: u64,
    /// First damaged row.
    pub first_broken: Option<Place>,
}

/// How a capture's time is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum How {
    /// Its own content says so.
    Content,
    /// Its file's name says so.
    Name,
    /// The prompt before it shows the time of day.
    Prompt,
    /// The archive's entry says so.
    Archive,
}

/// When a capture was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Taken {
    /// The time as written. From a prompt: on day 1970-01-01, local.
    pub stamp: Stamp,
    /// How it is known.
    pub how: How,
}

/// One configuration.
#[derive(Clone, Debug)]
pub struct ConfigDoc {
    /// The artifact.
    pub source: u32,
    /// Its path.
    pub path: String,
    /// What it says.
    pub config: Config,
}

/// One dump.
#[derive(Clone, Debug)]
pub struct DumpDoc {
    /// The artifact.
    pub source: u32,
    /// Where it starts.
    pub at: Place,
    /// Its path.
    pub path: String,
    /// When it was taken.
    pub taken: Option<Taken>,
    /// What it says.
    pub dump: Dump,
}

/// One capture.
#[derive(Clone, Debug)]
pub struct CaptureDoc {
    /// The artifact.
    pub source: u32,
    /// Its path.
    pub path: String,
    /// Host of the prompt; empty when there is none.
    pub host: String,
    /// When it was taken.
    pub taken: Option<Taken>,
    /// What it says.
    pub capture: Capture,
}

/// One map or ACL file.
#[derive(Clone, Debug)]
pub struct PatternDoc {
    /// Its path.
    pub path: String,
    /// Its lines.
    pub lines: Vec<String>,
}

impl Documents {
    /// The pattern files that a configuration names, as far as the bundle has them, by the name used there.
    pub fn files_of(&self, config: &Config) -> BTreeMap<String, Vec<String>> {
        let wanted = config.pattern_files().into_iter();
        let find = |name: String| {
            let path = by_suffix(&name, self.patterns.iter().map(|doc| doc.path.as_str()))?;
            let doc = self.patterns.iter().find(|doc| doc.path == path)?;
            Some((name, doc.lines.clone()))
        };
        wanted.filter_map(find).collect()
    }

    /// Every dated capture, a last resort for the year of syslog stamps.
    pub fn stamps(&self) -> Vec<Stamp> {
        let dumps = self.dumps.iter().filter_map(|doc| doc.taken);
        let captures = self.captures.iter().filter_map(|doc| doc.taken);
        dumps
            .chain(captures)
            .filter(|taken| taken.how != How::Prompt)
            .map(|taken| taken.stamp)
            .collect()
    }

    /// Quotes a line of a document by its number; `None`: it has fewer.
    pub fn cite_line(&self, source: u32, number: u64) -> Option<Cite> {
        let text = Text::new(self.texts.get(&source)?);
        let line = text.lines().find(|line| line.place.line == number)?;
        Some(self.cite(source, line.place))
    }

    /// Dates that captures mention, such as since when a unit runs: they tell the year where nothing else does.
    pub fn mentioned(&self) -> Vec<Stamp> {
        let since = |doc: &CaptureDoc| match &doc.capture {
            Capture::Unit(unit) => unit.since,
            _ => None,
        };
        self.captures.iter().filter_map(since).collect()
    }

    /// Quotes the line at a place of a document; secrets of a configuration are hidden.
    pub fn cite(&self, source: u32, place: Place) -> Cite {
        let bytes = self.texts.get(&source).map_or(&[][..], Vec::as_slice);
        let start = usize::try_from(place.offset).unwrap_or(usize::MAX);
        let rest = bytes.get(start..).unwrap_or(&[]);
        let line = Text::at(rest, place)
            .lines()
            .next()
            .map_or(&[][..], |line| line.bytes);
        // Parts that were run into a paragraph count lines of their own; the offset is always right.
        let n_before = memchr::memchr_iter(b'\n', bytes.get(..start).unwrap_or(bytes)).count();
        let place = Place {
            line: n_before as u64 + 1,
            offset: place.offset,
        };
        let is_config = self.configs.iter().any(|doc| doc.source == source);
        if is_config {
            let shown = crate::config::secrets_hidden(line);
            return Cite::document(source, place, shown.as_bytes());
        }
        Cite::document(source, place, line)
    }
}
