//! The records of a zip archive, field by field.
//!
//! Source: APPNOTE.TXT, "Local file header", "Data descriptor", "Central directory header", "Extended timestamp".

use std::io;
use std::io::BufRead;
use std::io::Read;

/// Before each member.
pub(super) const LOCAL: u32 = 0x0403_4b50;
/// After a member whose sizes follow it.
pub(super) const DESCRIPTOR: u32 = 0x0807_4b50;
/// Before each line of the directory.
pub(super) const CENTRAL: u32 = 0x0201_4b50;
/// The end of the directory.
pub(super) const END: u32 = 0x0605_4b50;
/// The same with numbers of 64 bits.
pub(super) const END_64: u32 = 0x0606_4b50;
/// Longest name that is kept, bytes; the rest is cut.
const NAME_MAX: usize = 1024;
/// In a field of 32 bits: the number stands in the zip64 extra field.
const ELSEWHERE: u32 = u32::MAX;

/// What the archive says about a member.
#[derive(Clone, Debug, Default)]
pub(super) struct Entry {
    pub(super) name: Vec<u8>,
    pub(super) method: u16,
    pub(super) crc: u32,
    pub(super) n_packed: u64,
    pub(super) n_bytes: u64,
    /// Seconds since 1970. The format's own time has no zone, so only the one that Unix programs add counts.
    pub(super) modified: Option<i64>,
    /// Offset of the header before its data; 0 when read in order.
    pub(super) at: u64,
    pub(super) encrypted: bool,
    /// Sizes and checksum stand behind the data.
    pub(super) sizes_follow: bool,
    pub(super) is_folder: bool,
    pub(super) is_link: bool,
}

/// Numbers of a record, one after the other; 0 beyond the end.
pub(super) struct Fields<'a>(pub(super) &'a [u8]);

impl Fields<'_> {
    fn bytes<const N: usize>(&mut self) -> [u8; N] {
        let Some((bytes, rest)) = self.0.split_first_chunk::<N>() else {
            self.0 = &[];
            return [0; N];
        };
        self.0 = rest;
        *bytes
    }

    pub(super) fn u16(&mut self) -> u16 {
        u16::from_le_bytes(self.bytes())
    }

    pub(super) fn u32(&mut self) -> u32 {
        u32::from_le_bytes(self.bytes())
    }

    pub(super) fn u64(&mut self) -> u64 {
        u64::from_le_bytes(self.bytes())
    }
}

/// The next signature.
pub(super) fn signature(inner: &mut impl Read) -> Result<u32, String> {
    let mut bytes = [0; 4];
    exact(inner, &mut bytes, "the next header")?;
    Ok(u32::from_le_bytes(bytes))
}

/// The header before a member, after its signature.
pub(super) fn local(inner: &mut impl Read) -> Result<Entry, String> {
    let mut fixed = [0; 26];
    exact(inner, &mut fixed, "a member's header")?;
    let mut fields = Fields(&fixed);
    let (_version, flags, method) = (fields.u16(), fields.u16(), fields.u16());
    let _time = fields.u32();
    let (crc, packed, unpacked) = (fields.u32(), fields.u32(), fields.u32());
    let (n_name, n_extra) = (fields.u16(), fields.u16());
    let mut entry = Entry {
        method,
        crc,
        n_packed: u64::from(packed),
        n_bytes: u64::from(unpacked),
        ..Entry::default()
    };
    let mut name = vec![0; usize::from(n_name)];
    exact(inner, &mut name, "a member's name")?;
    entry.named(name, flags);
    let mut extra = vec![0; usize::from(n_extra)];
    exact(inner, &mut extra, "a member's header")?;
    entry.extra(&extra, unpacked == ELSEWHERE, packed == ELSEWHERE, false);
    Ok(entry)
}

/// A line of the directory, after its signature.
pub(super) fn central(inner: &mut impl Read) -> Result<Entry, String> {
    let mut fixed = [0; 42];
    exact(inner, &mut fixed, "a line of the directory")?;
    let mut fields = Fields(&fixed);
    let made_by = fields.u16();
    let (_version, flags, method) = (fields.u16(), fields.u16(), fields.u16());
    let _time = fields.u32();
    let (crc, packed, unpacked) = (fields.u32(), fields.u32(), fields.u32());
    let (n_name, n_extra, n_comment) = (fields.u16(), fields.u16(), fields.u16());
    let (_disk, _internal) = (fields.u16(), fields.u16());
    let (attributes, at) = (fields.u32(), fields.u32());
    let mut entry = Entry {
        method,
        crc,
        n_packed: u64::from(packed),
        n_bytes: u64::from(unpacked),
        at: u64::from(at),
        ..Entry::default()
    };
    let mut name = vec![0; usize::from(n_name)];
    exact(inner, &mut name, "a line of the directory")?;
    entry.named(name, flags);
    let mut extra = vec![0; usize::from(n_extra)];
    exact(inner, &mut extra, "a line of the directory")?;
    entry.extra(
        &extra,
        unpacked == ELSEWHERE,
        packed == ELSEWHERE,
        at == ELSEWHERE,
    );
    skip(inner, u64::from(n_comment))?;
    // Made on Unix or macOS: the upper half of the attributes is the mode of stat(2).
    let mode = attributes >> 16;
    let on_unix = matches!(made_by >> 8, 3 | 19);
    entry.is_link = on_unix && mode & 0xf000 == 0xa000;
    Ok(entry)
}

impl Entry {
    fn named(&mut self, mut name: Vec<u8>, flags: u16) {
        self.is_folder = name.ends_with(b"/");
        name.truncate(NAME_MAX);
        // Windows programs of old write the other slash.
        if !name.contains(&b'/') {
            for byte in name.iter_mut().filter(|byte| **byte == b'\\') {
                *byte = b'/';
            }
        }
        self.name = name;
        self.encrypted = flags & 1 != 0;
        self.sizes_follow = flags & 8 != 0;
    }

    /// The fields after the name: sizes of 64 bits, and a time that has a zone.
    fn extra(&mut self, extra: &[u8], unpacked: bool, packed: bool, at: bool) {
        let mut rest = Fields(extra);
        while rest.0.len() >= 4 {
            let (id, n) = (rest.u16(), usize::from(rest.u16()));
            let (field, after) = rest.0.split_at_checked(n).unwrap_or((rest.0, &[]));
            rest.0 = after;
            let mut field = Fields(field);
            match id {
                1 => {
                    if unpacked {
                        self.n_bytes = field.u64();
                    }
                    if packed {
                        self.n_packed = field.u64();
                    }
                    if at {
                        self.at = field.u64();
                    }
                }
                0x5455 if field.0.len() >= 5 && field.0.first().is_some_and(|f| f & 1 != 0) => {
                    let [_, time @ ..] = field.0 else {
                        continue;
                    };
                    let seconds = Fields(time).u32();
                    self.modified = Some(i64::from(seconds));
                }
                _ => {}
            }
        }
    }
}

/// What follows a member whose sizes follow it: its checksum, and the signature after the sizes, which have 32 or 64 bits.
pub(super) fn descriptor(inner: &mut impl BufRead) -> Result<(u32, u32), String> {
    let mut word = || {
        let mut bytes = [0; 4];
        exact(inner, &mut bytes, "the sizes behind a member").map(|()| u32::from_le_bytes(bytes))
    };
    let first = word()?;
    let crc = if first == DESCRIPTOR { word()? } else { first };
    word()?;
    word()?;
    let next = word()?;
    if [LOCAL, CENTRAL, END, END_64].contains(&next) {
        return Ok((crc, next));
    }
    word()?;
    Ok((crc, word()?))
}

/// Reads over so many bytes.
pub(super) fn skip(inner: &mut impl Read, n: u64) -> Result<(), String> {
    let done = io::copy(&mut inner.take(n), &mut io::sink()).map_err(|error| error.to_string())?;
    if done < n {
        return Err("it ends within a member that is left out".to_owned());
    }
    Ok(())
}

fn exact(inner: &mut impl Read, into: &mut [u8], what: &str) -> Result<(), String> {
    inner.read_exact(into).map_err(|error| match error.kind() {
        io::ErrorKind::UnexpectedEof => format!("it ends where {what} should be"),
        _ => error.to_string(),
    })
}
