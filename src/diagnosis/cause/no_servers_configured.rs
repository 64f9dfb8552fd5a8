//! The backend that was chosen has no server at all.
//!
//! Looks alike: a pool that lost its servers (HAProxy says "has no server available!"; a pool that never had one cannot lose
//! it); `no-route`, where `TR` is -1; a wrong route to a leftover section (`misrouted`).
//! A `listen` section for the stats page alone is such a proxy: everything beside the stats URI, a browser's `/favicon.ico`
//! first of all, ends here.
//! Known gap: servers added over the runtime socket are in no configuration.

use crate::base::Cite;
use crate::base::thousands;
use crate::config::Rule;
use crate::diagnosis::Advice;
use crate::diagnosis::Case;
use crate::diagnosis::Cause;
use crate::diagnosis::Finding;
use crate::diagnosis::Lack;
use crate::diagnosis::Missing;
use crate::diagnosis::Sign;
use crate::diagnosis::Verdict;
use crate::diagnosis::Weight;
use crate::diagnosis::counting;
use crate::dump::Availability;
use crate::evidence::Step;
use crate::incident::Basis;
use std::collections::BTreeMap;

pub(super) const CAUSE: Cause = Cause {
    id: "no-servers-configured",
    title: "the chosen backend has no server",
    why: "A section without any `server` line (and without `dispatch`) is valid. Requests that are routed to it find no server, so \
          HAProxy answers 503 itself (`be/<NOSRV>`). It never says \"has no server available!\", and `show stat` calls the backend UP.",
    fix: "add servers to the backend, or correct the route that leads there",
    evidence: "no `server` line in the section; `show stat` with `BACKEND` UP, `act` 0 and `bck` 0; a stats `listen` that never named a server",
    source: "HAProxy src/backend.c, src/stats.c; configuration manual 3.2, \"server\"; seen on real runs",
    blames: None,
    examine,
    advise,
};

fn examine(case: &Case<'_>) -> Verdict {
    let share = match case.incident.basis {
        Basis::Requests => case.share(&[Step::NoServer]),
        Basis::Dumps => 1.0,
        Basis::Messages | Basis::Captures | Basis::Process => 0.0,
    };
    if share <= 0.0 {
        let cites = case
            .dominant()
            .map(|step| case.examples(step, 1))
            .unwrap_or_default();
        return Verdict::against(
            "the failed requests did not look for a server in vain",
            cites,
        );
    }
    if let Some(server) = case.server_names().first() {
        return Verdict::against(
            format!("{} has a server: {server}", case.incident.backend),
            known(case, server),
        );
    }
    if let Some((at, cite)) = case
        .pool
        .and_then(|pool| pool.no_server.first())
        .filter(|(at, _)| at.is_some())
    {
        let _ = at;
        return Verdict::against(
            "HAProxy said that its servers went: it had some",
            vec![cite.clone()],
        );
    }
    let signs = signs(case);
    if signs.is_empty() {
        return Verdict::CannotTell(Lack {
            why: String::new(),
            missing: Missing {
                artifact: "haproxy.cfg".to_owned(),
                would_decide: format!("whether {} has any server", case.incident.backend),
                capture: "sudo cat /etc/haproxy/haproxy.cfg > haproxy.cfg".to_owned(),
            },
        });
    }
    let backend = &case.incident.backend;
    let n = thousands(case.incident.n_step(Step::NoServer));
    let stats = if serves_stats(case) {
        " It answers the stats page only; what is asked beside the stats URI ends so, and is no outage of a service."
    } else {
        ""
    };
    let instead = counting::sentence(&instead_of(case));
    let why = if instead.is_empty() {
        "Nothing failed; the section is empty, or the route that leads there is wrong."
    } else {
        "It answers instead of another pool."
    };
    Verdict::Found(Finding {
        share,
        signs,
        servers: Vec::new(),
        explanation: format!(
            "{backend} has no server at all: {n} requests that were routed there got HAProxy's own 503 (`{backend}/<NOSRV>`). \
             {why}{instead}{stats}"
        ),
    })
}

/// Pools that had lost servers when a rule which counts them led here: the section is their page for that.
fn instead_of(case: &Case<'_>) -> BTreeMap<String, Vec<String>> {
    let config = case.bundle.config();
    let front = config.and_then(|config| config.frontend(&case.incident.frontend));
    let rules = front.into_iter().flat_map(|front| {
        let to_here = |rule: &&Rule| {
            rule.words
                .get(1)
                .is_some_and(|to| *to == *case.incident.backend)
        };
        front
            .use_backend
            .iter()
            .filter(to_here)
            .map(move |rule| (front, rule))
    });
    counting::lost(case, rules)
}

fn signs(case: &Case<'_>) -> Vec<Sign> {
    let backend = &case.incident.backend;
    let mut signs = Vec::new();
    if let Some(proxy) = case
        .proxy
        .filter(|proxy| proxy.servers.is_empty() && proxy.dispatch.is_none())
    {
        let cites = case.bundle.config_cite(proxy.at).into_iter().collect();
        // A piece of a configuration may have lost the section's end.
        let whole = case
            .bundle
            .config()
            .is_some_and(|config| config.fragment.is_none());
        let weight = if whole {
            Weight::Decisive
        } else {
            Weight::Weak
        };
        signs.push(Sign::new(
            weight,
            format!("the section of {backend} has no `server` line"),
            cites,
        ));
    }
    let rows = case.pool.into_iter().flat_map(|pool| &pool.rows);
    if let Some(row) = rows
        .into_iter()
        .find(|row| row.availability == Availability::NoServers)
    {
        let text = format!(
            "`show stat` calls {backend} UP with no usable server: so it shows a backend that has none"
        );
        signs.push(Sign::new(Weight::Decisive, text, vec![row.cite.clone()]));
    }
    if serves_stats(case) && case.proxy.is_none() {
        let text = format!("{backend} answers the stats page and never named a server of its own");
        signs.push(Sign::new(
            Weight::Strong,
            text,
            case.examples(Step::NoServer, 1),
        ));
    }
    if signs.is_empty() && only_icon(case) {
        let text = format!(
            "nothing but /favicon.ico failed, which browsers ask for after a page: {backend} answered that page, and without a server \
             only HAProxy's own pages are left"
        );
        signs.push(Sign::new(
            Weight::Weak,
            text,
            case.examples(Step::NoServer, 1),
        ));
    }
    signs
}

/// A `listen` section (its two names are one, and `TR` is known) of which only the icon of a page failed. The page of a pool
/// without a usable server would have failed before it.
fn only_icon(case: &Case<'_>) -> bool {
    let incident = case.incident;
    let icon = |path: &str| path.split('?').next() == Some("/favicon.ico");
    case.proxy.is_none()
        && incident.frontend == incident.backend
        && !incident.routes.is_empty()
        && !incident.routes_cut
        && incident.routes.iter().all(|(route, _)| icon(&route.path))
}

/// A `listen` section that answered the stats page, and no server.
fn serves_stats(case: &Case<'_>) -> bool {
    let load = case.bundle.loads.get(&case.incident.backend);
    load.is_some_and(|load| {
        load.servers.contains_key("<STATS>")
            && load.servers.keys().all(|name| name.starts_with('<'))
    })
}

/// The line that shows a server of the pool.
fn known(case: &Case<'_>, server: &str) -> Vec<Cite> {
    let line = case
        .server(server)
        .and_then(|line| case.bundle.config_cite(line.at));
    let seen = || {
        let story = case.story(server)?;
        let told = story.changes.first().map(|change| change.cite.clone());
        told.or_else(|| story.snapshots.first().map(|row| row.cite.clone()))
    };
    line.or_else(seen).into_iter().collect()
}

fn advise(case: &Case<'_>, advice: &mut Advice) {
    let backend = &case.incident.backend;
    if serves_stats(case) {
        advice.step("nothing to repair: only the stats URI is meant to be asked here; a `http-request deny deny_status 404` for the rest keeps such lines out of the log");
        return;
    }
    if let Some((pool, servers)) = instead_of(case).first_key_value() {
        advice.step(format!(
            "look at {pool} first: {} went, and the rule that counts its servers leads to {backend} since then",
            servers.join(", ")
        ));
        advice.caution(format!(
            "{backend} without a server is meant so: servers of its own would take the traffic of {pool}"
        ));
        return;
    }
    advice.reload_needed();
    advice.step(format!(
        "add the `server` lines that {backend} was meant to have"
    ));
    advice.step(format!("or, if {backend} is a leftover: correct the `use_backend` or `default_backend` that leads there"));
    advice.verify(format!("printf 'show stat\\n' | sudo socat - UNIX-CONNECT:/run/haproxy/admin.sock | cut -d, -f1,2,18-21 | grep -F '{},'", backend.replace('\'', "")));
}

#[cfg(test)]
mod tests {
    use crate::testing;

    #[test]
    fn an_empty_section_is_found() {
        let config = "frontend fe_app\n bind :80\n default_backend be_app\nbackend be_app\n balance roundrobin\n";
        let incident = testing::concludes(
            &[("haproxy.log", testing::NOSRV), ("haproxy.cfg", config)],
            "no-servers-configured",
        );
        assert!(incident.cause.confidence > 0.9);
        assert!(incident.fix.reload_needed);
    }

    #[test]
    fn a_stats_page_that_never_named_a_server_is_found() {
        let log = r#"Jun 05 21:53:46 proxy01 haproxy[3028]: 192.0.2.50:53260 [05/Jun/2026:21:53:46.900] stats stats/<STATS> 0/0/0/0/2 200 25009 - - LR-- 1/1/0/0/0 0/0 "GET /stats HTTP/1.1"
Jun 05 21:53:47 proxy01 haproxy[3028]: 192.0.2.50:53260 [05/Jun/2026:21:53:47.000] stats stats/<NOSRV> 0/-1/-1/-1/0 503 217 - - SC-- 1/1/0/0/0 0/0 "GET /favicon.ico HTTP/1.1"
"#;
        testing::concludes(&[("haproxy.log", log)], "no-servers-configured");
    }

    const ICON: &str = r#"Jun 05 21:53:47 proxy01 haproxy[3028]: 192.0.2.50:53260 [05/Jun/2026:21:53:47.000] stats stats/<NOSRV> 0/-1/-1/-1/0 503 217 - - SC-- 1/1/0/0/0 0/0 "GET /favicon.ico HTTP/1.1"
"#;

    #[test]
    fn an_icon_that_fails_without_its_page_is_found_with_little_certainty() {
        let incident = testing::concludes(&[("haproxy.log", ICON)], "no-servers-configured");
        assert!(incident.cause.confidence < 0.6);
    }

    #[test]
    fn an_icon_that_fails_after_its_page_tells_nothing() {
        let page = ICON
            .replace("/favicon.ico", "/")
            .replace("47.000", "46.900");
        testing::concludes(&[("haproxy.log", &(page + ICON))], "insufficient-evidence");
        // A frontend that chose a pool may show pages of other pools.
        let pool = ICON.replace("stats stats/", "fe_app be_app/");
        testing::concludes(&[("haproxy.log", &pool)], "insufficient-evidence");
        // HAProxy said that it lost its servers: it had some.
        let empty =
            "Jun 05 21:53:40 proxy01 haproxy[3028]: backend stats has no server available!\n";
        let log = format!("{empty}{ICON}");
        testing::rules_out(&[("haproxy.log", &log)], "no-servers-configured");
    }

    #[test]
    fn a_section_with_a_server_is_ruled_out() {
        let config = "backend be_app\n server app1 192.0.2.11:8080 check\n";
        testing::rules_out(
            &[("haproxy.log", testing::NOSRV), ("haproxy.cfg", config)],
            "no-servers-configured",
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
                .any(|p| p.id == "no-servers-configured")
        );
    }
}
