//! Causes and factors that stand on the configuration cite its lines, wherever a sample has one.

use crate::sample;
use serde_json::Value;

/// What is told from lines of the configuration.
const TOLD: [&str; 11] = [
    "misrouted",
    "no-route",
    "unchecked-server-failed",
    "no-servers-configured",
    "dns-resolution-failed",
    "stale-address",
    "wrong-host-header",
    "detection-gap",
    "no-redispatch",
    "aggressive-timers",
    "checks-disabled",
];

#[test]
fn what_the_configuration_tells_cites_its_lines() {
    let (mut wrong, mut n) = (Vec::new(), 0);
    for one in sample::all() {
        let bundle = one.folder.join("bundle");
        let text = sample::render(&sample::analyze(vec![bundle]), "json");
        let report: Value = serde_json::from_str(&text).unwrap();
        let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
        let configs: Vec<Value> = list(&report["artifacts"])
            .into_iter()
            .filter(|artifact| {
                artifact["kind"]
                    .as_str()
                    .is_some_and(|kind| kind.contains("config"))
            })
            .map(|artifact| artifact["id"].clone())
            .collect();
        if configs.is_empty() {
            continue;
        }
        let is_line = |id: &Value| {
            let evidence = list(&report["evidence"]);
            let cited = evidence.iter().find(|line| line["id"] == *id);
            cited.is_some_and(|line| configs.contains(&line["artifact"]))
        };
        for incident in list(&report["incidents"]) {
            let factors = list(&incident["factors"]);
            for told in factors.iter().chain([&incident["cause"]]) {
                let id = told["id"].as_str().unwrap_or_default();
                if !TOLD.contains(&id) {
                    continue;
                }
                n += 1;
                if !list(&told["evidence"]).iter().any(is_line) {
                    wrong.push(format!("{}: {id}", one.name));
                }
            }
        }
    }
    assert!(wrong.is_empty() && n > 10, "{n}: {wrong:#?}");
}
