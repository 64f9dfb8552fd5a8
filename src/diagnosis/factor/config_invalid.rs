//! A captured configuration does not validate.
//!
//! Looks alike: a piece of a configuration, whose context is missing; warnings, with which HAProxy starts.

use crate::base::Cite;
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
        let mut cites = vec![documents.cite(source, at)];
        cites.extend(named_line(case, text));
        return found(
            format!("`haproxy -c` refuses the configuration: {text}"),
            cites,
        );
    }
    let start = case.start()?;
    let end = case.incident.window.end.unwrap_or(start);
    let (event, text) =
        before::process_changes(case, (start - HOUR, end)).find_map(|(_, event, change)| {
            match change {
                ProcessChange::ConfigError { text }
                    if text.contains("rror") || text.contains("parsing [") =>
                {
                    Some((event, text))
                }
                _ => None,
            }
        })?;
    let mut cites = vec![event.cite.clone()];
    cites.extend(named_line(case, text));
    found("HAProxy refused its configuration".to_owned(), cites)
}

/// The line that `parsing [/etc/haproxy/haproxy.cfg:47] : unknown keyword 'x'` means, when a captured file has the word there:
/// the file that was refused need not be the one that was saved.
fn named_line(case: &Case<'_>, text: &str) -> Option<Cite> {
    let (place, rest) = text.split_once("parsing [")?.1.split_once(']')?;
    let (path, line) = place.rsplit_once(':')?;
    let line: u64 = line.parse().ok()?;
    let file = path.rsplit('/').next()?;
    let word = rest.split('\'').nth(1)?;
    let word = word.split(' ').next()?;
    let documents = &case.bundle.documents;
    let same = documents
        .configs
        .iter()
        .filter(|doc| doc.path.rsplit('/').next() == Some(file));
    same.filter_map(|doc| documents.cite_line(doc.source, line))
        .find(|cite| !word.is_empty() && cite.text.contains(word))
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
    fn the_refused_line_is_cited_when_it_was_saved() {
        let config = "frontend fe_app\n    mode http\nbackend be_app\n    http-chek expect status 200\n    server app1 192.0.2.11:80 check\n";
        let refused = |line: u32| {
            format!(
                "$ haproxy -c -f /etc/haproxy/haproxy.cfg\n[ALERT]    (1) : config : parsing [/etc/haproxy/haproxy.cfg:{line}] : \
                 unknown keyword 'http-chek' in 'backend' section\n[ALERT]    (1) : config : Fatal errors found in configuration.\n"
            )
        };
        for (line, n) in [(4, 2), (3, 1)] {
            let log = [down(41, "app1", REFUSED), nosrv(42)].concat();
            let output = refused(line);
            let files = [
                ("journal.txt", &*log),
                ("haproxy-check.txt", &*output),
                ("haproxy.cfg", config),
            ];
            let cites = testing::with_case(&files, |case| {
                let found = (FACTOR.find)(case, "listener-refused").unwrap();
                found.cites.len()
            });
            assert_eq!(cites, n, "line {line}");
        }
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
