//! The tables, one file each, and the one list of them.

mod holes;
mod keys;
mod servers;
mod status;
mod termination;
mod timers;

use crate::evidence::figures::Figures;
use crate::stats::Table;
use crate::stats::Wanted;

pub use keys::{SORTS, Sort};

/// One table.
pub struct Kind {
    /// Value of `--tables`.
    pub name: &'static str,
    /// One line for `--help`.
    pub about: &'static str,
    /// Makes it of what was counted.
    pub build: fn(&mut Figures, &Wanted) -> Table,
}

/// The list of tables, in the order of the output.
pub const TABLES: [Kind; 7] = [
    Kind {
        name: "status",
        about: "requests by status code, as halog -st",
        build: status::build,
    },
    Kind {
        name: "servers",
        about: "answers, errors and times of each server, as halog -srv",
        build: servers::build,
    },
    Kind {
        name: "termination",
        about: "requests by termination state, as halog -tc",
        build: termination::build,
    },
    Kind {
        name: "timers",
        about: "percentiles of each timer, as halog -pct",
        build: timers::build,
    },
    Kind {
        name: "urls",
        about: "requests, errors, times and bytes by URL, as halog -u",
        build: keys::urls,
    },
    Kind {
        name: "clients",
        about: "the same by client address, as halog -ic",
        build: keys::clients,
    },
    Kind {
        name: "holes",
        about: "times without an accepted request, as halog -ad",
        build: holes::build,
    },
];
