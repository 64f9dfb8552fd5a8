//! Files that ACLs and maps read their patterns from.

use crate::config::Config;
use std::collections::BTreeSet;

impl Config {
    /// Names of pattern files and maps, as the configuration writes them: what follows `-f`, and the first argument of `map…`.
    pub fn pattern_files(&self) -> BTreeSet<String> {
        let mut names = BTreeSet::new();
        for proxy in &self.proxies {
            for acl in &proxy.acls {
                add(&mut names, &acl.words);
            }
            for rule in proxy.every_rule() {
                add(&mut names, &rule.words);
                add(&mut names, &rule.condition);
            }
        }
        names
    }
}

fn add(names: &mut BTreeSet<String>, words: &[String]) {
    for pair in words.windows(2) {
        if let [flag, name] = pair
            && flag == "-f"
        {
            names.insert(name.clone());
        }
    }
    for word in words {
        names.extend(maps_in(word));
    }
}

/// First arguments of every `map(…)`, `map_beg(…)` and their kin in one word.
fn maps_in(word: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = word;
    while let Some((before, after)) = rest.split_once('(') {
        rest = after;
        let name = before
            .rsplit(|c: char| !c.is_ascii_alphanumeric() && c != '_')
            .next()
            .unwrap_or_default();
        if name != "map" && !name.starts_with("map_") {
            continue;
        }
        let end = after.find([',', ')']).unwrap_or(after.len());
        let file = after.split_at(end).0.trim_matches(['"', '\'', ' ']);
        if !file.is_empty() {
            found.push(file.to_owned());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use crate::base::Text;
    use crate::config::parse;

    #[test]
    fn files_of_acls_conditions_and_maps_are_named_once() {
        let config = parse(Text::new(
            b"frontend fe_app\n acl a src -f /etc/haproxy/a.lst -f b.lst\n http-request deny if { path -i -f c.lst }\n \
              http-request set-var(txn.h) req.hdr(host),lower,map_dom(d.map,x)\n \
              use_backend %[path,map_beg(/etc/haproxy/e.map,be_app)] if !{ src -f b.lst }\n",
        ));
        let names: Vec<String> = config.pattern_files().into_iter().collect();
        assert_eq!(
            names,
            [
                "/etc/haproxy/a.lst",
                "/etc/haproxy/e.map",
                "b.lst",
                "c.lst",
                "d.map"
            ]
        );
    }
}
