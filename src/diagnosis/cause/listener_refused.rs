//! Nothing listens on the server's address and port: the kernel there answers every SYN with a reset.
//!
//! Looks alike: a firewall that REJECTs with a reset (cannot be told apart from outside); `connect-timeout` (no answer at all);
//! local failures that arrive as `L4CON` too, told apart by the info text alone.
//! Known gap: up to 3.3 the info is the bare errno text; a server behind a NAT may refuse for its gateway.

use crate::diagnosis::Advice;
use crate::diagnosis::Case;
use crate::diagnosis::Cause;
use crate::diagnosis::Loss;
use crate::diagnosis::pool;
use crate::event::message::CheckStatus;
use crate::incident::Reason;

pub(super) const CAUSE: Cause = Cause {
    id: "listener-refused",
    title: "nothing listened on the servers' address and port",
    why: "The check's connection (and that of requests) is refused at once: the host answers, but no process accepts on that \
          port. After `fall` failed checks HAProxy marks the server DOWN; with the last one gone it answers 503 itself.",
    fix: "start the application's listener, or correct address and port on the `server` line",
    evidence: "check status L4CON with info \"Connection refused\" (3.4: \"ECONNREFUSED returned by OS\")",
    source: "HAProxy src/check.c, src/connection.c; configuration manual 3.2, \"Health checking\"",
    blames: Some(blames),
    examine: |case| {
        pool::examine(
            case,
            blames,
            "connections to its address and port were refused, nothing listened there",
        )
    },
    advise,
};

fn blames(_case: &Case<'_>, loss: &Loss<'_>) -> bool {
    loss.reasons.iter().any(|reason| match reason {
        Reason::Check(report) => {
            // Without info (a dump's row, a cut line) a refused check is by far the most frequent L4CON.
            let refused =
                report.info.contains("Connection refused") || report.info.contains("ECONNREFUSED");
            report.status == CheckStatus::L4Con && refused
        }
        _ => false,
    })
}

fn advise(case: &Case<'_>, advice: &mut Advice) {
    for loss in case.losses.iter().filter(|loss| blames(case, loss)).take(4) {
        let address = case
            .address(loss.server)
            .unwrap_or_else(|| format!("<address of {}>", loss.server));
        let port = address.rsplit(':').next().unwrap_or("<port>").to_owned();
        advice.step(format!("on the host of {}: see whether anything listens on port {port}, and start the application's service if not", loss.server));
        advice.verify(format!(
            "ss -ltnp 'sport = :{port}'    # on the host of {}",
            loss.server
        ));
    }
}
