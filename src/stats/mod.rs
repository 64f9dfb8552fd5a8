//! Figures of traffic as tables: what `halog` prints, of every log that this program reads.
//!
//! The numbers are halog's where both define them; where they differ, the table's file says how and why.

pub mod format;
mod keep;
mod model;
pub mod table;

use crate::base::Precision;
use crate::base::Stamp;
use crate::base::printable;
use crate::base::thousands;
use crate::evidence::figures::Ask;
use crate::evidence::figures::Figures;
use crate::evidence::figures::Read;
use crate::intake::Trouble;
use crate::run::Found;
use crate::stats::table::TABLES;

pub use keep::{Lines, Window};
pub use model::{Cell, Column, InText, Row, Table};

/// Version of the JSON form.
pub const SCHEMA: &str = "nosrv.stats/1";

/// What was asked for.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Names of tables; empty: all.
    pub tables: Vec<String>,
    /// Rows of a table that may be long; `None`: some.
    pub top: Option<usize>,
    /// What URLs and clients are sorted by: a key of [`table::SORTS`]; `None`: by requests.
    pub sort: Option<String>,
}

impl Wanted {
    /// The table is asked for.
    pub fn has(&self, name: &str) -> bool {
        self.tables.is_empty() || self.tables.iter().any(|table| table == name)
    }

    /// What the pass over the logs must count.
    pub fn ask(&self) -> Ask {
        Ask {
            urls: self.has("urls"),
            clients: self.has("clients"),
            timers: self.has("timers"),
            holes: self.has("holes"),
            keep: None,
        }
    }
}

/// All that is printed.
#[derive(Clone, Debug)]
pub struct Stats {
    /// Records, by what they are.
    pub read: Read,
    /// First and last accept date of the lines counted, as HAProxy's local time; `None`: no line has one.
    pub span: Option<(String, String)>,
    /// What was asked for, in words.
    pub filter: Option<String>,
    /// The tables.
    pub tables: Vec<Table>,
    /// What the reader must know.
    pub warnings: Vec<String>,
}

/// Tables of what was counted.
pub fn build(
    mut figures: Figures,
    wanted: &Wanted,
    artifacts: &[Found],
    troubles: &[Trouble],
) -> Stats {
    let read = figures.read;
    let local = |at| Stamp::local(at, Precision::Milli).to_string();
    let span = figures
        .accept
        .map(|(first, last)| (local(first), local(last)));
    let mut warnings = Vec::new();
    for Trouble { name, why, .. } in troubles {
        let place = if name.is_empty() {
            String::new()
        } else {
            format!("{name}: ")
        };
        warnings.push(printable(format!("{place}{why}").as_bytes()));
    }
    let mut cut: Vec<_> = artifacts
        .iter()
        .filter_map(|found| Some((&found.path, found.cut.as_ref()?)))
        .collect();
    cut.sort();
    warnings.extend(
        cut.into_iter()
            .map(|(path, why)| printable(format!("{path}: read only in part: {why}").as_bytes())),
    );
    let said = [
        (read.n_damaged, "damaged traffic lines are not counted"),
        (
            read.n_unjudged,
            "traffic lines whose format names no backend or no outcome are not counted",
        ),
        (
            read.n_undated,
            "traffic lines without any time are left out, because a time was asked for",
        ),
    ];
    warnings.extend(
        said.iter()
            .filter(|(n, _)| *n > 0)
            .map(|(n, text)| format!("{} {text}", thousands(*n))),
    );
    let asked = TABLES.iter().filter(|kind| wanted.has(kind.name));
    let tables = asked
        .map(|kind| (kind.build)(&mut figures, wanted))
        .collect();
    Stats {
        read,
        span,
        filter: None,
        tables,
        warnings,
    }
}
