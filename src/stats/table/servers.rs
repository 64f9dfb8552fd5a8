//! What each server answered and how fast, with the columns of `halog -srv`.
//!
//! Differences: halog lists the servers of TCP lines with zeros; here their streams are counted, in a column of their own, and
//! in `ok` and the average of `%Tc`. It reads a timer with the `+` of `option logasap` as 0; here its digits count.

use crate::evidence::figures::Figures;
use crate::evidence::figures::Served;
use crate::stats::Cell;
use crate::stats::InText::Always;
use crate::stats::InText::No;
use crate::stats::InText::Used;
use crate::stats::Table;
use crate::stats::Wanted;
use crate::stats::table::keys::cut;

pub(super) fn build(figures: &mut Figures, wanted: &Wanted) -> Table {
    let columns = [
        ("requests", "requests", Always),
        ("streams", "streams", Used),
        ("1xx", "1xx", Used),
        ("2xx", "2xx", Used),
        ("3xx", "3xx", Used),
        ("4xx", "4xx", Used),
        ("5xx", "5xx", Used),
        ("other", "other", Used),
        ("share_5xx_percent", "5xx %", Always),
        ("ok", "ok", No),
        ("share_ok_percent", "ok %", Always),
        ("average_connect_ms", "Tc ms", Always),
        ("average_response_ms", "Tr ms", Always),
        ("server", "server", Always),
    ];
    let mut table = Table::new("servers", "Servers", &columns);
    let (mut servers, is_full) = figures.servers();
    // By name as halog does, unless only the first of them are wanted.
    if wanted.top.is_some() {
        servers.sort_by(|a, b| (b.n(), &a.name).cmp(&(a.n(), &b.name)));
    }
    for served in &servers {
        table.push(cells(served));
    }
    if is_full {
        table.is_estimated = true;
        let text = "There are more servers than are counted: lines of others are only in the other tables.";
        table.notes.push(text.to_owned());
    }
    cut(&mut table, wanted.top.unwrap_or(usize::MAX));
    table
}

fn cells(served: &Served) -> Vec<Cell> {
    let [other, n_1xx, n_2xx, n_3xx, n_4xx, n_5xx] = served.by_class;
    let n_requests: u64 = served.by_class.iter().sum();
    let mut cells: Vec<Cell> = [
        n_requests,
        served.n_tcp,
        n_1xx,
        n_2xx,
        n_3xx,
        n_4xx,
        n_5xx,
        other,
    ]
    .into_iter()
    .map(Cell::Count)
    .collect();
    cells.extend([
        Cell::share(n_5xx, n_requests),
        Cell::Count(served.n_ok),
        Cell::share(served.n_ok, served.n()),
        Cell::average(served.connect.1, served.connect.0),
        Cell::average(served.response.1, served.response.0),
        Cell::name(&served.name),
    ]);
    cells
}
