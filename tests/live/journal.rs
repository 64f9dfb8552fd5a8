//! Native journal files written by systemd itself, against `journalctl -o export` of the same files.

use nosrv::carrier::Framing;
use nosrv::carrier::Reader;
use nosrv::carrier::Record;
use nosrv::carrier::frames;
use nosrv::carrier::journal::Journal;
use nosrv::carrier::journal::Losses;
use nosrv::carrier::journal::Scratch;
use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

const WRITER: &str = "/lib/systemd/systemd-journal-remote";
/// More than one block of entries, and fewer than make the writer rotate.
const N_ENTRIES: u64 = 10_000;

/// What a record says, owned.
#[derive(Debug, PartialEq, Eq)]
struct Said {
    micros: Option<i64>,
    host: Vec<u8>,
    ident: Vec<u8>,
    pid: Option<u32>,
    body: Vec<u8>,
}

fn said(record: &Record<'_>) -> Said {
    Said {
        micros: record.stamp.map(|stamp| stamp.micros),
        host: record.host.to_vec(),
        ident: record.ident.to_vec(),
        pid: record.pid,
        body: record.body.to_vec(),
    }
}

/// Entries of three programs, two hosts and three boots in the journal export format: short messages, long ones, several lines,
/// none, shared ones.
fn export() -> Vec<u8> {
    let mut out = Vec::new();
    for i in 0..N_ENTRIES {
        let at = 1_780_000_000_000_000 + 1_013 * i;
        let mut text = format!(
            "__REALTIME_TIMESTAMP={at}\n__MONOTONIC_TIMESTAMP={}\n_BOOT_ID=5d1f0a7bc3e94d6c8a2b47e0913c6f5{}\n",
            9_000_000 + 1_013 * i,
            i / 4_000
        );
        writeln!(text, "_HOSTNAME=proxy0{}", 1 + i / 1_000 % 2).unwrap();
        text.push_str("_TRANSPORT=syslog\nPRIORITY=6\n");
        match i % 5 {
            0 => write!(text, "_COMM=cron\n_PID={i}\n").unwrap(),
            1 => write!(
                text,
                "SYSLOG_IDENTIFIER=app\n_COMM=java\n_PID=77\nSYSLOG_PID=78\n"
            )
            .unwrap(),
            _ => write!(
                text,
                "SYSLOG_IDENTIFIER=haproxy\n_COMM=haproxy\n_PID=2110\n"
            )
            .unwrap(),
        }
        out.extend(text.as_bytes());
        let line = format!(
            "192.0.2.{}:40{:03} [28/May/2026:20:26:40.{:03}] fe_app be_app/app1 0/0/1/9/11 200 512 - - ---- 3/3/0/0/0 0/0 \"GET /orders/{i}",
            i % 250,
            i % 1000,
            i % 1000
        );
        match i % 7 {
            0 => out.extend(b"MESSAGE=the same words every time\n"),
            1 => out
                .extend(format!("MESSAGE={line}?{} HTTP/1.1\"\n", "pears+".repeat(200)).as_bytes()),
            2 => {
                let mut lines = format!("{line}\n at {i}\n").into_bytes();
                lines.extend([1, 0xff]);
                out.extend(b"MESSAGE\n");
                out.extend((lines.len() as u64).to_le_bytes());
                out.extend(lines);
                out.push(b'\n');
            }
            3 if i % 11 == 0 => {}
            _ => out.extend(format!("MESSAGE={line} HTTP/1.1\"\n").as_bytes()),
        }
        out.push(b'\n');
    }
    out
}

fn by_journalctl(file: &Path) -> Vec<Said> {
    let output = Command::new("journalctl")
        .args(["-o", "export", "--file"])
        .arg(file)
        .output()
        .unwrap();
    let mut reader = Reader::new(Framing::Export);
    frames(Framing::Export, &output.stdout)
        .map(|frame| said(&reader.read(frame.raw)))
        .collect()
}

/// The records, and what is wrong with the file.
fn by_us(bytes: &[u8]) -> (Vec<Said>, Option<String>) {
    let journal = Journal::open(bytes);
    let (mut scratch, mut losses) = (Scratch::default(), Losses::default());
    let mut all = Vec::new();
    for number in 0..journal.n_blocks() {
        let each = |_, _, record: &Record<'_>| all.push(said(record));
        journal.block(bytes, number, &mut scratch, &mut losses, each);
    }
    (all, journal.problem(&losses))
}

#[track_caller]
fn agree(file: &Path, what: &str) {
    let (ours, problem) = by_us(&std::fs::read(file).unwrap());
    assert_eq!(problem, None, "{what}");
    let theirs = by_journalctl(file);
    assert_eq!(theirs.len() as u64, N_ENTRIES, "{what}");
    assert_eq!(ours.len(), theirs.len(), "{what}");
    for (index, (a, b)) in ours.iter().zip(&theirs).enumerate() {
        assert_eq!(a, b, "{what}: entry {}", index + 1);
    }
}

/// The same file in another state, cut short, and with a page of zeros: what journalctl still prints, we still read.
fn damaged(file: &Path, what: &str) {
    let whole = std::fs::read(file).unwrap();
    let (all, _) = by_us(&whole);
    let copy = file.with_extension("copy.journal");
    for (state, name) in [(0, "offline"), (1, "online"), (2, "archived")] {
        let mut bytes = whole.clone();
        bytes[16] = state;
        std::fs::write(&copy, &bytes).unwrap();
        agree(&copy, &format!("{what}, {name}"));
    }
    // The entries end where the file's preallocated zeros begin.
    let end = whole.iter().rposition(|&c| c != 0).unwrap();
    // The first eighths may be hash tables only.
    for eighths in [3, 5, 7] {
        let cut = &whole[..end / 8 * eighths];
        std::fs::write(&copy, cut).unwrap();
        let (ours, problem) = by_us(cut);
        let theirs = by_journalctl(&copy);
        assert!(problem.is_some(), "{what}, {eighths}/8");
        assert!(
            (eighths == 3 || !ours.is_empty()) && is_part(&ours, &all),
            "{what}, {eighths}/8"
        );
        assert!(
            is_part(&theirs, &ours),
            "{what}, {eighths}/8: journalctl reads more"
        );
        let mut holed = whole.clone();
        let page = end / 8 * eighths / 4096 * 4096;
        holed[page..page + 4096].fill(0);
        std::fs::write(&copy, &holed).unwrap();
        let (ours, problem) = by_us(&holed);
        // A hole in a hash table hurts nobody who does not look anything up.
        assert!(
            problem.is_some() || ours == all,
            "{what}, hole at {eighths}/8"
        );
        assert!(
            ours.len() >= by_journalctl(&copy).len(),
            "{what}, hole at {eighths}/8"
        );
    }
}

/// All of `part` stand in `all`, in this order.
fn is_part(part: &[Said], all: &[Said]) -> bool {
    let mut rest = all.iter();
    part.iter().all(|said| rest.any(|other| other == said))
}

/// Compresses the payloads of a plain file in place, as systemd did before 246 or does when told so.
fn repack(bytes: &mut [u8], flag: u8, pack: impl Fn(&[u8]) -> Vec<u8>) -> usize {
    let number = |bytes: &[u8], at: usize| {
        usize::try_from(u64::from_le_bytes(bytes[at..at + 8].try_into().unwrap())).unwrap()
    };
    let payload = if bytes[12] & 16 == 0 { 64 } else { 72 };
    // the bits of the header are those of objects, but for ZSTD
    bytes[12] |= flag;
    let (mut at, mut n) = (number(bytes, 88), 0);
    while at + 16 <= bytes.len() && bytes[at] != 0 {
        let size = number(bytes, at + 8);
        let plain = &bytes[at..at + size];
        if plain[0] == 1 && plain[payload..].starts_with(b"MESSAGE=") {
            let packed = pack(&plain[payload..]);
            if packed.len() + payload < size {
                bytes[at + 1] = flag;
                bytes[at + 8..at + 16]
                    .copy_from_slice(&((payload + packed.len()) as u64).to_le_bytes());
                bytes[at + payload..at + payload + packed.len()].copy_from_slice(&packed);
                n += 1;
            }
        }
        at += size.next_multiple_of(8);
    }
    n
}

fn xz(plain: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut encoder = liblzma::read::XzEncoder::new(plain, 1);
    std::io::Read::read_to_end(&mut encoder, &mut out).unwrap();
    out
}

fn lz4(plain: &[u8]) -> Vec<u8> {
    let mut out = (plain.len() as u64).to_le_bytes().to_vec();
    out.extend(lz4_flex::block::compress(plain));
    out
}

/// One file per form of the format; `journalctl` is asked about each.
pub(crate) fn compare() {
    let dir = tempfile::tempdir().unwrap();
    let source = dir.path().join("in.export");
    std::fs::write(&source, export()).unwrap();
    for compact in ["0", "1"] {
        for keyed in ["0", "1"] {
            for compress in ["no", "yes"] {
                let what = format!("compact {compact}, keyed hash {keyed}, compress {compress}");
                let file = dir
                    .path()
                    .join(format!("{compact}{keyed}{compress}.journal"));
                let output = Command::new(WRITER)
                    .arg(format!("--compress={compress}"))
                    .arg("-o")
                    .args([&file, &source])
                    .env("SYSTEMD_JOURNAL_COMPACT", compact)
                    .env("SYSTEMD_JOURNAL_KEYED_HASH", keyed)
                    .output()
                    .unwrap();
                assert!(output.status.success(), "{WRITER} failed: {output:?}");
                agree(&file, &what);
                if compress == "no" {
                    if keyed == "1" {
                        damaged(&file, &what);
                    }
                    for (flag, pack) in [(1, xz as fn(&[u8]) -> Vec<u8>), (2, lz4)] {
                        let mut bytes = std::fs::read(&file).unwrap();
                        assert!(repack(&mut bytes, flag, pack) > 1000);
                        let packed = dir.path().join("packed.journal");
                        std::fs::write(&packed, &bytes).unwrap();
                        agree(&packed, &format!("{what}, repacked with {flag}"));
                    }
                }
            }
        }
    }
}
