//! The verdict when nothing is claimed, and the one sentence that a manager reads.

use crate::base::counted;
use crate::base::thousands;
use crate::dump::Dump;
use crate::dump::StatKind;
use crate::report::build::Parts;
use crate::report::filter::Chosen;

/// Something read would have shown an incident: traffic lines. Dumps show one moment, their counters what was before it; requests
/// may have failed after.
pub(super) fn tells_enough(parts: &Parts<'_>) -> bool {
    parts.bundle.reach.n > 0
}

/// Sessions that `show stat` counts where no row counts a 5xx or a failed connection; `None`: it counts some, or nothing at all.
fn clear_counters(parts: &Parts<'_>) -> Option<u64> {
    let mut n_sessions = 0;
    let mut knows_status = false;
    for doc in &parts.bundle.documents.dumps {
        let Dump::Stat(stat) = &doc.dump else {
            continue;
        };
        for row in &stat.rows {
            let count = |column| row.number(column).unwrap_or(0);
            if ["hrsp_5xx", "econ", "wretr"].map(count) != [0; 3] {
                return None;
            }
            if row.kind == StatKind::Frontend {
                n_sessions += count("stot");
                knows_status |= row.number("hrsp_5xx").is_some();
            }
        }
    }
    (knows_status && n_sessions > 0).then_some(n_sessions)
}

/// The bundle shows pools, and no more than that.
fn shows_pools(parts: &Parts<'_>) -> bool {
    let mut pools = parts.bundle.pools.values();
    pools.any(|pool| !pool.rows.is_empty() || !pool.servers.is_empty())
}

/// What is said of a bundle without an incident.
fn without_incident(verdict: &str, parts: &Parts<'_>) -> String {
    let n = parts.bundle.reach.n;
    match (verdict, clear_counters(parts)) {
        ("no-incident", _) if n > 0 => format!(
            "No 503 problem in these artifacts: none of {} logged requests failed for want of a server.",
            thousands(n)
        ),
        (_, Some(n)) => format!(
            "HAProxy's counters show {} and no 5xx up to the dump; whether requests failed later these artifacts do not tell.",
            counted(n, "session")
        ),
        _ if shows_pools(parts) => "Every pool that these artifacts show had a usable server then; whether requests failed at \
                                    another time they do not tell."
            .to_owned(),
        _ => "These artifacts hold no request, state change or dump of HAProxy: nothing can be said.".to_owned(),
    }
}

/// One sentence a manager can read.
pub(super) fn summary(verdict: &str, parts: &Parts<'_>) -> String {
    let Some((incident, conclusion)) = parts.concluded.first() else {
        if let Some(chosen) = parts.chosen {
            return none_of(chosen, verdict);
        }
        return without_incident(verdict, parts);
    };
    let name = if incident.backend.is_empty() {
        "the site"
    } else {
        &incident.backend
    };
    let what = if incident.n_503 > 0 {
        format!(
            "{name} answered 503 to {}",
            counted(incident.n_503, "request")
        )
    } else if incident.n_sessions > 0 {
        format!(
            "{name} failed {} TCP streams",
            thousands(incident.n_sessions)
        )
    } else {
        format!("{name} was not available")
    };
    let over = match incident.recovered {
        Some(true) => "; it is over",
        Some(false) => "; it is not over in these artifacts",
        None => "",
    };
    let more = match parts.concluded.len() {
        1 => String::new(),
        n => format!(" ({} more below)", n - 1),
    };
    let left_out = parts
        .chosen
        .map_or(String::new(), |chosen| match chosen.n_left_out {
            0 => String::new(),
            n => format!(" The filter left {} out.", others(n)),
        });
    format!("{what}: {}{over}{more}.{left_out}", conclusion.cause.title)
}

/// The summary when the filter leaves no incident.
fn none_of(chosen: &Chosen, verdict: &str) -> String {
    let left_out = match chosen.n_left_out {
        0 => String::new(),
        n => format!("; {} left out by the filter", others(n)),
    };
    let words = chosen.words();
    let of = if words.is_empty() {
        String::new()
    } else {
        format!(" {words}")
    };
    match (&chosen.beyond, verdict) {
        (Some(why), _) => format!(
            "These artifacts cannot tell of incidents{}: {why}{left_out}.",
            of_named(&of, chosen)
        ),
        (None, "no-incident") => format!("No incident{}{left_out}.", of_named(&of, chosen)),
        (None, _) => format!(
            "These artifacts hold no request, state change or dump of HAProxy: nothing can be said{left_out}."
        ),
    }
}

/// ` of be_x between …`; ` between …` when no name was given.
fn of_named(words: &str, chosen: &Chosen) -> String {
    if chosen.backends.is_empty() {
        words.to_owned()
    } else {
        format!(" of{words}")
    }
}

fn others(n: u64) -> String {
    if n == 1 {
        "1 other".to_owned()
    } else {
        format!("{} others", thousands(n))
    }
}
