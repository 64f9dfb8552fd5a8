//! Limits and local resources that ran out.
//!
//! Source: HAProxy `src/listener.c`, `src/sock.c`, `src/proto_tcp.c`.

use crate::event::message::LimitKind;
use crate::event::message::Message;
use crate::event::message::text::contains;
use crate::event::message::text::proxy_name;
use crate::event::message::text::split_once;
use crate::event::message::text::starts_with_any;
use crate::event::message::text::without_dot;
use crate::event::message::text::word;

/// A line about a limit; `None` for any other.
pub(super) fn decode(text: &[u8]) -> Option<Message> {
    if let Some(rest) = text.strip_prefix(b"Proxy ") {
        return of_proxy(rest);
    }
    if let Some(rest) = text.strip_prefix(b"Connect() failed for backend ") {
        return connect(rest);
    }
    if text.starts_with(b"socket(): not enough free sockets") {
        return Some(Message::Limit {
            kind: LimitKind::ProcessFd,
            proxy: String::new(),
        });
    }
    let (_, rest) = split_once(
        text.strip_prefix(b"Cannot bind to ")?,
        b"source address before connect()",
    )?;
    let name = rest.strip_prefix(b" for backend ").unwrap_or(&[]);
    let name = name.strip_suffix(b" Aborting.").unwrap_or(name);
    Some(Message::Limit {
        kind: LimitKind::SourceBind,
        proxy: proxy_name(without_dot(name)).unwrap_or_default(),
    })
}

fn of_proxy(rest: &[u8]) -> Option<Message> {
    const KINDS: [(&[u8], LimitKind); 6] = [
        (b" reached process FD limit", LimitKind::ProcessFd),
        (b" reached system FD limit", LimitKind::SystemFd),
        (b" reached system memory limit", LimitKind::Memory),
        (
            b" reached the configured maximum connection limit",
            LimitKind::Maxconn,
        ),
        (b" cannot create a server socket", LimitKind::SocketDenied),
        (
            b" has insufficient permissions to open server socket",
            LimitKind::SocketDenied,
        ),
    ];
    let (name, rest) = word(rest);
    let kind = KINDS
        .iter()
        .find(|(words, _)| starts_with_any(rest, &[words]))?
        .1;
    Some(Message::Limit {
        kind,
        proxy: proxy_name(name)?,
    })
}

/// `b: no free ports.`; other texts are errors of a UNIX socket, which no limit explains.
fn connect(rest: &[u8]) -> Option<Message> {
    let (name, error) = split_once(rest, b": ")?;
    let proxy = proxy_name(name)?;
    let kind = if contains(error, b"no free ports") {
        LimitKind::NoFreePorts
    } else if contains(error, b"local address already in use") {
        LimitKind::AddressInUse
    } else {
        return Some(Message::Other);
    };
    Some(Message::Limit { kind, proxy })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::message::tests::check;
    use crate::event::message::tests::text;

    #[test]
    fn limits_of_a_process() {
        use LimitKind as L;
        let rows = [
            (
                "Proxy fe.1 reached process FD limit (maxsock=100). Please check 'ulimit-n' and restart.",
                L::ProcessFd,
                "fe.1",
            ),
            (
                "Proxy fe.1 reached process FD limit at 100. Please check 'ulimit-n' and restart.",
                L::ProcessFd,
                "fe.1",
            ),
            (
                "Proxy fe.1 reached system FD limit (maxsock=100). Please check system tunables.",
                L::SystemFd,
                "fe.1",
            ),
            (
                "Proxy be reached system FD limit (actconn=100). Please check system tunables.",
                L::SystemFd,
                "be",
            ),
            (
                "Proxy fe.1 reached system memory limit at 100 sockets. Please check system tunables.",
                L::Memory,
                "fe.1",
            ),
            (
                "Proxy fe.1 reached the configured maximum connection limit. Please check the global 'maxconn' value.",
                L::Maxconn,
                "fe.1",
            ),
        ];
        for (body, kind, proxy) in rows {
            let proxy = text(proxy);
            check(body, &Message::Limit { kind, proxy });
        }
    }

    #[test]
    fn resources_that_connecting_lacks() {
        use LimitKind as L;
        let rows = [
            (
                "Connect() failed for backend be: no free ports.",
                L::NoFreePorts,
                "be",
            ),
            (
                "Connect() failed for backend be: local address already in use.",
                L::AddressInUse,
                "be",
            ),
            (
                "Cannot bind to source address before connect() for backend be.x.",
                L::SourceBind,
                "be.x",
            ),
            (
                "Cannot bind to tproxy source address before connect() for backend be. Aborting.",
                L::SourceBind,
                "be",
            ),
            (
                "socket(): not enough free sockets. Raise -n argument. Giving up.",
                L::ProcessFd,
                "",
            ),
            (
                "[ALERT]    (9) : socket(): not enough free sockets. Raise -n argument. Giving up. Aborting.",
                L::ProcessFd,
                "",
            ),
            (
                "Proxy be cannot create a server socket: Permission denied",
                L::SocketDenied,
                "be",
            ),
            (
                "Proxy be has insufficient permissions to open server socket.",
                L::SocketDenied,
                "be",
            ),
        ];
        for (body, kind, proxy) in rows {
            let proxy = text(proxy);
            check(body, &Message::Limit { kind, proxy });
        }
        check(
            "Connect() failed for backend be: No such file or directory (x).",
            &Message::Other,
        );
    }
}
