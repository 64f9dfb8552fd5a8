//! `nosrv regress`: the samples pass, and a diagnosis that changed does not.

use crate::sample;
use std::fs;
use std::process::Command;

/// Exit code and standard output.
fn nosrv<const N: usize>(args: [&str; N]) -> (i32, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_nosrv"))
        .args(args)
        .output()
        .unwrap();
    (
        output.status.code().unwrap(),
        String::from_utf8(output.stdout).unwrap(),
    )
}

/// The project's own samples are archived incidents.
#[test]
fn regress_passes_on_the_samples_and_fails_on_a_wrong_expectation() {
    let samples = sample::root().join("samples");
    let (code, text) = nosrv(["regress", samples.to_str().unwrap()]);
    assert_eq!(code, 0, "{text}");
    let folder = tempfile::tempdir().unwrap();
    let case = folder.path().join("case");
    fs::create_dir_all(case.join("bundle")).unwrap();
    let bundle = samples.join("seed-app-down/bundle");
    for file in ["journal.txt", "haproxy.cfg"] {
        fs::copy(bundle.join(file), case.join("bundle").join(file)).unwrap();
    }
    let archive = folder.path().to_str().unwrap();
    // Nothing expected yet: that is a failure of the archive, until it is blessed.
    assert_eq!(nosrv(["regress", archive]).0, 2);
    assert_eq!(nosrv(["regress", archive, "--bless"]).0, 0);
    assert_eq!(nosrv(["regress", archive]).0, 0);
    let expectation = case.join("expect.json");
    let written = fs::read_to_string(&expectation).unwrap();
    assert!(written.contains("journal.txt:31"), "{written}");
    let wrong = written.replace("\"listener-refused\"", "\"check-timeout\"");
    fs::write(&expectation, wrong).unwrap();
    let junit = folder.path().join("junit.xml");
    let (code, text) = nosrv(["regress", archive, "--junit", junit.to_str().unwrap()]);
    assert_eq!(code, 1, "{text}");
    let shown =
        "be_app: cause\n        expected  check-timeout\n        got       listener-refused";
    assert!(text.contains(shown), "{text}");
    let xml = fs::read_to_string(&junit).unwrap();
    assert!(xml.contains("failures=\"1\""), "{xml}");
    // A key that is never compared would pass for ever.
    fs::write(&expectation, "{\"couse\": 1}").unwrap();
    assert_eq!(nosrv(["regress", archive]).0, 2);
}
