//! `show errors`: how many invalid requests and responses were captured.

use crate::base::Text;
use crate::base::decimal;
use crate::base::printable;
use crate::dump::Tally;
use crate::dump::prompt;

/// Shape: `Total events captured on [20/Jun/2026:18:00:07.845] : 6`, then the captures that are kept.
///
/// Without that line: the captures that are there.
pub(super) fn parse(text: Text<'_>, tally: &mut Tally) -> u64 {
    let mut total = None;
    let mut n_captures = 0;
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
        } else if entry.ends_with(": invalid request") || entry.ends_with(": invalid response") {
            n_captures += 1;
            tally.good();
        }
    }
    total.unwrap_or(n_captures)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_total_counts_more_than_is_kept() {
        let mut tally = Tally::default();
        let text = b"Total events captured on [20/Jun/2026:18:00:07.845] : 6\n \n\
            [20/Jun/2026:18:00:04.010] frontend fe_app (#3): invalid request\n";
        assert_eq!(parse(Text::new(text), &mut tally), 6);
        assert_eq!(tally.n_rows, 2);
        let cut = b"[20/Jun/2026:18:00:04.010] backend be (#3): invalid response\n";
        assert_eq!(parse(Text::new(cut), &mut tally), 1);
    }
}
