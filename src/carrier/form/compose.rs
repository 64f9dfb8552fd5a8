//! `docker compose logs`, `docker service logs`: a name column before every line.
//!
//! Behind a terminal the column is coloured: `ESC[36mhaproxy-1  | ESC[0mMSG`.
//! Shape: `haproxy-1  | MSG`, `haproxy_lb.1.j0v5awcu7s9q@docker-desktop    | MSG`; MSG may start with a stamp of `-t`.
//! Absent: pid; the name stands for the host's program. Source: docker compose `cmd/formatter`.

use super::Body;
use super::Head;
use crate::carrier::instant;

/// The name column is never wider.
const NAME_MAX: usize = 128;

pub(super) fn read(line: &[u8]) -> Option<Head<'_>> {
    let line = without_colour(line);
    let head = line.get(..NAME_MAX).unwrap_or(line);
    let bar = memchr::memmem::find(head, b" |")?;
    let body = match line.get(bar + 2..)? {
        b"" => b"",
        [b' ', body @ ..] => body,
        [0x1b, ..] => without_colour(line.get(bar + 2..)?).strip_prefix(b" ")?,
        _ => return None,
    };
    let name = without_colour_behind(head.get(..bar)?).trim_ascii();
    let one_word = !name.is_empty()
        && name
            .iter()
            .all(|c| c.is_ascii_alphanumeric() || b"-_.@/".contains(c));
    if !one_word {
        return None;
    }
    let body = without_colour(body);
    let (stamp, body) = match instant::iso(body) {
        Some((stamp, rest)) => (Some(stamp), rest.strip_prefix(b" ").unwrap_or(rest)),
        None => (None, body),
    };
    Some(Head {
        stamp,
        host: b"",
        ident: name,
        pid: None,
        body: Body::Plain(body),
        wraps: true,
        more: false,
    })
}

/// Without the sequences `ESC [ digits letter` at the beginning.
fn without_colour(mut line: &[u8]) -> &[u8] {
    while let Some(rest) = line.strip_prefix(b"\x1b[") {
        let n = rest
            .iter()
            .take_while(|c| c.is_ascii_digit() || **c == b';')
            .count();
        let Some(after) = rest.get(n + 1..) else {
            break;
        };
        line = after;
    }
    line
}

/// `haproxy-1 ESC[0m`: compose closes the colour before the bar, too.
fn without_colour_behind(name: &[u8]) -> &[u8] {
    let end = memchr::memchr(0x1b, name).unwrap_or(name.len());
    name.get(..end).unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(line: &str, name: &str, body: &str) {
        let head = read(line.as_bytes()).expect("a record");
        assert_eq!(head.ident, name.as_bytes(), "{line:?}");
        assert!(
            matches!(head.body, Body::Plain(got) if got == body.as_bytes()),
            "{line:?}"
        );
    }

    #[test]
    fn a_column_with_and_without_colour() {
        check("haproxy-1  | x", "haproxy-1", "x");
        check("\x1b[36mhaproxy-1  | \x1b[0mx", "haproxy-1", "x");
        check("\x1b[2K\x1b[36;1mhaproxy-1  |\x1b[0m x", "haproxy-1", "x");
        assert!(read(b"a b | x").is_none());
        assert!(read(b"\x1b[").is_none());
    }
}
