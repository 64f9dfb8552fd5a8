//! The table: published bugs that leave servers out, up or in a queue where they should not be, and what each leaves behind.
//!
//! A row is here only when the fix, the releases without it and the symptom can be looked up: the commit (its first nine digits) and
//! the issue in HAProxy's public repository, the releases in the `CHANGELOG` of their branch.

use super::symptom;
use super::symptom::Shown;
use super::version::Version;
use crate::diagnosis::Case;

/// One bug.
pub(super) struct Bug {
    /// What it does, a clause.
    pub(super) what: &'static str,
    /// Commit of the fix, and the issue where there is one.
    pub(super) reference: &'static str,
    /// Releases that have it.
    pub(super) affected: &'static [Affected],
    /// What the evidence must show; `None`: it does not.
    pub(super) shows: fn(&Case<'_>) -> Option<Shown>,
}

/// Releases of one branch, first and last included.
pub(super) struct Affected {
    branch: (u32, u32),
    first: u32,
    last: u32,
    /// The release after the last has the fix. Otherwise a later one has, and which is not in the sources.
    then_fixed: bool,
}

impl Affected {
    /// That version is one of them.
    pub(super) fn holds(&self, version: &Version) -> bool {
        self.branch == version.branch && (self.first..=self.last).contains(&version.patch)
    }

    /// Where it is fixed, a sentence without its end.
    pub(super) fn fixed(&self) -> String {
        let (major, minor) = self.branch;
        if self.then_fixed {
            format!("It is fixed in {major}.{minor}.{}", self.last + 1)
        } else {
            format!(
                "{major}.{minor}.{} still has it; update to the latest {major}.{minor}",
                self.last
            )
        }
    }
}

const fn fixed(branch: (u32, u32), first: u32, by: u32) -> Affected {
    Affected {
        branch,
        first,
        last: by - 1,
        then_fixed: true,
    }
}

const fn known(branch: (u32, u32), first: u32, last: u32) -> Affected {
    Affected {
        branch,
        first,
        last,
        then_fixed: false,
    }
}

/// In order; the first that fits is named.
pub(super) const BUGS: &[Bug] = &[
    Bug {
        what: "a server that left its SRV record never leaves maintenance again, although it gets an address",
        reference: "commit 87138c352, issue #793",
        affected: &[fixed((2, 2), 0, 3)],
        shows: symptom::addressed_and_still_out,
    },
    Bug {
        what: "servers of an SRV record go into maintenance and come back again and again, while the record does not change",
        reference: "commit 77f860699, issue #1160",
        affected: &[fixed((2, 2), 10, 11), fixed((2, 3), 6, 7)],
        shows: symptom::removed_and_back,
    },
    Bug {
        what: "a server of an SRV record is set UP before it has an address",
        reference: "commit ab177ac1f",
        affected: &[fixed((2, 2), 0, 11), fixed((2, 3), 0, 7)],
        shows: symptom::up_without_address,
    },
    Bug {
        what: "of several SRV records that name one host only the first follows the host's address",
        reference: "commit 6554742b1, issue #971",
        affected: &[fixed((2, 2), 0, 9), fixed((2, 3), 0, 5)],
        shows: symptom::host_moved,
    },
    Bug {
        what: "the first server of an SRV record takes no part in its resolution",
        reference: "commit 81ba74ae5, issue #1295",
        affected: &[fixed((2, 4), 1, 2)],
        shows: symptom::never_addressed,
    },
    Bug {
        what: "a name that ends in a dot is asked with a wrong last character, and does not exist",
        reference: "commit 0a82cf4c1, issue #1528",
        affected: &[known((2, 4), 8, 9), known((2, 5), 0, 0)],
        shows: symptom::dot_at_the_end,
    },
    Bug {
        what: "the state file's line of a server in maintenance by DNS is refused, so the server starts without its saved state",
        reference: "commit eaab7325a, issue #576",
        affected: &[
            fixed((2, 0), 0, 21),
            fixed((2, 2), 0, 10),
            fixed((2, 3), 0, 6),
        ],
        shows: symptom::state_line_refused,
    },
    Bug {
        what: "a server whose name stops resolving counts as UP again at once, without an address",
        reference: "commit 80aba1d28",
        affected: &[fixed((3, 0), 0, 3)],
        shows: symptom::up_at_once,
    },
    Bug {
        what: "requests stay in the queue until `timeout queue`, although the servers are idle",
        reference: "issue #3290",
        affected: &[known((3, 2), 0, 13)],
        shows: symptom::queue_before_idle_servers,
    },
    Bug {
        what: "a request that enters the queue just as the last one leaves its server stays there until `timeout queue`",
        reference: "commit 5541d4995",
        affected: &[
            fixed((2, 6), 0, 19),
            fixed((2, 8), 0, 11),
            fixed((3, 0), 0, 4),
        ],
        shows: symptom::queue_before_idle_servers,
    },
];
