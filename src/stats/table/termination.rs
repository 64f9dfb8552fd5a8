//! Requests by termination state, as `halog -tc` counts them: its first two letters, in words.
//!
//! Source of the letters: configuration manual 3.2, "Stream state at disconnection".

use crate::evidence::figures::Figures;
use crate::stats::Cell;
use crate::stats::InText::Always;
use crate::stats::InText::Used;
use crate::stats::Table;
use crate::stats::Wanted;

pub(super) fn build(figures: &mut Figures, _wanted: &Wanted) -> Table {
    let columns = [
        ("state", "state", Always),
        ("requests", "requests", Always),
        ("share_percent", "share %", Always),
        ("5xx", "5xx", Used),
        ("503", "503", Used),
        ("meaning", "meaning", Always),
    ];
    let mut table = Table::new("termination", "Termination states", &columns);
    let n_all = figures.read.n_counted();
    let states = (0..=u16::MAX).zip(&figures.states);
    let mut used: Vec<_> = states.filter(|(_, [n, ..])| *n > 0).collect();
    used.sort_by_key(|&(state, [n, ..])| (std::cmp::Reverse(*n), state));
    for (state, &[n, n_5xx, n_503]) in used {
        let [term_cond, fin_state] = state.to_be_bytes();
        table.push(vec![
            Cell::name(&[term_cond, fin_state]),
            Cell::Count(n),
            Cell::share(n, n_all),
            Cell::Count(n_5xx),
            Cell::Count(n_503),
            Cell::Text(meaning(term_cond, fin_state)),
        ]);
    }
    if figures.n_stateless > 0 {
        table.notes.push(format!(
            "{} lines have no termination state in their format.",
            figures.n_stateless
        ));
    }
    table
}

fn meaning(term_cond: u8, fin_state: u8) -> String {
    let who = match term_cond {
        b'C' => "the client closed",
        b'S' => "the server closed or refused",
        b'P' => "HAProxy refused",
        b'L' => "HAProxy answered by itself",
        b'R' => "a resource of HAProxy ran out",
        b'I' => "an internal error of HAProxy",
        b'D' => "ended by HAProxy: the server went down",
        b'U' => "ended by HAProxy: a preferred server came back",
        b'K' => "ended by an operator",
        b'c' => "the client was silent for too long",
        b's' => "the server was silent for too long",
        b'-' if fin_state == b'-' => return "ended as it should".to_owned(),
        b'-' => "ended as it should",
        _ => return String::new(),
    };
    let when = match fin_state {
        b'R' => " during the request",
        b'Q' => " in the queue",
        b'C' => " while connecting to the server",
        b'H' => " before the answer's headers",
        b'D' => " during the answer's data",
        b'L' => " when only the end was left to send to the client",
        b'T' => " in the tarpit",
        _ => "",
    };
    format!("{who}{when}")
}
