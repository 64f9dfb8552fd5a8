//! Names of the CSV's columns.

/// Columns of 1.8 in order; later versions append to them, so they hold for the head of any row without a header.
///
/// Source: HAProxy 1.8 `include/types/stats.h`, `enum stat_field`.
#[rustfmt::skip]
pub(super) const COLUMNS_1_8: [&str; 83] = [
    "pxname", "svname", "qcur", "qmax", "scur", "smax", "slim", "stot", "bin", "bout", "dreq",
    "dresp", "ereq", "econ", "eresp", "wretr", "wredis", "status", "weight", "act", "bck",
    "chkfail", "chkdown", "lastchg", "downtime", "qlimit", "pid", "iid", "sid", "throttle",
    "lbtot", "tracked", "type", "rate", "rate_lim", "rate_max", "check_status", "check_code",
    "check_duration", "hrsp_1xx", "hrsp_2xx", "hrsp_3xx", "hrsp_4xx", "hrsp_5xx", "hrsp_other",
    "hanafail", "req_rate", "req_rate_max", "req_tot", "cli_abrt", "srv_abrt", "comp_in",
    "comp_out", "comp_byp", "comp_rsp", "lastsess", "last_chk", "last_agt", "qtime", "ctime",
    "rtime", "ttime", "agent_status", "agent_code", "agent_duration", "check_desc", "agent_desc",
    "check_rise", "check_fall", "check_health", "agent_rise", "agent_fall", "agent_health",
    "addr", "cookie", "mode", "algo", "conn_rate", "conn_rate_max", "conn_tot", "intercepted",
    "dcon", "dses",
];

/// Columns that the map of names to values can do without: 2.3 and later put `-` between two groups.
pub(super) const SEPARATOR: &str = "-";

/// A header's cell: HAProxy writes lower case, digits and `_`, and `-` or `(null)` in two versions.
pub(super) fn is_column_name(cell: &str) -> bool {
    let plain = cell
        .bytes()
        .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    !cell.is_empty() && plain || cell == SEPARATOR || cell == "(null)"
}
