//! `nosrv stats`: paths in, tables out.

use crate::cli::DONE;
use crate::cli::FAILED;
use crate::cli::Stats;
use crate::cli::output;
use crate::cli::output::Failure;
use crate::cli::request;
use crate::cli::target::Row;
use crate::cli::target::targets;
use nosrv::stats::Wanted;
use nosrv::stats::format::FORMATS;

pub(super) fn run(flags: &Stats) -> Result<u8, Failure> {
    let table = FORMATS
        .each_ref()
        .map(|format| -> Row { (format.name, format.endings) });
    let targets = targets(&flags.bundle, flags.format.as_deref(), &table)?;
    let wanted = Wanted {
        tables: flags.tables.clone(),
        top: flags.top,
        sort: flags.sort.clone(),
    };
    let work = |request: &nosrv::Request| nosrv::measure(request, &wanted);
    let measured = request::work(&flags.bundle, work)?.map_err(|why| Failure::Filter { why })?;
    for target in &targets {
        if let Some(format) = FORMATS.get(target.format) {
            target.write(&flags.bundle, |style| {
                (format.render)(&measured.stats, style)
            })?;
        }
    }
    // The text shows the warnings, and JSON has them; the rows of a spreadsheet have no place for them.
    let is_csv = |row: usize| FORMATS.get(row).is_some_and(|format| format.name == "csv");
    if targets.iter().all(|target| is_csv(target.format)) {
        let troubled = measured.troubles.iter().filter(|trouble| trouble.fatal);
        let fatal: Vec<String> = troubled.map(|t| format!("{}: {}", t.name, t.why)).collect();
        let warnings = measured.stats.warnings.iter();
        for warning in warnings.filter(|warning| !fatal.contains(warning)) {
            output::complain(warning);
        }
        let tables = measured.stats.tables.iter();
        for table in tables.filter(|table| table.is_estimated) {
            for note in &table.notes {
                output::complain(&format!("{}: {note}", table.name));
            }
        }
    }
    let complete = request::report_troubles(&measured.troubles);
    Ok(if complete { DONE } else { FAILED })
}
