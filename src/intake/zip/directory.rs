//! The directory at the end of a zip archive.
//!
//! Source: APPNOTE.TXT, "End of central directory record", "Zip64 end of central directory locator".

use super::place::Place;
use super::record;
use super::record::Entry;
use super::record::Fields;
use crate::base::counted;
use std::io::BufReader;

/// Bytes of the end record before its comment.
const END_BYTES: usize = 22;
/// Bytes of the end record with the longest comment.
const TAIL: usize = END_BYTES + 65_535;

/// The members, in the order in which they lie in the file.
pub(super) struct Directory {
    pub(super) entries: Vec<Entry>,
    /// What is wrong with the rest of it.
    pub(super) problem: Option<String>,
}

/// Where the directory lies, and how many lines it has.
struct End {
    /// Offset of the end record.
    at: u64,
    n_entries: u64,
    n_bytes: u64,
    directory_at: u64,
}

/// Reads the directory, up to one line more than `limit` members; the error says why there is none.
pub(super) fn read(place: &Place<'_>, limit: usize) -> Result<Directory, String> {
    let end = end(place)?;
    // Something may stand before the archive (a program that unpacks itself): then all offsets are too small.
    let shift = end
        .at
        .checked_sub(end.n_bytes)
        .and_then(|at| at.checked_sub(end.directory_at))
        .unwrap_or(0);
    let at = [end.directory_at, end.directory_at.saturating_add(shift)]
        .into_iter()
        .find(|&at| end.n_entries == 0 || starts(place, at, record::CENTRAL));
    let Some(at) = at else {
        return Err("the directory at its end is damaged".to_owned());
    };
    let shift = at - end.directory_at;
    let mut inner = BufReader::new(place.from(at));
    let (mut entries, mut problem) = (Vec::new(), None);
    while (entries.len() as u64) < end.n_entries && entries.len() <= limit {
        let read = record::signature(&mut inner).and_then(|signature| match signature {
            record::CENTRAL => record::central(&mut inner),
            _ => Err("no line where the next one should begin".to_owned()),
        });
        match read {
            Ok(mut entry) => {
                entry.at = entry.at.saturating_add(shift);
                entries.push(entry);
            }
            Err(why) => {
                let members = counted(end.n_entries, "member");
                problem = Some(format!(
                    "the directory is damaged after {} of {members}: {why}",
                    entries.len()
                ));
                break;
            }
        }
    }
    entries.sort_by(|a, b| (a.at, &a.name).cmp(&(b.at, &b.name)));
    Ok(Directory { entries, problem })
}

/// Offset of the data of a member; the error says what stands there instead of its header.
pub(super) fn data_at(place: &Place<'_>, entry: &Entry) -> Result<u64, String> {
    let head = place
        .some(entry.at, 30)
        .map_err(|error| error.to_string())?;
    if head.len() < 30 || Fields(&head).u32() != record::LOCAL {
        return Err("its header is not where the directory says".to_owned());
    }
    let mut lengths = Fields(head.get(26..).unwrap_or(&[]));
    let n = u64::from(lengths.u16()) + u64::from(lengths.u16());
    let at = entry.at + 30 + n;
    let there = place.n_bytes.saturating_sub(at);
    if entry.n_packed > there {
        return Err("goes on beyond the end of the archive".to_owned());
    }
    Ok(at)
}

fn starts(place: &Place<'_>, at: u64, signature: u32) -> bool {
    let bytes = place.some(at, 4).unwrap_or_default();
    bytes == signature.to_le_bytes()
}

fn end(place: &Place<'_>) -> Result<End, String> {
    let tail_at = place.n_bytes.saturating_sub(TAIL as u64);
    let tail = place
        .some(tail_at, TAIL)
        .map_err(|error| error.to_string())?;
    let found = memchr::memmem::rfind_iter(&tail, &record::END.to_le_bytes())
        .filter_map(|at| Some((at, tail.get(at..at + END_BYTES)?)))
        .find(|(at, bytes)| {
            let comment = Fields(bytes.get(20..).unwrap_or(&[])).u16();
            at + END_BYTES + usize::from(comment) <= tail.len()
        });
    let Some((at, bytes)) = found else {
        return Err("no directory at its end, it is cut".to_owned());
    };
    let mut fields = Fields(bytes.get(10..).unwrap_or(&[]));
    let (n_entries, n_bytes, directory_at) = (fields.u16(), fields.u32(), fields.u32());
    let mut end = End {
        at: tail_at + at as u64,
        n_entries: u64::from(n_entries),
        n_bytes: u64::from(n_bytes),
        directory_at: u64::from(directory_at),
    };
    let wide = n_entries == u16::MAX || n_bytes == u32::MAX || directory_at == u32::MAX;
    if let Some(found) = end
        .at
        .checked_sub(20)
        .filter(|_| wide)
        .and_then(|at| end_64(place, at))
    {
        end = found;
    }
    Ok(end)
}

/// The end record of 64 bits, whose locator stands at `at`; `None`: there is none.
fn end_64(place: &Place<'_>, at: u64) -> Option<End> {
    let locator = place.some(at, 20).ok()?;
    let mut fields = Fields(&locator);
    if fields.u32() != 0x0706_4b50 {
        return None;
    }
    let _disk = fields.u32();
    let at = fields.u64();
    let record = place.some(at, 56).ok().filter(|r| r.len() == 56)?;
    if Fields(&record).u32() != record::END_64 {
        return None;
    }
    let mut fields = Fields(record.get(32..)?);
    Some(End {
        at,
        n_entries: fields.u64(),
        n_bytes: fields.u64(),
        directory_at: fields.u64(),
    })
}
