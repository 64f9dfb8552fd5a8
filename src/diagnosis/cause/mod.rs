//! The causes, one file per id of the catalogue, and the one table that lists them.

mod admin_drain;
mod admin_maintenance;
mod agent_down;
mod application_503;
mod check_http_status;
mod check_response_invalid;
mod check_socket_error;
mod check_timeout;
mod check_tls_failure;
mod connect_not_permitted;
mod connect_timeout;
mod denied_by_rule;
mod dns_resolution_failed;
mod external_check_failed;
mod haproxy_down;
mod listener_refused;
mod local_port_exhaustion;
pub(super) mod misrouted;
mod network_unreachable;
mod no_route;
mod no_servers_configured;
mod observe_marked_down;
mod process_limits;
mod queue_timeout;
mod stale_address;
mod stale_process;
mod startup_window;
pub(super) mod tracked_server_down;
mod unchecked_server_failed;

use crate::diagnosis::Advice;
use crate::diagnosis::Case;
use crate::diagnosis::Loss;
use crate::diagnosis::Verdict;
use crate::diagnosis::reason;
use crate::event::message::CheckReport;
use crate::incident::Reason;

/// One mechanism that makes HAProxy answer 503, or drop a connection in TCP mode.
#[derive(Debug)]
pub struct Cause {
    /// Stable id; the file is named after it.
    pub id: &'static str,
    /// Reads well in "caused by …".
    pub title: &'static str,
    /// What happens inside HAProxy, in a few sentences.
    pub why: &'static str,
    /// The smallest fix to test.
    pub fix: &'static str,
    /// What decides it in the artifacts.
    pub evidence: &'static str,
    /// Manual, source file or measured run that the facts come from.
    pub source: &'static str,
    /// A server was lost in this way; `None` for causes that are about no lost server.
    pub blames: Option<fn(&Case<'_>, &Loss<'_>) -> bool>,
    /// Judges one incident.
    pub examine: fn(&Case<'_>) -> Verdict,
    /// Adds steps and checks that only this cause needs; the common ones are there already.
    pub advise: fn(&Case<'_>, &mut Advice),
}

/// The two ids that are verdicts rather than mechanisms, for `explain` and for readers of reports.
pub const NONE: [(&str, &str, &str); 2] = [
    (
        "no-incident",
        "there is no 503 problem in these artifacts",
        "Requests were answered, or what failed was no fault: redirects, denials with another status, clients that left, \
         servers that are down by design.",
    ),
    (
        "insufficient-evidence",
        "something happened; the artifacts cannot say why",
        "A failure shows, but no artifact tells its reason. The report names what would decide it, and which causes remain \
         possible.",
    ),
];

/// The catalogue, in the order of its document.
pub const CATALOGUE: &[Cause] = &[
    listener_refused::CAUSE,
    connect_timeout::CAUSE,
    network_unreachable::CAUSE,
    check_tls_failure::CAUSE,
    check_http_status::CAUSE,
    check_response_invalid::CAUSE,
    check_timeout::CAUSE,
    check_socket_error::CAUSE,
    external_check_failed::CAUSE,
    agent_down::CAUSE,
    observe_marked_down::CAUSE,
    tracked_server_down::CAUSE,
    admin_maintenance::CAUSE,
    admin_drain::CAUSE,
    dns_resolution_failed::CAUSE,
    stale_address::CAUSE,
    no_servers_configured::CAUSE,
    unchecked_server_failed::CAUSE,
    connect_not_permitted::CAUSE,
    local_port_exhaustion::CAUSE,
    process_limits::CAUSE,
    queue_timeout::CAUSE,
    no_route::CAUSE,
    misrouted::CAUSE,
    denied_by_rule::CAUSE,
    application_503::CAUSE,
    startup_window::CAUSE,
    stale_process::CAUSE,
    haproxy_down::CAUSE,
];

/// The cause of that id.
pub fn find(id: &str) -> Option<&'static Cause> {
    CATALOGUE.iter().find(|cause| cause.id == id)
}

/// The health check that took the server out, at the address that its name has today, in a process that is not left over;
/// `None`: something else did.
fn by_check<'a>(case: &Case<'_>, loss: &Loss<'a>) -> Option<&'a CheckReport> {
    let elsewhere = || stale_address::blames(case, loss) || stale_process::applies(case);
    match reason::own(loss)? {
        Reason::Check(report) if !elsewhere() => Some(report),
        _ => None,
    }
}
