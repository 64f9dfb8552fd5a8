//! What an operator's command line touches: HAProxy's socket, a service, files, the network, certificates, names.
//!
//! A command that only looks (`systemctl status`, `ip addr`, `nft list ruleset`, `show stat`) touches nothing: `None`.
//! What was piped into `socat` is not in the line, so a socket alone counts as a command on it.

use std::sync::LazyLock;

use crate::event::host::HostKind;
use crate::event::host::phrase::Phrases;
use crate::event::host::scan::base_name;
use crate::event::host::scan::has;
use crate::event::host::scan::has_any;
use crate::event::host::tool;

/// What the command changes, if anything.
pub(super) fn kind(text: &[u8]) -> Option<HostKind> {
    if let Some(kind) = runtime_api(text) {
        return kind;
    }
    let words: Vec<&[u8]> = words(text).collect();
    let (first, rest) = words.split_first()?;
    let program = base_name(first);
    if is_shell(program) {
        return inside_shell(rest);
    }
    if is_wrapper(program) {
        // its own options and values stand before the program that it runs
        return (0..rest.len().min(WRAPPER_WORDS_MAX))
            .find_map(|index| one(rest.get(index..).unwrap_or_default()));
    }
    one(&words)
}

/// How far behind `timeout 5`, `nice -n 10` or `env A=b` the program is looked for.
const WRAPPER_WORDS_MAX: usize = 6;

/// One program with its arguments.
fn one(words: &[&[u8]]) -> Option<HostKind> {
    let (first, args) = words.split_first()?;
    tool::kind(base_name(first), args)
}

/// Commands behind `bash -c "…"`: each one begins at the start or behind `;`, `&&`, `||`, `|`, `sudo`.
fn inside_shell(words: &[&[u8]]) -> Option<HostKind> {
    let breaks = |word: &&[u8]| {
        matches!(
            *word,
            b";" | b"&&" | b"||" | b"|" | b"sudo" | b"-c" | b"-lc" | b"-ec"
        )
    };
    words.split(breaks).find_map(one)
}

fn is_shell(program: &[u8]) -> bool {
    matches!(program, b"sh" | b"bash" | b"dash" | b"zsh" | b"ksh" | b"su")
}

fn is_wrapper(program: &[u8]) -> bool {
    matches!(
        program,
        b"env"
            | b"nohup"
            | b"timeout"
            | b"nice"
            | b"ionice"
            | b"setsid"
            | b"xargs"
            | b"time"
            | b"stdbuf"
            | b"chroot"
    )
}

/// Words without quotes and without a `;` at their end.
fn words(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(|b| matches!(b, b' ' | b'"' | b'\'' | b'\\'))
        .map(|word| match word.strip_suffix(b";") {
            Some(bare) if !bare.is_empty() => bare,
            _ => word,
        })
        .filter(|word| !word.is_empty())
}

/// `Some(None)`: it is about the runtime API, but only reads. The outer `None`: it is not about it at all.
fn runtime_api(text: &[u8]) -> Option<Option<HostKind>> {
    if ORDER_PHRASES.any(text) {
        return Some(Some(HostKind::SocketCommand));
    }
    let first = base_name(words(text).next()?);
    if matches!(first, b"hatop" | b"haproxyctl" | b"haproxy-cli" | b"halctl") {
        let reads = has_any(text, &[b" show ", b" status", b"--help"]);
        return Some((!reads).then_some(HostKind::SocketCommand));
    }
    let http = has_any(text, &[b"curl ", b"wget ", b"http "]);
    if http {
        let ours = has_any(text, &[b"/services/haproxy/", b"dataplane"])
            || has(text, b"haproxy") && has_any(text, &[b"action=", b"stats"]);
        let writes = has_any(
            text,
            &[
                b"PUT", b"POST", b"DELETE", b"PATCH", b" -d ", b" --data", b"action=", b" --json",
                b" -F ",
            ],
        );
        return ours.then(|| writes.then_some(HostKind::SocketCommand));
    }
    let socket = words(text).any(is_socket);
    let pipe =
        words(text).any(|word| matches!(base_name(word), b"socat" | b"nc" | b"ncat" | b"netcat"));
    if socket && pipe {
        let reads = has_any(text, &[b"show ", b"echo help"]);
        return Some((!reads).then_some(HostKind::SocketCommand));
    }
    None
}

/// `/run/haproxy/admin.sock`, `UNIX-CONNECT:/var/lib/haproxy/stats`, `/var/run/haproxy.stat`.
fn is_socket(word: &[u8]) -> bool {
    let name = base_name(word);
    has(word, b"/")
        && (has_any(word, &[b"haproxy", b"hapee"]) && has_any(name, &[b"sock", b"stat"])
            || has(name, b"admin.sock"))
}

static ORDER_PHRASES: LazyLock<Phrases> = LazyLock::new(|| Phrases::new(ORDERS.iter().copied()));

/// Commands of the runtime API that change something.
const ORDERS: &[&[u8]] = &[
    b"set server ",
    b"disable server ",
    b"enable server ",
    b"set weight ",
    b"set maxconn ",
    b"shutdown session",
    b"disable agent ",
    b"enable agent ",
    b"disable health ",
    b"enable health ",
    b"disable frontend ",
    b"enable frontend ",
    b"shutdown frontend ",
    b"add server ",
    b"del server ",
    b"add map ",
    b"del map ",
    b"set map ",
    b"clear map ",
    b"add acl ",
    b"del acl ",
    b"clear acl ",
    b"clear table ",
    b"set table ",
    b"set ssl cert",
    b"commit ssl cert",
    b"set rate-limit ",
];
