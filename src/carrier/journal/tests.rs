//! Journal files made by hand: whole, compressed, cut, damaged and hostile.

use super::bytes::u64_at;
use super::*;
use std::collections::HashMap;

/// Writes journal files as journald does: data before their entry, entry arrays that double.
struct Writer {
    bytes: Vec<u8>,
    layout: Layout,
    data: HashMap<Vec<u8>, u64>,
    n_entries: u64,
    /// Offset of the last array, its slots and how many are in use; slots 0: none yet.
    array: (usize, usize, usize),
}

impl Writer {
    fn new(compact: bool) -> Writer {
        let mut bytes = vec![0; 272];
        bytes[..8].copy_from_slice(b"LPKSHHRH");
        bytes[12] = if compact { 0b1_1111 } else { 0b1111 };
        let mut writer = Writer {
            bytes,
            layout: Layout::new(compact),
            data: HashMap::new(),
            n_entries: 0,
            array: (0, 0, 0),
        };
        writer.set(88, 272);
        writer.object(4, 0, &[0; 64]);
        writer
    }

    fn set(&mut self, at: usize, value: u64) {
        self.bytes[at..at + 8].copy_from_slice(&value.to_le_bytes());
    }

    fn object(&mut self, kind: u8, flags: u8, rest: &[u8]) -> u64 {
        self.bytes.resize(self.bytes.len().next_multiple_of(8), 0);
        let at = self.bytes.len();
        self.bytes.extend([kind, flags, 0, 0, 0, 0, 0, 0]);
        self.bytes.extend((16 + rest.len() as u64).to_le_bytes());
        self.bytes.extend(rest);
        at as u64
    }

    /// A data object; `flags`: how the payload is compressed.
    fn data(&mut self, flags: u8, payload: &[u8]) -> u64 {
        if let Some(at) = self.data.get(payload) {
            return *at;
        }
        let mut rest = vec![0; self.layout.data_head - 16];
        rest.extend(payload);
        let at = self.object(1, flags, &rest);
        self.data.insert(payload.to_vec(), at);
        at
    }

    fn offsets(&self, item: usize, offsets: &[u64]) -> Vec<u8> {
        let mut out = Vec::new();
        for offset in offsets {
            out.extend(&offset.to_le_bytes()[..item.min(8)]);
            out.resize(out.len() + item.saturating_sub(8), 0);
        }
        out
    }

    fn entry(&mut self, data: &[u64]) -> u64 {
        self.n_entries += 1;
        let mut rest = Vec::new();
        rest.extend(self.n_entries.to_le_bytes());
        rest.extend((1_780_000_000_000_000 + self.n_entries).to_le_bytes());
        rest.resize(48, 1);
        rest.extend(self.offsets(self.layout.entry_item, data));
        let entry = self.object(3, 0, &rest);
        self.link(entry);
        entry
    }

    fn link(&mut self, entry: u64) {
        let (last, n_slots, n_used) = self.array;
        let item = self.layout.array_item;
        if n_used == n_slots {
            let n_slots = (2 * n_slots).max(4);
            let at = self.object(6, 0, &vec![0; 8 + n_slots * item]);
            self.set(if last == 0 { 176 } else { last + 16 }, at);
            self.array = (usize::try_from(at).unwrap(), n_slots, 0);
        }
        let (last, _, n_used) = &mut self.array;
        let slot = *last + 24 + *n_used * item;
        *n_used += 1;
        self.bytes[slot..slot + item].copy_from_slice(&entry.to_le_bytes()[..item]);
    }

    fn fields(&mut self, fields: &[&str]) -> u64 {
        let data: Vec<u64> = fields.iter().map(|f| self.data(0, f.as_bytes())).collect();
        self.entry(&data)
    }

    fn finish(mut self) -> Vec<u8> {
        self.bytes.resize(self.bytes.len().next_multiple_of(8), 0);
        self.set(96, self.bytes.len() as u64 - 272);
        self.set(152, self.n_entries);
        self.bytes
    }
}

/// A record that owns its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Owned {
    number: u64,
    offset: u64,
    micros: Option<i64>,
    host: String,
    ident: String,
    pid: Option<u32>,
    body: String,
}

struct Got {
    records: Vec<Owned>,
    n_numbers: u64,
    losses: Losses,
    problem: Option<String>,
}

fn read(bytes: &[u8]) -> Got {
    let journal = Journal::open(bytes);
    let mut scratch = Scratch::default();
    let mut losses = Losses::default();
    let (mut records, mut n_numbers) = (Vec::new(), 0);
    for number in 0..journal.n_blocks() {
        let before = n_numbers;
        let each = |line: u32, offset, record: &Record<'_>| {
            records.push(owned(before + u64::from(line), offset, record));
        };
        n_numbers += u64::from(journal.block(bytes, number, &mut scratch, &mut losses, each));
    }
    let problem = journal.problem(&losses);
    // In one pass over the file the same is found.
    let (passed, damage) = pass(bytes);
    let damaged = problem.is_some() || damage.is_some();
    assert!(damaged || passed == records, "{passed:?}");
    Got {
        records,
        n_numbers,
        losses,
        problem,
    }
}

fn owned(number: u64, offset: u64, record: &Record<'_>) -> Owned {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Owned {
        number,
        offset,
        micros: record.stamp.map(|stamp| stamp.micros),
        host: text(record.host),
        ident: text(record.ident),
        pid: record.pid,
        body: text(record.body),
    }
}

fn pass(bytes: &[u8]) -> (Vec<Owned>, Option<String>) {
    let mut forward = Forward::new(bytes);
    let mut records = Vec::new();
    let mut each = |offset, record: &Record<'_>| records.push(owned(0, offset, record));
    let mut numbers = Vec::new();
    while let Some(number) = forward.next(&mut each) {
        numbers.push(number + 1);
    }
    assert!(numbers.iter().copied().eq(1..=numbers.len() as u64));
    for (record, number) in records.iter_mut().zip(numbers) {
        record.number = number;
    }
    (records, forward.problem())
}

/// The number at `at`, an offset.
fn offset_at(bytes: &[u8], at: usize) -> usize {
    usize::try_from(u64_at(bytes, at).unwrap()).unwrap()
}

/// Offsets of the first and the second entry array.
fn arrays(bytes: &[u8]) -> (usize, usize) {
    let first = offset_at(bytes, 176);
    (first, offset_at(bytes, first + 16))
}

const HAPROXY: [&str; 4] = [
    "_HOSTNAME=proxy01",
    "SYSLOG_IDENTIFIER=haproxy",
    "_COMM=haproxy-worker",
    "_PID=3028",
];

/// So many entries of one service, each with its own message.
fn service(compact: bool, n: u32) -> Vec<u8> {
    let mut writer = Writer::new(compact);
    for i in 0..n {
        let message = format!("MESSAGE=line {i}");
        let fields: Vec<&str> = HAPROXY.into_iter().chain([message.as_str()]).collect();
        writer.fields(&fields);
    }
    writer.finish()
}

fn bodies(got: &Got) -> Vec<&str> {
    got.records
        .iter()
        .map(|record| record.body.as_str())
        .collect()
}

#[test]
fn regular_and_compact_files_say_the_same() {
    for compact in [false, true] {
        let mut writer = Writer::new(compact);
        writer.fields(&HAPROXY);
        writer.fields(&[
            "MESSAGE=two\nlines",
            "_HOSTNAME=proxy01",
            "_COMM=sshd",
            "_PID=7",
            "_UID=0",
        ]);
        let last = writer.fields(&["SYSLOG_PID=9", "_PID=7", "MESSAGE=", "MESSAGE_ID=x"]);
        let got = read(&writer.finish());
        let said: Vec<_> = got
            .records
            .iter()
            .map(|r| (r.host.as_str(), r.ident.as_str(), r.pid, r.body.as_str()))
            .collect();
        assert_eq!(
            said,
            [
                ("proxy01", "haproxy", Some(3028), ""),
                ("proxy01", "sshd", Some(7), "two\nlines"),
                ("", "", Some(9), ""),
            ]
        );
        assert_eq!(got.records[2].number, 3);
        assert_eq!(got.records[2].offset, last);
        assert_eq!(got.records[2].micros, Some(1_780_000_000_000_003));
        assert_eq!(got.problem, None);
    }
}

#[test]
fn compressed_fields_are_read_like_others() {
    let text = format!("MESSAGE={}", "Server be_app/app1 is DOWN. ".repeat(40));
    let mut lz4 = (text.len() as u64).to_le_bytes().to_vec();
    lz4.extend(lz4_flex::block::compress(text.as_bytes()));
    let mut xz = Vec::new();
    let mut encoder = liblzma::read::XzEncoder::new(text.as_bytes(), 6);
    std::io::Read::read_to_end(&mut encoder, &mut xz).unwrap();
    let zstd = |text: &str| zstd::bulk::compress(text.as_bytes(), 3).unwrap();
    for compact in [false, true] {
        let mut writer = Writer::new(compact);
        let ident = writer.data(4, &zstd("SYSLOG_IDENTIFIER=haproxy"));
        let other = writer.data(4, &zstd(&"COREDUMP=x".repeat(100)));
        let messages = [
            writer.data(1, &xz),
            writer.data(2, &lz4),
            writer.data(4, &zstd(&text)),
            writer.data(0, text.as_bytes()),
        ];
        for message in messages {
            writer.entry(&[message, ident, other]);
        }
        let got = read(&writer.finish());
        assert_eq!(got.records.len(), 4);
        assert_eq!(got.problem, None);
        for record in &got.records {
            assert_eq!(record.ident, "haproxy");
            assert_eq!(Some(record.body.as_str()), text.strip_prefix("MESSAGE="));
        }
        assert_eq!(got.losses, Losses::default());
    }
}

#[test]
fn objects_far_away_are_found() {
    let mut writer = Writer::new(false);
    let shared = "MESSAGE=backend be_app has no server available!";
    for i in 0..12 {
        let wide = format!("NOISE={i}{}", "x".repeat(200_000));
        let own = format!("MESSAGE=line {i}{}", "y".repeat(600 * i));
        let mut fields: Vec<&str> = HAPROXY.to_vec();
        fields.push(if i % 2 == 0 { shared } else { &own });
        // What stands between message and entry pushes the message out of the window.
        fields.push(&wide);
        let more = format!("NOISE=b{wide}");
        fields.push(&more);
        writer.fields(&fields);
    }
    let got = read(&writer.finish());
    assert_eq!(got.losses, Losses::default());
    assert_eq!(got.records.len(), 12);
    for (i, record) in got.records.iter().enumerate() {
        assert_eq!((record.ident.as_str(), record.pid), ("haproxy", Some(3028)));
        if i % 2 == 0 {
            assert_eq!(Some(record.body.as_str()), shared.strip_prefix("MESSAGE="));
        } else {
            assert_eq!(record.body, format!("line {i}{}", "y".repeat(600 * i)));
        }
    }
}

#[test]
fn blocks_are_numbered_through_and_need_no_order() {
    let bytes = service(true, 20_000);
    let got = read(&bytes);
    assert_eq!((got.records.len(), got.n_numbers), (20_000, 20_000));
    for (i, record) in got.records.iter().enumerate() {
        assert_eq!(record.number, i as u64 + 1);
        assert_eq!(record.body, format!("line {i}"));
    }
    let journal = Journal::open(&*bytes);
    assert!(journal.n_blocks() >= 3);
    let mut backwards = Vec::new();
    for number in (0..journal.n_blocks()).rev() {
        let mut block = Vec::new();
        let each = |_, offset, record: &Record<'_>| block.push((offset, record.body.to_vec()));
        journal.block(
            &*bytes,
            number,
            &mut Scratch::default(),
            &mut Losses::default(),
            each,
        );
        backwards.splice(0..0, block);
    }
    let forwards: Vec<_> = got
        .records
        .iter()
        .map(|r| (r.offset, r.body.clone().into_bytes()))
        .collect();
    assert!(backwards == forwards);
}

#[test]
fn a_cut_file_gives_what_is_there_and_says_so() {
    for compact in [false, true] {
        let bytes = service(compact, 24);
        let mut n_before = 0;
        for n in 0..bytes.len() {
            let got = read(&bytes[..n]);
            assert!(got.problem.is_some(), "{n} of {} bytes", bytes.len());
            // Padding and unused slots at the end of an object may be missing unnoticed.
            assert!(got.records.len() >= n_before, "{n} bytes");
            n_before = got.records.len();
        }
        assert_eq!(read(&bytes).problem, None);
        assert!(n_before >= 23);
    }
}

#[test]
fn any_byte_may_be_wrong() {
    for compact in [false, true] {
        let bytes = service(compact, 12);
        for at in 0..bytes.len() {
            for value in [0, 3, 0x7f, 0xff] {
                let mut wrong = bytes.clone();
                wrong[at] = value;
                let got = read(&wrong);
                assert!(got.records.len() as u64 <= got.n_numbers);
                assert!(got.n_numbers <= bytes.len() as u64 / 4);
                // Behind the file's header, damage costs what it hits.
                assert!(
                    at < 272 || got.records.len() >= 9,
                    "{at}: {:?}",
                    got.problem
                );
            }
        }
    }
}

#[test]
fn a_loop_of_arrays_ends() {
    let mut bytes = service(false, 20);
    let (first, second) = arrays(&bytes);
    bytes[second + 16..second + 24].copy_from_slice(&(first as u64).to_le_bytes());
    let got = read(&bytes);
    assert_eq!(got.records.len(), 20);
    let problem = got.problem.unwrap();
    assert!(
        problem.starts_with("the list of entries is broken at byte "),
        "{problem}"
    );
}

#[test]
fn entries_behind_a_damaged_array_are_found() {
    for compact in [false, true] {
        let mut bytes = service(compact, 100);
        let whole = read(&bytes);
        let (_, second) = arrays(&bytes);
        // a page of the disk that was never written
        bytes[second..second + 40].fill(0);
        let got = read(&bytes);
        assert_eq!(bodies(&got), bodies(&whole));
        assert!(got.problem.unwrap().contains("searched in the whole file"));
    }
}

#[test]
fn a_message_that_looks_like_an_entry_is_none() {
    let mut writer = Writer::new(false);
    let mut forged = b"MESSAGE=".to_vec();
    forged.extend([3, 0, 0, 0, 0, 0, 0, 0, 80, 0, 0, 0, 0, 0, 0, 0]);
    forged.extend([1; 48]);
    forged.extend(8_u64.to_le_bytes());
    forged.extend([0; 8]);
    for i in 0..10 {
        forged.push(b'0' + i);
        let message = writer.data(0, &forged);
        writer.entry(&[message]);
    }
    let mut bytes = writer.finish();
    let (_, second) = arrays(&bytes);
    bytes[second] = 0;
    let got = read(&bytes);
    assert_eq!((got.records.len(), got.losses.n_entries), (10, 0));
}

#[test]
fn a_field_that_points_nowhere_costs_only_itself() {
    let mut writer = Writer::new(true);
    let host = writer.data(0, b"_HOSTNAME=proxy01");
    writer.entry(&[host, 0xffff_fff8]);
    writer.entry(&[host, 3]);
    writer.entry(&[host, 272]);
    let got = read(&writer.finish());
    assert_eq!(got.records.len(), 3);
    assert!(got.records.iter().all(|record| record.host == "proxy01"));
    assert_eq!(got.losses.n_fields, 3);
    assert_eq!(got.problem.as_deref(), Some("damaged fields: 3"));
}

#[test]
fn an_entry_listed_many_times_is_read_once() {
    let mut writer = Writer::new(false);
    let entry = writer.fields(&HAPROXY);
    for _ in 0..50 {
        writer.link(entry);
        writer.link(entry - 8);
    }
    let got = read(&writer.finish());
    assert_eq!((got.records.len(), got.losses.n_entries), (1, 100));
}

#[test]
fn one_long_message_in_many_entries_has_a_budget() {
    let mut writer = Writer::new(true);
    let long = [b"MESSAGE=".as_slice(), &[b'x'; 1 << 20]].concat();
    let message = writer.data(4, &zstd::bulk::compress(&long, 3).unwrap());
    for i in 0..400 {
        let own = writer.data(0, format!("N={i}").as_bytes());
        writer.entry(&[message, own]);
    }
    let bytes = writer.finish();
    assert!(bytes.len() < 100_000);
    let got = read(&bytes);
    let n_bytes: usize = got.records.iter().map(|record| record.body.len()).sum();
    assert!(n_bytes <= 257 << 20, "{n_bytes}");
    assert_eq!(got.records.len(), 400);
    assert!(got.losses.n_cut + got.losses.n_fields >= 400);
}

#[test]
fn features_of_the_future_are_named() {
    let mut bytes = service(false, 1);
    bytes[12] |= 1 << 6;
    let got = read(&bytes);
    assert!(got.records.is_empty());
    assert!(got.problem.unwrap().contains("incompatible flags 0x40"));
}

#[test]
fn impossible_numbers_in_the_header_are_replaced() {
    for at in [88, 152] {
        let mut bytes = service(true, 30);
        bytes[at + 6] = 0x55;
        let got = read(&bytes);
        assert_eq!(got.records.len(), 30);
        assert_eq!(got.problem.as_deref(), Some("the file header is damaged"));
    }
}
