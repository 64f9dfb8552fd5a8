//! `nosrv regress`: archived incidents in, what changed out.

use crate::cli::CHANGED;
use crate::cli::DONE;
use crate::cli::FAILED;
use crate::cli::Regress;
use crate::cli::output;
use crate::cli::output::Failure;
use nosrv::Outcome;
use nosrv::Request;
use nosrv::intake::Archived;
use nosrv::regress;
use nosrv::regress::Checked;
use nosrv::regress::State;
use nosrv::regress::format::FORMATS;

pub(super) fn run(flags: &Regress) -> Result<u8, Failure> {
    let (cases, troubles) = nosrv::intake::archived(&flags.folder);
    for trouble in &troubles {
        output::complain(&format!("{}: {}", trouble.name, trouble.why));
    }
    if cases.is_empty() {
        output::complain(
            "no archived incident there: a folder with `bundle/` and `expect.json`, or NAME.expect.json beside NAME.tar.gz",
        );
        return Ok(FAILED);
    }
    let work = || nosrv::run::each(&cases, |case| check(case, flags));
    let all: Vec<Checked> = nosrv::run::with_threads(flags.threads, work).map_err(|source| {
        let n = flags.threads.unwrap_or_default();
        Failure::Threads { n, source }
    })?;
    let [default, ..] = &FORMATS;
    let named = |name: &str| FORMATS.iter().find(|format| format.name == name);
    let format = flags.format.as_deref().and_then(named).unwrap_or(default);
    if let (Some(path), Some(junit)) = (&flags.junit, named("junit")) {
        std::fs::write(path, (junit.render)(&all)).map_err(|source| Failure::Write {
            path: path.clone(),
            source,
        })?;
    }
    output::print(&(format.render)(&all))?;
    let any = |of: fn(&State) -> bool| all.iter().any(|checked| of(&checked.state));
    Ok(
        if !troubles.is_empty() || any(|state| matches!(state, State::Failed(_))) {
            FAILED
        } else if any(|state| matches!(state, State::Changed(_))) {
            CHANGED
        } else {
            DONE
        },
    )
}

fn check(case: &Archived, flags: &Regress) -> Checked {
    let state = match case.read() {
        Err(why) => State::Failed(why),
        Ok(None) if !flags.bless => State::Failed(
            "no expect.json beside the bundle: --bless writes one of what is found now".to_owned(),
        ),
        Ok(expectation) => compare(case, expectation.as_deref(), flags.bless),
    };
    Checked {
        name: nosrv::base::printable(case.name.as_bytes()),
        state,
    }
}

/// The report on an archived incident, as it was archived: with nothing given, nothing filtered.
pub(super) fn investigate(case: &Archived) -> Outcome {
    nosrv::investigate(&Request {
        paths: vec![case.bundle.clone()],
        ..Request::default()
    })
}

fn compare(case: &Archived, expectation: Option<&[u8]>, bless: bool) -> State {
    let outcome = investigate(case);
    if let Some(trouble) = outcome.troubles.iter().find(|trouble| trouble.fatal) {
        return State::Failed(format!("{}: {}", trouble.name, trouble.why));
    }
    let state = expectation.map(|text| regress::check(&outcome.report, text));
    match state {
        Some(State::Changed(_)) | None if bless => {
            let old = expectation.and_then(|text| serde_json::from_slice(text).ok());
            let new = regress::blessed(&regress::as_value(&outcome.report), old.as_ref());
            match std::fs::write(&case.expectation, new) {
                Ok(()) => State::Blessed,
                Err(error) => State::Failed(format!("cannot write the expectation: {error}")),
            }
        }
        Some(state) => state,
        None => State::Failed("no expectation".to_owned()),
    }
}
