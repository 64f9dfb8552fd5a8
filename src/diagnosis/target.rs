//! Where a server's check connects, and the commands that ask by hand what it asks.

use crate::config::Check;
use crate::config::CheckKind;
use crate::diagnosis::Case;
use crate::incident::Story;

/// Where HAProxy's runtime socket usually is.
const SOCKET: &str = "UNIX-CONNECT:/run/haproxy/admin.sock";

/// Where a check connects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Target {
    /// Address without brackets, a name, or the path of a unix socket.
    pub host: String,
    /// `None`: unknown, or a unix socket.
    pub port: Option<u16>,
    /// The check speaks TLS.
    pub tls: bool,
    /// The name that the check sends in the handshake; `None`: none.
    pub sni: Option<String>,
}

impl Target {
    /// The target of a server's check; `None`: neither a dump nor the configuration tells.
    pub(super) fn of(case: &Case<'_>, server: &str) -> Option<Target> {
        let line = case.server(server);
        let written = line
            .zip(case.proxy)
            .map(|(line, proxy)| proxy.check_target(line));
        let written = written.unwrap_or_default();
        let dumped = case.story(server).and_then(Story::address).map(split);
        let (seen, seen_port) = dumped.map_or((None, None), |(host, port)| (Some(host), port));
        let host = written
            .host
            .or(seen)
            .or_else(|| Some(line?.address.clone()))?;
        Some(Target {
            host,
            port: written.port.or(seen_port),
            tls: written.tls,
            sni: written.sni,
        })
    }

    /// `192.0.2.1:8080`, `[2001:db8::1]:8080`, `/run/app.sock`.
    pub(super) fn socket(&self) -> String {
        if self.host.starts_with('/') {
            return self.host.clone();
        }
        let host = if self.host.contains(':') {
            format!("[{}]", self.host)
        } else {
            self.host.clone()
        };
        match self.port {
            Some(port) => format!("{host}:{port}"),
            None => format!("{host}:<port>"),
        }
    }

    /// The port for a command, or a word that stands for it.
    pub(super) fn port_word(&self) -> String {
        self.port
            .map_or_else(|| "<port>".to_owned(), |port| port.to_string())
    }
}

/// `addr:port` of a dump; an IPv6 address may stand with or without brackets.
pub(super) fn split(address: &str) -> (String, Option<u16>) {
    let bare = |host: &str| {
        host.trim_start_matches('[')
            .trim_end_matches(']')
            .to_owned()
    };
    match address.rsplit_once(':') {
        Some((host, port)) => match port.parse() {
            Ok(port) => (bare(host), Some(port)),
            Err(_) => (bare(address), None),
        },
        None => (bare(address), None),
    }
}

/// The command that asks a server what its check asks.
pub(super) fn probe(case: &Case<'_>, server: &str) -> Option<String> {
    let target = Target::of(case, server)?;
    let own = case.proxy.map(|proxy| &proxy.check);
    let line = case.proxy.zip(case.server(server));
    let config = case.bundle.config();
    let check = config
        .zip(line)
        .map(|(config, (proxy, line))| config.check_of(proxy, line))
        .or(own);
    Some(match check {
        Some(check) if check.kind == CheckKind::Http => curl(check, &target),
        _ if target.tls => s_client(&target),
        _ if target.host.starts_with('/') => {
            format!(
                "sudo socat -u /dev/null UNIX-CONNECT:{}",
                word(&target.host)
            )
        }
        _ => format!("nc -vz -w 3 {} {}", word(&target.host), target.port_word()),
    })
}

/// The HTTP request of a check.
pub(super) fn curl(check: &Check, target: &Target) -> String {
    let mut command = "curl -i -sS --max-time 5".to_owned();
    match check.method.as_str() {
        "" | "GET" => {}
        // `-X HEAD` would wait for a body that never comes.
        "HEAD" => command.push_str(" -I"),
        method => command.push_str(&format!(" -X {}", word(method))),
    }
    if check.version.ends_with("1.0") {
        command.push_str(" --http1.0");
    }
    if let Some(host) = &check.host {
        command.push_str(&format!(" -H {}", word(&format!("Host: {}", host.value))));
    }
    for (name, value) in &check.headers {
        command.push_str(&format!(" -H {}", word(&format!("{name}: {value}"))));
    }
    let uri = if check.uri.is_empty() {
        "/"
    } else {
        &check.uri
    };
    let scheme = if target.tls { "https" } else { "http" };
    let unix = target.host.starts_with('/');
    let authority = match (&target.sni, unix) {
        (_, true) => {
            command.push_str(&format!(" --unix-socket {}", word(&target.host)));
            "localhost".to_owned()
        }
        // Only a name in the URL makes curl send it in the handshake.
        (Some(sni), false) if target.tls => {
            let to = format!("::{}", target.socket());
            command.push_str(&format!(" --connect-to {}", word(&to)));
            format!("{sni}:{}", target.port_word())
        }
        _ => target.socket(),
    };
    if target.tls {
        command.push_str(" -k");
    }
    format!(
        "{command} {}",
        word(&format!("{scheme}://{authority}{uri}"))
    )
}

/// The TLS handshake of a check, with the certificate that comes back.
pub(super) fn s_client(target: &Target) -> String {
    let sni = match &target.sni {
        Some(sni) => format!(" -servername {}", word(sni)),
        None => " -noservername".to_owned(),
    };
    format!(
        "openssl s_client -connect {}{sni} </dev/null 2>&1 | openssl x509 -noout -subject -issuer -dates -ext subjectAltName",
        word(&target.socket())
    )
}

/// A command on the runtime socket.
pub(super) fn runtime(command: &str) -> String {
    format!("printf '%s\\n' {} | sudo socat - {SOCKET}", word(command))
}

/// One word for a shell: names in a bundle are somebody else's.
pub(super) fn word(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-./:@%+=,".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Text;
    use crate::config::parse;

    #[test]
    fn the_curl_of_a_check_sends_what_the_check_sends() {
        let text = b"backend be_app\n option httpchk\n http-check send meth HEAD uri /up ver HTTP/1.1 hdr Host app.example.com\n";
        let config = parse(Text::new(text));
        let mut target = Target {
            host: "2001:db8::1".to_owned(),
            port: Some(8443),
            tls: false,
            sni: None,
        };
        let plain = curl(&config.proxies[0].check, &target);
        assert_eq!(
            plain,
            "curl -i -sS --max-time 5 -I -H 'Host: app.example.com' 'http://[2001:db8::1]:8443/up'"
        );
        target.tls = true;
        target.sni = Some("app.example.com".to_owned());
        let tls = curl(&config.proxies[0].check, &target);
        assert!(
            tls.ends_with("--connect-to '::[2001:db8::1]:8443' -k https://app.example.com:8443/up")
        );
    }

    #[test]
    fn names_of_a_bundle_cannot_leave_their_word() {
        assert_eq!(word("be_app/app1"), "be_app/app1");
        assert_eq!(word("a;rm -rf '/'"), r"'a;rm -rf '\''/'\'''");
        assert_eq!(
            runtime("set server be/s state ready"),
            "printf '%s\\n' 'set server be/s state ready' | sudo socat - UNIX-CONNECT:/run/haproxy/admin.sock"
        );
    }

    #[test]
    fn addresses_of_dumps_are_split_at_the_port() {
        assert_eq!(split("192.0.2.1:80"), ("192.0.2.1".to_owned(), Some(80)));
        assert_eq!(
            split("[2001:db8::1]:80"),
            ("2001:db8::1".to_owned(), Some(80))
        );
        assert_eq!(
            split("2001:db8::1:80"),
            ("2001:db8::1".to_owned(), Some(80))
        );
        assert_eq!(split("unix"), ("unix".to_owned(), None));
    }
}
