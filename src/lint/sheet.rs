//! What the rules look at.

use crate::base::Place;
use crate::config::CheckKind;
use crate::config::Config;
use crate::config::Proxy;
use crate::config::ProxyKind;
use crate::config::Server;
use crate::document::Configuration;
use std::collections::BTreeMap;

/// A configuration and what is known beside it.
pub(super) struct Sheet<'a> {
    /// With its raw lines.
    pub(super) configuration: &'a Configuration,
    /// What it says.
    pub(super) config: &'a Config,
    /// Usual response time by backend, milliseconds.
    pub(super) usual_ms: &'a BTreeMap<String, u64>,
}

impl<'a> Sheet<'a> {
    pub(super) fn new(
        configuration: &'a Configuration,
        usual_ms: &'a BTreeMap<String, u64>,
    ) -> Self {
        Sheet {
            configuration,
            config: &configuration.config,
            usual_ms,
        }
    }

    /// Proxies with servers of their own that are not turned off.
    pub(super) fn pools(&self) -> impl Iterator<Item = &'a Proxy> {
        self.backends().filter(|proxy| !proxy.servers.is_empty())
    }

    /// Backends and `listen` sections that are not turned off.
    pub(super) fn backends(&self) -> impl Iterator<Item = &'a Proxy> {
        self.named()
            .filter(|proxy| proxy.kind != ProxyKind::Frontend && proxy.disabled.is_none())
    }

    /// Frontends and `listen` sections that are not turned off.
    pub(super) fn frontends(&self) -> impl Iterator<Item = &'a Proxy> {
        self.named()
            .filter(|proxy| proxy.kind != ProxyKind::Backend && proxy.disabled.is_none())
    }

    fn named(&self) -> impl Iterator<Item = &'a Proxy> {
        self.config
            .proxies
            .iter()
            .filter(|proxy| !proxy.name.is_empty())
    }
}

/// Servers that are not turned off in the configuration.
pub(super) fn enabled(proxy: &Proxy) -> impl Iterator<Item = &Server> {
    proxy
        .servers
        .iter()
        .filter(|server| server.disabled.is_none())
}

/// Whether something watches the server.
pub(super) fn is_watched(server: &Server) -> bool {
    server.check.is_some() || server.agent_check.is_some() || server.track.is_some()
}

/// Whether the proxy's servers are asked over HTTP.
pub(super) fn checks_http(proxy: &Proxy) -> bool {
    proxy.check.kind == CheckKind::Http && proxy.servers.iter().any(|server| server.check.is_some())
}

/// Whether an address is a name that has to be looked up.
pub(super) fn is_name(address: &str) -> bool {
    let bare = address.trim_start_matches('[').trim_end_matches(']');
    !bare.is_empty()
        && bare != "*"
        && bare != "localhost"
        && bare.parse::<std::net::IpAddr>().is_err()
        && !bare.contains(['/', '$', '@', '%', '{'])
        && bare.contains(|c: char| c.is_ascii_alphabetic())
}

/// Proxies grouped by the line that could set something for all of them: their `defaults`, else the first of them.
pub(super) fn grouped<'p>(
    proxies: impl Iterator<Item = &'p Proxy>,
) -> Vec<(Place, Vec<&'p Proxy>)> {
    let mut groups: BTreeMap<Option<Place>, Vec<&Proxy>> = BTreeMap::new();
    for proxy in proxies {
        groups.entry(proxy.defaults).or_default().push(proxy);
    }
    let at = |(at, proxies): (Option<Place>, Vec<&'p Proxy>)| {
        let first = proxies.first().map(|proxy| proxy.at);
        Some((at.or(first)?, proxies))
    };
    groups.into_iter().filter_map(at).collect()
}

/// `be_a`, `be_a and be_b`, `be_a, be_b and 3 more`.
pub(super) fn listed(proxies: &[&Proxy]) -> String {
    match proxies {
        [] => String::new(),
        [one] => one.name.clone(),
        [one, two] => format!("{} and {}", one.name, two.name),
        [one, two, rest @ ..] => format!("{}, {} and {} more", one.name, two.name, rest.len()),
    }
}
