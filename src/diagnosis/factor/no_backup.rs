//! The pool emptied, and no backup server took over.
//!
//! Looks alike: a backup that was there and down itself (`backup-down`); causes by which the pool never emptied.

use crate::diagnosis::factor::Factor;
use crate::diagnosis::factor::config_cites;
use crate::diagnosis::factor::emptied;
use crate::diagnosis::factor::found;

pub(super) const FACTOR: Factor = Factor {
    id: "no-backup",
    title: "no backup server",
    why: "A `backup` server (another site, a page that says sorry) answers while all others are out.",
    find: |case, _| {
        let proxy = case
            .proxy
            .filter(|p| emptied(case) && !p.servers.is_empty())?;
        let has = proxy.servers.iter().any(|server| server.backup.is_some())
            || case.losses.iter().any(|loss| loss.backup);
        if has {
            return None;
        }
        found(
            format!("{} has no backup server", proxy.name),
            config_cites(case, [proxy.at]),
        )
    },
};

#[cfg(test)]
mod tests {
    use super::FACTOR;
    use crate::diagnosis::factor::fixture::{CONFIG, finds};
    use crate::testing::{REFUSED, down, nosrv};

    #[test]
    fn an_emptied_pool_without_backup_is_found_and_one_with_it_is_not() {
        let log = [down(41, "app1", REFUSED), nosrv(42)];
        assert!(finds(&FACTOR, "listener-refused", CONFIG, &log));
        let backup = CONFIG.replace("12:80 check", "12:80 check backup");
        assert!(!finds(&FACTOR, "listener-refused", &backup, &log));
    }
}
