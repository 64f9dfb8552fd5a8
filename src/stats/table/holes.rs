//! Times without an accepted request, and how many came at once after them: the idea of `halog -ad` and `-ac`.
//!
//! Every gap of a second and more is found (of more, when the logs are of many days: the table says so). Differences: halog
//! puts all days on one and so misses what another day's requests fill; here dates count, and hosts are kept apart.

use crate::base::Precision;
use crate::base::SECOND;
use crate::base::Stamp;
use crate::evidence::figures::Figures;
use crate::stats::Cell;
use crate::stats::InText::Always;
use crate::stats::InText::Used;
use crate::stats::Table;
use crate::stats::Wanted;
use crate::stats::table::keys::TOP;
use crate::stats::table::keys::cut;

pub(super) fn build(figures: &mut Figures, wanted: &Wanted) -> Table {
    let columns = [
        ("gap_ms", "gap ms", Always),
        ("from", "last accepted", Always),
        ("to", "next accepted", Always),
        ("requests_then", "at once", Always),
        ("host", "host", Used),
    ];
    let mut table = Table::new(
        "holes",
        "Gaps between accept dates, longest first",
        &columns,
    );
    let (mut gaps, shortest, is_full) = figures.gaps(SECOND);
    gaps.sort_by(|a, b| (b.to - b.from, a.from, &a.host).cmp(&(a.to - a.from, b.from, &b.host)));
    let local = |at| Cell::Text(Stamp::local(at, Precision::Milli).to_string());
    for gap in &gaps {
        let ms = u64::try_from((gap.to - gap.from) / 1000).unwrap_or(0);
        table.push(vec![
            Cell::Count(ms),
            local(gap.from),
            local(gap.to),
            Cell::Count(gap.n_then),
            Cell::name(&gap.host),
        ]);
    }
    cut(&mut table, wanted.top.unwrap_or(TOP));
    table.notes.push(format!(
        "Of {} s and more. Times are as logged, HAProxy's local time: a change of its clock shows as a gap, or hides one.",
        shortest / SECOND
    ));
    if is_full {
        let text = "There are more hosts than are looked at: the first 16 by name.";
        table.notes.push(text.to_owned());
    }
    table
}
