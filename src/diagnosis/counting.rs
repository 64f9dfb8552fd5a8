//! Conditions that count servers (`nbsrv`, `srv_is_up` …): a rule with one acts because servers went, and their loss is where to look.
//!
//! Looks alike: a rule that counts the servers of a pool which lost none, whose condition something else made true.
//! Source: configuration manual 3.2, "nbsrv", "srv_is_up", "connslots", "be_conn_free"; without an argument they ask for the proxy
//! that the rule stands in.

use crate::base::SECOND;
use crate::config::Proxy;
use crate::config::Rule;
use crate::diagnosis::Case;
use crate::incident::State;
use std::collections::BTreeMap;

/// Fetches that follow the states of a pool's servers.
const FETCHES: [&str; 4] = ["nbsrv", "srv_is_up", "connslots", "be_conn_free"];
/// A stamp of whole seconds may lie this far from the accept date of a request.
const SLACK: i64 = 2 * SECOND;

/// Servers that were out when the incident began, by pool, of those pools that a rule's condition asks for: of the first rule
/// that asks for such a pool.
pub(super) fn lost<'r>(
    case: &Case<'_>,
    rules: impl IntoIterator<Item = (&'r Proxy, &'r Rule)>,
) -> BTreeMap<String, Vec<String>> {
    let mut lost = rules
        .into_iter()
        .map(|(proxy, rule)| lost_to(case, proxy, rule));
    lost.find(|lost| !lost.is_empty()).unwrap_or_default()
}

fn lost_to(case: &Case<'_>, proxy: &Proxy, rule: &Rule) -> BTreeMap<String, Vec<String>> {
    let mut lost = BTreeMap::new();
    let Some(start) = case.incident.window.start else {
        return lost;
    };
    for pool in asked(proxy, rule) {
        let stories = case.bundle.pools.get(pool.as_str());
        let servers = stories.into_iter().flat_map(|pool| &pool.servers);
        let out = servers.filter(|(_, story)| {
            let last = story.change_before(Some(start + SLACK));
            last.is_some_and(|change| change.to != State::Up)
        });
        let names: Vec<String> = out.map(|(name, _)| name.to_string()).collect();
        if !names.is_empty() {
            lost.insert(pool, names);
        }
    }
    lost
}

/// ` The condition asks for the servers of be_app, of which app1 was out.`; empty without any.
pub(super) fn sentence(lost: &BTreeMap<String, Vec<String>>) -> String {
    let Some((pool, servers)) = lost.iter().next() else {
        return String::new();
    };
    let was = if servers.len() == 1 { "was" } else { "were" };
    let names = servers.join(", ");
    format!(
        " The condition asks for the servers of {pool}, of which {names} {was} out: that loss is where to look."
    )
}

/// Pools that a condition asks for, itself or by an ACL's name.
fn asked(proxy: &Proxy, rule: &Rule) -> Vec<String> {
    let named = proxy.acls.iter().filter(|acl| {
        let says = |word: &String| word.trim_start_matches('!') == acl.name;
        rule.condition.iter().any(says)
    });
    let words = rule
        .condition
        .iter()
        .chain(named.flat_map(|acl| &acl.words));
    words.filter_map(|word| pool(word, &proxy.name)).collect()
}

/// `nbsrv(be_app)` -> `be_app`, `srv_is_up(be_app/app1)` -> `be_app`, `nbsrv` -> `own`.
fn pool(word: &str, own: &str) -> Option<String> {
    let rest = FETCHES.iter().find_map(|name| word.strip_prefix(name))?;
    let name = match rest.strip_prefix('(') {
        Some(rest) => rest.split([')', '/', ',']).next().unwrap_or_default(),
        None if rest.is_empty() || rest.starts_with(',') => "",
        None => return None,
    };
    let name = if name.is_empty() { own } else { name };
    Some(name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::pool;

    #[test]
    fn a_fetch_names_the_pool_that_it_asks_for() {
        for (word, asked) in [
            ("nbsrv(be_app)", Some("be_app")),
            ("nbsrv", Some("be_own")),
            ("nbsrv()", Some("be_own")),
            ("srv_is_up(be_app/app1)", Some("be_app")),
            ("connslots(be_app),add(1)", Some("be_app")),
            ("nbsrv_min", None),
            ("path_beg", None),
        ] {
            assert_eq!(pool(word, "be_own").as_deref(), asked, "{word}");
        }
    }
}
