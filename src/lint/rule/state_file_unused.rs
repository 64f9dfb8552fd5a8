//! A state file that nobody reads, or a reader without file.

use crate::base::Place;
use crate::lint::Hit;
use crate::lint::Rule;
use crate::lint::Severity;
use crate::lint::sheet::Sheet;

pub(super) const RULE: Rule = Rule {
    id: "state-file-unused",
    severity: Severity::Note,
    title: "the server state file has no effect",
    why: "Without both halves a reload forgets what was down or in maintenance: servers start as UP and get requests before their first check.",
    fix: "set both `server-state-file` and `load-server-state-from-file global`, and save the state before each reload; or remove the line",
    find,
};

fn find(sheet: &Sheet<'_>) -> Vec<Hit> {
    let file = sheet.config.global.server_state_file.as_ref();
    let readers: Vec<Place> = sheet
        .config
        .proxies
        .iter()
        .filter_map(|proxy| proxy.loads_server_state)
        .collect();
    match (file, readers.first()) {
        (Some(file), None) => file
            .at
            .map(|at| {
                Hit::new(
                    at,
                    "",
                    "no proxy says `load-server-state-from-file`: the file is not read",
                )
            })
            .into_iter()
            .collect(),
        (None, Some(at)) => vec![Hit::new(
            *at,
            "",
            "`global` names no `server-state-file` or `server-state-base`: nothing is read",
        )],
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::lint::fixture::finds;

    #[test]
    fn one_half_alone_is_found() {
        let text = "global\n server-state-file /x\nbackend be\n";
        assert_eq!(finds(&RULE, text), [2]);
    }

    #[test]
    fn the_other_half_too() {
        let text = "defaults\n load-server-state-from-file global\nbackend be\n";
        assert_eq!(finds(&RULE, text), [2]);
    }

    #[test]
    fn both_or_none_are_not() {
        let text = "global\n server-state-file /x\ndefaults\n load-server-state-from-file global\nbackend be\n";
        assert!(finds(&RULE, text).is_empty());
    }
}
