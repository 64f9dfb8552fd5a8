//! For tests: zip archives with whatever a writer may put into them.

use super::record;
use std::io::Write as _;

/// A member to be written.
#[derive(Clone, Debug)]
pub(in crate::intake) struct Member {
    name: String,
    content: Vec<u8>,
    method: u16,
    packed: Vec<u8>,
    flags: u16,
    crc: u32,
    wide: bool,
}

impl Member {
    /// Deflated.
    pub(in crate::intake) fn new(name: &str, content: &[u8]) -> Self {
        let mut deflate =
            flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::fast());
        deflate.write_all(content).unwrap();
        let mut crc = flate2::Crc::new();
        crc.update(content);
        Member {
            name: name.to_owned(),
            content: content.to_vec(),
            method: 8,
            packed: deflate.finish().unwrap(),
            flags: 1 << 11,
            crc: crc.sum(),
            wide: false,
        }
    }

    pub(in crate::intake) fn stored(self) -> Self {
        let packed = self.content.clone();
        self.packed(0, packed)
    }

    pub(in crate::intake) fn is_stored(&self) -> bool {
        self.method == 0
    }

    pub(in crate::intake) fn packed(self, method: u16, packed: Vec<u8>) -> Self {
        Member {
            method,
            packed,
            ..self
        }
    }

    pub(in crate::intake) fn encrypted(mut self) -> Self {
        self.flags |= 1;
        self
    }

    pub(in crate::intake) fn sum(self, crc: u32) -> Self {
        Member { crc, ..self }
    }

    /// Sizes of 64 bits.
    pub(in crate::intake) fn wide(self) -> Self {
        Member { wide: true, ..self }
    }

    /// Sizes behind the data.
    pub(in crate::intake) fn follow(mut self, follow: bool) -> Self {
        self.flags = self.flags & !8 | if follow { 8 } else { 0 };
        self
    }

    fn sizes(&self) -> [u64; 2] {
        [self.packed.len() as u64, self.content.len() as u64]
    }

    fn short(&self) -> [u8; 8] {
        let [packed, content] = self.sizes().map(|n| {
            if self.wide {
                u32::MAX
            } else {
                n.try_into().unwrap()
            }
            .to_le_bytes()
        });
        [packed, content].concat().try_into().unwrap()
    }

    fn extra(&self) -> Vec<u8> {
        if !self.wide {
            return Vec::new();
        }
        let [packed, content] = self.sizes().map(u64::to_le_bytes);
        [&[1, 0, 16, 0][..], &content, &packed].concat()
    }
}

fn len(bytes: &[u8]) -> [u8; 2] {
    u16::try_from(bytes.len()).unwrap().to_le_bytes()
}

/// The archive, with its directory.
pub(in crate::intake) fn zip(members: &[Member]) -> Vec<u8> {
    let (mut zip, mut directory) = (Vec::new(), Vec::new());
    for m in members {
        let at = u32::try_from(zip.len()).unwrap().to_le_bytes();
        let follow = m.flags & 8 != 0;
        let name = m.name.as_bytes();
        let extra = m.extra();
        let fixed = [&m.flags.to_le_bytes()[..], &m.method.to_le_bytes(), &[0; 4]].concat();
        let known = [&m.crc.to_le_bytes()[..], &m.short()].concat();
        zip.extend([&record::LOCAL.to_le_bytes()[..], &[45, 0], &fixed].concat());
        zip.extend(if follow { vec![0; 12] } else { known.clone() });
        zip.extend([&len(name)[..], &len(&extra), name, &extra].concat());
        zip.extend(&m.packed);
        if follow {
            zip.extend(record::DESCRIPTOR.to_le_bytes());
            zip.extend(m.crc.to_le_bytes());
            for n in m.sizes() {
                if m.wide {
                    zip.extend(n.to_le_bytes());
                } else {
                    zip.extend(u32::try_from(n).unwrap().to_le_bytes());
                }
            }
        }
        directory.extend([&record::CENTRAL.to_le_bytes()[..], &[45, 3, 45, 0], &fixed].concat());
        directory.extend([&known[..], &len(name), &len(&extra), &[0; 10], &at].concat());
        directory.extend([name, &extra].concat());
    }
    let at = u32::try_from(zip.len()).unwrap().to_le_bytes();
    let n = u16::try_from(members.len()).unwrap().to_le_bytes();
    let size = u32::try_from(directory.len()).unwrap().to_le_bytes();
    zip.extend(directory);
    zip.extend(
        [
            &record::END.to_le_bytes()[..],
            &[0; 4],
            &n,
            &n,
            &size,
            &at,
            &[0; 2],
        ]
        .concat(),
    );
    zip
}
