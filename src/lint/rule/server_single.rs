//! One server, and none to take over.

use crate::config::Mode;
use crate::lint::Hit;
use crate::lint::Rule;
use crate::lint::Severity;
use crate::lint::sheet::Sheet;
use crate::lint::sheet::enabled;

pub(super) const RULE: Rule = Rule {
    id: "server-single",
    severity: Severity::Note,
    title: "the pool has one server and no backup",
    why: "With a single server every restart and every failed check is a 503.",
    fix: "add a second server, or a `backup` server with a page that says what is going on",
    find,
};

fn find(sheet: &Sheet<'_>) -> Vec<Hit> {
    sheet
        .pools()
        .filter(|proxy| proxy.mode.value != Mode::Other)
        .filter_map(|proxy| {
            let mut all = enabled(proxy);
            let (Some(one), None) = (all.next(), all.next()) else {
                return None;
            };
            // A name may stand for several machines, a socket for HAProxy itself.
            let is_local = one.address.starts_with('/')
                || one.address.starts_with("127.")
                || one.address == "localhost";
            let text = format!("{} is the only server of {}", one.name, proxy.name);
            (!is_local).then(|| Hit::new(one.at, &one.name, text))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::fixture::finds;

    #[test]
    fn a_pool_of_one_is_found() {
        let text = "backend be\n server a 192.0.2.1:80 check\n";
        assert_eq!(finds(&RULE, text), [2]);
    }

    #[test]
    fn two_or_a_backup_or_a_local_one_are_not() {
        let text = "backend be\n server a 192.0.2.1:80 check\n server b 192.0.2.2:80 check backup\nbackend local\n server a 127.0.0.1:80\n";
        assert!(finds(&RULE, text).is_empty());
    }
}
