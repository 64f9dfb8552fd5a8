//! The findings, one row each.

mod acl_unknown;
mod acl_unused;
mod backend_empty;
mod backend_unknown;
mod backend_unreachable;
mod bind_twice;
mod check_connect_only;
mod check_plain_on_tls;
mod check_request_dropped;
mod check_rules_ignored;
mod check_without_host;
mod cookie_missing;
mod default_backend_missing;
mod detection_slow;
mod external_check_off;
mod line_refused;
mod log_format_poor;
mod log_missing;
mod log_normal_dropped;
mod maxconn_above_process;
mod mode_mismatch;
mod name_unresolved;
mod newline_missing;
mod persist_forced;
mod queue_unset;
mod redispatch_missing;
mod resolvers_empty;
mod resolvers_unknown;
mod retries_off;
mod rule_duplicate;
mod rule_shadowed;
mod server_single;
mod server_twice;
mod server_unchecked;
mod servers_disabled;
mod sni_missing;
mod state_file_unused;
mod timeout_missing;
mod timer_below_answer;
mod timer_tiny;
mod track_unknown;

use crate::lint::Rule;

/// Every finding, by name.
pub const RULES: [Rule; 41] = [
    acl_unknown::RULE,
    acl_unused::RULE,
    backend_empty::RULE,
    backend_unknown::RULE,
    backend_unreachable::RULE,
    bind_twice::RULE,
    check_connect_only::RULE,
    check_plain_on_tls::RULE,
    check_request_dropped::RULE,
    check_rules_ignored::RULE,
    check_without_host::RULE,
    cookie_missing::RULE,
    default_backend_missing::RULE,
    detection_slow::RULE,
    external_check_off::RULE,
    line_refused::RULE,
    log_format_poor::RULE,
    log_missing::RULE,
    log_normal_dropped::RULE,
    maxconn_above_process::RULE,
    mode_mismatch::RULE,
    name_unresolved::RULE,
    newline_missing::RULE,
    persist_forced::RULE,
    queue_unset::RULE,
    redispatch_missing::RULE,
    resolvers_empty::RULE,
    resolvers_unknown::RULE,
    retries_off::RULE,
    rule_duplicate::RULE,
    rule_shadowed::RULE,
    server_single::RULE,
    server_twice::RULE,
    server_unchecked::RULE,
    servers_disabled::RULE,
    sni_missing::RULE,
    state_file_unused::RULE,
    timeout_missing::RULE,
    timer_below_answer::RULE,
    timer_tiny::RULE,
    track_unknown::RULE,
];

/// The rule of that id.
pub fn by_id(id: &str) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.id == id)
}
