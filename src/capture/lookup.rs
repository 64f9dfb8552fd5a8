//! `dig`, `host`, `nslookup` and `getent hosts`: what a name resolved to.

use crate::base::Place;
use crate::base::Text;
use crate::capture::Lookup;
use crate::capture::shell;
use crate::capture::shell::Program;
use crate::capture::when;

/// Shape: `;; ->>HEADER<<- opcode: QUERY, status: NXDOMAIN, id: 38900`, `name. 600 IN A 192.0.2.1`; host: `name has address
/// 192.0.2.1`, `Host name not found: 3(NXDOMAIN)`; nslookup: `Name:`, `Address:`, `** server can't find name: NXDOMAIN`;
/// getent: `192.0.2.1  name`.
pub(super) fn parse(command: &str, text: Text<'_>) -> Vec<Lookup> {
    let mut reader = Reader {
        lookups: Vec::new(),
        current: None,
        section: Section::Other,
    };
    reader.command(command, text.first);
    for line in shell::lines(text) {
        match &line.command {
            Some(command) => reader.command(command, line.at),
            None => reader.line(line.text.trim(), line.at),
        }
    }
    reader.close();
    reader.lookups
}

/// Part of the output that the next lines belong to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Section {
    Question,
    Answer,
    /// nslookup: the server that was asked.
    Server,
    Other,
}

struct Reader {
    lookups: Vec<Lookup>,
    /// The lookup that takes the next lines.
    current: Option<Lookup>,
    section: Section,
}

impl Reader {
    fn command(&mut self, command: &str, at: Place) {
        self.section = Section::Other;
        self.close();
        if let Some((Program::Lookup, words)) = shell::program(command) {
            self.current(at).name = asked_name(&words);
        }
    }

    fn close(&mut self) {
        self.lookups.extend(self.current.take());
    }

    /// The lookup that takes the next fact; a new one where none is open.
    fn current(&mut self, at: Place) -> &mut Lookup {
        self.current.get_or_insert_with(|| Lookup {
            at,
            name: String::new(),
            status: String::new(),
            addresses: Vec::new(),
            when: None,
        })
    }

    fn line(&mut self, line: &str, at: Place) {
        if let Some(banner) = line.strip_prefix("; <<>> DiG") {
            let words = shell::words(&banner.replace(['<', '>'], " "));
            if self.current.as_ref().is_some_and(|l| !l.status.is_empty()) {
                self.close();
            }
            let name = asked_name(words.get(1..).unwrap_or_default());
            let lookup = self.current(at);
            if lookup.name.is_empty() {
                lookup.name = name;
            }
        } else if line.contains("->>HEADER<<-") {
            let status = line.split_once("status: ").map(|(_, rest)| rest);
            let status = status.and_then(|s| s.split([',', ' ']).next());
            status
                .unwrap_or_default()
                .clone_into(&mut self.current(at).status);
        } else if let Some(section) = line.strip_prefix(";; ") {
            self.dig_note(section, at);
        } else if self.section == Section::Question && line.starts_with(';') {
            let name = line.trim_start_matches(';').split_whitespace().next();
            self.current(at).name = bare_name(name.unwrap_or_default());
        } else if let Some(status) = failure(line) {
            status.clone_into(&mut self.current(at).status);
        } else if line.starts_with("Server:") {
            self.section = Section::Server;
        } else if let Some(name) = line.strip_prefix("Name:") {
            self.section = Section::Answer;
            self.current(at).name = bare_name(name.trim());
        } else if !(self.section == Section::Server && line.starts_with("Address")) {
            self.addresses(line, at);
        }
    }

    fn dig_note(&mut self, note: &str, at: Place) {
        if note.starts_with("QUESTION SECTION") {
            self.section = Section::Question;
        } else if note.starts_with("ANSWER SECTION") || note.starts_with("ADDITIONAL SECTION") {
            self.section = Section::Answer;
        } else if note.contains("SECTION") {
            self.section = Section::Other;
        } else if let Some(date) = note.strip_prefix("WHEN: ") {
            self.current(at).when = when::ctime(date);
        } else if let Some(status) = failure(note) {
            status.clone_into(&mut self.current(at).status);
        }
    }

    fn addresses(&mut self, line: &str, at: Place) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let address = match words.as_slice() {
            [_, _, "IN", "A" | "AAAA", address] => Some(*address),
            [_, "has", "address", address] | [_, "has", "IPv6", "address", address] => {
                Some(*address)
            }
            ["Address:", address] if self.section == Section::Answer => Some(*address),
            [address, ..] if self.current.is_some() && is_address(address) => Some(*address),
            _ => None,
        };
        let Some(address) = address.filter(|a| is_address(a)) else {
            return;
        };
        let host_name = match words.as_slice() {
            [name, "has", ..] => Some(bare_name(name)),
            _ => None,
        };
        let answered = matches!(words.as_slice(), [_, "has", ..] | ["Address:", _]);
        let lookup = self.current(at);
        if lookup.name.is_empty() {
            lookup.name = host_name.unwrap_or_default();
        }
        if lookup.status.is_empty() && answered {
            "NOERROR".clone_into(&mut lookup.status);
        }
        if !lookup.addresses.iter().any(|known| known == address) {
            lookup.addresses.push(address.to_owned());
        }
    }
}

/// A status that programs print in words of their own.
fn failure(line: &str) -> Option<&'static str> {
    let marks = [
        ("no servers could be reached", "TIMEOUT"),
        ("communications error", "TIMEOUT"),
        ("connection timed out", "TIMEOUT"),
        ("NXDOMAIN", "NXDOMAIN"),
        ("SERVFAIL", "SERVFAIL"),
        ("REFUSED", "REFUSED"),
        ("Name or service not known", "NXDOMAIN"),
        ("Temporary failure in name resolution", "SERVFAIL"),
    ];
    let is_message = line.starts_with("Host ")
        || line.starts_with("**")
        || line.contains("connection timed out")
        || line.contains("communications error")
        || line.contains("could be reached")
        || line.contains("name resolution")
        || line.contains("service not known");
    marks
        .iter()
        .find(|(mark, _)| is_message && line.contains(mark))
        .map(|(_, status)| *status)
}

/// The first word that is no option, no server (`@…`), no record type or class, and no database of `getent`.
fn asked_name(words: &[String]) -> String {
    let types = [
        "A", "AAAA", "SRV", "ANY", "CNAME", "MX", "NS", "PTR", "SOA", "TXT", "IN", "hosts",
        "ahosts", "ahostsv4", "ahostsv6",
    ];
    let mut after_option = false;
    for word in words {
        let takes_value = matches!(
            word.as_str(),
            "-t" | "-p" | "-c" | "-b" | "-k" | "-W" | "-R"
        );
        let is_option = word.starts_with(['-', '+', '@']);
        if !after_option && !is_option && !types.contains(&word.as_str()) {
            return bare_name(word);
        }
        after_option = takes_value;
    }
    String::new()
}

fn bare_name(name: &str) -> String {
    name.trim_end_matches('.').to_owned()
}

fn is_address(word: &str) -> bool {
    word.parse::<std::net::IpAddr>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(command: &str, text: &str, expected: &[(&str, &str, &[&str])]) -> Vec<Lookup> {
        let lookups = parse(command, Text::new(text.as_bytes()));
        let got: Vec<(&str, &str, Vec<&str>)> = lookups
            .iter()
            .map(|l| {
                (
                    l.name.as_str(),
                    l.status.as_str(),
                    l.addresses.iter().map(String::as_str).collect(),
                )
            })
            .collect();
        let expected: Vec<(&str, &str, Vec<&str>)> = expected
            .iter()
            .map(|(name, status, addresses)| (*name, *status, addresses.to_vec()))
            .collect();
        assert_eq!(got, expected);
        lookups
    }

    #[test]
    fn dig_with_an_answer_and_without() {
        let lookups = check(
            "",
            "$ dig @192.0.2.53 web.example.com\n; <<>> DiG 9.18.49 <<>> @192.0.2.53 web.example.com\n;; Got answer:\n\
            ;; ->>HEADER<<- opcode: QUERY, status: NOERROR, id: 59712\n;; QUESTION SECTION:\n;web.example.com.  IN A\n\n\
            ;; ANSWER SECTION:\nweb.example.com.  600  IN  A  192.0.2.5\nweb.example.com.  600  IN  A  192.0.2.4\n\n\
            ;; SERVER: 192.0.2.53#53(192.0.2.53) (UDP)\n;; WHEN: Mon Mar 02 17:45:17 UTC 2026\n\
            $ dig app.example.com\n;; ->>HEADER<<- opcode: QUERY, status: NXDOMAIN, id: 1\n\
            # dig _http._tcp.example.com SRV @192.0.2.53\n;; connection timed out; no servers could be reached\n",
            &[
                ("web.example.com", "NOERROR", &["192.0.2.5", "192.0.2.4"]),
                ("app.example.com", "NXDOMAIN", &[]),
                ("_http._tcp.example.com", "TIMEOUT", &[]),
            ],
        );
        assert_eq!(
            lookups[0].when.map(|s| s.to_string()).as_deref(),
            Some("2026-03-02T17:45:17Z")
        );
    }

    #[test]
    fn short_answers_belong_to_the_command() {
        check(
            "dig +short web.example.com",
            "192.0.2.5\n2001:db8::5\n",
            &[("web.example.com", "", &["192.0.2.5", "2001:db8::5"])],
        );
        check(
            "getent hosts web",
            "192.0.2.5      web.example.com web\n",
            &[("web", "", &["192.0.2.5"])],
        );
    }

    #[test]
    fn host_and_nslookup() {
        check(
            "",
            "$ host web.example.com\nweb.example.com has address 192.0.2.5\n$ host x.example.com\nHost x.example.com not found: 3(NXDOMAIN)\n",
            &[
                ("web.example.com", "NOERROR", &["192.0.2.5"]),
                ("x.example.com", "NXDOMAIN", &[]),
            ],
        );
        check(
            "nslookup web.example.com",
            "Server:\t\t192.0.2.53\nAddress:\t192.0.2.53#53\n\nNon-authoritative answer:\nName:\tweb.example.com\nAddress: 192.0.2.5\n",
            &[("web.example.com", "NOERROR", &["192.0.2.5"])],
        );
        check(
            "nslookup x",
            "Server: 192.0.2.53\nAddress: 192.0.2.53#53\n\n** server can't find x: NXDOMAIN\n",
            &[("x", "NXDOMAIN", &[])],
        );
    }
}
