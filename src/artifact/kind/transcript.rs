//! Several commands and their outputs in one file, pasted or recorded; or outputs of several kinds in a row.

use crate::artifact::Kind;
use crate::artifact::command;
use crate::artifact::head::CERTAIN;
use crate::artifact::head::Head;
use crate::artifact::head::NO;
use crate::artifact::head::Score;
use crate::artifact::transcript;
use crate::base::Text;

/// It holds what other kinds are certain of.
const ABOVE_CERTAIN: Score = CERTAIN + 1;

pub(super) fn looks_like(head: &Head<'_>) -> Score {
    let commands: Vec<&[u8]> = head
        .prompts
        .iter()
        .map(|prompt| prompt.command)
        .filter(|command| !command.is_empty())
        .collect();
    if head.bytes.contains(&0) {
        return NO;
    }
    if let [first, _, ..] = commands.as_slice() {
        let kind = command::expected(first);
        let same = kind.is_some()
            && commands
                .iter()
                .all(|command| command::expected(command) == kind);
        // several requests in a row are one capture; `split` still gives each its part
        return if same { NO } else { ABOVE_CERTAIN };
    }
    let mut kinds: Vec<Kind> = transcript::split(Text::new(head.bytes))
        .into_iter()
        .filter(|part| !part.text.bytes.trim_ascii().is_empty())
        .map(|part| part.kind)
        .collect();
    // a log may quote anything
    let log_first = head.prompts.is_empty() && kinds.first() == Some(&Kind::Log);
    kinds.retain(|kind| *kind != Kind::UnknownText);
    kinds.sort_unstable();
    kinds.dedup();
    if kinds.len() >= 2 && !log_first {
        ABOVE_CERTAIN
    } else {
        NO
    }
}
