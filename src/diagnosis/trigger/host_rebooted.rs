//! The host of a failed server, or the proxy's own, went down or booted.
//!
//! Looks alike: a stop of the service alone (`service-stopped`); journalctl's mark `-- Boot … --` at the head of a journal or at
//! a change of host, which names the boot under way and is no event.
//! Known gap: a host that lost power says nothing until it boots again.

use crate::diagnosis::Trigger;
use crate::diagnosis::ended;
use crate::diagnosis::ended::How;

pub(super) const TRIGGER: Trigger = Trigger {
    id: "host-rebooted",
    title: "the host went down or booted",
    why: "A host that goes down stops its services first (connections are refused), then answers nothing (connects time out). \
          Drain its servers before a planned reboot. Evidence: shutdown lines before the loss, or boot lines during the outage, \
          on the server's host.",
    find: |case, cause| ended::find(case, cause, How::Rebooted),
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
    fn a_shutdown_beats_the_stops_that_it_brings() {
        let reboot = host_line(
            40,
            "app1",
            "systemd[1]: Reached target reboot.target - System Reboot.",
        );
        let lines = [
            host_line(39, "app1", STOPPED),
            reboot,
            down(41, "app1", REFUSED),
            nosrv(47),
        ];
        assert_eq!(trigger(&lines).as_deref(), Some("host-rebooted"));
    }

    #[test]
    fn a_boot_during_the_outage_is_found() {
        let boot = host_line(
            45,
            "app1",
            "kernel: Linux version 6.1.0-21-amd64 (debian-kernel@lists.debian.org)",
        );
        let lines = [down(41, "app1", REFUSED), nosrv(42), boot, nosrv(47)];
        assert_eq!(trigger(&lines).as_deref(), Some("host-rebooted"));
    }

    #[test]
    fn the_mark_of_a_boot_under_way_is_no_event() {
        let mark = "-- Boot 766bee6205e3409b899b49a1347890f9 --\n".to_owned();
        let lines = [
            mark,
            host_line(39, "app1", STOPPED),
            down(41, "app1", REFUSED),
            nosrv(47),
        ];
        assert_eq!(trigger(&lines).as_deref(), Some("service-stopped"));
    }

    #[test]
    fn a_reboot_that_repairs_is_none() {
        let reboot = host_line(
            50,
            "app1",
            "systemd[1]: Reached target reboot.target - System Reboot.",
        );
        let boot = host_line(
            55,
            "app1",
            "kernel: Linux version 6.1.0-21-amd64 (debian-kernel@lists.debian.org)",
        );
        let lines = [
            down(41, "app1", REFUSED),
            nosrv(42),
            reboot,
            boot,
            nosrv(57),
        ];
        assert_eq!(trigger(&lines), None);
    }
}
