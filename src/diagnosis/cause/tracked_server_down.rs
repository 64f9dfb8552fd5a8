//! The server has no check of its own: it mirrors another one (`track`), and that one went.
//!
//! Looks alike: every cause of the tracked server itself, which is resolved and named beside this one; a tracking server that
//! an operator put into maintenance (`admin-maintenance`).
//! Known gap: `show servers state` names no tracked server; without the configuration only `show stat` and messages do.

use crate::base::Cite;
use crate::diagnosis::Advice;
use crate::diagnosis::Case;
use crate::diagnosis::Cause;
use crate::diagnosis::Loss;
use crate::diagnosis::Sign;
use crate::diagnosis::Verdict;
use crate::diagnosis::Weight;
use crate::diagnosis::cause::CATALOGUE;
use crate::diagnosis::pool;
use crate::diagnosis::reason;
use crate::diagnosis::target;
use crate::incident::Reason;

/// Tracking may be chained; HAProxy refuses a loop, a bundle may hold one.
const HOPS_MAX: usize = 8;

pub(in crate::diagnosis) const CAUSE: Cause = Cause {
    id: "tracked-server-down",
    title: "the servers only mirror others, which went down",
    why: "A server with `track be/srv` takes every state of that server: DOWN, maintenance, drain. It asks nothing itself, so its \
          messages say `via be/srv` and give no reason. All pools that track one server lose theirs in the same instant.",
    fix: "repair the tracked server; its own cause is named in the explanation",
    evidence: "\"is DOWN via be/srv\", `MAINT (via be/srv)`, `track` on the `server` line, the `tracked` column of `show stat`",
    source: "HAProxy src/server.c (srv_set_stopped); configuration manual 3.2, \"track\"",
    blames: Some(blames),
    examine,
    advise,
};

fn blames(case: &Case<'_>, loss: &Loss<'_>) -> bool {
    match reason::own(loss) {
        Some(Reason::Tracked(_)) => true,
        None => case
            .server(loss.server)
            .is_some_and(|line| line.track.is_some()),
        Some(_) => false,
    }
}

/// Backend and name of the server that a lost one tracks.
fn tracked(case: &Case<'_>, loss: &Loss<'_>) -> Option<(String, String)> {
    if let Some(Reason::Tracked(Some(name))) = reason::own(loss) {
        return Some((name.backend.clone(), name.server.clone()));
    }
    let written = &case.server(loss.server)?.track.as_ref()?.value;
    Some(match written.split_once('/') {
        Some((backend, server)) => (backend.to_owned(), server.to_owned()),
        None => (case.incident.backend.to_string(), written.clone()),
    })
}

/// The server at the end of a chain of tracking, and why it was lost.
struct Root {
    backend: String,
    server: String,
    cause: Option<&'static Cause>,
    words: String,
    cite: Option<Cite>,
}

fn root(case: &Case<'_>, loss: &Loss<'_>, hops: usize) -> Option<Root> {
    let (backend, server) = tracked(case, loss)?;
    let mut incident = case.incident.clone();
    incident.backend = backend.as_str().into();
    let other = Case::new(case.bundle, &incident);
    let Some(lost) = other.loss(&server) else {
        return Some(Root {
            backend,
            server,
            cause: None,
            words: "nothing in the artifacts tells why it went".to_owned(),
            cite: None,
        });
    };
    if hops > 1
        && blames(&other, lost)
        && let Some(further) = root(&other, lost, hops - 1)
    {
        return Some(further);
    }
    let blaming = |cause: &&Cause| cause.blames.is_some_and(|blames| blames(&other, lost));
    Some(Root {
        cause: CATALOGUE.iter().find(blaming),
        words: reason::own(lost).map_or_else(|| lost.reason.words(), Reason::words),
        cite: Some(lost.cite.clone()),
        backend,
        server,
    })
}

/// Looks at the pool of the tracked server, with that server's own cause, where both are known.
pub(in crate::diagnosis) fn at_root<T>(
    case: &Case<'_>,
    look: impl FnOnce(&Case<'_>, &str) -> Option<T>,
) -> Option<T> {
    let root = pool::telling(case, blames).and_then(|loss| root(case, loss, HOPS_MAX))?;
    let cause = root.cause?;
    let mut incident = case.incident.clone();
    incident.backend = root.backend.as_str().into();
    look(&Case::new(case.bundle, &incident), cause.id)
}

fn examine(case: &Case<'_>) -> Verdict {
    let root = pool::telling(case, blames).and_then(|loss| root(case, loss, HOPS_MAX));
    let how = match &root {
        Some(Root {
            backend,
            server,
            cause,
            words,
            ..
        }) => {
            let own = cause
                .map(|cause| format!(", `{}`", cause.id))
                .unwrap_or_default();
            format!("states here only mirror tracked servers; {backend}/{server} was lost{own} ({words})")
        }
        None => "states here only mirror a tracked server, which was lost; which one is not in the artifacts"
            .to_owned(),
    };
    let mut verdict = pool::examine(case, blames, &how);
    if let (
        Verdict::Found(finding),
        Some(Root {
            backend,
            server,
            words,
            cite: Some(cite),
            ..
        }),
    ) = (&mut verdict, root)
    {
        let text = format!("{backend}/{server}, the tracked server, went by itself: {words}");
        finding
            .signs
            .push(Sign::new(Weight::Strong, text, vec![cite]));
    }
    pool::unless_configured(
        case,
        verdict,
        |_, server| server.track.is_some(),
        "uses `track`",
    )
}

fn advise(case: &Case<'_>, advice: &mut Advice) {
    let Some(root) = pool::telling(case, blames).and_then(|loss| root(case, loss, HOPS_MAX)) else {
        advice.step("find the tracked server (`track` on the `server` line) and repair that one");
        return;
    };
    let Root {
        backend,
        server,
        cause,
        ..
    } = &root;
    advice.step(format!("repair {backend}/{server}: its state is mirrored here, nothing is to be done for the servers of this pool"));
    if let Some(cause) = cause {
        advice.step(format!("there: {}", cause.fix));
    }
    let mut incident = case.incident.clone();
    incident.backend = backend.as_str().into();
    let other = Case::new(case.bundle, &incident);
    if let Some(probe) = target::probe(&other, server) {
        advice.verify(format!(
            "{probe}    # what the check of {backend}/{server} asks"
        ));
    }
    advice.verify(target::runtime(&format!("show servers state {backend}")));
}

#[cfg(test)]
mod tests {
    use crate::testing;

    const LEFT: &str =
        "0 active and 0 backup servers left. 0 sessions active, 0 requeued, 0 remaining in queue.";
    const CONFIG: &str = "backend be_check\n server chk1 192.0.2.11:8080 check\nbackend be_app\n server app1 192.0.2.11:8081 track be_check/chk1\n";

    fn log(reason: &str) -> String {
        let head = "Jun 05 21:53:41 proxy01 haproxy[3028]:";
        let follows = testing::lost(&format!(
            "Server be_app/app1 is DOWN via be_check/chk1. {LEFT}"
        ));
        format!("{head} Server be_check/chk1 is DOWN{reason}. {LEFT}\n{follows}")
    }

    #[test]
    fn the_mirror_is_found_with_the_tracked_servers_own_cause() {
        let log = log(
            ", reason: Layer4 connection problem, info: \"Connection refused\", check duration: 0ms",
        );
        let report = testing::report(&[("haproxy.log", &log), ("haproxy.cfg", CONFIG)]);
        let mirror = report
            .incidents
            .iter()
            .find(|i| i.backend.as_deref() == Some("be_app"))
            .unwrap();
        assert_eq!(mirror.cause.id, "tracked-server-down");
        assert!(
            mirror
                .cause
                .explanation
                .contains("be_check/chk1 was lost, `listener-refused`"),
            "{}",
            mirror.cause.explanation
        );
        assert!(
            mirror.fix.verify[0].starts_with("nc -vz -w 3 192.0.2.11 8080"),
            "{:?}",
            mirror.fix.verify
        );
    }

    #[test]
    fn a_tracked_server_that_nobody_tells_about_is_named_all_the_same() {
        let log = testing::lost(&format!(
            "Server be_app/app1 is DOWN via be_check/chk1. {LEFT}"
        ));
        let incident = testing::concludes(&[("haproxy.log", &log)], "tracked-server-down");
        assert!(
            incident
                .cause
                .explanation
                .contains("nothing in the artifacts tells why it went")
        );
    }

    #[test]
    fn a_server_with_a_reason_of_its_own_is_no_mirror() {
        let log = testing::lost_to("Layer4 timeout, check duration: 2001ms");
        testing::rules_out(
            &[("haproxy.log", &log), ("haproxy.cfg", CONFIG)],
            "tracked-server-down",
        );
    }

    #[test]
    fn a_loop_of_tracking_ends() {
        let config = "backend be_app\n server app1 192.0.2.11:8081 track be_app/app1\n";
        let log = testing::lost(&format!(
            "Server be_app/app1 is DOWN via be_app/app1. {LEFT}"
        ));
        testing::concludes(
            &[("haproxy.log", &log), ("haproxy.cfg", config)],
            "tracked-server-down",
        );
    }

    #[test]
    fn a_nosrv_line_alone_cannot_tell() {
        let incident =
            testing::concludes(&[("haproxy.log", testing::NOSRV)], "insufficient-evidence");
        assert!(
            incident
                .possible
                .iter()
                .any(|p| p.id == "tracked-server-down")
        );
    }
}
