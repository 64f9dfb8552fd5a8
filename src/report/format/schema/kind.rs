//! What an incident is like, and what it is alike.

use crate::report::format::schema::{confidence, list, object, or_null, reference, text, time};
use serde_json::Value;

fn features(what: &str) -> Value {
    list(text("such as cause:listener-refused"), what)
}

/// The kind of an incident.
pub(super) fn fingerprint() -> Value {
    object(
        &[
            ("id", text("equal for incidents of one kind")),
            (
                "features",
                features("free of names, addresses, times and numbers"),
            ),
        ],
        &[],
    )
}

/// Another backend of the same fault.
pub(super) fn also() -> Value {
    object(
        &[
            ("backend", text("its name")),
            ("cause", text("id of the catalogue")),
            ("at", or_null(time("when its first server went"))),
            ("evidence", reference("evidence_ids")),
        ],
        &[],
    )
}

/// An archived incident that looks like this one.
pub(super) fn similar() -> Value {
    object(
        &[
            ("name", text("path below the archive's folder")),
            ("incident", text("id of the incident in its report")),
            ("likeness", confidence()),
            ("common", features("of both")),
            ("only_new", features("of the new one only")),
            ("only_archived", features("of the archived one only")),
        ],
        &[],
    )
}
