//! haproxy.cfg as HAProxy reads it: sections, proxies, servers, effective settings, each with the line it comes from.
//!
//! Parsing never fails: a line that HAProxy would refuse is kept, with the reason, under [`Config::problems`].

mod branch;
mod check;
mod check_target;
mod directive;
mod draft;
mod environment;
mod files;
mod global;
mod logging;
mod open;
mod option;
mod proxy;
mod read;
mod resolvers;
mod rule;
mod secret;
mod section;
mod server;
mod server_line;
mod word;

use crate::base::Place;
use crate::base::Text;

pub use check::{Check, CheckConnect, CheckKind};
pub use check_target::{CheckTarget, Span};
pub use global::Global;
pub use resolvers::Resolvers;
pub use secret::{names_secret, secrets_hidden};
pub use server::Server;

/// A whole configuration (one or several files, in HAProxy's order).
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// Every frontend, backend and listen section, in file order.
    pub proxies: Vec<Proxy>,
    /// Settings of `global` that bear on availability.
    pub global: Global,
    /// Names of `resolvers` sections.
    pub resolvers: Vec<String>,
    /// Lines that HAProxy would refuse or that were not understood lexically.
    pub problems: Vec<Problem>,
    /// Directives read.
    pub n_directives: u64,
    /// Settings of the `resolvers` sections, in the order of `resolvers`.
    pub resolver_sections: Vec<Resolvers>,
    /// `healthcheck` sections (3.4): name and what they check.
    pub healthchecks: Vec<(String, Check)>,
    /// Environment variables whose value is not in the configuration: what their lines set is only assumed (the
    /// default in `${NAME-default}`) or stays at what held before.
    pub unresolved: Vec<Unresolved>,
    /// `.if`/`.elif` lines whose condition depends on the process: their first possible branch was taken.
    pub undecided: Vec<Place>,
    /// First directive outside any section that belongs into one: the text is a piece of a configuration, and the
    /// problems with words outside any section are the capture's. What belongs into a proxy is kept in a proxy without
    /// a name, whose kind is a guess.
    pub fragment: Option<Place>,
    /// Every `log-format` of a `defaults` section: proxies of other files may inherit it.
    pub defaults_log_formats: Vec<Setting<String>>,
    /// `log-profile` sections (3.1 and later).
    pub log_profiles: Vec<LogProfile>,
    /// The last line when it has no line feed. HAProxy refuses such a file since 2.3, but captures lose it easily.
    pub no_final_newline: Option<Place>,
}

/// An environment variable that only the process knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unresolved {
    /// The line.
    pub at: Place,
    /// Its name.
    pub name: String,
}

/// A value and where it was set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting<T> {
    /// The effective value.
    pub value: T,
    /// The line that set it, in this proxy, its `defaults` or `default-server`; `None`: HAProxy's built-in default.
    pub at: Option<Place>,
}

/// A line with a complaint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where.
    pub at: Place,
    /// What is wrong, in one sentence.
    pub why: String,
}

/// Which capabilities a proxy section has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ProxyKind {
    /// `frontend`.
    Frontend,
    /// `backend`.
    Backend,
    /// `listen`: both at once.
    Listen,
}

/// `mode`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mode {
    /// `mode http`.
    Http,
    /// `mode tcp`, the built-in default.
    Tcp,
    /// `mode log`, `mode health`, `mode spop` …
    Other,
}

/// One frontend, backend or listen section with what holds for it after `defaults`.
#[derive(Clone, Debug)]
pub struct Proxy {
    /// Its name.
    pub name: String,
    /// Its kind.
    pub kind: ProxyKind,
    /// The section line.
    pub at: Place,
    /// `mode`.
    pub mode: Setting<Mode>,
    /// `disabled` in the section.
    pub disabled: Option<Place>,
    /// `balance` with its arguments, as written; built-in `roundrobin` (`random` since 3.3: look at `at`).
    pub balance: Setting<String>,
    /// Servers in file order; `server-template` expanded.
    pub servers: Vec<Server>,
    /// `dispatch`, `option transparent`/`option http_proxy`: a target without a server line.
    pub dispatch: Option<Place>,
    /// `default_backend`.
    pub default_backend: Option<Setting<String>>,
    /// `use_backend` rules in order.
    pub use_backend: Vec<Rule>,
    /// `acl` lines in order.
    pub acls: Vec<Acl>,
    /// `http-request`, `http-response`, `tcp-request content`, `redirect`, `block`, `reqdeny` … rules in order.
    pub rules: Vec<Rule>,
    /// `timeout connect|queue|server|client|check|tunnel|tarpit`, milliseconds; the map's key is the second word.
    pub timeouts_ms: Vec<(String, Setting<u64>)>,
    /// `retries`; built-in 3.
    pub retries: Setting<u64>,
    /// `option redispatch`; built-in off.
    pub redispatch: Setting<bool>,
    /// The health check that servers with `check` run.
    pub check: Check,
    /// `option log-health-checks`.
    pub log_health_checks: bool,
    /// `cookie …` insert/prefix/rewrite persistence, `stick on`/`stick match`, `force-persist`, `option persist`: the lines.
    pub persistence: Vec<Place>,
    /// `load-server-state-from-file global|local`.
    pub loads_server_state: Option<Place>,
    /// `errorfile 503`, `http-error status 503`, `errorfiles`: a page of its own.
    pub error_503: Option<Place>,
    /// `monitor-uri` and `monitor fail` lines.
    pub monitor: Vec<Place>,
    /// `stats enable|uri|admin …`.
    pub stats: Option<Place>,
    /// How this proxy logs.
    pub log: LogFormat,
    /// The line that chose it; `None`: nothing chosen.
    pub log_at: Option<Place>,
    /// `log-format-sd`: the structured data before the message (RFC 5424).
    pub log_format_sd: Option<Setting<String>>,
    /// `log-tag`; built-in: that of `global`, else the program's name.
    pub log_tag: Option<Setting<String>>,
    /// `log-steps` (3.1 and later), as written; built-in: one line at the end of the stream.
    pub log_steps: Option<Setting<String>>,
    /// `bind` lines.
    pub binds: Vec<Setting<String>>,
    /// `option dontlog-normal`.
    pub dontlog_normal: Option<Place>,
    /// The `defaults` section that was used: its line; `None`: none.
    pub defaults: Option<Place>,
    /// `maxconn` of a frontend; `None`: the process limit.
    pub maxconn: Option<Setting<u64>>,
    /// `fullconn`.
    pub fullconn: Option<Setting<u64>>,
    /// Interval of `option redispatch N`; built-in -1, the last retry.
    pub redispatch_interval: i64,
    /// `retry-on …` as written; built-in `conn-failure`.
    pub retry_on: Option<Setting<String>>,
    /// `http-reuse`.
    pub http_reuse: Option<Setting<String>>,
    /// `hash-type …` as written.
    pub hash_type: Option<Setting<String>>,
    /// `source …` of a backend as written.
    pub source: Option<Setting<String>>,
    /// `option allbackups`.
    pub allbackups: Option<Place>,
    /// `option abortonclose`, or `no option abortonclose`. Built-in: off up to 3.2, on for HTTP since 3.3.
    pub abortonclose: Option<Setting<bool>>,
    /// `http-check disable-on-404`.
    pub http_check_disable_on_404: Option<Place>,
    /// `use-server` rules in order.
    pub use_server: Vec<Rule>,
    /// `force-persist` and `ignore-persist` rules.
    pub persist_rules: Vec<Rule>,
    /// `stick …` rules in order.
    pub stick_rules: Vec<Rule>,
    /// `monitor fail` conditions: any that holds makes the monitor answer 503.
    pub monitor_fail: Vec<Rule>,
    /// `monitor-uri`.
    pub monitor_uri: Option<Setting<String>>,
    /// `stats uri`; built-in `/haproxy?stats`.
    pub stats_uri: Option<Setting<String>>,
    /// `capture request|response header …`, `capture cookie …`, `declare capture …` in order.
    pub captures: Vec<Rule>,
    /// `error-log-format`.
    pub error_log_format: Option<Setting<String>>,
    /// `log` lines, as written; empty: this proxy logs nothing.
    pub logs: Vec<Setting<String>>,
    /// `option dontlognull`.
    pub dontlognull: Option<Place>,
    /// Directives with no field here: the keyword alone (two words for `option`) and its line.
    pub others: Vec<Setting<String>>,
}

/// What `option httplog` and its kin choose.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum LogFormat {
    /// Nothing chosen: `Connect from …`.
    #[default]
    Connect,
    /// `option tcplog`.
    Tcp,
    /// `option httplog`.
    Http,
    /// `option httpslog`.
    Https,
    /// `option httplog clf`, `option tcplog clf`.
    Clf,
    /// `log-format "…"`, after unquoting.
    Custom(String, Place),
}

/// A `log-profile` section: formats that a `log` line names instead of the proxy's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogProfile {
    /// Its name.
    pub name: String,
    /// The section line.
    pub at: Place,
    /// `log-tag` in it.
    pub tag: Option<Setting<String>>,
    /// `on <step> … format <format>` of the steps that end a stream: `close`, `error`, `any`.
    pub formats: Vec<Setting<String>>,
}

/// A rule with a condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// The line.
    pub at: Place,
    /// Words before `if`/`unless`: `["use_backend", "be_app"]`, `["http-request", "deny", "deny_status", "503"]`.
    pub words: Vec<String>,
    /// Words from `if`/`unless` on; empty: always.
    pub condition: Vec<String>,
}

/// `acl <name> <criterion> [flags] [values]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acl {
    /// The line.
    pub at: Place,
    /// Its name.
    pub name: String,
    /// The words after the name.
    pub words: Vec<String>,
}

impl Config {
    /// The proxy with backend capability of that name.
    pub fn backend(&self, name: &str) -> Option<&Proxy> {
        self.proxies
            .iter()
            .find(|p| p.kind != ProxyKind::Frontend && p.name == name)
    }

    /// The proxy with frontend capability of that name.
    pub fn frontend(&self, name: &str) -> Option<&Proxy> {
        self.proxies
            .iter()
            .find(|p| p.kind != ProxyKind::Backend && p.name == name)
    }
}

impl Config {
    /// The check that a server runs: the one that it names, else its proxy's.
    pub fn check_of<'c>(&'c self, proxy: &'c Proxy, server: &Server) -> &'c Check {
        let wanted = server.healthcheck.as_ref().map(|name| &name.value);
        let mut named = self.healthchecks.iter();
        let found = named.find(|(name, _)| Some(name) == wanted);
        found.map_or(&proxy.check, |(_, check)| check)
    }
}

impl Rule {
    /// The words of the condition behind `if` or `unless`, cut at `or` and `||`; inside braces these are patterns.
    pub fn alternatives(&self) -> Vec<&[String]> {
        let words = self.condition.get(1..).unwrap_or_default();
        let mut inside = false;
        let is_or = |word: &String| {
            match word.trim_start_matches('!') {
                "{" => inside = true,
                "}" => inside = false,
                _ => {}
            }
            !inside && (word == "or" || word == "||")
        };
        words.split(is_or).collect()
    }
}

impl Proxy {
    /// Every rule with a condition that asks the proxy's ACLs.
    pub fn every_rule(&self) -> impl Iterator<Item = &Rule> {
        let lists: [&[Rule]; 6] = [
            &self.use_backend,
            &self.rules,
            &self.use_server,
            &self.persist_rules,
            &self.stick_rules,
            &self.monitor_fail,
        ];
        lists.into_iter().flatten()
    }

    /// The server of that name.
    pub fn server(&self, name: &str) -> Option<&Server> {
        self.servers.iter().find(|s| s.name == name)
    }

    /// `timeout <name>`, if it is set anywhere.
    pub fn timeout_ms(&self, name: &str) -> Option<&Setting<u64>> {
        self.timeouts_ms
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, s)| s)
    }
}

/// Parses one configuration file. Never fails; see [`Config::problems`].
pub fn parse(text: Text<'_>) -> Config {
    parse_all(&[text])
}

/// Parses several files in HAProxy's order (`-f` arguments; a folder by name) as one configuration.
///
/// A place tells the file only when each text's `first` lies behind the end of the one before it (`Text::at`).
pub fn parse_all(texts: &[Text<'_>]) -> Config {
    read::read(texts)
}
