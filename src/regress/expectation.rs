//! `expect.json`: what was found right once.

use crate::regress::value::{at, list};
use serde_json::Value;

/// Keys of an expectation. Those after `tolerance_s` are notes for people, and not compared.
pub const KEYS: [&str; 17] = [
    "verdict",
    "incidents",
    "not_causes",
    "also_factors",
    "tolerance_s",
    "schema",
    "scenario",
    "variant",
    "notes",
    "title",
    "why",
    "decidable",
    "established_by",
    "haproxy_version",
    "log_format",
    "timezone",
    "artifacts",
];

/// Keys of an incident in an expectation.
///
/// `also_…` are other right answers; `…_known: false` says that nothing is expected; `client_failures`, `fault`, `meant_for`
/// are notes for people. `evidence` is shown when something else differs, and not compared by itself.
pub const INCIDENT_KEYS: [&str; 25] = [
    "cause",
    "also_acceptable",
    "backend",
    "also_backend",
    "frontend",
    "servers",
    "trigger",
    "also_trigger",
    "trigger_known",
    "factors",
    "also_factors",
    "factors_known",
    "window",
    "http_503",
    "http_503_logged",
    "nosrv",
    "count_known",
    "recovered",
    "still_down",
    "root",
    "evidence",
    "fault",
    "client_failures",
    "meant_for",
    "notes",
];

/// An expectation whose keys are all known.
#[derive(Clone, Debug)]
pub struct Expectation {
    /// As written.
    pub value: Value,
}

impl Expectation {
    /// Reads one.
    ///
    /// # Errors
    /// The text is no JSON object, or has a key that would never be compared: a misspelt one passes every test.
    pub fn read(text: &[u8]) -> Result<Expectation, String> {
        let value: Value = serde_json::from_slice(text)
            .map_err(|error| format!("the expectation is no JSON: {error}"))?;
        let Some(object) = value.as_object() else {
            return Err("the expectation is no JSON object".to_owned());
        };
        known(object.keys(), &KEYS)?;
        for incident in list(at(&value, "/incidents")) {
            let Some(object) = incident.as_object() else {
                return Err("an incident of the expectation is no JSON object".to_owned());
            };
            known(object.keys(), &INCIDENT_KEYS)?;
        }
        Ok(Expectation { value })
    }
}

fn known<'a>(keys: impl Iterator<Item = &'a String>, all: &[&str]) -> Result<(), String> {
    for key in keys {
        if !all.contains(&key.as_str()) {
            let key = crate::base::printable(key.as_bytes());
            return Err(format!(
                "the expectation has a key that is never compared: `{key}`; known are {}",
                all.join(", ")
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::Expectation;

    #[test]
    fn a_misspelt_key_does_not_pass() {
        let read = |text: &str| Expectation::read(text.as_bytes()).map(|_| ());
        assert_eq!(read(r#"{"verdict": "incident", "incidents": []}"#), Ok(()));
        let wrong = read(r#"{"verdikt": "incident"}"#).unwrap_err();
        assert!(wrong.contains("`verdikt`"), "{wrong}");
        let wrong = read(r#"{"incidents": [{"couse": "no-route"}]}"#).unwrap_err();
        assert!(wrong.contains("`couse`"), "{wrong}");
        assert!(read("[]").is_err() && read("{").is_err() && read("{\"incidents\": [1]}").is_err());
    }
}
