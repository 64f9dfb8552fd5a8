//! `nosrv analyze`: paths in, reports out.

use crate::cli::Analyze;
use crate::cli::DONE;
use crate::cli::FAILED;
use crate::cli::INCIDENT;
use crate::cli::output::Failure;
use crate::cli::regress as archived;
use crate::cli::request;
use crate::cli::target::Row;
use crate::cli::target::targets;
use nosrv::Outcome;
use nosrv::Request;
use nosrv::regress;
use nosrv::report::format::FORMATS;
use std::path::Path;

pub(super) fn run(flags: &Analyze) -> Result<u8, Failure> {
    let table = FORMATS
        .each_ref()
        .map(|format| -> Row { (format.name, format.endings) });
    let targets = targets(&flags.bundle, flags.format.as_deref(), &table)?;
    let work = |request: &Request| investigate(request, flags.similar.as_deref());
    let outcome = request::work(&flags.bundle, work)?;
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

/// The report, with the archived incidents that its own look like.
fn investigate(request: &Request, archive: Option<&Path>) -> Outcome {
    let mut outcome = nosrv::investigate(request);
    let Some(folder) = archive else {
        return outcome;
    };
    let (cases, troubles) = nosrv::intake::archived(folder);
    outcome.troubles.extend(troubles);
    let features = nosrv::run::each(&cases, |case| {
        let incidents = archived::investigate(case).report.incidents.into_iter();
        let name = nosrv::base::printable(case.name.as_bytes());
        let of = incidents.map(|found| (name.clone(), found.id, found.fingerprint.features));
        of.collect::<Vec<_>>()
    });
    let archived: Vec<_> = features.into_iter().flatten().collect();
    for incident in &mut outcome.report.incidents {
        incident.similar = regress::rank(&incident.fingerprint.features, archived.iter().cloned());
    }
    outcome
}
