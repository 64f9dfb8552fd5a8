//! `systemctl status`: which unit was in which state, and since when.

use crate::base::Text;
use crate::base::printable;
use crate::capture::Unit;
use crate::capture::when;

/// Shape: `● haproxy.service - HAProxy Load Balancer`, then `     Active: active (running) since Wed 2022-02-09 22:38:17 UTC; 17h ago`.
///
/// Log lines below it are another room's. A unit that does not exist is `not-found`.
pub(super) fn parse(text: Text<'_>) -> Vec<Unit> {
    let mut units: Vec<Unit> = Vec::new();
    let mut name = String::new();
    let mut at = text.first;
    for line in text.lines() {
        let line_text = printable(line.bytes);
        let entry = line_text.trim();
        if let Some(missing) = entry.strip_prefix("Unit ")
            && let Some((unit, _)) = missing.split_once(" could not be found")
        {
            units.push(Unit {
                at: line.place,
                name: unit.to_owned(),
                active: "not-found".to_owned(),
                since: None,
            });
        } else if let Some(unit) = heading(entry) {
            unit.clone_into(&mut name);
            at = line.place;
        } else if let Some(state) = entry.strip_prefix("Active:") {
            let (active, since) = match state.split_once(" since ") {
                Some((active, rest)) => (active, rest.split(';').next().and_then(when::systemd)),
                None => (state, None),
            };
            units.push(Unit {
                at: if name.is_empty() { line.place } else { at },
                name: std::mem::take(&mut name),
                active: active.trim().to_owned(),
                since,
            });
        }
    }
    units
}

/// `● name.service - Description`: the dot may be `*` or another mark for failed and inactive units.
fn heading(entry: &str) -> Option<&str> {
    let mut words = entry.split_whitespace();
    let mark = words.next()?;
    let is_mark = mark.chars().count() == 1 && !mark.starts_with(|c: char| c.is_ascii_digit());
    let unit = if is_mark { words.next()? } else { mark };
    let kinds = [
        ".service", ".socket", ".timer", ".target", ".mount", ".scope", ".slice", ".path",
    ];
    let is_unit = kinds.iter().any(|kind| unit.ends_with(kind));
    (is_unit && (is_mark || words.next() == Some("-"))).then_some(unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_with_their_states() {
        let text = "● haproxy.service - HAProxy Load Balancer\n     Loaded: loaded (/lib/systemd/system/haproxy.service; enabled)\n\
            \x20    Active: active (running) since Wed 2022-02-09 22:38:17 UTC; 17h ago\n   Main PID: 1030 (haproxy)\n\n\
            Feb 09 22:38:17 h systemd[1]: Started HAProxy Load Balancer.\n\
            × app.service - App\n     Active: failed (Result: exit-code) since Fri 2026-06-05 21:53:40 UTC; 1min ago\n\
            Unit web.service could not be found.\n";
        let units = parse(Text::new(text.as_bytes()));
        let got: Vec<(&str, &str, u64)> = units
            .iter()
            .map(|u| (u.name.as_str(), u.active.as_str(), u.at.line))
            .collect();
        assert_eq!(
            got,
            [
                ("haproxy.service", "active (running)", 1),
                ("app.service", "failed (Result: exit-code)", 7),
                ("web.service", "not-found", 9)
            ]
        );
        assert_eq!(
            units[1].since.map(|s| s.to_string()).as_deref(),
            Some("2026-06-05T21:53:40Z")
        );
    }

    #[test]
    fn a_cut_head_leaves_the_state() {
        let units = parse(Text::new(b"   Active: inactive (dead)\n"));
        assert_eq!(
            (units[0].name.as_str(), units[0].active.as_str()),
            ("", "inactive (dead)")
        );
    }
}
