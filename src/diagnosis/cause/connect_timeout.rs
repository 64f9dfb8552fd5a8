//! To be filled in: no answer came back from the servers' hosts.

use crate::diagnosis::Case;
use crate::diagnosis::Cause;
use crate::diagnosis::Loss;
use crate::diagnosis::pool;
use crate::event::message::CheckStatus;
use crate::incident::Reason;

pub(super) const CAUSE: Cause = Cause {
    id: "connect-timeout",
    title: "no answer came back from the servers' hosts",
    why: "",
    fix: "",
    evidence: "",
    source: "",
    blames: Some(blames),
    examine: |case| pool::examine(case, blames, "no answer came back from the servers' hosts"),
    advise: super::nothing_more,
};

fn blames(_case: &Case<'_>, loss: &Loss<'_>) -> bool {
    loss.reasons.iter().any(
        |reason| matches!(reason, Reason::Check(report) if report.status == CheckStatus::L4Tout),
    )
}
