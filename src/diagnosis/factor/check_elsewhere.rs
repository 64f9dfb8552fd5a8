//! The check asks another port or address than the traffic uses, so it cannot see this failure.
//!
//! Looks alike: a check of another path on the same port, which at least shows the same process; a pool that the check did find dead.

use crate::diagnosis::factor::Factor;
use crate::diagnosis::factor::config_cites;
use crate::diagnosis::factor::found;

pub(super) const FACTOR: Factor = Factor {
    id: "check-elsewhere",
    title: "the check asks elsewhere",
    why: "A check of another port or address says whether that one is well. Check what the traffic uses, or add `observe layer7`.",
    find: |case, cause| {
        if ![
            "application-503",
            "observe-marked-down",
            "unchecked-server-failed",
            "check-tls-failure",
        ]
        .contains(&cause)
        {
            return None;
        }
        let proxy = case.proxy?;
        let server = proxy.servers.iter().find(|server| {
            let port = server.check_port.as_ref().map(|port| port.value);
            let connects = proxy.check.connects.iter();
            let other = |port: u16| server.port.is_some_and(|own| own != port);
            port.is_some_and(other)
                || server
                    .check_addr
                    .as_ref()
                    .is_some_and(|addr| addr.value != server.address)
                || connects
                    .into_iter()
                    .any(|c| c.port.is_some_and(other) || !c.addr.is_empty())
        })?;
        found(
            format!(
                "the check of {} asks another address or port than requests do",
                server.name
            ),
            config_cites(case, [server.at]),
        )
    },
};

#[cfg(test)]
mod tests {
    use super::FACTOR;
    use crate::diagnosis::factor::fixture::{CONFIG, finds, request};

    #[test]
    fn another_port_is_found_and_the_same_is_not() {
        let log = [request(41, 1, "app1 0/0/0/5/5 503 900 - - ----")];
        let other = CONFIG.replace("11:80 check", "11:80 check port 9000");
        assert!(finds(&FACTOR, "application-503", &other, &log));
        assert!(!finds(&FACTOR, "application-503", CONFIG, &log));
        assert!(!finds(&FACTOR, "no-route", &other, &log));
    }
}
