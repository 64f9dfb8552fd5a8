//! `nosrv timeline`: paths in, every event out.

use crate::cli::DONE;
use crate::cli::FAILED;
use crate::cli::Timeline;
use crate::cli::output;
use crate::cli::output::Failure;
use crate::cli::request;
use crate::cli::target::Row;
use crate::cli::target::targets;
use nosrv::report::chronicle::format::FORMATS;

pub(super) fn run(flags: &Timeline) -> Result<u8, Failure> {
    let table = FORMATS
        .each_ref()
        .map(|format| -> Row { (format.name, format.endings) });
    let targets = targets(&flags.bundle, flags.format.as_deref(), &table)?;
    let told = request::work(&flags.bundle, nosrv::tell)?;
    if let Some(why) = told.unclear {
        return Err(Failure::Filter { why });
    }
    for target in &targets {
        if let Some(format) = FORMATS.get(target.format) {
            target.write(&flags.bundle, |style| {
                (format.render)(&told.chronicle, style)
            })?;
        }
    }
    // The text shows the warnings; rows of data have no place for them.
    if targets.iter().all(|target| target.format != 0) {
        let troubled = told.troubles.iter().filter(|trouble| trouble.fatal);
        let fatal: Vec<String> = troubled.map(|t| format!("{}: {}", t.name, t.why)).collect();
        let warnings = told.chronicle.warnings.iter();
        for warning in warnings.filter(|warning| !fatal.contains(warning)) {
            output::complain(warning);
        }
    }
    let complete = request::report_troubles(&told.troubles);
    Ok(if complete { DONE } else { FAILED })
}
