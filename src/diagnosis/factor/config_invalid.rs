//! A captured configuration does not validate.
//!
//! Looks alike: a piece of a configuration, whose context is missing; warnings, with which HAProxy starts.

use crate::base::HOUR;
use crate::capture::Capture;
use crate::diagnosis::Case;
use crate::diagnosis::FactorFinding;
use crate::diagnosis::before;
use crate::diagnosis::factor::Factor;
use crate::diagnosis::factor::found;
use crate::event::message::ProcessChange;

pub(super) const FACTOR: Factor = Factor {
    id: "config-invalid",
    title: "the configuration does not validate",
    why: "HAProxy refuses a file with errors: a reload keeps the old worker, a restart leaves nothing. Run `haproxy -c -V -f` before \
          either, and let the unit do so (`ExecReload`).",
    find,
};

fn find(case: &Case<'_>, _cause: &str) -> Option<FactorFinding> {
    let documents = &case.bundle.documents;
    let checked = documents
        .captures
        .iter()
        .find_map(|doc| match &doc.capture {
            Capture::ConfigCheck(check) if check.valid == Some(false) => Some((doc.source, check)),
            _ => None,
        });
    if let Some((source, check)) = checked {
        let (text, at) = check
            .errors
            .first()
            .map_or(("", check.at), |(text, at)| (text.as_str(), *at));
        return found(
            format!("`haproxy -c` refuses the configuration: {text}"),
            vec![documents.cite(source, at)],
        );
    }
    let start = case.start()?;
    let end = case.incident.window.end.unwrap_or(start);
    let (_, event, _) = before::process_changes(case, (start - HOUR, end)).find(|(_, _, change)| {
        matches!(change, ProcessChange::ConfigError { text } if text.contains("rror"))
            || matches!(change, ProcessChange::ConfigError { text } if text.contains("parsing ["))
    })?;
    found(
        "HAProxy refused its configuration".to_owned(),
        vec![event.cite.clone()],
    )
}

#[cfg(test)]
mod tests {
    use super::FACTOR;
    use crate::testing;
    use crate::testing::{REFUSED, down, nosrv};

    fn found(output: &str) -> bool {
        let log = [down(41, "app1", REFUSED), nosrv(42)].concat();
        let files = [("journal.txt", &*log), ("haproxy-check.txt", output)];
        testing::with_case(&files, |case| {
            (FACTOR.find)(case, "listener-refused").is_some()
        })
    }

    #[test]
    fn a_refused_file_is_found_and_a_valid_one_is_not() {
        let refused = "$ sudo haproxy -c -f /etc/haproxy/haproxy.cfg\n[ALERT]    (14328) : config : parsing [/etc/haproxy/haproxy.cfg:47] : unknown keyword 'http-chek' in 'backend' section\n[ALERT]    (14328) : config : Fatal errors found in configuration.\n";
        assert!(found(refused));
        assert!(!found(
            "$ sudo haproxy -c -f /etc/haproxy/haproxy.cfg\nConfiguration file is valid\n"
        ));
    }
}
