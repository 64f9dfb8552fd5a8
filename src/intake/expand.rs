//! One file -> its artifacts: itself, or what is inside when it is compressed or an archive.

use crate::intake::Content;
use crate::intake::Item;
use crate::intake::Leaf;
use crate::intake::Limits;
use crate::intake::Trouble;
use crate::intake::container::Container;
use crate::intake::container::HEAD;
use crate::intake::container::decoder;
use sha2::Digest as _;
use std::fs::File;
use std::io;
use std::io::Cursor;
use std::io::Read;

/// Calls `each` for every artifact in the file, in the order of the archive. What cannot be read is in the result.
pub fn visit(leaf: &Leaf, limits: &Limits, each: &mut dyn FnMut(Item<'_>)) -> Vec<Trouble> {
    let mut walk = Walk {
        limits,
        each,
        troubles: Vec::new(),
        n_members: 0,
    };
    if let Err(error) = walk.leaf(leaf) {
        walk.troubles.push(Trouble {
            name: leaf.name.clone(),
            why: format!("cannot be read: {error}"),
            fatal: true,
        });
    }
    walk.troubles
}

struct Walk<'w> {
    limits: &'w Limits,
    each: &'w mut dyn FnMut(Item<'_>),
    troubles: Vec<Trouble>,
    n_members: u32,
}

/// What is known about a file or member before its content.
struct Given {
    name: String,
    n_bytes: u64,
    sha256: Option<String>,
    modified: Option<i64>,
}

impl Walk<'_> {
    fn leaf(&mut self, leaf: &Leaf) -> io::Result<()> {
        let Some(path) = &leaf.path else {
            let stdin = Box::new(io::stdin());
            let given = Given {
                name: leaf.name.clone(),
                n_bytes: 0,
                sha256: None,
                modified: None,
            };
            return self.stream(given, stdin, 0);
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
        let n_bytes = meta.len();
        let mut given = Given {
            name: leaf.name.clone(),
            n_bytes,
            sha256: None,
            modified: None,
        };
        if n_bytes <= Limits::WHOLE_BYTES {
            let mut bytes = Vec::with_capacity(usize::try_from(n_bytes).unwrap_or(0) + 1);
            (&file)
                .take(Limits::WHOLE_BYTES + 1)
                .read_to_end(&mut bytes)?;
            given.n_bytes = bytes.len() as u64;
            given.sha256 = Some(sha256(&bytes));
            return self.whole(given, bytes, 0);
        }
        let mut head = [0; HEAD];
        let n = crate::intake::read_at(&file, &mut head, 0)?;
        match Container::of(head.get(..n).unwrap_or(&[])) {
            Container::Plain => {
                self.give(given, Content::File(&file, n_bytes));
                Ok(())
            }
            _ => self.stream(given, Box::new(file), 0),
        }
    }

    /// Bytes that are all there.
    fn whole(&mut self, given: Given, bytes: Vec<u8>, depth: u32) -> io::Result<()> {
        match Container::of(&bytes) {
            Container::Plain => {
                self.give(given, Content::Whole(bytes));
                Ok(())
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
        (&mut inner).take(HEAD as u64).read_to_end(&mut head)?;
        let container = Container::of(&head);
        let again = Cursor::new(head).chain(inner);
        if container != Container::Plain {
            return self.open(container, given, Box::new(again), depth);
        }
        let mut again = again;
        let mut bytes = Vec::new();
        let read = (&mut again)
            .take(Limits::WHOLE_BYTES)
            .read_to_end(&mut bytes);
        if let Err(error) = read {
            self.trouble(&given.name, format!("cut or damaged: {error}"));
        } else if bytes.len() as u64 == Limits::WHOLE_BYTES {
            self.give(
                given,
                Content::Stream(Box::new(Cursor::new(bytes).chain(again))),
            );
            return Ok(());
        }
        self.give(given, Content::Whole(bytes));
        Ok(())
    }

    fn open(
        &mut self,
        container: Container,
        given: Given,
        inner: Box<dyn Read + '_>,
        depth: u32,
    ) -> io::Result<()> {
        if depth >= self.limits.depth {
            self.trouble(
                &given.name,
                format!(
                    "more than {} containers within each other (--max-depth)",
                    self.limits.depth
                ),
            );
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
            Container::Plain | Container::Gzip | Container::Zstd | Container::Xz => {
                let allowed =
                    Limits::FREE_BYTES.max(given.n_bytes.saturating_mul(self.limits.ratio));
                let bounded = Bounded {
                    inner: decoder(container, inner)?,
                    left: allowed,
                    name: container.name(),
                };
                self.stream(given, Box::new(bounded), depth + 1)
            }
        }
    }

    fn tar(&mut self, given: &Given, inner: Box<dyn Read + '_>, depth: u32) -> io::Result<()> {
        let mut archive = tar::Archive::new(inner);
        for entry in archive.entries()? {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => {
                    self.trouble(
                        &given.name,
                        format!("the archive is cut or damaged: {error}"),
                    );
                    return Ok(());
                }
            };
            if !entry.header().entry_type().is_file()
                && !entry.header().entry_type().is_contiguous()
            {
                continue;
            }
            self.n_members += 1;
            if self.n_members > self.limits.members {
                self.trouble(
                    &given.name,
                    format!("more than {} members (--max-members)", self.limits.members),
                );
                return Ok(());
            }
            self.member(&given.name, entry, depth)?;
        }
        Ok(())
    }

    fn member<R: Read>(
        &mut self,
        archive: &str,
        mut entry: tar::Entry<'_, R>,
        depth: u32,
    ) -> io::Result<()> {
        let path = crate::base::printable(&entry.path_bytes());
        let name = format!("{archive}/{}", path.trim_start_matches("./"));
        let modified = entry
            .header()
            .mtime()
            .ok()
            .and_then(|s| i64::try_from(s).ok());
        let mut given = Given {
            name,
            n_bytes: entry.size(),
            sha256: None,
            modified,
        };
        let mut bytes = Vec::new();
        if let Err(error) = (&mut entry)
            .take(Limits::WHOLE_BYTES + 1)
            .read_to_end(&mut bytes)
        {
            self.trouble(&given.name, format!("cut or damaged: {error}"));
        }
        if bytes.len() as u64 <= Limits::WHOLE_BYTES {
            given.sha256 = Some(sha256(&bytes));
            return self.whole(given, bytes, depth + 1);
        }
        self.stream(given, Box::new(Cursor::new(bytes).chain(entry)), depth + 1)
    }

    fn give(&mut self, given: Given, content: Content<'_>) {
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
            content,
        });
    }

    fn trouble(&mut self, name: &str, why: String) {
        self.troubles.push(Trouble {
            name: name.to_owned(),
            why,
            fatal: true,
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

/// A decoder that ends with an error when it expands beyond what is allowed.
struct Bounded<'a> {
    inner: Box<dyn Read + 'a>,
    left: u64,
    name: &'static str,
}

impl Read for Bounded<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buffer)?;
        match self.left.checked_sub(n as u64) {
            Some(left) => self.left = left,
            None => {
                return Err(io::Error::other(format!(
                    "{} expands beyond the limit (--max-ratio)",
                    self.name
                )));
            }
        }
        Ok(n)
    }
}
