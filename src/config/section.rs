//! Section lines: what they open, under which name, from which `defaults`.

use crate::config::ProxyKind;
use crate::config::directive::Directive;

/// Sections that are read over: nothing in them bears on servers, or they hold secrets (`userlist`).
///
/// `ruleset` is of 1.3 and 1.4; `spoe-…` stand in files of their own; the last line is of the enterprise edition.
const OTHERS: [&[u8]; 21] = [
    b"peers",
    b"mailers",
    b"userlist",
    b"cache",
    b"namespace_list",
    b"program",
    b"fcgi-app",
    b"ring",
    b"http-errors",
    b"log-forward",
    b"crt-store",
    b"traces",
    b"acme",
    b"ruleset",
    b"spoe-agent",
    b"spoe-group",
    b"spoe-message",
    b"udp-lb",
    b"dynamic-update",
    b"waf-global",
    b"fingerprint",
];

/// Keywords that stand in proxies only: outside any section they are a piece of one.
const PROXY_KEYWORDS: [&[u8]; 40] = [
    b"acl",
    b"balance",
    b"bind",
    b"block",
    b"capture",
    b"clitimeout",
    b"compression",
    b"contimeout",
    b"cookie",
    b"default-server",
    b"default_backend",
    b"dispatch",
    b"email-alert",
    b"errorfile",
    b"errorloc",
    b"filter",
    b"fullconn",
    b"hash-type",
    b"http-after-response",
    b"http-check",
    b"http-request",
    b"http-response",
    b"http-reuse",
    b"log-format",
    b"mode",
    b"monitor-uri",
    b"option",
    b"redirect",
    b"retries",
    b"server",
    b"server-template",
    b"srvtimeout",
    b"stick",
    b"stick-table",
    b"tcp-check",
    b"tcp-request",
    b"tcp-response",
    b"timeout",
    b"use-server",
    b"use_backend",
];

/// Keywords that stand in `global` only: outside any section they are a piece of it.
const GLOBAL_KEYWORDS: [&[u8]; 14] = [
    b"chroot",
    b"daemon",
    b"debug",
    b"gid",
    b"group",
    b"hard-stop-after",
    b"localpeer",
    b"nbproc",
    b"nbthread",
    b"pidfile",
    b"quiet",
    b"uid",
    b"ulimit-n",
    b"user",
];

/// Keywords that stand in `global` and in proxies.
const COMMON_KEYWORDS: [&[u8]; 4] = [b"description", b"log", b"maxconn", b"stats"];

/// Where a directive belongs that stands outside any section.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// `global`.
    Global,
    /// A proxy or `defaults`.
    Proxy,
    /// One of them.
    Either,
}

/// What a section line opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Opening {
    /// `global`.
    Global,
    /// `defaults`.
    Defaults,
    /// `frontend`, `backend`, `listen`.
    Proxy(ProxyKind),
    /// `resolvers`.
    Resolvers,
    /// `healthcheck` (3.4).
    Healthcheck,
    /// `log-profile`.
    LogProfile,
    /// A section that is read over.
    Other,
}

/// What the keyword opens; `None`: it is no section.
pub(super) fn opening(keyword: &[u8]) -> Option<Opening> {
    match keyword {
        b"global" => Some(Opening::Global),
        b"defaults" => Some(Opening::Defaults),
        b"frontend" => Some(Opening::Proxy(ProxyKind::Frontend)),
        b"backend" => Some(Opening::Proxy(ProxyKind::Backend)),
        b"listen" => Some(Opening::Proxy(ProxyKind::Listen)),
        b"resolvers" => Some(Opening::Resolvers),
        b"healthcheck" => Some(Opening::Healthcheck),
        b"log-profile" => Some(Opening::LogProfile),
        other => OTHERS.contains(&other).then_some(Opening::Other),
    }
}

/// Where a directive outside any section comes from; `None`: it is none that HAProxy knows.
pub(super) fn origin(keyword: &[u8]) -> Option<Origin> {
    if PROXY_KEYWORDS.contains(&keyword) {
        Some(Origin::Proxy)
    } else if GLOBAL_KEYWORDS.contains(&keyword) || keyword.starts_with(b"tune.") {
        Some(Origin::Global)
    } else {
        COMMON_KEYWORDS.contains(&keyword).then_some(Origin::Either)
    }
}

/// Name and parent of a section line: `defaults x from y`, `defaults from y`, `backend x from y`.
pub(super) fn name_and_parent(d: &Directive) -> (String, Option<String>) {
    let is_from = |index| d.word(index) == b"from" && !d.word(index + 1).is_empty();
    if d.word(0) == b"defaults" && is_from(1) && d.word(3).is_empty() {
        return (String::new(), Some(d.text(2)));
    }
    let parent = (2..4).find(|index| is_from(*index));
    (d.text(1), parent.map(|index| d.text(index + 1)))
}

/// Why HAProxy refuses the name of a proxy.
pub(super) fn complaint_on_name(d: &Directive, opening: Opening) -> Option<String> {
    let name = d.word(1);
    if name.is_empty() {
        let keyword = d.text(0);
        return (opening != Opening::Defaults).then(|| format!("`{keyword}` needs a name"));
    }
    has_odd_character(name)
        .then(|| "the name has a character that HAProxy does not permit".to_owned())
}

/// Why HAProxy refuses the name of a server or an ACL.
pub(super) fn complaint_on_member(d: &Directive) -> Option<String> {
    let is_named = matches!(d.word(0), b"server" | b"acl");
    (is_named && has_odd_character(d.word(1)))
        .then(|| "the name has a character that HAProxy does not permit".to_owned())
}

/// A variable may stand for anything.
fn has_odd_character(name: &[u8]) -> bool {
    let is_allowed = |c: &u8| c.is_ascii_alphanumeric() || b"-_.:".contains(c);
    !name.contains(&b'$') && !name.iter().all(is_allowed)
}
