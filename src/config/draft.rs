//! A section while it is read: the proxy, what its servers start from, and what it takes from `defaults`.

use crate::base::Place;
use crate::config::Check;
use crate::config::LogFormat;
use crate::config::Mode;
use crate::config::Proxy;
use crate::config::ProxyKind;
use crate::config::Server;
use crate::config::Setting;
use crate::config::check::Own;

/// A proxy or `defaults` section being read.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    /// The proxy as it stands; a `defaults` section is one that nobody sees.
    pub(super) proxy: Proxy,
    /// What `default-server` gives to each server.
    pub(super) template: Server,
    /// Which parts of the check are the section's own.
    pub(super) own_check: Own,
    /// The `cookie` line among `persistence`.
    pub(super) cookie: Option<Place>,
    /// The `option persist` line among `persistence`.
    pub(super) persist: Option<Place>,
    /// Memory that a copy of this draft takes, as `Reader::pay` counts it.
    pub(super) cost: u64,
    /// The same for a copy of the template.
    pub(super) template_cost: u64,
}

impl Draft {
    /// A section for which nothing is set.
    pub(super) fn new(name: String, kind: ProxyKind, at: Place) -> Self {
        Draft {
            proxy: built_in(name, kind, at),
            template: Server::built_in(),
            own_check: Own::default(),
            cookie: None,
            persist: None,
            cost: 0,
            template_cost: 0,
        }
    }

    /// A new section that starts from `self`, a `defaults` section.
    ///
    /// Source: configuration manual 3.2, "Proxies" (what `defaults` may hold); rules come from named sections only.
    pub(super) fn heir(&self, name: String, kind: ProxyKind, at: Place) -> Self {
        let mut heir = self.clone();
        let proxy = &mut heir.proxy;
        proxy.defaults = Some(proxy.at);
        if proxy.name.is_empty() {
            proxy.acls.clear();
            proxy.rules.clear();
        }
        (proxy.name, proxy.kind, proxy.at) = (name, kind, at);
        proxy.binds.clear();
        proxy.servers.clear();
        proxy.use_backend.clear();
        proxy.use_server.clear();
        proxy.persist_rules.clear();
        proxy.stick_rules.clear();
        proxy.captures.clear();
        proxy.others.clear();
        proxy.monitor_fail.clear();
        proxy.check.inherited = proxy.check.at.is_some();
        match kind {
            ProxyKind::Backend => proxy.default_backend = None,
            ProxyKind::Frontend => {
                proxy.dispatch = None;
                proxy.persistence.clear();
            }
            ProxyKind::Listen => {}
        }
        heir.own_check = Own::default();
        heir
    }
}

fn built_in(name: String, kind: ProxyKind, at: Place) -> Proxy {
    fn setting<T>(value: T) -> Setting<T> {
        Setting { value, at: None }
    }
    Proxy {
        name,
        kind,
        at,
        mode: setting(Mode::Tcp),
        disabled: None,
        balance: setting("roundrobin".to_owned()),
        servers: Vec::new(),
        dispatch: None,
        default_backend: None,
        use_backend: Vec::new(),
        acls: Vec::new(),
        rules: Vec::new(),
        timeouts_ms: Vec::new(),
        retries: setting(3),
        redispatch: setting(false),
        check: Check::default(),
        log_health_checks: false,
        persistence: Vec::new(),
        loads_server_state: None,
        error_503: None,
        monitor: Vec::new(),
        stats: None,
        log: LogFormat::default(),
        log_at: None,
        log_format_sd: None,
        log_tag: None,
        log_steps: None,
        binds: Vec::new(),
        dontlog_normal: None,
        defaults: None,
        maxconn: None,
        fullconn: None,
        redispatch_interval: -1,
        retry_on: None,
        http_reuse: None,
        hash_type: None,
        source: None,
        allbackups: None,
        abortonclose: None,
        http_check_disable_on_404: None,
        use_server: Vec::new(),
        persist_rules: Vec::new(),
        stick_rules: Vec::new(),
        monitor_fail: Vec::new(),
        monitor_uri: None,
        stats_uri: None,
        captures: Vec::new(),
        error_log_format: None,
        logs: Vec::new(),
        dontlognull: None,
        others: Vec::new(),
    }
}
