//! A report -> the expectation that it fulfils.

use crate::regress::compare::lines;
use crate::regress::value::{at, ids, list};
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

/// Keys of an expectation that say what was found; the others are somebody's words, and kept.
const FOUND: [&str; 2] = ["verdict", "incidents"];
/// Notes of an incident, taken over where the backend is the same.
const KEPT: [&str; 5] = ["notes", "fault", "client_failures", "meant_for", "root"];

/// The new expectation as text; notes of the old one are kept.
pub fn blessed(report: &Value, old: Option<&Value>) -> String {
    let mut new = old.and_then(Value::as_object).cloned().unwrap_or_default();
    new.retain(|key, _| !FOUND.contains(&key.as_str()));
    new.insert("verdict".to_owned(), at(report, "/verdict").clone());
    let incidents = list(at(report, "/incidents")).map(|incident| {
        let mut fact = fact(report, incident);
        let before = old.and_then(|old| {
            list(at(old, "/incidents"))
                .find(|before| at(before, "/backend") == at(incident, "/backend"))
        });
        for key in KEPT {
            if let Some(kept) = before.and_then(|before| before.get(key)) {
                fact.insert(key.to_owned(), kept.clone());
            }
        }
        Value::Object(fact)
    });
    new.insert("incidents".to_owned(), incidents.collect());
    let mut text = serde_json::to_string_pretty(&new).unwrap_or_default();
    text.push('\n');
    text
}

fn fact(report: &Value, incident: &Value) -> Map<String, Value> {
    let servers: Map<String, Value> = list(at(incident, "/servers"))
        .filter(|server| !at(server, "/cause").is_null())
        .filter_map(|server| {
            Some((
                at(server, "/name").as_str()?.to_owned(),
                at(server, "/cause").clone(),
            ))
        })
        .collect();
    let trigger = match at(incident, "/trigger") {
        Value::Null => Value::Null,
        trigger => at(trigger, "/id").clone(),
    };
    let window = at(incident, "/window");
    let all = [
        ("cause", at(incident, "/cause/id").clone()),
        ("backend", at(incident, "/backend").clone()),
        ("frontend", at(incident, "/frontend").clone()),
        ("servers", Value::Object(servers)),
        ("trigger", trigger),
        (
            "factors",
            ids(at(incident, "/factors")).into_iter().collect(),
        ),
        (
            "window",
            json!({"start": at(window, "/start"), "end": at(window, "/end")}),
        ),
        ("http_503", at(incident, "/impact/http_503").clone()),
        ("nosrv", at(incident, "/impact/nosrv").clone()),
        ("recovered", at(incident, "/recovered").clone()),
        (
            "still_down",
            list(at(incident, "/recovery/still_down"))
                .cloned()
                .collect(),
        ),
        ("evidence", lines(report, incident).into_iter().collect()),
    ];
    all.into_iter()
        .map(|(key, value)| (key.to_owned(), value))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::regress::differences;

    #[test]
    fn what_was_blessed_is_as_expected_and_notes_stay() {
        let report = json!({"verdict": "incident", "incidents": [{
            "cause": {"id": "no-route", "evidence": ["E1"]}, "backend": "fe", "frontend": "fe", "servers": [], "trigger": null,
            "factors": [{"id": "detection-gap"}], "window": {"start": "2026-06-05T21:53:42Z", "end": null},
            "impact": {"http_503": 7, "nosrv": 5}, "recovered": false, "recovery": null}],
            "evidence": [{"id": "E1", "artifact": "A1", "line": 4}], "artifacts": [{"id": "A1", "path": "a.log"}]});
        let old = json!({"notes": "by hand", "verdict": "no-incident", "incidents": [{"backend": "fe", "notes": "kept"}]});
        let text = blessed(&report, Some(&old));
        let new: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(differences(&report, &new), []);
        assert_eq!(new["notes"], "by hand");
        assert_eq!(new["incidents"][0]["notes"], "kept");
        assert_eq!(new["incidents"][0]["evidence"], json!(["a.log:4"]));
        assert!(!differences(&report, &old).is_empty());
    }
}
