//! Looking into JSON that somebody else wrote: what is missing or of another type is nothing.

use crate::base::from_rfc3339;
use serde_json::Value;
use std::collections::BTreeSet;

/// What stands at a JSON pointer.
pub(super) fn at<'a>(value: &'a Value, pointer: &str) -> &'a Value {
    value.pointer(pointer).unwrap_or(&Value::Null)
}

/// A member of an object.
pub(super) fn of<'a>(value: &'a Value, key: &str) -> &'a Value {
    value.get(key).unwrap_or(&Value::Null)
}

/// The members of a list; of anything else, none.
pub(super) fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

/// The texts in a list.
pub(super) fn words(value: &Value) -> BTreeSet<&str> {
    list(value).filter_map(Value::as_str).collect()
}

/// The ids of a list of objects.
pub(super) fn ids(value: &Value) -> BTreeSet<&str> {
    list(value)
        .filter_map(|object| at(object, "/id").as_str())
        .collect()
}

/// RFC 3339 in UTC -> microseconds since 1970.
pub(super) fn micros(value: &Value) -> Option<i64> {
    from_rfc3339(value.as_str()?)
}
