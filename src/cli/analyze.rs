//! `nosrv analyze`: paths in, reports out.

use crate::cli::Analyze;
use crate::cli::DONE;
use crate::cli::FAILED;
use crate::cli::INCIDENT;
use crate::cli::output;
use crate::cli::output::Failure;
use nosrv::Outcome;
use nosrv::Request;
use nosrv::clock::Given;
use nosrv::intake::Trouble;
use nosrv::report::format::FORMATS;
use nosrv::report::format::Format;
use nosrv::report::format::Style;
use std::path::Path;
use std::path::PathBuf;

/// Troubles that are printed; all of them stand in the report.
const TROUBLES_MAX: usize = 20;

/// A place for the report.
struct Target<'a> {
    /// `None`: standard output.
    path: Option<&'a Path>,
    format: &'static Format,
}

pub(super) fn run(flags: &Analyze) -> Result<u8, Failure> {
    let targets = targets(flags)?;
    let request = Request {
        paths: flags.paths.clone(),
        limits: flags.limits.limits(),
        time: Given {
            offset: flags.tz,
            year: flags.year,
        },
    };
    let outcome = nosrv::run::with_threads(flags.threads, || nosrv::investigate(&request))
        .map_err(|source| Failure::Threads {
            n: flags.threads.unwrap_or_default(),
            source,
        })?;
    for target in &targets {
        write(target, &outcome, flags)?;
    }
    let complete = report_troubles(&outcome.troubles);
    Ok(match (complete, flags.exit_code) {
        (false, _) => FAILED,
        (true, true) if outcome.report.verdict == "incident" => INCIDENT,
        (true, _) => DONE,
    })
}

fn write(target: &Target<'_>, outcome: &Outcome, flags: &Analyze) -> Result<(), Failure> {
    let Some(path) = target.path else {
        let style = output::style(flags.color);
        return output::print(&(target.format.render)(&outcome.report, &style));
    };
    let text = (target.format.render)(&outcome.report, &Style::default());
    std::fs::write(path, text).map_err(|source| Failure::Write {
        path: path.to_owned(),
        source,
    })
}

/// Whether all that was named could be read; says on standard error what could not.
pub(super) fn report_troubles(troubles: &[Trouble]) -> bool {
    let fatal: Vec<&Trouble> = troubles.iter().filter(|trouble| trouble.fatal).collect();
    for Trouble { name, why, .. } in fatal.iter().take(TROUBLES_MAX) {
        if name.is_empty() {
            output::complain(why);
        } else {
            output::complain(&format!("{name}: {why}"));
        }
    }
    if let Some(more) = fatal.len().checked_sub(TROUBLES_MAX).filter(|&n| n > 0) {
        output::complain(&format!(
            "{more} more troubles stand in the report's warnings"
        ));
    }
    fatal.is_empty()
}

/// Where the report goes, in which format. Asked before the work, so that a mistake costs no time.
fn targets(flags: &Analyze) -> Result<Vec<Target<'_>>, Failure> {
    let [default, ..] = &FORMATS;
    let named = flags
        .format
        .as_ref()
        .and_then(|name| FORMATS.iter().find(|format| format.name == name));
    let screen = || Target {
        path: None,
        format: named.unwrap_or(default),
    };
    if flags.output.is_empty() {
        return Ok(vec![screen()]);
    }
    let mut targets = Vec::new();
    for path in &flags.output {
        targets.push(if path.as_os_str() == "-" {
            screen()
        } else {
            file(path, named, &flags.paths)?
        });
    }
    Ok(targets)
}

fn file<'a>(
    path: &'a Path,
    named: Option<&'static Format>,
    inputs: &[PathBuf],
) -> Result<Target<'a>, Failure> {
    let ending = path.extension().and_then(|ending| ending.to_str());
    let chosen = FORMATS
        .iter()
        .find(|format| ending.is_some_and(|e| format.endings.contains(&e)));
    let Some(format) = chosen.or(named) else {
        let endings = FORMATS.iter().flat_map(|format| format.endings);
        let endings: Vec<String> = endings.map(|ending| format!(".{ending}")).collect();
        return Err(Failure::Ending {
            path: path.to_owned(),
            endings: endings.join(", "),
        });
    };
    let real = std::fs::canonicalize(path).ok();
    let is_input = |input: &PathBuf| std::fs::canonicalize(input).ok() == real;
    if real.is_some() && inputs.iter().any(is_input) {
        return Err(Failure::Input {
            path: path.to_owned(),
        });
    }
    Ok(Target {
        path: Some(path),
        format,
    })
}
