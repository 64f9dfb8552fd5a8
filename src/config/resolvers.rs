//! `resolvers` sections: which DNS servers, and how long an answer or its absence counts.

use crate::base::Place;
use crate::config::Setting;
use crate::config::directive::Directive;

/// One `resolvers` section.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Resolvers {
    /// Its name.
    pub name: String,
    /// The section line.
    pub at: Place,
    /// `nameserver <name> <address>`: name and address as written.
    pub nameservers: Vec<(String, Setting<String>)>,
    /// `parse-resolv-conf`: name servers of the host.
    pub parse_resolv_conf: Option<Place>,
    /// `hold valid|nx|timeout|refused|other|obsolete`, milliseconds; absent: built-in.
    pub hold_ms: Vec<(String, Setting<u64>)>,
    /// `timeout resolve|retry`, milliseconds; built-in 1000.
    pub timeouts_ms: Vec<(String, Setting<u64>)>,
    /// `resolve_retries`; built-in 3.
    pub resolve_retries: Option<Setting<u64>>,
}

/// Applies one directive of the section.
pub(super) fn apply(section: &mut Resolvers, d: &Directive) {
    match d.word(0) {
        b"nameserver" => {
            let address = d
                .text_setting(2)
                .unwrap_or_else(|| d.setting(String::new()));
            section.nameservers.push((d.text(1), address));
        }
        b"parse-resolv-conf" => section.parse_resolv_conf = Some(d.at),
        b"hold" => {
            if let Some(value) = d.time_ms(2) {
                section.hold_ms.push((d.text(1), d.setting(value)));
            }
        }
        b"timeout" => {
            if let Some(value) = d.time_ms(2) {
                section.timeouts_ms.push((d.text(1), d.setting(value)));
            }
        }
        b"resolve_retries" => {
            section.resolve_retries = d.number(1).map(|value| d.setting(value));
        }
        _ => {}
    }
}
