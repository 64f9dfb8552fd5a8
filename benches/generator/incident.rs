//! The incident in the middle of a log: a backend loses both its servers by check, and gets them back.

use std::fmt::Write as _;

/// How far it has come.
pub(crate) struct Incident {
    backend: String,
    /// When it began, in microseconds since 1970; `None`: not yet.
    begun_us: Option<u64>,
    /// Messages written so far.
    n_written: usize,
}

/// `(after the begin in microseconds, text)`; `{}` stands for the backend.
///
/// The pool is empty from the second message to the fourth: twenty seconds.
const MESSAGES: &[(u64, &str)] = &[
    (
        0,
        "Server {}/app1 is DOWN, reason: Layer4 connection problem, info: \"Connection refused\", check duration: 0ms. 1 active and 0 backup servers left. 3 sessions active, 0 requeued, 0 remaining in queue.",
    ),
    (
        700_000,
        "Server {}/app2 is DOWN, reason: Layer4 connection problem, info: \"Connection refused\", check duration: 1ms. 0 active and 0 backup servers left. 5 sessions active, 2 requeued, 0 remaining in queue.",
    ),
    (700_000, "backend {} has no server available!"),
    (
        20_700_000,
        "Server {}/app1 is UP, reason: Layer7 check passed, code: 200, check duration: 4ms. 1 active and 0 backup servers online. 0 sessions requeued, 0 total in queue.",
    ),
    (
        22_100_000,
        "Server {}/app2 is UP, reason: Layer7 check passed, code: 200, check duration: 3ms. 2 active and 0 backup servers online. 0 sessions requeued, 0 total in queue.",
    ),
];

impl Incident {
    pub(crate) fn new(backend: String) -> Incident {
        Incident {
            backend,
            begun_us: None,
            n_written: 0,
        }
    }

    /// Numbers of the servers that requests may go to.
    pub(crate) fn usable(&self) -> &'static [u64] {
        match self.n_written {
            1 => &[2],
            2 | 3 => &[],
            4 => &[1],
            _ => &[1, 2],
        }
    }

    /// Writes the message that is due at `now_us` into `body`; the first call begins the incident.
    pub(crate) fn message(&mut self, now_us: u64, body: &mut String) -> bool {
        let begun_us = *self.begun_us.get_or_insert(now_us);
        let Some((after_us, text)) = MESSAGES.get(self.n_written) else {
            return false;
        };
        if now_us < begun_us + after_us {
            return false;
        }
        let (head, tail) = text.split_once("{}").unwrap_or((text, ""));
        let _infallible = write!(body, "{head}{}{tail}", self.backend);
        self.n_written += 1;
        true
    }
}
