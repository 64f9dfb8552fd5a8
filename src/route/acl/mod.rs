//! One ACL line: criterion, flags and patterns, and its value for a request.
//!
//! Source: configuration manual 3.2, "ACL basics"; HAProxy `src/acl.c`.

use crate::route::Doubt;
use crate::route::Truth;
use crate::route::address;
use crate::route::number;
use crate::route::pattern;
use crate::route::pattern::How;
use crate::route::sample::Value;
use crate::route::scene::Scene;

/// A way to match a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Method {
    /// There is a value.
    Found,
    /// It is not zero.
    Bool,
    /// Numbers.
    Int,
    /// Addresses.
    Ip,
    /// Length of text.
    Len,
    /// Regular expressions.
    Reg,
    /// The whole text.
    Str,
    /// Its beginning.
    Beg,
    /// Its end.
    End,
    /// Anywhere in it.
    Sub,
    /// Whole words of a path.
    Dir,
    /// Whole words of a name.
    Dom,
}

impl Method {
    /// The method of `-m <name>` or of a criterion's suffix.
    pub(super) fn named(name: &str) -> Option<Method> {
        Some(match name {
            "found" => Method::Found,
            "bool" => Method::Bool,
            "int" => Method::Int,
            "ip" => Method::Ip,
            "len" => Method::Len,
            "reg" => Method::Reg,
            "str" => Method::Str,
            "beg" => Method::Beg,
            "end" => Method::End,
            "sub" => Method::Sub,
            "dir" => Method::Dir,
            "dom" => Method::Dom,
            _ => return None,
        })
    }
}

/// A line cut into its parts.
struct Line {
    expression: String,
    method: Option<Result<Method, String>>,
    any_case: bool,
    files: Vec<String>,
    patterns: Vec<String>,
}

/// What an ACL line says of a request: its value, and what the request had there.
pub(super) fn evaluate(scene: Scene<'_>, words: &[String]) -> (Truth, Option<String>) {
    let line = cut(words);
    let values = match scene.values(&line.expression, true) {
        Ok(values) => values,
        Err(doubt) => return (Truth::Undecidable(doubt), None),
    };
    let shown: Vec<String> = values.iter().map(Value::shown).collect();
    let seen = (!shown.is_empty()).then(|| shown.join(", "));
    (value(scene, &line, &values), seen)
}

fn value(scene: Scene<'_>, line: &Line, values: &[Value]) -> Truth {
    let method = match &line.method {
        Some(Ok(method)) => Some(*method),
        Some(Err(name)) => {
            return Truth::Undecidable(Doubt::NotEvaluated(format!("`-m {name}`")));
        }
        None => None,
    };
    // Without a value no pattern matches, whatever it is.
    if values.is_empty() {
        return Truth::False;
    }
    let mut patterns = line.patterns.clone();
    let mut absent = None;
    for file in &line.files {
        match scene.request.files.get(file) {
            Some(lines) => {
                // Blanks at the end belong to the pattern (seen on 2.6.12).
                let lines = lines.iter().map(|l| l.trim_start());
                let keys = lines.filter(|l| !l.is_empty() && !l.starts_with('#'));
                patterns.extend(keys.map(str::to_owned));
            }
            None => absent = Some(Truth::Undecidable(Doubt::NoFile(file.clone()))),
        }
    }
    if line.expression == "method" && method.is_none() {
        return is_method(values, &patterns, line.any_case).or(absent.unwrap_or(Truth::False));
    }
    let found = values.iter().map(|value| {
        let method = method.unwrap_or_else(|| by_type(value));
        matches_one(scene, method, value, &patterns, line.any_case)
    });
    Truth::any(found).or(absent.unwrap_or(Truth::False))
}

/// Methods that HAProxy compares by number: `-i` makes no difference, `post` is none of them (seen on 2.6.12).
const METHODS: [&str; 8] = [
    "OPTIONS", "GET", "HEAD", "POST", "PUT", "DELETE", "TRACE", "CONNECT",
];

fn is_method(values: &[Value], patterns: &[String], any_case: bool) -> Truth {
    Truth::any(values.iter().map(|value| {
        let (method, whole) = value.as_text();
        Truth::any(patterns.iter().map(|pattern| {
            let by_number =
                METHODS.contains(&pattern.as_str()) || METHODS.contains(&method.as_str());
            pattern::matches(How::Str, &method, whole, pattern, any_case && !by_number)
        }))
    }))
}

/// The method that a type has without `-m`.
fn by_type(value: &Value) -> Method {
    match value {
        Value::Text { .. } => Method::Str,
        Value::Number(_) => Method::Int,
        Value::Address(_) => Method::Ip,
        Value::Flag(_) => Method::Bool,
    }
}

/// One value against all patterns.
pub(super) fn matches_one(
    scene: Scene<'_>,
    method: Method,
    value: &Value,
    patterns: &[String],
    any_case: bool,
) -> Truth {
    let (text, whole) = value.as_text();
    let with = |how| {
        let known = patterns.iter().filter(|p| !is_unknown(p));
        let found = known.map(|p| pattern::matches(how, &text, whole, p, any_case));
        Truth::any(found).or(unknown_pattern(patterns))
    };
    let cut_short = || Truth::Undecidable(Doubt::CutShort("its value".to_owned()));
    match method {
        Method::Found => Truth::True,
        Method::Bool => Truth::of(value.as_number().is_some_and(|n| n != 0)),
        Method::Int | Method::Ip | Method::Len | Method::Reg if !whole => cut_short(),
        Method::Int => value
            .as_number()
            .map_or(Truth::False, |n| number::matches_any(n, patterns)),
        Method::Len => {
            let length = i64::try_from(text.len()).unwrap_or(i64::MAX);
            number::matches_any(length, patterns)
        }
        Method::Ip => value.as_address().map_or(Truth::False, |address| {
            Truth::any(patterns.iter().map(|p| address::matches(address, p)))
        }),
        Method::Reg => Truth::any(patterns.iter().map(|p| {
            if is_unknown(p) {
                return unknown_pattern(patterns);
            }
            match scene.regexes.get(p, any_case) {
                Ok(regex) => Truth::of(regex.is_match(text.as_bytes())),
                Err(doubt) => Truth::Undecidable(doubt),
            }
        })),
        Method::Str => with(How::Str),
        Method::Beg => with(How::Beg),
        Method::End => with(How::End),
        Method::Sub => with(How::Sub),
        Method::Dir => with(How::Dir),
        Method::Dom => with(How::Dom),
    }
}

/// An environment variable whose value is not in the configuration, or a hidden secret.
fn is_unknown(pattern: &str) -> bool {
    pattern.contains("${") || pattern.contains('…')
}

fn unknown_pattern(patterns: &[String]) -> Truth {
    match patterns.iter().find(|p| is_unknown(p)) {
        Some(pattern) => Truth::Undecidable(Doubt::NotEvaluated(format!("`{pattern}`"))),
        None => Truth::False,
    }
}

/// Cuts the words of an ACL after its name: criterion, flags, patterns.
fn cut(words: &[String]) -> Line {
    let (criterion, mut rest) = match words {
        [criterion, rest @ ..] => (criterion.as_str(), rest),
        [] => ("", words),
    };
    let (expression, suffix) = without_suffix(criterion);
    let mut line = Line {
        expression,
        method: suffix.map(Ok),
        any_case: false,
        files: Vec::new(),
        patterns: Vec::new(),
    };
    loop {
        match rest {
            [flag, tail @ ..] if flag == "-i" => {
                line.any_case = true;
                rest = tail;
            }
            [flag, tail @ ..] if flag == "-n" || flag == "-M" => rest = tail,
            [flag, _, tail @ ..] if flag == "-u" => rest = tail,
            [flag, name, tail @ ..] if flag == "-m" => {
                line.method = Some(Method::named(name).ok_or_else(|| name.clone()));
                rest = tail;
            }
            [flag, file, tail @ ..] if flag == "-f" => {
                line.files.push(file.clone());
                rest = tail;
            }
            [flag, tail @ ..] if flag == "--" => {
                rest = tail;
                break;
            }
            _ => break,
        }
    }
    line.patterns = rest.to_vec();
    line
}

/// Fetches whose name ends like a suffix without having one.
const WHOLE_NAMES: [&str; 4] = ["hdr_ip", "req.hdr_ip", "ssl_fc_has_sni", "url_ip"];

/// `path_beg` is `path -m beg`, `hdr_end(host)` is `req.hdr(host) -m end`.
fn without_suffix(criterion: &str) -> (String, Option<Method>) {
    let end = criterion.find(['(', ',']).unwrap_or(criterion.len());
    let (name, rest) = criterion.split_at(end);
    if WHOLE_NAMES.contains(&name) {
        return (criterion.to_owned(), None);
    }
    if let Some((stem, suffix)) = name.rsplit_once('_')
        && matches!(
            suffix,
            "beg" | "end" | "sub" | "dir" | "dom" | "reg" | "len" | "str"
        )
        && !stem.is_empty()
    {
        return (format!("{stem}{rest}"), Method::named(suffix));
    }
    (criterion.to_owned(), None)
}

#[cfg(test)]
mod tests;
