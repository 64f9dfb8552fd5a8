//! The triggers, one file per id of the catalogue, and the one table that lists them.

mod admin_command;
mod certificate_expired;
mod config_changed;
mod config_reload;
mod conntrack_full;
mod disk_full;
mod dns_change;
mod host_rebooted;
mod network_change;
mod oom_kill;
mod service_crashed;
mod service_stopped;
mod slow_application;
mod traffic_surge;

use crate::diagnosis::Case;
use crate::diagnosis::TriggerFinding;

/// An event just before an incident that set it off.
#[derive(Debug)]
pub struct Trigger {
    /// Stable id; the file is named after it.
    pub id: &'static str,
    /// A few words.
    pub title: &'static str,
    /// What it does, and which evidence it needs.
    pub why: &'static str,
    /// Looks for it; the second argument is the id of the cause that was concluded.
    pub find: fn(&Case<'_>, &str) -> Option<TriggerFinding>,
}

/// The table, in the order of the catalogue.
pub const TRIGGERS: &[Trigger] = &[
    service_stopped::TRIGGER,
    service_crashed::TRIGGER,
    oom_kill::TRIGGER,
    host_rebooted::TRIGGER,
    config_reload::TRIGGER,
    config_changed::TRIGGER,
    admin_command::TRIGGER,
    dns_change::TRIGGER,
    network_change::TRIGGER,
    certificate_expired::TRIGGER,
    traffic_surge::TRIGGER,
    slow_application::TRIGGER,
    conntrack_full::TRIGGER,
    disk_full::TRIGGER,
];
