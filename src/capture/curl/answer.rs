//! One answer of curl's, line by line.

use crate::base::Place;
use crate::base::decimal;
use crate::base::leading_decimal;
use crate::capture::Curl;
use crate::capture::curl::request;
use crate::capture::curl::request::Request;
use crate::capture::page;
use crate::capture::when;

/// Part of a body that is looked at to tell who wrote it, in bytes; HAProxy's pages have less than 200.
const BODY_BYTES_MAX: usize = 4096;

/// curl's errors before any answer can come: bad URL, names that do not resolve, no connection, TLS.
///
/// Source: curl's manual page, "EXIT CODES".
const EARLY_ERRORS: [u32; 7] = [3, 5, 6, 7, 35, 58, 60];

/// Where in the output the next line belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    /// Nothing of an answer was seen.
    Before,
    Headers,
    Body,
    /// `curl: (7) …` was seen.
    Error,
}

/// What was read so far.
pub(super) struct Answer {
    /// The command line; empty when it is not there.
    pub(super) command: String,
    request: Request,
    at: Place,
    part: Part,
    status: Option<u16>,
    /// The answer is not the last one to come: `100 Continue`, CONNECT, a redirect that is followed.
    interim: bool,
    headers: Vec<(String, String)>,
    body: String,
    error: Option<(u32, String)>,
    /// The error that a note of `-v` tells.
    noted: Option<(u32, String)>,
}

impl Answer {
    pub(super) fn new(command: &str, at: Place) -> Self {
        Answer {
            command: command.to_owned(),
            request: request::read(command),
            at,
            part: Part::Before,
            status: None,
            interim: false,
            headers: Vec::new(),
            body: String::new(),
            error: None,
            noted: None,
        }
    }

    /// The line starts another answer: this one has all that it can have.
    pub(super) fn is_over_before(&self, text: &str) -> bool {
        let starts_answer = is_status_line(unmarked(text)) || text.starts_with("> ");
        let failed_early =
            curl_error(text).is_some_and(|(number, _)| EARLY_ERRORS.contains(&number));
        match self.part {
            Part::Before => false,
            Part::Headers => failed_early,
            Part::Body => (starts_answer || failed_early) && !self.interim,
            Part::Error => is_start(text),
        }
    }

    /// Takes one line.
    pub(super) fn line(&mut self, text: &str, at: Place) {
        if let Some(error) = curl_error(text) {
            self.error(error, at);
        } else if is_status_line(unmarked(text)) && self.part != Part::Error {
            self.status_line(unmarked(text), at);
        } else if let Some(sent) = text.strip_prefix("> ") {
            self.sent(sent);
        } else if is_trace(text) {
            // `-s` hides the error line, the notes of `-v` still tell.
            self.noted = traced_error(text).or(self.noted.take());
        } else if self.part == Part::Headers {
            let header = unmarked(text).trim();
            match header.split_once(':') {
                _ if header.is_empty() => self.part = Part::Body,
                Some((name, value)) => self.header(name, value),
                None => self.body(text),
            }
        } else if self.part != Part::Error && !text.trim().is_empty() {
            if self.part == Part::Before {
                self.at = at;
                self.part = Part::Body;
            }
            self.body(text);
        }
    }

    /// Takes an answer that stands on one line: `HTTP/1.1 200 OK content-type: text/plain ok`.
    pub(super) fn flowed(&mut self, text: &str) {
        let (head, body) = match text.find(" <") {
            Some(at) => text.split_at(at),
            None => (text, ""),
        };
        let mut words = head.split_whitespace().peekable();
        let mut status_line = String::new();
        while let Some(word) = words.next_if(|word| !word.ends_with(':')) {
            status_line.push_str(word);
            status_line.push(' ');
        }
        self.status_line(status_line.trim(), self.at);
        let mut rest = String::new();
        while let Some(name) = words.next() {
            let mut value = Vec::new();
            let is_type = name.eq_ignore_ascii_case("content-type:");
            while let Some(word) = words.next_if(|word| !word.ends_with(':')) {
                // The type is one word, or goes on after `;`: what follows is the body.
                let more = value.last().is_none_or(|last: &&str| last.ends_with(';'));
                if is_type && !more {
                    rest.push_str(word);
                    rest.push(' ');
                } else {
                    value.push(word);
                }
            }
            self.header(name.trim_end_matches(':'), &value.join(" "));
        }
        self.part = Part::Body;
        self.body(&rest);
        self.body(body);
    }

    fn error(&mut self, (number, text): (u32, String), at: Place) {
        if self.part == Part::Before {
            self.at = at;
        }
        // `-f` hides the answer, but not its status.
        let hidden = text.rsplit_once("returned error: ").map(|(_, s)| s.trim());
        if let Some(status) = hidden.and_then(status_code) {
            self.status = Some(status);
        }
        self.error = Some((number, text));
        self.part = Part::Error;
    }

    fn status_line(&mut self, line: &str, at: Place) {
        let mut words = line.split_whitespace().skip(1);
        let status = words.next().and_then(status_code);
        let reason = words.collect::<Vec<_>>().join(" ");
        let redirect = status.is_some_and(|s| (300..400).contains(&s)) && self.request.follows;
        self.interim = status.is_some_and(|s| s < 200)
            || redirect
            || reason.eq_ignore_ascii_case("connection established");
        self.at = at;
        self.status = status;
        self.headers.clear();
        self.body.clear();
        self.part = Part::Headers;
    }

    fn header(&mut self, name: &str, value: &str) {
        self.headers
            .push((name.trim().to_ascii_lowercase(), value.trim().to_owned()));
    }

    fn sent(&mut self, line: &str) {
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("host")
        {
            value.trim().clone_into(&mut self.request.host);
        }
    }

    /// What follows the end of a page is no longer the answer.
    fn body(&mut self, text: &str) {
        if self.body.len() < BODY_BYTES_MAX && !self.body.contains("</html>") {
            let text = match text.split_once("</html>") {
                Some((page, _)) => &format!("{page}</html>"),
                None => text,
            };
            self.body.push_str(text);
            self.body.push('\n');
        }
    }

    /// What the capture says, all lines read.
    pub(super) fn into_curl(mut self) -> Curl {
        let page = page::built_in(&self.body);
        if self.status.is_none() && self.request.writes_status {
            self.take_written_status();
        }
        let date = self.headers.iter().find(|(name, _)| name == "date");
        let noted = self.noted.take().filter(|_| self.status.is_none());
        let author = page::author(self.status, &self.headers, &self.body);
        Curl {
            at: self.at,
            command: self.command,
            url: self.request.url,
            host: self.request.host,
            status: self.status.or(page),
            date: date.and_then(|(_, value)| when::http_date(value)),
            headers: self.headers,
            error: self.error.or(noted),
            author,
        }
    }

    /// `-w '%{http_code}'` printed the status as the last three digits of the output; `000` is no answer.
    fn take_written_status(&mut self) {
        let body = self.body.trim_end();
        let (line, before) = match body.rsplit_once('\n') {
            Some((before, line)) => (line, before),
            None => (body, ""),
        };
        let mut words = line.split(|c: char| !c.is_ascii_alphanumeric() && c != '.');
        let Some(written) = words.find_map(|word| {
            let digits: Vec<char> = word.chars().rev().take(3).collect();
            let digits: String = digits.into_iter().rev().collect();
            (word == digits || word.starts_with(char::is_alphabetic))
                .then(|| status_code(&digits))
                .flatten()
        }) else {
            if line.trim() == "000" {
                self.body.clear();
            }
            return;
        };
        self.status = Some(written);
        self.body = before.to_owned();
    }
}

/// `HTTP/1.1 503 …`, `HTTP/2 200`.
pub(super) fn is_status_line(text: &str) -> bool {
    text.strip_prefix("HTTP/").is_some_and(|rest| {
        rest.split_whitespace()
            .nth(1)
            .and_then(status_code)
            .is_some()
    })
}

/// The line can only be the beginning of curl's output.
pub(super) fn is_start(text: &str) -> bool {
    is_status_line(unmarked(text))
        || curl_error(text).is_some()
        || text.starts_with("*   Trying ")
        || text.starts_with("<html>")
        || text.starts_with("<!DOCTYPE")
}

fn curl_error(text: &str) -> Option<(u32, String)> {
    let rest = text.trim_start().strip_prefix("curl: (")?;
    let (number, rest) = leading_decimal(rest.as_bytes())?;
    let message = std::str::from_utf8(rest).ok()?.strip_prefix(')')?;
    Some((u32::try_from(number).ok()?, message.trim().to_owned()))
}

/// curl's error numbers for the notes that `-v` prints before it gives up.
fn traced_error(text: &str) -> Option<(u32, String)> {
    let note = text.strip_prefix("* ")?.trim();
    let marks = [
        ("Could not resolve host", 6),
        ("Failed to connect to ", 7),
        ("Connection timed out", 28),
        ("Operation timed out", 28),
        ("Empty reply from server", 52),
        ("Recv failure: ", 56),
        ("SSL certificate problem: ", 60),
    ];
    let (_, number) = marks.iter().find(|(mark, _)| note.starts_with(mark))?;
    Some((*number, note.to_owned()))
}

/// The line without the mark that `-v` puts before what came in.
fn unmarked(text: &str) -> &str {
    match text.strip_prefix("< ") {
        Some(received) => received,
        None if text == "<" => "",
        None => text,
    }
}

/// Lines that are neither request nor answer: notes and data marks of `-v`, and the progress meter.
fn is_trace(text: &str) -> bool {
    let data_mark = text.ends_with("bytes data]") && text.starts_with(['{', '}']);
    let meter = text.trim_start().starts_with("% Total") || text.contains("--:--:--");
    text == ">"
        || text.starts_with("* ")
        || data_mark
        || meter
        || text.trim() == "Dload  Upload   Total   Spent    Left  Speed"
}

fn status_code(word: &str) -> Option<u16> {
    let status = u16::try_from(decimal(word.as_bytes())?).ok()?;
    (word.len() == 3 && (100..1000).contains(&status)).then_some(status)
}
