//! Which reason of a loss counts, and whose fault the info text of a check names.

use crate::diagnosis::Loss;
use crate::event::message::CheckReport;
use crate::event::message::CheckStatus;
use crate::incident::Reason;

/// Whose fault a check's info text names, whatever its status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// The host answered that nothing listens there.
    Refused,
    /// The connection was cut by the other side.
    Reset,
    /// Nothing answered.
    Silent,
    /// No route, or no neighbour answered.
    Network,
    /// The TLS handshake.
    Tls,
    /// The local system forbids the connection.
    Forbidden,
    /// The `source` address is not this host's.
    Source,
    /// No source port was left.
    Ports,
    /// File descriptors, sockets or memory of the process ran out.
    Limits,
    /// Another local failure of the proxy's host.
    Local,
    /// There is no text.
    Unsaid,
    /// A text that names none of these.
    Unclear,
}

/// Words of HAProxy and of the C libraries (glibc, musl, FreeBSD) for `connect()` errors; the first row that fits decides.
///
/// Source: HAProxy `src/connection.c` (`conn_err_code_str`), `src/check.c` (`chk_report_conn_err`). 3.4 writes
/// `ECONNREFUSED returned by OS (Connection refused)`. `Connection error during SSL handshake (Connection refused)` names
/// the step that was under way, then the system's error: the latter decides.
const WORDS: [(Fault, &[&str]); 10] = [
    (Fault::Source, &["Can't bind to source address"]),
    (
        Fault::Ports,
        &[
            "Source port range exhausted",
            "Out of local source ports on the system",
        ],
    ),
    (
        Fault::Limits,
        &[
            "Too many sockets on the",
            "Too many open files",
            "No file descriptors available",
        ],
    ),
    (
        Fault::Refused,
        &[
            "Connection refused",
            "ECONNREFUSED",
            "No such file or directory",
        ],
    ),
    (
        Fault::Network,
        &[
            "No route to host",
            "Host is unreachable",
            "Host is down",
            "Network is unreachable",
            "Network unreachable",
            "Network is down",
            "EHOSTUNREACH",
            "ENETUNREACH",
            "EUNREACH",
        ],
    ),
    (
        Fault::Forbidden,
        &[
            "Permission denied",
            "Operation not permitted",
            "EACCES",
            "EPERM",
        ],
    ),
    (
        Fault::Silent,
        &["Connection timed out", "Operation timed out", "ETIMEDOUT"],
    ),
    (Fault::Tls, &["SSL"]),
    (
        Fault::Reset,
        &["Connection reset by peer", "ECONNRESET", "ERESET"],
    ),
    (
        Fault::Local,
        &[
            "General socket error",
            "Protocol or address family not supported",
            "Local source address already in use",
            "Out of system buffers",
        ],
    ),
];

/// Fewest bytes of a text cut at the line's end that may stand for the whole.
const CUT_BYTES_MIN: usize = 8;

/// The reason that took the server out: the first that was said. Maintenance by DNS counts before a check that failed
/// because the name's host had gone.
pub(super) fn own<'a>(loss: &Loss<'a>) -> Option<&'a Reason> {
    let said = || {
        loss.reasons
            .iter()
            .copied()
            .filter(|r| **r != Reason::Unsaid)
    };
    said()
        .find(|r| matches!(r, Reason::Dns(_)))
        .or_else(|| said().next())
}

/// Whose fault the info text names.
pub(super) fn fault(report: &CheckReport) -> Fault {
    let info = without_step(&report.info);
    if info.is_empty() {
        return Fault::Unsaid;
    }
    let named = WORDS
        .iter()
        .find(|(_, words)| words.iter().any(|word| info.contains(word)));
    match named {
        Some((fault, _)) => *fault,
        None => cut(info),
    }
}

/// The check's report of a `Layer4 connection problem` whose text is missing: cut from the line, or a row of a dump.
pub(super) fn wordless<'a>(loss: &Loss<'a>) -> Option<&'a CheckReport> {
    match own(loss)? {
        Reason::Check(report)
            if report.status == CheckStatus::L4Con && fault(report) == Fault::Unsaid =>
        {
            Some(report)
        }
        _ => None,
    }
}

/// A text that a pager or a ring buffer cut, while only one can be meant.
fn cut(info: &str) -> Fault {
    let begins = |(_, words): &&(Fault, &[&str])| words.iter().any(|word| word.starts_with(info));
    let mut all = WORDS.iter().filter(begins);
    match (all.next(), all.next()) {
        (Some((fault, _)), None) if info.len() >= CUT_BYTES_MIN => *fault,
        _ => Fault::Unclear,
    }
}

/// Without ` at step 1 of tcp-check (connect)` and ` at initial connection step of tcp-check`: comments of rules stand there.
fn without_step(info: &str) -> &str {
    let ends = [" at step ", " at initial connection step"];
    let end = ends.iter().filter_map(|mark| info.find(mark)).min();
    let head = end.and_then(|end| info.get(..end)).unwrap_or(info).trim();
    if head.starts_with("at initial connection step") || head.starts_with("at step ") {
        ""
    } else {
        head
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn names(info: &str, expected: Fault) {
        let report = CheckReport {
            status: CheckStatus::L4Con,
            code: None,
            info: info.to_owned(),
            duration_ms: None,
        };
        assert_eq!(fault(&report), expected, "{info}");
    }

    #[test]
    fn every_wording_of_a_connection_error_names_its_fault() {
        names("Connection refused", Fault::Refused);
        names(
            "ECONNREFUSED returned by OS (Connection refused)",
            Fault::Refused,
        );
        names(
            "Connection refused at step 1 of tcp-check (connect)",
            Fault::Refused,
        );
        names(
            "Connection error during SSL handshake (Connection refused)",
            Fault::Refused,
        );
        names("SSL handshake failure", Fault::Tls);
        names(
            "Connection error during SSL handshake (Connection reset by peer)",
            Fault::Tls,
        );
        names("No route to host", Fault::Network);
        names("Host is unreachable", Fault::Network);
        names(
            "General socket error (Network is unreachable)",
            Fault::Network,
        );
        names("General socket error (Permission denied)", Fault::Forbidden);
        names(
            "Can't bind to source address (Cannot assign requested address)",
            Fault::Source,
        );
        names(
            "Out of local source ports on the system (Cannot assign requested address)",
            Fault::Ports,
        );
        names(
            "Too many sockets on the process (Too many open files)",
            Fault::Limits,
        );
        names("General socket error (Invalid argument)", Fault::Local);
        names("Cannot assign requested address", Fault::Unclear);
    }

    #[test]
    fn a_step_alone_says_nothing_and_a_rules_comment_is_no_error() {
        names("", Fault::Unsaid);
        names(" at initial connection step of tcp-check", Fault::Unsaid);
        names(
            " at step 2 of tcp-check (connect) comment: 'No route to host'",
            Fault::Unsaid,
        );
    }

    #[test]
    fn a_cut_text_counts_while_only_one_is_meant() {
        names("Connection ref", Fault::Refused);
        names("Connection re", Fault::Unclear);
        names("No route", Fault::Network);
        names("No", Fault::Unclear);
    }
}
