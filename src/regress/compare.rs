//! What a report says otherwise than an expectation.

use crate::base::SECOND;
use crate::regress::Difference;
use crate::regress::value::{at, ids, list, micros, of, words};
use serde_json::Value;
use std::collections::BTreeSet;

/// How far the edges of a window may be off unless the expectation says (`tolerance_s`), microseconds: expectations are often
/// written by whoever saw the clients' side.
const WINDOW_SLACK: i64 = SECOND;
/// Factors that follow from the config alone: naming them is never wrong, and not naming them neither.
const FREE_FACTORS: [&str; 4] = [
    "no-backup",
    "single-server",
    "check-elsewhere",
    "backup-down",
];
/// The catalogue's word for a trigger that is not there, `null` in a report.
const NONE_SEEN: &str = "none-seen";

/// Everything that differs; empty: the report is as expected.
pub fn differences(report: &Value, expected: &Value) -> Vec<Difference> {
    let mut all = Vec::new();
    if let Some(verdict) = expected
        .get("verdict")
        .filter(|&v| v != at(report, "/verdict"))
    {
        all.push(whole(
            "verdict",
            text(verdict),
            text(at(report, "/verdict")),
        ));
    }
    if expected.get("incidents").is_some() {
        incidents(report, expected, &mut all);
    }
    let not = words(at(expected, "/not_causes"));
    for incident in list(at(report, "/incidents")) {
        let id = at(incident, "/cause/id").as_str().unwrap_or_default();
        if not.contains(id) {
            all.push(whole("not_causes", format!("no {id}"), id.to_owned()));
        }
    }
    all
}

fn incidents(report: &Value, expected: &Value, all: &mut Vec<Difference>) {
    let tolerance = at(expected, "/tolerance_s").as_f64();
    let mut left: Vec<&Value> = list(at(report, "/incidents")).collect();
    for fact in list(at(expected, "/incidents")) {
        match nearest(fact, &left) {
            Some(index) => {
                let incident = left.remove(index);
                let mut found = Comparison {
                    report,
                    incident,
                    fact,
                    slack: tolerance.map_or(WINDOW_SLACK, slack),
                    free: words(at(expected, "/also_factors")),
                    found: Vec::new(),
                };
                found.compare();
                all.append(&mut found.found);
            }
            None => {
                let cause = text(at(fact, "/cause"));
                let mut missed = whole("incidents", cause, "no such incident".to_owned());
                missed.backend = backend(fact);
                all.push(missed);
            }
        }
    }
    // A row that only mirrors another pool's fault is no new incident.
    let roots: Vec<&Value> = list(at(expected, "/incidents"))
        .map(|fact| at(fact, "/root"))
        .collect();
    for extra in left {
        let mirrored = |root: &&Value| {
            at(root, "/backend") == at(extra, "/backend")
                && at(root, "/cause") == at(extra, "/cause/id")
        };
        if !roots.iter().any(mirrored) {
            let mut more = whole(
                "incidents",
                "no such incident".to_owned(),
                text(at(extra, "/cause/id")),
            );
            more.backend = backend(extra);
            more.evidence = lines(report, extra)
                .into_iter()
                .map(|l| format!("+ {l}"))
                .collect();
            all.push(more);
        }
    }
}

/// A tolerance in seconds as microseconds.
#[expect(
    clippy::cast_possible_truncation,
    reason = "a cast of a float saturates, and so large a tolerance means any window"
)]
fn slack(seconds: f64) -> i64 {
    (seconds * 1e6) as i64
}

fn whole(what: &str, expected: String, got: String) -> Difference {
    Difference {
        backend: String::new(),
        what: what.to_owned(),
        expected,
        got,
        evidence: Vec::new(),
    }
}

fn backend(incident: &Value) -> String {
    crate::base::printable(
        at(incident, "/backend")
            .as_str()
            .unwrap_or_default()
            .as_bytes(),
    )
}

/// A value as a reader wants it: texts without quotes.
fn text(value: &Value) -> String {
    let written = value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned);
    crate::base::printable(written.as_bytes())
}

/// Of the reported incidents of the expected backend, the one that begins nearest.
fn nearest(fact: &Value, reported: &[&Value]) -> Option<usize> {
    let also: Vec<&Value> = list(at(fact, "/also_backend")).collect();
    let start = micros(at(fact, "/window/start"));
    let distance = |incident: &Value| match (micros(at(incident, "/window/start")), start) {
        (Some(said), Some(start)) => (said - start).abs(),
        _ => i64::MAX,
    };
    let concerns = |incident: &Value| {
        fact.get("backend").is_none()
            || at(incident, "/backend") == at(fact, "/backend")
            || also.contains(&at(incident, "/backend"))
    };
    let candidates = reported.iter().enumerate();
    let mine = candidates.filter(|(_, incident)| concerns(incident));
    mine.min_by_key(|(_, incident)| distance(incident))
        .map(|(index, _)| index)
}

/// Where the evidence of an incident's cause stands: `path:line`.
pub(super) fn lines(report: &Value, incident: &Value) -> Vec<String> {
    let cited = words(at(incident, "/cause/evidence"));
    let evidence = list(at(report, "/evidence"));
    let mine = evidence.filter(|e| at(e, "/id").as_str().is_some_and(|id| cited.contains(id)));
    let place = |e: &Value| {
        let artifacts = &mut list(at(report, "/artifacts"));
        let artifact = artifacts.find(|a| at(a, "/id") == at(e, "/artifact"))?;
        Some(format!(
            "{}:{}",
            at(artifact, "/path").as_str()?,
            at(e, "/line")
        ))
    };
    mine.filter_map(place).collect()
}

/// One incident and what is expected of it.
struct Comparison<'a> {
    report: &'a Value,
    incident: &'a Value,
    fact: &'a Value,
    slack: i64,
    /// Factors that are never wrong in this archive.
    free: BTreeSet<&'a str>,
    found: Vec<Difference>,
}

impl Comparison<'_> {
    fn compare(&mut self) {
        let (incident, fact) = (self.incident, self.fact);
        let cause = at(incident, "/cause/id");
        if fact.get("cause").is_some() {
            self.expect(
                "cause",
                accepts(fact, "cause", "also_acceptable", cause),
                cause,
            );
        }
        if !at(fact, "/frontend").is_null() {
            let same = at(incident, "/frontend") == at(fact, "/frontend");
            self.expect("frontend", same, at(incident, "/frontend"));
        }
        self.servers();
        if fact.get("trigger").is_some() && at(fact, "/trigger_known") != false {
            let id = match at(incident, "/trigger") {
                Value::Null => &Value::Null,
                trigger => at(trigger, "/id"),
            };
            self.expect("trigger", accepts(fact, "trigger", "also_trigger", id), id);
        }
        for edge in ["start", "end"] {
            let Some(truth) = micros(of(at(fact, "/window"), edge)) else {
                continue;
            };
            let said = micros(of(at(incident, "/window"), edge));
            let near = said.is_some_and(|said| (said - truth).abs() <= self.slack);
            self.expect("window", near, at(incident, "/window"));
        }
        self.counts();
        if fact.get("recovered").is_some() {
            let same = at(incident, "/recovered") == at(fact, "/recovered");
            self.expect("recovered", same, at(incident, "/recovered"));
        }
        let down = at(incident, "/recovery/still_down");
        let asked = fact.get("still_down").is_some();
        if asked && (at(fact, "/recovered") == true || !down.is_null()) {
            let same = words(down) == words(at(fact, "/still_down"));
            self.expect("still_down", same, down);
        }
        self.factors();
        self.moved();
    }

    fn expect(&mut self, what: &str, right: bool, got: &Value) {
        if !right {
            self.add(what, text(of(self.fact, what)), text(got));
        }
    }

    fn add(&mut self, what: &str, expected: String, got: String) {
        self.found.push(Difference {
            backend: backend(self.fact),
            ..whole(what, expected, got)
        });
    }

    /// Where all servers share one cause, whatever is accepted for the incident is accepted for them.
    fn servers(&mut self) {
        let Some(truth) = at(self.fact, "/servers").as_object() else {
            return;
        };
        let kinds: BTreeSet<&str> = truth.values().filter_map(Value::as_str).collect();
        for (name, cause) in truth {
            let mine = list(at(self.incident, "/servers"))
                .find(|server| at(server, "/name") == name.as_str());
            let said = mine.map_or(&Value::Null, |server| at(server, "/cause"));
            let alike = kinds.len() == 1 && accepts(self.fact, "cause", "also_acceptable", said);
            if said != cause && !alike {
                let (server, said) = (text(&Value::from(name.as_str())), text(said));
                self.add(
                    "servers",
                    format!("{server}: {}", text(cause)),
                    format!("{server}: {said}"),
                );
            }
        }
    }

    fn counts(&mut self) {
        if at(self.fact, "/count_known") == false {
            return;
        }
        let impact = at(self.incident, "/impact");
        let logged = match at(self.fact, "/http_503_logged") {
            Value::Null => "http_503",
            _ => "http_503_logged",
        };
        for (key, got) in [
            (logged, at(impact, "/http_503")),
            ("nosrv", at(impact, "/nosrv")),
        ] {
            let expected = self.fact.get(key);
            self.expect(key, expected.is_none_or(|expected| expected == got), got);
        }
    }

    fn factors(&mut self) {
        if self.fact.get("factors").is_none() || at(self.fact, "/factors_known") == false {
            return;
        }
        let said = ids(at(self.incident, "/factors"));
        let (must, may) = (
            words(at(self.fact, "/factors")),
            words(at(self.fact, "/also_factors")),
        );
        let is_free = |factor: &str| FREE_FACTORS.contains(&factor);
        for &factor in &must {
            if !said.contains(factor) && !is_free(factor) {
                self.add("factors", factor.to_owned(), format!("no {factor}"));
            }
        }
        for &factor in &said {
            let right = must.contains(factor) || may.contains(factor) || self.free.contains(factor);
            if !right && !is_free(factor) {
                self.add("factors", format!("no {factor}"), factor.to_owned());
            }
        }
    }

    /// The lines that the conclusion stands on now, against those that it stood on, shown with the first difference.
    fn moved(&mut self) {
        let now = lines(self.report, self.incident);
        let Some(first) = self.found.first_mut() else {
            return;
        };
        let before = words(at(self.fact, "/evidence"));
        let gone = before.iter().filter(|line| !now.iter().any(|l| l == *line));
        first.evidence.extend(gone.map(|line| format!("- {line}")));
        let new = now.iter().filter(|line| !before.contains(line.as_str()));
        first.evidence.extend(new.map(|line| format!("+ {line}")));
    }
}

/// The answer is the expected one or another right one.
fn accepts(fact: &Value, key: &str, also: &str, said: &Value) -> bool {
    let none = |value: &Value| value.is_null() || value == NONE_SEEN;
    let right = |value: &Value| value == said || none(value) && none(said);
    right(of(fact, key)) || list(of(fact, also)).any(right)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn expected() -> Value {
        json!({"verdict": "incident", "not_causes": ["no-route"], "incidents": [{
            "cause": "listener-refused", "backend": "be_app", "frontend": "fe_app", "servers": {"app1": "listener-refused"},
            "trigger": "service-stopped", "factors": ["redundancy-lost", "no-backup"],
            "window": {"start": "2026-06-05T21:53:41.611000Z", "end": "2026-06-05T21:54:27Z"}, "evidence": ["a.log:3"],
            "http_503": 8, "http_503_logged": 7, "nosrv": 5, "recovered": true, "still_down": ["app2"]}]})
    }

    fn right() -> Value {
        json!({"verdict": "incident", "incidents": [{
            "cause": {"id": "listener-refused", "evidence": ["E1"]}, "backend": "be_app", "frontend": "fe_app",
            "servers": [{"name": "app1", "cause": "listener-refused"}],
            "trigger": {"id": "service-stopped"}, "factors": [{"id": "redundancy-lost"}],
            "window": {"start": "2026-06-05T21:53:42Z", "end": "2026-06-05T21:54:26.1Z"},
            "impact": {"http_503": 7, "nosrv": 5}, "recovered": true, "recovery": {"still_down": ["app2"]}}],
            "evidence": [{"id": "E1", "artifact": "A1", "line": 4}], "artifacts": [{"id": "A1", "path": "a.log"}]})
    }

    #[test]
    fn each_wrong_answer_is_named() {
        assert_eq!(differences(&right(), &expected()), []);
        for (pointer, wrong, n) in [
            ("/verdict", json!("no-incident"), 1),
            ("/incidents", json!([]), 1),
            ("/incidents/0/backend", json!("be_api"), 2),
            ("/incidents/0/cause/id", json!("no-route"), 2),
            ("/incidents/0/frontend", json!("fe_web"), 1),
            ("/incidents/0/servers/0/cause", json!("check-timeout"), 1),
            ("/incidents/0/trigger", Value::Null, 1),
            ("/incidents/0/impact/http_503", json!(8), 1),
            ("/incidents/0/impact/nosrv", json!(7), 1),
            (
                "/incidents/0/window/start",
                json!("2026-06-05T21:53:43Z"),
                1,
            ),
            ("/incidents/0/window/end", Value::Null, 1),
            ("/incidents/0/factors/0/id", json!("flapping"), 2),
            ("/incidents/0/recovered", json!(false), 1),
            ("/incidents/0/recovery/still_down", json!([]), 1),
        ] {
            let mut report = right();
            *report.pointer_mut(pointer).unwrap() = wrong;
            let wrong = differences(&report, &expected());
            assert_eq!(wrong.len(), n, "{pointer}: {wrong:#?}");
        }
    }

    #[test]
    fn what_is_not_expected_is_not_compared() {
        let expected = json!({"incidents": [{"cause": "listener-refused"}]});
        assert_eq!(differences(&right(), &expected), []);
        assert_eq!(differences(&right(), &json!({})), []);
        let wrong = differences(&right(), &json!({"incidents": [{"trigger": null}]}));
        assert_eq!(wrong[0].what, "trigger");
    }

    #[test]
    fn a_difference_shows_the_evidence_that_moved() {
        let mut report = right();
        report["incidents"][0]["cause"]["id"] = json!("check-timeout");
        let wrong = differences(&report, &expected());
        assert_eq!(wrong[0].evidence, ["- a.log:3", "+ a.log:4"]);
        assert_eq!(
            (&*wrong[0].expected, &*wrong[0].got),
            ("listener-refused", "check-timeout")
        );
    }

    #[test]
    fn the_tolerance_of_windows_can_be_set() {
        let mut wide = expected();
        wide["tolerance_s"] = json!(5);
        let mut report = right();
        report["incidents"][0]["window"]["start"] = json!("2026-06-05T21:53:45Z");
        assert_eq!(differences(&report, &expected()).len(), 1);
        assert_eq!(differences(&report, &wide), []);
    }
}
