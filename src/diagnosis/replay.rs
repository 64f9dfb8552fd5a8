//! "curl works, why is it DOWN?": how the operator's own request differs from the one that the check sends.
//!
//! Looks alike: a curl taken before or after the failure. Only differences are told, never that the check is wrong.

use crate::capture::Capture;
use crate::capture::Curl;
use crate::config::CheckKind;
use crate::diagnosis::Case;
use crate::diagnosis::reason;
use crate::diagnosis::target::Target;
use crate::event::message::CheckStatus;
use crate::incident::Reason;

/// One sentence for the first good curl to a server whose check failed; `None`: there is none, or it asked the same.
pub(super) fn curl_works(case: &Case<'_>) -> Option<String> {
    for doc in &case.bundle.documents.captures {
        let Capture::Curl(curl) = &doc.capture else {
            continue;
        };
        let Some(status) = curl.status.filter(|status| (200..400).contains(status)) else {
            continue;
        };
        let asked = Request::of(curl);
        for loss in &case.losses {
            let Some(Reason::Check(report)) = reason::own(loss) else {
                continue;
            };
            // A check that found nobody at the port never came to its request.
            let is_mute = matches!(
                report.status,
                CheckStatus::L4Con | CheckStatus::L4Tout | CheckStatus::SockErr
            );
            let Some(target) =
                Target::of(case, loss.server).filter(|target| target.host == asked.name)
            else {
                continue;
            };
            let differences = differences(case, &asked, &target, is_mute);
            if !differences.is_empty() {
                return Some(format!(
                    "the curl of {} was answered {status} by {}, whose check asks differently: {}",
                    doc.path,
                    loss.server,
                    differences.join("; ")
                ));
            }
        }
    }
    None
}

/// A request by curl.
struct Request {
    method: String,
    tls: bool,
    /// Host of the URL without port and brackets.
    name: String,
    port: u16,
    host: String,
    target: String,
}

impl Request {
    fn of(curl: &Curl) -> Request {
        let (scheme, rest) = curl.url.split_once("://").unwrap_or(("http", &curl.url));
        let (authority, target) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
        let tls = scheme.eq_ignore_ascii_case("https");
        let (name, port) = match authority.rsplit_once(':') {
            Some((name, port)) if !port.contains(']') => (name, port.parse().ok()),
            _ => (authority, None),
        };
        let mut words = curl.command.split_whitespace();
        let mut method = None;
        while let Some(word) = words.next() {
            match word {
                "-X" | "--request" => method = words.next(),
                "-I" | "--head" => method = Some("HEAD"),
                "-d" | "--data" | "--data-raw" => method = method.or(Some("POST")),
                // Flags in one word: `-sI`.
                _ if word.starts_with('-') && !word.starts_with("--") && word.contains('I') => {
                    method = Some("HEAD");
                }
                _ => {}
            }
        }
        Request {
            method: method.unwrap_or("GET").trim_matches('\'').to_owned(),
            tls,
            name: name
                .trim_start_matches('[')
                .trim_end_matches(']')
                .to_owned(),
            port: port.unwrap_or(if tls { 443 } else { 80 }),
            host: if curl.host.is_empty() {
                authority.to_owned()
            } else {
                curl.host.clone()
            },
            target: if target.is_empty() { "/" } else { target }.to_owned(),
        }
    }
}

fn differences(case: &Case<'_>, asked: &Request, target: &Target, is_mute: bool) -> Vec<String> {
    let mut out = Vec::new();
    let mut differ = |what: &str, check: &str, curl: &str| {
        if check != curl {
            out.push(format!("{what} {check} instead of {curl}"));
        }
    };
    let tls = |tls: bool| if tls { "TLS" } else { "plain text" };
    if let Some(port) = target.port {
        differ("port", &port.to_string(), &asked.port.to_string());
    }
    differ("in", tls(target.tls), tls(asked.tls));
    let Some(check) = case.proxy.map(|proxy| &proxy.check) else {
        return out;
    };
    if check.kind != CheckKind::Http || is_mute {
        // A connection alone is a part of what curl did.
        return out;
    }
    differ("method", &check.method, &asked.method);
    differ("path", &check.uri, &asked.target);
    let host = check
        .host
        .as_ref()
        .map_or("none", |host| host.value.as_str());
    // An address as Host is what curl sends by itself, and no site's name.
    if check.host.is_some()
        || !asked.host.contains(&asked.name)
        || asked.name.parse::<std::net::IpAddr>().is_err()
    {
        differ("Host", host, &asked.host);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::curl_works;
    use crate::testing;
    use crate::testing::{down, nosrv};

    fn told(check: &str, curl: &str) -> Option<String> {
        let config = format!(
            "frontend fe_app\n    mode http\n    bind :80\n    default_backend be_app\nbackend be_app\n    mode http\n{check}    \
             server app1 192.0.2.11:80 check\n"
        );
        let log = [
            down(41, "app1", "Layer7 wrong status, code: 404"),
            nosrv(42),
        ]
        .concat();
        let curl = format!("$ {curl}\nHTTP/1.1 200 OK\nContent-Length: 2\n\nok\n");
        let files = [
            ("journal.txt", &*log),
            ("haproxy.cfg", &*config),
            ("curl.txt", &*curl),
        ];
        testing::with_case(&files, curl_works)
    }

    #[test]
    fn method_path_and_host_of_a_curl_that_works_are_compared_with_the_check() {
        let text = told(
            "    option httpchk GET /up\n",
            "curl -i -H 'Host: www.example.com' http://192.0.2.11/",
        )
        .unwrap();
        assert_eq!(
            text,
            "the curl of curl.txt was answered 200 by app1, whose check asks differently: path /up instead of /; Host none instead \
             of www.example.com"
        );
        let text = told("    option httpchk\n", "curl -sI http://192.0.2.11:8080/").unwrap();
        assert!(
            text.contains("port 80 instead of 8080; method OPTIONS instead of HEAD"),
            "{text}"
        );
    }

    #[test]
    fn the_same_request_and_one_to_another_host_tell_nothing() {
        let check = "    option httpchk\n    http-check send meth GET uri /up ver HTTP/1.1 hdr Host a.example\n";
        assert_eq!(
            told(check, "curl -i -H 'Host: a.example' http://192.0.2.11/up"),
            None
        );
        assert_eq!(told(check, "curl -i http://192.0.2.99/"), None);
    }
}
