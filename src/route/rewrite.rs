//! Rules that change what later rules see: path, query, method, headers, variables, source address.
//!
//! The logged request line is from before all of them. Source: configuration manual 3.2, "http-request".

use crate::route::Doubt;
use crate::route::Field;
use crate::route::Request;
use crate::route::Truth;
use crate::route::fetch::target_piece;
use crate::route::header;
use crate::route::name::BYTES_MAX;
use crate::route::name::filled;
use crate::route::regex::replacement;
use crate::route::request::Piece;
use crate::route::sample::Samples;
use crate::route::sample::Value;
use crate::route::scene::Scene;
use std::collections::BTreeMap;

/// What a rule changes.
pub(super) enum Change {
    /// The path.
    Path(Field),
    /// The query.
    Query(Field),
    /// Path and query.
    PathQuery(Field, Field),
    /// The method.
    Method(Field),
    /// All lines of a header, by one line.
    Header(String, Vec<Field>),
    /// The client's address.
    Source(Samples),
    /// A variable.
    Variable(String, Samples),
    /// Nobody can tell: everything that was known of the request.
    Everything,
}

/// What a rule (its words behind `http-request`) would change; `None`: nothing that routing sees.
pub(super) fn change(scene: Scene<'_>, words: &[String]) -> Option<Change> {
    let word = |index: usize| words.get(index).map_or("", String::as_str);
    let (action, args) = match word(0).split_once('(') {
        Some((action, args)) => (action, args.trim_end_matches(')')),
        None => (word(0), ""),
    };
    let now = scene.request;
    let text = |index| field(filled(scene, word(index)));
    Some(match action {
        "set-path" => Change::Path(text(1)),
        "set-query" => Change::Query(text(1)),
        "set-method" => Change::Method(text(1)),
        "set-pathq" | "set-uri" => path_query(&text(1)),
        "replace-path" => {
            let old = now.path.piece("the path");
            Change::Path(replaced(scene, word(1), word(2), old)?)
        }
        "replace-pathq" | "replace-uri" => {
            let old = target_piece(now, action == "replace-uri");
            path_query(&replaced(scene, word(1), word(2), old)?)
        }
        "set-header" => Change::Header(word(1).to_ascii_lowercase(), vec![text(2)]),
        "add-header" => {
            let mut lines = header_fields(now, word(1));
            lines.push(text(2));
            Change::Header(word(1).to_ascii_lowercase(), lines)
        }
        "del-header" if words.iter().any(|w| w == "-m") => {
            Change::Header("…".to_owned(), vec![Field::Unknown])
        }
        "del-header" => Change::Header(word(1).to_ascii_lowercase(), vec![Field::Absent]),
        "replace-header" | "replace-value" => {
            Change::Header(word(1).to_ascii_lowercase(), vec![Field::Unknown])
        }
        "set-src" => Change::Source(scene.values(word(1), false)),
        "set-var" => variable(args, scene.values(word(1), false)),
        "set-var-fmt" => variable(
            args,
            filled(scene, word(1)).map(|(text, whole)| vec![Value::Text { text, whole }]),
        ),
        "unset-var" => variable(args, Ok(Vec::new())),
        "normalize-uri" => Change::PathQuery(Field::Unknown, Field::Unknown),
        _ if action.starts_with("lua.") => Change::Everything,
        _ => return None,
    })
}

/// `reqrep` and its kin (1.x) change any line of the request.
pub(super) fn is_old_rewrite(keyword: &str) -> bool {
    matches!(keyword, "reqrep" | "reqirep" | "reqdel" | "reqidel")
}

/// Applies a change; under an undecidable condition what it touches becomes unknown. Returns what it did.
pub(super) fn apply(
    request: &mut Request,
    vars: &mut BTreeMap<String, Samples>,
    change: Change,
    condition: &Truth,
) -> String {
    let sure = *condition == Truth::True;
    let set = |slot: &mut Field, value: Field, what: &str| {
        *slot = if sure { value } else { Field::Unknown };
        format!("{what} is now {}", shown(slot))
    };
    match change {
        Change::Path(path) => set(&mut request.path, path, "the path"),
        Change::Query(query) => set(&mut request.query, query, "the query"),
        Change::PathQuery(path, query) => {
            set(&mut request.query, query, "the query");
            set(&mut request.path, path, "the path")
        }
        Change::Method(method) => set(&mut request.method, method, "the method"),
        Change::Header(name, _) if name == "…" => {
            request.headers.clear();
            request.all_headers = false;
            request.headers.push(("host".to_owned(), Field::Unknown));
            "headers are removed by pattern".to_owned()
        }
        Change::Header(name, lines) => {
            request.headers.retain(|(other, _)| *other != name);
            let lines = if sure { lines } else { vec![Field::Unknown] };
            let text: Vec<String> = lines.iter().map(shown).collect();
            let text = text.join(", ");
            let named = lines.into_iter().map(|line| (name.clone(), line));
            request.headers.extend(named);
            format!("the header {name} is now {text}")
        }
        Change::Source(values) => {
            let address = values
                .ok()
                .and_then(|v| v.first().and_then(Value::as_address));
            request.src = address.filter(|_| sure);
            "the client's address is set".to_owned()
        }
        Change::Variable(name, value) => {
            let unsure = || Err(Doubt::NotEvaluated(format!("the variable `{name}`")));
            let value = if sure { value } else { unsure() };
            let text = match &value {
                Ok(values) => values
                    .iter()
                    .map(Value::shown)
                    .collect::<Vec<_>>()
                    .join(", "),
                Err(_) => "unknown".to_owned(),
            };
            let effect = format!("{name} is now {text}");
            vars.insert(name, value);
            effect
        }
        Change::Everything => {
            request.forget();
            "whatever it changes is unknown from here on".to_owned()
        }
    }
}

fn shown(field: &Field) -> String {
    match field {
        Field::Unknown => "unknown".to_owned(),
        Field::Absent => "absent".to_owned(),
        Field::Is(text) => format!("`{text}`"),
        Field::Begins(text) => format!("`{text}…`"),
    }
}

fn variable(args: &str, value: Samples) -> Change {
    let name = args.split(',').next().unwrap_or_default();
    Change::Variable(name.to_owned(), value)
}

fn field(text: Result<Piece, Doubt>) -> Field {
    match text {
        Ok((text, true)) => Field::Is(text),
        Ok((text, false)) => Field::Begins(text),
        Err(_) => Field::Unknown,
    }
}

fn header_fields(request: &Request, name: &str) -> Vec<Field> {
    match header::lines(request, name) {
        Ok(lines) => lines.into_iter().map(|piece| field(Ok(piece))).collect(),
        Err(_) => vec![Field::Unknown],
    }
}

/// A target cut at its `?`; an absolute one loses its origin, which routing then sees by `url` alone.
fn path_query(target: &Field) -> Change {
    let Field::Is(text) = target else {
        return Change::PathQuery(Field::Unknown, Field::Unknown);
    };
    let text = match text.split_once("://") {
        Some((_, rest)) => rest.split_at(rest.find('/').unwrap_or(rest.len())).1,
        None => text,
    };
    match text.split_once('?') {
        Some((path, query)) => Change::PathQuery(Field::is(path), Field::is(query)),
        None => Change::PathQuery(Field::is(text), Field::Absent),
    }
}

/// What `replace-…` makes of the old value; `None`: the expression does not match, nothing changes.
fn replaced(
    scene: Scene<'_>,
    pattern: &str,
    by: &str,
    old: Result<Option<Piece>, Doubt>,
) -> Option<Field> {
    let (Ok(Some((old, true))), Ok(regex)) = (old, scene.regexes.get(pattern, false)) else {
        return Some(Field::Unknown);
    };
    if !regex.is_match(&old) {
        return None;
    }
    let Ok((by, true)) = filled(scene, by) else {
        return Some(Field::Unknown);
    };
    let new = replacement(&regex, &old, &by).filter(|new| new.len() <= BYTES_MAX);
    Some(new.map_or(Field::Unknown, Field::Is))
}
