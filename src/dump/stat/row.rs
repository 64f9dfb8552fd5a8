//! One row of `show stat`: how it is built from cells, and what its columns say.

use crate::base::Place;
use crate::dump::StatKind;
use crate::dump::StatRow;
use crate::dump::check_status_from_short;
use crate::event::message::CheckStatus;

/// Words that `status` begins with, from 1.3 to 3.5.
const STATUS_WORDS: [&str; 12] = [
    "UP", "DOWN", "NOLB", "DRAIN", "MAINT", "no check", "NO CHECK", "OPEN", "FULL", "STOP",
    "PAUSED", "WAITING",
];

/// A row from its columns; `None` when it names no object.
pub(super) fn row(at: Place, columns: Vec<(String, String)>) -> Option<StatRow> {
    let mut row = StatRow {
        at,
        proxy: String::new(),
        name: String::new(),
        kind: StatKind::Server,
        status: String::new(),
        columns,
    };
    row.proxy = row.column("pxname")?.to_owned();
    row.name = row.column("svname")?.to_owned();
    row.status = row.column("status").unwrap_or_default().to_owned();
    row.kind = match (row.name.as_str(), row.column("type")) {
        ("FRONTEND", _) => StatKind::Frontend,
        ("BACKEND", _) => StatKind::Backend,
        (_, Some("3")) => StatKind::Listener,
        _ => StatKind::Server,
    };
    Some(row)
}

/// `status` has a form that HAProxy prints: a known word, then nothing, ` 1/3` or ` (…)`.
pub(super) fn is_status(status: &str) -> bool {
    STATUS_WORDS
        .iter()
        .filter_map(|word| status.strip_prefix(word))
        .any(|rest| match rest.strip_prefix(' ') {
            None => rest.is_empty(),
            Some(detail) => is_health(detail) || detail.starts_with('(') && detail.ends_with(')'),
        })
}

fn is_health(detail: &str) -> bool {
    detail
        .split_once('/')
        .is_some_and(|(health, of)| is_number(health) && is_number(of))
}

fn is_number(word: &str) -> bool {
    !word.is_empty() && word.bytes().all(|b| b.is_ascii_digit())
}

impl StatRow {
    /// Result of the last health check, `check_status`; `None` when there is no check, or the code is unknown.
    pub fn check_status(&self) -> Option<CheckStatus> {
        check_status_from_short(self.column("check_status")?)
    }

    /// A health check was under way when the dump was made: the code is led by `* `.
    pub fn is_check_running(&self) -> bool {
        self.column("check_status")
            .is_some_and(|code| code.starts_with('*'))
    }

    /// Result of the last agent check, `agent_status`; `None` when there is no agent.
    pub fn agent_status(&self) -> Option<CheckStatus> {
        check_status_from_short(self.column("agent_status")?)
    }

    /// HTTP status or exit code of the last health check, `check_code`.
    pub fn check_code(&self) -> Option<u64> {
        self.number("check_code")
    }

    /// Info text of the last health check, `last_chk`: `Connection refused`; empty when it had none.
    pub fn check_info(&self) -> &str {
        self.column("last_chk").unwrap_or_default()
    }

    /// Info text of the last agent check, `last_agt`: `via agent : down`; empty when it had none.
    pub fn agent_info(&self) -> &str {
        self.column("last_agt").unwrap_or_default()
    }

    /// Seconds since the last state change, `lastchg`, counted back from the time of the dump.
    pub fn since_change_s(&self) -> Option<u64> {
        self.number("lastchg")
    }

    /// Address and port of a server, `addr`; empty up to 1.6, and while the name does not resolve.
    pub fn address(&self) -> &str {
        self.column("addr").unwrap_or_default()
    }

    /// Backend and server that this server tracks, `tracked`.
    pub fn tracked(&self) -> Option<(&str, &str)> {
        self.column("tracked")?.split_once('/')
    }

    /// A server's role: `bck` is 1 for `backup` servers. `None` for other rows, and without the column.
    pub fn is_backup(&self) -> Option<bool> {
        match self.kind {
            StatKind::Server => Some(self.number("bck")? > 0),
            StatKind::Frontend | StatKind::Backend | StatKind::Listener => None,
        }
    }

    /// Usable active and backup servers of a backend, `act` and `bck`. `None` for other rows, and without the columns.
    pub fn usable_servers(&self) -> Option<(u64, u64)> {
        match self.kind {
            StatKind::Backend => Some((self.number("act")?, self.number("bck")?)),
            StatKind::Frontend | StatKind::Server | StatKind::Listener => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::is_status;

    #[test]
    fn a_status_with_something_glued_to_it_is_none() {
        for status in [
            "UP",
            "UP 1/3",
            "no check",
            "DRAIN (agent)",
            "MAINT (via a/b)",
            "UP (3/6)",
        ] {
            assert!(is_status(status), "{status}");
        }
        for status in ["DRAIN (agent)1", "UPPER", "0", "", "UP 1/"] {
            assert!(!is_status(status), "{status}");
        }
    }
}
