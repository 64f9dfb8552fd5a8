//! State changes whose line was wrapped by hand: the reason stands in the next line.

use crate::base::Cite;
use crate::event::message::Message;
use crate::event::message::ServerName;
use crate::event::message::Why;
use crate::evidence::What;
use crate::incident::state::checked;
use crate::incident::{Pool, Reason, State, Timeline};
use std::collections::BTreeMap;

/// Longest first half, bytes: a terminal's width, or two names of the longest kind.
const HALF_BYTES_MAX: u64 = 400;

/// Gives each change without a reason the one in the line behind it. A first half is a message without counts; a whole one
/// without a reason has them, and takes none.
pub(super) fn join(pools: &mut BTreeMap<Box<str>, Pool>, timeline: &Timeline) {
    let mut half: Option<(&ServerName, &Cite)> = None;
    for event in &timeline.events {
        let What::Message(message) = &event.what else {
            continue;
        };
        match message {
            Message::State(change) if change.why == Why::Unsaid && change.left.is_none() => {
                half = Some((&change.name, &event.cite));
            }
            Message::Fragment(report) => {
                let Some((name, first)) =
                    half.take().filter(|(_, first)| follows(first, &event.cite))
                else {
                    continue;
                };
                let story = pools
                    .get_mut(name.backend.as_str())
                    .and_then(|pool| pool.servers.get_mut(name.server.as_str()));
                let mut changes = story.into_iter().flat_map(|story| &mut story.changes);
                let Some(change) = changes.find(|change| change.cite.span == first.span) else {
                    continue;
                };
                if change.reason == Reason::Unsaid && change.to != State::Up {
                    change.reason = checked(report.clone());
                }
            }
            _ => {}
        }
    }
}

/// The second line stands right behind the first one.
fn follows(first: &Cite, second: &Cite) -> bool {
    let (first, second) = (first.span, second.span);
    let next = second.line == first.line + 1 || second.block != first.block;
    first.source == second.source
        && second.offset > first.offset
        && second.offset - first.offset <= HALF_BYTES_MAX
        && next
}

#[cfg(test)]
mod tests {
    use crate::testing;

    const HEAD: &str = "[WARNING] Server be_app/app1 is DOWN,";

    #[test]
    fn a_reason_in_the_next_line_belongs_to_the_change() {
        let log = format!(
            "{HEAD}\n     reason: Layer7 timeout, check duration: 2003ms.\n     0 active and 0 backup servers left.\n"
        );
        testing::concludes(&[("haproxy.log", &log)], "check-timeout");
    }

    #[test]
    fn a_reason_further_down_does_not() {
        let log = format!(
            "{HEAD}\n\nthe same again:\n     reason: Layer7 timeout, check duration: 2003ms.\n"
        );
        testing::concludes(&[("haproxy.log", &log)], "insufficient-evidence");
    }
}
