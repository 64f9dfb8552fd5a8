//! Rules of JSON Schema, each by a short name.

use serde_json::{Map, Value, json};

/// An object whose `always` keys are required and whose `sometimes` keys may be absent.
pub(super) fn object(always: &[(&str, Value)], sometimes: &[(&str, Value)]) -> Value {
    let required: Vec<&str> = always.iter().map(|(key, _)| *key).collect();
    let properties: Map<String, Value> = always
        .iter()
        .chain(sometimes)
        .map(|(key, value)| ((*key).to_owned(), value.clone()))
        .collect();
    json!({ "type": "object", "required": required, "properties": properties })
}

pub(super) fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/$defs/{name}") })
}

pub(super) fn or_null(value: Value) -> Value {
    json!({ "anyOf": [value, { "type": "null" }] })
}

pub(super) fn list(items: Value, description: &str) -> Value {
    json!({ "type": "array", "items": items, "description": description })
}

pub(super) fn text(description: &str) -> Value {
    if description.is_empty() {
        json!({ "type": "string" })
    } else {
        json!({ "type": "string", "description": description })
    }
}

pub(super) fn time(description: &str) -> Value {
    json!({ "$ref": "#/$defs/time", "description": description })
}

pub(super) fn number(description: &str) -> Value {
    json!({ "type": "integer", "minimum": 0, "description": description })
}

pub(super) fn flag(description: &str) -> Value {
    json!({ "type": "boolean", "description": description })
}

pub(super) fn confidence() -> Value {
    json!({ "type": "number", "minimum": 0, "maximum": 1 })
}

pub(super) fn choice(words: &[&str]) -> Value {
    json!({ "enum": words })
}
