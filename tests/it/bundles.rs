//! Bundles as collectors make them: a sosreport, a must-gather, a zip; the same incident is found in each.

use crate::sample;
use nosrv::Request;
use nosrv::report::Report;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::path::PathBuf;
use tempfile::TempDir;

fn seed(name: &str) -> Vec<u8> {
    let folder = sample::root().join("samples/seed-app-down/bundle");
    fs::read(folder.join(name)).unwrap()
}

fn analyze(paths: &[PathBuf]) -> Report {
    nosrv::investigate(&Request {
        paths: paths.to_vec(),
        ..Request::default()
    })
    .report
}

/// What must not depend on how the files came.
#[track_caller]
fn finds_the_incident(report: &Report) {
    let [incident] = report.incidents.as_slice() else {
        panic!("{:#?}", report.incidents);
    };
    assert_eq!(incident.cause.id, "listener-refused");
    assert_eq!(incident.backend.as_deref(), Some("be_app"));
    assert_eq!((incident.impact.http_503, incident.impact.nosrv), (52, 46));
    for artifact in &report.artifacts {
        assert_eq!(
            artifact.broken, 0,
            "{}: {:?}",
            artifact.path, artifact.problems
        );
    }
}

fn put(root: &Path, name: &str, bytes: &[u8]) {
    let path = root.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gz.write_all(bytes).unwrap();
    gz.finish().unwrap()
}

fn xz(bytes: &[u8]) -> Vec<u8> {
    let mut xz = liblzma::write::XzEncoder::new(Vec::new(), 3);
    xz.write_all(bytes).unwrap();
    xz.finish().unwrap()
}

fn tar(folder: &Path, name: &str) -> Vec<u8> {
    let mut tar = tar::Builder::new(Vec::new());
    tar.follow_symlinks(false);
    tar.append_dir_all(name, folder).unwrap();
    tar.into_inner().unwrap()
}

/// A sosreport: the log is over the limit, so that its end lies in `sos_strings` and a link stands in its place.
fn sosreport(root: &Path) {
    let log = seed("journal.txt");
    // The cut is in the middle of a line of before.
    let tailed = [
        &b"8.2.50:48071 [05/Jun/2026:21:53:30.112] fe_app be_app/app1 0/0\n"[..],
        &log,
    ];
    put(
        root,
        "sos_strings/logs/var.log.haproxy.log.tailed",
        &tailed.concat(),
    );
    fs::create_dir_all(root.join("var/log")).unwrap();
    let link = "../../sos_strings/logs/var.log.haproxy.log.tailed";
    std::os::unix::fs::symlink(link, root.join("var/log/haproxy.log")).unwrap();
    std::os::unix::fs::symlink("/etc/passwd", root.join("var/log/passwd")).unwrap();
    put(root, "etc/haproxy/haproxy.cfg", &seed("haproxy.cfg"));
    put(root, "version.txt", b"sosreport: 4.5.6\n");
    put(
        root,
        "sos_commands/haproxy/haproxy_-f_.etc.haproxy.haproxy.cfg_-c",
        b"Configuration file is valid\n",
    );
    put(
        root,
        "sos_commands/date/date_--utc",
        b"Fri Jun  5 21:55:00 UTC 2026\n",
    );
    put(
        root,
        "sos_reports/manifest.json",
        b"{\"version\": \"4.5.6\"}\n",
    );
    put(root, "var/log/wtmp", &[0, 1, 2, 0].repeat(300));
}

fn says_the_cut(report: &Report) {
    let tailed = report
        .artifacts
        .iter()
        .find(|a| a.path.ends_with(".tailed"));
    let problems = &tailed.unwrap().problems;
    assert!(
        problems
            .iter()
            .any(|p| p.starts_with("cut at the front by sos")),
        "{problems:?}"
    );
}

#[test]
fn a_sosreport_is_read_unpacked_packed_and_within_another() {
    let work = TempDir::new().unwrap();
    let root = work.path().join("sosreport-proxy01-2026-06-05-abcdefg");
    sosreport(&root);
    let unpacked = analyze(std::slice::from_ref(&root));
    finds_the_incident(&unpacked);
    says_the_cut(&unpacked);
    let links = unpacked
        .warnings
        .iter()
        .filter(|w| w.ends_with("a link, not followed"));
    assert_eq!(links.count(), 2, "{:?}", unpacked.warnings);

    let packed = xz(&tar(&root, "sosreport-proxy01"));
    put(work.path(), "sosreport-proxy01.tar.xz", &packed);
    let report = analyze(&[work.path().join("sosreport-proxy01.tar.xz")]);
    finds_the_incident(&report);
    says_the_cut(&report);
    let links = "sosreport-proxy01.tar.xz: not followed or opened: 2 symbolic links";
    assert!(
        report.warnings.iter().any(|w| w == links),
        "{:?}",
        report.warnings
    );

    // `sos collect`: archives of several hosts in one
    let collected = work.path().join("collected");
    put(&collected, "sosreport-proxy01.tar.xz", &packed);
    put(&collected, "sosreport-app1.tar.xz", &xz(b"cut"));
    put(
        work.path(),
        "sos-collector.tar.gz",
        &gzip(&tar(&collected, "sos-collector")),
    );
    finds_the_incident(&analyze(&[work.path().join("sos-collector.tar.gz")]));
}

#[test]
fn rotated_pieces_of_any_compression_are_one_log() {
    let log = String::from_utf8(seed("journal.txt")).unwrap();
    let lines: Vec<&str> = log.split_inclusive('\n').collect();
    let third = lines.len() / 3;
    let piece = |from: usize, to: usize| lines[from..to].concat().into_bytes();
    let work = TempDir::new().unwrap();
    let root = work.path().join("logs");
    put(&root, "haproxy.log", &piece(2 * third, lines.len()));
    put(&root, "haproxy.log.1", &piece(third, 2 * third));
    let mut bz = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
    bz.write_all(&piece(0, third)).unwrap();
    put(&root, "haproxy.log.2.bz2", &bz.finish().unwrap());
    put(&root, "haproxy.cfg", &seed("haproxy.cfg"));
    finds_the_incident(&analyze(std::slice::from_ref(&root)));
    let mut lz4 = lz4_flex::frame::FrameEncoder::new(Vec::new());
    lz4.write_all(&tar(&root, "logs")).unwrap();
    put(work.path(), "logs.tar.lz4", &lz4.finish().unwrap());
    finds_the_incident(&analyze(&[work.path().join("logs.tar.lz4")]));
}

#[test]
fn a_must_gather_is_read_as_it_came() {
    let log = String::from_utf8(seed("journal.txt")).unwrap();
    // `oc logs --timestamps` puts the time of the container before the line.
    let stamped: String = log
        .lines()
        .filter_map(|line| Some((line.get(7..15)?, line)))
        .map(|(clock, line)| format!("2026-06-05T{clock}.000000000Z {line}\n"))
        .collect();
    let half = stamped.lines().count() / 2;
    let part = |skip: usize, take: usize| -> Vec<u8> {
        let lines = stamped.split_inclusive('\n').skip(skip).take(take);
        lines.collect::<String>().into_bytes()
    };
    let work = TempDir::new().unwrap();
    let root = work.path().join("must-gather.local.1");
    let logs =
        "quay-io-example/namespaces/openshift-ingress/pods/router-default-0/router/logs/logs";
    put(&root, &format!("{logs}/previous.log"), &part(0, half));
    put(
        &root,
        &format!("{logs}/current.log"),
        &part(half, usize::MAX),
    );
    let config = "quay-io-example/ingress_controllers/default/router-default-0/haproxy.config";
    put(&root, config, &seed("haproxy.cfg"));
    let report = analyze(std::slice::from_ref(&root));
    let [incident] = report.incidents.as_slice() else {
        panic!("{:#?} {:#?}", report.incidents, report.artifacts);
    };
    assert_eq!(incident.cause.id, "listener-refused");
    assert_eq!((incident.impact.http_503, incident.impact.nosrv), (52, 46));
}

#[test]
fn text_of_other_systems_is_the_same_log() {
    let log = String::from_utf8(seed("journal.txt")).unwrap();
    let crlf = log.replace('\n', "\r\n");
    let utf16: Vec<u8> = format!("\u{feff}{crlf}")
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let latin1 = [
        log.as_bytes(),
        b"Jun 05 21:55:01 proxy01 cron[1]: gr\xfc\xdfe\n",
    ]
    .concat();
    let hole = [&[0; 5000][..], log.as_bytes(), &[0; 300]].concat();
    let texts: [(&str, Vec<u8>); 6] = [
        ("crlf", crlf.into_bytes()),
        ("utf16", utf16),
        ("marked", format!("\u{feff}{log}").into_bytes()),
        ("returns", log.replace('\n', "\r").into_bytes()),
        ("latin1", latin1),
        ("hole", hole),
    ];
    for (name, text) in texts {
        let work = TempDir::new().unwrap();
        put(work.path(), "haproxy.log", &text);
        put(work.path(), "haproxy.cfg", &seed("haproxy.cfg"));
        let report = analyze(&[work.path().to_path_buf()]);
        assert_eq!(report.incidents.len(), 1, "{name}: {:#?}", report.artifacts);
        finds_the_incident(&report);
    }
}
