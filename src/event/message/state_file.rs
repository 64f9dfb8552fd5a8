//! A server-state file that could not be read, or not be applied: servers start as configured instead.
//!
//! Source: HAProxy `src/server_state.c` (`src/server.c` up to 2.3).

use crate::base::printable;
use crate::event::message::Message;
use crate::event::message::ProcessChange;
use crate::event::message::text::contains;
use crate::event::message::text::quoted;
use crate::event::message::text::starts_with_any;

/// `Can't open global server state file …`, `Proxy 'p': Empty server state file …` and their like.
pub(super) fn decode(text: &[u8]) -> Option<Message> {
    const UNREAD: [&[u8]; 5] = [
        b"Can't open ",
        b"Can't load ",
        b"Can't get version of ",
        b"Empty ",
        b"corrupted ",
    ];
    const UNAPPLIED: [&[u8]; 2] = [
        b"server-state application failed for server",
        b"server-state partially applied for server",
    ];
    const HARMLESS: [&[u8]; 3] = [
        b"backend ID mismatch",
        b"backend name mismatch",
        b"can't find server",
    ];
    let of_proxy = text
        .strip_prefix(b"Proxy ")
        .or_else(|| text.strip_prefix(b"proxy "))
        .and_then(quoted)
        .and_then(|(_, rest)| rest.strip_prefix(b": "));
    let said = of_proxy.unwrap_or(text);
    let unread = starts_with_any(said, &UNREAD) && contains(said, b"server state file");
    if unread || starts_with_any(said, &UNAPPLIED) {
        return Some(Message::Process(ProcessChange::StateFileUnread {
            text: printable(text),
        }));
    }
    (of_proxy.is_some() && starts_with_any(said, &HARMLESS)).then_some(Message::Other)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::message::tests::process;
    use crate::event::message::tests::text;

    #[test]
    fn unread_files_of_every_wording() {
        for words in [
            "Can't open global server state file '/x': No such file or directory",
            "Proxy 'be': Can't open server state file '/x': No such file or directory.",
            "Empty global server state file '/x'.",
            "Proxy 'be': Empty server state file '/x'.",
            "Can't get version of the global server state file '/x'.",
            "corrupted global server state file '/x' at line 3.",
            "Can't load global server state file: file too long.",
            "server-state application failed for server 'be/s1', invalid",
            "server-state partially applied for server 'be/s1', invalid",
        ] {
            let expected = ProcessChange::StateFileUnread { text: text(words) };
            process(
                &format!("[WARNING]  (9) : config: {words}"),
                expected.clone(),
            );
            process(words, expected);
        }
    }
}
