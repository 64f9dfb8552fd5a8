//! For programs: one object.

use crate::regress::Checked;
use crate::regress::State;
use serde_json::Value;
use serde_json::json;

pub(super) fn render(all: &[Checked]) -> String {
    let count = |of: fn(&State) -> bool| all.iter().filter(|checked| of(&checked.state)).count();
    let cases: Vec<Value> = all.iter().map(case).collect();
    let value = json!({
        "schema": "nosrv.regress/1",
        "as_expected": count(|state| matches!(state, State::Same)),
        "changed": count(|state| matches!(state, State::Changed(_))),
        "failed": count(|state| matches!(state, State::Failed(_))),
        "blessed": count(|state| matches!(state, State::Blessed)),
        "cases": cases,
    });
    let mut text = serde_json::to_string_pretty(&value).unwrap_or_default();
    text.push('\n');
    text
}

fn case(checked: &Checked) -> Value {
    let name = &checked.name;
    match &checked.state {
        State::Same => json!({"name": name, "state": "as-expected"}),
        State::Blessed => json!({"name": name, "state": "blessed"}),
        State::Failed(why) => json!({"name": name, "state": "failed", "why": why}),
        State::Changed(differences) => {
            let differences: Vec<Value> = differences
                .iter()
                .map(|d| {
                    json!({
                        "backend": d.backend, "what": d.what, "expected": d.expected, "got": d.got, "evidence": d.evidence,
                    })
                })
                .collect();
            json!({"name": name, "state": "changed", "differences": differences})
        }
    }
}
