//! The fallback exists, but was out itself.
//!
//! Looks alike: a pool without any backup (`no-backup`).

use crate::diagnosis::factor::Factor;
use crate::diagnosis::factor::emptied;
use crate::diagnosis::factor::found;

pub(super) const FACTOR: Factor = Factor {
    id: "backup-down",
    title: "the backup server was out too",
    why: "A backup that is never used is not missed until it is needed. Alert on its state as on that of every other server.",
    find: |case, _| {
        let is_backup = |name: &str| case.server(name).is_some_and(|line| line.backup.is_some());
        let loss = case
            .losses
            .iter()
            .find(|loss| loss.backup || is_backup(loss.server))?;
        if !emptied(case) {
            return None;
        }
        found(
            format!(
                "the backup server {} was {} too: {}",
                loss.server,
                loss.state.word(),
                loss.reason.words()
            ),
            vec![loss.cite.clone()],
        )
    },
};

#[cfg(test)]
mod tests {
    use super::FACTOR;
    use crate::diagnosis::factor::fixture::{CONFIG, finds};
    use crate::testing::{REFUSED, down, nosrv};

    #[test]
    fn a_lost_backup_is_found_and_a_lost_server_is_not() {
        let backup = CONFIG.replace("12:80 check", "12:80 check backup");
        let log = [
            down(40, "app2", REFUSED),
            down(41, "app1", REFUSED),
            nosrv(42),
        ];
        assert!(finds(&FACTOR, "listener-refused", &backup, &log));
        assert!(!finds(&FACTOR, "listener-refused", CONFIG, &log));
    }
}
