//! A server as its line and `default-server` describe it.

use crate::base::Place;
use crate::config::Setting;

/// One server line after `default-server`.
#[derive(Clone, Debug)]
pub struct Server {
    /// Its name.
    pub name: String,
    /// The line (`server`, or `server-template`).
    pub at: Place,
    /// Address as written, without port, brackets and family prefix: `10.0.10.11`, `app.example.com`, `/run/app.sock`,
    /// `${HOST}` when only the process knows it.
    pub address: String,
    /// Port; `None`: not written (the client's), or a unix socket.
    pub port: Option<u16>,
    /// `check`.
    pub check: Option<Place>,
    /// `agent-check`.
    pub agent_check: Option<Place>,
    /// `inter`, milliseconds; built-in 2000.
    pub inter_ms: Setting<u64>,
    /// `fastinter`; built-in: `inter`.
    pub fastinter_ms: Option<Setting<u64>>,
    /// `downinter`; built-in: `inter`.
    pub downinter_ms: Option<Setting<u64>>,
    /// `rise`; built-in 2.
    pub rise: Setting<u64>,
    /// `fall`; built-in 3.
    pub fall: Setting<u64>,
    /// `maxconn`; `None`: unlimited.
    pub maxconn: Option<Setting<u64>>,
    /// `maxqueue`; `None`: unlimited.
    pub maxqueue: Option<Setting<u64>>,
    /// `weight`; built-in 1.
    pub weight: Setting<u64>,
    /// `backup`.
    pub backup: Option<Place>,
    /// `disabled`.
    pub disabled: Option<Place>,
    /// `track [be/]srv`, as written.
    pub track: Option<Setting<String>>,
    /// `port N` for the check.
    pub check_port: Option<Setting<u16>>,
    /// `addr A` for the check.
    pub check_addr: Option<Setting<String>>,
    /// `ssl`: traffic uses TLS.
    pub ssl: Option<Place>,
    /// `check-ssl`.
    pub check_ssl: Option<Place>,
    /// `verify required|none`, as written.
    pub verify: Option<Setting<String>>,
    /// `sni …` as written.
    pub sni: Option<Setting<String>>,
    /// `check-sni …` as written.
    pub check_sni: Option<Setting<String>>,
    /// `resolvers R`.
    pub resolvers: Option<Setting<String>>,
    /// `init-addr …` as written.
    pub init_addr: Option<Setting<String>>,
    /// `init-state …` as written.
    pub init_state: Option<Setting<String>>,
    /// `slowstart`, milliseconds.
    pub slowstart_ms: Option<Setting<u64>>,
    /// `source …` as written.
    pub source: Option<Setting<String>>,
    /// `observe layer4|layer7`.
    pub observe: Option<Setting<String>>,
    /// `on-error …`.
    pub on_error: Option<Setting<String>>,
    /// `cookie V`.
    pub cookie: Option<Setting<String>>,
    /// Port as an offset from the one that the client asked for (`:+1000`); then `port` is `None`.
    pub port_offset: Option<i64>,
    /// `server-template`: the number that stands behind the prefix in the name.
    pub template: Option<u64>,
    /// `minconn`: the limit grows from here to `maxconn` with the load; `None`: `maxconn` always holds.
    pub minconn: Option<Setting<u64>>,
    /// `agent-inter`, milliseconds; built-in 2000.
    pub agent_inter_ms: Option<Setting<u64>>,
    /// `agent-port`.
    pub agent_port: Option<Setting<u16>>,
    /// `agent-addr`, as written.
    pub agent_addr: Option<Setting<String>>,
    /// `error-limit`; built-in 10.
    pub error_limit: Option<Setting<u64>>,
    /// `on-marked-down …`.
    pub on_marked_down: Option<Setting<String>>,
    /// `send-proxy`, `send-proxy-v2` …: the keyword.
    pub send_proxy: Option<Setting<String>>,
    /// `check-send-proxy`.
    pub check_send_proxy: Option<Place>,
    /// `alpn …` as written.
    pub alpn: Option<Setting<String>>,
    /// `check-alpn …` as written.
    pub check_alpn: Option<Setting<String>>,
    /// `proto …`.
    pub proto: Option<Setting<String>>,
    /// `check-proto …`.
    pub check_proto: Option<Setting<String>>,
    /// `ca-file`, as written.
    pub ca_file: Option<Setting<String>>,
    /// `crt`, as written: the certificate shown to the server.
    pub crt: Option<Setting<String>>,
    /// `verifyhost`, as written.
    pub verifyhost: Option<Setting<String>>,
    /// `redir`: GET and HEAD are answered with a redirect.
    pub redir: Option<Setting<String>>,
    /// `namespace`.
    pub namespace: Option<Setting<String>>,
    /// `id`.
    pub id: Option<Setting<u64>>,
    /// `healthcheck` (3.4): the named rule set that the check runs instead of the proxy's.
    pub healthcheck: Option<Setting<String>>,
    /// `pool-max-conn`, as written; built-in -1, unlimited.
    pub pool_max_conn: Option<Setting<String>>,
}

impl Server {
    /// A server for which nothing is set.
    pub(super) fn built_in() -> Self {
        let built_in = |value| Setting { value, at: None };
        Server {
            name: String::new(),
            at: Place::default(),
            address: String::new(),
            port: None,
            inter_ms: built_in(2000),
            rise: built_in(2),
            fall: built_in(3),
            weight: built_in(1),
            check: None,
            agent_check: None,
            fastinter_ms: None,
            downinter_ms: None,
            maxconn: None,
            maxqueue: None,
            backup: None,
            disabled: None,
            track: None,
            check_port: None,
            check_addr: None,
            ssl: None,
            check_ssl: None,
            verify: None,
            sni: None,
            check_sni: None,
            resolvers: None,
            init_addr: None,
            init_state: None,
            slowstart_ms: None,
            source: None,
            observe: None,
            on_error: None,
            cookie: None,
            port_offset: None,
            template: None,
            minconn: None,
            agent_inter_ms: None,
            agent_port: None,
            agent_addr: None,
            error_limit: None,
            on_marked_down: None,
            send_proxy: None,
            check_send_proxy: None,
            alpn: None,
            check_alpn: None,
            proto: None,
            check_proto: None,
            ca_file: None,
            crt: None,
            verifyhost: None,
            redir: None,
            namespace: None,
            id: None,
            healthcheck: None,
            pool_max_conn: None,
        }
    }
}
