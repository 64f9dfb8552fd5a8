//! Archives of every kind, whole, nested, cut and damaged, built here and read back.

use crate::intake::Content;
use crate::intake::Leaf;
use crate::intake::Limits;
use crate::intake::Trouble;
use crate::intake::visit;
use crate::intake::zip::writer::Member;
use crate::intake::zip::writer::zip;
use proptest::prelude::any;
use proptest::prelude::prop;
use std::io::Read as _;
use std::io::Write as _;

const LOG: &[u8] = b"Jun 05 21:53:47 proxy01 haproxy[3028]: be_app/<NOSRV>\n";

/// What a file gave: each artifact's name and bytes, and the troubles as `name: why`.
#[derive(Debug, Default, PartialEq, Eq)]
struct Given {
    items: Vec<(String, Vec<u8>)>,
    notes: Vec<String>,
    troubles: Vec<String>,
}

fn read_with(bytes: &[u8], limits: &Limits) -> Given {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(bytes).unwrap();
    let leaf = Leaf {
        name: "f".to_owned(),
        path: Some(file.path().to_owned()),
    };
    let mut given = Given::default();
    let troubles = visit(&leaf, limits, &mut |item| {
        let mut content = Vec::new();
        let read = match item.content {
            Content::Whole(bytes) => {
                content = bytes;
                Ok(0)
            }
            Content::File(mut file, _) => file.read_to_end(&mut content),
            Content::Stream(mut inner) => inner.read_to_end(&mut content),
        };
        given.notes.extend(item.note);
        if let Err(error) = read {
            given.troubles.push(format!("{}: {error}", item.name));
        }
        given.items.push((item.name, content));
    });
    given.troubles.extend(
        troubles
            .into_iter()
            .map(|Trouble { name, why, .. }| format!("{name}: {why}")),
    );
    given
}

fn read(bytes: &[u8]) -> Given {
    read_with(bytes, &Limits::default())
}

#[track_caller]
fn check(bytes: &[u8], want: &[(&str, &[u8])]) {
    let given = read(bytes);
    assert_eq!(given.troubles, Vec::<String>::new());
    let names: Vec<&str> = given.items.iter().map(|(name, _)| name.as_str()).collect();
    let wanted: Vec<&str> = want.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, wanted);
    for ((name, bytes), (_, want)) in given.items.iter().zip(want) {
        assert!(bytes == want, "{name}: {} bytes", bytes.len());
    }
}

type Pack = fn(&[u8]) -> Vec<u8>;

const PACKERS: [(&str, Pack); 5] = [
    ("gzip", gzip),
    ("zstd", |bytes| zstd::encode_all(bytes, 1).unwrap()),
    ("xz", |bytes| {
        let mut xz = liblzma::write::XzEncoder::new(Vec::new(), 1);
        xz.write_all(bytes).unwrap();
        xz.finish().unwrap()
    }),
    ("bzip2", |bytes| {
        let mut bz = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
        bz.write_all(bytes).unwrap();
        bz.finish().unwrap()
    }),
    ("lz4", |bytes| {
        let mut lz4 = lz4_flex::frame::FrameEncoder::new(Vec::new());
        lz4.write_all(bytes).unwrap();
        lz4.finish().unwrap()
    }),
];

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gz.write_all(bytes).unwrap();
    gz.finish().unwrap()
}

fn tar(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut tar = tar::Builder::new(Vec::new());
    for (name, bytes) in members {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        tar.append_data(&mut header, name, *bytes).unwrap();
    }
    tar.into_inner().unwrap()
}

/// A log that is too large to be read whole, and does not compress to nothing.
fn large() -> Vec<u8> {
    let mut log = Vec::new();
    let mut n = 0_u32;
    while log.len() < 1 << 20 {
        n = n.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        writeln!(log, "Jun 05 21:53:47 proxy01 haproxy[3028]: {n} {}", n >> 7).unwrap();
    }
    log.repeat(17)
}

#[test]
fn every_compression_is_read_and_several_in_a_row_are_one() {
    for (name, pack) in PACKERS {
        check(&pack(LOG), &[("f", LOG)]);
        let two = [pack(LOG), pack(b""), pack(LOG)].concat();
        check(&two, &[("f", &LOG.repeat(2))]);
        let nested = PACKERS.iter().fold(LOG.to_vec(), |inner, (_, p)| p(&inner));
        check(&nested, &[("f", LOG)]);
        check(&pack(&tar(&[("a", &pack(LOG))])), &[("f/a", LOG)]);
        let log = &large()[..1 << 20];
        let packed = pack(log);
        let given = read(&packed[..packed.len() * 4 / 5]);
        assert_eq!(given.troubles.len(), 1, "{name}: {:?}", given.troubles);
        let want = format!("the {name} data ends too early");
        assert!(given.troubles[0].ends_with(&want), "{:?}", given.troubles);
        // one block of lz4 may hold all of it
        let n = given.items[0].1.len();
        assert!(n > 100_000 || name == "lz4", "{name}: {n}");
    }
}

#[test]
fn large_members_are_streamed_with_the_same_bytes() {
    let large = large();
    let zst = zstd::encode_all(&large[..], 1).unwrap();
    check(&zst, &[("f", &large)]);
    check(
        &tar(&[("./a", &large), ("b.zst", &zst), ("c", LOG)]),
        &[("f/a", &large), ("f/b.zst", &large), ("f/c", LOG)],
    );
    let members = [Member::new("d/a", &large), Member::new("b", LOG)];
    let want: [(&str, &[u8]); 2] = [("f/d/a", &large), ("f/b", LOG)];
    let stored = zip(&members.clone().map(Member::stored));
    check(&stored, &want);
    // and where no place can be read twice
    check(&zstd::encode_all(&stored[..], 1).unwrap(), &want);
    check(&zip(&members.map(|m| m.follow(true))), &want);
}

#[test]
fn zip_members_are_read_by_the_directory_and_without_it() {
    let inner = gzip(&tar(&[("var/log/haproxy.log", LOG)]));
    let members = [
        Member::new("folder/", b""),
        Member::new("a.log", LOG),
        Member::new("b.log", LOG).stored(),
        Member::new("c.log", LOG).wide(),
        Member::new("d.log", LOG).packed(12, PACKERS[3].1(LOG)),
        Member::new("e.log", LOG).packed(93, PACKERS[1].1(LOG)),
        Member::new("f.log", LOG).packed(95, PACKERS[2].1(LOG)),
        Member::new("sos.tar.gz", &inner),
    ];
    let want: Vec<(&str, &[u8])> = vec![
        ("f/a.log", LOG),
        ("f/b.log", LOG),
        ("f/c.log", LOG),
        ("f/d.log", LOG),
        ("f/e.log", LOG),
        ("f/f.log", LOG),
        ("f/sos.tar.gz/var/log/haproxy.log", LOG),
    ];
    check(&zip(&members), &want);
    let following = members.map(|m| {
        let stored = m.is_stored();
        m.follow(!stored)
    });
    let whole = zip(&following);
    check(&whole, &want);
    check(&[&b"#!/bin/sh\n"[..], &whole].concat()[10..], &want);
    // without its directory it is read in order, and that is said
    let cut = &whole[..whole.len() - 30];
    let given = read(cut);
    assert_eq!(given.items.len(), want.len());
    assert_eq!(
        given.troubles,
        ["f: no directory at its end, it is cut: members are read one after the other instead"]
    );
}

#[test]
fn members_that_cannot_be_read_are_named_and_the_others_are_read() {
    let members = [
        Member::new("secret", LOG).encrypted(),
        Member::new("old", LOG).packed(9, b"xyz".to_vec()),
        Member::new("bad", LOG).sum(1),
        Member::new("\x1b[2Jlong\u{202e}", LOG),
        Member::new("../../etc/passwd", LOG),
    ];
    let given = read(&zip(&members));
    let names: Vec<&str> = given.items.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names[0], "f/bad");
    assert_eq!(names[2], "f/../../etc/passwd");
    assert!(!names[1].contains('\x1b'), "{names:?}");
    assert_eq!(
        given.troubles,
        [
            "f/secret: encrypted: unpack it with its password first",
            "f/old: compressed with a method that is not read (9, deflate64): unpack it first",
            "f/bad: cut or damaged: the zip data is damaged: its checksum differs",
        ]
    );
    assert_eq!(read(&gzip(&zip(&members))).troubles, given.troubles);
}

#[test]
fn containers_that_are_not_read_are_named() {
    for (head, name) in [
        (&b"7z\xbc\xaf\x27\x1c"[..], "7z"),
        (b"Rar!\x1a\x07\x00", "rar"),
        (b"LZIP\x01", "lzip"),
        (b"\x1f\x9d\x90", "compress (.Z)"),
    ] {
        let want = format!("f: {name} is not read by this version: unpack it first");
        assert_eq!(read(head).troubles, [want]);
    }
}

#[test]
fn bombs_end_at_the_limit() {
    let limits = Limits {
        ratio: 1,
        ..Limits::default()
    };
    // 1 GiB is free, the rest costs: two members that are below it alone, and above it together
    let zeros = vec![0; 64 << 20];
    let frames: Vec<u8> = zstd::encode_all(&zeros[..], 1).unwrap().repeat(12);
    let given = read_with(&tar(&[("a", &frames), ("b", &frames)]), &limits);
    let last = given.troubles.last().unwrap();
    assert!(
        last.contains("zstd expands beyond the limit (--max-ratio)"),
        "{:?}",
        given.troubles
    );
}

#[test]
fn a_tar_header_without_end_is_not_kept() {
    let mut header = tar::Header::new_gnu();
    header.set_entry_type(tar::EntryType::GNULongName);
    header.set_size(1 << 30);
    header.set_cksum();
    let mut bomb = header.as_bytes().to_vec();
    bomb.resize(8 << 20, b'a');
    let given = read(&bomb);
    assert!(
        given.troubles[0].contains("a header of more than 1 MiB"),
        "{:?}",
        given.troubles
    );
}

#[test]
fn links_and_devices_of_an_archive_are_counted_and_never_opened() {
    let mut tar = tar::Builder::new(Vec::new());
    for (name, kind) in [
        ("a", tar::EntryType::Symlink),
        ("b", tar::EntryType::Symlink),
        ("c", tar::EntryType::Link),
        ("d", tar::EntryType::Char),
        ("e", tar::EntryType::Fifo),
    ] {
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(kind);
        header.set_size(0);
        tar.append_link(&mut header, name, "/etc/passwd").unwrap();
    }
    let given = read(&tar.into_inner().unwrap());
    assert_eq!(
        given.troubles,
        ["f: not followed or opened: 1 device, 1 hard link, 1 pipe, 2 symbolic links"]
    );
    assert_eq!(given.items, []);
}

#[test]
fn nesting_ends_at_the_depth_limit() {
    let mut bytes = LOG.to_vec();
    for _ in 0..7 {
        bytes = gzip(&bytes);
    }
    assert_eq!(
        read(&bytes).troubles,
        ["f: more than 6 containers within each other (--max-depth)"]
    );
}

#[test]
fn text_of_windows_is_decoded_small_and_large() {
    let text = "\u{feff}Jun 05 größe\r\n";
    let utf16 =
        |text: &str| -> Vec<u8> { text.encode_utf16().flat_map(u16::to_le_bytes).collect() };
    let given = read(&utf16(text));
    assert_eq!(given.items[0].1, "Jun 05 größe\r\n".as_bytes());
    assert_eq!(
        given.notes,
        ["decoded from UTF-16 (little endian); offsets are of the text as UTF-8"]
    );
    let many = format!("{text}{}", "next größe\r\n".repeat(1_000_000));
    let packed = zstd::encode_all(&utf16(&many)[..], 1).unwrap();
    let given = read(&packed);
    assert!(given.items[0].1 == many.trim_start_matches('\u{feff}').as_bytes());
    assert_eq!(given.notes.len(), 1);
}

/// One small archive of every kind.
fn kinds() -> Vec<Vec<u8>> {
    let mut all: Vec<Vec<u8>> = PACKERS.iter().map(|(_, pack)| pack(LOG)).collect();
    let members = [("a.log", LOG), ("b.gz", &gzip(LOG))];
    all.push(tar(&members));
    all.push(gzip(&tar(&members)));
    let members = [
        Member::new("a.log", LOG),
        Member::new("b.log", LOG).stored(),
        Member::new("c.log", LOG).wide(),
        Member::new("d.gz", &gzip(LOG)),
    ];
    all.push(zip(&members));
    let members = members.map(|m| {
        let stored = m.is_stored();
        m.follow(!stored)
    });
    let followed = zip(&members);
    // in order only: the directory is not reached
    all.push(followed[..followed.len() - 40].to_vec());
    all
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig {
        failure_persistence: None,
        cases: 300,
        ..proptest::prelude::ProptestConfig::default()
    })]

    #[test]
    fn damaged_archives_never_panic_and_are_never_silent(
        kind in 0_usize..9,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
        keep in any::<prop::sample::Index>(),
        cut in any::<bool>(),
    ) {
        let mut bytes = kinds()[kind].clone();
        let whole = bytes.clone();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] ^= byte;
        }
        if cut {
            bytes.truncate(keep.index(bytes.len()) + 1);
        }
        let given = read(&bytes);
        let n: usize = given.items.iter().map(|(_, bytes)| bytes.len()).sum();
        proptest::prop_assert!(n < 1 << 20);
        // Something came out, or something was said.
        proptest::prop_assert!(!given.items.is_empty() || !given.troubles.is_empty() || bytes == whole);
    }
}
