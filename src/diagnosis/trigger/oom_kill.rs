//! The kernel or systemd-oomd killed the service of a failed server for want of memory.
//!
//! Looks alike: a crash of the unit without a kill line (`service-crashed`); the killed unit logs `Failed with result` as well.
//! Known gap: a container's limit may kill inside the container with a line on its host alone, whose name is no server's.

use crate::diagnosis::Trigger;
use crate::diagnosis::ended;
use crate::diagnosis::ended::How;

pub(super) const TRIGGER: Trigger = Trigger {
    id: "oom-kill",
    title: "the server's process was killed for want of memory",
    why: "The killer ends a process without a chance to close its work; its listener is gone at once. Find what grew (the kill \
          line lists sizes), raise the limit or bound the application. Evidence: the kernel's or systemd-oomd's kill line on the \
          server's host, before the first failure; for HAProxy's own end, on the proxy's host.",
    find: |case, cause| ended::find(case, cause, How::Oom),
};

#[cfg(test)]
mod tests {
    use crate::testing;
    use crate::testing::{REFUSED, down, host_line, nosrv};

    const KILLED: &str =
        "kernel: Out of memory: Killed process 2102 (node) total-vm:4312840kB, anon-rss:3500000kB";
    const FAILED: &str = "systemd[1]: app.service: Main process exited, code=killed, status=9/KILL";

    fn trigger(lines: &[String]) -> Option<String> {
        testing::trigger(&lines.concat(), "listener-refused")
    }

    #[test]
    fn a_kill_for_memory_is_found_beside_the_units_own_failure() {
        let lines = [
            host_line(39, "app1", KILLED),
            host_line(39, "app1", FAILED),
            down(41, "app1", REFUSED),
            nosrv(47),
        ];
        assert_eq!(trigger(&lines).as_deref(), Some("oom-kill"));
    }

    #[test]
    fn a_kill_by_hand_is_a_crash() {
        let lines = [
            host_line(39, "app1", FAILED),
            down(41, "app1", REFUSED),
            nosrv(47),
        ];
        assert_eq!(trigger(&lines).as_deref(), Some("service-crashed"));
    }

    #[test]
    fn a_kill_on_the_proxys_host_did_not_end_a_remote_server() {
        let lines = [
            host_line(39, "proxy01", KILLED),
            down(41, "app1", REFUSED),
            nosrv(47),
        ];
        assert_eq!(trigger(&lines), None);
    }
}
