//! What the bugs of the table leave in logs and dumps. Each answers for the incident's backend alone.

use crate::base::Cite;
use crate::base::MINUTE;
use crate::base::SECOND;
use crate::capture::Capture;
use crate::diagnosis::Case;
use crate::diagnosis::target;
use crate::dump::Dump;
use crate::dump::StatKind;
use crate::dump::StatRow;
use crate::event::message::Message;
use crate::event::message::ProcessChange;
use crate::evidence::Step;
use crate::evidence::What;
use crate::incident::Change;
use crate::incident::Reason;
use crate::incident::Snapshot;
use crate::incident::State;
use crate::incident::Story;
use std::net::IpAddr;

/// What was seen, a clause after "Here", and the lines that show it.
pub(super) type Shown = (String, Vec<Cite>);

/// Times that a server must have left and come back before it is called a habit.
const RETURNS_MIN: usize = 2;
/// A return within this time of "entry removed from SRV record" means that the record still had it.
const BACK_WITHIN: i64 = MINUTE;
/// A name cannot fail and resolve again faster than a resolver is asked (`hold`, `timeout retry`: one second and more).
const AT_ONCE: i64 = SECOND;

/// An address was set after the server went into maintenance by DNS, and it never came out of it.
pub(super) fn addressed_and_still_out(case: &Case<'_>) -> Option<Shown> {
    stories(case).find_map(|(name, story)| {
        let lost = story.changes.iter().rfind(|change| by_dns(change))?;
        let after = |at: Option<i64>| at >= lost.at && at.is_some();
        let (_, _, to, _, address) = story
            .addresses
            .iter()
            .find(|(at, _, to, _, _)| after(*at) && is_address(to))?;
        let back = story
            .changes
            .last()
            .is_some_and(|last| last.to == State::Up);
        (!back && is_srv(case, name)).then(|| {
            let text = format!(
                "{name} got the address {to} after it had gone into maintenance, and stayed there"
            );
            (text, vec![lost.cite.clone(), address.clone()])
        })
    })
}

/// Left and came back, several times.
pub(super) fn removed_and_back(case: &Case<'_>) -> Option<Shown> {
    const REMOVED: &str = "entry removed from SRV record";
    stories(case).find_map(|(name, story)| {
        let pairs = story.changes.windows(2).filter_map(|pair| match pair {
            [out, back] => Some((out, back)),
            _ => None,
        });
        let returns: Vec<&Change> = pairs
            .filter(|(out, back)| {
                let removed = matches!(&out.reason, Reason::Dns(text) if text.contains(REMOVED));
                removed && back.to == State::Up && within(out, back, BACK_WITHIN)
            })
            .map(|(out, _)| out)
            .collect();
        (returns.len() >= RETURNS_MIN).then(|| {
            let n = returns.len();
            let text = format!("{name} left its record and was back within a minute, {n} times");
            let cites = returns.iter().map(|out| out.cite.clone()).take(3);
            (text, cites.collect())
        })
    })
}

/// UP in a dump, with a name and without an address.
pub(super) fn up_without_address(case: &Case<'_>) -> Option<Shown> {
    snapshots(case).find_map(|(name, row)| {
        let bare = !row.address.as_deref().is_some_and(is_address);
        let named = !row.fqdn.is_empty() && is_srv(case, name);
        let shown = row.state == Some(State::Up) && bare && named;
        shown.then(|| {
            let text = format!("{name} ({}) was UP without an address", row.fqdn);
            (text, vec![row.cite.clone()])
        })
    })
}

/// DOWN at an address that a lookup of its host no longer shows, beside another server of the same host.
pub(super) fn host_moved(case: &Case<'_>) -> Option<Shown> {
    snapshots(case).find_map(|(name, row)| {
        let address = row
            .address
            .as_deref()
            .filter(|address| is_address(address))?;
        let twin = snapshots(case).any(|(other, twin)| other != name && twin.fqdn == row.fqdn);
        let out = row.state.is_some_and(|state| state != State::Up);
        if row.fqdn.is_empty() || !twin || !out || !is_srv(case, name) {
            return None;
        }
        let documents = &case.bundle.documents;
        let lookups = documents
            .captures
            .iter()
            .filter_map(|doc| match &doc.capture {
                Capture::Lookup(lookup) => Some((doc.source, lookup)),
                _ => None,
            });
        let mut own = lookups.filter(|(_, lookup)| {
            let asked = lookup.name.trim_end_matches('.');
            asked.eq_ignore_ascii_case(row.fqdn.trim_end_matches('.'))
                && !lookup.addresses.is_empty()
        });
        let (source, lookup) = own.next()?;
        let (host, _) = target::split(address);
        (!lookup.addresses.contains(&host)).then(|| {
            let now = lookup.addresses.join(", ");
            let text = format!("{name} was kept at {host}, while {} is {now}", row.fqdn);
            (
                text,
                vec![row.cite.clone(), documents.cite(source, lookup.at)],
            )
        })
    })
}

/// In maintenance by DNS without ever having had an address, while its record has other servers.
pub(super) fn never_addressed(case: &Case<'_>) -> Option<Shown> {
    stories(case).find_map(|(name, story)| {
        let row = story.snapshots.last()?;
        let out =
            matches!(row.reason, Reason::Dns(_)) && !row.address.as_deref().is_some_and(is_address);
        let untouched = story.changes.is_empty() && story.addresses.is_empty();
        let first = case
            .proxy?
            .servers
            .iter()
            .find(|line| line.address.starts_with('_'))?;
        (out && untouched && first.name == name).then(|| {
            let text = format!(
                "{name}, the first server of {}, never had an address",
                first.address
            );
            (text, vec![row.cite.clone()])
        })
    })
}

/// Lost to DNS under a name with a dot at its end.
pub(super) fn dot_at_the_end(case: &Case<'_>) -> Option<Shown> {
    case.losses.iter().find_map(|loss| {
        let line = case.server(loss.server)?;
        let shown = matches!(loss.reason, Reason::Dns(_)) && line.address.ends_with('.');
        shown.then(|| {
            let name = loss.server;
            let text = format!(
                "{name} is {} in the configuration, and did not resolve",
                line.address
            );
            let written = case.bundle.config_cite(line.at);
            (
                text,
                [loss.cite.clone()].into_iter().chain(written).collect(),
            )
        })
    })
}

/// HAProxy refused a line of the state file for the state that the bug is about.
pub(super) fn state_line_refused(case: &Case<'_>) -> Option<Shown> {
    const REFUSED: &str = "invalid srv_admin_state value '32'";
    let server = format!("'{}/", case.incident.backend);
    let mut events = case.bundle.timeline.events.iter();
    events.find_map(|event| match &event.what {
        What::Message(Message::Process(ProcessChange::StateFileUnread { text }))
            if text.contains(REFUSED) && text.contains(&server) =>
        {
            let said = "HAProxy refused such a line for a server of this backend".to_owned();
            Some((said, vec![event.cite.clone()]))
        }
        _ => None,
    })
}

/// Out for its name and in again in the same instant.
pub(super) fn up_at_once(case: &Case<'_>) -> Option<Shown> {
    stories(case).find_map(|(name, story)| {
        let mut pairs = story.changes.windows(2);
        pairs.find_map(|pair| match pair {
            [out, back] if by_dns(out) && back.to == State::Up && within(out, back, AT_ONCE) => {
                let text = format!("{name} was back in the same instant in which its name failed");
                Some((text, vec![out.cite.clone(), back.cite.clone()]))
            }
            _ => None,
        })
    })
}

/// A dump with requests in the queue while no server had any; requests of the incident waited in vain.
pub(super) fn queue_before_idle_servers(case: &Case<'_>) -> Option<Shown> {
    if case.incident.n_step(Step::QueueTimeout) == 0 {
        return None;
    }
    let documents = &case.bundle.documents;
    documents.dumps.iter().find_map(|doc| {
        let Dump::Stat(stat) = &doc.dump else {
            return None;
        };
        let mine = || {
            stat.rows
                .iter()
                .filter(|row| *row.proxy == *case.incident.backend)
        };
        let waiting = mine().find(|row| row.kind == StatKind::Backend)?;
        let n = waiting.number("qcur").filter(|n| *n > 0)?;
        let mut usable =
            mine().filter(|row| row.kind == StatKind::Server && row.availability().is_usable());
        let first = usable.next()?;
        let idle = |row: &StatRow| row.number("scur") == Some(0);
        (idle(first) && usable.all(idle)).then(|| {
            let text =
                format!("a dump shows {n} in the queue while no server that is UP had a request");
            let cites = [waiting, first].map(|row| documents.cite(doc.source, row.at));
            (text, cites.into())
        })
    })
}

fn stories<'a>(case: &Case<'a>) -> impl Iterator<Item = (&'a str, &'a Story)> {
    let servers = case.pool.into_iter().flat_map(|pool| &pool.servers);
    servers.map(|(name, story)| (&**name, story))
}

fn snapshots<'a>(case: &Case<'a>) -> impl Iterator<Item = (&'a str, &'a Snapshot)> {
    stories(case).flat_map(|(name, story)| story.snapshots.iter().map(move |row| (name, row)))
}

/// The server's line asks for an SRV record: its name begins with `_`. Without a configuration nothing speaks against it.
fn is_srv(case: &Case<'_>, server: &str) -> bool {
    case.server(server)
        .is_none_or(|line| line.address.starts_with('_'))
}

fn by_dns(change: &Change) -> bool {
    change.to == State::Maint && matches!(change.reason, Reason::Dns(_))
}

fn within(first: &Change, second: &Change, time: i64) -> bool {
    matches!((first.at, second.at), (Some(a), Some(b)) if b >= a && b - a <= time)
}

/// Not `(none)`, `-` or the address that HAProxy gives to nobody.
fn is_address(text: &str) -> bool {
    let whole = text.parse::<IpAddr>().ok();
    let ip = whole.or_else(|| target::split(text).0.parse().ok());
    ip.is_some_and(|ip| !ip.is_unspecified())
}
