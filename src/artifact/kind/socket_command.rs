//! Prompts at which only commands that change something were sent to the runtime socket: their answer is empty.

use crate::artifact::Kind;
use crate::artifact::command;
use crate::artifact::head::Head;
use crate::artifact::head::NO;
use crate::artifact::head::SURE;
use crate::artifact::head::Score;
use crate::capture::CaptureKind;

pub(super) fn looks_like(head: &Head<'_>) -> Score {
    let changes = Some(Kind::Capture(CaptureKind::SocketCommand));
    let all = head
        .prompts
        .iter()
        .all(|prompt| command::expected(prompt.command) == changes);
    if all && !head.prompts.is_empty() && head.lines.len() <= head.prompts.len() {
        SURE
    } else {
        NO
    }
}
