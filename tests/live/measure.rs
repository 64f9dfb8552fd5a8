//! What clients saw in a run, measured: windows and counts for the truth.

use crate::client::Answer;
use crate::scene::Scene;
use crate::truth::Fact;
use std::ops::Range;

impl Scene {
    /// Fills in the window and the count of requests without any answer.
    pub(crate) fn measure_silence(&self, mut fact: Fact) -> Fact {
        let failed = self.failed(|answer| answer.status.is_none());
        fact.window = window(&failed);
        fact.n_silent = failed.len();
        fact
    }

    /// Requests that ended in a certain way; a run without any has failed itself.
    fn failed(&self, how: impl Fn(&Answer) -> bool) -> Vec<Answer> {
        self.wait(100);
        let mut answers = self.clients.answers();
        answers.retain(how);
        assert!(
            !answers.is_empty(),
            "nothing failed: {:#?}",
            self.records.sorted()
        );
        answers
    }

    /// Fills in window and counts: from the clients, and from HAProxy's own lines of that backend.
    pub(crate) fn measure(&self, fact: Fact, of: impl Fn(&Answer) -> bool) -> Fact {
        self.measure_between(fact, i64::MIN..i64::MAX, of)
    }

    /// The same of a part of the run, in microseconds since 1970, at whose edges nothing failed.
    pub(crate) fn measure_between(
        &self,
        mut fact: Fact,
        time: Range<i64>,
        of: impl Fn(&Answer) -> bool,
    ) -> Fact {
        let failed = self.failed(|answer| {
            answer.status == Some(503) && time.contains(&answer.sent) && of(answer)
        });
        fact.window = window(&failed);
        fact.n_503 = failed.len();
        let pool = format!("{}/", fact.backend);
        let lines = self.records.sorted().into_iter();
        for entry in lines.filter(|entry| time.contains(&entry.at)) {
            let mut columns = entry.text.split(' ').skip(2);
            let frontend = columns.next() == Some(fact.frontend);
            let server = columns.next().and_then(|column| column.strip_prefix(&pool));
            if let (true, Some(server), Some("503")) = (frontend, server, columns.nth(1)) {
                fact.n_503_logged += 1;
                fact.n_nosrv += usize::from(server == "<NOSRV>");
            }
        }
        fact
    }

    /// Fills in window and counts of a log in another format, where a line of a request without a server contains `mark`.
    pub(crate) fn measure_marked(&self, mut fact: Fact, mark: &str) -> Fact {
        let failed = self.failed(|answer| answer.status == Some(503));
        fact.window = window(&failed);
        fact.n_503 = failed.len();
        fact.n_503_logged = failed.len();
        let lines = self.records.sorted();
        fact.n_nosrv = lines.iter().filter(|e| e.text.contains(mark)).count();
        fact
    }
}

/// First request sent, last answer received.
fn window(failed: &[Answer]) -> (i64, i64) {
    let first = failed.iter().map(|answer| answer.sent).min();
    let last = failed.iter().map(|answer| answer.received).max();
    (first.unwrap(), last.unwrap())
}
