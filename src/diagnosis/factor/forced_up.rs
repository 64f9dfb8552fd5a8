//! A command overrode a check and put a server up: clients may reach a broken server.
//!
//! Looks alike: `state ready` after maintenance, which leaves the decision to the checks.

use crate::capture::Capture;
use crate::diagnosis::Case;
use crate::diagnosis::FactorFinding;
use crate::diagnosis::factor::Factor;
use crate::diagnosis::factor::found;
use crate::incident::{Reason, State};

pub(super) const FACTOR: Factor = Factor {
    id: "forced-up",
    title: "a check was overridden",
    why: "`set server … health up` holds until the next checks say otherwise, and for good where checks are off (`disable health`). \
          Repair the server or the check instead; `enable health` puts the check back.",
    find,
};

fn find(case: &Case<'_>, _cause: &str) -> Option<FactorFinding> {
    let end = case.incident.window.end;
    let servers = case.pool.into_iter().flat_map(|pool| &pool.servers);
    for (name, story) in servers {
        let forced = story.changes.iter().find(|change| {
            let in_time = end.is_none_or(|end| change.at.is_none_or(|at| at <= end));
            change.to == State::Up && matches!(change.reason, Reason::Command(_)) && in_time
        });
        if let Some(change) = forced {
            return found(
                format!("{name} was set UP by a command, not by its check"),
                vec![change.cite.clone()],
            );
        }
    }
    let documents = &case.bundle.documents;
    documents
        .captures
        .iter()
        .find_map(|doc| match &doc.capture {
            Capture::SocketCommand { command, at, .. } => {
                let path = format!("{}/", case.incident.backend);
                let overrides = command.contains("health up") || command.contains("disable health");
                (overrides && command.contains(&path)).then(|| {
                    found(
                        format!("`{command}` overrode a check"),
                        vec![documents.cite(doc.source, *at)],
                    )
                })?
            }
            _ => None,
        })
}

#[cfg(test)]
mod tests {
    use super::FACTOR;
    use crate::diagnosis::factor::fixture::{CONFIG, finds, refused, up};
    use crate::testing::{REFUSED, down};

    #[test]
    fn a_server_set_up_by_a_command_is_found_and_one_by_its_check_is_not() {
        let by_check = [
            down(40, "app1", REFUSED),
            up(42, "app1", 1),
            refused(43, "app1"),
        ]
        .concat();
        let by_hand = by_check.replace(
            "is UP, reason: Layer7 check passed, code: 200, check duration: 1ms",
            "is UP, changed from CLI",
        );
        assert!(finds(&FACTOR, "listener-refused", CONFIG, &[by_hand]));
        assert!(!finds(&FACTOR, "listener-refused", CONFIG, &[by_check]));
    }
}
