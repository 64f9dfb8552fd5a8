//! `show stat typed`: one line for each value.

use std::collections::HashMap;

use crate::base::Place;
use crate::base::Text;
use crate::base::printable;
use crate::dump::Stat;
use crate::dump::StatRow;
use crate::dump::Tally;
use crate::dump::prompt;
use crate::dump::stat::columns::SEPARATOR;
use crate::dump::stat::row;

/// Shape: `S.4.1.17.status.1:SGPV:str:UP`: object, proxy id, server id, position, name, process; tags; type; value.
///
/// Rows come in the order of their first value; with several processes each has its own rows.
pub(in crate::dump) fn parse(text: Text<'_>, tally: &mut Tally) -> Stat {
    let mut objects: Vec<Object> = Vec::new();
    let mut index_of: HashMap<String, usize> = HashMap::new();
    for line in text.lines() {
        let line_text = printable(line.bytes);
        let entry = prompt::strip_prompt(&line_text);
        if entry.is_empty() || prompt::is_elision(entry) || prompt::is_command(entry) {
            continue;
        }
        let Some(value) = value(entry) else {
            tally.broken(line.place);
            continue;
        };
        let index = *index_of.entry(value.object).or_insert_with(|| {
            objects.push(Object {
                at: line.place,
                letter: value.letter,
                columns: Vec::new(),
            });
            objects.len() - 1
        });
        if let Some(object) = objects.get_mut(index)
            && !value.value.is_empty()
            && value.name != SEPARATOR
        {
            object.columns.push((value.name, value.value));
        }
    }
    let mut stat = Stat::default();
    for object in objects {
        let at = object.at;
        match object.into_row() {
            Some(row) => {
                stat.rows.push(row);
                tally.good();
            }
            None => tally.broken(at),
        }
    }
    stat
}

struct Object {
    at: Place,
    letter: char,
    columns: Vec<(String, String)>,
}

impl Object {
    /// Frontends and backends have fixed names, so theirs may be missing.
    fn into_row(mut self) -> Option<StatRow> {
        let fixed = match self.letter {
            'F' => Some("FRONTEND"),
            'B' => Some("BACKEND"),
            _ => None,
        };
        if let Some(name) = fixed
            && !self.columns.iter().any(|(n, _)| n == "svname")
        {
            self.columns.push(("svname".to_owned(), name.to_owned()));
        }
        row::row(self.at, self.columns)
    }
}

struct TypedValue {
    object: String,
    letter: char,
    name: String,
    value: String,
}

fn value(entry: &str) -> Option<TypedValue> {
    let mut parts = entry.splitn(4, ':');
    let id = parts.next()?;
    let (_tags, _type) = (parts.next()?, parts.next()?);
    let value = parts.next()?.trim().to_owned();
    let mut words = id.split('.');
    let (letter, proxy, server) = (words.next()?, words.next()?, words.next()?);
    let (_position, name, process) = (words.next()?, words.next()?, words.next()?);
    let kind = letter.chars().next()?;
    let is_typed = matches!(letter, "F" | "B" | "S" | "L") && words.next().is_none();
    is_typed.then(|| TypedValue {
        object: format!("{letter}.{proxy}.{server}.{process}"),
        letter: kind,
        name: name.to_owned(),
        value,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dump::StatKind;

    #[test]
    fn values_of_one_object_make_one_row() {
        let mut tally = Tally::default();
        let text = b"F.2.0.0.pxname.1:KNSV:str:fe\nF.2.0.17.status.1:SGPV:str:OPEN\n\
            S.4.1.0.pxname.1:KNSV:str:be\nS.4.1.1.svname.1:KNSV:str:app1\nS.4.1.17.status.1:SGPV:str:DOWN\n\
            S.4.1.73.addr.1:CNSV:str:10.0.10.11:8080\n(...)\nS.4.9.1\n";
        let stat = parse(Text::new(text), &mut tally);
        assert_eq!(stat.rows.len(), 2);
        assert_eq!(stat.rows[0].kind, StatKind::Frontend);
        assert_eq!(stat.rows[1].status, "DOWN");
        assert_eq!(stat.rows[1].address(), "10.0.10.11:8080");
        assert_eq!(stat.rows[1].at.line, 3);
        assert_eq!((tally.n_rows, tally.n_broken), (2, 1));
    }
}
