//! Converters: what becomes of a value on its way to a match.
//!
//! Source: configuration manual 3.2, "Converters".

use crate::route::Doubt;
use crate::route::expression::Call;
use crate::route::map;
use crate::route::name::BYTES_MAX;
use crate::route::regex;
use crate::route::sample::Value;
use crate::route::scene::Scene;

/// Applies one converter; `Ok(None)`: it leaves no value.
pub(super) fn convert(
    scene: Scene<'_>,
    call: &Call,
    value: &Value,
) -> Result<Option<Value>, Doubt> {
    let (text, whole) = value.as_text();
    let kept = |text: String| Ok(Some(Value::Text { text, whole }));
    match call.name.as_str() {
        "lower" => return kept(text.to_ascii_lowercase()),
        "upper" => return kept(text.to_ascii_uppercase()),
        _ => {}
    }
    if !whole || text.len() > BYTES_MAX {
        return Err(Doubt::CutShort("its value".to_owned()));
    }
    let number = |change: fn(i64, i64) -> i64| {
        let by = call.number(0).ok_or_else(|| not_evaluated(call))?;
        Ok(value.as_number().map(|n| Value::Number(change(n, by))))
    };
    match call.name.as_str() {
        "field" => field(call, &text),
        "word" => word(call, &text),
        "length" => Ok(Some(Value::Number(
            i64::try_from(text.len()).unwrap_or(i64::MAX),
        ))),
        "ltrim" => kept(trimmed(call, &text, true)),
        "rtrim" => kept(trimmed(call, &text, false)),
        "host_only" => kept(host_and_port(&text).0.to_owned()),
        "port_only" => Ok(Some(Value::Number(
            host_and_port(&text).1.parse().unwrap_or(0),
        ))),
        "url_dec" if !text.contains(['%', '+']) => kept(text),
        "regsub" => regsub(scene, call, &text),
        "bool" => Ok(value.as_number().map(|n| Value::Flag(n != 0))),
        "not" => Ok(value.as_number().map(|n| Value::Flag(n == 0))),
        "add" => number(i64::saturating_add),
        "sub" => number(i64::saturating_sub),
        name if map::is_map(name) => map::look_up(scene, call, value),
        _ => Err(not_evaluated(call)),
    }
}

fn not_evaluated(call: &Call) -> Doubt {
    Doubt::NotEvaluated(format!("the converter `{}`", call.name))
}

/// `field(index,delimiters)`: fields between single delimiters, 1-based, negative from the end.
fn field(call: &Call, text: &str) -> Result<Option<Value>, Doubt> {
    let fields: Vec<&str> = text.split(|c| delimits(call, c)).collect();
    nth(call, &fields)
}

/// `word(index,delimiters)`: as `field`, where delimiters in a row count once.
fn word(call: &Call, text: &str) -> Result<Option<Value>, Doubt> {
    let words = text.split(|c| delimits(call, c)).filter(|w| !w.is_empty());
    nth(call, &words.collect::<Vec<_>>())
}

fn delimits(call: &Call, c: char) -> bool {
    call.arg(1).contains(c)
}

fn nth(call: &Call, parts: &[&str]) -> Result<Option<Value>, Doubt> {
    let number = call.number(0).filter(|&n| n != 0 && call.args.len() == 2);
    let number = number.ok_or_else(|| not_evaluated(call))?;
    let back = usize::try_from(number.unsigned_abs()).unwrap_or(usize::MAX);
    let found = if number > 0 {
        parts.get(back - 1)
    } else {
        parts.len().checked_sub(back).and_then(|at| parts.get(at))
    };
    Ok(found.map(|&part| Value::text(part)))
}

fn trimmed(call: &Call, text: &str, left: bool) -> String {
    let is_cut = |c: char| call.arg(0).contains(c);
    if left {
        text.trim_start_matches(is_cut).to_owned()
    } else {
        text.trim_end_matches(is_cut).to_owned()
    }
}

/// `host:port`, `[2001:db8::1]:port`, or a host alone.
fn host_and_port(text: &str) -> (&str, &str) {
    match text.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|c| c.is_ascii_digit()) => (host, port),
        _ => (text, ""),
    }
}

fn regsub(scene: Scene<'_>, call: &Call, text: &str) -> Result<Option<Value>, Doubt> {
    let flags = call.arg(2);
    let regex = scene.regexes.get(call.arg(0), flags.contains('i'))?;
    let out = regex::substitute(&regex, text, call.arg(1), flags.contains('g'));
    Ok(Some(Value::text(out)))
}

#[cfg(test)]
mod tests {
    use crate::base::Text;
    use crate::config::parse;
    use crate::route::Request;
    use crate::route::regex::Regexes;
    use crate::route::sample::Value;
    use crate::route::scene::Scene;
    use std::collections::BTreeMap;

    fn converted(text: &str) -> Option<Vec<String>> {
        let config = parse(Text::new(b"frontend fe_app\n mode http\n"));
        let scene = Scene {
            request: &Request::default(),
            vars: &BTreeMap::new(),
            regexes: &Regexes::default(),
            frontend: &config.proxies[0],
        };
        let values = scene.values(text, true).ok()?;
        Some(values.iter().map(Value::shown).collect())
    }

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        assert_eq!(converted(text).unwrap(), expected, "{text}");
    }

    #[test]
    fn text_is_cut_and_changed() {
        check("str(Www.Example),lower", &["www.example"]);
        check("str(a:b:c),field(2,:)", &["b"]);
        check("str(a::c),field(2,:)", &[""]);
        check("str(a:b:c),field(-1,:)", &["c"]);
        check("str(a:b:c),field(4,:)", &[]);
        check("str(/a//b),word(2,/)", &["b"]);
        check("str(abcd),length", &["4"]);
        check("str(www.example.com:80),host_only", &["www.example.com"]);
        check("str(www.example.com:80),port_only", &["80"]);
        check("str(/v1/x),regsub(^/v1,/v2)", &["/v2/x"]);
        check("str(7),sub(5)", &["2"]);
        check("str(xxay),ltrim(x)", &["ay"]);
    }

    #[test]
    fn an_unknown_converter_is_a_doubt() {
        assert_eq!(converted("str(a),sha1,hex"), None);
        assert_eq!(converted("str(a%20b),url_dec"), None);
    }
}
