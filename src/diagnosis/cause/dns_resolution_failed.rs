//! The server's name does not resolve: HAProxy puts it into maintenance by itself, or starts without it.
//!
//! Looks alike: maintenance by an operator (no cause in parentheses, another admin bit); a name that resolves elsewhere
//! (`stale-address`). A server that is DOWN because its host is gone and then enters DNS maintenance belongs here: name and
//! host went together, and it is the name that keeps the server out.
//! Known gap: servers in this maintenance from the start are told in no message but the warning at the start.

use crate::base::Cite;
use crate::capture::Capture;
use crate::capture::Lookup;
use crate::config::Server;
use crate::diagnosis::Advice;
use crate::diagnosis::Case;
use crate::diagnosis::Cause;
use crate::diagnosis::Loss;
use crate::diagnosis::Sign;
use crate::diagnosis::Verdict;
use crate::diagnosis::Weight;
use crate::diagnosis::cause::stale_address;
use crate::diagnosis::pool;
use crate::diagnosis::reason;
use crate::diagnosis::target;
use crate::event::message::Message;
use crate::event::message::ProcessChange;
use crate::evidence::What;
use crate::incident::Reason;

/// Names that get a command of their own.
const NAMES_MAX: usize = 4;

pub(super) const CAUSE: Cause = Cause {
    id: "dns-resolution-failed",
    title: "the servers' names did not resolve",
    why: "A server with `resolvers` whose name gets no valid answer for longer than `hold` (NXDOMAIN, timeout, refused, or gone from \
          the SRV record) enters maintenance by itself; so does one that cannot be resolved at the start (`init-addr none`). \
          Nobody ordered it, and it ends with the next valid answer.",
    fix: "repair the DNS record or the name server; then see `hold`, `resolve_retries`, `accepted_payload_size` and `init-addr`",
    evidence: "\"going DOWN for maintenance (DNS NX status)\", \"(No IP for server)\", \"(entry removed from SRV record)\", MAINT (resolution), `srv_admin_state` bit 32",
    source: "HAProxy src/resolvers.c, src/server.c; configuration manual 3.2, \"Server IP address resolution using DNS\"",
    blames: Some(blames),
    examine,
    advise,
};

fn blames(_case: &Case<'_>, loss: &Loss<'_>) -> bool {
    matches!(reason::own(loss), Some(Reason::Dns(_)))
}

/// The server is known by a name.
fn named(_case: &Case<'_>, server: &Server) -> bool {
    server.resolvers.is_some()
        || server.template.is_some()
        || stale_address::is_name(&server.address)
}

fn examine(case: &Case<'_>) -> Verdict {
    if case.losses.is_empty() {
        let how = "their names did not resolve when HAProxy started";
        if let Some(verdict) = pool::silent(case, &unresolved_at_start(case), how, Weight::Decisive)
        {
            return verdict;
        }
        let how = "a lookup shows that their names do not resolve";
        if let Some(verdict) = pool::silent(case, &unknown_names(case), how, Weight::Weak) {
            return verdict;
        }
    }
    let why = pool::telling(case, blames)
        .and_then(reason::own)
        .and_then(|reason| match reason {
            Reason::Dns(text) if !text.trim().is_empty() => Some(format!(" (\"{}\")", text.trim())),
            _ => None,
        })
        .unwrap_or_default();
    let how = format!(
        "the name did not resolve, so HAProxy itself began the maintenance{why}; nobody ordered it"
    );
    let mut verdict = pool::examine(case, blames, &how);
    if let Verdict::Found(finding) = &mut verdict {
        finding.signs.extend(by_name(case));
    }
    pool::unless_configured(case, verdict, named, "is known by a name")
}

/// The configuration's lines: the server by name, and who is asked for it.
fn by_name(case: &Case<'_>) -> Option<Sign> {
    let line = case.server(pool::telling(case, blames)?.server)?;
    let wanted = &line.resolvers.as_ref()?.value;
    let sections = &case.bundle.config()?.resolver_sections;
    let section = sections.iter().find(|section| section.name == *wanted);
    let places = [Some(line.at), section.map(|section| section.at)];
    let cites = places.into_iter().flatten();
    let text = format!(
        "{} is known as {}, asked of `resolvers {wanted}`",
        line.name, line.address
    );
    let cites = cites.filter_map(|at| case.bundle.config_cite(at)).collect();
    Some(Sign::new(Weight::Weak, text, cites))
}

/// Servers that HAProxy started without.
fn unresolved_at_start(case: &Case<'_>) -> Vec<(String, Cite)> {
    let mut out = Vec::new();
    for event in &case.bundle.timeline.events {
        let What::Message(Message::Process(ProcessChange::UnresolvedAtStart { server, host })) =
            &event.what
        else {
            continue;
        };
        let name = match server.split_once('/') {
            Some((backend, name)) if *backend == *case.incident.backend => Some(name),
            Some(_) => None,
            None if !server.is_empty() => Some(server.as_str()),
            None => None,
        };
        let lines = case.proxy.into_iter().flat_map(|proxy| &proxy.servers);
        let by_host = lines
            .filter(|line| server.is_empty() && line.address == *host)
            .map(|line| line.name.as_str());
        out.extend(
            name.into_iter()
                .chain(by_host)
                .map(|name| (name.to_owned(), event.cite.clone())),
        );
    }
    out
}

/// Servers with `resolvers` whose name a captured lookup did not find.
fn unknown_names(case: &Case<'_>) -> Vec<(String, Cite)> {
    let lines = case.proxy.into_iter().flat_map(|proxy| &proxy.servers);
    lines
        .filter(|line| line.resolvers.is_some())
        .filter_map(|line| {
            let (_, cite) = lookups(case, &line.address)
                .into_iter()
                .next_back()
                .filter(|(lookup, _)| lookup.addresses.is_empty() && !lookup.status.is_empty())?;
            Some((line.name.clone(), cite))
        })
        .collect()
}

/// Captured lookups of a name.
pub(super) fn lookups<'a>(case: &Case<'a>, name: &str) -> Vec<(&'a Lookup, Cite)> {
    let plain = |name: &str| name.trim_end_matches('.').to_ascii_lowercase();
    let wanted = plain(name);
    let captures = case.bundle.documents.captures.iter();
    captures
        .filter_map(|doc| match &doc.capture {
            Capture::Lookup(lookup) if !wanted.is_empty() && plain(&lookup.name) == wanted => {
                Some((lookup, case.bundle.documents.cite(doc.source, lookup.at)))
            }
            _ => None,
        })
        .collect()
}

/// ` @192.0.2.53 -p 5353` of the section that a server uses; empty: the host's own resolver.
fn nameserver(case: &Case<'_>, line: Option<&Server>) -> String {
    let section = line
        .and_then(|line| line.resolvers.as_ref())
        .map(|setting| setting.value.as_str());
    let sections = case
        .bundle
        .config()
        .into_iter()
        .flat_map(|config| &config.resolver_sections);
    let found = sections
        .filter(|s| section == Some(s.name.as_str()))
        .find_map(|s| s.nameservers.first());
    let Some((_, address)) = found else {
        return String::new();
    };
    let address = address
        .value
        .rsplit_once('@')
        .map_or(address.value.as_str(), |(_, rest)| rest);
    match address.rsplit_once(':') {
        Some((host, "53")) => format!(" @{}", target::word(host)),
        Some((host, port)) => format!(" @{} -p {}", target::word(host), target::word(port)),
        None => format!(" @{}", target::word(address)),
    }
}

fn advise(case: &Case<'_>, advice: &mut Advice) {
    advice.step("ask the name server that HAProxy asks for the servers' names, from the proxy's host, and repair the record or the name server");
    advice.step("when the name server is slow or answers too long for UDP: `accepted_payload_size`, `resolve_retries`, `timeout retry`, and `hold` for how long an old answer counts");
    let mut names: Vec<(String, String)> = Vec::new();
    for server in case.server_names() {
        let line = case.server(server);
        let seen = case
            .story(server)
            .and_then(|story| story.snapshots.iter().rev().find(|s| !s.fqdn.is_empty()));
        let name = line
            .map(|line| line.address.clone())
            .or_else(|| seen.map(|s| s.fqdn.clone()));
        if let Some(name) = name.filter(|name| stale_address::is_name(name)) {
            names.push((name, nameserver(case, line)));
        }
    }
    names.dedup();
    for (name, at) in names.iter().take(NAMES_MAX) {
        let (kind, name) = if name.starts_with('_') {
            ("SRV ", name)
        } else {
            ("", name)
        };
        advice.verify(format!("dig{at} {kind}{}", target::word(name)));
    }
    advice.verify(format!(
        "{}    # counters nx, timeout, refused, any_err",
        target::runtime("show resolvers")
    ));
    advice.caution("`set server … state ready` does not help: the server leaves this maintenance when its name resolves");
}

#[cfg(test)]
mod tests {
    use crate::testing;

    const LEFT: &str =
        "0 active and 0 backup servers left. 0 sessions active, 0 requeued, 0 remaining in queue.";
    const CONFIG: &str = "resolvers mydns\n nameserver dns1 192.0.2.53:53\nbackend be_app\n server app1 app1.example.com:8080 check resolvers mydns init-addr none\n";

    #[test]
    fn maintenance_by_name_resolution_is_found_with_the_name_to_ask() {
        let log = testing::lost(&format!(
            "Server be_app/app1 is going DOWN for maintenance (DNS NX status). {LEFT}"
        ));
        let incident = testing::concludes(
            &[("haproxy.log", &log), ("haproxy.cfg", CONFIG)],
            "dns-resolution-failed",
        );
        assert!(
            incident
                .fix
                .verify
                .iter()
                .any(|v| v == "dig @192.0.2.53 app1.example.com"),
            "{:?}",
            incident.fix.verify
        );
        assert!(incident.cause.explanation.contains("DNS NX status"));
    }

    #[test]
    fn a_check_that_failed_because_the_host_was_gone_belongs_to_the_name() {
        let log = testing::lost_to("Layer4 timeout, check duration: 2001ms");
        let log = format!(
            "{log}Jun 05 21:53:48 proxy01 haproxy[3028]: Server be_app/app1 was DOWN and now enters maintenance (DNS NX status).\n"
        );
        testing::concludes(&[("haproxy.log", &log)], "dns-resolution-failed");
    }

    #[test]
    fn servers_that_did_not_resolve_at_the_start_are_found() {
        let start = "Jun 05 21:50:00 proxy01 haproxy[3028]: [WARNING]  (3028) : config : [/etc/haproxy/haproxy.cfg:4] : 'server be_app/app1' : could not resolve address 'app1.example.com', disabling server.";
        let log = format!("{start}\n{}\n", testing::NOSRV);
        testing::concludes(
            &[("haproxy.log", &log), ("haproxy.cfg", CONFIG)],
            "dns-resolution-failed",
        );
    }

    #[test]
    fn an_operators_maintenance_is_another_cause() {
        let log = testing::lost(&format!(
            "Server be_app/app1 is going DOWN for maintenance. {LEFT}"
        ));
        testing::rules_out(&[("haproxy.log", &log)], "dns-resolution-failed");
    }

    #[test]
    fn a_pool_of_addresses_rules_it_out_where_nothing_else_is_said() {
        let config = "backend be_app\n server app1 192.0.2.11:8080 check\n";
        let incident =
            testing::incident(&[("haproxy.log", testing::NOSRV), ("haproxy.cfg", config)]);
        assert!(
            incident
                .ruled_out
                .iter()
                .any(|r| r.id == "dns-resolution-failed")
        );
        let incident =
            testing::incident(&[("haproxy.log", testing::NOSRV), ("haproxy.cfg", CONFIG)]);
        assert!(
            incident
                .possible
                .iter()
                .any(|p| p.id == "dns-resolution-failed")
        );
    }
}
