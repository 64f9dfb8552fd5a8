//! `show stat json`: an array with one array of values for each object.

use serde_json::Value;

use crate::base::Place;
use crate::base::Text;
use crate::base::printable;
use crate::dump::Stat;
use crate::dump::StatRow;
use crate::dump::Tally;
use crate::dump::stat::columns::SEPARATOR;
use crate::dump::stat::row;

/// Shape: `[[{"objType":"Server","proxyId":4,"id":1,"field":{"pos":0,"name":"pxname"},…,"value":{"type":"str","value":"be"}},…],…]`.
///
/// Objects are read one after the other, so a dump that was cut gives those before the cut.
pub(in crate::dump) fn parse(text: Text<'_>, tally: &mut Tally) -> Stat {
    let mut stat = Stat::default();
    let Some(start) = memchr::memchr(b'[', text.bytes) else {
        if !text.bytes.trim_ascii().is_empty() {
            tally.broken(text.first);
        }
        return stat;
    };
    let mut at = advance(text.first, text.bytes.get(..=start).unwrap_or_default());
    let mut rest = text.bytes.get(start + 1..).unwrap_or_default();
    loop {
        let blanks = rest
            .iter()
            .take_while(|b| b.is_ascii_whitespace() || **b == b',')
            .count();
        at = advance(at, rest.get(..blanks).unwrap_or_default());
        rest = rest.get(blanks..).unwrap_or_default();
        if rest.is_empty() || rest.starts_with(b"]") {
            return stat;
        }
        let mut values = serde_json::Deserializer::from_slice(rest).into_iter::<Value>();
        let Some(Ok(value)) = values.next() else {
            tally.broken(at);
            return stat;
        };
        let used = values.byte_offset().max(1);
        match object(at, &value) {
            Some(row) => {
                stat.rows.push(row);
                tally.good();
            }
            None => tally.broken(at),
        }
        at = advance(at, rest.get(..used).unwrap_or_default());
        rest = rest.get(used..).unwrap_or_default();
    }
}

fn object(at: Place, value: &Value) -> Option<StatRow> {
    let mut columns = Vec::new();
    for field in value.as_array()? {
        let name = field.pointer("/field/name").and_then(Value::as_str)?;
        let text = match field.pointer("/value/value")? {
            Value::String(text) => printable(text.as_bytes()),
            other => other.to_string(),
        };
        if !text.is_empty() && name != SEPARATOR {
            columns.push((printable(name.as_bytes()), text));
        }
    }
    row::row(at, columns)
}

/// The place after `passed`.
fn advance(at: Place, passed: &[u8]) -> Place {
    Place {
        line: at.line + memchr::memchr_iter(b'\n', passed).count() as u64,
        offset: at.offset + passed.len() as u64,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_dump_keeps_the_objects_before_the_cut() {
        let mut tally = Tally::default();
        let text = concat!(
            r#"[[{"objType":"Server","proxyId":4,"id":1,"field":{"pos":0,"name":"pxname"},"value":{"type":"str","value":"be"}},"#,
            r#"{"objType":"Server","field":{"pos":1,"name":"svname"},"value":{"type":"str","value":"app1"}},"#,
            r#"{"objType":"Server","field":{"pos":18,"name":"weight"},"value":{"type":"u32","value":1}}],"#,
            "\n",
            r#"[{"objType":"Server","field":{"pos":0,"na"#
        );
        let stat = parse(Text::new(text.as_bytes()), &mut tally);
        assert_eq!(stat.rows.len(), 1);
        assert_eq!(stat.rows[0].name, "app1");
        assert_eq!(stat.rows[0].number("weight"), Some(1));
        assert_eq!((tally.n_rows, tally.n_broken), (1, 1));
        assert_eq!(tally.first_broken.map(|p| p.line), Some(2));
    }

    #[test]
    fn no_bytes_are_no_rows() {
        let mut tally = Tally::default();
        assert!(parse(Text::new(b" \n"), &mut tally).rows.is_empty());
        assert_eq!(tally, Tally::default());
    }
}
