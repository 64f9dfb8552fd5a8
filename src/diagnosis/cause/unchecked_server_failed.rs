//! A server without a health check refuses or does not answer: HAProxy never takes it out and keeps sending it its share.
//!
//! Looks alike: the seconds before a check marks a dead server DOWN (the check's own cause); local failures, which spend all
//! retries at once (`connect-not-permitted`, `local-port-exhaustion`, `process-limits`).
//! Known gap: without configuration, dump or state messages a few lines do not tell an unchecked server from one that its
//! check had not found dead yet.

use crate::base::thousands;
use crate::diagnosis::Advice;
use crate::diagnosis::Case;
use crate::diagnosis::Cause;
use crate::diagnosis::Finding;
use crate::diagnosis::Lack;
use crate::diagnosis::Missing;
use crate::diagnosis::Sign;
use crate::diagnosis::Verdict;
use crate::diagnosis::Weight;
use crate::diagnosis::attempt;
use crate::diagnosis::attempt::Pace;
use crate::diagnosis::attempt::Tried;
use crate::diagnosis::attempt::Watch;
use crate::evidence::Step;

pub(super) const CAUSE: Cause = Cause {
    id: "unchecked-server-failed",
    title: "a server that no health check watches did not accept connections",
    why: "Without `check` a server counts as UP for ever. When its listener is gone, HAProxy keeps choosing it: each of these \
          requests spends its retries there and is answered 503 with the server's name; no state change is ever logged.",
    fix: "restore the server's listener, and add `check` to its line so that HAProxy takes it out next time",
    evidence: "flags `SC` or `sC` with the server's name and `Tc` -1, and no `check` on its line or `no check` in a dump",
    source: "configuration manual 3.2, \"Server and default-server options\", `check`; HAProxy src/backend.c",
    blames: None,
    examine,
    advise,
};

fn examine(case: &Case<'_>) -> Verdict {
    let tried = attempt::tried(case);
    if tried.is_empty() {
        let cites = case.dominant().map(|step| case.examples(step, 1));
        return Verdict::against(
            "no failed request had been sent to a server",
            cites.unwrap_or_default(),
        );
    }
    let known: Vec<&Tried> = tried
        .iter()
        .filter(|t| matches!(t.watch, Watch::No(..)))
        .collect();
    if !known.is_empty() {
        return found(case, &known, Weight::Decisive);
    }
    let silent: Vec<&Tried> = tried
        .iter()
        .filter(|t| matches!(t.watch, Watch::Silent))
        .collect();
    if !silent.is_empty() {
        return found(case, &silent, Weight::Strong);
    }
    let unknown = tried.iter().filter(|t| matches!(t.watch, Watch::Unknown));
    let (refused, others): (Vec<&Tried>, Vec<&Tried>) =
        unknown.partition(|t| t.refused.n > 0 && t.pace != Pace::Instant);
    if !refused.is_empty() {
        return found(case, &refused, Weight::Weak);
    }
    if let Some(other) = others.first() {
        return Verdict::CannotTell(lack(other));
    }
    let watched = tried.iter().find_map(|t| match &t.watch {
        Watch::Yes(cites) => Some((t, cites.clone())),
        _ => None,
    });
    let (why, cites) = watched.map_or_else(Default::default, |(t, cites)| {
        (format!("a health check watches {}", t.label()), cites)
    });
    Verdict::against(why, cites)
}

fn lack(tried: &Tried) -> Lack {
    Lack {
        why: format!(
            "{} requests failed on {}, and nothing tells whether a check watches it",
            thousands(tried.n()),
            tried.label()
        ),
        missing: Missing {
            artifact: "haproxy.cfg, or `show stat` taken during the failure".to_owned(),
            would_decide: format!("whether {} has a health check", tried.label()),
            capture: "sudo cat /etc/haproxy/haproxy.cfg > haproxy.cfg; \
                      printf 'show stat\\n' | sudo socat - UNIX-CONNECT:/run/haproxy/admin.sock > show-stat.csv"
                .to_owned(),
        },
    }
}

fn found(case: &Case<'_>, mine: &[&Tried], weight: Weight) -> Verdict {
    let mut signs: Vec<Sign> = mine.iter().take(4).map(|t| sign(case, t, weight)).collect();
    let n: u64 = mine.iter().map(|t| t.n()).sum();
    let cites = case
        .examples(Step::Refused, 3)
        .into_iter()
        .chain(case.examples(Step::ConnectTimeout, 2))
        .chain(case.examples(Step::Dispatch, 1))
        .collect();
    let text = format!(
        "{} requests were sent to {} and got no connection",
        thousands(n),
        labels(mine)
    );
    signs.push(Sign::new(weight.max(Weight::Strong), text, cites));
    let instant = mine
        .iter()
        .find(|t| t.pace == Pace::Instant && !attempt::is_unix(case, &t.server));
    if let Some(t) = instant {
        let text = format!(
            "all retries on {} were spent at once, without the wait that follows a refusal over the network",
            t.label()
        );
        signs.push(Sign::new(
            Weight::Contradicting,
            text,
            t.refused.first.clone().into_iter().collect(),
        ));
    }
    Verdict::Found(Finding {
        share: attempt::share(case, n),
        signs,
        servers: mine
            .iter()
            .filter(|t| !t.server.is_empty())
            .map(|t| t.server.clone())
            .collect(),
        explanation: explanation(case, mine, n, weight),
    })
}

fn sign(case: &Case<'_>, tried: &Tried, weight: Weight) -> Sign {
    let (text, mut cites) = match &tried.watch {
        Watch::No(how, cites) => (how.clone(), cites.clone()),
        Watch::Silent => (
            format!(
                "the log has state changes of other servers, and none of {} while it failed",
                tried.label()
            ),
            Vec::new(),
        ),
        Watch::Yes(_) | Watch::Unknown => (
            format!(
                "{} refused connections and its state never changed in the log",
                tried.label()
            ),
            Vec::new(),
        ),
    };
    // What a dump shows, the line without `check` explains.
    let line = case
        .server(&tried.server)
        .filter(|line| line.check.is_none());
    cites.extend(line.and_then(|line| case.bundle.config_cite(line.at)));
    cites.dedup();
    Sign::new(weight, text, cites)
}

fn labels(mine: &[&Tried]) -> String {
    let names: Vec<&str> = mine.iter().map(|t| t.label()).take(4).collect();
    match names.as_slice() {
        [head @ .., last] if !head.is_empty() => format!("{} and {last}", head.join(", ")),
        all => all.concat(),
    }
}

fn explanation(case: &Case<'_>, mine: &[&Tried], n: u64, weight: Weight) -> String {
    let backend = &case.incident.backend;
    let who = labels(mine);
    let checked = match weight {
        Weight::Decisive => "No health check watches it, so HAProxy never took it out",
        Weight::Strong => {
            "Its state never changed, longer than a check needs: no check seems to watch it, and HAProxy never took it out"
        }
        Weight::Weak | Weight::Contradicting => {
            "The log shows no change of its state: either no check watches it, or its check had not noticed yet"
        }
    };
    let good = case.incident.n_good;
    let rest = if good > 0 {
        format!(
            " {} other requests of the same time were answered.",
            thousands(good)
        )
    } else {
        String::new()
    };
    format!(
        "{who} of {backend} did not accept connections. {checked} and kept sending requests there: {} spent their retries and \
         were answered 503.{rest}",
        thousands(n)
    )
}

fn advise(case: &Case<'_>, advice: &mut Advice) {
    advice.reload_needed();
    for tried in attempt::tried(case)
        .iter()
        .filter(|t| !matches!(t.watch, Watch::Yes(_)))
        .take(4)
    {
        let name = tried.label();
        advice.step(format!(
            "on the host of {name}: see whether its service listens on the address and port of the `server` line, and start it"
        ));
        advice.step(format!(
            "add `check` (and `option httpchk` where the application has a readiness page) for {name}, so that HAProxy takes it out when it fails"
        ));
        if let Some((host, port)) = case
            .address(&tried.server)
            .as_deref()
            .and_then(|address| address.rsplit_once(':'))
        {
            advice.verify(format!(
                "nc -vz -w 3 {host} {port}    # from the proxy's host"
            ));
        }
    }
    if case
        .proxy
        .is_some_and(|proxy| !proxy.redispatch.value && proxy.servers.len() > 1)
    {
        advice.step("add `option redispatch`: the last retry then goes to another server");
    }
    advice.caution("a server that gets a check goes DOWN when the check fails: try the check's request by hand before reloading");
}

#[cfg(test)]
mod tests {
    use crate::testing;

    const CONFIG: &str = "frontend fe_app\n bind :80\n default_backend be_app\nbackend be_app\n server app1 10.0.10.11:8080\n server app2 10.0.10.12:8080 check\n";

    /// Every two seconds for a minute, one request to each server.
    fn log(failing: &str, flags: &str, total: u32) -> String {
        (0..30)
            .map(|i| {
                let at = format!("05/Jun/2026:21:53:{:02}.000", i * 2);
                let head = format!("Jun 05 21:53:{:02} proxy01 haproxy[3028]: 192.0.2.50:4000{i}", i * 2);
                format!(
                    "{head} [{at}] fe_app be_app/{failing} 0/0/-1/-1/{total} 503 217 - - {flags} 1/1/0/0/3 0/0 \"GET / HTTP/1.1\"\n\
                     {head} [{at}] fe_app be_app/other 0/0/0/2/2 200 217 - - ---- 1/1/0/0/0 0/0 \"GET / HTTP/1.1\"\n"
                )
            })
            .collect()
    }

    #[test]
    fn a_refusing_server_without_check_is_found() {
        let log = log("app1", "SC--", 3001);
        let files = [("haproxy.log", &*log), ("haproxy.cfg", CONFIG)];
        let incident = testing::concludes(&files, "unchecked-server-failed");
        assert!(incident.cause.confidence > 0.9);
        assert_eq!(incident.servers[0].name, "app1");
    }

    #[test]
    fn so_is_one_that_does_not_answer() {
        let log = log("app1", "sC--", 4000);
        let files = [("haproxy.log", &*log), ("haproxy.cfg", CONFIG)];
        testing::concludes(&files, "unchecked-server-failed");
    }

    #[test]
    fn a_server_with_a_check_is_another_cause() {
        let log = log("app2", "SC--", 3001);
        testing::rules_out(
            &[("haproxy.log", &log), ("haproxy.cfg", CONFIG)],
            "unchecked-server-failed",
        );
    }

    #[test]
    fn the_seconds_before_a_check_notices_are_the_checks_cause() {
        let log = log("app1", "SC--", 3001);
        let down = r#"Jun 05 21:53:59 proxy01 haproxy[3028]: Server be_app/app1 is DOWN, reason: Layer4 connection problem, info: "Connection refused", check duration: 0ms. 1 active and 0 backup servers left. 0 sessions active, 0 requeued, 0 remaining in queue."#;
        let incident = testing::rules_out(
            &[("haproxy.log", &format!("{log}{down}\n"))],
            "unchecked-server-failed",
        );
        assert_eq!(incident.cause.id, "listener-refused");
    }

    #[test]
    fn without_configuration_silence_in_a_log_with_state_changes_tells() {
        let up = "Jun 05 21:53:10 proxy01 haproxy[3028]: Server be_web/web1 is UP, reason: Layer4 check passed, check duration: 0ms. 2 active and 0 backup servers online. 0 sessions requeued, 0 total in queue.\n";
        let log = format!("{}{up}", log("app1", "SC--", 3001));
        let incident = testing::concludes(&[("haproxy.log", &log)], "unchecked-server-failed");
        assert!((0.6..0.9).contains(&incident.cause.confidence));
    }

    #[test]
    fn a_line_alone_is_a_guess_and_says_so() {
        let log = log("app1", "SC--", 3001);
        let line = log.lines().next().unwrap();
        let incident = testing::incident(&[("haproxy.log", line)]);
        assert!(incident.cause.confidence < 0.6, "{:#?}", incident.cause);
    }

    #[test]
    fn unanswered_connections_of_a_server_nobody_knows_stay_open() {
        let log = log("app1", "sC--", 4000);
        let incident = testing::incident(&[("haproxy.log", &log)]);
        assert_ne!(incident.cause.id, "unchecked-server-failed");
        assert!(
            !incident
                .ruled_out
                .iter()
                .any(|r| r.id == "unchecked-server-failed")
        );
    }

    #[test]
    fn a_redispatch_that_finds_no_server_left_is_about_the_pool() {
        let left = testing::nosrv(43).replace(
            "0/-1/-1/-1/0 503 217 - - SC-- 1/1/0/0/0",
            "0/0/-1/-1/1001 503 217 - - SC-- 1/1/0/0/+1",
        );
        let log = testing::down(41, "app1", testing::REFUSED) + &testing::nosrv(42) + &left;
        let incident = testing::rules_out(&[("haproxy.log", &log)], "unchecked-server-failed");
        assert_eq!(incident.cause.id, "listener-refused");
    }
}
