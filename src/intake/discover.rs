//! Arguments -> the files below them, in an order that does not depend on the arguments' order.

use crate::intake::Limits;
use crate::intake::Trouble;
use std::fs;
use std::path::Path;
use std::path::PathBuf;

/// Links of a folder that are named one by one; a copy of a file system has thousands.
const LINKS_NAMED: usize = 10;

/// One file to read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Leaf {
    /// Path as the report shows it: relative to the argument it came from; with several arguments, led by the argument's last part.
    pub name: String,
    /// Path to open; `None`: standard input.
    pub path: Option<PathBuf>,
}

/// Lists the files below the arguments. Links inside folders are not followed; sockets, devices and pipes are left out.
pub fn discover(arguments: &[PathBuf], limits: &Limits) -> (Vec<Leaf>, Vec<Trouble>) {
    let (mut leaves, mut troubles) = (Vec::new(), Vec::new());
    for argument in arguments {
        let lead = last_part(argument);
        if argument.as_os_str() == "-" {
            leaves.push(Leaf {
                name: "-".to_owned(),
                path: None,
            });
            continue;
        }
        match fs::metadata(argument) {
            Ok(meta) if meta.is_dir() => {
                let inside = if arguments.len() > 1 {
                    format!("{lead}/")
                } else {
                    String::new()
                };
                let before = (leaves.len(), troubles.len());
                folder(argument, &inside, &mut leaves, &mut troubles, limits);
                if before == (leaves.len(), troubles.len()) {
                    troubles.push(Trouble {
                        name: lead,
                        why: "the folder holds no files".to_owned(),
                        fatal: true,
                    });
                }
            }
            Ok(meta) if meta.is_file() => leaves.push(Leaf {
                name: lead,
                path: Some(argument.clone()),
            }),
            // Opening a pipe waits for its writer, and a device may never end.
            Ok(_) => troubles.push(Trouble {
                name: lead,
                why: "is no regular file: send what it gives to standard input, and name `-`"
                    .to_owned(),
                fatal: true,
            }),
            Err(error) => troubles.push(Trouble {
                name: lead,
                why: format!("cannot be read: {error}"),
                fatal: true,
            }),
        }
    }
    leaves.sort();
    leaves.dedup();
    if leaves.len() > limits.files {
        let why = format!(
            "only the first {} of {} files are read (--max-files)",
            limits.files,
            leaves.len()
        );
        troubles.push(Trouble {
            name: String::new(),
            why,
            fatal: true,
        });
        leaves.truncate(limits.files);
    }
    (leaves, troubles)
}

/// The file that a configuration in `folder` names: by its whole path below that folder, else by less and less of its beginning.
///
/// Nothing outside the folder is looked at, and no link is followed.
pub fn beside(folder: &Path, name: &str) -> Option<Leaf> {
    let parts: Vec<&str> = name
        .split('/')
        .filter(|part| !matches!(*part, "" | "." | ".."))
        .collect();
    (0..parts.len()).find_map(|from| {
        let mut path = folder.to_path_buf();
        for part in parts.get(from..)? {
            path.push(part);
            if fs::symlink_metadata(&path).ok()?.is_symlink() {
                return None;
            }
        }
        path.is_file().then(|| Leaf {
            name: name.to_owned(),
            path: Some(path),
        })
    })
}

fn last_part(path: &Path) -> String {
    let absolute = path.file_name().map(|n| n.to_string_lossy().into_owned());
    absolute
        .or_else(|| {
            fs::canonicalize(path)
                .ok()?
                .file_name()
                .map(|n| n.to_string_lossy().into_owned())
        })
        .unwrap_or_else(|| "/".to_owned())
}

fn folder(
    path: &Path,
    lead: &str,
    leaves: &mut Vec<Leaf>,
    troubles: &mut Vec<Trouble>,
    limits: &Limits,
) {
    let mut folders = vec![(path.to_path_buf(), lead.to_owned())];
    let mut links = Vec::new();
    while let Some((path, lead)) = folders.pop().filter(|_| leaves.len() <= limits.files) {
        let entries = match fs::read_dir(&path) {
            Ok(entries) => entries,
            Err(error) => {
                troubles.push(Trouble {
                    name: if lead.is_empty() {
                        last_part(&path)
                    } else {
                        lead
                    },
                    why: format!("cannot be listed: {error}"),
                    fatal: true,
                });
                continue;
            }
        };
        for entry in entries.flatten() {
            if leaves.len() > limits.files {
                break;
            }
            let name = format!("{lead}{}", entry.file_name().to_string_lossy());
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => folders.push((entry.path(), format!("{name}/"))),
                Ok(kind) if kind.is_file() => leaves.push(Leaf {
                    name,
                    path: Some(entry.path()),
                }),
                Ok(kind) if kind.is_symlink() => links.push(name),
                Ok(_) => troubles.push(left_out(name, "no regular file, not opened")),
                Err(error) => troubles.push(left_out(name, &format!("cannot be read: {error}"))),
            }
        }
    }
    links.sort();
    let n_more = links.len().saturating_sub(LINKS_NAMED) as u64;
    if n_more > 0 {
        let more = crate::base::counted(n_more, "more link");
        let folder = lead.strip_suffix('/').unwrap_or("").to_owned();
        let name = if folder.is_empty() {
            last_part(path)
        } else {
            folder
        };
        troubles.push(left_out(name, &format!("{more}, not followed")));
    }
    let named = links.into_iter().take(LINKS_NAMED);
    troubles.extend(named.map(|name| left_out(name, "a link, not followed")));
}

fn left_out(name: String, why: &str) -> Trouble {
    Trouble {
        name,
        why: why.to_owned(),
        fatal: false,
    }
}
