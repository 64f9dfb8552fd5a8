//! A map or ACL file: a key and at most one value per line, and comments.
//!
//! Known gap: a list of single words (`allowed-hosts.lst`) could be anything; only its name makes it a map.

use crate::artifact::head::HINT;
use crate::artifact::head::Head;
use crate::artifact::head::NO;
use crate::artifact::head::Score;
use crate::artifact::head::WEAK;
use crate::artifact::words::words;

pub(super) fn looks_like(head: &Head<'_>) -> Score {
    let entries: Vec<Vec<&[u8]>> = head
        .lines
        .iter()
        .filter(|line| !line.trim_ascii_start().starts_with(b"#"))
        .map(|line| words(line).collect())
        .collect();
    let short = entries.iter().all(|entry| entry.len() <= 3);
    if entries.is_empty() || !short {
        return NO;
    }
    let routes = entries.iter().all(|entry| is_route(entry));
    if routes { WEAK } else { HINT }
}

/// A host or a path, and one more word: `www.example.com be_app`; `show map` prints a pointer first.
fn is_route(entry: &[&[u8]]) -> bool {
    let (key, value) = match entry {
        [key, value] => (key, value),
        [pointer, key, value] if pointer.starts_with(b"0x") => (key, value),
        _ => return false,
    };
    let key_is_route = key.starts_with(b"/") || key.contains(&b'.') && !key.ends_with(b".");
    key_is_route && !key.ends_with(b":") && !key.contains(&b'=') && !value.contains(&b'=')
}
