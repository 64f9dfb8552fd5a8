//! Fetches: what a request has under a name of HAProxy's.
//!
//! Source: configuration manual 3.2, "Fetching HTTP samples (Layer 7)", "Fetching samples at Layer 4", "… Layer 5", "… Layer 6".

use crate::config::Mode;
use crate::route::Doubt;
use crate::route::Field;
use crate::route::Request;
use crate::route::expression::Call;
use crate::route::header;
use crate::route::request::Piece;
use crate::route::sample::Samples;
use crate::route::sample::Value;
use crate::route::scene::Scene;

/// The values of one fetch.
pub(super) fn fetch(scene: Scene<'_>, call: &Call, all: bool) -> Samples {
    let request = scene.request;
    match call.name.as_str() {
        "method" => header::field(&request.method, "the method"),
        "path" => header::field(&request.path, "the path"),
        "query" => header::field(&request.query, "the query"),
        "pathq" => target(request, false),
        "url" => target(request, true),
        "base" => base(request),
        "baseq" => baseq(request),
        "req.ver" | "req_ver" => header::field(&request.version, "the HTTP version"),
        "urlp" | "url_param" => parameters(request, call, all),
        "urlp_val" => parameters(request, call, all).map(|values| numbers(&values)),
        name if name.contains("hdr") || name.contains("cook") => headers(request, call, all),
        "always_true" | "wait_end" | "req.proto_http" | "req_proto_http" | "http_first_req" => {
            constant(scene, call)
        }
        "always_false" => Ok(vec![Value::Flag(false)]),
        "str" => Ok(vec![Value::text(call.arg(0))]),
        "int" => Ok(call.number(0).map(Value::Number).into_iter().collect()),
        "bool" => Ok(vec![Value::Flag(matches!(call.arg(0), "1" | "true"))]),
        "fe_name" => Ok(vec![Value::text(&scene.frontend.name)]),
        "var" => variable(scene, call),
        _ => connection(request, call),
    }
}

fn constant(scene: Scene<'_>, call: &Call) -> Samples {
    match call.name.as_str() {
        "http_first_req" => Err(run_time(call)),
        "req.proto_http" | "req_proto_http" if scene.frontend.mode.value != Mode::Http => {
            Err(run_time(call))
        }
        _ => Ok(vec![Value::Flag(true)]),
    }
}

/// Fetches of the connection and of the process.
fn connection(request: &Request, call: &Call) -> Samples {
    let address = |address: Option<std::net::IpAddr>, what: &str| match address {
        Some(address) => Ok(vec![Value::Address(address)]),
        None => Err(Doubt::NotLogged(what.to_owned())),
    };
    let number = |number: Option<i64>, what: &str| match number {
        Some(number) => Ok(vec![Value::Number(number)]),
        None => Err(Doubt::NotLogged(what.to_owned())),
    };
    let flag = |flag: Option<bool>, what: &str| match flag {
        Some(flag) => Ok(vec![Value::Flag(flag)]),
        None => Err(Doubt::NotLogged(what.to_owned())),
    };
    match call.name.as_str() {
        "src" => address(request.src, "the client's address"),
        "src_port" => number(request.src_port.map(i64::from), "the client's port"),
        "dst" => address(request.dst, "the address connected to"),
        "dst_port" | "req.dst_port" => {
            number(request.dst_port.map(i64::from), "the port connected to")
        }
        "ssl_fc" => flag(request.tls, "whether the connection is TLS"),
        "ssl_fc_has_sni" => match (request.tls, &request.sni) {
            (Some(false), _) | (_, Field::Absent) => Ok(vec![Value::Flag(false)]),
            (_, Field::Is(_) | Field::Begins(_)) => Ok(vec![Value::Flag(true)]),
            (_, Field::Unknown) => Err(Doubt::NotLogged("the SNI".to_owned())),
        },
        "ssl_fc_sni" if request.tls == Some(false) => Ok(Vec::new()),
        // Of a connection whose TLS ends here no ClientHello is left to look into.
        "req.ssl_sni" | "req_ssl_sni" if request.tls == Some(true) => Ok(Vec::new()),
        "ssl_fc_sni" | "req.ssl_sni" | "req_ssl_sni" => header::field(&request.sni, "the SNI"),
        "nbsrv" => match request.usable.get(call.arg(0)) {
            Some(&n) => Ok(vec![Value::Number(i64::from(n))]),
            None => Err(run_time(call)),
        },
        "srv_is_up" => match request.up.get(call.arg(0)) {
            Some(&up) => Ok(vec![Value::Flag(up)]),
            None => Err(run_time(call)),
        },
        name if name.starts_with("sc") || name.starts_with("src_") || name.starts_with("be_") => {
            Err(run_time(call))
        }
        _ => Err(Doubt::NotEvaluated(format!("`{}`", call.name))),
    }
}

fn run_time(call: &Call) -> Doubt {
    Doubt::RunTime(format!("`{}({})`", call.name, call.args.join(",")))
}

fn variable(scene: Scene<'_>, call: &Call) -> Samples {
    match scene.vars.get(call.arg(0)) {
        Some(samples) => samples.clone(),
        None => Err(Doubt::NotEvaluated(format!(
            "the variable `{}`, which no rule before sets,",
            call.arg(0)
        ))),
    }
}

fn headers(request: &Request, call: &Call, all: bool) -> Samples {
    let name = call.arg(0);
    let occurrence = match call.args.get(1) {
        Some(_) => Some(call.number(1).ok_or_else(|| not_evaluated(call))?),
        None => None,
    };
    match call.name.as_str() {
        "hdr" | "req.hdr" => header::values(request, name, occurrence, all),
        "fhdr" | "req.fhdr" => header::full(request, name, occurrence, all),
        "hdr_cnt" | "req.hdr_cnt" => header::count(request, name),
        "hdr_val" | "req.hdr_val" => {
            header::values(request, name, occurrence, all).map(|values| numbers(&values))
        }
        "hdr_ip" | "req.hdr_ip" => {
            let values = header::values(request, name, occurrence, all)?;
            let addresses = values.iter().filter_map(Value::as_address);
            Ok(addresses.map(Value::Address).collect())
        }
        "cook" | "req.cook" | "cookie" => header::cookies(request, name, all),
        "req.cook_cnt" | "cook_cnt" => {
            let n = header::cookies(request, name, true)?.len();
            Ok(vec![Value::Number(i64::try_from(n).unwrap_or(i64::MAX))])
        }
        "req.cook_val" | "cook_val" => {
            header::cookies(request, name, all).map(|values| numbers(&values))
        }
        _ => Err(not_evaluated(call)),
    }
}

fn not_evaluated(call: &Call) -> Doubt {
    Doubt::NotEvaluated(format!("`{}`", call.name))
}

fn numbers(values: &[Value]) -> Vec<Value> {
    let numbers = values.iter().filter_map(Value::as_number);
    numbers.map(Value::Number).collect()
}

/// Path and query, led by scheme and authority when the URI is absolute.
fn target(request: &Request, with_origin: bool) -> Samples {
    Ok(target_piece(request, with_origin)?
        .map(|(text, whole)| Value::Text { text, whole })
        .into_iter()
        .collect())
}

pub(super) fn target_piece(request: &Request, with_origin: bool) -> Result<Option<Piece>, Doubt> {
    let Some((mut text, mut whole)) = request.path.piece("the path")? else {
        return Ok(None);
    };
    if whole {
        match &request.query {
            Field::Is(query) => text = format!("{text}?{query}"),
            Field::Begins(query) => {
                text = format!("{text}?{query}");
                whole = false;
            }
            Field::Absent => {}
            Field::Unknown => whole = false,
        }
    }
    if with_origin {
        match &request.origin {
            Field::Is(origin) => text = format!("{origin}{text}"),
            Field::Absent => {}
            Field::Unknown | Field::Begins(_) => {
                return Err(Doubt::NotLogged("the form of the URI".to_owned()));
            }
        }
    }
    Ok(Some((text, whole)))
}

/// Host and path; the path alone without a host.
fn base(request: &Request) -> Samples {
    let path = request.path.piece("the path")?;
    joined(request, path)
}

/// Host, path and query.
fn baseq(request: &Request) -> Samples {
    joined(request, target_piece(request, false)?)
}

fn joined(request: &Request, path: Option<Piece>) -> Samples {
    let host = header::values(request, "host", Some(1), false)?;
    let host = host.first().map(Value::as_text);
    let value = match (host, path) {
        (Some((host, true)), Some((path, whole))) if path.starts_with('/') => {
            Some((format!("{host}{path}"), whole))
        }
        (Some((host, _)), _) if !host.is_empty() => Some((host, false)),
        (_, path) => path,
    };
    Ok(value
        .map(|(text, whole)| Value::Text { text, whole })
        .into_iter()
        .collect())
}

/// `urlp(name[,delimiter])`.
fn parameters(request: &Request, call: &Call, all: bool) -> Samples {
    let delimiter = call.arg(1);
    if call.args.len() > 2 || !matches!(delimiter, "" | "?") {
        return Err(not_evaluated(call));
    }
    let Some((query, whole)) = request.query.piece("the query")? else {
        return Ok(Vec::new());
    };
    if !whole {
        return Err(Doubt::CutShort("the query".to_owned()));
    }
    let name = call.arg(0);
    let pairs = query.split(['&', ';']).filter_map(|p| p.split_once('='));
    let mut values: Vec<Value> = pairs
        .filter(|(key, _)| name.is_empty() || *key == name)
        .map(|(_, value)| Value::text(value))
        .collect();
    if !all {
        values.truncate(1);
    }
    Ok(values)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Text;
    use crate::config::parse;
    use crate::route::regex::Regexes;
    use std::collections::BTreeMap;

    fn known() -> Request {
        Request {
            method: Field::is("GET"),
            path: Field::is("/a/b.png"),
            query: Field::is("x=1&y=2&x=3"),
            origin: Field::Absent,
            version: Field::is("1.1"),
            headers: vec![("host".to_owned(), Field::is("www.example.com:8080"))],
            all_headers: true,
            src: Some("192.0.2.7".parse().unwrap()),
            dst_port: Some(443),
            tls: Some(true),
            sni: Field::is("www.example.com"),
            ..Request::default()
        }
    }

    fn fetched(request: &Request, text: &str) -> Result<Vec<String>, Doubt> {
        let config = parse(Text::new(b"frontend fe_app\n mode http\n"));
        let scene = Scene {
            request,
            vars: &BTreeMap::new(),
            regexes: &Regexes::default(),
            frontend: &config.proxies[0],
        };
        let values = scene.values(text, true)?;
        Ok(values.iter().map(Value::shown).collect())
    }

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        assert_eq!(fetched(&known(), text).unwrap(), expected, "{text}");
    }

    #[test]
    fn each_fetch_reads_its_part_of_the_request() {
        check("method", &["GET"]);
        check("path", &["/a/b.png"]);
        check("pathq", &["/a/b.png?x=1&y=2&x=3"]);
        check("url", &["/a/b.png?x=1&y=2&x=3"]);
        check("query", &["x=1&y=2&x=3"]);
        check("base", &["www.example.com:8080/a/b.png"]);
        check("urlp(x)", &["1", "3"]);
        check("url_param(z)", &[]);
        check("req.ver", &["1.1"]);
        check("req.hdr(Host)", &["www.example.com:8080"]);
        check("hdr(x-none)", &[]);
        check("src", &["192.0.2.7"]);
        check("dst_port", &["443"]);
        check("ssl_fc", &["true"]);
        check("ssl_fc_sni", &["www.example.com"]);
        check("req.ssl_sni", &[]);
        check("always_false", &["false"]);
        check("fe_name", &["fe_app"]);
        check("str(a),upper", &["A"]);
    }

    #[test]
    fn what_was_not_logged_is_a_doubt() {
        let nothing = Request::default();
        for text in [
            "method",
            "path",
            "url",
            "query",
            "base",
            "hdr(host)",
            "src",
            "dst_port",
            "ssl_fc",
            "ssl_fc_sni",
            "urlp(x)",
            "nbsrv(be_app)",
            "var(txn.x)",
            "rand",
            "sc0_conn_rate",
        ] {
            assert!(fetched(&nothing, text).is_err(), "{text}");
        }
    }

    #[test]
    fn an_absolute_uri_is_seen_by_url_alone() {
        let mut request = known();
        request.origin = Field::is("https://www.example.com");
        request.query = Field::Unknown;
        assert_eq!(
            fetched(&request, "url").unwrap(),
            ["https://www.example.com/a/b.png…"]
        );
        assert_eq!(fetched(&request, "path").unwrap(), ["/a/b.png"]);
    }

    #[test]
    fn usable_servers_may_be_given() {
        let mut request = Request::default();
        request.usable.insert("be_app".to_owned(), 0);
        assert_eq!(fetched(&request, "nbsrv(be_app)").unwrap(), ["0"]);
    }
}
