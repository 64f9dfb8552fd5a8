//! A worker from before a reload still answers, with yesterday's servers: its requests fail, those of the new worker do not.
//!
//! After a soft stop a worker keeps its connections, and no longer checks its servers: its states are frozen. A process that
//! was never told to stop keeps listening beside the new one; the admin socket shows only the new, healthy one.
//! Looks alike: a reload that broke something (the new worker fails too); several processes of one start (`nbproc`).
//! Known gap: a carrier without pids hides it.

use crate::base::SECOND;
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
use crate::diagnosis::case::ratio;
use crate::event::message::Message;
use crate::event::message::ProcessChange;
use crate::evidence::What;
use crate::incident::Happening;
use std::collections::BTreeMap;

pub(super) const CAUSE: Cause = Cause {
    id: "stale-process",
    title: "an old worker still answered after a reload, with outdated servers",
    why: "A reload starts a new worker and asks the old one to finish its connections. Until then the old one answers on them \
          with its old configuration, and its servers' states are frozen, since it no longer runs checks. A process that the \
          master lost keeps accepting new connections as well.",
    fix: "end the old process, and set `hard-stop-after` so that old workers cannot linger",
    evidence: "failures carry the pid of an older worker only, while a worker forked later answers requests of the same backend well",
    source: "management manual 3.2, \"Stopping and restarting HAProxy\"; configuration manual 3.2, `hard-stop-after`; seen on 2.6",
    blames: None,
    examine,
    advise,
};

/// Workers forked within this time belong to one start (`nbproc`, up to 2.4).
const ONE_START: i64 = 5 * SECOND;

/// Which workers failed, and which newer one did not.
struct Workers<'a> {
    failing: BTreeMap<u32, u64>,
    /// Failures of workers older than the newest.
    n_old: u64,
    newest: u32,
    /// Good requests of the newest while the others failed.
    n_good: u64,
    /// When the newest was forked.
    born: &'a Happening,
}

/// The requests failed in older workers alone, each with servers and states of its own: what their messages say of a server
/// is true for them, and does not keep the newest one from answering well. So the process is what is wrong, not the server.
pub(super) fn applies(case: &Case<'_>) -> bool {
    let all_old = |workers: Workers<'_>| workers.failing.values().sum::<u64>() == workers.n_old;
    *case.stale.get_or_init(|| workers(case).is_ok_and(all_old))
}

fn examine(case: &Case<'_>) -> Verdict {
    match workers(case) {
        Ok(workers) => found(case, &workers),
        Err(verdict) => verdict,
    }
}

/// The workers of a case that is this cause's; otherwise why it is not.
fn workers<'a>(case: &Case<'a>) -> Result<Workers<'a>, Verdict> {
    let mut failing = BTreeMap::<u32, u64>::new();
    for (key, tally) in &case.incident.failures {
        *failing.entry(key.pid).or_default() += tally.n;
    }
    let forks = forks(case);
    let no_second = || Verdict::against("the log shows no second worker", Vec::new());
    let Some(&(newest, born)) = forks.last() else {
        return Err(no_second());
    };
    if failing.contains_key(&0) || failing.is_empty() {
        return Err(if forks.len() > 1 && !failing.is_empty() {
            Verdict::CannotTell(lack())
        } else {
            no_second()
        });
    }
    let against = |why: &str| Err(Verdict::against(why, vec![born.cite.clone()]));
    let is_old = |pid: &u32| {
        let forked = forks.iter().find(|(other, _)| other == pid);
        *pid != newest && forked.is_none_or(|(_, event)| earlier(event, born))
    };
    let n_old: u64 = failing
        .iter()
        .filter(|(pid, _)| is_old(pid))
        .map(|(_, n)| n)
        .sum();
    if n_old == 0 {
        return against("the requests failed in the newest worker");
    }
    let began_after = matches!((born.at, case.incident.window.start), (Some(born), Some(start)) if born <= start + SECOND);
    if !began_after {
        return against("the requests began to fail before the newest worker was forked");
    }
    let n_good = good_of(case, newest);
    if n_good == 0 || failing.contains_key(&newest) {
        return against(
            "the newest worker answered no request of this backend better than the old one",
        );
    }
    Ok(Workers {
        failing,
        n_old,
        newest,
        n_good,
        born,
    })
}

fn found(case: &Case<'_>, workers: &Workers<'_>) -> Verdict {
    let Workers {
        ref failing,
        n_old,
        newest,
        n_good,
        born,
    } = *workers;
    let old: Vec<String> = failing
        .keys()
        .filter(|&&pid| pid != newest)
        .map(u32::to_string)
        .collect();
    let old = old.join(", ");
    let firsts = case
        .incident
        .failures
        .values()
        .filter_map(|tally| tally.first.clone());
    let signs = vec![
        Sign::new(
            Weight::Decisive,
            format!(
                "all {} failures carry pid {old}; worker {newest}, forked later, answered {} requests of {} well",
                thousands(n_old),
                thousands(n_good),
                case.incident.backend
            ),
            firsts.take(3).collect(),
        ),
        Sign::new(
            Weight::Strong,
            format!("worker {newest} was forked before the failures"),
            vec![born.cite.clone()],
        ),
    ];
    let explanation = format!(
        "Beside worker {newest}, which was forked later, an older process (pid {old}) still answered: {} requests failed in it, \
         while the new worker answered requests of {} well. The old one works with the servers and states of its own time.",
        thousands(n_old),
        case.incident.backend
    );
    Verdict::Found(Finding {
        share: ratio(n_old, case.incident.n_failed()),
        signs,
        servers: Vec::new(),
        explanation,
    })
}

/// Workers forked up to the end of the incident on its host, in order.
fn forks<'a>(case: &Case<'a>) -> Vec<(u32, &'a Happening)> {
    let end = case.incident.window.end;
    let events = case.bundle.timeline.events.iter().filter(|event| {
        let here = event.host == case.incident.host
            || event.host.is_empty()
            || case.incident.host.is_empty();
        let before = !matches!((event.at, end), (Some(at), Some(end)) if at > end);
        here && before
    });
    events
        .filter_map(|event| match &event.what {
            What::Message(Message::Process(ProcessChange::WorkerForked { worker })) => {
                Some((*worker, event))
            }
            _ => None,
        })
        .collect()
}

/// Forked well before the newest.
fn earlier(event: &Happening, newest: &Happening) -> bool {
    matches!((event.at, newest.at), (Some(at), Some(newest)) if at + ONE_START < newest)
}

/// Good requests of the backend that a worker answered while others failed.
fn good_of(case: &Case<'_>, pid: u32) -> u64 {
    let window = &case.incident.window;
    let workers = case
        .bundle
        .loads
        .get(&case.incident.backend)
        .map(|load| &load.workers);
    let mine = workers
        .into_iter()
        .flatten()
        .filter(|((host, other), _)| *other == pid && *host == case.incident.host);
    mine.filter(|(_, tally)| match (tally.good, window.start, window.end) {
        (Some((first, last)), Some(start), Some(end)) => first <= end && start <= last,
        _ => false,
    })
    .map(|(_, tally)| tally.n_good)
    .sum()
}

fn lack() -> Lack {
    Lack {
        why: "HAProxy was reloaded, and the log does not tell which worker answered".to_owned(),
        missing: Missing {
            artifact: "the log with pids, and the list of HAProxy's processes".to_owned(),
            would_decide: "whether the failures come from a worker of before the last reload".to_owned(),
            capture: "sudo journalctl -u haproxy --no-pager -o short-iso-precise; ps -o pid,ppid,lstart,cmd -C haproxy; \
                      echo 'show proc' | sudo socat - UNIX-CONNECT:/run/haproxy-master.sock"
                .to_owned(),
        },
    }
}

fn advise(case: &Case<'_>, advice: &mut Advice) {
    let newest = forks(case).last().map(|(pid, _)| *pid);
    let keys = case.incident.failures.keys().map(|key| key.pid);
    let mut old: Vec<u32> = keys
        .filter(|&pid| pid != 0 && Some(pid) != newest)
        .collect();
    old.dedup();
    for pid in old.into_iter().take(3) {
        advice.step(format!("see whether process {pid} still runs and what it holds, then end it: `sudo kill -USR1 {pid}` (it finishes its connections), `sudo kill -TERM {pid}` (at once)"));
    }
    advice.reload_needed();
    advice.step(
        "set `hard-stop-after 30s` (or what the longest useful connection needs) in `global`",
    );
    advice.verify("ps -o pid,ppid,lstart,cmd -C haproxy    # one master, one worker");
    advice.verify("sudo ss -ltnp | grep haproxy    # which processes listen");
    advice.caution("the admin socket answers for the newest worker only: its healthy states say nothing about the old one");
}

#[cfg(test)]
mod tests {
    use crate::testing;

    const FIRST: &str =
        "Jun 05 21:50:00 proxy01 haproxy[3000]: [NOTICE]   (3000) : New worker (3001) forked\n";
    const SECOND: &str =
        "Jun 05 21:53:00 proxy01 haproxy[3000]: [NOTICE]   (3000) : New worker (3002) forked\n";

    fn line(pid: u32, second: u32, failed: bool) -> String {
        let rest = if failed {
            "be_app/<NOSRV> 0/-1/-1/-1/0 503 217 - - SC--"
        } else {
            "be_app/app1 0/0/0/5/5 200 217 - - ----"
        };
        format!(
            "Jun 05 21:53:{second:02} proxy01 haproxy[{pid}]: 192.0.2.50:532{second:02} [05/Jun/2026:21:53:{second:02}.100] fe_app {rest} 1/1/0/0/0 0/0 \"GET / HTTP/1.1\"\n"
        )
    }

    fn mixed(failing: u32, good: u32) -> String {
        (10..40)
            .map(|s| {
                if s % 3 == 0 {
                    line(failing, s, true)
                } else {
                    line(good, s, false)
                }
            })
            .collect()
    }

    #[test]
    fn failures_of_the_older_worker_alone_are_found() {
        let log = [FIRST, SECOND, &mixed(3001, 3002)].concat();
        let incident = testing::concludes(&[("haproxy.log", &log)], "stale-process");
        assert!(incident.cause.confidence > 0.9);
    }

    #[test]
    fn what_the_older_worker_says_of_its_servers_is_no_rival() {
        // It keeps checking servers that are gone, and says why they are down.
        let gone =
            testing::down(9, "app1", testing::REFUSED).replace("haproxy[3028]", "haproxy[3001]");
        let log = [FIRST, SECOND, &gone, &mixed(3001, 3002)].concat();
        let incident = testing::concludes(&[("haproxy.log", &log)], "stale-process");
        assert!(incident.cause.confidence > 0.9);
        // The other process answered all the while: that says nothing about this one.
        assert_eq!(incident.recovered, Some(false));
    }

    #[test]
    fn a_new_worker_that_fails_as_well_leaves_it_to_the_servers() {
        let gone =
            testing::down(9, "app1", testing::REFUSED).replace("haproxy[3028]", "haproxy[3001]");
        let log = [
            FIRST,
            SECOND,
            &gone,
            &mixed(3001, 3002),
            &line(3002, 41, true),
        ]
        .concat();
        let incident = testing::rules_out(&[("haproxy.log", &log)], "stale-process");
        assert_eq!(incident.cause.id, "listener-refused");
    }

    #[test]
    fn failures_of_the_new_worker_rule_it_out() {
        let log = [FIRST, SECOND, &mixed(3002, 3001)].concat();
        testing::rules_out(&[("haproxy.log", &log)], "stale-process");
    }

    #[test]
    fn processes_of_one_start_are_not_stale() {
        let log = [
            FIRST.replace("21:50:00", "21:53:00").as_str(),
            SECOND,
            &mixed(3001, 3002),
        ]
        .concat();
        testing::rules_out(&[("haproxy.log", &log)], "stale-process");
    }

    #[test]
    fn without_pids_it_cannot_tell() {
        let log = [FIRST, SECOND, &mixed(3001, 3002)].concat();
        let log = log
            .replace("haproxy[3001]: 192", "haproxy: 192")
            .replace("haproxy[3002]: 192", "haproxy: 192");
        let incident = testing::concludes(&[("haproxy.log", &log)], "insufficient-evidence");
        assert!(incident.possible.iter().any(|p| p.id == "stale-process"));
    }
}
