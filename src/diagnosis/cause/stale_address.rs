//! The server's name resolves elsewhere by now; HAProxy keeps the address it resolved at its start, or took from a state file.
//!
//! Looks alike: every failed check at an address that is still right (`connect-timeout`, `listener-refused`,
//! `check-tls-failure` …): only a second source, a lookup or a later dump, tells that the name has moved on.
//! Known gap: a name with many addresses answers a part of them at a time, so an absent address is strong evidence, no proof.

use crate::base::Cite;
use crate::diagnosis::Advice;
use crate::diagnosis::Case;
use crate::diagnosis::Cause;
use crate::diagnosis::Loss;
use crate::diagnosis::Sign;
use crate::diagnosis::Verdict;
use crate::diagnosis::Weight;
use crate::diagnosis::cause::dns_resolution_failed;
use crate::diagnosis::pool;
use crate::diagnosis::reason;
use crate::diagnosis::target;
use crate::incident::Reason;
use crate::incident::State;
use std::net::IpAddr;

pub(super) const CAUSE: Cause = Cause {
    id: "stale-address",
    title: "HAProxy kept using an address that the servers' names no longer have",
    why: "Without `resolvers` a name on a `server` line is resolved once, when the configuration is read; `init-addr last` takes the \
          address from the server-state file instead, through every reload. When the record moves, HAProxy goes on asking the \
          old address: nothing answers there, it refuses, or somebody else does.",
    fix: "add `resolvers` to the server line, or restart HAProxy without the stale server-state file",
    evidence: "a failed check at an address that a lookup of the name, or a later dump of the same server, no longer shows",
    source: "HAProxy src/server.c (srv_init_addr); configuration manual 3.2, \"init-addr\", \"resolvers\"",
    blames: Some(blames),
    examine,
    advise,
};

/// Written as a name, and not as an address, a path or a variable.
pub(super) fn is_name(address: &str) -> bool {
    let other = ['/', '$', '*', '@'];
    address.parse::<IpAddr>().is_err() && !address.is_empty() && !address.contains(other)
}

/// The failed check asked an address that the name no longer has.
pub(super) fn blames(case: &Case<'_>, loss: &Loss<'_>) -> bool {
    matches!(reason::own(loss), Some(Reason::Check(_))) && moved(case, loss).is_some()
}

/// A name that moved: its old address, where it is now, and the lines that show it.
struct Moved {
    name: String,
    from: IpAddr,
    to: String,
    cite: Cite,
}

fn moved(case: &Case<'_>, loss: &Loss<'_>) -> Option<Moved> {
    let line = case.server(loss.server);
    if line.is_some_and(|line| line.resolvers.is_some()) {
        return None;
    }
    let story = case.story(loss.server)?;
    let failing = story
        .snapshots
        .iter()
        .rev()
        .find(|s| s.state.is_some_and(|state| state != State::Up) && s.address.is_some())?;
    let from = address(failing.address.as_deref()?)?;
    let written = line
        .map(|line| line.address.as_str())
        .filter(|name| is_name(name));
    let name = written.or(Some(failing.fqdn.as_str()).filter(|name| !name.is_empty()))?;
    let found = dns_resolution_failed::lookups(case, name);
    if let Some((lookup, cite)) = found
        .into_iter()
        .rfind(|(lookup, _)| !lookup.addresses.is_empty())
    {
        let now: Vec<IpAddr> = lookup
            .addresses
            .iter()
            .filter_map(|a| a.parse().ok())
            .collect();
        // An answer of the other address family says nothing about this one.
        let comparable = now.iter().any(|ip| ip.is_ipv4() == from.is_ipv4());
        return (comparable && !now.contains(&from)).then(|| Moved {
            name: name.to_owned(),
            from,
            to: lookup.addresses.join(", "),
            cite,
        });
    }
    let later = story.snapshots.iter().find(|s| {
        s.state == Some(State::Up)
            && s.at
                .is_none_or(|at| failing.at.is_none_or(|failed| at > failed))
            && s.address
                .as_deref()
                .and_then(address)
                .is_some_and(|to| to != from)
    })?;
    // A change that HAProxy followed by itself, or that a command made, is no stale address.
    story.addresses.is_empty().then(|| Moved {
        name: name.to_owned(),
        from,
        to: later.address.clone().unwrap_or_default(),
        cite: later.cite.clone(),
    })
}

/// The address of `addr:port`.
fn address(text: &str) -> Option<IpAddr> {
    let bare = |host: &str| {
        host.trim_start_matches('[')
            .trim_end_matches(']')
            .parse()
            .ok()
    };
    bare(text).or_else(|| bare(text.rsplit_once(':')?.0))
}

fn examine(case: &Case<'_>) -> Verdict {
    let Some((loss, moved)) =
        pool::telling(case, blames).and_then(|loss| Some((loss, moved(case, loss)?)))
    else {
        let verdict = pool::examine(case, blames, "");
        return pool::unless_configured(
            case,
            verdict,
            |_, line| is_name(&line.address),
            "is known by a name",
        );
    };
    let words = reason::own(loss).map(Reason::words).unwrap_or_default();
    let Moved {
        name,
        from,
        to,
        cite,
    } = moved;
    let how = format!("the check asked {from} ({words}), while {name} has moved to {to}");
    let mut verdict = pool::examine_as(case, blames, &how, Weight::Strong);
    if let Verdict::Found(finding) = &mut verdict {
        let text = format!("{name} is {to} by now, not {from}");
        finding
            .signs
            .push(Sign::new(Weight::Strong, text, vec![cite]));
        let line = case
            .server(loss.server)
            .filter(|line| is_name(&line.address));
        if let Some(cite) = line.and_then(|line| case.bundle.config_cite(line.at)) {
            let text = format!(
                "{} is looked up at start alone: its line has no `resolvers`",
                loss.server
            );
            finding
                .signs
                .push(Sign::new(Weight::Weak, text, vec![cite]));
        }
    }
    verdict
}

fn advise(case: &Case<'_>, advice: &mut Advice) {
    let Some((loss, moved)) =
        pool::telling(case, blames).and_then(|loss| Some((loss, moved(case, loss)?)))
    else {
        return;
    };
    let name = format!("{}/{}", case.incident.backend, loss.server);
    let first = moved.to.split([',', ':']).next().unwrap_or_default();
    advice.step(format!(
        "for now: `{}`",
        target::runtime(&format!("set server {name} addr {first}"))
    ));
    advice.step("for good: a `resolvers` section, and `resolvers <section>` with `init-addr libc,none` on the server line");
    advice.step("if a server-state file is loaded, remove it before the restart: it brings the old address back");
    advice.reload_needed();
    advice.verify(format!("dig +short {}", target::word(&moved.name)));
}

#[cfg(test)]
mod tests {
    use crate::testing;

    const CONFIG: &str = "backend be_app\n server app1 app1.example.com:8080 check\n";
    const STATE: &str = "1\n# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight srv_iweight srv_time_since_last_change srv_check_status srv_check_result srv_check_health srv_check_state srv_agent_state bk_f_forced_id srv_f_forced_id srv_fqdn srv_port srvrecord\n3 be_app 1 app1 192.0.2.11 0 0 1 1 30 7 2 0 6 0 0 0 app1.example.com 8080 -\n";

    fn dig(address: &str) -> String {
        format!(
            "$ dig app1.example.com\n\n; <<>> DiG 9.18.1 <<>> app1.example.com\n;; ->>HEADER<<- opcode: QUERY, status: NOERROR, id: 1\n;; QUESTION SECTION:\n;app1.example.com.\tIN\tA\n\n;; ANSWER SECTION:\napp1.example.com.\t60\tIN\tA\t{address}\n"
        )
    }

    #[track_caller]
    fn with(address: &str, config: &str, expected: &str) {
        let log = testing::lost_to("Layer4 timeout, check duration: 2001ms");
        let files = [
            ("haproxy.log", log.as_str()),
            ("haproxy.cfg", config),
            ("state.txt", STATE),
            ("dig.txt", &dig(address)),
        ];
        testing::concludes(&files, expected);
    }

    #[test]
    fn a_name_that_moved_on_is_found() {
        with("192.0.2.99", CONFIG, "stale-address");
    }

    #[test]
    fn a_name_that_is_still_there_leaves_it_to_the_check() {
        with("192.0.2.11", CONFIG, "connect-timeout");
    }

    #[test]
    fn a_server_that_follows_its_name_is_not_stale() {
        with(
            "192.0.2.99",
            &CONFIG.replace("check", "check resolvers mydns"),
            "connect-timeout",
        );
    }

    #[test]
    fn without_a_lookup_the_check_is_all_that_is_known() {
        let log = testing::lost_to("Layer4 timeout, check duration: 2001ms");
        let files = [
            ("haproxy.log", log.as_str()),
            ("haproxy.cfg", CONFIG),
            ("state.txt", STATE),
        ];
        testing::rules_out(&files, "stale-address");
    }
}
