//! What a check sends and where, and how long its verdicts take: the check replayed on paper.
//!
//! Source: configuration manual 3.2, "Health checks", "check-ssl", "http-check send"; the bytes were compared with 2.6.12.

use crate::config::Check;
use crate::config::CheckKind;
use crate::config::Proxy;
use crate::config::Server;

/// Where a server's check connects, as the configuration says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CheckTarget {
    /// Address as written; `None`: the server's own.
    pub host: Option<String>,
    /// Port; `None`: not written.
    pub port: Option<u16>,
    /// It speaks TLS.
    pub tls: bool,
    /// The name in the handshake; `None`: none.
    pub sni: Option<String>,
}

/// The shortest and the longest time that something takes, milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// At best.
    pub least: u64,
    /// At worst.
    pub most: u64,
}

impl Check {
    /// The head of the HTTP request that the check sends since 2.2; `None`: it sends none, or speaks something else.
    ///
    /// Header names are in lower case, as HAProxy sends them. Up to 2.1 they are sent as written.
    pub fn request(&self) -> Option<String> {
        if self.kind != CheckKind::Http || self.request_dropped.is_some() {
            return None;
        }
        let mut lines: Vec<String> = self
            .headers
            .iter()
            .map(|(name, value)| format!("{}: {value}", name.to_ascii_lowercase()))
            .collect();
        if let Some(host) = &self.host {
            let at = self.n_before_host.min(lines.len());
            lines.insert(at, format!("host: {}", host.value));
        }
        if let Some(body) = &self.body {
            lines.push(format!("content-length: {}", body.len()));
        }
        if !self.version.ends_with("1.0") {
            lines.push("connection: close".to_owned());
        }
        let head = format!("{} {} {}\r\n", self.method, self.uri, self.version);
        let lines: String = lines
            .into_iter()
            .map(|line| format!("{line}\r\n"))
            .collect();
        Some(format!("{head}{lines}\r\n"))
    }
}

impl Proxy {
    /// Where the check of one of its servers connects.
    pub fn check_target(&self, server: &Server) -> CheckTarget {
        let connect = self.check.connects.first();
        let own = |value: &String| (!value.is_empty()).then(|| value.clone());
        CheckTarget {
            host: connect
                .and_then(|connect| own(&connect.addr))
                .or_else(|| Some(server.check_addr.as_ref()?.value.clone())),
            port: connect
                .and_then(|connect| connect.port)
                .or_else(|| Some(server.check_port.as_ref()?.value))
                .or(server.port),
            tls: match connect {
                // `http-check connect` without `ssl` and `default` is plain, whatever the server line says.
                Some(connect) => connect.ssl || connect.default && checks_tls(server),
                None => checks_tls(server),
            },
            sni: connect
                .and_then(|connect| own(&connect.sni))
                .or_else(|| Some(server.check_sni.as_ref()?.value.clone())),
        }
    }

    /// From the moment a service dies to the DOWN message: at best it refuses at once, at worst it hangs.
    pub fn detection_ms(&self, server: &Server) -> Span {
        let between = server
            .fastinter_ms
            .as_ref()
            .unwrap_or(&server.inter_ms)
            .value;
        let limit = self.timeout_ms("check").unwrap_or(&server.inter_ms).value;
        let more = between.saturating_mul(server.fall.value.saturating_sub(1));
        let hung = limit.saturating_mul(server.fall.value);
        Span {
            least: more,
            most: more
                .saturating_add(hung)
                .saturating_add(server.inter_ms.value),
        }
    }

    /// From the moment a service is well again to the UP message; `slowstart` comes on top.
    pub fn recovery_ms(&self, server: &Server) -> Span {
        let between = server
            .fastinter_ms
            .as_ref()
            .unwrap_or(&server.inter_ms)
            .value;
        let down = server
            .downinter_ms
            .as_ref()
            .unwrap_or(&server.inter_ms)
            .value;
        let more = between.saturating_mul(server.rise.value.saturating_sub(1));
        Span {
            least: more,
            most: more.saturating_add(down),
        }
    }
}

/// A check speaks TLS when it is told to, or when the traffic does and the check goes to the same place.
fn checks_tls(server: &Server) -> bool {
    let elsewhere = server.check_port.is_some() || server.check_addr.is_some();
    server.check_ssl.is_some() || server.ssl.is_some() && !elsewhere
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Text;
    use crate::config::parse;

    fn proxy(lines: &str) -> Proxy {
        let text = format!("backend be\n{lines}\n server a 192.0.2.1:80 check\n");
        parse(Text::new(text.as_bytes())).proxies[0].clone()
    }

    #[track_caller]
    fn sends(lines: &str, expected: &str) {
        assert_eq!(proxy(lines).check.request().as_deref(), Some(expected));
    }

    #[test]
    fn the_request_is_what_haproxy_sends() {
        sends(" option httpchk", "OPTIONS / HTTP/1.0\r\n\r\n");
        sends(
            " option httpchk GET /up HTTP/1.1\\r\\nHost:\\ a.example",
            "GET /up HTTP/1.1\r\nhost: a.example\r\nconnection: close\r\n\r\n",
        );
        sends(
            " option httpchk\n http-check send meth POST uri /up hdr X-A b hdr Host a.example body hello",
            "POST /up HTTP/1.0\r\nx-a: b\r\nhost: a.example\r\ncontent-length: 5\r\n\r\n",
        );
        assert_eq!(proxy(" mode tcp").check.request(), None);
    }

    #[test]
    fn a_rule_of_its_own_says_where_the_check_connects() {
        let p = proxy(
            " option httpchk\n http-check connect port 8081 ssl sni a.example\n server b 192.0.2.2:443 ssl check addr 192.0.2.9 port 81",
        );
        let expected = CheckTarget {
            host: Some("192.0.2.9".to_owned()),
            port: Some(8081),
            tls: true,
            sni: Some("a.example".to_owned()),
        };
        assert_eq!(p.check_target(&p.servers[0]), expected);
        let p = proxy(" server b 192.0.2.2:443 ssl check port 81");
        let target = p.check_target(&p.servers[0]);
        assert_eq!((target.port, target.tls), (Some(81), false));
    }

    #[test]
    fn times_follow_from_intervals_and_counts() {
        let p = proxy("");
        assert_eq!(
            p.detection_ms(&p.servers[0]),
            Span {
                least: 4000,
                most: 12_000
            }
        );
        assert_eq!(
            p.recovery_ms(&p.servers[0]),
            Span {
                least: 2000,
                most: 4000
            }
        );
    }
}
