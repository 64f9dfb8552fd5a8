//! The schema and the report's model say the same.

use crate::report::IncidentLine;
use crate::report::Report;
use crate::report::format::schema;
use crate::report::sample;
use serde_json::{Map, Value};

/// Everything in which `value` breaks `rule`, and every key that no rule names.
fn faults(root: &Value, rule: &Value, value: &Value, at: &str, out: &mut Vec<String>) {
    if let Some(name) = rule["$ref"].as_str() {
        let name = name.strip_prefix("#/$defs/").unwrap();
        let definition = &root["$defs"][name];
        assert!(definition.is_object(), "no definition {name}");
        return faults(root, definition, value, at, out);
    }
    if let Some(rules) = rule["anyOf"].as_array() {
        let tried = rules.iter().map(|rule| {
            let mut faulty = Vec::new();
            faults(root, rule, value, at, &mut faulty);
            faulty
        });
        return out.extend(tried.min_by_key(Vec::len).unwrap());
    }
    let fits = match rule["type"].as_str() {
        Some("object") => value.is_object(),
        Some("array") => value.is_array(),
        Some("string") => value.is_string(),
        Some("integer") => value.is_u64(),
        Some("number") => value.as_f64().is_some_and(|n| (0.0..=1.0).contains(&n)),
        Some("boolean") => value.is_boolean(),
        Some("null") => value.is_null(),
        Some(other) => panic!("type {other} at {at}"),
        None => {
            rule["const"] == *value || rule["enum"].as_array().is_some_and(|e| e.contains(value))
        }
    };
    if !fits {
        out.push(format!("{at}: {value} is not {rule}"));
    }
    for (index, item) in value.as_array().into_iter().flatten().enumerate() {
        faults(root, &rule["items"], item, &format!("{at}[{index}]"), out);
    }
    if let Some(object) = value.as_object() {
        for (key, item) in object {
            match rule["properties"].get(key) {
                Some(rule) => faults(root, rule, item, &format!("{at}.{key}"), out),
                None => out.push(format!("{at}.{key}: not in the schema")),
            }
        }
        for key in rule["required"].as_array().into_iter().flatten() {
            if !object.contains_key(key.as_str().unwrap()) {
                out.push(format!("{at}.{key}: required, absent"));
            }
        }
    }
}

#[track_caller]
fn check(report: &Report) {
    let schema: Value = serde_json::from_str(&schema()).unwrap();
    let mut out = Vec::new();
    faults(
        &schema,
        &schema,
        &serde_json::to_value(report).unwrap(),
        "",
        &mut out,
    );
    assert_eq!(out, Vec::<String>::new());
}

#[test]
fn the_fixed_report_with_every_key_fits_the_schema() {
    check(&sample::report());
}

#[test]
fn a_report_without_any_optional_key_fits_the_schema() {
    let incident = IncidentLine {
        answered_by: "unknown",
        ..IncidentLine::default()
    };
    check(&Report {
        schema: "nosrv.report/1",
        verdict: "incident",
        incidents: vec![incident],
        ..Report::default()
    });
}

#[test]
fn every_key_of_the_schema_is_used_by_the_fixed_report() {
    let report = serde_json::to_string(&sample::report()).unwrap();
    let schema: Value = serde_json::from_str(&schema()).unwrap();
    let definitions = schema["$defs"].as_object().unwrap();
    for rule in definitions.values().chain([&schema]) {
        for key in rule["properties"]
            .as_object()
            .into_iter()
            .flat_map(Map::keys)
        {
            assert!(report.contains(&format!("\"{key}\":")), "{key}");
        }
    }
}
