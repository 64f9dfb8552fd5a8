//! Which backends the rules of frontends can name.

use crate::base::Place;
use crate::config::Config;
use crate::config::Proxy;
use crate::config::ProxyKind;
use crate::config::Rule;

/// A rule, or `default_backend`, that names a backend.
pub(super) struct Named<'a> {
    /// The frontend.
    pub(super) proxy: &'a Proxy,
    /// The line.
    pub(super) at: Place,
    /// The name as written, maybe with `%[…]`.
    pub(super) name: &'a str,
    /// The rule; `None`: `default_backend`.
    pub(super) rule: Option<&'a Rule>,
}

/// Everything that names a backend, in file order.
pub(super) fn named(config: &Config) -> Vec<Named<'_>> {
    let mut all = Vec::new();
    for proxy in config
        .proxies
        .iter()
        .filter(|p| p.kind != ProxyKind::Backend)
    {
        for rule in &proxy.use_backend {
            if let Some(name) = rule.words.get(1) {
                all.push(Named {
                    proxy,
                    at: rule.at,
                    name,
                    rule: Some(rule),
                });
            }
        }
        if let Some(default) = &proxy.default_backend
            && let Some(at) = default.at
        {
            all.push(Named {
                proxy,
                at,
                name: &default.value,
                rule: None,
            });
        }
    }
    all
}

impl Named<'_> {
    /// Whether the name depends on the request or on the environment.
    pub(super) fn is_open(&self) -> bool {
        self.name.contains('%') || self.name.contains("${")
    }

    /// Whether it may be that backend.
    pub(super) fn may_be(&self, backend: &str) -> bool {
        if !self.is_open() {
            return self.name == backend;
        }
        let before = self.name.split(['%', '$']).next().unwrap_or_default();
        let after = self.name.rsplit([']', '}']).next().unwrap_or_default();
        backend.starts_with(before) && backend.ends_with(after)
    }
}

/// Whether any rule or ACL mentions that backend as an argument: `nbsrv(be_app)`, `track be_app/app1`, `table be_app`.
pub(super) fn is_mentioned(config: &Config, backend: &str) -> bool {
    let has = |word: &String| {
        word == backend
            || word.contains(&format!("({backend})"))
            || word.contains(&format!("({backend}/"))
            || word.contains(&format!(",{backend})"))
            || word.starts_with(&format!("{backend}/"))
    };
    config.proxies.iter().any(|proxy| {
        let lists: [&[Rule]; 6] = [
            &proxy.rules,
            &proxy.use_server,
            &proxy.stick_rules,
            &proxy.persist_rules,
            &proxy.monitor_fail,
            &proxy.use_backend,
        ];
        let mut rules = lists.into_iter().flatten();
        rules.any(|rule| rule.words.iter().skip(2).chain(&rule.condition).any(has))
            || proxy.acls.iter().any(|acl| acl.words.iter().any(has))
            || proxy
                .servers
                .iter()
                .any(|server| server.track.as_ref().is_some_and(|track| has(&track.value)))
    })
}
