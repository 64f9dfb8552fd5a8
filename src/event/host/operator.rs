//! Lines that record a command somebody ran as another user: sudo, doas, pkexec.
//!
//! Shape: `ops : TTY=pts/0 ; PWD=/home/ops ; USER=root ; COMMAND=/usr/bin/systemctl reload haproxy`; a refused command has a
//! reason in front of `TTY=` (`3 incorrect password attempts`) and did not run.

use crate::event::host::HostEvent;
use crate::event::host::Line;
use crate::event::host::command;
use crate::event::host::scan::after;
use crate::event::host::scan::before;
use crate::event::host::scan::between;
use crate::event::host::scan::event;
use crate::event::host::scan::first_word;
use crate::event::host::scan::split;
use crate::event::host::scan::starts_with_any;
use crate::event::host::secret;

pub(super) fn claims(program: &[u8]) -> bool {
    matches!(program, b"sudo" | b"doas" | b"pkexec" | b"")
}

pub(super) fn decode(line: &Line<'_>) -> Option<HostEvent> {
    let text = match line.program {
        b"doas" => between(line.body, b" ran command ", b" as ")?,
        b"pkexec" => line
            .body
            .strip_suffix(b"]")
            .and_then(|body| after(body, b"[COMMAND="))?,
        _ => sudo(line.body)?,
    };
    let kind = command::kind(text)?;
    event(kind, &secret::masked(text))
}

/// The command of a sudo line that was carried out.
fn sudo(body: &[u8]) -> Option<&[u8]> {
    let (head, text) = split(body, b" ; COMMAND=")?;
    let (user, fields) = split(head, b" : ")?;
    let carried_out = starts_with_any(fields, &[b"TTY=", b"PWD=", b"HOST=", b"USER="]);
    (carried_out && first_word(user).len() == user.len() && before(text, b"\n").is_none())
        .then_some(text)
}
