//! The README says what is: the output that it shows, the ids, the rooms, a capture block that a shell can read.

use crate::sample;
use nosrv::diagnosis::cause::CATALOGUE;
use nosrv::diagnosis::cause::NONE;
use nosrv::diagnosis::factor::FACTORS;
use nosrv::diagnosis::trigger::TRIGGERS;
use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

/// The text output is shown in two blocks; the second begins here.
const REST: &str = "\nEvidence\n";
const FENCE: &str = "```\n";
/// Two tests write the page anew when asked to.
static PAGE: std::sync::Mutex<()> = std::sync::Mutex::new(());

fn path() -> PathBuf {
    sample::root().join("README.md")
}

fn readme() -> String {
    fs::read_to_string(path()).unwrap()
}

/// Where the fenced block after `<!-- mark -->` stands, without its fences.
fn block(readme: &str, mark: &str) -> std::ops::Range<usize> {
    let mark = format!("<!-- {mark} -->\n```");
    let fence = readme.find(&mark).unwrap_or_else(|| panic!("no {mark}")) + mark.len();
    let start = fence + readme[fence..].find('\n').unwrap() + 1;
    let n = readme[start - 1..].find("\n```\n").unwrap();
    start..start + n
}

/// What stands between `<!-- mark -->` and the next empty line.
fn paragraph(mark: &str) -> String {
    let readme = readme();
    let mark = format!("<!-- {mark} -->\n");
    let start = readme.find(&mark).unwrap_or_else(|| panic!("no {mark}")) + mark.len();
    readme[start..].split("\n\n").next().unwrap().to_owned()
}

/// Words in backticks.
fn ticked(text: &str) -> BTreeSet<String> {
    text.split('`')
        .skip(1)
        .step_by(2)
        .map(str::to_owned)
        .collect()
}

fn set<'a>(ids: impl Iterator<Item = &'a str>) -> BTreeSet<String> {
    ids.map(str::to_owned).collect()
}

/// With `INSTA_UPDATE=always` the blocks are written anew, as snapshots are.
#[test]
fn the_output_shown_is_the_output() {
    let _alone = PAGE.lock().unwrap();
    let readme = readme();
    let output = Command::new(env!("CARGO_BIN_EXE_nosrv"))
        .args(["analyze", "samples/seed-app-down/bundle"])
        .current_dir(sample::root())
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(!text.contains(FENCE), "a fence in the output");
    let at = text
        .find(REST)
        .expect("the heading that the second block begins with")
        + 1;
    let shown = (
        block(&readme, "output: answer"),
        block(&readme, "output: rest"),
    );
    let real = (text[..at].trim_end(), text[at..].trim_end());
    let same = readme[shown.0.clone()].trim_end() == real.0
        && readme[shown.1.clone()].trim_end() == real.1;
    if !same && std::env::var("INSTA_UPDATE").is_ok_and(|update| update == "always") {
        let (before, between, after) = (
            &readme[..shown.0.start],
            &readme[shown.0.end..shown.1.start],
            &readme[shown.1.end..],
        );
        fs::write(
            path(),
            format!("{before}{}\n{between}{}\n{after}", real.0, real.1),
        )
        .unwrap();
        return;
    }
    assert!(
        same,
        "README.md shows another output; `INSTA_UPDATE=always cargo test` writes it anew"
    );
}

/// Shown parts of other outputs: mark, arguments, where the part begins and what follows it; empty: the whole rest.
const PARTS: [(&str, &[&str], &str, &str); 6] = [
    (
        "output: route",
        &[
            "route",
            "samples/causes/misrouted/bundle",
            "http://www.example.com/Shop/7",
        ],
        "",
        "",
    ),
    (
        "output: stats",
        &[
            "stats",
            "--tables",
            "status,servers,timers",
            "samples/seed-app-down/bundle",
        ],
        "",
        "",
    ),
    (
        "output: check",
        &["check", "samples/causes/no-route/bundle/haproxy.cfg"],
        "",
        "",
    ),
    (
        "output: timeline",
        &["timeline", "samples/near-misses/reload-rejected/bundle"],
        "Timeline",
        "",
    ),
    (
        "output: filter",
        &[
            "analyze",
            "--since",
            "21:54:30",
            "samples/seed-app-down/bundle",
        ],
        "",
        "\n== ",
    ),
    (
        "output: coverage",
        &["analyze", "samples/quiet/healthy-traffic/bundle"],
        "What was read",
        "\nClock\n",
    ),
];

#[test]
fn the_parts_of_outputs_shown_are_in_the_output() {
    let _alone = PAGE.lock().unwrap();
    for (mark, args, begin, end) in PARTS {
        let readme = readme();
        let shown = block(&readme, mark);
        let output = Command::new(env!("CARGO_BIN_EXE_nosrv"))
            .args(args)
            .current_dir(sample::root())
            .output()
            .unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let from = text.find(begin).expect(begin);
        let rest = &text[from..];
        let to = if end.is_empty() {
            rest.len()
        } else {
            rest.find(end).expect(end)
        };
        let real = rest[..to].trim_end();
        if readme[shown.clone()].trim_end() != real
            && std::env::var("INSTA_UPDATE").is_ok_and(|update| update == "always")
        {
            let (before, after) = (&readme[..shown.start], &readme[shown.end..]);
            fs::write(path(), format!("{before}{real}\n{after}")).unwrap();
            continue;
        }
        assert_eq!(
            readme[shown].trim_end(),
            real,
            "{mark}: `INSTA_UPDATE=always cargo test` writes it anew"
        );
    }
}

#[test]
fn the_ids_shown_are_the_catalogue() {
    let causes = CATALOGUE
        .iter()
        .map(|cause| cause.id)
        .chain(NONE.iter().map(|(id, ..)| *id));
    assert_eq!(ticked(&paragraph("causes")), set(causes));
    assert_eq!(
        ticked(&paragraph("triggers")),
        set(TRIGGERS.iter().map(|trigger| trigger.id))
    );
    assert_eq!(
        ticked(&paragraph("factors")),
        set(FACTORS.iter().map(|factor| factor.id))
    );
}

#[test]
fn the_rooms_shown_are_the_rooms_in_their_order() {
    let map = fs::read_to_string(sample::root().join("src/lib.rs")).unwrap();
    let doors: Vec<&str> = map
        .lines()
        .filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'))
        .collect();
    let table = paragraph("rooms");
    let rows: Vec<&str> = table
        .lines()
        .skip(2)
        .map(|row| row.split('`').nth(1).unwrap())
        .collect();
    assert_eq!(rows, doors);
}

#[test]
fn the_formats_shown_are_the_table() {
    let names: Vec<&str> = nosrv::report::format::FORMATS
        .iter()
        .map(|format| format.name)
        .collect();
    let shown = format!("`--format {}`", names.join("|"));
    assert!(readme().contains(&shown), "README.md does not say {shown}");
}

#[test]
fn the_capture_block_is_a_script() {
    let readme = readme();
    let script = &readme[block(&readme, "capture")];
    let status = Command::new("sh")
        .args(["-n", "-c", script])
        .status()
        .unwrap();
    assert!(status.success());
}
