//! Requests by status code, as `halog -st` counts them.
//!
//! Differences: halog takes the bytes of a TCP line for its status; here TCP streams have a row of their own. It prints `-1` for
//! a request that got no answer; here the row is `none`.

use crate::evidence::figures::Figures;
use crate::stats::Cell;
use crate::stats::InText::Always;
use crate::stats::Table;
use crate::stats::Wanted;

pub(super) fn build(figures: &mut Figures, _wanted: &Wanted) -> Table {
    let columns = [
        ("status", "status", Always),
        ("requests", "requests", Always),
        ("share_percent", "share %", Always),
    ];
    let mut table = Table::new("status", "Status codes", &columns);
    let n_all = figures.read.n_counted();
    let mut row = |status, n| {
        if n > 0 {
            table.push(vec![status, Cell::Count(n), Cell::share(n, n_all)]);
        }
    };
    let (none, codes) = match figures.statuses.split_last() {
        Some((none, codes)) => (*none, codes),
        None => (0, &[][..]),
    };
    row(Cell::Text("none".to_owned()), none);
    for (status, n) in (0..).zip(codes) {
        row(Cell::Count(status), *n);
    }
    row(Cell::Text("tcp".to_owned()), figures.read.n_tcp);
    table
}
