//! The `global` section: limits of the process, and what starts servers in another state.

use crate::base::Place;
use crate::config::Setting;
use crate::config::directive::Directive;

/// Settings of the `global` section that bear on availability.
#[derive(Clone, Debug, Default)]
pub struct Global {
    /// `maxconn`.
    pub maxconn: Option<Setting<u64>>,
    /// `server-state-file` or `server-state-base`, as written.
    pub server_state_file: Option<Setting<String>>,
    /// `hard-stop-after`, milliseconds.
    pub hard_stop_after_ms: Option<Setting<u64>>,

    /// `nbthread`.
    pub nbthread: Option<Setting<u64>>,
    /// `nbproc` (up to 2.4).
    pub nbproc: Option<Setting<u64>>,
    /// `ulimit-n`: file descriptors of the process.
    pub ulimit_n: Option<Setting<u64>>,
    /// `fd-hard-limit`.
    pub fd_hard_limit: Option<Setting<u64>>,
    /// `spread-checks`, percent of the check interval.
    pub spread_checks_percent: Option<Setting<u64>>,
    /// `max-spread-checks`, milliseconds.
    pub max_spread_checks_ms: Option<Setting<u64>>,
    /// `tune.http.logurilen`, bytes of the request line that a log line keeps; built-in 1024.
    pub log_uri_bytes: Option<Setting<u64>>,
    /// `external-check`: without it no external check runs.
    pub external_check: Option<Place>,
    /// `chroot`, as written: paths of programs and sockets are below it.
    pub chroot: Option<Setting<String>>,
    /// `ssl-server-verify`, as written; built-in `required`.
    pub ssl_server_verify: Option<Setting<String>>,
    /// First `stats socket` line.
    pub stats_socket: Option<Place>,
}

/// Applies one directive of the section.
pub(super) fn apply(global: &mut Global, d: &Directive) {
    match d.word(0) {
        b"maxconn" => number(&mut global.maxconn, d),
        b"nbthread" => number(&mut global.nbthread, d),
        b"nbproc" => number(&mut global.nbproc, d),
        b"ulimit-n" => number(&mut global.ulimit_n, d),
        b"fd-hard-limit" => number(&mut global.fd_hard_limit, d),
        b"spread-checks" => number(&mut global.spread_checks_percent, d),
        b"tune.http.logurilen" => number(&mut global.log_uri_bytes, d),
        b"max-spread-checks" => time(&mut global.max_spread_checks_ms, d),
        b"hard-stop-after" => time(&mut global.hard_stop_after_ms, d),
        b"server-state-file" | b"server-state-base" => {
            global.server_state_file = d.text_setting(1);
        }
        b"chroot" => global.chroot = d.text_setting(1),
        b"ssl-server-verify" => global.ssl_server_verify = d.text_setting(1),
        b"external-check" => global.external_check = Some(d.at),
        b"stats" if d.word(1) == b"socket" => {
            global.stats_socket.get_or_insert(d.at);
        }
        _ => {}
    }
}

fn number(field: &mut Option<Setting<u64>>, d: &Directive) {
    if let Some(value) = d.number(1) {
        *field = Some(d.setting(value));
    }
}

fn time(field: &mut Option<Setting<u64>>, d: &Directive) {
    if let Some(value) = d.time_ms(1) {
        *field = Some(d.setting(value));
    }
}
