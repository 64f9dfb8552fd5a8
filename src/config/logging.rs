//! How a proxy logs: `option httplog` and its kin, `log-format`, `log`.

use crate::config::LogFormat;
use crate::config::LogProfile;
use crate::config::Proxy;
use crate::config::directive::Directive;

/// The format that `option httplog|tcplog|httpslog [clf]` chooses.
pub(super) fn from_option(d: &Directive) -> LogFormat {
    match (d.negated, d.word(1), d.word(2)) {
        (true, _, _) => LogFormat::Connect,
        (false, _, b"clf") => LogFormat::Clf,
        (false, b"httplog", _) => LogFormat::Http,
        (false, b"httpslog", _) => LogFormat::Https,
        (false, _, _) => LogFormat::Tcp,
    }
}

/// Applies one line of a `log-profile` section: `log-tag`, `on <step> [drop] [format <format>] [sd <format>]`.
///
/// Formats of earlier steps tell no outcome, and are left out.
pub(super) fn apply_profile(profile: &mut LogProfile, d: &Directive) {
    match (d.word(0), d.word(1)) {
        (b"log-tag", _) => profile.tag = d.text_setting(1),
        (b"on", b"close" | b"error" | b"any") => {
            let format = (2..d.words.len()).find(|&index| d.word(index) == b"format");
            let format = format.and_then(|index| d.text_setting(index + 1));
            profile.formats.extend(format);
        }
        _ => {}
    }
}

/// Applies `log`, `log-format` and `error-log-format`; false when the directive is another.
pub(super) fn apply(proxy: &mut Proxy, d: &Directive) -> bool {
    match d.word(0) {
        b"log" if d.negated => proxy.logs.clear(),
        b"log" => proxy.logs.push(d.joined(1)),
        b"log-format" => {
            proxy.log = LogFormat::Custom(d.text(1), d.at);
            proxy.log_at = Some(d.at);
        }
        b"log-format-sd" => proxy.log_format_sd = d.text_setting(1),
        b"log-tag" => proxy.log_tag = d.text_setting(1),
        b"log-steps" => proxy.log_steps = Some(d.joined(1)),
        b"error-log-format" => proxy.error_log_format = d.text_setting(1),
        _ => return false,
    }
    true
}

#[cfg(test)]
mod tests {
    use crate::base::Text;
    use crate::config::LogFormat;
    use crate::config::parse;

    #[track_caller]
    fn format(line: &str) -> LogFormat {
        let text = format!("frontend fe_app\n {line}\n");
        parse(Text::new(text.as_bytes())).proxies[0].log.clone()
    }

    #[test]
    fn the_format_is_the_last_one_chosen() {
        assert_eq!(format("option tcplog\n option httplog"), LogFormat::Http);
        assert_eq!(format("option httplog clf"), LogFormat::Clf);
        assert_eq!(format("option httpslog"), LogFormat::Https);
        assert_eq!(format("mode http"), LogFormat::Connect);
        for line in [
            r#"log-format "%ci [%t]\ %{+Q}o \"x\"""#,
            r#"log-format %ci\ [%t]\ %{+Q}o\ \"x\""#,
        ] {
            let LogFormat::Custom(text, at) = format(line) else {
                panic!("not custom")
            };
            assert_eq!((text.as_str(), at.line), ("%ci [%t] %{+Q}o \"x\"", 2));
        }
    }

    #[test]
    fn built_in_formats_by_variable_are_spelt_out() {
        let LogFormat::Custom(text, _) = format(r#"log-format "${HAPROXY_HTTP_LOG_FMT} <%ID>""#)
        else {
            panic!("not custom")
        };
        assert!(text.starts_with("%ci:%cp [%tr] %ft") && text.ends_with("%{+Q}r <%ID>"));
    }

    #[test]
    fn no_log_forgets_inherited_targets() {
        let text =
            "defaults\n log global\nfrontend a\n no log\nfrontend b\n log 192.0.2.9 local0\n";
        let config = parse(Text::new(text.as_bytes()));
        assert_eq!(config.proxies[0].logs, []);
        assert_eq!(config.proxies[1].logs.len(), 2);
    }
}
