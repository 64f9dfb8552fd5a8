//! Life of HAProxy's processes: master and workers, and the proxies that a process starts and stops.
//!
//! Source: HAProxy `src/haproxy.c`, `src/mworker.c`, `src/proxy.c`, `src/log.c`, `src/debug.c`.

use crate::base::printable;
use crate::event::message::Message;
use crate::event::message::ProcessChange;
use crate::event::message::text::contains;
use crate::event::message::text::number;
use crate::event::message::text::proxy_name;
use crate::event::message::text::starts_with_any;
use crate::event::message::text::without_dot;
use crate::event::message::text::word;

/// Wordings that only HAProxy has; good without a label.
pub(super) fn decode(text: &[u8]) -> Option<Message> {
    worker(text)
        .or_else(|| master(text))
        .or_else(|| proxy(text))
        .or_else(|| sign(text))
        .map(Message::Process)
}

/// Wordings that other programs have too; good behind a label with a pid only.
pub(super) fn labelled(text: &[u8]) -> Option<Message> {
    let change = if text.starts_with(b"Loading success") {
        ProcessChange::LoadingSuccess
    } else if text.starts_with(b"Loading failure") {
        ProcessChange::LoadFailed
    } else if text.starts_with(b"Reloading HAProxy") {
        ProcessChange::Reloading
    } else {
        return None;
    };
    Some(Message::Process(change))
}

fn worker(text: &[u8]) -> Option<ProcessChange> {
    if let Some(rest) = text
        .strip_prefix(b"New worker ")
        .or_else(|| text.strip_prefix(b"Initializing new worker "))
    {
        let (worker, rest) = pid(rest)?;
        let whole = rest.is_empty() || rest.starts_with(b" forked");
        return whole.then_some(ProcessChange::WorkerForked { worker });
    }
    let (current, rest) = match text.strip_prefix(b"Current worker ") {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix(b"Former worker ")?),
    };
    let (worker, rest) = pid(rest).or_else(|| number(rest)).unwrap_or((0, rest));
    let rest = rest.trim_ascii_start();
    let code = rest
        .strip_prefix(b"exited with code ")
        .or_else(|| rest.strip_prefix(b"left with exit code "))?;
    let (code, _) = number(code)?;
    Some(if current {
        ProcessChange::CurrentWorkerLeft { worker, code }
    } else {
        ProcessChange::FormerWorkerLeft { worker, code }
    })
}

/// `(123)` or `#1 (123)`.
fn pid(text: &[u8]) -> Option<(u32, &[u8])> {
    let text = match text.strip_prefix(b"#") {
        Some(rest) => number(rest)?.1.strip_prefix(b" ")?,
        None => text,
    };
    let (pid, rest) = number(text.strip_prefix(b"(")?)?;
    Some((pid, rest.strip_prefix(b")")?))
}

fn master(text: &[u8]) -> Option<ProcessChange> {
    const FAILED: [&[u8]; 5] = [
        b"Reexecuting Master process in waitpid mode",
        b"Failed to load worker",
        b"Failed to reexecute the master process",
        b"Master failed to parse new configuration",
        b"Master failed to load new configuration",
    ];
    const LEAVING: [&[u8]; 7] = [
        b"Exiting Master process",
        b"All workers exited. Exiting",
        b"All workers are left. Leaving",
        b"exit-on-failure: killing every",
        b"Non-recoverable mworker wait-mode error",
        b"Master encountered an error in recovery mode",
        b"Non-recoverable error occurred in master",
    ];
    if starts_with_any(text, &FAILED) {
        Some(ProcessChange::LoadFailed)
    } else if text.starts_with(b"Reexecuting Master process") {
        Some(ProcessChange::Reloading)
    } else if starts_with_any(text, &LEAVING) {
        Some(ProcessChange::MasterLeaving)
    } else {
        None
    }
}

fn proxy(text: &[u8]) -> Option<ProcessChange> {
    let (verb, rest) = word(text);
    let rest = rest.strip_prefix(b" ")?;
    match verb {
        b"Proxy" => {
            let (name, rest) = word(rest);
            match rest {
                b" started." | b" started" => {
                    proxy_name(name).map(|proxy| ProcessChange::ProxyStarted { proxy })
                }
                _ if starts_with_any(rest, &[b" stopped (", b" hard-stopped"]) => {
                    proxy_name(name).map(|proxy| ProcessChange::ProxyStopped { proxy })
                }
                _ => None,
            }
        }
        b"Stopping" => {
            let (proxy, rest) = kind_and_name(rest)?;
            let (_, rest) = number(rest.strip_prefix(b" in ")?)?;
            rest.starts_with(b" ms")
                .then_some(ProcessChange::ProxyStopped { proxy })
        }
        b"Pausing" | b"Paused" => alone(rest).map(|proxy| ProcessChange::ProxyPaused { proxy }),
        b"Enabling" | b"Resumed" => alone(rest).map(|proxy| ProcessChange::ProxyResumed { proxy }),
        _ => None,
    }
}

/// `frontend f` and what follows; the final dot stays in the name.
fn kind_and_name(text: &[u8]) -> Option<(String, &[u8])> {
    const KINDS: [&[u8]; 4] = [b"frontend", b"backend", b"proxy", b"listen"];
    let (kind, rest) = word(text);
    let (name, rest) = word(rest.strip_prefix(b" ")?);
    let name = proxy_name(name)?;
    KINDS.contains(&kind).then_some((name, rest))
}

/// `frontend f.` and nothing more.
fn alone(text: &[u8]) -> Option<String> {
    let (name, rest) = kind_and_name(without_dot(text))?;
    rest.is_empty().then_some(name)
}

fn sign(text: &[u8]) -> Option<ProcessChange> {
    if let Some(version) = text.strip_prefix(b"haproxy version is ") {
        return Some(ProcessChange::Version {
            version: printable(version),
        });
    }
    if let Some(rest) = text
        .strip_prefix(b"HAProxy version ")
        .or_else(|| text.strip_prefix(b"HA-Proxy version "))
    {
        let version = printable(word(rest).0);
        return contains(rest, b"haproxy.org").then_some(ProcessChange::Version { version });
    }
    if text.starts_with(b"soft-stop running for too long") {
        return Some(ProcessChange::HardStop);
    }
    if starts_with_any(text, &[b"sendmsg", b"socket()"]) {
        // The second wording is that of 1.8.
        let lost = contains(text, b" failed in logger #")
            || (text.starts_with(b"sendmsg logger #") && contains(text, b" failed: "));
        return lost.then_some(ProcessChange::LogsLost);
    }
    let thread = text.strip_prefix(b"PANIC! ").unwrap_or(text);
    let (_, rest) = number(thread.strip_prefix(b"Thread ")?)?;
    rest.starts_with(b" is about to kill the process")
        .then_some(ProcessChange::Watchdog)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::message::tests::process;
    use crate::event::message::tests::text;

    /// As a master prints it, before and since 2.4.
    fn check_master<const N: usize>(rows: [(&str, ProcessChange); N]) {
        for (words, change) in rows {
            process(&format!("[NOTICE]   (9) : {words}"), change.clone());
            process(&format!("lb | [WARNING] 325/074604 (9) : {words}"), change);
        }
    }

    #[test]
    fn workers_are_forked_or_refused() {
        use ProcessChange as P;
        let rows = [
            ("New worker #1 (77) forked", P::WorkerForked { worker: 77 }),
            ("New worker (77) forked", P::WorkerForked { worker: 77 }),
            (
                "Initializing new worker (77)",
                P::WorkerForked { worker: 77 },
            ),
            ("Loading success.", P::LoadingSuccess),
            ("Loading failure!", P::LoadFailed),
            ("Reexecuting Master process in waitpid mode", P::LoadFailed),
            ("Failed to load worker!", P::LoadFailed),
            (
                "Failed to load worker (77) exited with code 1 (Exit)",
                P::LoadFailed,
            ),
            (
                "Master failed to parse new configuration and can't start a new worker.",
                P::LoadFailed,
            ),
            (
                "Master failed to load new configuration and can't start a new worker.",
                P::LoadFailed,
            ),
            (
                "Failed to reexecute the master process [77]: No such file",
                P::LoadFailed,
            ),
            ("Reexecuting Master process", P::Reloading),
            ("Reloading HAProxy", P::Reloading),
            ("Reloading HAProxy (hard-reload)", P::Reloading),
        ];
        check_master(rows);
    }

    #[test]
    fn workers_leave() {
        use ProcessChange as P;
        let rows = [
            (
                "Current worker 77 left with exit code 139",
                P::CurrentWorkerLeft {
                    worker: 77,
                    code: 139,
                },
            ),
            (
                "Current worker #1 (77) exited with code 139 (Segmentation fault)",
                P::CurrentWorkerLeft {
                    worker: 77,
                    code: 139,
                },
            ),
            (
                "Current worker (77) exited with code 137 (Killed)",
                P::CurrentWorkerLeft {
                    worker: 77,
                    code: 137,
                },
            ),
            (
                "Former worker 77 left with exit code 0",
                P::FormerWorkerLeft {
                    worker: 77,
                    code: 0,
                },
            ),
            (
                "Former worker #1 (77) exited with code 0 (Exit)",
                P::FormerWorkerLeft {
                    worker: 77,
                    code: 0,
                },
            ),
            (
                "Former worker (77) exited with code 143 (Terminated), as it exceeds max reloads (3)",
                P::FormerWorkerLeft {
                    worker: 77,
                    code: 143,
                },
            ),
        ];
        check_master(rows);
    }

    #[test]
    fn masters_leave_and_other_signs() {
        use ProcessChange as P;
        let rows = [
            (
                "exit-on-failure: killing every workers with SIGTERM",
                P::MasterLeaving,
            ),
            (
                "exit-on-failure: killing every processes with SIGTERM",
                P::MasterLeaving,
            ),
            ("All workers are left. Leaving... (1)", P::MasterLeaving),
            ("All workers exited. Exiting... (143)", P::MasterLeaving),
            ("Exiting Master process...", P::MasterLeaving),
            (
                "Non-recoverable mworker wait-mode error, exiting.",
                P::MasterLeaving,
            ),
            (
                "Master encountered an error in recovery mode, exiting.",
                P::MasterLeaving,
            ),
            (
                "soft-stop running for too long, performing a hard-stop.",
                P::HardStop,
            ),
            ("Thread 3 is about to kill the process.", P::Watchdog),
            (
                "PANIC! Thread 3 is about to kill the process (pid 77).",
                P::Watchdog,
            ),
            (
                "sendmsg()/writev() failed in logger #1: No such file or directory (errno=2)",
                P::LogsLost,
            ),
            (
                "sendmsg logger #1 failed: No such file or directory (errno=2)",
                P::LogsLost,
            ),
            (
                "haproxy version is 2.6.12-1+deb12u1",
                P::Version {
                    version: text("2.6.12-1+deb12u1"),
                },
            ),
            (
                "HAProxy version 3.0.5-8e879a5 2024/09/19 - https://haproxy.org/",
                P::Version {
                    version: text("3.0.5-8e879a5"),
                },
            ),
        ];
        check_master(rows);
    }

    #[test]
    fn proxies_of_a_process() {
        use ProcessChange as P;
        let proxy = || text("fe.example");
        let rows = [
            (
                "Proxy fe.example started.",
                P::ProxyStarted { proxy: proxy() },
            ),
            (
                "Stopping frontend fe.example in 0 ms.",
                P::ProxyStopped { proxy: proxy() },
            ),
            (
                "Proxy fe.example stopped (FE: 12 conns, BE: 0 conns).",
                P::ProxyStopped { proxy: proxy() },
            ),
            (
                "Proxy fe.example stopped (cumulated conns: FE: 12, BE: 0).",
                P::ProxyStopped { proxy: proxy() },
            ),
            (
                "Proxy fe.example hard-stopped (2 remaining conns will be closed).",
                P::ProxyStopped { proxy: proxy() },
            ),
            (
                "Pausing frontend fe.example.",
                P::ProxyPaused { proxy: proxy() },
            ),
            (
                "Paused frontend fe.example.",
                P::ProxyPaused { proxy: proxy() },
            ),
            (
                "Enabling frontend fe.example.",
                P::ProxyResumed { proxy: proxy() },
            ),
            (
                "Resumed frontend fe.example.",
                P::ProxyResumed { proxy: proxy() },
            ),
        ];
        for (words, change) in rows {
            process(words, change.clone());
            process(&format!("[WARNING]  (9) : {words}"), change.clone());
            process(
                &format!("Jan  2 03:04:05 haproxy haproxy[9]: {words}"),
                change,
            );
        }
    }
}
