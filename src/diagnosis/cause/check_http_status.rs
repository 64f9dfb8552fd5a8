//! To be filled in: the readiness check answered with a status that the rule rejects.

use crate::diagnosis::Case;
use crate::diagnosis::Cause;
use crate::diagnosis::Loss;
use crate::diagnosis::pool;
use crate::event::message::CheckStatus;
use crate::incident::Reason;

pub(super) const CAUSE: Cause = Cause {
    id: "check-http-status",
    title: "the readiness check answered with a status that the rule rejects",
    why: "",
    fix: "",
    evidence: "",
    source: "",
    blames: Some(blames),
    examine: |case| {
        pool::examine(
            case,
            blames,
            "the readiness check answered with a status that the rule rejects",
        )
    },
    advise: super::nothing_more,
};

fn blames(_case: &Case<'_>, loss: &Loss<'_>) -> bool {
    loss.reasons.iter().any(
        |reason| matches!(reason, Reason::Check(report) if report.status == CheckStatus::L7Sts),
    )
}
