//! What a configuration says about the formats of its logs.

use crate::config::Config;
use crate::config::LogFormat;
use crate::config::Mode;
use crate::config::Proxy;
use crate::config::ProxyKind;
use crate::event::traffic::Source;

/// One declaration.
pub(super) struct Declared {
    /// Who logs so; `None`: a log profile, which any frontend may use.
    pub(super) frontend: Option<String>,
    /// The backend, when the frontend has only one.
    pub(super) backend: Option<String>,
    /// A format of its own, unless the fast decoder reads it as it is.
    pub(super) text: Option<String>,
    /// The same with the captured `Host` header under its own name.
    pub(super) named: String,
    /// Which decoder its lines need.
    pub(super) source: Source,
}

/// Every declaration of a configuration.
pub(super) fn all(config: &Config) -> Vec<Declared> {
    let mut all = Vec::new();
    for proxy in &config.proxies {
        if proxy.kind == ProxyKind::Backend || proxy.name.is_empty() {
            continue;
        }
        let custom = match &proxy.log {
            LogFormat::Custom(text, _) => Some(text),
            LogFormat::Http | LogFormat::Https | LogFormat::Tcp | LogFormat::Clf => None,
            // `Connect from …` has no outcome and no backend.
            LogFormat::Connect => continue,
        };
        all.push(one(proxy, custom));
        if let Some(errors) = &proxy.error_log_format {
            all.push(one(proxy, Some(&errors.value)));
        }
    }
    let profiles = config.log_profiles.iter().flat_map(|p| &p.formats);
    for format in profiles.chain(&config.defaults_log_formats) {
        if !is_built_in(&format.value) && !format.value.is_empty() {
            all.push(Declared {
                frontend: None,
                backend: None,
                text: Some(format.value.clone()),
                named: format.value.clone(),
                source: Source::Declared,
            });
        }
    }
    all
}

fn one(proxy: &Proxy, text: Option<&String>) -> Declared {
    let text = text.filter(|text| !is_built_in(text) && !text.is_empty());
    Declared {
        frontend: Some(proxy.name.clone()),
        backend: only_backend(proxy),
        source: match text {
            Some(_) => Source::Declared,
            None => Source::BuiltIn,
        },
        named: text.map_or_else(String::new, |text| with_host(text, proxy)),
        text: text.cloned(),
    }
}

/// `capture.req.hdr(1)` is the `Host` header when the second capture of the frontend is.
fn with_host(text: &str, proxy: &Proxy) -> String {
    let requests = proxy.captures.iter().filter(|rule| {
        let word = |index: usize| rule.words.get(index).map_or("", String::as_str);
        word(1) == "request"
    });
    let host = requests
        .map(|rule| rule.words.get(3))
        .position(|header| header.is_some_and(|name| name.eq_ignore_ascii_case("host")));
    match host {
        Some(slot) => text.replace(&format!("capture.req.hdr({slot})"), "req.hdr(host)"),
        None => text.to_owned(),
    }
}

/// The one backend that requests of this frontend can reach.
fn only_backend(proxy: &Proxy) -> Option<String> {
    if !proxy.use_backend.is_empty() {
        return None;
    }
    match (proxy.kind, &proxy.default_backend) {
        (ProxyKind::Frontend, Some(backend)) => Some(backend.value.clone()),
        (ProxyKind::Listen, None) if proxy.mode.value != Mode::Other => Some(proxy.name.clone()),
        _ => None,
    }
}

/// Formats whose lines the fast decoder reads as they are: a built-in one, whatever stands behind it.
fn is_built_in(text: &str) -> bool {
    let Some((client, rest)) = text.split_once(" [") else {
        return false;
    };
    let Some((date, rest)) = rest.split_once("] ") else {
        return false;
    };
    let Some(rest) = rest
        .strip_prefix("%ft %b/%s ")
        .or_else(|| rest.strip_prefix("%f %b/%s "))
    else {
        return false;
    };
    let http = ["%TR/%Tw/%Tc/%Tr/%Ta ", "%TR/%Tw/%Tc/%Tr/%Tt "]
        .iter()
        .find_map(|timers| rest.strip_prefix(timers))
        .and_then(|rest| rest.strip_prefix("%ST %B %CC %CS %tsc "));
    let tcp = || rest.strip_prefix("%Tw/%Tc/%Tt %B %ts ");
    let end = http
        .or_else(tcp)
        .and_then(|rest| rest.strip_prefix("%ac/%fc/%bc/%sc/%rc %sq/%bq"));
    let is_end = end.is_some_and(|end| {
        end.is_empty() || end.starts_with(" %hr %hs %{+Q}r") || end.starts_with(" %hr %hs \"%r\"")
    });
    client == "%ci:%cp" && is_end && (date == "%tr" || (date == "%t" && http.is_none()))
}

#[cfg(test)]
mod tests {
    use super::is_built_in;

    #[test]
    fn only_what_the_fast_decoder_reads_rightly_is_left_to_it() {
        let http = "%ci:%cp [%tr] %ft %b/%s %TR/%Tw/%Tc/%Tr/%Ta %ST %B %CC %CS %tsc %ac/%fc/%bc/%sc/%rc %sq/%bq %hr %hs %{+Q}r";
        assert!(is_built_in(http));
        assert!(is_built_in(&format!("{http} %[fc_err]")));
        assert!(is_built_in(
            "%ci:%cp [%t] %ft %b/%s %Tw/%Tc/%Tt %B %ts %ac/%fc/%bc/%sc/%rc %sq/%bq"
        ));
        for (from, to) in [
            ("%tr", "%t"),
            ("%ci:%cp", "%[src]"),
            ("%TR", "%Th"),
            (" %CC", ""),
            (" %hr", " \"%[capture.req.hdr(0)]\""),
        ] {
            assert!(!is_built_in(&http.replacen(from, to, 1)), "{to}");
        }
    }
}
