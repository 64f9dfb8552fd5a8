//! Zip archives: by their directory where any place can be read, by the headers before each member where bytes come in order.
//!
//! Stored, deflated, bzip2, zstd and xz members; zip64; sizes that follow the data. Encrypted members and other methods are
//! named and left out.
//! Source: PKWARE, "APPNOTE.TXT - .ZIP File Format Specification", version 6.3.10.

mod data;
mod directory;
mod place;
mod record;
#[cfg(test)]
pub(super) mod writer;

use crate::base::counted;
use crate::intake::archive::member_name;
use crate::intake::expand::Given;
use crate::intake::expand::Walk;
use crate::intake::meter::Bounded;
use crate::intake::meter::named;
use data::Checked;
use record::Entry;
use std::io;
use std::io::BufReader;
use std::io::Read;

pub(super) use place::Place;

/// Bytes read at once.
const READ: usize = 256 << 10;

/// Reads the members that the directory at the end lists, in the order in which they lie in the file.
pub(super) fn positioned(
    walk: &mut Walk<'_>,
    given: &Given,
    place: &Place<'_>,
    depth: u32,
) -> io::Result<()> {
    let limit = usize::try_from(walk.limits.members).unwrap_or(usize::MAX);
    let directory = match directory::read(place, limit) {
        Ok(directory) => directory,
        Err(why) => {
            let why = format!("{why}: members are read one after the other instead");
            walk.trouble(&given.name, why);
            let source = place.source(0, walk.meter);
            return streamed(walk, given, source, depth);
        }
    };
    if let Some(problem) = directory.problem {
        walk.trouble(&given.name, problem);
    }
    let mut n_links = 0;
    let mut end = 0;
    for entry in &directory.entries {
        if entry.is_folder {
            continue;
        }
        if entry.is_link {
            n_links += 1;
            continue;
        }
        if !walk.may_enter(&given.name) {
            break;
        }
        let name = member_name(&given.name, &entry.name);
        let data_at = match directory::data_at(place, entry) {
            // Members that share bytes are how a small archive becomes endless.
            Ok(at) if entry.at < end => {
                let why = "lies within the member before it: left out".to_owned();
                walk.trouble(&name, why);
                end = end.max(at.saturating_add(entry.n_packed));
                continue;
            }
            Ok(at) => at,
            Err(why) => {
                walk.trouble(&name, why);
                continue;
            }
        };
        end = data_at.saturating_add(entry.n_packed);
        let source = place.source(data_at, walk.meter);
        let packed = BufReader::with_capacity(READ, source.take(entry.n_packed));
        match data::unpacked(entry, packed) {
            Ok(inner) => member(walk, name, entry, inner, depth)?,
            Err(why) => walk.trouble(&name, why),
        }
    }
    if n_links > 0 {
        let links = counted(n_links, "symbolic link");
        walk.left_out(&given.name, format!("not followed or opened: {links}"));
    }
    Ok(())
}

/// Reads member after member by the headers before them.
pub(super) fn streamed(
    walk: &mut Walk<'_>,
    given: &Given,
    inner: Box<dyn Read + '_>,
    depth: u32,
) -> io::Result<()> {
    let mut inner = BufReader::with_capacity(READ, inner);
    if let Err(why) = members(walk, given, &mut inner, depth) {
        walk.trouble(&given.name, format!("the archive is cut or damaged: {why}"));
    }
    Ok(())
}

fn members(
    walk: &mut Walk<'_>,
    given: &Given,
    inner: &mut BufReader<Box<dyn Read + '_>>,
    depth: u32,
) -> Result<(), String> {
    let mut signature = record::signature(inner)?;
    loop {
        match signature {
            record::LOCAL => {}
            // the directory: all members were read
            record::CENTRAL | record::END | record::END_64 => return Ok(()),
            // the mark of an archive in parts
            record::DESCRIPTOR => {
                signature = record::signature(inner)?;
                continue;
            }
            _ => return Err("no header where the next member should begin".to_owned()),
        }
        let entry = record::local(inner)?;
        let name = member_name(&given.name, &entry.name);
        if !entry.is_folder && !walk.may_enter(&given.name) {
            return Ok(());
        }
        let readable = data::is_readable(&entry);
        if !readable && !entry.is_folder {
            walk.trouble(&name, data::unreadable(&entry));
            if entry.sizes_follow {
                return Err(format!(
                    "nothing says where {name} ends, and what follows it"
                ));
            }
        }
        if !readable || entry.is_folder && !entry.sizes_follow {
            record::skip(inner, entry.n_packed)?;
            signature = if entry.sizes_follow {
                record::descriptor(inner)?.1
            } else {
                record::signature(inner)?
            };
            continue;
        }
        if entry.sizes_follow {
            let sum = followed(walk, &name, &entry, inner, depth)?;
            let (crc, next) = record::descriptor(inner)?;
            if crc != sum {
                walk.trouble(&name, "damaged: its checksum differs".to_owned());
            }
            signature = next;
            continue;
        }
        let mut packed = BufReader::new(inner.by_ref().take(entry.n_packed));
        match data::unpacked(&entry, &mut packed) {
            Ok(inner) => {
                let read = member(walk, name.clone(), &entry, inner, depth);
                read.map_err(|error| error.to_string())?;
            }
            Err(why) => walk.trouble(&name, why),
        }
        let mut rest = packed.into_inner();
        let left = rest.limit();
        let n = io::copy(&mut rest, &mut io::sink()).map_err(|e| e.to_string())?;
        if n < left {
            return Err(format!("it ends within {name}"));
        }
        signature = record::signature(inner)?;
    }
}

/// A member whose compressed data shows its own end; returns the checksum of what it held.
fn followed(
    walk: &mut Walk<'_>,
    name: &str,
    entry: &Entry,
    inner: &mut BufReader<Box<dyn Read + '_>>,
    depth: u32,
) -> Result<u32, String> {
    let unpacked = data::self_ending(entry, inner)?;
    let mut checked = Checked::new(unpacked, None);
    if !entry.is_folder {
        let inner = Box::new(&mut checked);
        let read = member(walk, name.to_owned(), entry, inner, depth);
        read.map_err(|error| error.to_string())?;
    }
    // What was not looked at must be read to find the next member.
    let mut rest = Bounded {
        inner: &mut checked,
        meter: walk.meter,
        name: "zip",
    };
    io::copy(&mut rest, &mut io::sink()).map_err(|error| named("zip", error).to_string())?;
    Ok(checked.sum())
}

fn member(
    walk: &mut Walk<'_>,
    name: String,
    entry: &Entry,
    inner: Box<dyn Read + '_>,
    depth: u32,
) -> io::Result<()> {
    let mut bounded = Bounded {
        inner,
        meter: walk.meter,
        name: "zip",
    };
    let given = Given {
        name,
        n_bytes: entry.n_bytes,
        sha256: None,
        modified: entry.modified,
    };
    walk.member(given, &mut bounded, depth + 1)
}
