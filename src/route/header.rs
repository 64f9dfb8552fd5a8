//! Header values as `hdr` (cut at commas), `fhdr` (whole lines) and `cook` see them.

use crate::route::Doubt;
use crate::route::Field;
use crate::route::Request;
use crate::route::request::Piece;
use crate::route::sample::Samples;
use crate::route::sample::Value;

/// The lines of a header, in order.
pub(super) fn lines(request: &Request, name: &str) -> Result<Vec<Piece>, Doubt> {
    let name = name.to_ascii_lowercase();
    let what = if name.is_empty() {
        "a header of any name".to_owned()
    } else {
        format!("the header `{name}`")
    };
    let mut lines = Vec::new();
    let mut known = false;
    for (other, value) in &request.headers {
        if *other == name {
            known = true;
            lines.extend(value.piece(&what)?);
        }
    }
    if known || (request.all_headers && !name.is_empty() && name != "host") {
        return Ok(lines);
    }
    if name == "host" {
        // An absolute URI names the host too; HAProxy refuses requests whose two names differ.
        if let Some((_, authority)) = request.origin.whole().and_then(|o| o.split_once("://")) {
            return Ok(vec![(authority.to_owned(), true)]);
        }
        if request.all_headers {
            return Ok(lines);
        }
    }
    Err(Doubt::NotLogged(what))
}

/// `hdr(name[,occurrence])`: values cut at commas; `all`: every value counts (an ACL), else the last one.
pub(super) fn values(request: &Request, name: &str, occurrence: Option<i64>, all: bool) -> Samples {
    let lines = lines(request, name)?;
    let last_line = lines.len().saturating_sub(1);
    let mut values = Vec::new();
    for (index, (line, whole)) in lines.iter().enumerate() {
        let parts = cut(line);
        let n = parts.len();
        for (at, part) in parts.into_iter().enumerate() {
            values.push((part.trim().to_owned(), *whole || at + 1 < n));
        }
        if !whole && (index < last_line || occurrence.is_some() || !all) {
            return Err(Doubt::CutShort(format!("the header `{name}`")));
        }
    }
    Ok(pick(values, occurrence, all))
}

/// `fhdr(name[,occurrence])`: whole lines.
pub(super) fn full(request: &Request, name: &str, occurrence: Option<i64>, all: bool) -> Samples {
    Ok(pick(lines(request, name)?, occurrence, all))
}

/// `hdr_cnt(name)`.
pub(super) fn count(request: &Request, name: &str) -> Samples {
    let lines = lines(request, name)?;
    if lines.iter().any(|(_, whole)| !whole) {
        return Err(Doubt::CutShort(format!("the header `{name}`")));
    }
    let n: usize = lines.iter().map(|(line, _)| cut(line).len()).sum();
    Ok(vec![Value::Number(i64::try_from(n).unwrap_or(i64::MAX))])
}

/// `cook(name)`: the values of a cookie.
pub(super) fn cookies(request: &Request, name: &str, all: bool) -> Samples {
    let lines = lines(request, "cookie")?;
    let mut values = Vec::new();
    for (line, whole) in &lines {
        if !whole {
            return Err(Doubt::CutShort("the header `cookie`".to_owned()));
        }
        for pair in line.split(';') {
            if let Some((key, value)) = pair.trim().split_once('=')
                && (name.is_empty() || key.trim() == name)
            {
                values.push((value.trim().to_owned(), true));
            }
        }
    }
    Ok(pick(values, None, all))
}

/// A field as the values of a fetch.
pub(super) fn field(field: &Field, what: &str) -> Samples {
    let piece = field.piece(what)?;
    Ok(piece
        .map(|(text, whole)| Value::Text { text, whole })
        .into_iter()
        .collect())
}

fn pick(values: Vec<Piece>, occurrence: Option<i64>, all: bool) -> Vec<Value> {
    let n = values.len();
    let index = match occurrence {
        Some(0) | None if all => None,
        Some(0) | None => Some(n.checked_sub(1)),
        Some(number) if number > 0 => Some(usize::try_from(number - 1).ok()),
        Some(number) => {
            let back = usize::try_from(number.unsigned_abs()).unwrap_or(usize::MAX);
            Some(n.checked_sub(back))
        }
    };
    let one = |(text, whole): Piece| Value::Text { text, whole };
    match index {
        None => values.into_iter().map(one).collect(),
        Some(index) => {
            let found = index.and_then(|index| values.into_iter().nth(index));
            found.map(one).into_iter().collect()
        }
    }
}

/// Cuts at commas outside quoted strings.
fn cut(line: &str) -> Vec<&str> {
    let mut quoted = false;
    let mut escaped = false;
    line.split(|c| {
        match c {
            '\\' if quoted && !escaped => {
                escaped = true;
                return false;
            }
            '"' if !escaped => quoted = !quoted,
            ',' => {
                escaped = false;
                return !quoted;
            }
            _ => {}
        }
        escaped = false;
        false
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(lines: &[(&str, &str)]) -> Request {
        Request {
            headers: lines
                .iter()
                .map(|(name, value)| ((*name).to_owned(), Field::is(*value)))
                .collect(),
            all_headers: true,
            ..Request::default()
        }
    }

    #[track_caller]
    fn check(samples: &Samples, expected: &[&str]) {
        let shown: Vec<String> = samples.as_ref().unwrap().iter().map(Value::shown).collect();
        assert_eq!(shown, expected);
    }

    #[test]
    fn values_are_cut_at_commas_and_lines_are_not() {
        let request = request(&[("x-a", "one, \"t,wo\""), ("x-a", "three")]);
        check(
            &values(&request, "X-A", None, true),
            &["one", "\"t,wo\"", "three"],
        );
        check(&values(&request, "x-a", None, false), &["three"]);
        check(&values(&request, "x-a", Some(1), true), &["one"]);
        check(&values(&request, "x-a", Some(-2), true), &["\"t,wo\""]);
        check(&values(&request, "x-a", Some(9), true), &[]);
        check(
            &full(&request, "x-a", None, true),
            &["one, \"t,wo\"", "three"],
        );
        check(&count(&request, "x-a"), &["3"]);
        check(&values(&request, "x-b", None, true), &[]);
    }

    #[test]
    fn cookies_are_found_by_name() {
        let request = request(&[("cookie", "a=1; SRV=app1")]);
        check(&cookies(&request, "SRV", true), &["app1"]);
        check(&cookies(&request, "srv", true), &[]);
    }

    #[test]
    fn a_header_that_was_not_logged_is_unknown_and_the_authority_is_the_host() {
        let mut request = Request::default();
        assert!(values(&request, "host", None, true).is_err());
        request.origin = Field::is("https://www.example.com");
        check(&values(&request, "host", None, true), &["www.example.com"]);
        request
            .headers
            .push(("host".to_owned(), Field::Begins("www.exa".to_owned())));
        assert!(values(&request, "host", None, false).is_err());
        check(&values(&request, "host", None, true), &["www.exa…"]);
    }
}
