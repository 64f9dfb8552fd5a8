//! The built program as a user starts it: exit codes, outputs, messages.

use crate::sample;
use crate::sample::Sample;
use serde_json::Value;
use std::ffi::OsStr;
use std::fs;
use std::io::Read as _;
use std::io::Write as _;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;
use std::process::Stdio;
use tempfile::TempDir;

/// A run of the program.
struct Run {
    code: i32,
    out: String,
    err: String,
}

fn nosrv<A: AsRef<OsStr>>(args: impl IntoIterator<Item = A>) -> Run {
    run(Command::new(env!("CARGO_BIN_EXE_nosrv")).args(args), b"")
}

fn run(command: &mut Command, input: &[u8]) -> Run {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    let output = child.wait_with_output().unwrap();
    Run {
        code: output.status.code().expect("no signal ended it"),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

fn seed() -> String {
    sample::root()
        .join("samples/seed-app-down/bundle")
        .display()
        .to_string()
}

fn quiet() -> String {
    sample::root()
        .join("samples/quiet/healthy-traffic/bundle")
        .display()
        .to_string()
}

fn json(path: &Path) -> Run {
    nosrv([
        OsStr::new("analyze"),
        OsStr::new("--format=json"),
        path.as_os_str(),
    ])
}

fn report(run: &Run) -> Value {
    serde_json::from_str(&run.out).unwrap_or_else(|error| panic!("{error}: {}{}", run.out, run.err))
}

/// A folder with a log of one failure; tests put something broken beside it.
fn folder() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let log = sample::root().join("samples/seed-app-down/bundle/journal.txt");
    fs::copy(log, folder.path().join("journal.txt")).unwrap();
    let path = folder.path().to_owned();
    (folder, path)
}

fn warns(run: &Run, text: &str) -> bool {
    let report = report(run);
    let warnings = report["warnings"].as_array().unwrap();
    warnings
        .iter()
        .any(|warning| warning.as_str().unwrap().contains(text))
}

#[test]
fn a_report_is_exit_code_0_whatever_it_says() {
    for bundle in [seed(), quiet()] {
        let run = nosrv(["analyze", &bundle]);
        assert_eq!((run.code, run.err.as_str()), (0, ""));
        assert!(!run.out.is_empty());
    }
}

#[test]
fn exit_code_1_is_an_incident_when_it_is_asked_for() {
    assert_eq!(nosrv(["analyze", "--exit-code", &seed()]).code, 1);
    assert_eq!(nosrv(["analyze", "--exit-code", &quiet()]).code, 0);
}

#[test]
fn exit_code_2_wins_and_the_rest_is_reported() {
    let run = nosrv([
        "analyze",
        "--exit-code",
        "--format",
        "json",
        "no-such-file",
        &seed(),
    ]);
    assert_eq!(run.code, 2);
    assert!(
        run.err.starts_with("nosrv: no-such-file: cannot be read: "),
        "{}",
        run.err
    );
    assert_eq!(report(&run)["verdict"], "incident");
    assert!(warns(&run, "no-such-file: cannot be read"));
}

#[test]
fn formats_are_those_of_the_table() {
    for format in nosrv::report::format::FORMATS {
        let run = nosrv(["analyze", "--format", format.name, &seed()]);
        let expected = sample::render(&sample::analyze(vec![seed().into()]), format.name);
        assert_eq!((run.code, run.out), (0, expected), "{}", format.name);
    }
    let run = nosrv(["analyze", "--format", "yaml", &seed()]);
    assert_eq!(run.code, 2);
    assert!(
        run.err.contains("[possible values: text, json, markdown]"),
        "{}",
        run.err
    );
}

#[test]
fn outputs_choose_their_format_by_ending() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let (json, md, txt) = (path("r.json"), path("r.md"), path("r.txt"));
    let run = nosrv(["analyze", "-o", &json, "-o", &md, "-o", &txt, &seed()]);
    assert_eq!((run.code, run.out.as_str(), run.err.as_str()), (0, "", ""));
    for (path, format) in [(&json, "json"), (&md, "markdown"), (&txt, "text")] {
        let printed = nosrv(["analyze", "--format", format, &seed()]).out;
        assert_eq!(fs::read_to_string(path).unwrap(), printed);
    }
    let run = nosrv([
        "analyze",
        "-o",
        "-",
        "-o",
        &json,
        "--format",
        "markdown",
        &seed(),
    ]);
    assert_eq!(run.out, fs::read_to_string(md).unwrap());
    let other = path("r.report");
    let run = nosrv(["analyze", "--format", "json", "-o", &other, &seed()]);
    assert_eq!(run.code, 0);
    assert_eq!(fs::read(other).unwrap(), fs::read(json).unwrap());
}

#[test]
fn outputs_that_cannot_be_are_refused_before_the_work() {
    let folder = tempfile::tempdir().unwrap();
    let run = nosrv(["analyze", "-o", "report.html", "no-such-file"]);
    assert_eq!(run.code, 2);
    assert_eq!(
        run.err,
        "nosrv: cannot tell the format of report.html: end it with one of .txt, .json, .md, .markdown, or give --format\n"
    );
    let log = folder.path().join("notes.txt");
    fs::write(&log, "as it was\n").unwrap();
    let path = log.display().to_string();
    let run = nosrv(["analyze", "-o", &path, &path]);
    assert_eq!(run.code, 2);
    assert!(
        run.err
            .ends_with("notes.txt is one of the files to read: it is not overwritten\n"),
        "{}",
        run.err
    );
    assert_eq!(fs::read_to_string(log).unwrap(), "as it was\n");
    let run = nosrv(["analyze", "-o", "/no/such/folder/r.json", &seed()]);
    assert_eq!(run.code, 2);
    assert!(
        run.err
            .starts_with("nosrv: cannot write /no/such/folder/r.json: "),
        "{}",
        run.err
    );
}

#[test]
fn standard_input_is_an_artifact() {
    let log = fs::read(Path::new(&seed()).join("journal.txt")).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_nosrv"));
    let run = run(command.args(["analyze", "--format", "json", "-"]), &log);
    assert_eq!(run.code, 0);
    let report = report(&run);
    assert_eq!(report["artifacts"][0]["path"], "-");
    assert_eq!(report["verdict"], "incident");
}

#[test]
fn standard_input_may_be_any_container_and_a_journal() {
    let journal = sample::root().join("samples/formats/carrier-journal.journal.gz");
    let mut plain = Vec::new();
    let packed = fs::read(journal).unwrap();
    let mut gz = flate2::read::GzDecoder::new(&packed[..]);
    gz.read_to_end(&mut plain).unwrap();
    // beyond what is read whole: zeros are room that the writer took in advance
    let long = [&plain[..], &vec![0; 16 << 20]].concat();
    for bytes in [packed, zstd::encode_all(&long[..], 1).unwrap(), plain, long] {
        let run = run(
            Command::new(env!("CARGO_BIN_EXE_nosrv")).args(["analyze", "--format=json", "-"]),
            &bytes,
        );
        let report = report(&run);
        assert_eq!(report["artifacts"][0]["path"], "-");
        assert_eq!(report["verdict"], "incident");
        assert_eq!(report["incidents"][0]["impact"]["http_503"], 12);
    }
}

#[test]
fn an_empty_folder_is_said_to_be_empty() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("logs")).unwrap();
    let run = json(&folder.path().join("logs"));
    assert_eq!(
        (run.code, run.err.as_str()),
        (2, "nosrv: logs: the folder holds no files\n")
    );
    assert_eq!(report(&run)["verdict"], "insufficient-evidence");
}

#[test]
fn links_and_pipes_in_a_folder_are_left_out_and_named() {
    let (_guard, path) = folder();
    std::os::unix::fs::symlink("/etc/passwd", path.join("passwd")).unwrap();
    std::os::unix::fs::symlink("nowhere", path.join("dangling")).unwrap();
    fifo(&path.join("pipe"));
    let run = json(&path);
    // Nothing of it was asked for by name.
    assert_eq!((run.code, run.err.as_str()), (0, ""));
    assert!(warns(&run, "passwd: a link, not followed"));
    assert!(warns(&run, "dangling: a link, not followed"));
    assert!(warns(&run, "pipe: no regular file, not opened"));
    assert_eq!(report(&run)["verdict"], "incident");
}

#[test]
fn what_is_named_and_cannot_be_read_is_a_failure_and_never_waits() {
    let (_guard, path) = folder();
    std::os::unix::fs::symlink("nowhere", path.join("dangling")).unwrap();
    fifo(&path.join("pipe"));
    let names = ["journal.txt", "dangling", "pipe"].map(|name| path.join(name).into_os_string());
    let run = nosrv(
        ["analyze".into(), "--format=json".into()]
            .into_iter()
            .chain(names),
    );
    assert_eq!(run.code, 2);
    let lines: Vec<&str> = run.err.lines().collect();
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert!(
        lines[0].starts_with("nosrv: dangling: cannot be read: "),
        "{lines:?}"
    );
    assert!(
        lines[1].starts_with("nosrv: pipe: is no regular file: "),
        "{lines:?}"
    );
    assert_eq!(report(&run)["verdict"], "incident");
}

fn fifo(path: &Path) {
    let status = Command::new("mkfifo").arg(path).status().unwrap();
    assert!(status.success());
}

#[test]
fn a_malformed_line_is_counted_and_shown() {
    let (_guard, path) = folder();
    let log = path.join("journal.txt");
    let text = fs::read_to_string(&log).unwrap();
    let whole = text.lines().find(|line| line.contains("<NOSRV>")).unwrap();
    let cut = &whole[..whole.find(" SC--").unwrap()];
    fs::write(&log, format!("{text}{cut}\n")).unwrap();
    let run = json(&path);
    assert_eq!((run.code, run.err.as_str()), (0, ""));
    let report = report(&run);
    let artifact = &report["artifacts"][0];
    assert_eq!(artifact["broken"], 1, "{artifact}");
    let broken = &artifact["broken_examples"][0];
    assert_eq!(broken["line"], text.lines().count() + 1);
    assert_eq!(broken["text"], cut);
    assert_eq!(report["verdict"], "incident");
}

#[test]
fn a_truncated_archive_gives_what_was_before_the_cut() {
    let (_guard, path) = folder();
    let log = fs::read(path.join("journal.txt")).unwrap();
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gz.write_all(&log).unwrap();
    let gz = gz.finish().unwrap();
    fs::remove_file(path.join("journal.txt")).unwrap();
    fs::write(path.join("journal.txt.gz"), &gz[..gz.len() * 4 / 5]).unwrap();
    let run = json(&path);
    assert_eq!(run.code, 2);
    assert!(
        run.err
            .starts_with("nosrv: journal.txt.gz: cut or damaged: "),
        "{}",
        run.err
    );
    assert!(warns(&run, "journal.txt.gz: cut or damaged"));
    let report = report(&run);
    assert_eq!(report["verdict"], "incident");
    assert!(
        report["incidents"][0]["impact"]["http_503"]
            .as_u64()
            .unwrap()
            > 0
    );
}

#[test]
fn limits_are_flags_and_are_named_when_hit() {
    let archive = sample::root().join("samples/causes/admin-drain/bundle");
    for (flag, value) in [("--max-depth", "1"), ("--max-members", "1")] {
        let run = nosrv(["analyze", flag, value, &archive.display().to_string()]);
        assert_eq!(run.code, 2, "{flag}");
        assert!(run.err.contains(&format!("({flag})")), "{}", run.err);
    }
    let run = nosrv(["analyze", "--max-files", "2", &seed()]);
    assert_eq!(run.code, 2);
    assert!(run.err.contains("(--max-files)"), "{}", run.err);
}

#[test]
fn given_times_are_used_or_refused() {
    let run = nosrv(["analyze", "--format", "json", "--tz", "-05:00", &seed()]);
    assert_eq!(report(&run)["clock"]["haproxy_offset"], "-05:00");
    let run = nosrv(["analyze", "--format=json", "--tz", "Europe/Berlin", &seed()]);
    assert_eq!(report(&run)["clock"]["haproxy_offset"], "+02:00");
    assert_eq!(
        report(&run)["incidents"][0]["window"]["start"],
        "2026-06-05T19:53:41.611Z"
    );
    let run = nosrv(["analyze", "--tz", "Europe/Berlyn", &seed()]);
    assert_eq!(run.code, 2);
    assert!(run.err.contains("closest: Europe/Berlin"), "{}", run.err);
    assert_eq!(nosrv(["analyze", "--year", "26", &seed()]).code, 2);
    assert_eq!(nosrv(["analyze", "-j", "0", &seed()]).code, 2);
}

#[test]
fn a_pipe_is_plain_unless_colours_are_asked_for() {
    let plain = nosrv(["analyze", &seed()]).out;
    assert!(!plain.contains('\x1b'));
    assert!(
        plain
            .lines()
            .all(|line| !line.is_empty() || plain.contains("\n\n"))
    );
    let bright = nosrv(["analyze", "--color", "always", &seed()]).out;
    assert!(bright.contains('\x1b'));
    let mut command = Command::new(env!("CARGO_BIN_EXE_nosrv"));
    let none = run(
        command
            .env("NO_COLOR", "1")
            .env("COLUMNS", "40")
            .args(["analyze", &seed()]),
        b"",
    );
    assert_eq!(none.out, plain);
    let never = nosrv(["analyze", "--color", "never", &seed()]).out;
    assert_eq!(never, plain);
}

#[test]
fn a_closed_pipe_ends_quietly() {
    for args in [
        vec!["explain"],
        vec!["schema"],
        vec!["--help"],
        vec!["analyze", "--format", "json"],
    ] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_nosrv"));
        command.args(&args);
        if args[0] == "analyze" {
            // Enough to fill the pipe.
            let samples = sample::all();
            command.args(samples.iter().map(Sample::bundle));
        }
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let mut err = String::new();
        child
            .stderr
            .take()
            .unwrap()
            .read_to_string(&mut err)
            .unwrap();
        assert_eq!(err, "", "{args:?}");
        assert_eq!(child.wait().unwrap().code(), Some(0), "{args:?}");
    }
}

#[test]
fn every_id_is_explained_and_listed() {
    let list = nosrv(["explain"]);
    assert_eq!((list.code, list.err.as_str()), (0, ""));
    for id in nosrv::report::format::catalogue::ids() {
        assert!(list.out.contains(&format!("  {id} ")), "{id}");
        let run = nosrv(["explain", id]);
        assert_eq!((run.code, run.err.as_str()), (0, ""));
        assert!(run.out.starts_with(&format!("{id} (")), "{}", run.out);
    }
}

#[test]
fn an_unknown_id_gets_its_neighbours() {
    let run = nosrv(["explain", "listener-refuse"]);
    assert_eq!((run.code, run.out.as_str()), (2, ""));
    assert_eq!(
        run.err,
        "nosrv: no cause, trigger or factor has the id listener-refuse; closest: listener-refused\n"
    );
    let run = nosrv(["explain", "\x1b[31mxyzzyplugh"]);
    assert_eq!(run.code, 2);
    assert!(
        run.err.contains("`nosrv explain` lists them") && !run.err.contains('\x1b'),
        "{}",
        run.err
    );
}

#[test]
fn the_schema_is_json() {
    let run = nosrv(["schema"]);
    assert_eq!(run.code, 0);
    assert_eq!(
        report(&run)["properties"]["schema"]["const"],
        "nosrv.report/1"
    );
}

#[test]
fn only_commands_that_work_are_there() {
    let help = nosrv(["--help"]);
    assert_eq!(help.code, 0);
    for command in ["analyze", "explain", "schema"] {
        assert!(
            help.out.contains(&format!("\n  {command} ")),
            "{}",
            help.out
        );
    }
    for command in ["timeline", "stats", "route", "check", "regress"] {
        assert_eq!(nosrv([command]).code, 2, "{command}");
    }
    let none: [&str; 0] = [];
    assert_eq!(nosrv(none).code, 2);
    assert_eq!(nosrv(["analyze"]).code, 2);
}
