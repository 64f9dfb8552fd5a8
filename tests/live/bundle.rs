//! The files an operator would hand over, with addresses of documentation ranges in them.

use flate2::Compression;
use flate2::write::GzEncoder;
use liblzma::write::XzEncoder;
use std::fs;
use std::io::Write;
use std::path::Path;

/// Replaces what this machine used by what the bundle shall show.
#[derive(Default)]
pub(crate) struct Disguise {
    /// Real and shown text, applied longest first.
    pairs: Vec<(String, String)>,
    /// Real and shown port, for dumps that print them in a column of their own.
    ports: Vec<(String, String)>,
}

impl Disguise {
    /// From now on `real` reads `shown`.
    pub(crate) fn text(&mut self, real: impl Into<String>, shown: impl Into<String>) {
        self.pairs.push((real.into(), shown.into()));
        self.pairs
            .sort_by_key(|(real, _)| std::cmp::Reverse(real.len()));
    }

    /// From now on a lone column `real` reads `shown`.
    pub(crate) fn port(&mut self, real: u16, shown: u16) {
        self.ports.push((real.to_string(), shown.to_string()));
    }

    /// A text with everything replaced.
    pub(crate) fn apply(&self, text: &str) -> String {
        self.pairs
            .iter()
            .fold(text.to_owned(), |text, (real, shown)| {
                text.replace(real, shown)
            })
    }

    /// As `apply`, for tables whose columns are separated by one space.
    pub(crate) fn apply_to_table(&self, text: &str) -> String {
        let shown = |column: &str| {
            let known = self.ports.iter().find(|(real, _)| real == column);
            known.map_or(column.to_owned(), |(_, shown)| shown.clone())
        };
        let rows = self.apply(text);
        let rows = rows.split('\n').map(|row| {
            let columns: Vec<String> = row.split(' ').map(shown).collect();
            columns.join(" ")
        });
        rows.collect::<Vec<_>>().join("\n")
    }
}

/// Files by their path in the bundle. A path that ends in `.gz` or `.xz` is written compressed.
#[derive(Default)]
pub(crate) struct Bundle(Vec<(String, String)>);

impl Bundle {
    /// Adds a file.
    pub(crate) fn add(&mut self, path: &str, text: impl Into<String>) {
        assert!(
            !self.0.iter().any(|(known, _)| known == path),
            "{path} is there already"
        );
        self.0.push((path.to_owned(), text.into()));
    }

    /// Takes a file out again that the operator did not save.
    pub(crate) fn forget(&mut self, path: &str) {
        self.0.retain(|(known, _)| known != path);
    }

    /// Writes the files below `dir`; into one archive of this name if there is one.
    pub(crate) fn write(&self, dir: &Path, archive: Option<&str>) {
        fs::create_dir_all(dir).unwrap();
        if let Some(name) = archive {
            let root = name.trim_end_matches(".tar.gz");
            fs::write(dir.join(name), self.tarball(root)).unwrap();
            return;
        }
        for (path, text) in &self.0 {
            let file = dir.join(path);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, packed(path, text)).unwrap();
        }
    }

    fn tarball(&self, root: &str) -> Vec<u8> {
        let gzip = GzEncoder::new(Vec::new(), Compression::best());
        let mut tar = tar::Builder::new(gzip);
        for (path, text) in &self.0 {
            let bytes = packed(path, text);
            let mut header = tar::Header::new_gnu();
            header.set_size(u64::try_from(bytes.len()).unwrap());
            header.set_mode(0o644);
            tar.append_data(&mut header, format!("{root}/{path}"), bytes.as_slice())
                .unwrap();
        }
        tar.into_inner().unwrap().finish().unwrap()
    }
}

fn packed(path: &str, text: &str) -> Vec<u8> {
    if path.ends_with(".gz") {
        let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
        gzip.write_all(text.as_bytes()).unwrap();
        gzip.finish().unwrap()
    } else if path.ends_with(".xz") {
        let mut xz = XzEncoder::new(Vec::new(), 6);
        xz.write_all(text.as_bytes()).unwrap();
        xz.finish().unwrap()
    } else {
        text.as_bytes().to_vec()
    }
}
