//! The captured version has a published bug that looks like this incident.
//!
//! A version alone proves nothing, and neither does a symptom: only both together are worth a look, and even then the bug may be
//! fixed in this build. So this never changes the cause.
//! Looks alike: the same symptom in a version without the bug, which then has another reason.
//! Known gap: the table holds what can be proved from HAProxy's own change logs and shows in logs or dumps; crashes, leaks and
//! performance are not in it.

mod bugs;
mod symptom;
#[cfg(test)]
mod tests;
mod version;

use crate::diagnosis::Case;
use crate::diagnosis::FactorFinding;
use crate::diagnosis::factor::Factor;
use crate::diagnosis::factor::found;
use bugs::BUGS;

pub(super) const FACTOR: Factor = Factor {
    id: "known-bug-version",
    title: "the version has a published bug that looks like this",
    why: "See https://www.haproxy.org/bugs/ for the captured version (`haproxy -v`) and update to the latest of its branch. A \
          distribution may have back-ported the fix without another number.",
    find,
};

fn find(case: &Case<'_>, _cause: &str) -> Option<FactorFinding> {
    let version = version::captured(case)?;
    let seen = BUGS.iter().find_map(|bug| {
        let affected = bug.affected.iter().find(|range| range.holds(&version))?;
        Some((bug, affected, (bug.shows)(case)?))
    });
    let (bug, affected, (symptom, mut cites)) = seen?;
    let mut text = format!(
        "HAProxy {} has a published bug that looks like this: {} ({}). Here {symptom}. {}",
        version.text,
        bug.what,
        bug.reference,
        affected.fixed()
    );
    if version.is_package {
        text.push_str(
            "; a package of a distribution may have it back-ported, which its change log tells",
        );
    }
    cites.push(version.cite);
    found(text, cites)
}
