//! What dumps say of servers: a state at one moment, placed on the axis.

use crate::base::Cite;
use crate::base::DAY;
use crate::base::SECOND;
use crate::base::Zone;
use crate::clock::Clock;
use crate::document::Documents;
use crate::document::DumpDoc;
use crate::document::How;
use crate::dump::Availability;
use crate::dump::Dump;
use crate::dump::ServerRow;
use crate::dump::StatKind;
use crate::dump::StatRow;
use crate::dump::check_status_from_short;
use crate::event::message::AdminWhy;
use crate::event::message::CheckReport;
use crate::event::message::CheckStatus;
use crate::incident::state::checked;
use crate::incident::{Pool, Reason, State};
use std::collections::BTreeMap;

/// A dump is taken while people look at an incident, at most this long after the end of what was logged.
const TAKEN_WITHIN: i64 = 7 * DAY;
/// How far `srv_time_since_last_change` (whole seconds) plus a change's stamp (often whole seconds) may be off.
const SINCE_SLACK: i64 = 2 * SECOND;

/// The `BACKEND` row of one dump.
#[derive(Clone, Debug)]
pub struct BackendRow {
    /// When the dump was taken, UTC.
    pub at: Option<i64>,
    /// As of [`Snapshot`].
    pub timed: bool,
    /// What it says.
    pub availability: Availability,
    /// The row itself.
    pub row: StatRow,
    /// The line.
    pub cite: Cite,
}

/// A server's state in one dump.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// When the dump was taken, UTC; `None`: nothing tells.
    pub at: Option<i64>,
    /// The state; `None`: the row does not say.
    pub state: Option<State>,
    /// Why.
    pub reason: Reason,
    /// What the row means.
    pub availability: Availability,
    /// `addr:port` as far as the row has it.
    pub address: Option<String>,
    /// Seconds since its last change of state.
    pub since_s: Option<u64>,
    /// `econ`, connection errors so far.
    pub n_connect_errors: Option<u64>,
    /// `chkdown`, changes to DOWN so far.
    pub n_down: Option<u64>,
    /// `hrsp_5xx`, responses with a status of 500 and above so far.
    pub n_5xx: Option<u64>,
    /// `stot`, streams sent to it so far.
    pub n_streams: Option<u64>,
    /// `at` is known from the dump itself or its name, with its zone: it may be held against the log.
    pub timed: bool,
    /// `srv_fqdn`; empty when unknown.
    pub fqdn: String,
    /// The row.
    pub cite: Cite,
}

/// When a dump was taken: as it says itself, or from the age of its states against the changes in the log.
pub(super) fn taken(
    doc: &DumpDoc,
    pools: &BTreeMap<Box<str>, Pool>,
    starts: &[i64],
    clock: &Clock,
    near: Option<i64>,
) -> Option<i64> {
    if let Some(taken) = doc.taken {
        let prompt = taken.how == How::Prompt && taken.stamp.micros < DAY;
        return match (prompt, near) {
            (true, Some(near)) => Some(clock.time_of_day(taken.stamp, near)),
            (true, None) => None,
            (false, _) => Some(clock.stamp(doc.source, taken.stamp)),
        };
    }
    let mut guesses = Vec::new();
    match &doc.dump {
        Dump::ServersState(rows) => {
            for row in rows {
                guess(
                    &mut guesses,
                    pools,
                    starts,
                    (&row.backend, &row.server),
                    state_of(row.availability()),
                    row.since_change_s,
                );
            }
        }
        Dump::Stat(stat) => {
            for row in stat.rows.iter().filter(|row| row.kind == StatKind::Server) {
                let since = row.number("lastchg");
                guess(
                    &mut guesses,
                    pools,
                    starts,
                    (&row.proxy, &row.name),
                    state_of(row.availability()),
                    since,
                );
            }
        }
        _ => {}
    }
    agreed(&guesses, near)
}

/// Every time at which one row's age fits a change to its state; a state held since the start fits the start.
fn guess(
    guesses: &mut Vec<Vec<i64>>,
    pools: &BTreeMap<Box<str>, Pool>,
    starts: &[i64],
    (backend, server): (&str, &str),
    state: Option<State>,
    since_s: Option<u64>,
) {
    let (Some(state), Some(since)) = (state, since_s.and_then(|s| i64::try_from(s).ok())) else {
        return;
    };
    let story = pools.get(backend).and_then(|pool| pool.servers.get(server));
    let changes = story.into_iter().flat_map(|story| &story.changes);
    let mut times: Vec<i64> = changes
        .filter(|c| c.to == state)
        .filter_map(|c| c.at)
        .collect();
    if state == State::Up {
        times.extend(starts);
    }
    guesses.push(times.into_iter().map(|at| at + since * SECOND).collect());
}

/// A time on which most rows agree. Of equally good ones the nearest to the end of the log: an age of days fits every start of
/// a process, and dumps are taken while people look at an incident. A state older than its process came with a server-state
/// file (`srv_time_since_last_change` is applied with it): such an age leads far beyond the log, and tells no time.
fn agreed(guesses: &[Vec<i64>], near: Option<i64>) -> Option<i64> {
    let in_reach = |at: &i64| near.is_none_or(|near| *at <= near.saturating_add(TAKEN_WITHIN));
    let all: Vec<i64> = guesses.iter().flatten().copied().filter(in_reach).collect();
    let fits = |at: i64| {
        let close = |guess: &&Vec<i64>| guess.iter().any(|&t| (t - at).abs() <= SINCE_SLACK);
        guesses.iter().filter(close).count()
    };
    let distance = |at: i64| near.map_or(0, |near| (at - near).abs());
    let best = all
        .into_iter()
        .max_by_key(|&at| (fits(at), std::cmp::Reverse(distance(at)), at))?;
    (2 * fits(best) >= guesses.len()).then_some(best)
}

/// The time of a dump does not come from the log itself, from a prompt that may have been drawn long before the command was
/// typed, or from a file that may have been copied later.
pub(super) fn is_timed(doc: &DumpDoc, clock: &Clock) -> bool {
    doc.taken.is_some_and(|taken| {
        let known = match taken.stamp.zone {
            Zone::Utc => true,
            Zone::Local => clock.knows_offset(),
            Zone::NoYear => false,
        };
        known && matches!(taken.how, How::Content | How::Name)
    })
}

pub(super) fn add_dump(
    pools: &mut BTreeMap<Box<str>, Pool>,
    doc: &DumpDoc,
    (at, timed): (Option<i64>, bool),
    documents: &Documents,
) {
    match &doc.dump {
        Dump::ServersState(rows) => {
            for row in rows {
                let story = pools
                    .entry(row.backend.as_str().into())
                    .or_default()
                    .server(&row.server);
                story.snapshots.push(of_state(
                    row,
                    (at, timed),
                    documents.cite(doc.source, row.at),
                ));
            }
        }
        Dump::Stat(stat) => {
            for row in &stat.rows {
                let cite = || documents.cite(doc.source, row.at);
                match row.kind {
                    StatKind::Server => {
                        let pool = pools.entry(row.proxy.as_str().into()).or_default();
                        let story = pool.server(&row.name);
                        story.backup |= row.number("bck") == Some(1);
                        story.snapshots.push(of_stat(row, (at, timed), cite()));
                    }
                    StatKind::Backend => {
                        let availability = row.availability();
                        let pool = pools.entry(row.proxy.as_str().into()).or_default();
                        pool.rows.push(BackendRow {
                            at,
                            timed,
                            availability,
                            row: row.clone(),
                            cite: cite(),
                        });
                    }
                    StatKind::Frontend | StatKind::Listener => {}
                }
            }
        }
        Dump::Info(_)
        | Dump::Backends(_)
        | Dump::Resolvers(_)
        | Dump::Errors(_)
        | Dump::Procs(_)
        | Dump::Streams(_)
        | Dump::Tables(_)
        | Dump::Connections(_)
        | Dump::Other(_) => {}
    }
}

fn of_state(row: &ServerRow, (at, timed): (Option<i64>, bool), cite: Cite) -> Snapshot {
    let availability = row.availability();
    let report = row.check_status.map(|status| CheckReport {
        status,
        code: None,
        info: String::new(),
        duration_ms: None,
    });
    let address = match (row.address.as_str(), row.port) {
        ("", _) => None,
        (address, Some(port)) => Some(format!("{address}:{port}")),
        (address, None) => Some(address.to_owned()),
    };
    Snapshot {
        at,
        state: state_of(availability),
        reason: reason_of(availability, report),
        availability,
        address,
        since_s: row.since_change_s,
        n_connect_errors: None,
        n_down: None,
        n_5xx: None,
        n_streams: None,
        timed,
        fqdn: row.fqdn.clone(),
        cite,
    }
}

fn of_stat(row: &StatRow, (at, timed): (Option<i64>, bool), cite: Cite) -> Snapshot {
    let availability = row.availability();
    let report = |status: Option<&str>, code: &str, info: &str| {
        let status = check_status_from_short(status?)?;
        let code = row.number(code).and_then(|code| u32::try_from(code).ok());
        Some(CheckReport {
            status,
            code,
            info: row.column(info).unwrap_or_default().to_owned(),
            duration_ms: None,
        })
    };
    let report = match availability {
        Availability::DownByAgent => report(row.column("agent_status"), "agent_code", "last_agt"),
        _ => report(row.column("check_status"), "check_code", "last_chk"),
    };
    Snapshot {
        at,
        state: state_of(availability),
        reason: reason_of(availability, report),
        availability,
        address: row.column("addr").map(str::to_owned),
        since_s: row.number("lastchg"),
        n_connect_errors: row.number("econ"),
        n_down: row.number("chkdown"),
        n_5xx: row.number("hrsp_5xx"),
        n_streams: row.number("stot"),
        timed,
        fqdn: String::new(),
        cite,
    }
}

fn state_of(availability: Availability) -> Option<State> {
    if availability.is_usable() {
        Some(State::Up)
    } else if availability.is_maint() {
        Some(State::Maint)
    } else if availability.is_drain() {
        Some(State::Drain)
    } else if availability.is_down() {
        Some(State::Down)
    } else if availability == Availability::Stopping {
        Some(State::Stopping)
    } else {
        None
    }
}

fn reason_of(availability: Availability, report: Option<CheckReport>) -> Reason {
    match availability {
        Availability::DownByCheck => report.map_or(Reason::Unsaid, checked),
        // `disable-on-404` leaves this status; without it a command did it.
        Availability::Stopping => report
            .filter(|report| report.status == CheckStatus::L7Okc)
            .map_or(Reason::Unsaid, Reason::Check),
        Availability::DownByAgent => report.map_or(Reason::Unsaid, Reason::Agent),
        Availability::DownByTracked
        | Availability::MaintInherited
        | Availability::DrainInherited => Reason::Tracked(None),
        Availability::MaintForced | Availability::Maint | Availability::DrainForced => {
            Reason::Admin(AdminWhy::Forced)
        }
        Availability::MaintConfigured => Reason::Configured,
        Availability::MaintResolution => Reason::Dns("MAINT (resolution)".to_owned()),
        Availability::WeightZero => Reason::Weight,
        _ => Reason::Unsaid,
    }
}
