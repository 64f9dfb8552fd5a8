//! The command line of curl: URL, Host header, options that change how the output reads.

use crate::capture::shell;

/// Short options that take a value.
const SHORT_WITH_VALUE: &str = "AbcCdDeEFhHKmoPQrtTuUwxXYyz";

/// Long options that take a value and are met in checks of a service. Others are taken as flags.
const LONG_WITH_VALUE: [&str; 34] = [
    "cacert",
    "capath",
    "cert",
    "ciphers",
    "connect-timeout",
    "connect-to",
    "cookie",
    "cookie-jar",
    "data",
    "data-ascii",
    "data-binary",
    "data-raw",
    "data-urlencode",
    "dump-header",
    "form",
    "header",
    "interface",
    "key",
    "local-port",
    "max-redirs",
    "max-time",
    "noproxy",
    "output",
    "pass",
    "proxy",
    "range",
    "referer",
    "request",
    "resolve",
    "retry",
    "retry-delay",
    "unix-socket",
    "user",
    "user-agent",
];

/// What a command line asks for.
#[derive(Clone, Debug, Default)]
pub(super) struct Request {
    /// As typed; empty when there is none.
    pub(super) url: String,
    /// Value of a `Host` header; empty when none is set.
    pub(super) host: String,
    /// `-L`: redirects are followed.
    pub(super) follows: bool,
    /// `-w` with the status in its format: the output then ends with it.
    pub(super) writes_status: bool,
}

/// Reads a command line.
pub(super) fn read(command: &str) -> Request {
    let mut request = Request::default();
    let Some((_, words)) = shell::program(command) else {
        return request;
    };
    let mut words = words.into_iter();
    let mut url = String::new();
    while let Some(word) = words.next() {
        if let Some(name) = word.strip_prefix("--") {
            let takes_value =
                LONG_WITH_VALUE.contains(&name) || matches!(name, "url" | "write-out");
            let value = if takes_value { words.next() } else { None };
            request.option(name, value.as_deref().unwrap_or_default());
        } else if let Some(letters) = word.strip_prefix('-').filter(|l| !l.is_empty()) {
            short(&mut request, letters, &mut words);
        } else if url.is_empty() {
            url = word;
        }
    }
    if request.url.is_empty() {
        request.url = url;
    }
    request
}

fn short(request: &mut Request, letters: &str, words: &mut impl Iterator<Item = String>) {
    let mut rest = letters.chars();
    while let Some(letter) = rest.next() {
        let name = match letter {
            'H' => "header",
            'L' => "location",
            'w' => "write-out",
            _ => "",
        };
        if SHORT_WITH_VALUE.contains(letter) {
            let glued = rest.as_str();
            let value = match glued {
                "" => words.next().unwrap_or_default(),
                glued => glued.to_owned(),
            };
            request.option(name, &value);
            return;
        }
        request.option(name, "");
    }
}

impl Request {
    fn option(&mut self, name: &str, value: &str) {
        match name {
            "url" => value.clone_into(&mut self.url),
            "location" | "location-trusted" => self.follows = true,
            "write-out" => {
                self.writes_status =
                    value.contains("%{http_code}") || value.contains("%{response_code}");
            }
            "header" => {
                if let Some((header, host)) = value.split_once(':')
                    && header.eq_ignore_ascii_case("host")
                {
                    host.trim().clone_into(&mut self.host);
                }
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(command: &str, url: &str, host: &str) -> Request {
        let request = read(command);
        assert_eq!((request.url.as_str(), request.host.as_str()), (url, host));
        request
    }

    #[test]
    fn the_url_is_no_value_of_an_option() {
        check(
            "curl -i -sS --max-time 5 http://www.example.com/",
            "http://www.example.com/",
            "",
        );
        check("curl 10.0.10.11/app2", "10.0.10.11/app2", "");
        check(
            "sudo curl -o /dev/null -sm5 localhost:5000 | head",
            "localhost:5000",
            "",
        );
        check("curl --url http://a/ -d x=1", "http://a/", "");
        check("for i in 1 2; do curl -s http://a/; done", "http://a/", "");
        check(
            "curl -k -H 'Host: app.example.com' https://192.0.2.1/x",
            "https://192.0.2.1/x",
            "app.example.com",
        );
        check(
            "curl -HHost:a.example -X POST http://192.0.2.1",
            "http://192.0.2.1",
            "a.example",
        );
    }

    #[test]
    fn options_that_change_the_output() {
        let request = check(
            "curl -sLo /dev/null -w '%{http_code}\\n' http://a/",
            "http://a/",
            "",
        );
        assert!(request.follows && request.writes_status);
    }
}
