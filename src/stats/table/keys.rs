//! Requests, errors, times and bytes by URL as `halog -u`, and by client as `halog -ic`.
//!
//! As halog: an error is a timer that is −1; a request's time is its `%Tr`, or the whole time where that is −1; a URL ends
//! before its `?` or `;`. Differences: `<BADREQ>` stands without quotes; a request line without version keeps its closing quote
//! in halog; an answer of 2 GiB or more counts in full (halog's number overflows); a client's time is the same as a URL's
//! (`halog -ic` sums `%TR`, and calls errors only what has no `%TR` or `%Ta`); clients of TCP streams count. A URL from a line
//! that was cut is cut.

use crate::base::thousands;
use crate::evidence::figures::Asked;
use crate::evidence::figures::EXACT_MAX;
use crate::evidence::figures::Figures;
use crate::evidence::figures::Ranking;
use crate::stats::Cell;
use crate::stats::InText::Always;
use crate::stats::InText::No;
use crate::stats::InText::Used;
use crate::stats::Table;
use crate::stats::Wanted;

/// Rows that are shown unless told otherwise.
pub(super) const TOP: usize = 20;

/// Name, meaning, and the number that decides.
pub type Sort = (&'static str, &'static str, fn(&Asked) -> u64);

/// What rows can be sorted by, largest first, with the option of halog that does the same.
pub const SORTS: [Sort; 8] = [
    ("requests", "number of requests, as -uc", |a| a.n),
    ("errors", "requests with a timer of -1, as -ue", |a| a.n_err),
    ("5xx", "requests answered with a 5xx", |a| a.n_5xx),
    ("time", "sum of their times, as -ut", |a| a.time_ms),
    ("average", "average time, as -ua", |a| {
        a.time_ms / a.n.max(1)
    }),
    ("average-ok", "average time without errors, as -uao", |a| {
        a.time_ok_ms / (a.n - a.n_err.min(a.n)).max(1)
    }),
    ("bytes", "sum of bytes sent, as -ubt", |a| a.bytes),
    ("average-bytes", "average of bytes sent, as -uba", |a| {
        a.bytes / a.n.max(1)
    }),
];

pub(super) fn urls(figures: &mut Figures, wanted: &Wanted) -> Table {
    let mut table = columns("urls", "URLs", "url");
    fill(
        &mut table,
        std::mem::take(&mut figures.urls),
        wanted,
        "URLs",
    );
    without(&mut table, figures.read.n_without_url, "request line");
    table
}

pub(super) fn clients(figures: &mut Figures, wanted: &Wanted) -> Table {
    let mut table = columns("clients", "Clients", "client");
    let clients = std::mem::take(&mut figures.clients);
    fill(&mut table, clients, wanted, "clients");
    without(&mut table, figures.read.n_without_client, "client address");
    table
}

fn columns(name: &'static str, title: &'static str, key: &'static str) -> Table {
    let columns = [
        ("requests", "requests", Always),
        ("share_percent", "share %", Always),
        ("errors", "errors", Used),
        ("share_errors_percent", "errors %", No),
        ("5xx", "5xx", Used),
        ("share_5xx_percent", "5xx %", Used),
        ("time_ms", "time ms", No),
        ("average_ms", "avg ms", Always),
        ("time_ok_ms", "ok ms", No),
        ("average_ok_ms", "avg ok ms", No),
        ("average_bytes", "avg bytes", Always),
        ("bytes", "bytes", No),
        (key, key, Always),
    ];
    Table::new(name, title, &columns)
}

fn fill(table: &mut Table, ranking: Ranking, wanted: &Wanted, what: &str) {
    let (n, n_cut, distinct) = (ranking.n, ranking.n_cut, ranking.distinct());
    if ranking.is_estimated() {
        table.is_estimated = true;
        table.notes.push(format!(
            "More than {} different {what}, about {} in all: numbers are estimates, requests too high by about {} on average, and {what} of few requests may be missing.",
            thousands(EXACT_MAX as u64),
            thousands(distinct),
            thousands(ranking.excess()),
        ));
    }
    if n_cut > 0 {
        table.notes.push(format!(
            "{} {what} are longer than 1024 bytes and cut there.",
            thousands(n_cut)
        ));
    }
    let by = |name: &str| SORTS.iter().find(|(key, ..)| *key == name);
    let sort = wanted.sort.as_deref().and_then(by).or(SORTS.first());
    let key = |asked: &Asked| sort.map_or(0, |(_, _, key)| key(asked));
    for (name, asked) in &ranking.top(wanted.top.unwrap_or(TOP), key) {
        let n_ok = asked.n.saturating_sub(asked.n_err);
        table.push(vec![
            Cell::Count(asked.n),
            Cell::share(asked.n, n),
            Cell::Count(asked.n_err),
            Cell::share(asked.n_err, asked.n),
            Cell::Count(asked.n_5xx),
            if asked.n_5xx > 0 {
                Cell::share(asked.n_5xx, asked.n)
            } else {
                Cell::None
            },
            Cell::Count(asked.time_ms),
            Cell::average(asked.time_ms, asked.n),
            Cell::Count(asked.time_ok_ms),
            Cell::average(asked.time_ok_ms, n_ok),
            Cell::average(asked.bytes, asked.n),
            Cell::Count(asked.bytes),
            Cell::name(name),
        ]);
    }
    table.n_rows = distinct;
}

fn without(table: &mut Table, n: u64, what: &str) {
    if n > 0 {
        let n = thousands(n);
        table.notes.push(format!("{n} lines have no {what}."));
    }
}

/// Leaves the first rows.
pub(super) fn cut(table: &mut Table, top: usize) {
    table.rows.truncate(top);
}
