//! `show table`: stick tables, and the servers that their entries tie clients to.

use crate::base::Text;
use crate::base::decimal;
use crate::base::printable;
use crate::dump::StickTable;
use crate::dump::Tally;
use crate::dump::prompt;

/// Shape: `# table: st_app, type: ip, size:102400, used:2`, then with a table's name
/// `0x55…: key=192.0.2.1 use=0 exp=29987 server_id=1 server_key=app1 gpc0=3 http_req_rate(10000)=1`.
///
/// Entries are counted, not kept: a table may have millions.
pub(super) fn parse(text: Text<'_>, tally: &mut Tally) -> Vec<StickTable> {
    let mut tables: Vec<StickTable> = Vec::new();
    for line in text.lines() {
        let line_text = printable(line.bytes);
        let entry = prompt::strip_prompt(&line_text);
        if entry.is_empty() || prompt::is_elision(entry) {
            continue;
        }
        if let Some(header) = entry.strip_prefix("# table: ") {
            match table(line.place, header) {
                Some(table) => {
                    tables.push(table);
                    tally.good();
                }
                None => tally.broken(line.place),
            }
        } else if let (Some(server), Some(table)) = (pinned(entry), tables.last_mut()) {
            table.n_entries += 1;
            if let Some(server) = server {
                *table.pinned.entry(server).or_default() += 1;
            }
            tally.good();
        } else if !prompt::is_command(entry) {
            tally.broken(line.place);
        }
    }
    tables
}

fn table(at: crate::base::Place, header: &str) -> Option<StickTable> {
    let mut parts = header.split(',').map(str::trim);
    let name = parts.next()?.to_owned();
    let mut table = StickTable {
        at,
        name,
        kind: String::new(),
        size: None,
        used: None,
        n_entries: 0,
        pinned: std::collections::BTreeMap::new(),
    };
    for part in parts {
        let (field, value) = part.split_once(':')?;
        let value = value.trim();
        match field {
            "type" => value.clone_into(&mut table.kind),
            "size" => table.size = decimal(value.as_bytes()),
            "used" => table.used = decimal(value.as_bytes()),
            _ => {}
        }
    }
    Some(table)
}

/// The server that an entry ties to, by name (`server_key`, since 2.1) or number; outer `None`: it is no entry.
fn pinned(entry: &str) -> Option<Option<String>> {
    let (_, rest) = entry.strip_prefix("0x")?.split_once(": ")?;
    if !rest.starts_with("key=") {
        return None;
    }
    let value = |name: &str| rest.split(' ').find_map(|word| word.strip_prefix(name));
    let key = value("server_key=").filter(|key| !matches!(*key, "-" | "" | "(null)"));
    let id = value("server_id=").filter(|id| *id != "0");
    Some(
        key.map(str::to_owned)
            .or_else(|| id.map(|id| format!("#{id}"))),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_counted_by_the_server_they_tie_to() {
        let mut tally = Tally::default();
        let text = b"# table: st_app, type: ip, size:102400, used:3\n\
            0x55abc6cf8: key=192.0.2.1 use=0 exp=29987 shard=0 server_id=1 server_key=app1 gpc0=3\n\
            0x55abc6cf9: key=192.0.2.2 use=0 exp=29987 server_id=2 gpc0=0 http_req_rate(10000)=0\n\
            0x55abc6cfa: key=2001:db8::1 use=0 exp=29987 server_id=0 gpc0=0\n\n# table: st_abuse, type: string, size:100, used:0\nx\n";
        let tables = parse(Text::new(text), &mut tally);
        assert_eq!(tables.len(), 2);
        assert_eq!(
            (tables[0].used, tables[0].size, tables[0].n_entries),
            (Some(3), Some(102_400), 3)
        );
        assert_eq!(tables[0].pinned["app1"], 1);
        assert_eq!(tables[0].pinned["#2"], 1);
        assert_eq!(
            (tables[1].name.as_str(), tables[1].kind.as_str()),
            ("st_abuse", "string")
        );
        assert_eq!((tally.n_rows, tally.n_broken), (5, 1));
    }
}
