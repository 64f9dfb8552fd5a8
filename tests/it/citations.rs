//! Every citation of every sample's report stands in the artifact, at the line and offset that the report names.

use crate::sample;
use crate::sample::Sample;
use nosrv::base::printable;
use nosrv::report::ArtifactLine;
use nosrv::report::EvidenceLine;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::io::Read as _;
use std::path::Path;

#[test]
fn every_citation_resolves() {
    let (mut wrong, mut n) = (Vec::new(), 0);
    for sample in sample::all() {
        let report = sample.report();
        let mut opened: BTreeMap<&str, Vec<u8>> = BTreeMap::new();
        for cited in &report.evidence {
            let artifact = report
                .artifacts
                .iter()
                .find(|artifact| artifact.id == cited.artifact);
            let Some(artifact) = artifact else {
                wrong.push(format!("{}: {} cites no artifact", sample.name, cited.id));
                continue;
            };
            let bytes = opened
                .entry(&artifact.id)
                .or_insert_with(|| open(&sample, &artifact.path));
            if let Err(why) = resolve(cited, artifact, bytes) {
                wrong.push(format!(
                    "{}: {} of {}: {why}",
                    sample.name, cited.id, artifact.path
                ));
            }
            n += 1;
        }
    }
    assert!(n > 100, "only {n} citations");
    assert!(wrong.is_empty(), "{:#?}", wrong);
}

/// Every id that a report mentions is one of its lines.
#[test]
fn every_mentioned_id_is_listed() {
    for sample in sample::all() {
        let report = serde_json::to_value(sample.report()).unwrap();
        let ids: Vec<&Value> = report["evidence"]
            .as_array()
            .unwrap()
            .iter()
            .map(|line| &line["id"])
            .collect();
        let mut mentioned = Vec::new();
        mentions(&report["incidents"], &mut mentioned);
        mentions(&report["timeline"], &mut mentioned);
        for id in mentioned {
            assert!(ids.contains(&id), "{}: {id}", sample.name);
        }
    }
}

fn mentions<'a>(value: &'a Value, into: &mut Vec<&'a Value>) {
    match value {
        Value::Array(all) => all.iter().for_each(|one| mentions(one, into)),
        Value::Object(fields) => {
            for (key, value) in fields {
                match value {
                    Value::Array(ids) if key == "evidence" => into.extend(ids),
                    Value::String(_) if key == "evidence" => into.push(value),
                    _ => mentions(value, into),
                }
            }
        }
        _ => {}
    }
}

fn resolve(cited: &EvidenceLine, artifact: &ArtifactLine, bytes: &[u8]) -> Result<(), String> {
    let offset = usize::try_from(cited.offset).unwrap();
    let (before, rest) = bytes
        .split_at_checked(offset)
        .ok_or("the offset is beyond the end")?;
    let carrier = artifact.carrier.as_deref().unwrap_or("");
    let export = carrier == "journal export";
    // Records of the export format are divided by empty lines and counted as one line each.
    let number = if export {
        before.windows(2).filter(|two| two == b"\n\n").count() + 1
    } else {
        before.split(|&c| c == b'\n').count()
    };
    if cited.line != number as u64 {
        return Err(format!(
            "line {}, but its offset is in {number}",
            cited.line
        ));
    }
    if !before.is_empty() && !before.ends_with(b"\n") {
        return Err("the offset is not the beginning of a line".to_owned());
    }
    let right = if export {
        let end = rest
            .windows(2)
            .position(|two| two == b"\n\n")
            .unwrap_or(rest.len());
        printable(&rest[..end]).contains(&cited.text)
    } else {
        let line = rest.split(|&c| c == b'\n').next().unwrap();
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        printable(line) == cited.text || carrier.contains("json") && json_holds(line, &cited.text)
    };
    if right {
        Ok(())
    } else {
        Err(format!("line {number} does not read {:?}", cited.text))
    }
}

/// A field of the record reads so.
fn json_holds(record: &[u8], text: &str) -> bool {
    let record: Value = serde_json::from_slice(record).unwrap();
    let mut fields = record.as_object().unwrap().values();
    fields.any(|field| match field {
        Value::String(field) => printable(field.trim_end_matches('\n').as_bytes()) == text,
        // The journal writes fields that are no plain text as lists of bytes.
        Value::Array(bytes) => {
            let bytes: Option<Vec<u8>> = bytes
                .iter()
                .map(|byte| u8::try_from(byte.as_u64()?).ok())
                .collect();
            bytes.is_some_and(|bytes| printable(&bytes) == text)
        }
        _ => false,
    })
}

/// The uncompressed bytes of an artifact: of a file, or of a member of an archive.
fn open(sample: &Sample, path: &str) -> Vec<u8> {
    let mut file = sample.bundle();
    let mut parts = path.split('/');
    while !file.is_file() {
        file.push(
            parts
                .next()
                .unwrap_or_else(|| panic!("{}: no file {path}", sample.name)),
        );
    }
    let member = parts.collect::<Vec<_>>().join("/");
    let bytes = expanded(fs::read(&file).unwrap());
    if member.is_empty() {
        return bytes;
    }
    let mut archive = tar::Archive::new(&bytes[..]);
    let mut members = archive.entries().unwrap().map(Result::unwrap);
    let is_it = |path: &Path| path.strip_prefix("./").unwrap_or(path) == Path::new(&member);
    let mut found = members.find(|entry| is_it(&entry.path().unwrap())).unwrap();
    let mut inside = Vec::new();
    found.read_to_end(&mut inside).unwrap();
    expanded(inside)
}

fn expanded(bytes: Vec<u8>) -> Vec<u8> {
    let mut out = Vec::new();
    match &bytes[..bytes.len().min(4)] {
        [0x1f, 0x8b, ..] => flate2::read::MultiGzDecoder::new(&bytes[..]).read_to_end(&mut out),
        [0x28, 0xb5, 0x2f, 0xfd] => zstd::Decoder::new(&bytes[..])
            .unwrap()
            .read_to_end(&mut out),
        [0xfd, b'7', b'z', b'X'] => {
            liblzma::read::XzDecoder::new_multi_decoder(&bytes[..]).read_to_end(&mut out)
        }
        _ => return bytes,
    }
    .unwrap();
    out
}
