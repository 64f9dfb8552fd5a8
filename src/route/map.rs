//! `map…` converters: the value of the first (or longest) key of a file that matches.
//!
//! Source: configuration manual 3.2, "map"; HAProxy `src/map.c`: `map_beg` and `map_ip` take the longest key, others the first.

use crate::route::Doubt;
use crate::route::Truth;
use crate::route::acl::Method;
use crate::route::acl::matches_one;
use crate::route::expression::Call;
use crate::route::sample::Value;
use crate::route::sample::leading_number;
use crate::route::scene::Scene;

/// How a `map…` converter matches its keys; `None`: it is none.
fn method(name: &str) -> Option<(Method, &str)> {
    let rest = name.strip_prefix("map")?;
    let rest = rest.strip_prefix('_').unwrap_or(rest);
    let (by, out) = match rest {
        "" | "str" => ("str", "str"),
        "int" | "ip" => (rest, "str"),
        other => other.split_once('_').unwrap_or((other, "str")),
    };
    Some((Method::named(by)?, out))
}

/// Whether the converter looks into a map.
pub(super) fn is_map(name: &str) -> bool {
    method(name).is_some()
}

/// The key of the map that fits, as a value; the default, or nothing, without one.
pub(super) fn look_up(
    scene: Scene<'_>,
    call: &Call,
    value: &Value,
) -> Result<Option<Value>, Doubt> {
    let Some((method, out)) = method(&call.name) else {
        return Err(Doubt::NotEvaluated(format!("`{}`", call.name)));
    };
    let file = call.arg(0);
    let Some(lines) = scene.request.files.get(file) else {
        return Err(Doubt::NoFile(format!("the map {file}")));
    };
    let mut best: Option<(usize, &str)> = None;
    for line in lines {
        let line = line.trim();
        let (key, found) = line.split_once([' ', '\t']).unwrap_or((line, ""));
        if key.is_empty() || key.starts_with('#') {
            continue;
        }
        match matches_one(scene, method, value, &[key.to_owned()], false) {
            Truth::False => {}
            Truth::Undecidable(doubt) => return Err(doubt),
            Truth::True => {
                let longest = matches!(method, Method::Beg | Method::Ip);
                if best.is_none_or(|(length, _)| longest && length < key.len()) {
                    best = Some((key.len(), found.trim()));
                }
                if !longest {
                    break;
                }
            }
        }
    }
    let found = best.map(|(_, found)| found.to_owned());
    let found = found.or_else(|| call.args.get(1).cloned());
    Ok(found.map(|found| match out {
        "int" => Value::Number(leading_number(&found)),
        _ => Value::text(found),
    }))
}

#[cfg(test)]
mod tests {
    use crate::base::Text;
    use crate::config::parse;
    use crate::route::Field;
    use crate::route::Request;
    use crate::route::trace;
    use std::collections::BTreeMap;
    use std::sync::Arc;

    #[track_caller]
    fn check(converter: &str, host: &str, expected: Option<&str>) {
        let config = format!(
            "frontend fe_app\n mode http\n use_backend %[req.hdr(host),{converter}]\nbackend be_a\nbackend be_b\nbackend be_c\n"
        );
        let config = parse(Text::new(config.as_bytes()));
        let mut request = Request::default();
        request.set_header("host", Field::is(host));
        let lines = "# hosts\nwww.example.com be_a\nwww. be_b\n\nexample.com   be_c\n";
        let lines = lines.lines().map(str::to_owned).collect();
        request.files = Arc::new(BTreeMap::from([("h.map".to_owned(), lines)]));
        let outcome = trace(&config, "fe_app", &request).outcome;
        assert_eq!(
            outcome.backend(),
            expected,
            "{converter} {host}: {outcome:?}"
        );
    }

    #[test]
    fn keys_are_matched_in_the_converters_way() {
        check("map(h.map)", "www.example.com", Some("be_a"));
        check("map(h.map)", "WWW.example.com", None);
        check("lower,map(h.map)", "WWW.example.com", Some("be_a"));
        check("map(h.map,be_b)", "shop.example.com", Some("be_b"));
        check("map_beg(h.map)", "www.example.com:8080", Some("be_a"));
        check("map_beg(h.map)", "www.example.org", Some("be_b"));
        check("map_end(h.map)", "shop.example.com", Some("be_c"));
        check("map_dom(h.map)", "shop.example.com:8080", Some("be_c"));
    }

    #[test]
    fn a_map_that_is_not_at_hand_decides_nothing() {
        check("map(other.map)", "www.example.com", None);
    }
}
