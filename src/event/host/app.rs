//! Stop, start, crash and slowness lines that application servers write themselves, where they are unmistakable.
//!
//! Any identifier may carry them (the unit's name, `java`, a container), so each sign is a phrase of one known program.
//! Access lines are left out first: what a client asks for proves nothing.

use std::sync::LazyLock;

use crate::event::host::HostEvent;
use crate::event::host::HostKind;
use crate::event::host::Line;
use crate::event::host::phrase::Phrases;
use crate::event::host::scan::after;
use crate::event::host::scan::event;

pub(super) fn decode(line: &Line<'_>) -> Option<HostEvent> {
    let (_, kind) = SIGNS.get(PHRASES.best(line.body)?)?;
    (!is_access_line(line.body))
        .then(|| event(*kind, line.program))
        .flatten()
}

/// `… "GET /x HTTP/1.1" 200 …`; in an error log the request stands in the same quotes, but no status follows.
fn is_access_line(body: &[u8]) -> bool {
    after(body, b" HTTP/")
        .and_then(|rest| after(rest, b"\" "))
        .and_then(<[u8]>::first)
        .is_some_and(u8::is_ascii_digit)
}

static PHRASES: LazyLock<Phrases> =
    LazyLock::new(|| Phrases::new(SIGNS.iter().map(|(phrase, _)| *phrase)));

/// In the order of trust: a crash line may hold the words of a stop line too.
#[rustfmt::skip]
const SIGNS: &[(&[u8], HostKind)] = &[
    (b"Perhaps out of memory?", HostKind::UnitFailed), // gunicorn, worker killed
    (b"Terminating due to java.lang.OutOfMemoryError", HostKind::UnitFailed),
    (b"JavaScript heap out of memory", HostKind::UnitFailed), // node
    (b"exited on signal ", HostKind::UnitFailed), // nginx and php-fpm workers
    (b"exit signal ", HostKind::UnitFailed), // apache child
    (b"A fatal error has been detected by the Java Runtime Environment", HostKind::UnitFailed),
    (b"ddress already in use", HostKind::UnitFailed),
    (b"(SIGTERM) received", HostKind::UnitStopped), // nginx
    (b"(SIGQUIT) received", HostKind::UnitStopped),
    (b"(SIGHUP) received", HostKind::UnitReloaded),
    (b"caught SIGTERM, shutting down", HostKind::UnitStopped), // apache
    (b"Received SIGTERM scheduling shutdown", HostKind::UnitStopped), // redis
    (b"eceived SIGTERM", HostKind::UnitStopped),
    (b"SIGTERM received", HostKind::UnitStopped),
    (b"SIGTERM signal received", HostKind::UnitStopped),
    (b"Shutting down: Master", HostKind::UnitStopped), // gunicorn
    (b"Application shutdown complete", HostKind::UnitStopped), // uvicorn
    (b"received, shutting down", HostKind::UnitStopped), // nginx
    (b"valid shutdown command was received", HostKind::UnitStopped), // tomcat
    (b"Server shutdown", HostKind::UnitStopped),
    (b"Commencing graceful shutdown", HostKind::UnitStopped), // spring boot
    (b"Application is shutting down", HostKind::UnitStopped), // .NET
    (b"shutting down apps, then terminating", HostKind::UnitStopped), // caddy
    (b"puma shutdown", HostKind::UnitStopped),
    (b"User requested shutdown", HostKind::UnitStopped), // redis
    (b"received fast shutdown request", HostKind::UnitStopped), // postgres
    (b"received smart shutdown request", HostKind::UnitStopped),
    (b"received immediate shutdown request", HostKind::UnitStopped),
    (b"database system is shut down", HostKind::UnitStopped),
    (b"mysqld: Shutdown complete", HostKind::UnitStopped),
    (b"Normal shutdown", HostKind::UnitStopped),
    (b"Stopping ProtocolHandler [", HostKind::UnitStopped), // tomcat
    (b"Stopping service [", HostKind::UnitStopped),
    (b"Gracefully stopping, waiting for requests", HostKind::UnitStopped), // puma
    (b"(JVM running for ", HostKind::UnitStarted), // spring boot
    (b"(process running for ", HostKind::UnitStarted),
    (b"fpm is running, pid ", HostKind::UnitStarted),
    (b"Uvicorn running on ", HostKind::UnitStarted),
    (b"Server startup in ", HostKind::UnitStarted), // tomcat
    (b"Application startup complete", HostKind::UnitStarted), // uvicorn
    (b"Starting gunicorn ", HostKind::UnitStarted),
    (b"Application started. Press Ctrl+C", HostKind::UnitStarted), // .NET
    (b"database system is ready to accept connections", HostKind::UnitStarted),
    (b"Ready to accept connections", HostKind::UnitStarted), // redis
    (b"ready for connections", HostKind::UnitStarted), // mysqld
    (b"resuming normal operations", HostKind::UnitStarted),
    (b"slow query", HostKind::AppSlow),
    (b"slow request", HostKind::AppSlow),
    (b"executing too slow", HostKind::AppSlow), // php-fpm
    (b"WORKER TIMEOUT (pid:", HostKind::AppSlow),
    (b"upstream timed out", HostKind::AppSlow), // nginx
    (b"Connection is not available, request timed out after ", HostKind::AppSlow), // HikariCP
    (b"server reached pm.max_children", HostKind::AppSlow), // php-fpm
    (b"server reached MaxRequestWorkers", HostKind::AppSlow), // apache
    (b"worker_connections are not enough", HostKind::AppSlow), // nginx
    (b"remaining connection slots are reserved", HostKind::AppSlow), // postgres
    (b"too many clients already", HostKind::AppSlow),
];
