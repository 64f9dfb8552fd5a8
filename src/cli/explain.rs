//! `nosrv explain`: the catalogue, or one entry of it.

use crate::cli::DONE;
use crate::cli::Explain;
use crate::cli::output;
use crate::cli::output::Failure;
use nosrv::report::format::catalogue;

pub(super) fn run(flags: &Explain) -> Result<u8, Failure> {
    let style = output::style(flags.color);
    let Some(id) = &flags.id else {
        output::print(&catalogue::list(&style))?;
        return Ok(DONE);
    };
    let Some(text) = catalogue::entry(id, &style) else {
        return Err(Failure::UnknownId {
            id: nosrv::base::printable(id.as_bytes()),
            hint: hint(&catalogue::closest(id)),
        });
    };
    output::print(&text)?;
    Ok(DONE)
}

fn hint(closest: &[&str]) -> String {
    if closest.is_empty() {
        "`nosrv explain` lists them".to_owned()
    } else {
        format!("closest: {}", closest.join(", "))
    }
}
