//! The pool has one server, so its loss is the pool's.
//!
//! Looks alike: a pool of which only one server failed or is named in the log; without the configuration its size is not known.

use crate::diagnosis::factor::Factor;
use crate::diagnosis::factor::config_cites;
use crate::diagnosis::factor::found;
use crate::diagnosis::factor::is_about_servers;

pub(super) const FACTOR: Factor = Factor {
    id: "single-server",
    title: "the pool has one server",
    why: "Without a second server every restart and every fault of the first is an outage. Add one, or a backup that explains.",
    find: |case, cause| {
        let proxy = case
            .proxy
            .filter(|_| is_about_servers(cause) || cause == "unchecked-server-failed")?;
        let [only] = proxy.servers.as_slice() else {
            return None;
        };
        found(
            format!("{} has one server, {}", proxy.name, only.name),
            config_cites(case, [only.at]),
        )
    },
};

#[cfg(test)]
mod tests {
    use super::FACTOR;
    use crate::diagnosis::factor::fixture::{CONFIG, finds};
    use crate::testing::{REFUSED, down, nosrv};

    #[test]
    fn one_server_line_is_found_and_one_failed_server_of_two_is_not() {
        let log = [down(41, "app1", REFUSED), nosrv(42)];
        let one = CONFIG.replace("    server app2 192.0.2.12:80 check\n", "");
        assert!(finds(&FACTOR, "listener-refused", &one, &log));
        assert!(!finds(&FACTOR, "listener-refused", CONFIG, &log));
        assert!(!finds(&FACTOR, "listener-refused", "", &log));
    }
}
