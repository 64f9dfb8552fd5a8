//! Every sample against its `expect.json`, its `report.snap`, and the whole catalogue.

use crate::sample;
use crate::sample::Sample;
use nosrv::diagnosis::Case;
use nosrv::diagnosis::Verdict;
use nosrv::diagnosis::cause::CATALOGUE;
use nosrv::intake::Limits;
use nosrv::regress::differences;
use std::fmt::Write as _;
use std::panic::AssertUnwindSafe;
use std::panic::catch_unwind;

#[test]
fn every_sample_is_concluded_as_expected() {
    let mut wrong = String::new();
    let mut n_wrong = 0;
    for sample in sample::all() {
        let report = serde_json::to_value(sample.report()).unwrap();
        let differences = differences(&report, &sample.expect);
        n_wrong += usize::from(!differences.is_empty());
        for difference in differences {
            writeln!(wrong, "{}: {difference:#?}", sample.name).unwrap();
        }
    }
    assert!(wrong.is_empty(), "{n_wrong} samples differ:\n{wrong}");
}

/// The wording, beside the bundle: who reads a sample can read what the program says of it.
#[test]
fn every_sample_reads_as_its_report() {
    let mut differ = Vec::new();
    for sample in sample::all() {
        let text = sample::render(&sample.report(), "text");
        let mut settings = insta::Settings::new();
        settings.set_snapshot_path(&sample.folder);
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        // One run shows, or accepts, all that changed.
        let check = AssertUnwindSafe(|| settings.bind(|| insta::assert_snapshot!("report", text)));
        if catch_unwind(check).is_err() {
            differ.push(sample.name);
        }
    }
    assert!(
        differ.is_empty(),
        "report.snap differs or is missing: {differ:#?}"
    );
}

/// A cause that begins to fire elsewhere shows here at once.
#[test]
fn every_sample_meets_every_cause() {
    let rows: Vec<String> = sample::all().iter().map(row).collect();
    let mut settings = insta::Settings::new();
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!("cross-table", rows.join("\n")));
}

/// The pipeline up to the verdicts of all causes, which the report shows only in part.
fn row(sample: &Sample) -> String {
    let limits = Limits::default();
    let (leaves, _) = nosrv::intake::discover(&[sample.bundle()], &limits);
    let read = nosrv::assemble(&leaves, &limits, &nosrv::clock::Given::default());
    let (bundle, incidents) = (read.bundle, read.incidents);
    let mut text = format!("{}\n", sample.name);
    if incidents.is_empty() {
        text.push_str("  no incident\n");
    }
    for (incident, conclusion) in nosrv::conclude(&bundle, incidents) {
        let cause = &conclusion.cause;
        writeln!(
            text,
            "  {} -> {} {:.2}",
            incident.backend, cause.id, cause.confidence
        )
        .unwrap();
        let case = Case::new(&bundle, &incident);
        let (mut found, mut open, mut ruled_out) = (Vec::new(), Vec::new(), Vec::new());
        for cause in CATALOGUE {
            match (cause.examine)(&case) {
                Verdict::Found(finding) => {
                    found.push(format!("{} ({:.2})", cause.id, finding.share))
                }
                Verdict::CannotTell(_) => open.push(cause.id.to_owned()),
                Verdict::RuledOut(_) => ruled_out.push(cause.id.to_owned()),
            }
        }
        for (label, ids) in [
            ("found", found),
            ("cannot tell", open),
            ("ruled out", ruled_out),
        ] {
            if !ids.is_empty() {
                writeln!(text, "    {label}: {}", ids.join(", ")).unwrap();
            }
        }
    }
    text
}
