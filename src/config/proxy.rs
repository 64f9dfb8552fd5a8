//! Directives of `frontend`, `backend`, `listen` and `defaults` sections.

use crate::config::Mode;
use crate::config::Proxy;
use crate::config::Setting;
use crate::config::check;
use crate::config::directive::Directive;
use crate::config::draft::Draft;
use crate::config::logging;
use crate::config::option;
use crate::config::rule;
use crate::config::server_line;

/// Applies one directive to a section; one that has no field is kept by its keyword alone.
pub(super) fn apply(draft: &mut Draft, d: &Directive) {
    let is_known = match d.word(0) {
        b"option" => option::apply(draft, d),
        b"default-server" => {
            server_line::apply(&mut draft.template, d.from(1), d.at);
            true
        }
        b"cookie" => {
            let old = draft.cookie.replace(d.at);
            draft.proxy.persistence.retain(|at| Some(*at) != old);
            draft.proxy.persistence.push(d.at);
            true
        }
        b"http-check" | b"tcp-check" => {
            check_rule(draft, d);
            true
        }
        _ => {
            scalar(&mut draft.proxy, d)
                || timer(&mut draft.proxy, d)
                || answer(&mut draft.proxy, d)
                || logging::apply(&mut draft.proxy, d)
                || rule::apply(&mut draft.proxy, d)
        }
    };
    if !is_known {
        let n_words = if d.word(0) == b"option" { 2 } else { 1 };
        let keyword = (0..n_words)
            .map(|index| d.text(index))
            .collect::<Vec<_>>()
            .join(" ");
        draft.proxy.others.push(d.setting(keyword));
    }
}

fn check_rule(draft: &mut Draft, d: &Directive) {
    match (d.word(0), d.word(1)) {
        (b"http-check", b"disable-on-404") => {
            draft.proxy.http_check_disable_on_404 = Some(d.at);
        }
        (b"http-check", b"send-state") => draft.proxy.others.push(d.setting("send-state".into())),
        _ => check::apply_rule(&mut draft.proxy.check, &mut draft.own_check, d),
    }
}

/// Directives with one value; false when the directive is another.
fn scalar(proxy: &mut Proxy, d: &Directive) -> bool {
    match d.word(0) {
        b"mode" => proxy.mode = d.setting(mode(d.word(1))),
        b"disabled" => proxy.disabled = Some(d.at),
        b"enabled" => proxy.disabled = None,
        b"balance" => proxy.balance = d.joined(1),
        b"hash-type" => proxy.hash_type = Some(d.joined(1)),
        b"dispatch" => proxy.dispatch = Some(d.at),
        b"transparent" => proxy.dispatch = Some(d.at),
        b"default_backend" => proxy.default_backend = d.text_setting(1),
        b"bind" => proxy.binds.push(d.joined(1)),
        b"maxconn" => proxy.maxconn = d.number(1).map(|n| d.setting(n)),
        b"fullconn" => proxy.fullconn = d.number(1).map(|n| d.setting(n)),
        b"retries" => {
            let value = d.number(1).unwrap_or(proxy.retries.value);
            proxy.retries = d.setting(value);
        }
        b"redispatch" => proxy.redispatch = d.setting(!d.negated),
        b"retry-on" => proxy.retry_on = Some(d.joined(1)),
        b"http-reuse" => proxy.http_reuse = d.text_setting(1),
        b"source" => proxy.source = Some(d.joined(1)),
        b"appsession" | b"persist" => proxy.persistence.push(d.at),
        b"load-server-state-from-file" => {
            proxy.loads_server_state = (d.word(1) != b"none").then_some(d.at);
        }
        b"external-check" if d.word(1) == b"command" => {
            proxy.check.external_command = d.text_setting(2);
        }
        _ => return false,
    }
    true
}

fn mode(word: &[u8]) -> Mode {
    match word {
        b"http" => Mode::Http,
        b"tcp" => Mode::Tcp,
        _ => Mode::Other,
    }
}

/// `timeout X T`, and `contimeout`, `clitimeout`, `srvtimeout` of 1.x.
fn timer(proxy: &mut Proxy, d: &Directive) -> bool {
    let (name, value) = match d.word(0) {
        b"timeout" => (d.text(1), d.time_ms(2)),
        b"contimeout" => ("connect".to_owned(), d.time_ms(1)),
        b"clitimeout" => ("client".to_owned(), d.time_ms(1)),
        b"srvtimeout" => ("server".to_owned(), d.time_ms(1)),
        _ => return false,
    };
    let Some(value) = value else {
        return true;
    };
    // Zero is infinite, as if it were not set.
    let timer: Setting<u64> = d.setting(value);
    proxy.timeouts_ms.retain(|(n, _)| *n != name);
    if value > 0 {
        proxy.timeouts_ms.push((name, timer));
    }
    true
}

/// What HAProxy itself may answer: error pages, monitor, statistics.
fn answer(proxy: &mut Proxy, d: &Directive) -> bool {
    match (d.word(0), d.word(1)) {
        (b"errorfile" | b"errorloc" | b"errorloc302" | b"errorloc303", code) => {
            if code == b"503" {
                proxy.error_503 = Some(d.at);
            }
        }
        (b"errorfiles", _) => {
            let codes = d.from(2);
            if codes.is_empty() || codes.iter().any(|w| w.bytes == b"503") {
                proxy.error_503 = Some(d.at);
            }
        }
        (b"http-error", b"status") => {
            if d.word(2) == b"503" {
                proxy.error_503 = Some(d.at);
            }
        }
        (b"monitor-uri", _) => {
            proxy.monitor.push(d.at);
            proxy.monitor_uri = d.text_setting(1);
        }
        (b"stats", b"http-request") => return false,
        (b"stats", second) => {
            if second == b"uri" {
                proxy.stats_uri = d.text_setting(2);
            }
            proxy.stats.get_or_insert(d.at);
        }
        _ => return false,
    }
    true
}
