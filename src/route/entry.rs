//! Which frontend takes a request: the one whose `bind` lines have its port.

use crate::base::Place;
use crate::config::Config;
use crate::config::Proxy;
use crate::config::ProxyKind;

/// A frontend that may take a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its name.
    pub frontend: String,
    /// The section line.
    pub at: Place,
    /// The first `bind` line with the port; `None`: none has it.
    pub bind: Option<Place>,
    /// Whether HAProxy ends TLS there; `None`: not the same on all its `bind` lines.
    pub tls: Option<bool>,
}

/// Frontends that listen on the port; when none does, or the port is not known, all that listen at all.
pub fn entries(config: &Config, port: Option<u16>) -> Vec<Entry> {
    let fronts = config
        .proxies
        .iter()
        .filter(|proxy| proxy.kind != ProxyKind::Backend && proxy.disabled.is_none());
    let bound: Vec<Entry> = fronts
        .clone()
        .filter_map(|proxy| {
            let found = entry(proxy, |bind| port.is_some_and(|port| has_port(bind, port)));
            found.bind.is_some().then_some(found)
        })
        .collect();
    if !bound.is_empty() {
        return bound;
    }
    fronts.map(|proxy| entry(proxy, |_| false)).collect()
}

fn entry(proxy: &Proxy, fits: impl Fn(&str) -> bool) -> Entry {
    let fitting = proxy.binds.iter().filter(|bind| fits(&bind.value));
    let bind = fitting.clone().next().and_then(|bind| bind.at);
    let is_tls = |value: &str| value.split(' ').any(|word| word == "ssl");
    let chosen: Vec<bool> = match bind {
        Some(_) => fitting.map(|bind| is_tls(&bind.value)).collect(),
        None => proxy.binds.iter().map(|bind| is_tls(&bind.value)).collect(),
    };
    let tls = match chosen.as_slice() {
        [first, rest @ ..] if rest.iter().all(|other| other == first) => Some(*first),
        _ => None,
    };
    Entry {
        frontend: proxy.name.clone(),
        at: proxy.at,
        bind,
        tls,
    }
}

/// `*:80`, `192.0.2.1:80,192.0.2.2:80-90`, `[::]:443`; a port that is a variable without a default may be any.
fn has_port(bind: &str, port: u16) -> bool {
    let addresses = bind.split(' ').next().unwrap_or_default();
    addresses.split(',').any(|address| {
        let Some((_, ports)) = address.rsplit_once(':') else {
            return false;
        };
        let (low, high) = ports.split_once('-').unwrap_or((ports, ports));
        let within = |low: u16, high: u16| (low..=high).contains(&port);
        match (low.parse(), high.parse()) {
            (Ok(low), Ok(high)) => within(low, high),
            _ => false,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Text;
    use crate::config::parse;

    #[track_caller]
    fn check(port: Option<u16>, expected: &[(&str, Option<bool>)]) {
        let config = parse(Text::new(
            b"frontend fe_web\n bind *:80\n bind [::]:443 ssl crt x\nfrontend fe_many\n bind 192.0.2.1:80,192.0.2.1:8000-8100\n\
              frontend fe_socket\n bind /run/x.sock\nbackend be_app\nfrontend fe_off\n disabled\n bind :80\n",
        ));
        let all = entries(&config, port);
        let got: Vec<(&str, Option<bool>)> = all
            .iter()
            .map(|entry| (entry.frontend.as_str(), entry.tls))
            .collect();
        assert_eq!(got, expected);
    }

    #[test]
    fn the_port_chooses_the_frontend_and_its_tls() {
        check(Some(443), &[("fe_web", Some(true))]);
        check(
            Some(80),
            &[("fe_web", Some(false)), ("fe_many", Some(false))],
        );
        check(Some(8050), &[("fe_many", Some(false))]);
    }

    #[test]
    fn without_a_port_that_fits_all_may_take_it() {
        let all = [
            ("fe_web", None),
            ("fe_many", Some(false)),
            ("fe_socket", Some(false)),
        ];
        check(Some(9), &all);
        check(None, &all);
    }
}
