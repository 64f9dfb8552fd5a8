//! The tables for a terminal: numbers to the right, names last, long names on a line of their own.

use crate::base::thousands;
use crate::report::format::Style;
use crate::report::format::{Ink, Page};
use crate::stats::Cell;
use crate::stats::InText;
use crate::stats::Row;
use crate::stats::Stats;
use crate::stats::Table;

/// Lays the tables out for the columns of `style`.
pub(super) fn render(stats: &Stats, style: &Style) -> String {
    let mut page = Page::new(style);
    head(&mut page, stats);
    for table in &stats.tables {
        print(&mut page, table);
    }
    if !stats.warnings.is_empty() {
        page.heading("Take note");
        for warning in &stats.warnings {
            page.wrapped("  - ", 4, warning, Ink::Plain);
        }
    }
    page.finish()
}

fn head(page: &mut Page, stats: &Stats) {
    let read = &stats.read;
    let n = read.n_counted();
    let lines = if n == 1 { "line" } else { "lines" };
    let span = match &stats.span {
        Some((first, last)) => format!(", accepted from {first} to {last} (HAProxy's local time)"),
        None => String::new(),
    };
    let text = format!("{} traffic {lines}{span}", thousands(n));
    page.wrapped("", 0, &text, Ink::Strong);
    if let Some(filter) = &stats.filter {
        let left_out = thousands(read.n_left_out);
        let text = format!("Filtered: {filter}; {left_out} other lines are left out.");
        page.wrapped("", 0, &text, Ink::Plain);
    }
    if n > 0 {
        let text = format!(
            "{} of them ended early: a timer is -1.",
            thousands(read.n_err)
        );
        page.wrapped("", 0, &text, Ink::Plain);
    }
}

fn print(page: &mut Page, table: &Table) {
    let rows: Vec<&Row> = table.rows.iter().filter(|row| !row.is_detail).collect();
    let n_shown = u64::try_from(table.rows.len()).unwrap_or(u64::MAX);
    let about = if table.is_estimated { "about " } else { "" };
    let title = if n_shown < table.n_rows {
        let (shown, all) = (thousands(n_shown), thousands(table.n_rows));
        format!("{} ({shown} of {about}{all})", table.title)
    } else {
        table.title.to_owned()
    };
    page.heading(&title);
    if rows.is_empty() {
        page.wrapped("  ", 2, "none", Ink::Plain);
    } else {
        body(page, table, &rows);
    }
    for note in &table.notes {
        page.wrapped("  ", 2, note, Ink::Plain);
    }
}

fn body(page: &mut Page, table: &Table, rows: &[&Row]) {
    let is_shown = |index: usize| {
        let used = || {
            let cells = rows.iter().filter_map(|row| row.cells.get(index));
            cells.into_iter().any(Cell::is_used)
        };
        let known = || {
            let mut cells = rows.iter().filter_map(|row| row.cells.get(index));
            cells.any(|cell| *cell != Cell::None)
        };
        match table.columns.get(index).map(|column| column.in_text) {
            Some(InText::Always) => true,
            Some(InText::Used) => used(),
            Some(InText::Known) => known(),
            Some(InText::No) | None => false,
        }
    };
    let shown: Vec<usize> = (0..table.columns.len())
        .filter(|&index| is_shown(index))
        .collect();
    let mut lines = vec![heads(table, &shown)];
    lines.extend(rows.iter().map(|row| texts(row, &shown)));
    let widths: Vec<usize> = (0..shown.len())
        .map(|index| {
            let cells = lines.iter().filter_map(|line| line.get(index));
            cells
                .map(|(text, _)| text.chars().count())
                .max()
                .unwrap_or(0)
        })
        .collect();
    for (number, line) in lines.iter().enumerate() {
        let Some(((last, is_name), cells)) = line.split_last() else {
            continue;
        };
        let mut prefix = String::new();
        for ((text, is_name), &width) in cells.iter().zip(&widths) {
            prefix.push_str("  ");
            if *is_name {
                prefix.push_str(&format!("{text:<width$}"));
            } else {
                prefix.push_str(&format!("{text:>width$}"));
            }
        }
        let ink = if number == 0 { Ink::Strong } else { Ink::Plain };
        let width = widths.last().copied().unwrap_or(0);
        if *is_name {
            page.wrapped(&format!("{prefix}  "), 4, last, ink);
        } else {
            page.whole("", &format!("{prefix}  {last:>width$}"), ink);
        }
    }
}

/// Cells as text, and whether they are names.
fn texts(row: &Row, shown: &[usize]) -> Vec<(String, bool)> {
    let cells = shown.iter().filter_map(|&index| row.cells.get(index));
    let texts = cells.map(|cell| match cell {
        Cell::None => ("-".to_owned(), false),
        cell => (cell.text(), matches!(cell, Cell::Text(_))),
    });
    texts.collect()
}

fn heads(table: &Table, shown: &[usize]) -> Vec<(String, bool)> {
    let column = |&index: &usize| {
        let head = table.columns.get(index)?.head.to_owned();
        let mut cells = table.rows.iter().filter_map(|row| row.cells.get(index));
        Some((head, cells.any(|cell| matches!(cell, Cell::Text(_)))))
    };
    shown.iter().filter_map(column).collect()
}
