//! What a failing backend did before its first failed request: served, lost its servers just then, or stood empty for long.

use crate::base::Cite;
use crate::base::SECOND;
use crate::diagnosis::Case;
use crate::diagnosis::pool::LONG_BEFORE;
use crate::incident::State;

/// What the failing backend did before the first failed request.
pub(super) enum Standing {
    /// It had been without a usable server for minutes.
    Empty(i64, Cite),
    /// It answered none of the logged requests, and none of its servers is known to have been up.
    NeverServed(Option<Cite>),
    /// It served: its servers are what changed.
    Served,
    /// Its servers went just before.
    JustLost(String, Cite),
}

/// Judges it from the traffic log and the servers' changes.
pub(super) fn standing(case: &Case<'_>) -> Standing {
    let incident = case.incident;
    let last = case.last_straw();
    let lost_at = last.and_then(|last| last.at);
    let good_since = match (incident.window.last_good, lost_at) {
        (Some(good), Some(lost)) => good > lost + 2 * SECOND,
        (Some(_), None) => true,
        (None, _) => false,
    };
    if incident.n_good > 0 || good_since {
        return Standing::Served;
    }
    if let (Some(start), Some(at), Some(last)) = (incident.window.start, lost_at, last) {
        // Failures from the first logged line on may have begun before it.
        let began = case
            .bundle
            .reach
            .span
            .is_some_and(|(first, _)| start - first >= SECOND);
        if start - at >= LONG_BEFORE && began {
            return Standing::Empty(start - at, last.cite.clone());
        }
    }
    let was_up = case
        .pool
        .into_iter()
        .flat_map(|p| p.servers.values())
        .any(|story| {
            let ups = story.changes.iter().filter(|change| change.to == State::Up);
            ups.into_iter()
                .any(|up| match (up.at, incident.window.start) {
                    (Some(at), Some(start)) => at < start,
                    _ => true,
                })
        });
    match last {
        _ if incident.window.last_good.is_some() => Standing::Served,
        Some(last) if was_up => Standing::JustLost(last.server.to_owned(), last.cite.clone()),
        Some(last) => Standing::NeverServed(Some(last.cite.clone())),
        None if was_up => Standing::Served,
        None => Standing::NeverServed(None),
    }
}
