//! `show errors`: invalid requests and responses that were captured.

use crate::base::Text;
use crate::base::decimal;
use crate::base::printable;
use crate::dump::CapturedError;
use crate::dump::Errors;
use crate::dump::Tally;
use crate::dump::prompt;

/// Shape: `Total events captured on [20/Jun/2026:18:00:07.845] : 6`, then the captures that are kept: an invalid response of
/// a server (`[…] backend be_app (#3): invalid response`, a 502), or an invalid request (`frontend fe_app (#2)`, a 400).
///
/// Without the first line the total is the number of captures that are there.
pub(super) fn parse(text: Text<'_>, tally: &mut Tally) -> Errors {
    let mut total = None;
    let mut captures: Vec<CapturedError> = Vec::new();
    for line in text.lines() {
        let line_text = printable(line.bytes);
        let entry = prompt::strip_prompt(&line_text);
        if entry.starts_with("Total events captured") {
            let number = entry.rsplit_once(" : ").map(|(_, n)| n.trim());
            match number.and_then(|n| decimal(n.as_bytes())) {
                Some(n) => {
                    total = Some(n);
                    tally.good();
                }
                None => tally.broken(line.place),
            }
        } else if let Some(capture) = capture(line.place, entry) {
            captures.push(capture);
            tally.good();
        } else if let (Some((_, rest)), Some(capture)) =
            (entry.split_once("server "), captures.last_mut())
            && entry.starts_with("backend ")
        {
            let name = rest.split([' ', ',']).next().unwrap_or_default();
            if name != "<NONE>" {
                name.clone_into(&mut capture.server);
            }
        }
    }
    Errors {
        total: total.unwrap_or(captures.len() as u64),
        captures,
    }
}

fn capture(at: crate::base::Place, entry: &str) -> Option<CapturedError> {
    let request = entry.ends_with(": invalid request");
    if !request && !entry.ends_with(": invalid response") {
        return None;
    }
    let (_, rest) = entry.split_once("] ")?;
    let (_, rest) = rest.split_once(' ')?;
    let proxy = rest.split(" (#").next().unwrap_or_default();
    Some(CapturedError {
        at,
        request,
        proxy: proxy.to_owned(),
        server: String::new(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_total_counts_more_than_is_kept() {
        let mut tally = Tally::default();
        let text = b"Total events captured on [20/Jun/2026:18:00:07.845] : 6\n \n\
            [20/Jun/2026:18:00:04.010] frontend fe_app (#3): invalid request\n  backend <NONE> (#-1), server <NONE> (#-1), event #2, src 192.0.2.1:3\n";
        let errors = parse(Text::new(text), &mut tally);
        assert_eq!(errors.total, 6);
        assert_eq!(tally.n_rows, 2);
        assert_eq!(
            (
                errors.captures[0].proxy.as_str(),
                errors.captures[0].request
            ),
            ("fe_app", true)
        );
        assert_eq!(errors.captures[0].server, "");
        let cut = b"[20/Jun/2026:18:00:04.010] backend be_app (#3): invalid response\n  backend be_app (#3), server app1 (#1), event #1, src 192.0.2.1:3\n";
        let errors = parse(Text::new(cut), &mut tally);
        assert_eq!((errors.total, errors.captures[0].request), (1, false));
        assert_eq!(errors.captures[0].server, "app1");
    }
}
