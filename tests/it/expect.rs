//! What a report says otherwise than `expect.json`.

use serde_json::Value;
use std::collections::BTreeSet;

/// How far the edges of a window may be off, microseconds: the truth was written down by the clients.
const WINDOW_SLACK: i64 = 1_000_000;
/// Factors that follow from the config alone; naming them is never wrong, and not naming them neither.
const FREE_FACTORS: [&str; 4] = [
    "no-backup",
    "single-server",
    "check-elsewhere",
    "backup-down",
];
const UNDECIDED: &str = "insufficient-evidence";

/// Empty when the report is right.
pub(crate) fn differences(report: &Value, truth: &Value) -> Vec<String> {
    let mut wrong = Vec::new();
    if report["verdict"] != truth["verdict"] {
        wrong.push(format!(
            "verdict {}, expected {}",
            report["verdict"], truth["verdict"]
        ));
    }
    let mut left: Vec<&Value> = list(&report["incidents"]).collect();
    for fact in list(&truth["incidents"]) {
        match nearest(fact, &left) {
            Some(index) => compare(left.remove(index), fact, &mut wrong),
            None => wrong.push(format!("the incident of {} was missed", fact["backend"])),
        }
    }
    let roots: Vec<&Value> = list(&truth["incidents"])
        .map(|fact| &fact["root"])
        .collect();
    for extra in left {
        let mirrored = |root: &&Value| {
            root["backend"] == extra["backend"] && root["cause"] == extra["cause"]["id"]
        };
        if !roots.iter().any(mirrored) {
            wrong.push(format!(
                "not expected: {} of {}",
                extra["cause"]["id"], extra["backend"]
            ));
        }
    }
    let not = words(&truth["not_causes"]);
    for incident in list(&report["incidents"]) {
        if incident["cause"]["id"]
            .as_str()
            .is_some_and(|id| not.contains(id))
        {
            wrong.push(format!("fell for {}", incident["cause"]["id"]));
        }
    }
    wrong
}

/// Of the reported incidents of the fact's backend, the one that begins nearest.
fn nearest(fact: &Value, reported: &[&Value]) -> Option<usize> {
    let also: Vec<&Value> = list(&fact["also_backend"]).collect();
    let start = micros(&fact["window"]["start"]);
    let distance = |incident: &Value| match (micros(&incident["window"]["start"]), start) {
        (Some(said), Some(start)) => (said - start).abs(),
        _ => i64::MAX,
    };
    let concerns = |incident: &Value| {
        incident["backend"] == fact["backend"] || also.contains(&&incident["backend"])
    };
    (0..reported.len())
        .filter(|&index| concerns(reported[index]))
        .min_by_key(|&index| distance(reported[index]))
}

fn compare(incident: &Value, fact: &Value, wrong: &mut Vec<String>) {
    let backend = &fact["backend"];
    let mut expect = |what: &str, right: bool, said: &Value| {
        if !right {
            wrong.push(format!("{backend}: {what} {said}, expected {}", fact[what]));
        }
    };
    let accepted = accepted(fact);
    let id = &incident["cause"]["id"];
    expect("cause", accepted.contains(id.as_str().unwrap()), id);
    expect(
        "frontend",
        fact["frontend"].is_null() || incident["frontend"] == fact["frontend"],
        &incident["frontend"],
    );
    let said = servers(incident);
    expect("servers", servers_right(incident, fact), &said);
    let trigger = &incident["trigger"]["id"];
    let right =
        *trigger == fact["trigger"] || list(&fact["also_trigger"]).any(|also| also == trigger);
    expect("trigger", right || fact["trigger_known"] == false, trigger);
    for edge in ["start", "end"] {
        let right = match (
            micros(&incident["window"][edge]),
            micros(&fact["window"][edge]),
        ) {
            (Some(said), Some(truth)) => (said - truth).abs() <= WINDOW_SLACK,
            (_, truth) => truth.is_none(),
        };
        expect("window", right, &incident["window"]);
    }
    if fact["count_known"] != false {
        let (impact, logged) = (&incident["impact"], &fact["http_503_logged"]);
        let right = impact["http_503"] == *logged
            || logged.is_null() && impact["http_503"] == fact["http_503"];
        expect("http_503_logged", right, &impact["http_503"]);
        expect("nosrv", impact["nosrv"] == fact["nosrv"], &impact["nosrv"]);
    }
    expect(
        "recovered",
        incident["recovered"] == fact["recovered"],
        &incident["recovered"],
    );
    let down = &incident["recovery"]["still_down"];
    let asked = fact["recovered"] == true || !down.is_null();
    expect(
        "still_down",
        !asked || words(down) == words(&fact["still_down"]),
        down,
    );
    factors(incident, fact, wrong);
}

/// Where all servers share one cause, whatever is accepted for the incident is accepted for them.
fn servers_right(incident: &Value, fact: &Value) -> bool {
    let Some(truth) = fact["servers"].as_object() else {
        return true;
    };
    let kinds: BTreeSet<&str> = truth.values().filter_map(Value::as_str).collect();
    let accepted = accepted(fact);
    truth.iter().all(|(name, cause)| {
        list(&incident["servers"]).any(|server| {
            let said = server["cause"].as_str();
            let alike = kinds.len() == 1 && said.is_some_and(|said| accepted.contains(said));
            server["name"] == *name && (server["cause"] == *cause || alike)
        })
    })
}

fn servers(incident: &Value) -> Value {
    let pairs = list(&incident["servers"]);
    pairs
        .map(|server| {
            (
                server["name"].as_str().unwrap().to_owned(),
                server["cause"].clone(),
            )
        })
        .collect()
}

fn factors(incident: &Value, fact: &Value, wrong: &mut Vec<String>) {
    if fact["factors_known"] == false {
        return;
    }
    let said: BTreeSet<&str> = list(&incident["factors"])
        .filter_map(|factor| factor["id"].as_str())
        .collect();
    let (must, may) = (words(&fact["factors"]), words(&fact["also_factors"]));
    for factor in &must {
        if !said.contains(factor) && !FREE_FACTORS.contains(factor) {
            wrong.push(format!("{}: factor {factor} is missing", fact["backend"]));
        }
    }
    for factor in &said {
        if !must.contains(factor) && !may.contains(factor) && !FREE_FACTORS.contains(factor) {
            wrong.push(format!("{}: factor {factor} is too much", fact["backend"]));
        }
    }
}

fn accepted(fact: &Value) -> BTreeSet<&str> {
    let mut all = words(&fact["also_acceptable"]);
    all.insert(fact["cause"].as_str().unwrap_or(UNDECIDED));
    all
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn words(value: &Value) -> BTreeSet<&str> {
    list(value).filter_map(Value::as_str).collect()
}

/// RFC 3339 in UTC -> microseconds since 1970.
fn micros(value: &Value) -> Option<i64> {
    let text = value.as_str()?.strip_suffix('Z')?;
    let (seconds, fraction) = text.split_once('.').unwrap_or((text, ""));
    let fields: Vec<u32> = seconds
        .split(['-', 'T', ':'])
        .map(|n| n.parse().unwrap())
        .collect();
    let [year, month, day, hour, minute, second] = fields[..] else {
        panic!("{text} is no time");
    };
    let whole = nosrv::base::Stamp::civil(i64::from(year), month, day, hour, minute, second)?;
    Some(whole + format!("{fraction:0<6}").parse::<i64>().unwrap())
}

/// A right report differs in nothing, and each wrong answer is named.
#[test]
fn differences_name_what_is_wrong() {
    use serde_json::json;
    let truth = json!({"verdict": "incident", "not_causes": ["no-route"], "incidents": [{
        "cause": "listener-refused", "backend": "be_app", "frontend": "fe_app", "servers": {"app1": "listener-refused"},
        "trigger": "service-stopped", "factors": ["redundancy-lost", "no-backup"],
        "window": {"start": "2026-06-05T21:53:41.611000Z", "end": "2026-06-05T21:54:27Z"},
        "http_503": 8, "http_503_logged": 7, "nosrv": 5, "recovered": true, "still_down": ["app2"]}]});
    let right = json!({"verdict": "incident", "incidents": [{
        "cause": {"id": "listener-refused"}, "backend": "be_app", "frontend": "fe_app",
        "servers": [{"name": "app1", "cause": "listener-refused"}],
        "trigger": {"id": "service-stopped"}, "factors": [{"id": "redundancy-lost"}],
        "window": {"start": "2026-06-05T21:53:42Z", "end": "2026-06-05T21:54:26.1Z"},
        "impact": {"http_503": 7, "nosrv": 5}, "recovered": true, "recovery": {"still_down": ["app2"]}}]});
    assert_eq!(differences(&right, &truth), Vec::<String>::new());
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
        let mut report = right.clone();
        *report.pointer_mut(pointer).unwrap() = wrong;
        let wrong = differences(&report, &truth);
        assert_eq!(wrong.len(), n, "{pointer}: {wrong:#?}");
    }
}
