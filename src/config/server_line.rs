//! `server`, `default-server` and `server-template` lines.

use crate::base::Place;
use crate::base::decimal;
use crate::base::printable;
use crate::base::signed;
use crate::config::Server;
use crate::config::Setting;
use crate::config::directive::Directive;
use crate::config::directive::number;
use crate::config::directive::setting;
use crate::config::directive::text;
use crate::config::directive::time_ms;
use crate::config::word::Word;

/// Prefixes that name an address family or transport before the address (configuration manual 3.2, "Address formats").
const FAMILIES: [&[u8]; 9] = [
    b"ipv4@", b"ipv6@", b"unix@", b"tcp@", b"tcp4@", b"tcp6@", b"quic@", b"quic4@", b"quic6@",
];

/// Parameters with one value that say nothing about availability; known so that their value is not read as a parameter.
const OTHER_VALUED: [&[u8]; 32] = [
    b"agent-send",
    b"cc",
    b"check-pool-conn-name",
    b"ciphers",
    b"ciphersuites",
    b"client-sigalgs",
    b"crl-file",
    b"curves",
    b"guid",
    b"hash-key",
    b"idle-ping",
    b"interface",
    b"log-bufsize",
    b"log-proto",
    b"max-reuse",
    b"npn",
    b"on-marked-up",
    b"pool-conn-name",
    b"pool-low-conn",
    b"pool-purge-delay",
    b"proxy-v2-options",
    b"resolve-net",
    b"resolve-opts",
    b"resolve-prefer",
    b"shard",
    b"sigalgs",
    b"socks4",
    b"ssl-max-ver",
    b"ssl-min-ver",
    b"tcp-ut",
    b"usesrc",
    b"ws",
];

/// Applies parameters to a server or to what servers start from.
pub(super) fn apply(server: &mut Server, words: &[Word], at: Place) {
    let mut rest = words;
    while let [word, tail @ ..] = rest {
        rest = tail;
        let keyword = word.value();
        if set_flag(server, keyword, at) {
            continue;
        }
        let Some(value) = tail.first() else {
            return;
        };
        let is_valued = set_number(server, keyword, value, at)
            || set_text(server, keyword, value, at)
            || OTHER_VALUED.contains(&keyword)
            || keyword.starts_with(b"set-proxy-v2-tlv-fmt(");
        if is_valued {
            rest = tail.get(1..).unwrap_or_default();
        }
    }
}

/// The servers of a `server` or `server-template` line, and why HAProxy refuses a range.
pub(super) fn servers(template: &Server, d: &Directive, n_max: u64) -> Result<Vec<Server>, String> {
    let (address_index, range) = match d.word(0) {
        b"server-template" => (3, Some(range(d.word(2))?)),
        _ => (2, None),
    };
    let mut server = template.clone();
    server.at = d.at;
    server.name = d.text(1);
    set_address(&mut server, d.words.get(address_index));
    apply(&mut server, d.from(address_index + 1), d.at);
    let Some((low, high)) = range else {
        return Ok(vec![server]);
    };
    let wanted = high - low + 1;
    let last = low + wanted.min(n_max);
    Ok((low..last)
        .map(|n| Server {
            name: format!("{}{n}", server.name),
            template: Some(n),
            ..server.clone()
        })
        .collect())
}

/// How many servers a line asks for.
pub(super) fn n_servers(d: &Directive) -> u64 {
    match d.word(0) {
        b"server-template" => range(d.word(2)).map_or(0, |(low, high)| high - low + 1),
        _ => 1,
    }
}

/// `5` is 1 to 5, `3-7` is itself.
fn range(word: &[u8]) -> Result<(u64, u64), String> {
    let limit = |n: &u64| *n <= u64::from(u32::MAX);
    let bounds = match memchr::memchr(b'-', word).and_then(|at| word.split_at_checked(at)) {
        Some((low, high)) => decimal(low).zip(high.strip_prefix(b"-").and_then(decimal)),
        None => decimal(word).map(|n| (1, n)),
    };
    bounds
        .filter(|(low, high)| low <= high && limit(high))
        .ok_or_else(|| "`server-template` needs a number or a range".to_owned())
}

fn set_address(server: &mut Server, word: Option<&Word>) {
    let Some(word) = word else {
        return;
    };
    server.port = None;
    server.port_offset = None;
    let bytes = word.bytes.as_slice();
    let bare = FAMILIES
        .iter()
        .find_map(|family| bytes.strip_prefix(*family))
        .unwrap_or(bytes);
    let is_path = bare.starts_with(b"/") || bytes.starts_with(b"abns") || bytes.starts_with(b"fd@");
    let (host, port) = if is_path {
        (bare, None)
    } else {
        host_and_port(bare)
    };
    let host = host
        .strip_prefix(b"[")
        .and_then(|h| h.strip_suffix(b"]"))
        .unwrap_or(host);
    server.address = printable(host);
    // The default of a variable in the port is the best guess there is; the line is listed as unresolved.
    let port = match (port, &word.assumed) {
        (Some(port), Some(assumed)) if port.contains(&b'$') => host_and_port(assumed).1,
        (port, _) => port,
    };
    match port {
        Some(offset @ [b'-', ..]) => server.port_offset = signed(offset),
        Some([b'+', digits @ ..]) => server.port_offset = signed(digits),
        Some(digits) => server.port = decimal(digits).and_then(|n| u16::try_from(n).ok()),
        None => {}
    }
}

/// The last colon behind any bracket and outside `${…}` starts the port, as in HAProxy's `str2sa_range`.
fn host_and_port(text: &[u8]) -> (&[u8], Option<&[u8]>) {
    let mut depth = 0_u32;
    for (index, c) in text.iter().enumerate().rev() {
        match c {
            b'}' => depth += 1,
            b'{' => depth = depth.saturating_sub(1),
            b']' if depth == 0 => break,
            b':' if depth == 0 => {
                let (host, port) = text.split_at_checked(index).unwrap_or((text, &[]));
                return (host, port.strip_prefix(b":").filter(|p| !p.is_empty()));
            }
            _ => {}
        }
    }
    (text, None)
}

fn set_flag(server: &mut Server, keyword: &[u8], at: Place) -> bool {
    let (field, on) = match keyword {
        b"check" => (&mut server.check, true),
        b"no-check" => (&mut server.check, false),
        b"agent-check" => (&mut server.agent_check, true),
        b"no-agent-check" => (&mut server.agent_check, false),
        b"backup" => (&mut server.backup, true),
        b"no-backup" => (&mut server.backup, false),
        b"disabled" => (&mut server.disabled, true),
        b"enabled" | b"no-disabled" => (&mut server.disabled, false),
        b"ssl" => (&mut server.ssl, true),
        b"no-ssl" => (&mut server.ssl, false),
        b"check-ssl" => (&mut server.check_ssl, true),
        b"no-check-ssl" => (&mut server.check_ssl, false),
        b"check-send-proxy" => (&mut server.check_send_proxy, true),
        b"no-check-send-proxy" => (&mut server.check_send_proxy, false),
        b"no-verifyhost" => return clear(&mut server.verifyhost),
        b"no-send-proxy"
        | b"no-send-proxy-v2"
        | b"no-send-proxy-v2-ssl"
        | b"no-send-proxy-v2-ssl-cn" => return clear(&mut server.send_proxy),
        b"send-proxy" | b"send-proxy-v2" | b"send-proxy-v2-ssl" | b"send-proxy-v2-ssl-cn" => {
            server.send_proxy = Some(setting(printable(keyword), at));
            return true;
        }
        _ => return false,
    };
    *field = on.then_some(at);
    true
}

fn clear(field: &mut Option<Setting<String>>) -> bool {
    *field = None;
    true
}

fn set_number(server: &mut Server, keyword: &[u8], value: &Word, at: Place) -> bool {
    let count = number(value);
    let time = time_ms(value);
    let port = count.and_then(|n| u16::try_from(n).ok());
    match keyword {
        b"inter" => keep(&mut server.inter_ms, time, at),
        b"rise" => keep(&mut server.rise, count, at),
        b"fall" => keep(&mut server.fall, count, at),
        b"weight" => keep(&mut server.weight, count, at),
        b"fastinter" => put(&mut server.fastinter_ms, time, at),
        b"downinter" => put(&mut server.downinter_ms, time, at),
        b"slowstart" => put(&mut server.slowstart_ms, time, at),
        b"agent-inter" => put(&mut server.agent_inter_ms, time, at),
        b"maxconn" => put(&mut server.maxconn, count.filter(|n| *n > 0), at),
        b"minconn" => put(&mut server.minconn, count.filter(|n| *n > 0), at),
        b"maxqueue" => put(&mut server.maxqueue, count.filter(|n| *n > 0), at),
        b"error-limit" => put(&mut server.error_limit, count, at),
        b"id" => put(&mut server.id, count, at),
        b"port" => put(&mut server.check_port, port, at),
        b"agent-port" => put(&mut server.agent_port, port, at),
        _ => return false,
    }
    true
}

/// A field with a built-in value: an unknown value leaves it, but names the line.
fn keep(field: &mut Setting<u64>, value: Option<u64>, at: Place) {
    field.value = value.unwrap_or(field.value);
    field.at = Some(at);
}

fn put<T>(field: &mut Option<Setting<T>>, value: Option<T>, at: Place) {
    *field = value.map(|value| setting(value, at));
}

fn set_text(server: &mut Server, keyword: &[u8], value: &Word, at: Place) -> bool {
    let field = match keyword {
        b"track" => &mut server.track,
        b"addr" => &mut server.check_addr,
        b"verify" => &mut server.verify,
        b"sni" => &mut server.sni,
        b"check-sni" => &mut server.check_sni,
        b"resolvers" => &mut server.resolvers,
        b"init-addr" => &mut server.init_addr,
        b"init-state" => &mut server.init_state,
        b"source" => &mut server.source,
        b"observe" => &mut server.observe,
        b"on-error" => &mut server.on_error,
        b"cookie" => &mut server.cookie,
        b"agent-addr" => &mut server.agent_addr,
        b"on-marked-down" => &mut server.on_marked_down,
        b"alpn" => &mut server.alpn,
        b"check-alpn" => &mut server.check_alpn,
        b"proto" => &mut server.proto,
        b"check-proto" => &mut server.check_proto,
        b"ca-file" => &mut server.ca_file,
        b"crt" => &mut server.crt,
        b"verifyhost" => &mut server.verifyhost,
        b"redir" => &mut server.redir,
        b"namespace" => &mut server.namespace,
        b"healthcheck" => &mut server.healthcheck,
        b"pool-max-conn" => &mut server.pool_max_conn,
        _ => return false,
    };
    *field = Some(setting(text(value), at));
    true
}

#[cfg(test)]
mod tests {
    use crate::base::Text;
    use crate::config::Config;
    use crate::config::Server;
    use crate::config::parse;

    fn config(lines: &str) -> Config {
        let text = format!("backend be_app\n{lines}\n");
        parse(Text::new(text.as_bytes()))
    }

    fn server(lines: &str) -> Server {
        config(lines).proxies[0].servers[0].clone()
    }

    #[track_caller]
    fn address(written: &str, host: &str, port: Option<u16>) {
        let server = server(&format!("server app1 {written} check"));
        assert_eq!((server.address.as_str(), server.port), (host, port));
        assert!(server.check.is_some());
    }

    #[test]
    fn addresses_lose_port_brackets_and_family() {
        address("192.0.2.1:8080", "192.0.2.1", Some(8080));
        address("192.0.2.1", "192.0.2.1", None);
        address("app.example.com:80", "app.example.com", Some(80));
        address("[2001:db8::1]:80", "2001:db8::1", Some(80));
        address("[2001:db8::1]", "2001:db8::1", None);
        address("2001:db8::1:80", "2001:db8::1", Some(80));
        address("ipv4@app.example.com:80", "app.example.com", Some(80));
        address("unix@/run/app.sock", "/run/app.sock", None);
        address("/run/app:1.sock", "/run/app:1.sock", None);
        address("\"${HOST-192.0.2.1}:80\"", "${HOST-192.0.2.1}", Some(80));
        address("\"192.0.2.1:${PORT-81}\"", "192.0.2.1", Some(81));
        address("\"192.0.2.1:${PORT}\"", "192.0.2.1", None);
        assert_eq!(server("server a 192.0.2.1:+10").port_offset, Some(10));
        assert_eq!(server("server a 192.0.2.1:-10").port_offset, Some(-10));
    }

    #[test]
    fn own_parameters_win_over_default_server_and_both_name_their_line() {
        let s = server(
            "default-server inter 5s fall 2 check maxconn 10 ssl verify none\nserver a 192.0.2.1:80 fall 4 no-ssl cookie check",
        );
        assert_eq!((s.inter_ms.value, s.inter_ms.at.unwrap().line), (5000, 2));
        assert_eq!((s.fall.value, s.fall.at.unwrap().line), (4, 3));
        assert_eq!((s.rise.value, s.rise.at), (2, None));
        assert_eq!(s.check.unwrap().line, 2);
        assert_eq!(s.ssl, None);
        assert_eq!(s.cookie.unwrap().value, "check");
    }

    #[test]
    fn a_template_becomes_its_servers() {
        let c = config(
            "server-template app 2-4 app.example.com:80 check\nserver-template b 2 _http._tcp.example.com\nserver-template c 0-0 a:1",
        );
        let names: Vec<_> = c.proxies[0].servers.iter().map(|s| &s.name).collect();
        assert_eq!(names, ["app2", "app3", "app4", "b1", "b2", "c0"]);
        assert_eq!(c.proxies[0].servers[0].template, Some(2));
        assert_eq!(c.problems.len(), 0);
        let c = config("server-template app 3-1 app.example.com:80");
        assert_eq!(c.problems.len(), 1);
    }
}
