//! Bundles are never complete: without any one file of a sample, and with any one alone, nothing wrong is claimed.

use crate::sample;
use nosrv::report::Report;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::PathBuf;

/// Confidence from which on a wrong claim is a confident one.
const CONFIDENT: f64 = 0.6;
/// Of all single drops, in percent: so many still get the right answer.
const RIGHT_PERCENT_MIN: usize = 80;

/// Causes that are right answers to some incident of an expectation.
fn accepted(expect: &Value) -> BTreeSet<&str> {
    let incidents = expect["incidents"].as_array().unwrap();
    let all = incidents.iter().flat_map(|fact| {
        let also = fact["also_acceptable"].as_array().into_iter().flatten();
        let root = fact["root"]["cause"].as_str();
        let words = [&fact["cause"]].into_iter().chain(also);
        words.filter_map(Value::as_str).chain(root)
    });
    all.collect()
}

/// What a report claims with confidence and wrongly.
fn confident_wrong(report: &Report, expect: &Value) -> Vec<String> {
    let accepted = accepted(expect);
    let claims = report.incidents.iter().map(|incident| &incident.cause);
    let claims = claims.filter(|c| c.id != "insufficient-evidence" && c.confidence >= CONFIDENT);
    let mut wrong: Vec<String> = claims
        .filter(|cause| !accepted.contains(&*cause.id))
        .map(|cause| format!("{} {:.2}", cause.id, cause.confidence))
        .collect();
    if report.verdict == "no-incident" && !accepted.is_empty() {
        wrong.push("no incident".to_owned());
    }
    wrong
}

fn is_right(report: &Report, expect: &Value) -> bool {
    let accepted = accepted(expect);
    match report.incidents.first() {
        Some(first) => accepted.contains(&*first.cause.id),
        None => accepted.is_empty(),
    }
}

/// Analyzes every choice of files that `choose` makes of every sample: what was wrong, how many were right, how many in all.
fn over_samples(choose: fn(&[PathBuf], usize) -> Vec<PathBuf>) -> (String, usize, usize) {
    let (mut wrong, mut n_right, mut n) = (String::new(), 0, 0);
    for sample in sample::all() {
        let files = sample::files(&sample.bundle());
        if files.len() < 2 {
            continue;
        }
        for (index, file) in files.iter().enumerate() {
            let report = sample::analyze(choose(&files, index));
            n += 1;
            n_right += usize::from(is_right(&report, &sample.expect));
            for claim in confident_wrong(&report, &sample.expect) {
                let name = file.file_name().unwrap().display();
                writeln!(wrong, "{}, {name}: {claim}", sample.name).unwrap();
            }
        }
    }
    (wrong, n_right, n)
}

#[test]
fn without_any_one_file_nothing_wrong_is_claimed_and_most_answers_stay() {
    let all_but = |files: &[PathBuf], index: usize| {
        let mut rest = files.to_vec();
        rest.remove(index);
        rest
    };
    let (wrong, n_right, n) = over_samples(all_but);
    assert!(wrong.is_empty(), "{wrong}");
    assert!(
        n > 100 && n_right * 100 >= n * RIGHT_PERCENT_MIN,
        "{n_right} of {n}"
    );
}

#[test]
fn any_one_file_alone_claims_nothing_wrong() {
    let (wrong, _, n) = over_samples(|files, index| vec![files[index].clone()]);
    assert!(wrong.is_empty(), "{wrong}");
    assert!(n > 100, "{n}");
}
