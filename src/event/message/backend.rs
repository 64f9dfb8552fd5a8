//! `backend b has no server available!`, in its syslog and its stderr form.

use crate::event::message::Message;
use crate::event::message::text::proxy_name;
use crate::event::message::text::quoted;
use crate::event::message::text::word;

/// `backend b has no server available!`, `proxy 'b' has no server available!`; the last words may be cut.
pub(super) fn decode(text: &[u8]) -> Option<Message> {
    const KINDS: [&[u8]; 3] = [b"backend ", b"proxy ", b"frontend "];
    let rest = KINDS.iter().find_map(|kind| text.strip_prefix(*kind))?;
    let (name, rest) = quoted(rest).unwrap_or_else(|| word(rest));
    let rest = rest.strip_prefix(b" has no server")?;
    let whole = rest.starts_with(b" available");
    let backend = proxy_name(name)?;
    (whole || b" available".starts_with(rest)).then_some(Message::NoServer { backend })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::message::tests::check;
    use crate::event::message::tests::text;

    #[test]
    fn backends_without_server() {
        for body in [
            "backend www.example.org:80 has no server available!",
            "backend 'www.example.org:80' has no server available!",
            "proxy www.example.org:80 has no server available!",
            "proxy 'www.example.org:80' has no server available",
            "[ALERT] 325/074604 (324) : backend 'www.example.org:80' has no server available!",
            "[ALERT]    (324) : proxy 'www.example.org:80' has no server available!",
            "[ALERT]   backend 'www.example.org:80' has no server available!",
            "haproxy  | [ALERT]    (1) : backend 'www.example.org:80' has no server available!",
            "lego | backend www.example.org:80 has no server available!",
        ] {
            let backend = text("www.example.org:80");
            check(body, &Message::NoServer { backend });
        }
    }
}
