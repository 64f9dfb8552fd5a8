//! The pool emptied, and no backup server took over.
//!
//! Looks alike: a backup that was there and down itself (`backup-down`); causes by which the pool never emptied.

use crate::diagnosis::avoidable::avoidable;
use crate::diagnosis::factor::Factor;
use crate::diagnosis::factor::config_cites;
use crate::diagnosis::factor::emptied;
use crate::diagnosis::factor::found;
use crate::diagnosis::factor::is_about_servers;
use crate::evidence::Step;

pub(super) const FACTOR: Factor = Factor {
    id: "no-backup",
    title: "no backup server",
    why: "A `backup` server (another site, a page that says sorry) answers while all others are out.",
    find: |case, cause| {
        let proxy = case
            .proxy
            .filter(|p| emptied(case) && !p.servers.is_empty())?;
        let has = proxy.servers.iter().any(|server| server.backup.is_some())
            || case.losses.iter().any(|loss| loss.backup);
        if has {
            return None;
        }
        let factor = found(
            format!("{} has no backup server", proxy.name),
            config_cites(case, [proxy.at]),
        )?;
        let n = case.incident.n_step(Step::NoServer);
        let helps = is_about_servers(cause) && !SHARED.contains(&cause);
        let served =
            helps.then(|| avoidable(case, n, "a backup server", "it did not share the fault"));
        Some(factor.avoiding(served.flatten()))
    },
};

/// Faults of HAProxy's own process or host, which hit every server that it would be given.
const SHARED: [&str; 5] = [
    "check-socket-error",
    "connect-not-permitted",
    "local-port-exhaustion",
    "process-limits",
    "startup-window",
];

#[cfg(test)]
mod tests {
    use super::FACTOR;
    use crate::diagnosis::factor::fixture::{CONFIG, avoids, finds, refused};
    use crate::testing::{REFUSED, down, nosrv};

    #[test]
    fn an_emptied_pool_without_backup_is_found_and_one_with_it_is_not() {
        let log = [down(41, "app1", REFUSED), nosrv(42)];
        assert!(finds(&FACTOR, "listener-refused", CONFIG, &log));
        let backup = CONFIG.replace("12:80 check", "12:80 check backup");
        assert!(!finds(&FACTOR, "listener-refused", &backup, &log));
    }

    #[test]
    fn a_backup_would_have_answered_what_found_no_server_and_nothing_else() {
        let log = [
            refused(39, "app1"),
            down(41, "app1", REFUSED),
            nosrv(42),
            nosrv(43),
        ];
        assert_eq!(
            avoids(&FACTOR, "listener-refused", CONFIG, &log),
            ["a backup server: 2 of 3 if it did not share the fault"]
        );
    }

    #[test]
    fn what_hits_every_server_or_is_not_known_gives_no_number() {
        let log = [down(41, "app1", REFUSED), nosrv(42)];
        for cause in ["process-limits", "misrouted", "insufficient-evidence"] {
            assert!(finds(&FACTOR, cause, CONFIG, &log));
            assert!(avoids(&FACTOR, cause, CONFIG, &log).is_empty(), "{cause}");
        }
        assert!(
            avoids(
                &FACTOR,
                "listener-refused",
                CONFIG,
                &[down(41, "app1", REFUSED)]
            )
            .is_empty()
        );
    }
}
