//! `nosrv explain`: the catalogue and the findings of `check`, or one entry of them.

use crate::cli::DONE;
use crate::cli::Explain;
use crate::cli::output;
use crate::cli::output::Failure;
use nosrv::report::format::catalogue;

pub(super) fn run(flags: &Explain) -> Result<u8, Failure> {
    let style = output::style(flags.color);
    let Some(id) = &flags.id else {
        let findings = nosrv::lint::format::list(style.columns);
        output::print(&format!("{}{findings}", catalogue::list(&style)))?;
        return Ok(DONE);
    };
    let finding = || {
        let rule = nosrv::lint::rule::by_id(id)?;
        Some(nosrv::lint::format::entry(rule, style.columns))
    };
    let Some(text) = catalogue::entry(id, &style).or_else(finding) else {
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
