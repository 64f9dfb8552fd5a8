//! HAProxy itself was not there: stopped, crashed, or it refused its configuration. Clients got no answer, not a 503.
//!
//! The incident comes from `incident/process.rs`; here it is told why.
//! Looks alike: a refused reload (the old worker serves on); a short restart; a proxy that only paused a frontend.
//! Known gap: a host that vanished leaves no line at all.

use crate::base::Cite;
use crate::base::SECOND;
use crate::capture::Capture;
use crate::diagnosis::Advice;
use crate::diagnosis::Case;
use crate::diagnosis::Cause;
use crate::diagnosis::Finding;
use crate::diagnosis::Sign;
use crate::diagnosis::Verdict;
use crate::diagnosis::Weight;
use crate::event::host::HostKind;
use crate::event::message::Message;
use crate::event::message::ProcessChange;
use crate::evidence::What;
use crate::incident::is_haproxy;
use crate::incident::{Basis, Happening};

pub(super) const CAUSE: Cause = Cause {
    id: "haproxy-down",
    title: "HAProxy itself was not running",
    why: "Without a process that listens, the host refuses connections (or a balancer in front answers in its place). HAProxy logs \
          nothing in that time. A restart parses the configuration only after the old process is gone: an error then keeps it down.",
    fix: "repair what keeps it from running (the configuration, a crash, memory), and reload instead of restarting",
    evidence: "the journal: the worker or master left, the unit failed, the configuration was refused; no traffic line until the next start",
    source: "HAProxy src/mworker.c, src/haproxy.c; management manual 3.2, \"Starting HAProxy\"",
    blames: None,
    examine,
    advise,
};

/// Exit codes of a stop in order: 0, SIGINT, SIGTERM.
const ORDERED: [u32; 3] = [0, 130, 143];
/// curl's number for "could not connect".
const CURL_REFUSED: u32 = 7;
/// Stamps of whole seconds.
const SLACK: i64 = 2 * SECOND;

fn examine(case: &Case<'_>) -> Verdict {
    if case.incident.basis != Basis::Process {
        let cites = case.dominant().map(|step| case.examples(step, 1));
        let why = "HAProxy was running: it answered and logged the failed requests itself, or watched its servers";
        return Verdict::against(why, cites.unwrap_or_default());
    }
    let mut signs: Vec<Sign> = Vec::new();
    signs.extend(sign(
        case,
        Weight::Decisive,
        "its process crashed or was killed",
        crashed,
    ));
    signs.extend(sign(
        case,
        Weight::Decisive,
        "it refused its configuration or could not listen",
        refused,
    ));
    signs.extend(silence(case));
    signs.extend(by_curl(case));
    signs.extend(sign(
        case,
        Weight::Weak,
        "its unit or its processes ended",
        ended,
    ));
    let what = match (signs.first().map(|sign| sign.weight), signs.first()) {
        (Some(Weight::Decisive), Some(first)) => first.text.clone(),
        _ => "it was stopped".to_owned(),
    };
    let window = &case.incident.window;
    let length = match (window.start, window.end) {
        (Some(start), Some(end)) if case.incident.recovered == Some(true) => {
            let seconds = (end - start) / SECOND;
            format!(" It served again after {} s.", seconds.max(1))
        }
        _ => " It had not come back where the log ends.".to_owned(),
    };
    let explanation = format!(
        "HAProxy itself did not run: {what}.{length} Clients saw refused connections, not a 503 of HAProxy; no server is at fault."
    );
    Verdict::Found(Finding {
        share: 1.0,
        signs,
        servers: Vec::new(),
        explanation,
    })
}

fn sign(
    case: &Case<'_>,
    weight: Weight,
    text: &str,
    tells: fn(&Happening) -> bool,
) -> Option<Sign> {
    let window = &case.incident.window;
    let inside = |event: &&Happening| match (event.at, window.start) {
        (Some(at), Some(start)) => {
            start - SLACK <= at && window.end.is_none_or(|end| at <= end + SLACK)
        }
        _ => true,
    };
    let here = |event: &&Happening| event.host == case.incident.host || event.host.is_empty();
    let events = case
        .bundle
        .timeline
        .events
        .iter()
        .filter(inside)
        .filter(here);
    let cites: Vec<Cite> = events
        .filter(|event| tells(event))
        .map(|event| event.cite.clone())
        .take(5)
        .collect();
    (!cites.is_empty()).then(|| Sign::new(weight, text, cites))
}

fn crashed(event: &Happening) -> bool {
    match &event.what {
        What::Message(Message::Process(ProcessChange::CurrentWorkerLeft { code, .. })) => {
            !ORDERED.contains(code)
        }
        What::Message(Message::Process(ProcessChange::Watchdog)) => true,
        What::Message(_) => false,
        What::Host(host) => host.kind == HostKind::OomKill && is_haproxy(&host.subject),
    }
}

fn refused(event: &Happening) -> bool {
    matches!(
        &event.what,
        What::Message(Message::Process(
            ProcessChange::ConfigError { .. }
                | ProcessChange::BindError { .. }
                | ProcessChange::LoadFailed
        ))
    )
}

fn ended(event: &Happening) -> bool {
    match &event.what {
        What::Message(Message::Process(change)) => matches!(
            change,
            ProcessChange::MasterLeaving | ProcessChange::CurrentWorkerLeft { .. }
        ),
        What::Message(_) => false,
        What::Host(host) => {
            matches!(host.kind, HostKind::UnitStopped | HostKind::UnitFailed)
                && is_haproxy(&host.subject)
        }
    }
}

/// Requests flowed before and after, and none was logged between.
fn silence(case: &Case<'_>) -> Option<Sign> {
    let window = &case.incident.window;
    let before = window.last_good?;
    let seconds = (window.end? - before) / SECOND;
    let served = case.incident.recovered == Some(true) && case.incident.recovered_at.is_some();
    let text = format!(
        "requests were answered until the stop and again after it, none in the {} s between",
        seconds.max(1)
    );
    served.then(|| Sign::new(Weight::Strong, text, Vec::new()))
}

/// A saved attempt that got no connection.
fn by_curl(case: &Case<'_>) -> Option<Sign> {
    let refused = case
        .bundle
        .documents
        .captures
        .iter()
        .find_map(|doc| match &doc.capture {
            Capture::Curl(curl) => {
                let number = curl.error.as_ref().map(|(number, _)| *number);
                (number == Some(CURL_REFUSED))
                    .then(|| case.bundle.documents.cite(doc.source, curl.at))
            }
            _ => None,
        })?;
    Some(Sign::new(
        Weight::Strong,
        "a saved request was refused a connection",
        vec![refused],
    ))
}

fn advise(case: &Case<'_>, advice: &mut Advice) {
    if sign(case, Weight::Weak, "", refused).is_some() {
        advice.step("repair the line that HAProxy names, and validate before the next start: `sudo haproxy -c -V -f /etc/haproxy/haproxy.cfg`");
        advice.step("use `systemctl reload`, which keeps the old worker when the new configuration is refused; a restart does not");
    }
    if sign(case, Weight::Weak, "", crashed).is_some() {
        advice.step("find why the process ended: `journalctl -k | grep -iE 'oom|haproxy'`, `coredumpctl list haproxy`; a crash is a bug of HAProxy to report or an update away");
    }
    if case.incident.recovered != Some(true) {
        advice.step("start it: `sudo systemctl start haproxy`");
    }
    advice.step("let the service manager bring it back: `Restart=always` in the unit, and a second proxy that takes the address over");
    advice.verify("systemctl status haproxy --no-pager; sudo ss -ltnp | grep haproxy");
}

#[cfg(test)]
mod tests {
    use crate::testing;

    fn good(pid: u32, at: &str) -> String {
        format!(
            "2026-06-05T{at}.105000+00:00 proxy01 haproxy[{pid}]: 192.0.2.50:53261 [05/Jun/2026:{at}.100] fe_app be_app/app1 0/0/0/5/5 200 217 - - ---- 1/1/0/0/0 0/0 \"GET / HTTP/1.1\"\n"
        )
    }

    const STOP: &str = "2026-06-05T21:53:10.200000+00:00 proxy01 systemd[1]: Stopping haproxy.service - HAProxy Load Balancer...
2026-06-05T21:53:10.210000+00:00 proxy01 haproxy[3000]: [WARNING]  (3000) : Exiting Master process...
2026-06-05T21:53:10.220000+00:00 proxy01 haproxy[3000]: [ALERT]    (3000) : Current worker (3001) exited with code 143 (Terminated)
2026-06-05T21:53:10.230000+00:00 proxy01 systemd[1]: Stopped haproxy.service - HAProxy Load Balancer.
";
    const ERROR: &str = "2026-06-05T21:53:10.300000+00:00 proxy01 haproxy[3010]: [ALERT]    (3010) : config : parsing [/etc/haproxy/haproxy.cfg:9] : unknown keyword 'servr' in 'backend' section
2026-06-05T21:53:10.310000+00:00 proxy01 haproxy[3010]: [ALERT]    (3010) : config : Fatal errors found in configuration.
2026-06-05T21:53:10.320000+00:00 proxy01 systemd[1]: haproxy.service: Main process exited, code=exited, status=1/FAILURE
";
    const START: &str = "2026-06-05T21:53:20.300000+00:00 proxy01 haproxy[3020]: [NOTICE]   (3020) : New worker (3021) forked
2026-06-05T21:53:20.310000+00:00 proxy01 haproxy[3020]: [NOTICE]   (3020) : Loading success.
";

    #[test]
    fn a_refused_configuration_at_a_restart_is_found() {
        let log = [
            &good(3001, "21:53:09"),
            STOP,
            ERROR,
            START,
            &good(3021, "21:53:21"),
        ]
        .concat();
        let incident = testing::concludes(&[("journal.txt", &log)], "haproxy-down");
        assert!(incident.cause.confidence > 0.9);
        assert_eq!(incident.backend.as_deref(), Some("be_app"));
        assert_eq!(
            incident
                .window
                .start
                .as_deref()
                .map(|s| s.starts_with("2026-06-05T21:53:10.2")),
            Some(true)
        );
        assert_eq!(
            incident
                .window
                .end
                .as_deref()
                .map(|s| s.starts_with("2026-06-05T21:53:21.1")),
            Some(true)
        );
        assert_eq!(incident.impact.http_503, 0);
    }

    #[test]
    fn a_long_restart_between_requests_is_found() {
        let log = [
            &good(3001, "21:53:09"),
            STOP,
            START,
            &good(3021, "21:53:21"),
        ]
        .concat();
        let incident = testing::concludes(&[("journal.txt", &log)], "haproxy-down");
        assert!((0.6..0.9).contains(&incident.cause.confidence));
    }

    #[test]
    fn a_stop_without_return_is_told_with_little_certainty_and_one_where_the_log_ends_not_at_all() {
        let log = [&good(3001, "21:53:09"), STOP].concat();
        assert!(
            testing::report(&[("journal.txt", &log)])
                .incidents
                .is_empty()
        );
        let later = "2026-06-05T21:58:00.000000+00:00 proxy01 CRON[77]: (root) CMD (true)\n";
        let log = log + later;
        let incident = testing::concludes(&[("journal.txt", &log)], "haproxy-down");
        assert!(incident.cause.confidence < 0.6);
        assert!(incident.window.ongoing);
    }

    #[test]
    fn a_refused_reload_is_no_incident() {
        let log = [
            good(3001, "21:53:09"),
            ERROR.replace(
                "Main process exited, code=exited",
                "Control process exited, code=exited",
            ),
            good(3001, "21:53:29"),
        ]
        .concat();
        assert!(
            testing::report(&[("journal.txt", &log)])
                .incidents
                .is_empty()
        );
    }

    #[test]
    fn a_quick_restart_is_no_incident() {
        let start = START.replace("21:53:20", "21:53:10");
        let log = [
            &good(3001, "21:53:09"),
            STOP,
            &start,
            &good(3021, "21:53:11"),
        ]
        .concat();
        assert!(
            testing::report(&[("journal.txt", &log)])
                .incidents
                .is_empty()
        );
    }

    #[test]
    fn failed_requests_show_that_it_ran() {
        let line = good(3001, "21:53:09")
            .replace("app1 0/0/0/5/5 200", "<NOSRV> 0/-1/-1/-1/0 503")
            .replace("----", "SC--");
        testing::rules_out(&[("journal.txt", &line)], "haproxy-down");
    }
}
