//! Percentiles of each timer, at the points of `halog -pct` and equal to its values there.
//!
//! As halog, only requests count none of whose timers is −1, and a percentile is the smallest value that so many requests do
//! not exceed, so many being rounded down. halog prints `TR`, `Tc`, `Tr` and the rest of `Ta`; here `Tw` and `Ta` stand beside
//! them, and TCP streams have columns of their own. Differences: the rest is never negative (halog prints what broken clocks
//! leave), and durations of more than a minute are rounded down by up to 1/128 when there are more than 16,384 different ones.

use crate::evidence::figures::Figures;
use crate::evidence::figures::Histogram;
use crate::stats::Cell;
use crate::stats::InText::Always;
use crate::stats::InText::Known;
use crate::stats::InText::No;
use crate::stats::Row;
use crate::stats::Table;
use crate::stats::Wanted;

/// Steps, in thousandths, that a text shows.
const SHOWN: [u32; 9] = [10, 250, 500, 750, 900, 950, 990, 999, 1000];

pub(super) fn build(figures: &mut Figures, _wanted: &Wanted) -> Table {
    let columns = [
        ("percent", "percent", Always),
        ("requests", "requests", Always),
        ("TR_ms", "TR ms", Known),
        ("Tw_ms", "Tw ms", Known),
        ("Tc_ms", "Tc ms", Known),
        ("Tr_ms", "Tr ms", Known),
        ("Ta_ms", "Ta ms", Known),
        ("data_ms", "data ms", Known),
        ("tcp_Tw_ms", "Tw/tcp", Known),
        ("tcp_Tc_ms", "Tc/tcp", Known),
        ("tcp_Tt_ms", "Tt/tcp", Known),
        ("streams", "streams", No),
    ];
    let mut table = Table::new("timers", "Timers of completed requests", &columns);
    let histograms: Vec<&Histogram> = figures.http.iter().chain(&figures.tcp).collect();
    let n_most = |some: &[Histogram]| some.iter().map(Histogram::n).max().unwrap_or(0);
    let (n_http, n_tcp) = (n_most(&figures.http), n_most(&figures.tcp));
    if n_http + n_tcp == 0 {
        return table;
    }
    let steps = steps();
    let values: Vec<Vec<u32>> = histograms
        .iter()
        .map(|histogram| {
            let n = histogram.n();
            histogram.at(steps.iter().map(|&step| rank(n, step)))
        })
        .collect();
    for (index, &step) in steps.iter().enumerate() {
        let mut cells = vec![
            Cell::Percent(f64::from(step) / 10.0),
            Cell::Count(rank(n_http, step)),
        ];
        cells.extend(values.iter().map(|values| {
            let ms = values.get(index).copied();
            ms.map_or(Cell::None, |ms| Cell::Count(u64::from(ms)))
        }));
        cells.push(Cell::Count(rank(n_tcp, step)));
        table.rows.push(Row {
            cells,
            is_detail: !SHOWN.contains(&step),
        });
        table.n_rows += 1;
    }
    if histograms.iter().any(|histogram| histogram.is_rounded) {
        table.is_estimated = true;
        let text = "Durations of more than a minute are rounded down, by less than 1 percent.";
        table.notes.push(text.to_owned());
    }
    table
}

/// The steps of `halog -pct`, in thousandths.
fn steps() -> Vec<u32> {
    let mut steps = Vec::new();
    let mut step = 1;
    while step <= 1000 {
        steps.push(step);
        step += match step {
            100..900 => 50,
            20..980 => 10,
            _ => 1,
        };
    }
    steps
}

/// So many of `n`, with the rounding of halog's own arithmetic.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "halog multiplies as floating point numbers and cuts; the product is between 0 and n"
)]
fn rank(n: u64, step: u32) -> u64 {
    (n as f64 * (f64::from(step) / 1000.0)) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_fine_at_both_ends() {
        let steps = steps();
        assert_eq!(steps.first_chunk(), Some(&[1, 2, 3]));
        assert!(steps.windows(2).any(|pair| pair == [100, 150]));
        assert_eq!(steps.last_chunk(), Some(&[998, 999, 1000]));
        assert!(SHOWN.iter().all(|step| steps.contains(step)));
    }
}
