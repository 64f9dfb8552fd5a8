//! The captured version has a published bug that looks like this incident.
//!
//! Known gap: the table is empty. A version alone proves nothing, and a bug belongs here only with its number, the versions that have
//! it and a signature in the artifacts that nothing else leaves; none has been confirmed so far, so this factor is never claimed.

use crate::diagnosis::factor::Factor;

pub(super) const FACTOR: Factor = Factor {
    id: "known-bug-version",
    title: "the version has a published bug that looks like this",
    why: "See https://www.haproxy.org/bugs/ for the captured version (`haproxy -v`) and update to the latest of its branch.",
    find: |_, _| None,
};

#[cfg(test)]
mod tests {
    use super::FACTOR;
    use crate::diagnosis::factor::fixture::{CONFIG, finds};
    use crate::testing::{REFUSED, down, nosrv};

    #[test]
    fn a_version_alone_is_no_evidence() {
        assert!(!finds(
            &FACTOR,
            "listener-refused",
            CONFIG,
            &[down(41, "app1", REFUSED), nosrv(42)]
        ));
    }
}
