//! The report's data about what might have been: which failures the replay of usable servers holds, what would have avoided some.

use crate::base::thousands;
use crate::report::words;
use serde::Serialize;

/// An estimate of what would have been avoided.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct AvoidableLine {
    /// What would have avoided them.
    pub by: String,
    /// Failed requests or sessions, at most.
    pub requests: u64,
    /// Of so many in the incident.
    pub of: u64,
    /// What the estimate takes for granted; completes "if …".
    pub assuming: String,
}

/// The failures against the pool's usable servers over time, as HAProxy's messages tell them.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct ReplayLine {
    /// Failed requests or sessions in a time without a usable server.
    pub requests: u64,
    /// Of so many in the incident.
    pub of: u64,
    /// The others, by kind.
    pub rest: Vec<RestLine>,
}

/// Failures while a server was usable.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct RestLine {
    /// `connect`, `queue`, `routing`, `policy`, `application`, `limits`, `no-server` or `other`.
    pub kind: String,
    /// How many.
    pub requests: u64,
    /// The cause that explains failures of this kind here; `null`: none, or several do.
    pub cause: Option<String>,
}

impl AvoidableLine {
    /// `a backup server would have avoided up to 2 of 3 failures, if it did not share the fault`.
    pub(super) fn sentence(&self) -> String {
        let all = words::count(self.of, "failure", "failures");
        let n = match self.requests {
            1 if self.of == 1 => "the one failure".to_owned(),
            n if n == self.of => format!("up to all {all}"),
            n => format!("up to {} of {all}", thousands(n)),
        };
        format!("{} would have avoided {n}, if {}", self.by, self.assuming)
    }
}

impl ReplayLine {
    /// `6 of 9 failures (66.7 %) fall in the time when no server was usable; the rest: 3 in a queue (queue-timeout)`.
    pub(super) fn sentence(&self) -> String {
        let all = words::count(self.of, "failure", "failures");
        let share = words::share(self.requests, self.of).unwrap_or_default();
        let fall = "in the time when HAProxy's messages tell of no usable server";
        let rest: Vec<String> = self.rest.iter().map(RestLine::words).collect();
        match (self.requests == self.of, rest.as_slice()) {
            (true, _) if self.of == 1 => format!("The one failure falls {fall}."),
            (true, _) | (_, []) => format!("All {all} fall {fall}."),
            _ => format!(
                "{} of {all} ({share}) fall {fall}; the rest: {}.",
                thousands(self.requests),
                words::list(&rest)
            ),
        }
    }
}

impl RestLine {
    fn words(&self) -> String {
        let how = match self.kind.as_str() {
            "connect" => "on the way to a server",
            "queue" => "in a queue",
            "routing" => "without a backend that takes requests",
            "policy" => "answered by a rule or a limit",
            "application" => "answered by a server",
            "limits" => "for want of a resource of HAProxy",
            "no-server" => "without a server all the same",
            _ => "in another way",
        };
        let cause = self.cause.as_ref();
        let cause = cause.map_or(String::new(), |cause| format!(" ({cause})"));
        format!("{} {how}{cause}", thousands(self.requests))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_all_and_some_failures_read_well() {
        let avoidable = |requests, of| {
            let by = "a backup server".to_owned();
            let assuming = "it was well".to_owned();
            let line = AvoidableLine {
                by,
                requests,
                of,
                assuming,
            };
            line.sentence()
                .replace("a backup server would have avoided ", "")
        };
        assert_eq!(avoidable(1, 1), "the one failure, if it was well");
        assert_eq!(avoidable(4, 4), "up to all 4 failures, if it was well");
        assert_eq!(
            avoidable(1412, 1430),
            "up to 1,412 of 1,430 failures, if it was well"
        );
    }

    #[test]
    fn the_rest_of_the_failures_is_named_with_its_causes() {
        let rest = |kind: &str, requests, cause: Option<&str>| RestLine {
            kind: kind.to_owned(),
            requests,
            cause: cause.map(str::to_owned),
        };
        let replay = |requests, of, rest| ReplayLine { requests, of, rest }.sentence();
        let fall = "in the time when HAProxy's messages tell of no usable server";
        assert_eq!(
            replay(1, 1, vec![]),
            format!("The one failure falls {fall}.")
        );
        let mixed = vec![
            rest("connect", 5, Some("listener-refused")),
            rest("other", 1, None),
        ];
        assert_eq!(
            replay(174, 180, mixed),
            format!(
                "174 of 180 failures (96.7 %) fall {fall}; the rest: 5 on the way to a server (listener-refused) and 1 in \
                 another way."
            )
        );
    }
}
