//! What holds for any input: a report comes out, it is plain text, and the same bytes give the same report.

use crate::sample;
use nosrv::Request;
use nosrv::report::Report;
use nosrv::report::format::FORMATS;
use nosrv::report::format::Style;
use nosrv::run::with_threads;
use proptest::prelude::*;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::path::PathBuf;
use std::sync::LazyLock;

/// Names that recognition may take as a hint.
const NAMES: [&str; 12] = [
    "haproxy.cfg",
    "haproxy.log",
    "journal.export",
    "journal.json",
    "show-stat.csv",
    "show-servers-state.txt",
    "curl.txt",
    "terminal.txt",
    "logs.tar.gz",
    "syslog.1.zst",
    "2026-06-05T21:53:40Z.xz",
    "\x1b[2J\u{202e}x",
];

/// Every file of every sample.
static FILES: LazyLock<Vec<(PathBuf, Vec<u8>)>> = LazyLock::new(|| {
    let samples = sample::all();
    let paths = samples
        .iter()
        .flat_map(|sample| sample::files(&sample.bundle()));
    paths
        .map(|path| (path.clone(), fs::read(path).unwrap()))
        .collect()
});

fn analyze(paths: Vec<PathBuf>, threads: usize) -> Report {
    let request = Request {
        paths,
        ..Request::default()
    };
    with_threads(Some(threads), || nosrv::investigate(&request).report).unwrap()
}

fn json(report: &Report) -> String {
    sample::render(report, "json")
}

/// All formats print it, and nothing that a terminal obeys is in any of them.
fn check(report: &Report) {
    for format in FORMATS {
        let text = (format.render)(report, &Style::default());
        let control = text
            .chars()
            .find(|&c| c != '\n' && (c.is_control() || ('\u{202a}'..='\u{202e}').contains(&c)));
        assert_eq!(control, None, "{}", format.name);
        assert!(text.ends_with('\n'), "{}", format.name);
    }
    serde_json::from_str::<serde_json::Value>(&json(report)).unwrap();
}

fn bundle(files: &[(&str, Vec<u8>)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in files {
        fs::write(folder.path().join(name), bytes).unwrap();
    }
    folder
}

/// Any bytes, or pieces of real artifacts with any bytes between them.
fn content() -> impl Strategy<Value = Vec<u8>> {
    let noise = || proptest::collection::vec(any::<u8>(), 0..80);
    let piece = (
        any::<prop::sample::Index>(),
        any::<prop::sample::Index>(),
        0_usize..400,
    )
        .prop_map(|(file, start, n)| {
            let (_, bytes) = file.get(&FILES);
            let start = start.index(bytes.len());
            // Mostly from the beginning of a line, where the forms are recognized.
            let line = bytes[..start]
                .iter()
                .rposition(|&c| c == b'\n')
                .map_or(0, |at| at + 1);
            bytes[line..bytes.len().min(start + n)].to_vec()
        });
    let pieces = proptest::collection::vec(prop_oneof![3 => piece, 1 => noise()], 0..12);
    pieces.prop_map(|pieces| pieces.concat())
}

fn packed(bytes: &[u8], how: u8) -> Vec<u8> {
    match how {
        0 => {
            let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            gz.write_all(bytes).unwrap();
            gz.finish().unwrap()
        }
        1 => zstd::encode_all(bytes, 1).unwrap(),
        2 => {
            let mut tar = tar::Builder::new(Vec::new());
            let mut header = tar::Header::new_gnu();
            header.set_size(bytes.len() as u64);
            tar.append_data(&mut header, "var/log/haproxy.log", bytes)
                .unwrap();
            tar.into_inner().unwrap()
        }
        _ => bytes.to_vec(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_bytes_give_a_report(
        files in proptest::collection::vec((prop::sample::select(&NAMES[..]), content(), 0_u8..6, 0_usize..64), 1..4)
    ) {
        let files: Vec<(&str, Vec<u8>)> = files
            .into_iter()
            .map(|(name, bytes, how, cut)| {
                let mut bytes = packed(&bytes, how);
                // One in two loses its end.
                bytes.truncate(bytes.len().saturating_sub(cut.saturating_sub(32)));
                (name, bytes)
            })
            .collect();
        let folder = bundle(&files);
        check(&analyze(vec![folder.path().to_owned()], 2));
    }

    #[test]
    fn a_file_cut_anywhere_gives_a_report(file in any::<prop::sample::Index>(), at in any::<prop::sample::Index>()) {
        let (path, bytes) = file.get(&FILES);
        let folder = bundle(&[(path.file_name().unwrap().to_str().unwrap(), bytes[..at.index(bytes.len())].to_vec())]);
        let report = analyze(vec![folder.path().to_owned()], 1);
        check(&report);
        // An archive whose head is gone has no member left, and says so.
        prop_assert!(!report.artifacts.is_empty() || !report.warnings.is_empty());
    }
}

#[test]
fn threads_and_the_order_of_arguments_change_no_byte() {
    for sample in sample::all() {
        let mut paths = sample::entries(&sample.bundle());
        let one = json(&analyze(paths.clone(), 1));
        assert_eq!(
            json(&analyze(paths.clone(), 2)),
            one,
            "{}: -j 2",
            sample.name
        );
        paths.reverse();
        assert_eq!(
            json(&analyze(paths.clone(), 2)),
            one,
            "{}: reversed",
            sample.name
        );
        let middle = paths.len() / 2;
        paths.rotate_left(middle);
        assert_eq!(json(&analyze(paths, 1)), one, "{}: rotated", sample.name);
    }
}

/// Large enough for many blocks and for the path of files that are never held whole.
#[test]
fn a_large_log_reads_the_same_in_one_piece_on_any_threads_and_compressed() {
    let folder = tempfile::tempdir().unwrap();
    let plain = folder.path().join("haproxy.log");
    let text = large_log();
    fs::write(&plain, &text).unwrap();
    let one = analyze(vec![plain.clone()], 1);
    assert_eq!(json(&analyze(vec![plain], 2)), json(&one));
    let gz = folder.path().join("haproxy.log.gz");
    fs::write(&gz, packed(&text, 0)).unwrap();
    let unpacked = analyze(vec![gz.clone()], 2);
    assert_eq!(json(&analyze(vec![gz], 1)), json(&unpacked));
    assert_eq!(as_stories(&unpacked), as_stories(&one));
    for cited in &one.evidence {
        let offset = usize::try_from(cited.offset).unwrap();
        let before = text[..offset].iter().filter(|&&c| c == b'\n').count();
        assert_eq!(cited.line, before as u64 + 1, "{}", cited.id);
        assert!(
            text[offset..].starts_with(cited.text.as_bytes()),
            "{}",
            cited.id
        );
    }
}

/// All that does not depend on how the file was packed.
fn as_stories(report: &Report) -> String {
    format!(
        "{:?}{:?}{:?}",
        report.incidents, report.evidence, report.timeline
    )
}

/// Good requests around the seed's incident, over 16 MiB.
fn large_log() -> Vec<u8> {
    let seed = fs::read_to_string(
        Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/seed-app-down/bundle/journal.txt"),
    )
    .unwrap();
    // Long lines: the bytes count here, and fewer lines take less time.
    let long = "0123456789".repeat(40);
    let good = |from: u32, n: u32| {
        (from..from + n).map(|n| {
            let (minute, second, milli) = (n / 60_000 % 60, n / 1000 % 60, n % 1000);
            format!(
                "Jun 05 21:{minute:02}:{second:02} proxy01 haproxy[3141]: 192.0.2.{}:40000 [05/Jun/2026:21:{minute:02}:{second:02}.{milli:03}] \
                 fe_app be_app/app1 0/0/0/2/2 200 512 - - ---- 1/1/0/0/0 0/0 \"GET /search?q={n}&basket={long} HTTP/1.1\"\n",
                n % 250
            )
        })
    };
    let mut text: String = good(0, 18_000).collect();
    text.push_str(&seed);
    text.extend(good(55 * 60_000, 18_000));
    assert!(text.len() > 17 << 20, "{} bytes", text.len());
    text.into_bytes()
}
