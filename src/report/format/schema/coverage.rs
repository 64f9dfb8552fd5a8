//! Schema of what was read, what is missing in it, and what was asked for.

use crate::report::format::schema::rule::{list, number, object, or_null, text, time};
use serde_json::Value;

pub(super) fn filter() -> Value {
    let names = |of: &str| list(text(""), &format!("names or patterns of {of}; empty: all"));
    object(
        &[
            (
                "since",
                or_null(time("incidents that ended before are left out")),
            ),
            (
                "until",
                or_null(time("incidents that began after it are left out")),
            ),
            ("backends", names("backends")),
            ("frontends", names("frontends")),
            (
                "incidents_left_out",
                number("found, and not in this report"),
            ),
        ],
        &[],
    )
}

pub(super) fn looked_at() -> Value {
    object(
        &[
            ("requests", number("traffic lines")),
            (
                "failed",
                number("of those, answered 503, and TCP streams that failed"),
            ),
            ("other_5xx", number("of those, answered with another 5xx")),
            ("first", or_null(time("accept date of the first request"))),
            ("last", or_null(time("accept date of the last request"))),
            (
                "backends",
                list(text(""), "backends with requests, at most 50"),
            ),
            ("n_backends", number("backends with requests")),
            ("messages", number("messages of HAProxy")),
            ("could_hide", list(text(""), "what could hide an incident")),
        ],
        &[],
    )
}

/// Of one log.
pub(super) fn coverage() -> Value {
    let hole = object(
        &[
            (
                "from",
                time("end of the last second with a request before it"),
            ),
            ("to", time("first second with a request after it")),
        ],
        &[],
    );
    let suppressed = object(
        &[
            ("at", or_null(time("when it was said; null: unknown"))),
            (
                "messages",
                or_null(number("null: the message does not say")),
            ),
            ("of", or_null(text("unit or process that wrote them"))),
            ("line", number("line that says so, 1-based")),
        ],
        &[],
    );
    object(
        &[
            (
                "first",
                or_null(time("earliest record; null: no record has a time")),
            ),
            ("last", or_null(time("latest record"))),
            ("requests", number("traffic lines")),
            ("messages", number("messages of HAProxy")),
            (
                "holes",
                list(
                    hole,
                    "times without a request that are too long for this log to be chance",
                ),
            ),
            ("cuts", list(text(""), "where it is cut")),
            (
                "suppressed",
                list(suppressed, "messages that were left out of it"),
            ),
        ],
        &[],
    )
}
