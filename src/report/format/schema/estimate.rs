//! Factors with what would have avoided failures, and the replay of usable servers.

use crate::report::format::schema::rule::{list, number, object, or_null, reference, text};
use serde_json::Value;

pub(super) fn factor() -> Value {
    let avoidable = object(
        &[
            ("by", text("what would have avoided them")),
            (
                "requests",
                number("failed requests or sessions, at most; an estimate"),
            ),
            ("of", number("all that failed in the incident")),
            (
                "assuming",
                text("what the estimate takes for granted; completes \"if\""),
            ),
        ],
        &[],
    );
    object(
        &[
            ("id", text("id of the catalogue")),
            ("explanation", text("a sentence with numbers")),
            ("evidence", reference("evidence_ids")),
        ],
        &[(
            "avoidable",
            list(
                avoidable,
                "alternatives, which do not add up; absent: the artifacts do not tell",
            ),
        )],
    )
}

pub(super) fn replay() -> Value {
    let rest = object(
        &[
            (
                "kind",
                text("connect, queue, routing, policy, application, limits, no-server or other"),
            ),
            ("requests", number("how many")),
            (
                "cause",
                or_null(text(
                    "explains failures of this kind here; null: none does, or several",
                )),
            ),
        ],
        &[],
    );
    object(
        &[
            (
                "requests",
                number("failed in a time without a usable server, by HAProxy's messages"),
            ),
            ("of", number("all that failed in the incident")),
            ("rest", list(rest, "the others, by kind")),
        ],
        &[],
    )
}
