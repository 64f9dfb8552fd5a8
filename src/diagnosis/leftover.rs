//! A pool that was dead from HAProxy's start on and served nobody, beside pools that serve: broken, or a leftover?
//!
//! `default_backend be_old` with a server that was switched off long ago costs nothing until a rule misses and sends requests
//! there. Its state looks like an outage in every respect but one: nothing changed. Which of both it is only the rules tell, so
//! without them nothing is claimed of the servers.

use crate::base::SECOND;
use crate::diagnosis::Case;
use crate::diagnosis::Sign;
use crate::diagnosis::Weight;
use crate::diagnosis::before;
use crate::diagnosis::standing::Standing;
use crate::diagnosis::standing::standing;
use crate::dump::Dump;
use crate::dump::StatKind;
use crate::dump::StatRow;
use crate::event::message::ProcessChange;
use crate::incident::Basis;

/// The first round of checks is over this long after the start of HAProxy; `inter` is 2 s unless it is set.
const AT_START: i64 = 5 * SECOND;
/// Sessions that make a pool one that serves.
const SERVES_MIN: u64 = 20;

/// Speaks against every cause that blames the servers of such a pool, where the way of the requests cannot be traced.
pub(super) fn against_loss(case: &Case<'_>) -> Option<Sign> {
    let incident = case.incident;
    match incident.basis {
        Basis::Requests => by_log(case),
        Basis::Dumps if case.bundle.reach.n == 0 => by_dump(case),
        Basis::Dumps | Basis::Messages | Basis::Captures | Basis::Process => None,
    }
}

/// The log shows that the pool served nobody, while others of its frontend were served.
fn by_log(case: &Case<'_>) -> Option<Sign> {
    let incident = case.incident;
    let is_routed = !incident.frontend.is_empty() && incident.frontend != incident.backend;
    if case.bundle.config().is_some() || !is_routed {
        return None;
    }
    let cite = match standing(case) {
        Standing::NeverServed(Some(cite)) | Standing::Empty(_, cite) => cite,
        Standing::NeverServed(None) | Standing::Served | Standing::JustLost(..) => return None,
    };
    let lost = case.last_straw()?.at?;
    let mut starts = before::process_changes(case, (lost - AT_START, lost));
    starts.find(|(_, _, change)| matches!(change, ProcessChange::WorkerForked { .. }))?;
    let loads = case.bundle.loads.iter();
    let of_frontend = loads.filter(|(name, load)| {
        **name != incident.backend && load.frontends.contains_key(&incident.frontend)
    });
    let (n, other) = of_frontend
        .map(|(name, load)| (load.between(i64::MIN / 2, i64::MAX / 2).n_good, name))
        .filter(|(n, _)| *n >= incident.n_failed())
        .max()?;
    let text = format!(
        "{} was dead from HAProxy's start on and served nobody, while {other} answered {n} requests of {}: whether the failed \
         ones were meant for it only the configuration can tell",
        incident.backend, incident.frontend
    );
    Some(Sign::new(Weight::Contradicting, text, vec![cite]))
}

/// A dump shows that no server of the pool ever had a session, while other pools had many.
fn by_dump(case: &Case<'_>) -> Option<Sign> {
    let backend = &*case.incident.backend;
    let stats = case.bundle.documents.dumps.iter();
    let mut stats = stats.filter_map(|doc| match &doc.dump {
        Dump::Stat(stat) => Some((doc.source, &stat.rows)),
        _ => None,
    });
    // The latest in the order of the bundle; counters only grow.
    let (source, rows) = stats.next_back()?;
    let sessions = |row: &StatRow| row.number("stot").unwrap_or(0);
    let mine = rows.iter().filter(|row| row.proxy == backend);
    let mut servers = mine.filter(|row| row.kind == StatKind::Server).peekable();
    let first = servers.peek()?.at;
    if servers.any(|row| sessions(row) > 0) {
        return None;
    }
    let others = rows.iter().filter(|row| row.proxy != backend);
    let serving = others.filter(|row| row.kind == StatKind::Backend && row.status == "UP");
    let serving = serving.filter(|row| sessions(row) >= SERVES_MIN);
    let best = serving.max_by_key(|row| (sessions(row), std::cmp::Reverse(&row.proxy)))?;
    let text = format!(
        "no server of {backend} had a session since HAProxy started, and {} had {}: whether requests that come to {backend} \
         were meant for it, no artifact tells",
        best.proxy,
        sessions(best)
    );
    let cites = vec![case.bundle.documents.cite(source, first)];
    Some(Sign::new(Weight::Contradicting, text, cites))
}

#[cfg(test)]
mod tests {
    use crate::testing;

    const HEAD: &str = "2026-06-05T21:53:40.000000+00:00 proxy01 haproxy[3000]: [NOTICE]   (3000) : New worker (3028) forked\n";

    /// Requests of `be_web` that were answered well, behind the same frontend.
    fn served(from: u32) -> String {
        let good = testing::nosrv(from).replace(
            "be_app/<NOSRV> 0/-1/-1/-1/0 503 217 - - SC--",
            "be_web/w1 0/0/0/3/3 200 217 - - ----",
        );
        good.repeat(3)
    }

    fn lost(second: u32) -> String {
        testing::down(second, "app1", testing::REFUSED)
    }

    #[test]
    fn a_pool_dead_from_the_start_is_not_blamed_without_the_rules() {
        let log = HEAD.to_owned() + &lost(41) + &served(42) + &testing::nosrv(43);
        let incident = testing::incident(&[("a.log", &log)]);
        assert_eq!(incident.cause.id, "insufficient-evidence");
        assert!(
            incident
                .possible
                .iter()
                .any(|possible| possible.id == "listener-refused")
        );
    }

    #[test]
    fn a_pool_that_is_lost_later_is() {
        let log = HEAD.to_owned() + &served(42) + &lost(50) + &testing::nosrv(51);
        testing::concludes(&[("a.log", &log)], "listener-refused");
    }

    fn stat(sessions: u32) -> String {
        format!(
            "# pxname,svname,qcur,qmax,scur,smax,slim,stot,status,lastchg,check_status\n\
             be_old,old1,0,0,0,0,,{sessions},DOWN,11,L4TOUT\nbe_old,BACKEND,0,0,0,0,,93,DOWN,11,\n\
             be_app,app1,0,0,0,0,,329,UP,900,L7OK\nbe_app,BACKEND,0,0,0,0,,329,UP,900,\n"
        )
    }

    #[test]
    fn a_dump_of_a_pool_that_never_had_a_session_is_no_outage_by_itself() {
        let incident = testing::incident(&[("show-stat.csv", &stat(0))]);
        assert_eq!(incident.cause.id, "insufficient-evidence");
        testing::concludes(&[("show-stat.csv", &stat(5))], "connect-timeout");
    }

    #[test]
    fn the_only_pool_of_a_frontend_is_too() {
        let log = HEAD.to_owned() + &lost(41) + &testing::nosrv(43);
        testing::concludes(&[("a.log", &log)], "listener-refused");
    }
}
