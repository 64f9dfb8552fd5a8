//! What an incident is like, without a name, an address, a time or a number of anybody's: two incidents of one kind have the
//! same, in whatever company, year or carrier.
//!
//! Shape: words such as `cause:listener-refused`, `step:NoServer:most`, `lost:L4CON:all`, `order:trigger>lost>failed>back`.

use crate::diagnosis::Case;
use crate::diagnosis::Conclusion;
use crate::incident::Reason;
use sha2::Digest as _;
use std::collections::BTreeMap;

/// Bytes of the hash that are shown.
const SHOWN: usize = 6;

/// The kind of an incident.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fingerprint {
    /// Hash of the features: equal for equal ones, in every version that knows the same words.
    pub id: String,
    /// The features, sorted.
    pub features: Vec<String>,
}

/// The fingerprint of a concluded incident.
pub fn fingerprint(case: &Case<'_>, conclusion: &Conclusion) -> Fingerprint {
    let mut features = vec![
        format!("cause:{}", conclusion.cause.id),
        format!("order:{}", order(case, conclusion)),
        format!("end:{}", end(case.incident.recovered)),
    ];
    if let Some((id, ..)) = &conclusion.trigger {
        features.push(format!("trigger:{id}"));
    }
    features.extend(
        conclusion
            .factors
            .iter()
            .map(|(id, _)| format!("factor:{id}")),
    );
    features.extend(steps(case));
    features.extend(losses(case));
    features.sort();
    features.dedup();
    let hash = sha2::Sha256::digest(features.join("\n"));
    let id = hash.iter().take(SHOWN).map(|byte| format!("{byte:02x}"));
    Fingerprint {
        id: id.collect(),
        features,
    }
}

/// How much of a whole, in words that small changes do not move.
fn part(n: u64, of: u64) -> &'static str {
    match n * 100 {
        percent if percent >= of * 95 => "all",
        percent if percent >= of * 50 => "most",
        percent if percent >= of * 5 => "some",
        _ => "few",
    }
}

/// At which steps requests failed.
fn steps(case: &Case<'_>) -> Vec<String> {
    let mut steps: Vec<_> = case.incident.failures.keys().map(|key| key.step).collect();
    steps.sort_unstable();
    steps.dedup();
    let of = case.incident.n_failed();
    let share = |step| part(case.incident.n_step(step), of);
    let named = steps.into_iter().map(|step| (step, share(step)));
    named
        .filter(|(_, share)| *share != "few")
        .map(|(step, share)| format!("step:{step:?}:{share}"))
        .collect()
}

/// Why servers were lost, and how many of the pool.
fn losses(case: &Case<'_>) -> Vec<String> {
    let mut reasons = BTreeMap::<String, u64>::new();
    for loss in &case.losses {
        *reasons.entry(word(loss.reason)).or_default() += 1;
    }
    let of = case.server_names().len() as u64;
    let named = reasons.into_iter();
    named
        .map(|(reason, n)| format!("lost:{reason}:{}", part(n, of)))
        .collect()
}

fn word(reason: &Reason) -> String {
    let plain = match reason {
        Reason::Check(report) => return report.status.short().to_owned(),
        Reason::Agent(report) => return format!("agent-{}", report.status.short()),
        Reason::Observe(report) => return format!("observe-{}", report.status.short()),
        Reason::Tracked(_) => "tracked",
        Reason::Admin(_) => "admin",
        Reason::Configured => "configured",
        Reason::Weight => "weight",
        Reason::Dns(_) => "dns",
        Reason::Command(_) => "command",
        Reason::StateFile => "state-file",
        Reason::Unsaid => "unsaid",
    };
    plain.to_owned()
}

/// What came after what; steps that share a moment keep the order of this list.
fn order(case: &Case<'_>, conclusion: &Conclusion) -> String {
    let trigger = conclusion.trigger.as_ref().and_then(|(.., found)| found.at);
    let requests = (case.incident.n_failed() > 0).then_some(case.incident.window);
    let back = case.incident.recovered_at.map(|(at, _)| at);
    let mut phases: Vec<(i64, &str)> = [
        (trigger, "trigger"),
        (case.losses.iter().filter_map(|loss| loss.at).min(), "lost"),
        (requests.and_then(|window| window.start), "failed"),
        (back, "back"),
    ]
    .into_iter()
    .filter_map(|(at, phase)| Some((at? / crate::base::SECOND, phase)))
    .collect();
    phases.sort_by_key(|(at, _)| *at);
    let phases: Vec<&str> = phases.into_iter().map(|(_, phase)| phase).collect();
    phases.join(">")
}

fn end(recovered: Option<bool>) -> &'static str {
    match recovered {
        Some(true) => "recovered",
        Some(false) => "ongoing",
        None => "unknown",
    }
}

#[cfg(test)]
mod tests {
    use super::fingerprint;
    use crate::diagnosis::conclude;
    use crate::testing;

    #[test]
    fn names_addresses_and_times_do_not_change_it() {
        let log = testing::lost_to(testing::REFUSED);
        let other = log
            .replace("be_app", "shop")
            .replace("app1", "web-7")
            .replace("proxy01", "lb2")
            .replace("192.0.2.50", "198.51.100.9")
            .replace("21:53", "03:17");
        let of = |log: &str| {
            testing::with_case(&[("a.log", log)], |case| fingerprint(case, &conclude(case)))
        };
        assert_eq!(of(&log), of(&other));
        let features = of(&log).features;
        assert!(
            features.contains(&"lost:L4CON:all".to_owned()),
            "{features:?}"
        );
        assert!(
            features.contains(&"order:lost>failed".to_owned()),
            "{features:?}"
        );
        let timeouts = of(&testing::lost_to("Layer4 timeout"));
        assert_ne!(timeouts.id, of(&log).id);
    }
}
