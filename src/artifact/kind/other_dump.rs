//! Outputs of the runtime socket that are named, and of which nothing is read; and its error replies.
//!
//! They are known so that they end the dump before them and are not taken for something else.

use crate::artifact::head::Head;
use crate::artifact::head::NO;
use crate::artifact::head::SURE;
use crate::artifact::head::Score;
use crate::artifact::words::has;
use crate::artifact::words::has_any;
use crate::artifact::words::starts_with_any;

/// A test for the first line of an output.
type Opens = fn(&[u8], &[u8]) -> bool;

pub(super) fn looks_like<const WHICH: usize>(head: &Head<'_>) -> Score {
    let first = head.first();
    let next = head.lines.get(1).copied().unwrap_or_default();
    if opens::<WHICH>(first, next) {
        SURE
    } else {
        NO
    }
}

pub(super) fn opens<const WHICH: usize>(line: &[u8], next: &[u8]) -> bool {
    TESTS.get(WHICH).is_some_and(|test| test(line, next))
}

pub(super) const ACTIVITY: usize = 0;
pub(super) const CLI_SOCKETS: usize = 1;
pub(super) const EVENTS: usize = 2;
pub(super) const FD: usize = 3;
pub(super) const MAPS: usize = 4;
pub(super) const POOLS: usize = 5;
pub(super) const PROFILING: usize = 6;
pub(super) const SCHEMA: usize = 7;
pub(super) const TASKS: usize = 8;
pub(super) const THREADS: usize = 9;
pub(super) const STARTUP_LOGS: usize = 10;
pub(super) const REFUSAL: usize = 11;

/// First lines, from 1.8 to 3.4 (HAProxy `src/activity.c`, `src/cli.c`, `src/debug.c`, `src/pool.c`, `src/map.c`).
const TESTS: [Opens; 12] = [
    |line, next| line.starts_with(b"thread_id: ") && next.starts_with(b"date_now: "),
    |line, _| line.starts_with(b"# socket lvl processes"),
    |line, _| line.starts_with(b"Supported events sinks are listed below"),
    is_descriptor,
    |line, _| line.starts_with(b"# id (file)"),
    |line, _| line.starts_with(b"Dumping pools usage."),
    |line, _| line.starts_with(b"Per-task CPU profiling "),
    |line, _| line.starts_with(b"{\"$schema\":\"http://json-schema.org/"),
    |line, _| line.starts_with(b"Running tasks: ") && has(line, " threads)"),
    is_thread,
    |line, _| line.starts_with(b"No startup alerts/warnings."),
    |line, _| starts_with_any(line, &REFUSALS),
];

const REFUSALS: [&str; 7] = [
    "Unknown command",
    "Permission denied",
    "Can't find backend.",
    "Can't find proxy.",
    "No such server.",
    "No such backend.",
    "No such proxy.",
];

/// `      4 : st=0x020023(Cl heopi W:sRa R:sRA) ref=0 gid=1 tmask=0x3`, up to 2.1 `  4 : st=0x05(R:PrA W:pra) ev=0x00`.
fn is_descriptor(line: &[u8], _: &[u8]) -> bool {
    let line = line.trim_ascii_start();
    line.first().is_some_and(u8::is_ascii_digit) && has(line, " : st=0x") && has(line, "owner=0x")
}

/// `* Thread 1 : id=0x7f51e6cd7440 act=0 glob=0 wq=1`, with `>` for the thread that prints.
fn is_thread(line: &[u8], _: &[u8]) -> bool {
    let line = line.trim_ascii_start();
    let line = line.strip_prefix(b"*").unwrap_or(line);
    let line = line.strip_prefix(b">").unwrap_or(line).trim_ascii_start();
    line.starts_with(b"Thread ") && has_any(line, &[": id=0x"])
}
