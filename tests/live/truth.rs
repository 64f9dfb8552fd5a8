//! What really happened in a run, as the driver knows it, and how a report is compared with it.

use nosrv::base::Precision;
use nosrv::base::rfc3339;
use serde_json::Value;
use serde_json::json;
use std::collections::BTreeSet;

/// How far the edges of a reported window may be off: requests are sent a little before HAProxy accepts them.
const WINDOW_SLACK_MS: i64 = 1000;
/// Factors that follow from the config alone; naming them is never wrong.
const FREE_FACTORS: [&str; 4] = [
    "no-backup",
    "single-server",
    "check-elsewhere",
    "backup-down",
];

/// The catalogue's word for a trigger that is not there, `null` in a report.
const NONE: &str = "none-seen";

/// One incident. Lists are short and in the catalogue's words.
#[derive(Clone, Debug, Default)]
pub(crate) struct Fact {
    pub(crate) cause: &'static str,
    pub(crate) also_causes: &'static [&'static str],
    pub(crate) frontend: &'static str,
    pub(crate) backend: &'static str,
    /// Other right answers for the backend, where none was chosen yet.
    pub(crate) also_backends: &'static [&'static str],
    /// Server and its own cause.
    pub(crate) servers: &'static [(&'static str, &'static str)],
    pub(crate) trigger: Option<&'static str>,
    /// Other right answers; `none-seen` is the report's `null`.
    pub(crate) also_triggers: &'static [&'static str],
    pub(crate) factors: &'static [&'static str],
    pub(crate) also_factors: &'static [&'static str],
    pub(crate) recovered: bool,
    pub(crate) still_down: &'static [&'static str],
    /// Backend and cause that this failure only mirrors.
    pub(crate) root: Option<(&'static str, &'static str)>,
    /// Microseconds since 1970: first failing request sent, last failing answer received.
    pub(crate) window: (i64, i64),
    /// 503 answers that clients received.
    pub(crate) n_503: usize,
    /// Requests that got no HTTP answer.
    pub(crate) n_silent: usize,
    /// 503 lines that HAProxy logged.
    pub(crate) n_503_logged: usize,
    /// Those with `<NOSRV>`.
    pub(crate) n_nosrv: usize,
    /// No line of a request was saved: counts and the edges of the window cannot be known from the files.
    pub(crate) unseen: bool,
}

/// The whole truth about one bundle.
#[derive(Clone, Debug, Default)]
pub(crate) struct Truth {
    pub(crate) incidents: Vec<Fact>,
    /// What a hasty reading would say. `no-incident` without an incident: the files do not even show that there was none.
    pub(crate) not_causes: &'static [&'static str],
}

impl Fact {
    /// Whether a reported incident is about this backend.
    fn concerns(&self, incident: &Value) -> bool {
        match incident["backend"].as_str().unwrap_or("") {
            "" => self.backend == self.frontend || self.also_backends.contains(&""),
            name => name == self.backend || self.also_backends.contains(&name),
        }
    }
}

impl Fact {
    /// Whether a reported incident is about this time.
    fn overlaps(&self, incident: &Value) -> bool {
        let window = &incident["window"];
        let edge = |name: &str| {
            window[name]
                .as_str()
                .unwrap_or("")
                .trim_end_matches('Z')
                .to_owned()
        };
        let shown = |at: i64| rfc3339(at, Precision::Micro);
        edge("start").as_str() <= shown(self.window.1).trim_end_matches('Z')
            && edge("end").as_str() >= shown(self.window.0).trim_end_matches('Z')
    }
}

impl Truth {
    fn verdict(&self) -> &'static str {
        if self.incidents.is_empty() && self.not_causes.contains(&"no-incident") {
            "insufficient-evidence"
        } else if self.incidents.is_empty() {
            "no-incident"
        } else {
            "incident"
        }
    }

    /// `expect.json`. `zone`: minutes east of UTC of the proxy's host.
    pub(crate) fn to_json(&self, scenario: &str, notes: &str, zone: i64) -> Value {
        let timezone = match zone {
            0 => "UTC".to_owned(),
            _ => format!("{:+03}:{:02}", zone / 60, zone.abs() % 60),
        };
        json!({
            "schema": 1, "scenario": scenario, "notes": notes, "log_format": "httplog",
            "timezone": timezone, "verdict": self.verdict(),
            "incidents": self.incidents.iter().map(fact_json).collect::<Vec<_>>(),
            "not_causes": self.not_causes,
        })
    }
}

fn fact_json(fact: &Fact) -> Value {
    let servers: serde_json::Map<_, _> = fact
        .servers
        .iter()
        .map(|(name, cause)| ((*name).to_owned(), json!(cause)))
        .collect();
    let null_or = |id: &&str| if *id == NONE { Value::Null } else { json!(id) };
    let also_triggers: Vec<Value> = fact.also_triggers.iter().map(null_or).collect();
    let mut object = json!({
        "cause": fact.cause, "also_acceptable": fact.also_causes,
        "backend": fact.backend, "frontend": fact.frontend, "servers": servers,
        "trigger": fact.trigger, "also_trigger": also_triggers,
        "factors": fact.factors, "also_factors": fact.also_factors,
        "window": {
            "start": rfc3339(fact.window.0, Precision::Micro),
            "end": rfc3339(fact.window.1, Precision::Micro),
        },
        "http_503": fact.n_503, "client_failures": fact.n_silent, "http_503_logged": fact.n_503_logged, "nosrv": fact.n_nosrv,
        "recovered": fact.recovered, "still_down": fact.still_down,
    });
    let mut also_backends: Vec<Value> = fact.also_backends.iter().map(|be| json!(be)).collect();
    if fact.concerns(&Value::Null) {
        also_backends.push(Value::Null);
    }
    object["also_backend"] = also_backends.into();
    if let Some((backend, cause)) = fact.root {
        object["root"] = json!({"backend": backend, "cause": cause});
    }
    object
}

/// What a report says otherwise than the truth; empty when it is right.
pub(crate) fn differences(report: &Value, truth: &Truth) -> Vec<String> {
    let mut wrong = Vec::new();
    let unknown = "insufficient-evidence";
    let may_be_unknown = |fact: &Fact| fact.also_causes.contains(&unknown);
    let is_allowed = report["verdict"] == unknown && truth.incidents.iter().all(may_be_unknown);
    if report["verdict"] != truth.verdict() && (truth.incidents.is_empty() || !is_allowed) {
        wrong.push(format!("verdict {}", report["verdict"]));
    }
    let reported: Vec<&Value> = report["incidents"]
        .as_array()
        .into_iter()
        .flatten()
        .collect();
    for incident in &reported {
        let backend = incident["backend"].as_str().unwrap_or("");
        let mirrors = |fact: &Fact| fact.root.is_some_and(|(root, _)| root == backend);
        let facts = &truth.incidents;
        if !facts
            .iter()
            .any(|fact| fact.concerns(incident) || mirrors(fact))
        {
            wrong.push(format!(
                "reported for {backend:?}: {}",
                incident["cause"]["id"]
            ));
        }
    }
    for fact in &truth.incidents {
        let is_one_of_several = truth
            .incidents
            .iter()
            .filter(|other| other.backend == fact.backend)
            .count()
            > 1;
        let mut of_backend = reported.iter().filter(|incident| {
            fact.concerns(incident) && (!is_one_of_several || fact.overlaps(incident))
        });
        match (of_backend.next(), of_backend.next()) {
            (Some(incident), None) => compare(incident, fact, &mut wrong),
            (None, _) => wrong.push(format!("{} was missed", fact.backend)),
            (Some(_), Some(_)) => wrong.push(format!("{} was split", fact.backend)),
        }
    }
    wrong
}

fn compare(incident: &Value, fact: &Fact, wrong: &mut Vec<String>) {
    let be = fact.backend;
    let mut expect = |what: &str, right: bool, said: &Value| {
        if !right {
            wrong.push(format!("{be}: {what} {said}"));
        }
    };
    let id = &incident["cause"]["id"];
    let right = *id == fact.cause || fact.also_causes.iter().any(|also| id == also);
    expect("cause", right, id);
    let frontend = &incident["frontend"];
    // Without any line of a request the frontend may be unknown, too.
    let right = *frontend == fact.frontend || (fact.unseen && frontend.is_null());
    expect("frontend", right, frontend);
    let servers = &incident["servers"];
    for (name, cause) in fact.servers {
        let mut found = servers.as_array().into_iter().flatten();
        let right = found.any(|server| server["name"] == *name && server["cause"] == *cause);
        expect(&format!("{name} is {cause}, not"), right, servers);
    }
    let trigger = &incident["trigger"]["id"];
    let said = trigger.as_str().unwrap_or(NONE);
    let right = said == fact.trigger.unwrap_or(NONE) || fact.also_triggers.contains(&said);
    expect("trigger", right, trigger);
    if !fact.unseen {
        traffic(incident, fact, &mut expect);
    }
    let recovered = &incident["recovered"];
    // Who cannot say what it was cannot say that it is over.
    let is_open = id == "insufficient-evidence" && !fact.recovered && recovered.is_null();
    expect(
        "recovered",
        is_open || *recovered == fact.recovered,
        recovered,
    );
    let down = &incident["recovery"]["still_down"];
    let right = names(down) == fact.still_down.iter().copied().collect();
    expect("still down", right || !fact.recovered, down);
    factors(&incident["factors"], fact, &mut expect);
}

/// Counts and window, which only lines of requests can show.
fn traffic(incident: &Value, fact: &Fact, expect: &mut impl FnMut(&str, bool, &Value)) {
    let impact = &incident["impact"];
    expect("http_503", impact["http_503"] == fact.n_503_logged, impact);
    expect("nosrv", impact["nosrv"] == fact.n_nosrv, impact);
    let window = &incident["window"];
    for (edge, truth) in [("start", fact.window.0), ("end", fact.window.1)] {
        let right = near(window[edge].as_str().unwrap_or(""), truth);
        expect(&format!("{edge} of the window"), right, window);
    }
}

fn factors(said: &Value, fact: &Fact, expect: &mut impl FnMut(&str, bool, &Value)) {
    let named: BTreeSet<&str> = said
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|factor| factor["id"].as_str())
        .collect();
    for factor in fact.factors {
        let right = named.contains(factor) || FREE_FACTORS.contains(factor);
        expect(&format!("factor {factor} missing in"), right, said);
    }
    for factor in named {
        let right = fact.factors.contains(&factor)
            || fact.also_factors.contains(&factor)
            || FREE_FACTORS.contains(&factor);
        expect(&format!("factor {factor} too much in"), right, said);
    }
}

fn names(list: &Value) -> BTreeSet<&str> {
    let list = list.as_array().into_iter().flatten();
    list.filter_map(Value::as_str).collect()
}

/// Whether an RFC 3339 time in UTC lies near a time in microseconds.
fn near(said: &str, truth: i64) -> bool {
    // Texts of the same length sort like their times: compare with both ends of the slack.
    let slack = WINDOW_SLACK_MS * 1000;
    let low = rfc3339(truth - slack, Precision::Micro);
    let high = rfc3339(truth + slack, Precision::Micro);
    let said = said.trim_end_matches('Z');
    said >= low.trim_end_matches('Z') && said <= high.trim_end_matches('Z')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn truth() -> Truth {
        let fact = Fact {
            cause: "listener-refused",
            frontend: "fe_app",
            backend: "be_app",
            servers: &[("app1", "listener-refused")],
            trigger: Some("service-stopped"),
            factors: &["redundancy-lost", "no-backup"],
            recovered: true,
            still_down: &["app2"],
            window: (1_000_000_000_000, 1_000_005_000_000),
            n_503_logged: 7,
            n_nosrv: 5,
            ..Fact::default()
        };
        Truth {
            incidents: vec![fact],
            not_causes: &[],
        }
    }

    fn right_report() -> Value {
        json!({"verdict": "incident", "incidents": [{
            "frontend": "fe_app", "backend": "be_app",
            "window": {"start": "1970-01-12T13:46:40.200Z", "end": "1970-01-12T13:46:45.000Z"},
            "impact": {"http_503": 7, "nosrv": 5}, "cause": {"id": "listener-refused"},
            "servers": [{"name": "app1", "cause": "listener-refused"}],
            "trigger": {"id": "service-stopped"}, "factors": [{"id": "redundancy-lost"}],
            "recovered": true, "recovery": {"still_down": ["app2"]},
        }]})
    }

    #[test]
    fn a_right_report_differs_in_nothing() {
        assert_eq!(differences(&right_report(), &truth()), Vec::<String>::new());
    }

    #[test]
    fn each_wrong_answer_is_named() {
        for (pointer, wrong) in [
            ("/verdict", json!("no-incident")),
            ("/incidents/0/cause/id", json!("connect-timeout")),
            ("/incidents/0/frontend", json!("fe_web")),
            ("/incidents/0/servers/0/cause", json!("check-timeout")),
            ("/incidents/0/trigger", Value::Null),
            ("/incidents/0/impact/http_503", json!(8)),
            ("/incidents/0/impact/nosrv", json!(7)),
            ("/incidents/0/window/start", json!("1970-01-12T13:46:38Z")),
            ("/incidents/0/window/end", json!("1970-01-12T15:46:45Z")),
            ("/incidents/0/factors/0/id", json!("flapping")),
            ("/incidents/0/recovered", json!(false)),
            ("/incidents/0/recovery/still_down", json!([])),
        ] {
            let mut report = right_report();
            *report.pointer_mut(pointer).unwrap() = wrong;
            assert!(!differences(&report, &truth()).is_empty(), "{pointer}");
        }
    }

    #[test]
    fn missed_split_and_invented_incidents_are_named() {
        let report = right_report();
        let none = json!({"verdict": "incident", "incidents": []});
        assert_eq!(differences(&none, &truth()), ["be_app was missed"]);
        let twice = json!({"verdict": "incident", "incidents": [
            report["incidents"][0], report["incidents"][0]]});
        assert_eq!(differences(&twice, &truth()), ["be_app was split"]);
        assert_eq!(differences(&report, &Truth::default()).len(), 2);
    }
}
