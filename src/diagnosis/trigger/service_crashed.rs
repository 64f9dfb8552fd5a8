//! The service of a failed server ended by itself: a signal, an exit code, a failed start.
//!
//! Looks alike: a kill for want of memory fails the unit too (`oom-kill`); a unit that did not end in time after an operator's
//! stop is killed and fails, which is the stop's work (`service-stopped`).

use crate::diagnosis::Trigger;
use crate::diagnosis::ended;
use crate::diagnosis::ended::How;

pub(super) const TRIGGER: Trigger = Trigger {
    id: "service-crashed",
    title: "the server's service crashed",
    why: "A process that dies takes its listener along. `Restart=on-failure` brings it back, and HAProxy takes the server again \
          after `rise` good checks; the core dump or the application's log tells why it died. Evidence: `Main process exited`, \
          `Failed with result`, `segfault` on the server's host, before the first failure.",
    find: |case, cause| ended::find(case, cause, How::Crashed),
};

#[cfg(test)]
mod tests {
    use crate::testing;
    use crate::testing::{REFUSED, down, host_line, nosrv};

    const CRASHED: &str =
        "systemd[1]: app.service: Main process exited, code=dumped, status=11/SEGV";

    fn trigger(lines: &[String]) -> Option<String> {
        testing::trigger(&lines.concat(), "listener-refused")
    }

    #[test]
    fn a_crash_before_the_loss_is_found_though_a_restart_says_stopped() {
        let stopped = host_line(40, "app1", "systemd[1]: Stopped Example web application.");
        let lines = [
            host_line(39, "app1", CRASHED),
            stopped,
            down(41, "app1", REFUSED),
            nosrv(47),
        ];
        assert_eq!(trigger(&lines).as_deref(), Some("service-crashed"));
    }

    #[test]
    fn a_unit_that_fails_after_an_ordered_stop_was_stopped() {
        let stopping = host_line(
            38,
            "app1",
            "systemd[1]: Stopping app.service - Example web application...",
        );
        let lines = [
            stopping,
            host_line(39, "app1", CRASHED),
            down(41, "app1", REFUSED),
            nosrv(47),
        ];
        assert_eq!(trigger(&lines).as_deref(), Some("service-stopped"));
    }
}
