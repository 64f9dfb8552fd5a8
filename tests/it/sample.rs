//! The samples: their folders, what is expected of them, and the report of each.

use nosrv::Request;
use nosrv::report::Report;
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::path::PathBuf;

/// One folder of `samples/` with a bundle.
pub(crate) struct Sample {
    /// Path below `samples/`.
    pub(crate) name: String,
    pub(crate) folder: PathBuf,
    /// `expect.json`.
    pub(crate) expect: Value,
}

/// The project's folder.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every sample, in order of name.
pub(crate) fn all() -> Vec<Sample> {
    let samples = root().join("samples");
    let mut folders = vec![samples.clone()];
    let mut all = Vec::new();
    while let Some(folder) = folders.pop() {
        if !folder.join("bundle").is_dir() {
            folders.extend(entries(&folder).into_iter().filter(|path| path.is_dir()));
            continue;
        }
        let text = fs::read_to_string(folder.join("expect.json")).unwrap();
        all.push(Sample {
            name: folder.strip_prefix(&samples).unwrap().display().to_string(),
            expect: serde_json::from_str(&text).unwrap(),
            folder,
        });
    }
    all.sort_by(|a, b| a.name.cmp(&b.name));
    assert!(all.len() > 8, "only {} samples", all.len());
    all
}

/// What lies in a folder, in order of name.
pub(crate) fn entries(folder: &Path) -> Vec<PathBuf> {
    let listed =
        fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut all: Vec<PathBuf> = listed.map(|entry| entry.unwrap().path()).collect();
    all.sort();
    all
}

/// Every file below a folder, in order of path.
pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let (folders, mut files): (Vec<_>, Vec<_>) =
        entries(folder).into_iter().partition(|path| path.is_dir());
    files.extend(folders.iter().flat_map(|folder| self::files(folder)));
    files.sort();
    files
}

/// The whole pipeline on some paths.
pub(crate) fn analyze(paths: Vec<PathBuf>) -> Report {
    let request = Request {
        paths,
        ..Request::default()
    };
    nosrv::investigate(&request).report
}

impl Sample {
    pub(crate) fn bundle(&self) -> PathBuf {
        self.folder.join("bundle")
    }

    pub(crate) fn report(&self) -> Report {
        analyze(vec![self.bundle()])
    }
}

/// A report in one of the formats, laid out as for a pipe.
pub(crate) fn render(report: &Report, format: &str) -> String {
    use nosrv::report::format;
    let format = format::FORMATS
        .iter()
        .find(|known| known.name == format)
        .unwrap();
    (format.render)(report, &format::Style::default())
}
