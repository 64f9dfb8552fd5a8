//! One file -> its artifacts: itself, or what is inside when it is compressed or an archive.

use crate::intake::Content;
use crate::intake::Item;
use crate::intake::Leaf;
use crate::intake::Limits;
use crate::intake::Trouble;
use crate::intake::container::Container;
use crate::intake::container::HEAD;
use crate::intake::container::decoder;
use crate::intake::encoding;
use crate::intake::meter::Bounded;
use crate::intake::meter::Meter;
use crate::intake::meter::Source;
use crate::intake::zip;
use sha2::Digest as _;
use std::fs::File;
use std::io;
use std::io::Cursor;
use std::io::Read;

/// Calls `each` for every artifact in the file, in the order of the archive. What cannot be read is in the result.
pub fn visit(leaf: &Leaf, limits: &Limits, each: &mut dyn FnMut(Item<'_>)) -> Vec<Trouble> {
    let meter = Meter::new(limits);
    let mut walk = Walk {
        limits,
        meter: &meter,
        each,
        troubles: Vec::new(),
        n_members: 0,
    };
    if let Err(error) = walk.leaf(leaf) {
        walk.trouble(&leaf.name, format!("cannot be read: {error}"));
    }
    walk.troubles
}

pub(super) struct Walk<'w> {
    pub(super) limits: &'w Limits,
    pub(super) meter: &'w Meter,
    each: &'w mut dyn FnMut(Item<'_>),
    troubles: Vec<Trouble>,
    n_members: u32,
}

/// What is known about a file or member before its content.
pub(super) struct Given {
    pub(super) name: String,
    pub(super) n_bytes: u64,
    pub(super) sha256: Option<String>,
    pub(super) modified: Option<i64>,
}

impl Walk<'_> {
    fn leaf(&mut self, leaf: &Leaf) -> io::Result<()> {
        let mut given = Given {
            name: leaf.name.clone(),
            n_bytes: 0,
            sha256: None,
            modified: None,
        };
        let meter = self.meter;
        let Some(path) = &leaf.path else {
            let mut inner = Source {
                inner: io::stdin(),
                meter,
            };
            return self.member(given, &mut inner, 0);
        };
        #[expect(
            clippy::disallowed_methods,
            reason = "this is the room that opens files"
        )]
        let file = File::open(path)?;
        let meta = file.metadata()?;
        if !meta.is_file() {
            return Err(io::Error::other("no regular file"));
        }
        given.n_bytes = meta.len();
        let mut source = Source {
            inner: &file,
            meter,
        };
        if given.n_bytes <= Limits::WHOLE_BYTES {
            return self.member(given, &mut source, 0);
        }
        let mut head = vec![0; encoding::HEAD];
        let n = crate::intake::read_at(&file, &mut head, 0)?;
        head.truncate(n);
        match Container::of(&head) {
            Container::Plain if encoding::of(&head).is_none() => {
                let content = Content::File(&file, given.n_bytes);
                self.give(given, None, content);
                Ok(())
            }
            Container::Zip if self.may_open(&given.name, 0) => {
                let n_bytes = given.n_bytes;
                zip::positioned(self, &given, &zip::Place::new(&file, n_bytes), 0)
            }
            _ => self.stream(given, Box::new(source), 0),
        }
    }

    /// A file, a member or standard input: small ones are read whole.
    pub(super) fn member(
        &mut self,
        mut given: Given,
        inner: &mut dyn Read,
        depth: u32,
    ) -> io::Result<()> {
        let expected = usize::try_from(given.n_bytes.min(Limits::WHOLE_BYTES)).unwrap_or(0);
        let mut bytes = Vec::with_capacity(expected + 1);
        let read = inner.take(Limits::WHOLE_BYTES + 1).read_to_end(&mut bytes);
        if let Err(error) = read {
            self.trouble(&given.name, format!("cut or damaged: {error}"));
        } else if bytes.len() as u64 > Limits::WHOLE_BYTES {
            return self.stream(given, Box::new(Cursor::new(bytes).chain(inner)), depth);
        } else {
            given.sha256 = Some(sha256(&bytes));
        }
        given.n_bytes = given.n_bytes.max(bytes.len() as u64);
        self.whole(given, bytes, depth)
    }

    /// Bytes that are all there.
    fn whole(&mut self, given: Given, bytes: Vec<u8>, depth: u32) -> io::Result<()> {
        match Container::of(&bytes) {
            Container::Plain => {
                let (bytes, note) = match encoding::of(&bytes) {
                    Some(found) => (found.decode(&bytes), Some(found.note())),
                    None => (bytes, None),
                };
                self.give(given, note, Content::Whole(bytes));
                Ok(())
            }
            Container::Zip => {
                if !self.may_open(&given.name, depth) {
                    return Ok(());
                }
                zip::positioned(self, &given, &zip::Place::of_bytes(&bytes), depth)
            }
            container => self.open(container, given, Box::new(Cursor::new(bytes)), depth),
        }
    }

    /// Bytes that come in order.
    fn stream(
        &mut self,
        given: Given,
        mut inner: Box<dyn Read + '_>,
        depth: u32,
    ) -> io::Result<()> {
        let mut head = Vec::new();
        let read = (&mut inner).take(HEAD as u64).read_to_end(&mut head);
        if let Err(error) = read {
            self.trouble(&given.name, format!("cut or damaged: {error}"));
            return self.whole(given, head, depth);
        }
        let container = Container::of(&head);
        let mut again = Cursor::new(head).chain(inner);
        if container != Container::Plain {
            return self.open(container, given, Box::new(again), depth);
        }
        let mut bytes = Vec::new();
        let read = (&mut again)
            .take(Limits::WHOLE_BYTES)
            .read_to_end(&mut bytes);
        if let Err(error) = read {
            self.trouble(&given.name, format!("cut or damaged: {error}"));
        } else if bytes.len() as u64 == Limits::WHOLE_BYTES {
            let found = encoding::of(&bytes);
            let rest = Cursor::new(bytes).chain(again);
            let (inner, note): (Box<dyn Read + '_>, _) = match found {
                Some(found) => (found.decoder(rest), Some(found.note())),
                None => (Box::new(rest), None),
            };
            self.give(given, note, Content::Stream(inner));
            return Ok(());
        }
        self.whole(given, bytes, depth)
    }

    fn open(
        &mut self,
        container: Container,
        given: Given,
        inner: Box<dyn Read + '_>,
        depth: u32,
    ) -> io::Result<()> {
        if !self.may_open(&given.name, depth) {
            return Ok(());
        }
        match container {
            Container::Unread(name) => {
                self.trouble(
                    &given.name,
                    format!("{name} is not read by this version: unpack it first"),
                );
                Ok(())
            }
            Container::Tar => self.tar(&given, inner, depth),
            Container::Zip => zip::streamed(self, &given, inner, depth),
            Container::Plain
            | Container::Gzip
            | Container::Zstd
            | Container::Xz
            | Container::Bzip2
            | Container::Lz4 => {
                let bounded = Bounded {
                    inner: decoder(container, inner)?,
                    meter: self.meter,
                    name: container.name(),
                };
                self.stream(given, Box::new(bounded), depth + 1)
            }
        }
    }

    /// Whether a container may be opened here; if not, the report says so.
    fn may_open(&mut self, name: &str, depth: u32) -> bool {
        let open = depth < self.limits.depth;
        if !open {
            let why = format!(
                "more than {} containers within each other (--max-depth)",
                self.limits.depth
            );
            self.trouble(name, why);
        }
        open
    }

    /// Counts a member of an archive; false: it is one too many.
    pub(super) fn may_enter(&mut self, archive: &str) -> bool {
        let enter = self.n_members < self.limits.members;
        if enter {
            self.n_members += 1;
        } else {
            let why = format!("more than {} members (--max-members)", self.limits.members);
            self.trouble(archive, why);
        }
        enter
    }

    fn give(&mut self, given: Given, note: Option<String>, content: Content<'_>) {
        let Given {
            name,
            n_bytes,
            sha256,
            modified,
        } = given;
        (self.each)(Item {
            name,
            member: self.n_members,
            n_bytes,
            sha256,
            modified,
            note,
            content,
        });
    }

    /// Something that was asked for could not be read.
    pub(super) fn trouble(&mut self, name: &str, why: String) {
        self.troubles.push(Trouble {
            name: name.to_owned(),
            why,
            fatal: true,
        });
    }

    /// Something was left out that is no file.
    pub(super) fn left_out(&mut self, name: &str, why: String) {
        self.troubles.push(Trouble {
            name: name.to_owned(),
            why,
            fatal: false,
        });
    }
}

fn sha256(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    sha2::Sha256::digest(bytes)
        .iter()
        .fold(String::with_capacity(64), |mut hex, byte| {
            let _infallible = write!(hex, "{byte:02x}");
            hex
        })
}
