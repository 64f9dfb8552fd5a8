//! Operational state lines: `[Backup ]Server b/s is DOWN|UP|stopping<cause>. <counts>`.

use crate::event::message::Message;
use crate::event::message::OpState;
use crate::event::message::ServerName;
use crate::event::message::StateChange;
use crate::event::message::Why;
use crate::event::message::check;
use crate::event::message::status;
use crate::event::message::text::left;
use crate::event::message::text::server_name;
use crate::event::message::text::starts_with_any;
use crate::event::message::text::via;
use crate::event::message::text::word;

/// The head of a line about one server.
#[derive(Clone, Copy, Debug)]
pub(super) struct Subject<'a> {
    /// The message starts with `Backup `.
    pub(super) backup: bool,
    token: &'a [u8],
    /// What follows the name, with its blank.
    pub(super) rest: &'a [u8],
}

impl Subject<'_> {
    /// The server; `None` when the token is no name.
    pub(super) fn name(&self) -> Option<ServerName> {
        server_name(self.token)
    }
}

/// `[Backup ]Server b/s`, without a look at the name's characters.
pub(super) fn subject(text: &[u8]) -> Option<Subject<'_>> {
    let (backup, rest) = match text.strip_prefix(b"Backup ") {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (token, rest) = word(rest.strip_prefix(b"Server ")?);
    memchr::memchr(b'/', token)?;
    Some(Subject {
        backup,
        token,
        rest,
    })
}

/// A state line; `Load-balancing on Server b/s is disabled` was the wording of `stopping` up to 1.5.
pub(super) fn decode(text: &[u8]) -> Option<Message> {
    const STATES: [(&[u8], OpState); 4] = [
        (b" is DOWN", OpState::Down),
        (b" is UP", OpState::Up),
        (b" is stopping", OpState::Stopping),
        // 1.8.0 said so by mistake.
        (b" is running", OpState::Stopping),
    ];
    const OLD_STATES: [(&[u8], OpState); 2] = [
        (b" is disabled", OpState::Stopping),
        (b" is enabled again", OpState::Up),
    ];
    let (subject, states) = match text.strip_prefix(b"Load-balancing on ") {
        Some(rest) => (subject(rest)?, &OLD_STATES[..]),
        None => (subject(text)?, &STATES[..]),
    };
    let (to, rest) = states
        .iter()
        .find_map(|(words, to)| Some((*to, subject.rest.strip_prefix(*words)?)))?;
    let (why, tail) = why(rest)?;
    Some(Message::State(StateChange {
        name: subject.name()?,
        backup: subject.backup,
        to,
        why,
        left: left(tail),
    }))
}

/// The second half of a line that was wrapped behind `Server`: `b/s is DOWN, reason: Layer4 timeout, …`.
pub(super) fn without_head(text: &[u8]) -> Option<Message> {
    const STATES: [(&[u8], OpState); 3] = [
        (b" is DOWN", OpState::Down),
        (b" is UP", OpState::Up),
        (b" is stopping", OpState::Stopping),
    ];
    let (token, rest) = word(text);
    let (to, rest) = STATES
        .iter()
        .find_map(|(words, to)| Some((*to, rest.strip_prefix(*words)?)))?;
    check::reason(rest)?;
    let (why, tail) = why(rest)?;
    Some(Message::State(StateChange {
        name: server_name(token)?,
        backup: false,
        to,
        why,
        left: left(tail),
    }))
}

/// The cause and the rest of the line; `None` when the text goes on as HAProxy never does.
fn why(rest: &[u8]) -> Option<(Why, &[u8])> {
    const CHANGED: [(&[u8], Why); 4] = [
        (b"CLI", Why::Cli),
        (b"Lua", Why::Lua),
        (b"Web", Why::Web),
        (b"server-state", Why::StateFile),
    ];
    if let Some(text) = check::reason(rest) {
        if status::ambiguous(text) {
            return Some((Why::Unsaid, &[]));
        }
        let (report, tail) = check::report(text);
        return Some((Why::Check(report), tail));
    }
    if rest.starts_with(b" via ") {
        let cut = !rest
            .trim_ascii_start()
            .strip_prefix(b"via ")?
            .contains(&b' ');
        let why = via(rest).map(Why::Tracked).or(cut.then_some(Why::Unsaid));
        return Some((why?, rest));
    }
    if let Some(by) = rest.strip_prefix(b", changed from ") {
        let found = CHANGED.into_iter().find(|(word, _)| by.starts_with(word));
        return Some((found.map_or(Why::Unsaid, |(_, why)| why), rest));
    }
    let after = rest.trim_ascii_start();
    let ends = match rest {
        [] | [b'.', ..] => true,
        _ => cut_cause(after),
    };
    ends.then_some((Why::Unsaid, rest))
}

/// A cause that was cut within its first word, or a pager's mark.
fn cut_cause(rest: &[u8]) -> bool {
    let rest = rest.strip_suffix(b"...").unwrap_or(rest);
    b", reason:".starts_with(rest)
        || b", changed from ".starts_with(rest)
        || b"via ".starts_with(rest)
        || rest == "…".as_bytes()
        || rest == b">"
        || (starts_with_any(rest, &[b","]) && left(rest).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::message::CheckStatus;
    use crate::event::message::Left;
    use crate::event::message::tests::check;
    use crate::event::message::tests::counts;
    use crate::event::message::tests::name;
    use crate::event::message::tests::reported;

    fn state(text: &str) -> StateChange {
        match decode(text.as_bytes()) {
            Some(Message::State(change)) => change,
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn causes_of_every_kind() {
        let left = Some(Left {
            active: 0,
            backup: 1,
        });
        let tracked = ServerName {
            backend: "be_app".to_owned(),
            server: "web1.example".to_owned(),
        };
        let rows = [
            (" via be_app/web1.example", Why::Tracked(tracked)),
            (", changed from CLI", Why::Cli),
            (", changed from Lua script", Why::Lua),
            (", changed from Web interface", Why::Web),
            (", changed from server-state after a reload", Why::StateFile),
            ("", Why::Unsaid),
        ];
        for (cause, why) in rows {
            let change = state(&format!(
                "Server be_app/web2 is DOWN{cause}. 0 active and 1 backup servers left. Running on backup. 0 sessions active, 0 requeued, 0 remaining in queue."
            ));
            assert_eq!((change.why, change.left), (why, left));
            assert_eq!((change.to, change.backup), (OpState::Down, false));
        }
    }

    #[test]
    fn wrapped_and_cut_lines_have_no_reason() {
        for text in [
            "Server be/s is DOWN,",
            "Server be/s is DOWN, rea",
            "Server be/s is DOWN",
            "Server be/s is DOWN. 0 act",
            "Server be/s is DOWN...",
            "Server be/s is DOWN via be",
        ] {
            let change = state(text);
            assert_eq!((change.why, change.left), (Why::Unsaid, None));
        }
    }

    #[test]
    fn prose_is_no_state_line() {
        for text in [
            "Server be/s is DOWNGRADED",
            "Server be/s is DOWN because of me",
            "Server be/s is UP, I think",
            "Server listening on 0.0.0.0 port 22.",
            "Server b<e/s is DOWN",
        ] {
            assert_eq!(decode(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn operational_states() {
        use CheckStatus as S;
        let rows = [
            (
                "Backup Server be_app/bk1 is UP, reason: Layer7 check passed, code: 200, check duration: 2ms. 0 active and 1 backup servers online. Running on backup. 0 sessions requeued, 0 total in queue.",
                (true, "be_app/bk1", OpState::Up, counts(0, 1)),
                Why::Check(reported(S::L7Ok, Some(200), "", Some(2))),
            ),
            (
                "Server be_app/web1 is stopping, reason: Layer7 check conditionally passed, code: 404, check duration: 0ms. 1 active and 1 backup servers online. 0 sessions requeued, 0 total in queue.",
                (false, "be_app/web1", OpState::Stopping, counts(1, 1)),
                Why::Check(reported(S::L7Okc, Some(404), "", Some(0))),
            ),
            (
                "Server be_app/web1 is DOWN, reason: Health analyze, info: \"Detected 3 consecutive errors, last one was: Wrong http response\". 0 active and 0 backup servers left. 1 sessions active, 0 requeued, 0 remaining in queue.",
                (false, "be_app/web1", OpState::Down, counts(0, 0)),
                Why::Check(reported(
                    S::Hana,
                    None,
                    "Detected 3 consecutive errors, last one was: Wrong http response",
                    None,
                )),
            ),
            (
                "Server be_app/web1 is DOWN, reason: Layer7 wrong status, code: 0, info: \"via agent : stopped\", check duration: 0ms. 0 active and 0 backup servers left.",
                (false, "be_app/web1", OpState::Down, counts(0, 0)),
                Why::Check(reported(S::L7Sts, Some(0), "via agent : stopped", Some(0))),
            ),
            (
                "Server be_app/web2 is DOWN via be_app/web1. 0 active and 1 backup servers left. Running on backup. 0 sessions active, 0 requeued, 0 remaining in queue.",
                (false, "be_app/web2", OpState::Down, counts(0, 1)),
                Why::Tracked(name("be_app/web1")),
            ),
            (
                "Server be_app/web1 is UP. 1 active and 0 backup servers online. 0 sessions requeued, 0 total in queue.",
                (false, "be_app/web1", OpState::Up, counts(1, 0)),
                Why::Unsaid,
            ),
            (
                "Load-balancing on Server be_app/web1 is disabled, reason: Layer7 check conditionally passed, code: 404, check duration: 0ms. 1 active and 0 backup servers online.",
                (false, "be_app/web1", OpState::Stopping, counts(1, 0)),
                Why::Check(reported(S::L7Okc, Some(404), "", Some(0))),
            ),
            (
                "be_app/web1 is DOWN, reason: Layer4 timeout, vcheck duration: 2000ms. 0 active and 0 backup servers left.",
                (false, "be_app/web1", OpState::Down, counts(0, 0)),
                Why::Check(reported(S::L4Tout, None, "", Some(2000))),
            ),
            (
                "Server be_app/web1 is DOWN, reason: Layer4",
                (false, "be_app/web1", OpState::Down, None),
                Why::Unsaid,
            ),
        ];
        for (body, (backup, server, to, left), why) in rows {
            let name = name(server);
            let change = StateChange {
                name,
                backup,
                to,
                why,
                left,
            };
            check(body, &Message::State(change));
        }
    }
}
