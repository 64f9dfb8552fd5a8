//! For tests of every room: files given as text -> the report of the whole pipeline.

use crate::Request;
use crate::assemble;
use crate::clock::Given;
use crate::diagnosis::Case;
use crate::intake;
use crate::intake::Limits;
use crate::investigate;
use crate::report::IncidentLine;
use crate::report::Report;

/// Analyzes a bundle of small files, given as name and content.
pub(crate) fn report(files: &[(&str, &str)]) -> Report {
    let folder = tempfile::tempdir().expect("a scratch folder");
    for (name, content) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        std::fs::write(path, content).expect("a file");
    }
    investigate(&Request {
        paths: vec![folder.path().to_path_buf()],
        ..Request::default()
    })
    .report
}

/// The one incident of a bundle.
#[track_caller]
pub(crate) fn incident(files: &[(&str, &str)]) -> IncidentLine {
    let report = report(files);
    assert_eq!(report.incidents.len(), 1, "{:#?}", report.incidents);
    report.incidents.into_iter().next().expect("one")
}

/// The one incident has this cause; returns it for further checks.
#[track_caller]
pub(crate) fn concludes(files: &[(&str, &str)], cause: &str) -> IncidentLine {
    let incident = incident(files);
    assert_eq!(incident.cause.id, cause, "{:#?}", incident.cause);
    incident
}

/// The id of the trigger of an incident that has this cause; `None`: none was seen.
#[track_caller]
pub(crate) fn trigger(journal: &str, cause: &str) -> Option<String> {
    let incident = concludes(&[("journal.txt", journal)], cause);
    incident.trigger.map(|trigger| trigger.id)
}

/// The look-alike of a cause: the cause is ruled out, or at least not claimed.
#[track_caller]
pub(crate) fn rules_out(files: &[(&str, &str)], cause: &str) -> IncidentLine {
    let incident = incident(files);
    assert_ne!(incident.cause.id, cause, "{:#?}", incident.cause);
    assert!(
        incident.ruled_out.iter().any(|r| r.id == cause),
        "{:#?}",
        incident.ruled_out
    );
    incident
}

/// A request of `be_app` that found no usable server.
pub(crate) const NOSRV: &str = r#"Jun 05 21:53:47 proxy01 haproxy[3028]: 192.0.2.50:53260 [05/Jun/2026:21:53:47.987] fe_app be_app/<NOSRV> 0/-1/-1/-1/0 503 217 - - SC-- 1/1/0/0/0 0/0 "GET / HTTP/1.1""#;

/// The log of `be_app`, whose last server HAProxy loses with this message.
pub(crate) fn lost(message: &str) -> String {
    let head = "Jun 05 21:53:41 proxy01 haproxy[3028]:";
    format!("{head} {message}\n{head} backend be_app has no server available!\n{NOSRV}\n")
}

/// The same: `be_app/app1` is DOWN for this reason, text and duration as logged.
pub(crate) fn lost_to(reason: &str) -> String {
    lost(&format!(
        "Server be_app/app1 is DOWN, reason: {reason}. 0 active and 0 backup servers left. 0 sessions active, 0 requeued, 0 remaining in queue."
    ))
}

/// Lets `look` examine the first incident of a bundle, before any cause is concluded.
#[track_caller]
pub(crate) fn with_case<R>(files: &[(&str, &str)], look: impl FnOnce(&Case<'_>) -> R) -> R {
    let folder = tempfile::tempdir().expect("a scratch folder");
    for (name, content) in files {
        std::fs::write(folder.path().join(name), content).expect("a file");
    }
    let limits = Limits::default();
    let (leaves, _) = intake::discover(&[folder.path().to_path_buf()], &limits);
    let read = assemble(&leaves, &limits, &Given::default());
    let first = read.incidents.first().expect("an incident");
    look(&Case::new(&read.bundle, first))
}

/// The message of a check that took `be_app/<server>` out at 21:53:<second>, none left.
pub(crate) fn down(second: u32, server: &str, reason: &str) -> String {
    format!(
        "2026-06-05T21:53:{second:02}.000000+00:00 proxy01 haproxy[3028]: Server be_app/{server} is DOWN, reason: {reason}, \
         check duration: 0ms. 0 active and 0 backup servers left. 0 sessions active, 0 requeued, 0 remaining in queue.\n"
    )
}

/// A request at 21:53:<second> that found no usable server in `be_app`.
pub(crate) fn nosrv(second: u32) -> String {
    format!(
        "2026-06-05T21:53:{second:02}.987000+00:00 proxy01 haproxy[3028]: 192.0.2.50:53260 [05/Jun/2026:21:53:{second:02}.987] \
         fe_app be_app/<NOSRV> 0/-1/-1/-1/0 503 217 - - SC-- 1/1/0/0/0 0/0 \"GET / HTTP/1.1\"\n"
    )
}

/// A line of another program at 21:53:<second>.
pub(crate) fn host_line(second: u32, host: &str, text: &str) -> String {
    format!("2026-06-05T21:53:{second:02}.000000+00:00 {host} {text}\n")
}

/// Reason of a refused check.
pub(crate) const REFUSED: &str = "Layer4 connection problem, info: \"Connection refused\"";
