//! Flags -> what the library is asked for, and what is said about what it could not do.

use crate::cli::BundleFlags;
use crate::cli::output;
use crate::cli::output::Failure;
use crate::cli::value::Zone;
use nosrv::Request;
use nosrv::clock::Given;
use nosrv::intake::Trouble;
use nosrv::report::filter::Filter;

/// Troubles that are printed; all of them stand in the output.
const TROUBLES_MAX: usize = 20;

pub(super) fn request(flags: &BundleFlags) -> Request {
    let (offset, zone) = match &flags.tz {
        Some(Zone::Offset(offset)) => (Some(*offset), None),
        Some(Zone::Named(zone)) => (None, Some(zone.clone())),
        None => (None, None),
    };
    Request {
        paths: flags.paths.clone(),
        limits: flags.limits.limits(),
        time: Given {
            offset,
            zone,
            year: flags.year,
        },
        filter: Filter {
            since: flags.filter.since,
            until: flags.filter.until,
            backends: flags.filter.backend.clone(),
            frontends: flags.filter.frontend.clone(),
        },
    }
}

/// Does the work on as many threads as were asked for.
pub(super) fn work<T: Send>(
    flags: &BundleFlags,
    work: impl FnOnce(&Request) -> T + Send,
) -> Result<T, Failure> {
    let request = request(flags);
    nosrv::run::with_threads(flags.threads, || work(&request)).map_err(|source| Failure::Threads {
        n: flags.threads.unwrap_or_default(),
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
