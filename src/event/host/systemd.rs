//! Lines of the service manager, of systemd 219 to 257, and of its helpers for login, shutdown and core dumps.
//!
//! Shapes: `Stopped app.service - Example web application.` (249 on), `Stopped The Apache HTTP Server.` (before),
//! `app.service: Main process exited, code=killed, status=9/KILL`.
//! `Reached target Shutdown.` stays `None`: every user's manager says it at logout; `Power-Off`, `Reboot` and `System Shutdown`
//! only the host's does. The same holds for `Startup finished in 60ms.` without a kernel's part.

use crate::event::host::HostEvent;
use crate::event::host::HostKind;
use crate::event::host::Line;
use crate::event::host::scan::between;
use crate::event::host::scan::event;
use crate::event::host::scan::first_word;
use crate::event::host::scan::has;
use crate::event::host::scan::has_any;
use crate::event::host::scan::split;
use crate::event::host::scan::starts_with_any;
use crate::event::host::unit;

/// The manager, its helpers, the child that it has just forked (`(haproxy)`), and lines without an identifier.
pub(super) fn claims(program: &[u8]) -> bool {
    matches!(
        program,
        b"systemd" | b"systemd-shutdown" | b"systemd-logind" | b"systemd-coredump" | b""
    ) || program.first() == Some(&b'(')
}

pub(super) fn decode(line: &Line<'_>) -> Option<HostEvent> {
    match line.program {
        b"systemd-shutdown" => event(HostKind::ShuttingDown, b""),
        b"systemd-logind" => login(line.body),
        b"systemd-coredump" => core_dump(line.body),
        // without an identifier any program may have said "Started ..."; only a unit's name settles it
        b"" => job(line.body, true).or_else(|| about_unit(line.body)),
        _ => job(line.body, false)
            .or_else(|| about_unit(line.body))
            .or_else(|| about_host(line.body)),
    }
}

/// `Stopping …`, `Stopped …`, `Started …`, `Reloading …`, `Reloaded …`, `Failed to start …`, `Dependency failed for …`.
fn job(body: &[u8], only_units: bool) -> Option<HostEvent> {
    let (kind, rest) = job_verb(body)?;
    let rest = rest
        .strip_suffix(b"...")
        .or_else(|| rest.strip_suffix("…".as_bytes()))
        .or_else(|| rest.strip_suffix(b"."))
        .unwrap_or(rest);
    let word = first_word(rest);
    if unit::is_any_unit(word) && (word.len() == rest.len() || has(rest, b" - ")) {
        return of_unit(kind, word);
    }
    if only_units || rest.is_empty() || unit::is_housekeeping_description(rest) {
        return None;
    }
    if unit::is_network_description(rest) {
        return event(HostKind::Network, rest);
    }
    event(kind, rest)
}

fn job_verb(body: &[u8]) -> Option<(HostKind, &[u8])> {
    // most lines of a manager are `Starting`, `Finished`, `Created slice`, `Listening on`: one byte tells
    let table: &[(&[u8], HostKind)] = match body.first()? {
        b'S' => &[
            (b"Started ", HostKind::UnitStarted),
            (b"Stopping ", HostKind::UnitStopped),
            (b"Stopped ", HostKind::UnitStopped),
        ],
        b'R' => &[
            (b"Reloading ", HostKind::UnitReloaded),
            (b"Reloaded ", HostKind::UnitReloaded),
        ],
        b'F' => &[(b"Failed to start ", HostKind::UnitFailed)],
        b'D' => &[(b"Dependency failed for ", HostKind::UnitFailed)],
        _ => return None,
    };
    let (verb, kind) = table.iter().find(|(verb, _)| body.starts_with(verb))?;
    let rest = body.strip_prefix(*verb)?;
    let daemon_reload = rest.starts_with(b"requested from") || rest.starts_with(b"finished in");
    (!daemon_reload).then_some((*kind, rest))
}

/// `app.service: …`, and the word orders of systemd 219 (`Unit app.service entered failed state.`, `app.service failed.`).
fn about_unit(body: &[u8]) -> Option<HostEvent> {
    if let Some((name, rest)) = split(body, b": ")
        && unit::is_any_unit(name)
    {
        return of_unit(unit_news(rest)?, name);
    }
    let word = first_word(body);
    if unit::is_unit(word) {
        let rest = body.get(word.len() + 1..)?;
        let failed = rest == b"failed."
            || starts_with_any(rest, &[b"holdoff time over", b"start operation timed out"]);
        return failed
            .then(|| of_unit(HostKind::UnitFailed, word))
            .flatten();
    }
    let name = between(body, b"Unit ", b" entered failed state")
        .filter(|_| body.starts_with(b"Unit "))
        .or_else(|| {
            body.strip_prefix(b"start request repeated too quickly for ")
                .map(|name| name.strip_suffix(b".").unwrap_or(name))
        })?;
    of_unit(HostKind::UnitFailed, name)
}

/// What follows `app.service: `.
fn unit_news(rest: &[u8]) -> Option<HostKind> {
    const OOM: &[&[u8]] = &[
        b"A process of this unit has been killed by the OOM killer",
        b"Failed with result 'oom-kill'",
        b"systemd-oomd killed ",
    ];
    const STOPPED: &[&[u8]] = &[
        b"Deactivated successfully",
        b"Succeeded.",
        b"State 'stop-",
        b"Stopping timed out",
        b"stop-sigterm timed out",
    ];
    const FAILED: &[&[u8]] = &[
        b"Failed with result '",
        b"Control process exited",
        b"control process exited",
        b"Scheduled restart job",
        b"Service hold-off time over",
        b"Unit entered failed state",
        b"Start request repeated too quickly",
        b"Start operation timed out",
        b"start operation timed out",
        b"Watchdog timeout",
        b"watchdog timeout",
        b"Failed at step ",
        b"Failed to execute",
        b"Failed to locate executable",
        b"Unable to locate executable",
        b"State 'start",
    ];
    if starts_with_any(rest, OOM) {
        return Some(HostKind::OomKill);
    }
    if starts_with_any(rest, STOPPED) {
        return Some(HostKind::UnitStopped);
    }
    if starts_with_any(rest, &[b"Main process exited, ", b"main process exited, "]) {
        return Some(main_exit(rest));
    }
    if starts_with_any(rest, FAILED) {
        return Some(HostKind::UnitFailed);
    }
    // `systemctl kill`; HUP and USR are how log rotation asks for new files
    let killed = rest.starts_with(b"Sent signal ")
        && has(rest, b"on client request")
        && !has_any(rest, &[b"SIGHUP", b"SIGUSR"]);
    killed.then_some(HostKind::OperatorCommand)
}

/// A process that ended by the SIGTERM it was sent was stopped in order: 143 is how a Java machine says so.
fn main_exit(rest: &[u8]) -> HostKind {
    const ORDERED: &[&[u8]] = &[
        b"code=killed, status=15/TERM",
        b"code=exited, status=143",
        b"code=exited, status=0/SUCCESS",
    ];
    if has_any(rest, ORDERED) {
        HostKind::UnitStopped
    } else {
        HostKind::UnitFailed
    }
}

fn of_unit(kind: HostKind, name: &[u8]) -> Option<HostEvent> {
    if unit::is_network(name) {
        return event(HostKind::Network, name);
    }
    if !unit::is_unit(name) || unit::is_housekeeping(name) {
        return None;
    }
    event(kind, name)
}

/// Boot and shutdown, and a clock that was set.
fn about_host(body: &[u8]) -> Option<HostEvent> {
    const DOWN: &[&[u8]] = &[
        b"Reached target System Shutdown",
        b"Reached target shutdown.target - System Shutdown",
        b"Reached target Power-Off",
        b"Reached target poweroff.target",
        b"Reached target System Power Off",
        b"Reached target Reboot",
        b"Reached target System Reboot",
        b"Reached target reboot.target",
        b"Reached target Halt",
        b"Reached target halt.target",
        b"Reached target Final Step",
        b"Reached target final.target",
        b"Shutting down.",
        b"Powering off.",
        b"Rebooting.",
        b"Halting system.",
    ];
    let kind = if starts_with_any(body, DOWN) {
        HostKind::ShuttingDown
    } else if body.starts_with(b"Startup finished in ") && has(body, b"(kernel)") {
        HostKind::Booted
    } else if body.starts_with(b"Time has been changed") {
        HostKind::TimeStep
    } else {
        return None;
    };
    event(kind, b"")
}

/// systemd-logind; sessions are nobody's outage.
fn login(body: &[u8]) -> Option<HostEvent> {
    const DOWN: &[&[u8]] = &[
        b"System is rebooting",
        b"System is powering",
        b"System is halting",
        b"Powering Off",
        b"Powering off",
        b"Rebooting",
        b"The system will reboot now",
        b"The system will power off now",
        b"The system will halt now",
    ];
    starts_with_any(body, DOWN)
        .then(|| event(HostKind::ShuttingDown, b""))
        .flatten()
}

/// `Process 1234 (java) of user 1001 dumped core.`
fn core_dump(body: &[u8]) -> Option<HostEvent> {
    // systemd 246 and later lead the line with a mark in brackets.
    let led = body.starts_with(b"Process ") || body.starts_with(b"[") && has(body, b"] Process ");
    if !led || !has(body, b"dumped core") {
        return None;
    }
    event(HostKind::UnitFailed, between(body, b"(", b")")?)
}
