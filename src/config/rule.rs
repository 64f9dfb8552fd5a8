//! Rules with a condition, and `acl` lines.

use crate::config::Acl;
use crate::config::Proxy;
use crate::config::directive::Directive;
use crate::config::directive::texts;

/// Applies a rule or an ACL; false when the directive is neither.
pub(super) fn apply(proxy: &mut Proxy, d: &Directive) -> bool {
    let list = match (d.word(0), d.word(1)) {
        (b"acl", _) => {
            proxy.acls.push(Acl {
                at: d.at,
                name: d.text(1),
                words: texts(d.from(2)),
            });
            return true;
        }
        (b"use_backend", _) => &mut proxy.use_backend,
        (b"use-server", _) => &mut proxy.use_server,
        (b"force-persist" | b"ignore-persist", _) => {
            if d.word(0) == b"force-persist" {
                proxy.persistence.push(d.at);
            }
            &mut proxy.persist_rules
        }
        (b"stick", kind) => {
            if kind == b"on" || kind == b"match" {
                proxy.persistence.push(d.at);
            }
            &mut proxy.stick_rules
        }
        (b"capture" | b"declare", _) => &mut proxy.captures,
        (b"monitor", b"fail") => {
            proxy.monitor.push(d.at);
            &mut proxy.monitor_fail
        }
        (keyword, second) if is_rule(keyword, second) => &mut proxy.rules,
        _ => return false,
    };
    list.push(d.rule());
    true
}

/// What may answer, refuse or change a request or response; `reqdeny` and its kin are those of 1.x.
fn is_rule(keyword: &[u8], second: &[u8]) -> bool {
    match keyword {
        b"http-request"
        | b"http-response"
        | b"http-after-response"
        | b"tcp-request"
        | b"tcp-response"
        | b"redirect"
        | b"block"
        | b"quic-initial"
        | b"force-be-switch" => true,
        b"stats" => second == b"http-request",
        _ => keyword.starts_with(b"req") || keyword.starts_with(b"rsp"),
    }
}

#[cfg(test)]
mod tests {
    use crate::base::Text;
    use crate::config::parse;

    #[test]
    fn rules_keep_their_order_words_and_conditions() {
        let text = "frontend fe_app\n acl a path_beg -i /a /b\n http-request deny deny_status 503 unless a\n\
                    use_backend be_%[req.hdr(host),lower] if a || { src 192.0.2.0/24 }\n redirect scheme https\n\
                    monitor fail if a\n reqideny ^/x a\n stick on src\n";
        let config = parse(Text::new(text.as_bytes()));
        let p = &config.proxies[0];
        assert_eq!(p.acls[0].name, "a");
        assert_eq!(p.acls[0].words, ["path_beg", "-i", "/a", "/b"]);
        assert_eq!(
            p.rules[0].words,
            ["http-request", "deny", "deny_status", "503"]
        );
        assert_eq!(p.rules[0].condition, ["unless", "a"]);
        assert_eq!(
            p.use_backend[0].words,
            ["use_backend", "be_%[req.hdr(host),lower]"]
        );
        assert_eq!(p.use_backend[0].condition.len(), 7);
        assert_eq!(p.rules[1].condition.len(), 0);
        assert_eq!(p.rules[2].words[0], "reqideny");
        assert_eq!(p.monitor_fail[0].condition, ["if", "a"]);
        assert_eq!((p.monitor.len(), p.persistence.len()), (1, 1));
    }
}
