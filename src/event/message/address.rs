//! A server's address, port or name changed at run time.
//!
//! Source: HAProxy `src/server.c`, `srv_update_addr`, `srv_update_addr_port`, `srv_set_fqdn`.

use crate::base::printable;
use crate::event::message::AddressChange;
use crate::event::message::Message;
use crate::event::message::text::quoted;
use crate::event::message::text::server_name;
use crate::event::message::text::split_once;
use crate::event::message::text::starts_with_any;
use crate::event::message::text::without_dot;
use crate::event::message::text::word;

/// `b/s changed its IP from A to B by X.` (up to 2.9), `b/s: IP changed from 'A' to 'B' by 'X'.` (since 3.0), FQDN changes.
pub(super) fn decode(text: &[u8]) -> Option<Message> {
    const STARTS: [&[u8]; 4] = [
        b" changed its ",
        b" IP changed from ",
        b" no need to change the addr",
        b" port changed from ",
    ];
    let (token, rest) = word(text);
    if !starts_with_any(rest, &STARTS) {
        return None;
    }
    let name = server_name(token.strip_suffix(b":").unwrap_or(token))?;
    let (from, to, by) = match rest.strip_prefix(b" changed its ") {
        Some(rest) => bare(rest)?,
        None => with_quotes(rest)?,
    };
    Some(Message::Address(AddressChange { name, from, to, by }))
}

/// `IP from A to B by X`, `FQDN from A to B by 'X'`.
fn bare(rest: &[u8]) -> Option<(String, String, String)> {
    let rest = rest
        .strip_prefix(b"IP from ")
        .or_else(|| rest.strip_prefix(b"FQDN from "))?;
    let (from, rest) = split_once(rest, b" to ")?;
    let (to, by) = split_once(rest, b" by ").unwrap_or((without_dot(rest), &[]));
    let by = quoted(by).map_or(without_dot(by), |(inner, _)| inner);
    Some((address(from), address(to), printable(by)))
}

/// `IP changed from 'A' to 'B'[, port changed from …] by 'X'`; only when the IP stays the port is what changed.
fn with_quotes(rest: &[u8]) -> Option<(String, String, String)> {
    let (kind, rest) = match split_once(rest, b"IP changed from ") {
        Some((_, rest)) => ("", rest),
        None => (":", split_once(rest, b"port changed from ")?.1),
    };
    let (from, rest) = quoted(rest)?;
    let (to, rest) = quoted(rest.strip_prefix(b" to ")?)?;
    let by = split_once(rest, b" by ")
        .and_then(|(_, by)| quoted(by))
        .map_or(&[][..], |(by, _)| by);
    let shown = |text: &[u8]| format!("{kind}{}", address(text));
    Some((shown(from), shown(to), printable(by)))
}

fn address(text: &[u8]) -> String {
    match text {
        b"(none)" | b"(null)" => String::new(),
        text => printable(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::message::tests::check;
    use crate::event::message::tests::name;
    use crate::event::message::tests::text;

    #[test]
    fn address_changes() {
        let rows = [
            (
                "be/s1 changed its IP from (none) to 192.0.2.7 by dns1/ns1.",
                "",
                "192.0.2.7",
                "dns1/ns1",
            ),
            (
                "[WARNING]  (7) : be/s1 changed its IP from 192.0.2.7 to 2001:db8::1 by DNS cache.",
                "192.0.2.7",
                "2001:db8::1",
                "DNS cache",
            ),
            (
                "be/s1 changed its FQDN from (null) to app.example.org by 'SRV record'",
                "",
                "app.example.org",
                "SRV record",
            ),
            (
                "be/s1: IP changed from '192.0.2.7' to '192.0.2.8', port changed from '80' to '81' by 'stats socket command'.",
                "192.0.2.7",
                "192.0.2.8",
                "stats socket command",
            ),
            (
                "be/s1: IP changed from '(none)' to '192.0.2.8' by 'dns1/ns1'.",
                "",
                "192.0.2.8",
                "dns1/ns1",
            ),
            (
                "be/s1: no need to change the addr, port changed from '80' to '81' by 'stats socket command'.",
                ":80",
                ":81",
                "stats socket command",
            ),
        ];
        for (body, from, to, by) in rows {
            let (from, to, by) = (text(from), text(to), text(by));
            let name = name("be/s1");
            check(
                body,
                &Message::Address(AddressChange { name, from, to, by }),
            );
        }
    }
}
