//! The house: walls between rooms, one file per thing, tables and folders that agree.

use crate::sample;
use nosrv::diagnosis::cause::CATALOGUE;
use nosrv::diagnosis::factor::FACTORS;
use nosrv::diagnosis::trigger::TRIGGERS;
use nosrv::lint::rule::RULES;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// A file that is longer holds two things.
const LINES_MAX: usize = 500;

/// What each room may import beside itself. A path admits what is below it: `event::message` is the words of messages, not events.
const WALLS: [(&str, &[&str]); 19] = [
    ("base", &[]),
    ("intake", &["base"]),
    (
        "artifact",
        &[
            "base",
            "dump::DumpKind",
            "dump::Other",
            "capture::CaptureKind",
        ],
    ),
    ("config", &["base"]),
    ("carrier", &["base"]),
    ("event", &["base", "carrier", "config"]),
    ("dump", &["base", "event::message"]),
    ("capture", &["base"]),
    ("evidence", &["base", "carrier", "event"]),
    (
        "run",
        &[
            "base", "intake", "artifact", "carrier", "config", "event", "evidence",
        ],
    ),
    (
        "document",
        &["base", "artifact", "config", "dump", "capture"],
    ),
    ("clock", &["base", "evidence", "dump"]),
    ("route", &["base", "config"]),
    ("lint", &["base", "config", "document", "route"]),
    (
        "incident",
        &[
            "base",
            "config",
            "dump",
            "capture",
            "evidence",
            "document",
            "clock",
            "event::message",
            "event::host",
        ],
    ),
    (
        "diagnosis",
        &[
            "base",
            "config",
            "dump",
            "capture",
            "evidence",
            "document",
            "clock",
            "route",
            "incident",
            "event::message",
            "event::host",
        ],
    ),
    (
        "report",
        &[
            "base",
            "config",
            "dump",
            "capture",
            "evidence",
            "document",
            "clock",
            "incident",
            "diagnosis",
            "event::message",
            "event::host",
            "event::traffic",
            "artifact::Kind",
            "intake::Trouble",
            "run::Found",
        ],
    ),
    (
        "stats",
        &[
            "base",
            "evidence",
            "clock",
            "report::format",
            "report::filter",
            "report::chronicle",
            "intake::Trouble",
            "run::Found",
        ],
    ),
    ("regress", &["base", "report"]),
];

/// Folders that grow: their `mod.rs` is a table with a row for every file.
const TABLES: [&str; 12] = [
    "src/artifact/kind",
    "src/carrier/form",
    "src/diagnosis/cause",
    "src/diagnosis/factor",
    "src/diagnosis/trigger",
    "src/lint/format",
    "src/lint/rule",
    "src/regress/format",
    "src/report/format",
    "src/report/chronicle/format",
    "src/stats/format",
    "src/stats/table",
];

#[test]
fn every_file_says_what_it_is_for_and_does_one_thing() {
    let mut wrong = Vec::new();
    for (path, text) in sources(&["src", "tests", "benches"]) {
        let first = text.lines().next().unwrap_or("");
        if first
            .strip_prefix("//! ")
            .is_none_or(|sentence| sentence.len() <= 10)
        {
            wrong.push(format!(
                "{path}: the first line is no sentence after `//! `"
            ));
        }
        let n = text.lines().count();
        if n > LINES_MAX {
            wrong.push(format!("{path}: {n} lines"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn no_room_looks_through_a_wall() {
    let mut wrong = Vec::new();
    for (path, text) in sources(&["src"]) {
        let Some((room, _)) = path
            .strip_prefix("src/")
            .and_then(|below| below.split_once('/'))
        else {
            continue;
        };
        if room == "cli" {
            continue;
        }
        let wall = WALLS.iter().find(|(name, _)| *name == room);
        let (_, allowed) =
            wall.unwrap_or_else(|| panic!("{room} is in no row of the table of walls"));
        for used in imports(&text) {
            let inside = |of: &str| {
                used == of
                    || used
                        .strip_prefix(of)
                        .is_some_and(|rest| rest.starts_with("::"))
            };
            if !inside(room) && !inside("testing") && !allowed.iter().any(|of| inside(of)) {
                wrong.push(format!("{path}: crate::{used}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_room_is_a_door_of_the_crate_and_has_a_wall() {
    let map = fs::read_to_string(sample::root().join("src/lib.rs")).unwrap();
    let doors: BTreeSet<&str> = map
        .lines()
        .filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'))
        .collect();
    let walls: BTreeSet<&str> = WALLS.iter().map(|(room, _)| *room).collect();
    assert_eq!(doors, walls);
}

#[test]
fn every_file_of_a_folder_that_grows_has_a_row() {
    let mut wrong = Vec::new();
    for folder in TABLES {
        let table = fs::read_to_string(sample::root().join(folder).join("mod.rs")).unwrap();
        for path in sample::entries(&sample::root().join(folder)) {
            let stem = path.file_stem().unwrap().to_str().unwrap();
            let is_code = path.is_dir() || path.extension().is_some_and(|ending| ending == "rs");
            let is_beside = ["mod", "tests", "snapshots"].contains(&stem);
            if is_code && !is_beside && !table.contains(&format!("{stem}::")) {
                wrong.push(format!("{folder}/{stem} has no row in mod.rs"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_id_has_its_file() {
    let tables: [(&str, Vec<&str>); 4] = [
        ("../lint/rule", RULES.iter().map(|rule| rule.id).collect()),
        ("cause", CATALOGUE.iter().map(|cause| cause.id).collect()),
        (
            "trigger",
            TRIGGERS.iter().map(|trigger| trigger.id).collect(),
        ),
        ("factor", FACTORS.iter().map(|factor| factor.id).collect()),
    ];
    for (folder, ids) in tables {
        let path = sample::root().join("src/diagnosis").join(folder);
        let files = sample::entries(&path).into_iter();
        let stems: BTreeSet<String> = files
            .map(|path| {
                path.file_stem()
                    .unwrap()
                    .to_str()
                    .unwrap()
                    .replace('_', "-")
            })
            .filter(|stem| stem != "mod")
            .collect();
        let ids: BTreeSet<String> = ids.into_iter().map(str::to_owned).collect();
        assert_eq!(stems, ids, "src/diagnosis/{folder}");
    }
}

#[test]
fn samples_of_causes_are_named_after_causes() {
    for path in sample::entries(&sample::root().join("samples/causes")) {
        let id = path.file_name().unwrap().to_str().unwrap();
        assert!(
            CATALOGUE.iter().any(|cause| cause.id == id),
            "samples/causes/{id} is no cause"
        );
    }
}

#[test]
fn every_sample_is_explained_and_listed() {
    let index = fs::read_to_string(sample::root().join("samples/README.md")).unwrap();
    for sample in sample::all() {
        let last = sample.name.rsplit('/').next().unwrap();
        assert!(
            index.contains(&format!("`{last}/`")),
            "{} is not in samples/README.md",
            sample.name
        );
        let about = sample.folder.join("README.md");
        assert!(about.is_file(), "{} has no README.md", sample.name);
    }
}

/// What `crate::` paths in code name: at most two parts, without `self`.
fn imports(text: &str) -> Vec<String> {
    let code = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"));
    let mut all = Vec::new();
    for line in code {
        for path in line.split("crate::").skip(1) {
            let path = path
                .split(|c: char| !c.is_alphanumeric() && c != '_' && c != ':')
                .next()
                .unwrap();
            let parts: Vec<&str> = path
                .split("::")
                .filter(|part| !part.is_empty())
                .take(2)
                .collect();
            all.push(parts.join("::"));
        }
    }
    all
}

/// Every Rust file below some folders: path from the root, and text.
fn sources(folders: &[&str]) -> Vec<(String, String)> {
    let paths = folders
        .iter()
        .flat_map(|folder| sample::files(&sample::root().join(folder)));
    paths
        .filter(|path| path.extension().is_some_and(|ending| ending == "rs"))
        .map(|path| (name(&path), fs::read_to_string(&path).unwrap()))
        .collect()
}

fn name(path: &Path) -> String {
    path.strip_prefix(sample::root())
        .unwrap()
        .display()
        .to_string()
}
