//! A disk of a server's host was full, so that the application could not write.
//!
//! Looks alike: a full disk on the proxy, which loses log lines but serves; a disk that fails (I/O errors), which is no full one.

use crate::base::MINUTE;
use crate::diagnosis::Case;
use crate::diagnosis::Tie;
use crate::diagnosis::Trigger;
use crate::diagnosis::TriggerFinding;
use crate::diagnosis::before;
use crate::diagnosis::before::Role;
use crate::event::host::HostKind;

pub(super) const TRIGGER: Trigger = Trigger {
    id: "disk-full",
    title: "a disk was full",
    why: "An application that cannot write its data, sessions or logs answers errors, hangs or ends. Free space, then see what \
          filled it. Evidence: `No space left on device` on the server's host before its loss.",
    find,
};

const FITS: [&str; 9] = [
    "listener-refused",
    "check-http-status",
    "check-response-invalid",
    "check-timeout",
    "application-503",
    "agent-down",
    "external-check-failed",
    "observe-marked-down",
    "unchecked-server-failed",
];
/// An application may live for some minutes on what it has in memory.
const EARLIER: i64 = 10 * MINUTE;

fn find(case: &Case<'_>, cause: &str) -> Option<TriggerFinding> {
    if !FITS.contains(&cause) {
        return None;
    }
    let signs = before::signs(case);
    let (from, to) = before::span(&signs)?;
    let events: Vec<_> = before::host_events(
        case,
        &[HostKind::DiskFull],
        (from - EARLIER, to + before::CLOCKS),
    )
    .filter_map(
        |(_, event, _)| match before::role(case, &signs, &event.host) {
            Role::Server(_) => Some((Tie::Named, event)),
            Role::Other | Role::Unknown => Some((Tie::Kind, event)),
            Role::Proxy | Role::Stranger => None,
        },
    )
    .collect();
    let (tie, event) = *events.iter().min_by_key(|(tie, event)| (*tie, event.at))?;
    let place = if event.host.is_empty() {
        String::new()
    } else {
        format!(" of {}", event.host)
    };
    Some(TriggerFinding {
        at: event.at,
        precision: event.precision,
        tie,
        explanation: format!("a disk{place} was full just before"),
        cites: before::cites(events.iter().map(|(_, event)| *event)),
    })
}

#[cfg(test)]
mod tests {
    use crate::testing;
    use crate::testing::{down, host_line, nosrv};

    fn trigger(host: &str) -> Option<String> {
        let full = host_line(
            30,
            host,
            "app[900]: write /var/lib/app/session: No space left on device",
        );
        let log = [
            full,
            down(
                41,
                "app1",
                "Layer7 wrong status, code: 500, info: \"Internal Server Error\"",
            ),
            nosrv(47),
        ];
        testing::concludes(&[("journal.txt", &log.concat())], "check-http-status")
            .trigger
            .map(|t| t.id.to_string())
    }

    #[test]
    fn a_full_disk_of_the_server_is_found_and_one_of_the_proxy_is_not() {
        assert_eq!(trigger("app1").as_deref(), Some("disk-full"));
        assert_eq!(trigger("proxy01"), None);
    }
}
