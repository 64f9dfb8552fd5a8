//! `docker compose logs`, `docker service logs`: a name column before every line.
//!
//! Shape: `haproxy-1  | MSG`, `haproxy_lb.1.j0v5awcu7s9q@docker-desktop    | MSG`; MSG may start with a stamp of `-t`.
//! Absent: pid; the name stands for the host's program. Source: docker compose `cmd/formatter`.

use super::Body;
use super::Head;
use crate::carrier::instant;

/// The name column is never wider.
const NAME_MAX: usize = 128;

pub(super) fn read(line: &[u8]) -> Option<Head<'_>> {
    let head = line.get(..NAME_MAX).unwrap_or(line);
    let bar = memchr::memmem::find(head, b" | ")
        .or_else(|| head.ends_with(b" |").then(|| head.len() - 2))?;
    let name = head.get(..bar)?.trim_ascii_end();
    let one_word = !name.is_empty()
        && name
            .iter()
            .all(|c| c.is_ascii_alphanumeric() || b"-_.@/".contains(c));
    if !one_word {
        return None;
    }
    let body = line.get(bar + 3..).unwrap_or(b"");
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
    })
}
