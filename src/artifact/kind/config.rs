//! haproxy.cfg, whole or from its middle.

use crate::artifact::head::HINT;
use crate::artifact::head::Head;
use crate::artifact::head::LIKELY;
use crate::artifact::head::NO;
use crate::artifact::head::SURE;
use crate::artifact::head::Score;
use crate::artifact::head::WEAK;
use crate::artifact::words::first_word;
use crate::artifact::words::is_one_of;
use crate::artifact::words::words;

/// Sections that stand without a name (configuration manual 3.2, "Quick reminder about HTTP" ff. by chapter).
const BARE_SECTIONS: [&str; 3] = ["global", "defaults", "traces"];

/// Sections with a name.
const NAMED_SECTIONS: [&str; 20] = [
    "frontend",
    "backend",
    "listen",
    "defaults",
    "peers",
    "resolvers",
    "userlist",
    "mailers",
    "cache",
    "program",
    "http-errors",
    "ring",
    "log-forward",
    "log-profile",
    "fcgi-app",
    "crt-store",
    "acme",
    "healthcheck",
    "spoe-agent",
    "spoe-message",
];

/// First words of directives that mean little else.
const DIRECTIVES: [&str; 78] = [
    "bind",
    "server",
    "server-template",
    "default-server",
    "default_backend",
    "use_backend",
    "use-server",
    "acl",
    "http-request",
    "http-response",
    "http-after-response",
    "http-check",
    "http-error",
    "http-reuse",
    "tcp-request",
    "tcp-response",
    "tcp-check",
    "stick-table",
    "stick",
    "balance",
    "hash-type",
    "cookie",
    "option",
    "timeout",
    "errorfile",
    "errorloc",
    "errorloc302",
    "errorloc303",
    "errorfiles",
    "log-format",
    "log-format-sd",
    "error-log-format",
    "log-tag",
    "unique-id-format",
    "unique-id-header",
    "compression",
    "capture",
    "filter",
    "redirect",
    "reqadd",
    "reqrep",
    "reqirep",
    "reqdel",
    "reqidel",
    "reqdeny",
    "reqideny",
    "rspadd",
    "rsprep",
    "rspirep",
    "rspdel",
    "rspidel",
    "contimeout",
    "clitimeout",
    "srvtimeout",
    "appsession",
    "monitor-uri",
    "monitor-net",
    "monitor",
    "dispatch",
    "email-alert",
    "external-check",
    "force-persist",
    "ignore-persist",
    "load-server-state-from-file",
    "server-state-file",
    "server-state-base",
    "fullconn",
    "chroot",
    "pidfile",
    "nbproc",
    "nbthread",
    "cpu-map",
    "ssl-default-bind-ciphers",
    "ssl-default-bind-options",
    "nameserver",
    "resolve_retries",
    "lua-load",
    "declare",
];

/// First words of directives that ordinary text has too: they count only beside the others.
const PLAIN_DIRECTIVES: [&str; 36] = [
    "mode",
    "log",
    "stats",
    "maxconn",
    "user",
    "group",
    "uid",
    "gid",
    "daemon",
    "debug",
    "quiet",
    "disabled",
    "enabled",
    "description",
    "retries",
    "grace",
    "id",
    "name",
    "hold",
    "peer",
    "table",
    "source",
    "transparent",
    "backlog",
    "ulimit-n",
    "ca-base",
    "crt-base",
    "node",
    "presetenv",
    "setenv",
    "rate-limit",
    "mailer",
    "users",
    "block",
    "spread-checks",
    "zero-warning",
];

/// Sections under which the next line must look like one of theirs, where outputs follow each other.
const OPENING_SECTIONS: [&str; 6] = [
    "global",
    "defaults",
    "frontend",
    "backend",
    "listen",
    "resolvers",
];

pub(super) fn looks_like(head: &Head<'_>) -> Score {
    let lines: Vec<&[u8]> = head
        .lines
        .iter()
        .copied()
        .filter(|line| !is_remark(line))
        .collect();
    if lines.is_empty() {
        let comments = head
            .lines
            .iter()
            .any(|line| line.trim_ascii_start().starts_with(b"#"));
        return if comments { HINT } else { NO };
    }
    let count = |test: fn(&[u8]) -> bool| lines.iter().filter(|line| test(line)).count();
    let sections = count(is_section);
    let directives = count(is_directive);
    let plain = count(is_plain_directive);
    let percent = (sections + directives + plain) * 100 / lines.len();
    match percent {
        60.. if sections > 0 => SURE,
        60.. if directives > 0 => LIKELY,
        60.. => WEAK,
        // many unknown words, still the frame of a configuration: templates, other versions
        25.. if sections > 0 && directives + plain > 0 => LIKELY - 10,
        _ if sections + directives > 0 => WEAK - 5,
        _ => HINT,
    }
}

pub(in crate::artifact) fn opens(line: &[u8], next: &[u8]) -> bool {
    let section = first_word(line);
    // HAProxy's own dumps print indented `backend …` lines
    if line.first().is_some_and(u8::is_ascii_whitespace) {
        return false;
    }
    let fits = match words(line).count() {
        1 => is_one_of(section, &BARE_SECTIONS),
        2 | 3 => is_one_of(section, &OPENING_SECTIONS),
        // a section pasted as one paragraph
        _ => is_one_of(section, &OPENING_SECTIONS) && words(line).skip(1).any(is_strong_word),
    };
    fits && (words(line).count() > 3
        || is_directive(next)
        || is_plain_directive(next)
        || is_remark(next))
}

/// The word starts a directive and little else.
fn is_strong_word(word: &[u8]) -> bool {
    is_one_of(
        word,
        &[
            "bind",
            "acl",
            "use_backend",
            "default_backend",
            "server",
            "option",
            "timeout",
        ],
    )
}

fn is_section(line: &[u8]) -> bool {
    let mut words = words(line);
    let section = words.next().unwrap_or_default();
    match words.next() {
        None => is_one_of(section, &BARE_SECTIONS),
        Some(_) => is_one_of(section, &NAMED_SECTIONS),
    }
}

/// The line starts with the first word of a directive that means little else.
pub(in crate::artifact) fn is_directive(line: &[u8]) -> bool {
    let word = directive(line);
    is_one_of(word, &DIRECTIVES)
        || word.starts_with(b"tune.")
        || word.starts_with(b"ssl-")
        || is_conditional(word)
}

fn is_plain_directive(line: &[u8]) -> bool {
    is_one_of(directive(line), &PLAIN_DIRECTIVES)
}

/// The first word of a directive, behind `no` or `default`.
fn directive(line: &[u8]) -> &[u8] {
    let mut words = words(line);
    match words.next() {
        Some(b"no" | b"default") => words.next().unwrap_or_default(),
        word => word.unwrap_or_default(),
    }
}

fn is_conditional(word: &[u8]) -> bool {
    is_one_of(
        word,
        &[
            ".if", ".elif", ".else", ".endif", ".notice", ".warning", ".alert", ".diag",
        ],
    )
}

/// Comments, and lines of templates.
fn is_remark(line: &[u8]) -> bool {
    let line = line.trim_ascii_start();
    line.starts_with(b"#") || line.starts_with(b"{{") || line.starts_with(b"{%")
}
