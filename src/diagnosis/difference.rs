//! What differs between the configuration that ran and another captured one, as far as it bears on an incident.

use crate::base::printable;
use crate::config::Config;
use crate::config::Proxy;
use crate::config::Rule;
use crate::config::Server;
use crate::config::Setting;
use crate::diagnosis::Case;
use crate::document::ConfigDoc;
use std::collections::BTreeMap;

/// Another configuration, and in what it differs.
#[derive(Debug)]
pub(super) struct Difference<'a> {
    /// The other configuration.
    pub other: &'a ConfigDoc,
    /// It differs in the failing backend or frontend.
    pub touches: bool,
    /// What differs: `the check of be_app`, `server app1 of be_app`.
    pub what: Vec<String>,
}

/// The other captured configurations of the same HAProxy that differ from the one that ran; those that touch the incident first.
pub(super) fn differences<'a>(case: &Case<'a>) -> Vec<Difference<'a>> {
    let Some(running) = case.bundle.running else {
        return Vec::new();
    };
    let configs = &case.bundle.documents.configs;
    let Some(own) = configs.get(running) else {
        return Vec::new();
    };
    let others = configs
        .iter()
        .enumerate()
        .filter(|(index, _)| *index != running);
    let mut all: Vec<Difference<'a>> = others
        .filter(|(_, other)| is_kin(&own.config, &other.config))
        .filter_map(|(_, other)| {
            let what = what_differs(&own.config, &other.config);
            let names = [&*case.incident.backend, &*case.incident.frontend];
            let touches = what.iter().any(|(proxy, _)| names.contains(&&**proxy));
            let mut what = what;
            what.sort_by_key(|(proxy, _)| !names.contains(&&**proxy));
            let what: Vec<String> = what.into_iter().map(|(_, what)| what).collect();
            (!what.is_empty()).then_some(Difference {
                other,
                touches,
                what,
            })
        })
        .collect();
    all.sort_by_key(|difference| !difference.touches);
    all
}

/// Two states of one configuration share most of their sections; that of another host shares few.
fn is_kin(a: &Config, b: &Config) -> bool {
    let shared = a
        .proxies
        .iter()
        .filter(|p| {
            b.proxies
                .iter()
                .any(|q| q.name == p.name && q.kind == p.kind)
        })
        .count();
    shared * 2 >= a.proxies.len().max(b.proxies.len()) && shared > 0
}

/// Sections and settings that are not the same, with the name of their section.
fn what_differs(a: &Config, b: &Config) -> Vec<(String, String)> {
    let (a, b) = (facts(a), facts(b));
    let mut keys: Vec<_> = a.keys().chain(b.keys()).collect();
    keys.sort();
    keys.dedup();
    keys.into_iter()
        .filter(|key| a.get(*key) != b.get(*key))
        .map(|(proxy, what)| (proxy.clone(), format!("{what} of {proxy}")))
        .collect()
}

/// What each section says, by section and subject.
fn facts(config: &Config) -> BTreeMap<(String, String), String> {
    let mut all = BTreeMap::new();
    for proxy in &config.proxies {
        let mut put = |what: &str, value: String| {
            all.insert((proxy.name.clone(), what.to_owned()), value);
        };
        put("the check", check(proxy));
        put(
            "the routes",
            [
                rules(&proxy.use_backend),
                acls(proxy),
                plain(proxy.default_backend.as_ref()),
            ]
            .join(";"),
        );
        put(
            "the rules",
            [
                rules(&proxy.rules),
                rules(&proxy.monitor_fail),
                rules(&proxy.use_server),
            ]
            .join(";"),
        );
        let timeouts: Vec<String> = proxy
            .timeouts_ms
            .iter()
            .map(|(name, setting)| format!("{name} {}", setting.value))
            .collect();
        put(
            "a limit",
            format!(
                "{timeouts:?} {:?} {}",
                proxy.maxconn.as_ref().map(|s| s.value),
                proxy.retries.value
            ),
        );
        put(
            "the state",
            format!(
                "{} {:?}",
                proxy.disabled.is_some(),
                proxy.binds.iter().map(|b| &b.value).collect::<Vec<_>>()
            ),
        );
        for line in &proxy.servers {
            put(&format!("server {}", line.name), server(line));
        }
    }
    all
}

fn check(proxy: &Proxy) -> String {
    let check = &proxy.check;
    format!(
        "{:?} {} {} {} {} {:?} {} {:?}",
        check.kind,
        check.method,
        check.uri,
        check.version,
        plain(check.host.as_ref()),
        check.headers,
        rules(&check.expects),
        check
            .connects
            .iter()
            .map(|c| (c.port, &c.addr, c.ssl, &c.sni))
            .collect::<Vec<_>>(),
    )
}

fn server(line: &Server) -> String {
    let flags = [
        line.check.is_some(),
        line.agent_check.is_some(),
        line.backup.is_some(),
        line.disabled.is_some(),
        line.ssl.is_some(),
        line.check_ssl.is_some(),
        line.send_proxy.is_some(),
    ];
    let numbers = (
        line.inter_ms.value,
        line.rise.value,
        line.fall.value,
        line.weight.value,
        line.maxconn.as_ref().map(|s| s.value),
        line.check_port.as_ref().map(|s| s.value),
    );
    let words = [
        &line.check_addr,
        &line.verify,
        &line.sni,
        &line.check_sni,
        &line.resolvers,
        &line.source,
        &line.ca_file,
        &line.track,
    ];
    let words: Vec<String> = words.iter().map(|word| plain(word.as_ref())).collect();
    format!(
        "{}:{:?} {flags:?} {numbers:?} {words:?}",
        line.address, line.port
    )
}

fn rules(rules: &[Rule]) -> String {
    let lines: Vec<String> = rules
        .iter()
        .map(|rule| format!("{} {}", rule.words.join(" "), rule.condition.join(" ")))
        .collect();
    lines.join("|")
}

fn acls(proxy: &Proxy) -> String {
    let lines: Vec<String> = proxy
        .acls
        .iter()
        .map(|acl| format!("{} {}", acl.name, acl.words.join(" ")))
        .collect();
    lines.join("|")
}

fn plain(setting: Option<&Setting<String>>) -> String {
    setting
        .map(|s| printable(s.value.as_bytes()))
        .unwrap_or_default()
}
