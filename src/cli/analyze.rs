//! `nosrv analyze`: paths in, reports out.

use crate::cli::Analyze;
use crate::cli::DONE;
use crate::cli::FAILED;
use crate::cli::INCIDENT;
use crate::cli::output::Failure;
use crate::cli::request;
use crate::cli::target::Row;
use crate::cli::target::targets;
use nosrv::report::format::FORMATS;

pub(super) fn run(flags: &Analyze) -> Result<u8, Failure> {
    let table = FORMATS
        .each_ref()
        .map(|format| -> Row { (format.name, format.endings) });
    let targets = targets(&flags.bundle, flags.format.as_deref(), &table)?;
    let outcome = request::work(&flags.bundle, nosrv::investigate)?;
    if let Some(why) = outcome.unclear {
        return Err(Failure::Filter { why });
    }
    for target in &targets {
        if let Some(format) = FORMATS.get(target.format) {
            target.write(&flags.bundle, |style| {
                (format.render)(&outcome.report, style)
            })?;
        }
    }
    let complete = request::report_troubles(&outcome.troubles);
    Ok(match (complete, flags.exit_code) {
        (false, _) => FAILED,
        (true, true) if outcome.report.verdict == "incident" => INCIDENT,
        (true, _) => DONE,
    })
}
