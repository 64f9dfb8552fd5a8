//! Folders of archived incidents: each bundle with the expectation beside it.

use crate::intake::Trouble;
use std::fs;
use std::path::Path;
use std::path::PathBuf;

/// Folders within folders that are looked into.
const DEPTH_MAX: u32 = 16;
/// An expectation is some kilobytes; what is larger is something else.
const EXPECTATION_BYTES_MAX: u64 = 4 << 20;
/// Endings of archives, longest first.
const ENDINGS: [&str; 12] = [
    ".tar.zst", ".tar.bz2", ".tar.lz4", ".tar.gz", ".tar.xz", ".tbz2", ".tgz", ".txz", ".tbz",
    ".tar", ".zip", ".log",
];

/// One archived incident.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Archived {
    /// Path below the folder that was asked for.
    pub name: String,
    /// What to analyze.
    pub bundle: PathBuf,
    /// Where its expectation stands, or would stand.
    pub expectation: PathBuf,
}

impl Archived {
    /// The expectation's text; `None`: there is none.
    ///
    /// # Errors
    /// It is there and cannot be read.
    pub fn read(&self) -> Result<Option<Vec<u8>>, String> {
        let name = || crate::base::printable(self.expectation.to_string_lossy().as_bytes());
        match fs::metadata(&self.expectation) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(format!("{}: {error}", name())),
            Ok(meta) if !meta.is_file() || meta.len() > EXPECTATION_BYTES_MAX => {
                return Err(format!("{}: no file of some kilobytes", name()));
            }
            Ok(_) => {}
        }
        #[expect(clippy::disallowed_methods, reason = "this is the intake room")]
        let read = fs::read(&self.expectation);
        read.map(Some)
            .map_err(|error| format!("{}: {error}", name()))
    }
}

/// Every folder below `folder` that has a `bundle`, and every archive with `NAME.expect.json` beside it, in order of name.
/// Links are not followed.
pub fn archived(folder: &Path) -> (Vec<Archived>, Vec<Trouble>) {
    let (mut found, mut troubles) = (Vec::new(), Vec::new());
    look(folder, "", 0, &mut found, &mut troubles);
    found.sort();
    (found, troubles)
}

fn look(
    folder: &Path,
    name: &str,
    depth: u32,
    found: &mut Vec<Archived>,
    troubles: &mut Vec<Trouble>,
) {
    let entries = match entries(folder, depth) {
        Ok(entries) => entries,
        Err(why) => {
            troubles.push(Trouble {
                name: crate::base::printable(folder.to_string_lossy().as_bytes()),
                why,
                fatal: true,
            });
            return;
        }
    };
    if entries
        .iter()
        .any(|(entry, is_folder)| entry == "bundle" && *is_folder)
    {
        let name = if name.is_empty() { "." } else { name };
        found.push(Archived {
            name: name.to_owned(),
            bundle: folder.join("bundle"),
            expectation: folder.join("expect.json"),
        });
        return;
    }
    let below = |entry: &str| match name {
        "" => entry.to_owned(),
        name => format!("{name}/{entry}"),
    };
    for (entry, is_folder) in &entries {
        if *is_folder {
            look(
                &folder.join(entry),
                &below(entry),
                depth + 1,
                found,
                troubles,
            );
        }
        let Some(stem) = entry.strip_suffix(".expect.json") else {
            continue;
        };
        match archive_of(stem, &entries) {
            Some(archive) => found.push(Archived {
                name: below(stem),
                bundle: folder.join(archive),
                expectation: folder.join(entry),
            }),
            None => troubles.push(Trouble {
                name: below(entry),
                why: format!("no archive of that name beside it (such as {stem}.tar.gz)"),
                fatal: true,
            }),
        }
    }
}

/// Names in a folder, and which of them are folders, in order.
fn entries(folder: &Path, depth: u32) -> Result<Vec<(String, bool)>, String> {
    if depth > DEPTH_MAX {
        return Err("folders are nested too deeply".to_owned());
    }
    let entries = fs::read_dir(folder).map_err(|error| format!("cannot be read: {error}"))?;
    let mut names: Vec<(String, bool)> = entries
        .filter_map(Result::ok)
        .filter_map(|entry| {
            let is_folder = entry.file_type().ok()?.is_dir();
            Some((entry.file_name().into_string().ok()?, is_folder))
        })
        .collect();
    names.sort();
    Ok(names)
}

/// `NAME.tar.gz` for `NAME`.
fn archive_of<'a>(stem: &str, entries: &'a [(String, bool)]) -> Option<&'a str> {
    let files = entries.iter().filter(|(_, is_folder)| !is_folder);
    let mut names = files.map(|(name, _)| name.as_str());
    names.find(|name| {
        name.strip_prefix(stem)
            .is_some_and(|ending| ENDINGS.contains(&ending))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_with_a_bundle_and_archives_with_an_expectation_are_found() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path();
        for dir in ["b/case/bundle", "a/x"] {
            fs::create_dir_all(path.join(dir)).unwrap();
        }
        for file in [
            "a/t.tar.gz",
            "a/t.expect.json",
            "a/lonely.expect.json",
            "b/case/expect.json",
            "a/x/other.txt",
        ] {
            fs::write(path.join(file), "{}").unwrap();
        }
        let (found, troubles) = archived(path);
        let names: Vec<&str> = found.iter().map(|found| &*found.name).collect();
        assert_eq!(names, ["a/t", "b/case"]);
        assert_eq!(found[1].read(), Ok(Some(b"{}".to_vec())));
        assert_eq!(troubles.len(), 1);
        assert_eq!(troubles[0].name, "a/lonely.expect.json");
    }
}
