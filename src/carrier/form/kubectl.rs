//! `kubectl logs --prefix`: pod and container before every line.
//!
//! Shape: `[pod/router-default-7d4/router] MSG`; MSG may start with a stamp of `--timestamps`. Absent: program and pid.
//! Source: Kubernetes `staging/src/k8s.io/kubectl/pkg/cmd/logs`.

use super::Body;
use super::Head;
use crate::carrier::instant;

/// Pod and container names are at most 253 bytes each, and much shorter in practice.
const NAME_MAX: usize = 320;

pub(super) fn read(line: &[u8]) -> Option<Head<'_>> {
    let inside = line.strip_prefix(b"[pod/")?;
    let close = memchr::memchr(b']', inside.get(..NAME_MAX.min(inside.len()))?)?;
    let pod = inside.get(..close)?;
    let slash = memchr::memchr(b'/', pod)?;
    let body = inside.get(close + 1..)?;
    let body = body.strip_prefix(b" ").unwrap_or(body);
    let (stamp, body) = match instant::iso(body) {
        Some((stamp, rest)) => (Some(stamp), rest.strip_prefix(b" ").unwrap_or(rest)),
        None => (None, body),
    };
    Some(Head {
        stamp,
        host: pod.get(..slash)?,
        ident: b"",
        pid: None,
        body: Body::Plain(body),
        wraps: true,
        more: false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pod_is_the_host() {
        let head = read(b"[pod/router-1/router] 2026-06-05T21:53:47.123456789Z x").unwrap();
        assert_eq!(head.host, b"router-1");
        assert_eq!(
            head.stamp.unwrap().to_string(),
            "2026-06-05T21:53:47.123456Z"
        );
        assert!(matches!(head.body, Body::Plain(b"x")));
        assert!(read(b"[pod/x").is_none());
    }
}
