//! The JSON Schema of the report, which `nosrv schema` prints. It follows `model.rs`; tests hold the two together.

mod coverage;
mod estimate;
mod rule;
#[cfg(test)]
mod tests;

mod kind;

use crate::report::format::schema::rule::{
    choice, confidence, flag, list, number, object, or_null, reference, text, time,
};
use serde_json::{Value, json};

/// JSON Schema 2020-12 of `nosrv.report/1`, ending with a line feed.
///
/// Further keys are allowed everywhere, because keys are only ever added.
pub fn schema() -> String {
    let mut root = object(
        &[
            ("schema", json!({ "const": "nosrv.report/1" })),
            (
                "tool",
                object(
                    &[
                        ("name", text("nosrv")),
                        ("version", text("as in Cargo.toml")),
                    ],
                    &[],
                ),
            ),
            (
                "verdict",
                choice(&["incident", "no-incident", "insufficient-evidence"]),
            ),
            ("summary", text("one sentence a manager can read")),
            (
                "incidents",
                list(reference("incident"), "most severe first"),
            ),
            (
                "evidence",
                list(
                    reference("evidence"),
                    "every cited line, in the order of first use",
                ),
            ),
            (
                "artifacts",
                list(reference("artifact"), "every artifact, by path"),
            ),
            (
                "timeline",
                list(reference("event"), "what happened, in order"),
            ),
            (
                "missing",
                list(reference("missing"), "what would decide the rest"),
            ),
            ("clock", clock()),
            ("looked_at", coverage::looked_at()),
            (
                "warnings",
                list(
                    text(""),
                    "what the reader must know about the reading itself",
                ),
            ),
        ],
        &[("filter", coverage::filter())],
    );
    if let Some(root) = root.as_object_mut() {
        root.insert(
            "$schema".to_owned(),
            json!("https://json-schema.org/draft/2020-12/schema"),
        );
        root.insert("$id".to_owned(), json!("urn:nosrv:report:1"));
        root.insert("title".to_owned(), json!("nosrv report"));
        root.insert("$defs".to_owned(), definitions());
    }
    format!("{root:#}\n")
}

fn definitions() -> Value {
    json!({
        "incident": incident(),
        "cause": cause(),
        "server": server(),
        "transition": transition(),
        "trigger": trigger(),
        "finding": finding(),
        "fix": fix(),
        "evidence": evidence(),
        "artifact": artifact(),
        "event": event(),
        "missing": missing(),
        "time": { "type": "string", "format": "date-time", "pattern": "Z$",
                  "description": "RFC 3339 in UTC, with the precision of its source" },
        "evidence_ids": { "type": "array", "items": { "$ref": "#/$defs/evidence_id" } },
        "evidence_id": { "type": "string", "pattern": "^E[0-9]+$", "description": "id in `evidence`" },
    })
}

fn incident() -> Value {
    object(
        &[
            ("id", text("I1, I2 and so on")),
            ("host", or_null(text("host of HAProxy"))),
            ("frontend", or_null(text("the frontend with most failures"))),
            (
                "backend",
                or_null(text("equals the frontend where no backend was chosen")),
            ),
            ("window", window()),
            ("impact", impact()),
            ("answered_by", choice(&["haproxy", "server", "unknown"])),
            ("cause", reference("cause")),
            (
                "servers",
                list(
                    reference("server"),
                    "each server that failed or matters, by name",
                ),
            ),
            ("trigger", or_null(reference("trigger"))),
            (
                "factors",
                list(estimate::factor(), "what made it worse, longer or likelier"),
            ),
            ("ruled_out", list(reference("finding"), "what it was not")),
            ("fix", reference("fix")),
            (
                "recovered",
                or_null(json!({ "type": "boolean", "description": "null: cannot be told" })),
            ),
            ("recovery", or_null(recovery())),
            ("fingerprint", kind::fingerprint()),
        ],
        &[
            (
                "also",
                list(
                    kind::also(),
                    "other backends that the same fault hit, without a failed request of theirs",
                ),
            ),
            (
                "similar",
                list(
                    kind::similar(),
                    "archived incidents like it; only with --similar",
                ),
            ),
            ("replay", estimate::replay()),
            ("fault", text("shared by the incidents of one fault")),
            (
                "possible",
                list(possible(), "only with cause insufficient-evidence"),
            ),
            (
                "contradictions",
                list(reference("finding"), "what contradicts the conclusion"),
            ),
        ],
    )
}

fn window() -> Value {
    object(
        &[
            (
                "start",
                or_null(time("accept time of the first failing request")),
            ),
            (
                "end",
                or_null(time(
                    "accept time of the last failing request plus its total time",
                )),
            ),
            (
                "last_good",
                or_null(time("accept time of the last good request before it")),
            ),
            (
                "ongoing",
                flag("failures go on to the end of what was captured"),
            ),
        ],
        &[],
    )
}

fn impact() -> Value {
    let route = object(
        &[
            ("host", or_null(text("as requested, when it was captured"))),
            ("path", text("without query")),
            ("http_503", number("failures")),
        ],
        &[],
    );
    object(
        &[
            (
                "requests",
                number("of the backend in the window, good ones included"),
            ),
            ("http_503", number("503 lines of the backend in the window")),
            ("nosrv", number("those of them with <NOSRV>")),
            ("clients", number("distinct addresses that failed")),
            ("routes", list(route, "most failures first")),
        ],
        &[
            ("failed_sessions", number("TCP streams that failed")),
            (
                "clients_estimated",
                flag("`clients` is an estimate; absent when it is exact"),
            ),
            (
                "routes_cut",
                flag("there were more routes; absent when all are listed"),
            ),
        ],
    )
}

fn cause() -> Value {
    object(
        &[
            ("id", text("id of the catalogue")),
            ("confidence", confidence()),
            ("title", text("a few words")),
            ("explanation", text("a paragraph with names and numbers")),
            ("evidence", reference("evidence_ids")),
        ],
        &[],
    )
}

fn server() -> Value {
    object(
        &[
            ("name", text("name on the server line")),
            ("address", or_null(text("address and port"))),
            (
                "cause",
                or_null(text("null: it did not fail, or nothing says why")),
            ),
            ("transitions", list(reference("transition"), "in order")),
        ],
        &[],
    )
}

fn transition() -> Value {
    object(
        &[
            ("at", or_null(time("null: the carrier has no time"))),
            ("from", or_null(text("state before; null: unknown"))),
            ("to", text("state after")),
            ("reason", text("in HAProxy's words")),
            ("evidence", text("id in `evidence`")),
        ],
        &[],
    )
}

fn trigger() -> Value {
    object(
        &[
            ("id", text("id of the catalogue")),
            ("confidence", confidence()),
            ("at", or_null(time("when"))),
            ("explanation", text("a sentence")),
            ("evidence", reference("evidence_ids")),
        ],
        &[],
    )
}

fn finding() -> Value {
    object(
        &[
            ("id", text("id of the catalogue")),
            ("why", text("the evidence against it")),
            ("evidence", reference("evidence_ids")),
        ],
        &[],
    )
}

fn possible() -> Value {
    object(
        &[
            ("id", text("id of the catalogue")),
            ("why", text("what speaks for it, and what is missing")),
        ],
        &[],
    )
}

fn fix() -> Value {
    object(
        &[
            ("steps", list(text(""), "the smallest change to test")),
            (
                "verify",
                list(text(""), "commands that show whether it worked"),
            ),
            (
                "cautions",
                list(text(""), "what not to do, and what to wait for"),
            ),
            (
                "reload_needed",
                flag("the fix touches HAProxy's configuration"),
            ),
        ],
        &[],
    )
}

fn recovery() -> Value {
    object(
        &[
            (
                "at",
                or_null(time(
                    "a usable server again, or the first good request after the window",
                )),
            ),
            (
                "usable_servers",
                or_null(number("at the end of what was captured")),
            ),
            ("still_down", list(text(""), "servers still out at the end")),
        ],
        &[],
    )
}

fn evidence() -> Value {
    object(
        &[
            ("id", reference("evidence_id")),
            ("artifact", text("id in `artifacts`")),
            ("line", number("1-based, or the record's number")),
            ("offset", number("byte offset in the uncompressed artifact")),
            ("at", or_null(time("null: the line has no time"))),
            ("text", text("the line, printable")),
        ],
        &[],
    )
}

fn artifact() -> Value {
    let broken = object(
        &[
            ("line", number("1-based")),
            ("why", text("what is wrong")),
            ("text", text("the line, printable")),
        ],
        &[],
    );
    object(
        &[
            ("id", text("A1, A2 and so on")),
            ("path", text("relative to the argument it came from")),
            ("kind", text("what it is, recognized by content")),
            ("host", or_null(text("whose lines it holds"))),
            ("bytes", number("size as given")),
            (
                "sha256",
                or_null(text("as given; null: not hashed, over 16 MiB")),
            ),
            ("records", number("records, rows or directives understood")),
            ("foreign", number("log lines of other programs")),
            ("broken", number("damaged lines or rows")),
            ("problems", list(text(""), "what is wrong with it")),
        ],
        &[
            ("carrier", text("form of a log's lines")),
            ("coverage", coverage::coverage()),
            (
                "broken_examples",
                list(broken, "the first few damaged lines"),
            ),
        ],
    )
}

fn event() -> Value {
    object(
        &[
            ("at", or_null(time("null: unknown"))),
            ("kind", text("server-down, first-503, reload and so on")),
            ("backend", or_null(text("when it concerns one"))),
            ("server", or_null(text("when it concerns one"))),
            ("text", text("a sentence")),
            ("evidence", or_null(reference("evidence_id"))),
        ],
        &[],
    )
}

fn missing() -> Value {
    object(
        &[
            ("artifact", text("what to capture")),
            ("would_decide", text("what it would decide")),
            ("capture", text("the exact command")),
        ],
        &[],
    )
}

fn clock() -> Value {
    object(
        &[
            (
                "haproxy_offset",
                or_null(text("+02:00; null: unknown, taken as UTC")),
            ),
            ("how", text("from what it was found, or what was assumed")),
        ],
        &[],
    )
}
