//! The names of backends and frontends that a bundle knows, and which frontend leads to which backend.

use crate::config::ProxyKind;
use crate::incident::Bundle;
use crate::report::closest::by_closeness;
use std::collections::BTreeMap;
use std::collections::BTreeSet;

/// Names that are listed for one that is unknown.
const SHOWN_MAX: usize = 8;

/// Every name that logs, dumps and the configuration have.
#[derive(Clone, Debug, Default)]
pub struct Names {
    /// Backends, `listen` sections included.
    pub backends: BTreeSet<String>,
    /// Frontends, `listen` sections included.
    pub frontends: BTreeSet<String>,
    /// The frontends of each backend: those that sent it requests, and those whose rules name it.
    pub fronts: BTreeMap<String, BTreeSet<String>>,
}

impl Names {
    /// The names of a bundle.
    pub fn of(bundle: &Bundle) -> Names {
        let mut names = Names::default();
        for (backend, load) in &bundle.loads {
            for frontend in load.frontends.keys() {
                names.leads(frontend, backend);
            }
        }
        let pools = bundle.pools.keys().map(ToString::to_string);
        names.backends.extend(pools);
        for proxy in bundle.config().into_iter().flat_map(|c| &c.proxies) {
            if proxy.kind != ProxyKind::Frontend {
                names.backends.insert(proxy.name.clone());
            }
            if proxy.kind != ProxyKind::Backend {
                names.frontends.insert(proxy.name.clone());
            }
            let default = proxy.default_backend.iter().map(|set| set.value.as_str());
            let by_rule = proxy
                .use_backend
                .iter()
                .filter_map(|rule| rule.words.get(1).map(String::as_str));
            for backend in default.chain(by_rule) {
                // A name computed per request (`%[…]`) is none.
                if !backend.contains("%[") {
                    names.leads(&proxy.name, backend);
                }
            }
        }
        names.backends.remove("");
        names.frontends.remove("");
        names
    }

    fn leads(&mut self, frontend: &str, backend: &str) {
        self.frontends.insert(frontend.to_owned());
        self.backends.insert(backend.to_owned());
        let fronts = self.fronts.entry(backend.to_owned()).or_default();
        fronts.insert(frontend.to_owned());
    }
}

/// The sentence about a name that nothing has.
pub(super) fn unknown(kind: &str, name: &str, known: &BTreeSet<String>) -> String {
    let near = by_closeness(name, known.iter().map(String::as_str));
    let shown: Vec<&str> = near.iter().copied().take(SHOWN_MAX).collect();
    let known = match near.len().checked_sub(shown.len()) {
        _ if shown.is_empty() => format!("no {kind} is named in these artifacts at all"),
        Some(more @ 1..) => format!("there are {} and {more} more", shown.join(", ")),
        _ => format!("there are {}", shown.join(", ")),
    };
    let text = format!("no {kind} is named {name}: {known}");
    crate::base::printable(text.as_bytes())
}
