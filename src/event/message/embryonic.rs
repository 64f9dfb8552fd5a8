//! Connections that ended before there was a request: `192.0.2.10:51234 [date] fe/1: SSL handshake failure`.
//!
//! Source: HAProxy `src/session.c`, `session_build_err_string`; absent when `error-log-format` is set.

use crate::base::month_from_name;
use crate::base::printable;
use crate::event::message::Message;
use crate::event::message::text::proxy_name;
use crate::event::message::text::split_once;
use crate::event::message::text::word;

/// The error line of a connection; a traffic line has no `frontend/listener:` behind its date.
pub(super) fn decode(text: &[u8]) -> Option<Message> {
    let (client, rest) = word(text);
    let rest = rest.strip_prefix(b" [")?;
    memchr::memchr(b':', client)?;
    let (date, rest) = split_once(rest, b"] ")?;
    if !accept_date(date) {
        return None;
    }
    let (token, error) = word(rest);
    let (frontend, listener) = split_once(token.strip_suffix(b":")?, b"/")?;
    let frontend = frontend.strip_suffix(b"~").unwrap_or(frontend);
    let error = error.trim_ascii();
    let spoken = error.first().is_some_and(u8::is_ascii_alphabetic);
    if listener.is_empty() || !spoken {
        return None;
    }
    Some(Message::Embryonic {
        frontend: proxy_name(frontend)?,
        error: printable(error),
    })
}

/// `22/Nov/2026:07:57:54.867`, and whatever follows.
pub(super) fn accept_date(date: &[u8]) -> bool {
    match date {
        [d0, d1, b'/', a, b, c, b'/', _, _, _, _, b':', ..] => {
            (d0.is_ascii_digit() || *d0 == b' ')
                && d1.is_ascii_digit()
                && month_from_name(&[*a, *b, *c]).is_some()
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::message::tests::check;
    use crate::event::message::tests::text;

    #[test]
    fn embryonic_connections() {
        let rows = [
            (
                "192.0.2.10:51234 [22/Nov/2026:07:57:54.867] fe_https/1: SSL handshake failure",
                "fe_https",
                "SSL handshake failure",
            ),
            (
                "2001:db8::1:51234 [22/Nov/2026:07:57:54.867] fe/tls: SSL handshake failure (error:0A00009C:SSL routines::http request)",
                "fe",
                "SSL handshake failure (error:0A00009C:SSL routines::http request)",
            ),
            (
                "unix:1 [22/Nov/2026:07:57:54.867] fe/1: Timeout while waiting for PROXY protocol header",
                "fe",
                "Timeout while waiting for PROXY protocol header",
            ),
            (
                "haproxy[9]: 192.0.2.10:51234 [22/Nov/2026:07:57:54.867] fe/1: Success",
                "fe",
                "Success",
            ),
        ];
        for (body, frontend, error) in rows {
            let (frontend, error) = (text(frontend), text(error));
            check(body, &Message::Embryonic { frontend, error });
        }
    }
}
