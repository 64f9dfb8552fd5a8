//! What the values of a row mean for new requests.

use crate::dump::Admin;
use crate::dump::Op;
use crate::dump::ServerRow;
use crate::dump::StatKind;
use crate::dump::StatRow;
use crate::dump::check_passed;
use crate::event::message::CheckStatus;

/// Bit of `srv_check_state` and `srv_agent_state`: the check is enabled (4); 2 alone is a check that is only configured.
///
/// Source: HAProxy `include/haproxy/check-t.h`, `CHK_ST_ENABLED`.
const CHECK_ENABLED: u64 = 4;

/// Whether a server, backend or frontend took new requests when the dump was made, and if not, why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Availability {
    /// Takes new requests. A server: its check, or the server it tracks, is fine. A backend: it has usable servers.
    Usable,
    /// A server that takes new requests and has no enabled check of its own: nobody knows whether it answers.
    Unchecked,
    /// A server whose own health check says down (`observe` included).
    DownByCheck,
    /// A server that the agent declared down, while its health check does not say so.
    DownByAgent,
    /// A server that is down like the server it tracks.
    DownByTracked,
    /// Down, and the row does not tell why: it follows a tracked server, an operator or a state file set it, or the
    /// columns are missing. A backend: no usable server.
    Down,
    /// A server in maintenance by the CLI, the API, the stats page or the agent, at run time.
    MaintForced,
    /// A server whose configuration says `disabled`, and which was never enabled.
    MaintConfigured,
    /// A server in maintenance because the server it tracks is.
    MaintInherited,
    /// A server whose name does not resolve.
    MaintResolution,
    /// A server in forced or configured maintenance; `show stat` does not tell which.
    Maint,
    /// A server drained by the CLI, the API, the stats page or the agent: persistent sessions only.
    DrainForced,
    /// A server drained because the server it tracks is.
    DrainInherited,
    /// A server that runs with an effective or user weight of 0: persistent sessions only, shown as DOWN nowhere.
    WeightZero,
    /// A server that stops softly (404 with `http-check disable-on-404`, `health stopping`): persistent sessions only.
    Stopping,
    /// A backend that says UP with no usable server: so HAProxy calls a backend that has no `server` line at all.
    NoServers,
    /// A frontend or listener at its connection limit: new connections wait.
    Full,
    /// A frontend or listener that was stopped or paused.
    Closed,
    /// The row does not say.
    Unknown,
}

impl Availability {
    /// New requests go there.
    pub fn is_usable(self) -> bool {
        matches!(self, Availability::Usable | Availability::Unchecked)
    }

    /// Maintenance of any kind.
    pub fn is_maint(self) -> bool {
        matches!(
            self,
            Availability::MaintForced
                | Availability::MaintConfigured
                | Availability::MaintInherited
                | Availability::MaintResolution
                | Availability::Maint
        )
    }

    /// Runs, but new requests are kept away: drain, weight 0.
    pub fn is_drain(self) -> bool {
        matches!(
            self,
            Availability::DrainForced | Availability::DrainInherited | Availability::WeightZero
        )
    }

    /// Down for a reason that is no maintenance.
    pub fn is_down(self) -> bool {
        matches!(
            self,
            Availability::DownByCheck
                | Availability::DownByAgent
                | Availability::DownByTracked
                | Availability::Down
        )
    }
}

impl ServerRow {
    /// What the row means for new requests.
    ///
    /// Source: HAProxy `src/server_state.c`; the maintenance mask is 0x23, 0x04 is only a memo.
    pub fn availability(&self) -> Availability {
        let admin = self.admin.unwrap_or_default();
        if admin.has(Admin::FMAINT) && admin.has(Admin::CMAINT) {
            return Availability::MaintConfigured;
        }
        if admin.has(Admin::FMAINT) {
            return Availability::MaintForced;
        }
        if admin.has(Admin::RMAINT) {
            return Availability::MaintResolution;
        }
        if admin.has(Admin::IMAINT) {
            return Availability::MaintInherited;
        }
        match self.op {
            None => Availability::Unknown,
            Some(Op::Stopped) => self.why_down(),
            Some(Op::Stopping) => Availability::Stopping,
            Some(Op::Starting | Op::Running) if admin.has(Admin::FDRAIN) => {
                Availability::DrainForced
            }
            Some(Op::Starting | Op::Running) if admin.has(Admin::IDRAIN) => {
                Availability::DrainInherited
            }
            Some(Op::Starting | Op::Running) if self.weight == Some(0) => Availability::WeightZero,
            Some(Op::Starting | Op::Running) if self.is_unchecked() => Availability::Unchecked,
            Some(Op::Starting | Op::Running) => Availability::Usable,
        }
    }

    /// A health check or an agent of its own is enabled; `None` when the columns are missing.
    pub fn is_checked(&self) -> Option<bool> {
        let check = enabled(self.check_state?);
        Some(check || self.agent_state.is_some_and(enabled))
    }

    fn is_unchecked(&self) -> bool {
        self.is_checked() == Some(false)
    }

    fn why_down(&self) -> Availability {
        let by_check = self.check_status.and_then(check_passed) == Some(false)
            && self.check_health.is_none_or(|health| health == 0);
        let check_is_fine = self.check_health.is_some_and(|health| health > 0)
            || !self.check_state.is_some_and(enabled);
        if by_check && self.check_state.is_none_or(enabled) {
            Availability::DownByCheck
        } else if check_is_fine && self.agent_state.is_some_and(enabled) {
            Availability::DownByAgent
        } else {
            Availability::Down
        }
    }
}

impl StatRow {
    /// What the row means for new requests.
    ///
    /// Source: management manual 3.2, "Statistics and monitoring", `status`; HAProxy `src/stats.c`.
    pub fn availability(&self) -> Availability {
        match self.kind {
            StatKind::Server => self.server_availability(),
            StatKind::Backend => self.backend_availability(),
            StatKind::Frontend | StatKind::Listener => match first_word(&self.status) {
                "OPEN" | "WAITING" | "UP" => Availability::Usable,
                "FULL" => Availability::Full,
                "STOP" | "PAUSED" => Availability::Closed,
                _ => Availability::Unknown,
            },
        }
    }

    fn server_availability(&self) -> Availability {
        let tracks = self.tracked().is_some();
        match self.status.as_str() {
            "MAINT (resolution)" => return Availability::MaintResolution,
            "DOWN (agent)" => return Availability::DownByAgent,
            status if status.starts_with("MAINT (via") => return Availability::MaintInherited,
            status if status.eq_ignore_ascii_case("no check") => {
                return self.unless_weightless(Availability::Unchecked);
            }
            _ => {}
        }
        match first_word(&self.status) {
            "UP" => self.unless_weightless(Availability::Usable),
            "NOLB" => Availability::Stopping,
            "MAINT" => Availability::Maint,
            "DRAIN" if tracks => Availability::DrainInherited,
            "DRAIN" => Availability::DrainForced,
            "DOWN" if tracks => Availability::DownByTracked,
            "DOWN" => self.why_down(),
            _ => Availability::Unknown,
        }
    }

    fn unless_weightless(&self, otherwise: Availability) -> Availability {
        if self.number("weight") == Some(0) {
            Availability::WeightZero
        } else {
            otherwise
        }
    }

    fn why_down(&self) -> Availability {
        match self.check_status().and_then(check_passed) {
            Some(false) => Availability::DownByCheck,
            Some(true) | None if self.agent_status() == Some(CheckStatus::L7Sts) => {
                Availability::DownByAgent
            }
            Some(true) | None => Availability::Down,
        }
    }

    fn backend_availability(&self) -> Availability {
        match (first_word(&self.status), self.usable_servers()) {
            ("UP", Some((0, 0))) => Availability::NoServers,
            ("UP", _) => Availability::Usable,
            ("DOWN", _) => Availability::Down,
            _ => Availability::Unknown,
        }
    }
}

fn enabled(state: u64) -> bool {
    state & CHECK_ENABLED != 0
}

fn first_word(status: &str) -> &str {
    status.split(' ').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use crate::base::Text;
    use crate::dump::Availability;
    use crate::dump::Dump;
    use crate::dump::DumpKind;
    use crate::dump::parse;

    #[track_caller]
    fn server(row: &str, expected: Availability) {
        let (dump, _) = parse(DumpKind::ServersState, Text::new(row.as_bytes()));
        let Dump::ServersState(rows) = dump else {
            panic!("no state dump");
        };
        assert_eq!(rows[0].availability(), expected, "{row}");
    }

    #[track_caller]
    fn stat(row: &str, expected: Availability) {
        let text = format!(
            "# pxname,svname,status,weight,act,bck,check_status,agent_status,tracked,\n{row}\n"
        );
        let (dump, tally) = parse(DumpKind::StatCsv, Text::new(text.as_bytes()));
        let Dump::Stat(stat) = dump else {
            panic!("no stat dump");
        };
        assert_eq!(tally.n_broken, 0, "{row}");
        assert_eq!(stat.rows[0].availability(), expected, "{row}");
    }

    #[test]
    fn states_of_a_server_state_row() {
        use Availability as A;
        server(
            "3 b 1 s 10.0.0.1 2 0 1 1 3 15 3 4 6 0 0 0 - 80 - 0 0 - - 0",
            A::Usable,
        );
        server(
            "3 b 2 s 10.0.0.1 0 0 1 1 3 8 2 0 6 0 0 0 - 80 - 0 0 - - 0",
            A::DownByCheck,
        );
        server(
            "3 b 3 s 10.0.0.1 0 0 1 1 3 1 0 2 0 0 0 0 - 80 - 0 0 - - 0",
            A::Down,
        );
        server(
            "3 b 4 s 10.0.0.1 2 0 1 1 3 1 0 2 0 0 0 0 - 80 - 0 0 - - 0",
            A::Unchecked,
        );
        server(
            "3 b 5 s 10.0.0.1 0 5 1 1 3 1 0 0 14 0 0 0 - 80 - 0 0 - - 0",
            A::MaintConfigured,
        );
        server(
            "3 b 5 s 10.0.0.1 0 1 1 1 3 6 3 0 14 0 0 0 - 80 - 0 0 - - 0",
            A::MaintForced,
        );
        server(
            "3 b 5 s 10.0.0.1 2 4 1 1 3 6 3 4 6 0 0 0 - 80 - 0 0 - - 0",
            A::Usable,
        );
        server(
            "3 b 6 s 10.0.0.1 2 0 0 0 3 1 0 2 0 0 0 0 - 80 - 0 0 - - 0",
            A::WeightZero,
        );
        server(
            "4 b 1 s 10.0.0.1 2 8 1 1 3 6 3 4 6 22 0 0 - 80 - 0 0 - - 99",
            A::DrainForced,
        );
        server(
            "4 b 1 s 10.0.0.1 0 0 1 1 3 15 3 4 6 22 0 0 - 80 - 0 0 - - 99",
            A::DownByAgent,
        );
        server(
            "5 b 1 s - 0 32 1 1 3 1 0 0 14 0 0 0 a.example 80 - 0 0 - - 0",
            A::MaintResolution,
        );
        server(
            "5 b 1 s - 0 96 1 1 3 1 0 0 14 0 0 0 a.example 80 - 0 0 - - 0",
            A::MaintResolution,
        );
        server(
            "3 b 1 s 10.0.0.1 3 0 1 1 3 16 4 4 6 0 0 0 - 80 - 0 0 - - 0",
            A::Stopping,
        );
    }

    #[test]
    fn states_of_a_stat_row() {
        use Availability as A;
        stat("b,s,UP,1,1,0,L7OK,,,", A::Usable);
        stat("b,s,UP 1/3,1,1,0,* L7OK,,,", A::Usable);
        stat("b,s,UP,0,1,0,L7OK,,,", A::WeightZero);
        stat("b,s,no check,1,1,0,,,,", A::Unchecked);
        stat("b,s,DOWN,1,1,0,* L4CON,,,", A::DownByCheck);
        stat("b,s,DOWN 1/2,1,1,0,L7OK,L7STS,,", A::DownByAgent);
        stat("b,s,DOWN (agent),1,1,0,L7OK,L7STS,,", A::DownByAgent);
        stat("b,s,DOWN,1,1,0,,,a/x,", A::DownByTracked);
        stat("b,s,MAINT,1,1,0,,,,", A::Maint);
        stat("b,s,MAINT (via a/x),1,1,0,,,a/x,", A::MaintInherited);
        stat("b,s,MAINT (resolution),1,1,0,,,,", A::MaintResolution);
        stat("b,s,DRAIN (agent),1,1,0,L7OK,,,", A::DrainForced);
        stat("b,s,NOLB 2/3,1,1,0,L7OKC,,,", A::Stopping);
        stat("b,BACKEND,UP,2,2,0,,,,", A::Usable);
        stat("b,BACKEND,UP,0,0,0,,,,", A::NoServers);
        stat("b,BACKEND,DOWN,0,0,0,,,,", A::Down);
        stat("f,FRONTEND,STOP,,,,,,,", A::Closed);
    }
}
