//! Which version of HAProxy ran, as its start, `haproxy -v` or `show info` tell.

use crate::base::Cite;
use crate::capture::Capture;
use crate::diagnosis::Case;
use crate::dump::Dump;
use crate::event::message::Message;
use crate::event::message::ProcessChange;
use crate::evidence::What;

/// A released version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Version {
    /// `(2, 6)`.
    pub(super) branch: (u32, u32),
    /// The third number.
    pub(super) patch: u32,
    /// As captured: `2.6.12-1+deb12u1`.
    pub(super) text: String,
    /// Built by a distribution, which may add fixes without changing the number.
    pub(super) is_package: bool,
    /// The line that shows it.
    pub(super) cite: Cite,
}

/// The version that ran: of the last start before the incident's end, else what all captures agree on. `None`: nothing tells, they
/// differ, or it is a development version, of which the number says too little.
pub(super) fn captured(case: &Case<'_>) -> Option<Version> {
    if let Some((text, cite)) = started(case) {
        return parse(text, cite);
    }
    let documents = &case.bundle.documents;
    let by_command = documents.captures.iter().filter_map(|doc| {
        let Capture::Version(text) = &doc.capture else {
            return None;
        };
        // The line that says it: the capture itself may begin with a prompt.
        let line = (1..=LINES_MAX)
            .map_while(|number| documents.cite_line(doc.source, number))
            .find(|cite| cite.text.contains(text.as_str()));
        Some((text.as_str(), line?))
    });
    let by_dump = documents.dumps.iter().filter_map(|doc| {
        let Dump::Info(figures) = &doc.dump else {
            return None;
        };
        let (_, version) = figures.iter().find(|(name, _)| name == "Version")?;
        Some((version.as_str(), documents.cite(doc.source, doc.at)))
    });
    let mut all = by_command
        .chain(by_dump)
        .map(|(text, cite)| parse(text, cite));
    let first = all.next()??;
    let agrees = |other: &Version| (other.branch, other.patch) == (first.branch, first.patch);
    all.all(|other| other.as_ref().is_some_and(agrees))
        .then_some(first)
}

/// Lines of a capture among which the version is looked for: `haproxy -vv` begins with it.
const LINES_MAX: u64 = 40;

/// What the process of the incident's host said when it started.
fn started<'a>(case: &Case<'a>) -> Option<(&'a str, Cite)> {
    let (host, end) = (&case.incident.host, case.incident.window.end);
    let events = case.bundle.timeline.events.iter().rev();
    let mut own = events.filter(|event| {
        let here = event.host == *host || event.host.is_empty() || host.is_empty();
        here && !matches!((event.at, end), (Some(at), Some(end)) if at > end)
    });
    own.find_map(|event| match &event.what {
        What::Message(Message::Process(ProcessChange::Version { version })) => {
            Some((version.as_str(), event.cite.clone()))
        }
        _ => None,
    })
}

/// `2.6.12-1+deb12u1`, `3.0.5-8e879a5`, `2.4.0`. Not `3.1-dev10`.
fn parse(text: &str, cite: Cite) -> Option<Version> {
    let mut numbers = text.splitn(3, '.');
    let major = numbers.next()?.parse().ok()?;
    let minor = numbers.next()?.parse().ok()?;
    let rest = numbers.next()?;
    let end = rest
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(rest.len());
    let (patch, suffix) = rest.split_at_checked(end)?;
    // HAProxy's own builds carry the first digits of their commit.
    let commit = suffix.strip_prefix('-').is_some_and(|hash| {
        hash.len() >= COMMIT_DIGITS_MIN && hash.bytes().all(|byte| byte.is_ascii_hexdigit())
    });
    Some(Version {
        branch: (major, minor),
        patch: patch.parse().ok()?,
        text: text.to_owned(),
        is_package: !suffix.is_empty() && !commit,
        cite,
    })
}

/// git's shortest usual abbreviation is seven digits; HAProxy prints six or more.
const COMMIT_DIGITS_MIN: usize = 6;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Span;

    fn read(text: &str) -> Option<((u32, u32), u32, bool)> {
        let cite = Cite::new(Span::default(), b"");
        parse(text, cite).map(|v| (v.branch, v.patch, v.is_package))
    }

    #[test]
    fn releases_builds_and_packages_are_told_apart() {
        assert_eq!(read("2.4.0"), Some(((2, 4), 0, false)));
        assert_eq!(read("3.0.5-8e879a5"), Some(((3, 0), 5, false)));
        assert_eq!(read("2.6.12-1+deb12u1"), Some(((2, 6), 12, true)));
        assert_eq!(read("2.4.22-0ubuntu0.22.04.3"), Some(((2, 4), 22, true)));
        assert_eq!(read("3.1-dev10-1fb614"), None);
        assert_eq!(read("unknown"), None);
    }
}
