//! The service of a failed server was stopped in order: by an operator, a deployment, an engine that stops a container.
//!
//! Looks alike: a crash whose restart makes systemd say `Stopped` too (`service-crashed`); units that stop because their host
//! goes down (`host-rebooted`); a stop that comes after the first failure, as part of the repair.
//! Known gap: a stop by hand, outside any service manager, leaves no line.

use crate::diagnosis::Trigger;
use crate::diagnosis::ended;
use crate::diagnosis::ended::How;

pub(super) const TRIGGER: Trigger = Trigger {
    id: "service-stopped",
    title: "the server's service was stopped",
    why: "A stopped service closes its listener at once, while HAProxy goes on sending requests until its checks have failed \
          `fall` times. Drain the server first (`set server … state drain`) or let the readiness check fail before the stop. \
          Evidence: the service manager's or the application's own stop lines on the server's host, before the first failure.",
    find: |case, cause| ended::find(case, cause, How::Stopped),
};

#[cfg(test)]
mod tests {
    use crate::testing;
    use crate::testing::{REFUSED, down, host_line, nosrv};

    const STOPPED: &str = "systemd[1]: Stopped app.service - Example web application.";

    fn trigger(lines: &[String]) -> Option<String> {
        testing::trigger(&lines.concat(), "listener-refused")
    }

    #[test]
    fn a_stop_on_the_servers_host_before_its_loss_is_found() {
        let lines = [
            host_line(39, "app1", STOPPED),
            down(41, "app1", REFUSED),
            nosrv(47),
        ];
        assert_eq!(trigger(&lines).as_deref(), Some("service-stopped"));
    }

    #[test]
    fn a_stop_and_start_just_before_the_loss_still_counts() {
        let started = host_line(
            40,
            "app1",
            "systemd[1]: Started app.service - Example web application.",
        );
        let lines = [
            host_line(39, "app1", STOPPED),
            started,
            down(41, "app1", REFUSED),
            nosrv(47),
        ];
        assert_eq!(trigger(&lines).as_deref(), Some("service-stopped"));
    }

    #[test]
    fn a_stop_that_comes_after_the_failure_is_part_of_the_repair() {
        let lines = [
            down(31, "app1", REFUSED),
            nosrv(32),
            host_line(40, "app1", STOPPED),
            nosrv(47),
        ];
        assert_eq!(trigger(&lines), None);
    }

    #[test]
    fn units_of_the_proxy_and_of_other_servers_are_no_trigger() {
        let chrony = host_line(
            39,
            "proxy01",
            "systemd[1]: Stopped chrony.service - chrony, an NTP client/server.",
        );
        let other = host_line(39, "proxy01", STOPPED);
        let named = host_line(38, "app1", "kernel: eth0: link up");
        let stranger = host_line(39, "db7", STOPPED);
        let lines = [
            named,
            chrony,
            other,
            stranger,
            down(41, "app1", REFUSED),
            nosrv(47),
        ];
        assert_eq!(trigger(&lines), None);
    }

    #[test]
    fn a_oneshot_that_has_done_its_work_is_none() {
        let done = host_line(
            39,
            "app1",
            "systemd[1]: report.service: Deactivated successfully.",
        );
        assert_eq!(trigger(&[done, down(41, "app1", REFUSED), nosrv(47)]), None);
    }
}
